//! How results came about: the one file of a results folder that may differ between two runs.
//!
//! This module does *not* look at a clock, the machine or a repository: the caller says what it
//! knows, and what it does not know is absent.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Blocks;
use crate::error::{Error, Result, json_fault};
use crate::program::Program;

/// The provenance of a results folder, `manifest.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The version of the program, such as `0.1.0`.
    pub version: String,
    /// The digest of the sources from which the program was built; absent in a baseline that `check`
    /// has made, which names no program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sources: Option<String>,
    /// The commit from which the program was built, if known.
    pub commit: Option<String>,
    /// Whether the sources had been changed since the commit, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified: Option<bool>,
    /// The hash of what is simulated, and by which program: runs and tables with another one are none
    /// of these results. Absent as `sources` is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub study: Option<String>,
    /// How the program was built; absent as `sources` is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub build: Option<Build>,
    /// The words of the command that planned the work, or that extended it last; absent as `sources` is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<Vec<String>>,
    /// The scenario as it was run: defaults filled in, changes from the command line applied.
    pub scenario: Value,
    /// What holds at every point, by the names that figures use; absent as `sources` is.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub constants: Map<String, Value>,
    /// How the runs go; absent as `sources` is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<Method>,
    /// The points that were picked, as `POINTER=VALUE`; none: all.
    pub filters: Vec<String>,
    /// Whether the tables hold every run; else the sweep is going on, or was stopped.
    pub complete: bool,
    /// How many runs are to be made; with a precision, as far as is known.
    pub runs: u64,
    /// How many of them are in the tables.
    pub runs_done: u64,
    /// How many of these failed.
    pub runs_failed: u64,
    /// How many runs make a chunk, at most; fixed when the sweep was planned.
    pub chunk_runs: u64,
    /// How many milliseconds a run took on the machine that planned the sweep, on average; absent
    /// if it was not measured.
    pub run_ms: Option<f64>,
    /// Into how many shards the work was last submitted, if it was.
    pub shards: Option<u32>,
    /// The underlays, by where they come from, and the hash of each one's routers and links.
    pub topologies: BTreeMap<String, String>,
    /// The pointers of the axes, by the names of their columns in the tables; of results of earlier
    /// versions, whose columns are called by the pointers, none.
    #[serde(default)]
    pub axes: BTreeMap<String, String>,
    /// The copies of the graphs and of the other files from which the runs were made, in the folder
    /// `inputs`: their names, by the paths that the scenario writes, or by the sources of generated
    /// graphs. Absent in baselines.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub inputs: BTreeMap<String, String>,
    /// The tables and the hash of each one's bytes.
    pub tables: BTreeMap<String, String>,
    /// The hashes of the blocks of those whose rows belong to runs; absent in a baseline that `check`
    /// has made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocks: Option<Blocks>,
    /// When the work was planned (RFC 3339, UTC); absent in a baseline that `check` has made, which
    /// says what is simulated and nothing of where and when.
    pub started: Option<String>,
    /// When the tables were written (RFC 3339, UTC), if they were.
    pub ended: Option<String>,
    /// The machine on which it was done; absent as `started` is.
    pub machine: Option<Machine>,
    /// How many threads worked on it, if known.
    pub threads: Option<u32>,
}

/// How a program was built.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Build {
    /// The compiler, such as `rustc 1.90.0 (1159e78c4 2025-09-14)`.
    pub rustc: String,
    /// What it was built for, such as `x86_64-unknown-linux-gnu`.
    pub target: String,
    /// `release` or `debug`.
    pub profile: String,
}

/// How an experiment is done, as those who judge one ask.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Method {
    /// The random generator, and what a draw depends on.
    pub random_generator: String,
    /// The kind of simulation: `terminating`.
    pub run_type: String,
    /// The state in which a run begins.
    pub initial_state: String,
    /// When it ends.
    pub end: String,
    /// What of its beginning does not count.
    pub transient: String,
    /// When a point has been run often enough.
    pub stopping_rule: String,
}

/// What is worth knowing of a machine when its times are compared with another's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Machine {
    /// The operating system, such as `linux`.
    pub os: String,
    /// The release of the system, such as `6.1.0-18-amd64`, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub os_release: Option<String>,
    /// The processor's model, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub processor: Option<String>,
    /// The processor's architecture, such as `x86_64`.
    pub architecture: String,
    /// How many threads it can run at once, if known.
    pub cores: Option<u32>,
}

impl Manifest {
    /// The file's name in a results folder.
    pub const FILE: &'static str = "manifest.json";

    /// The program that made the results, as far as the manifest names it.
    pub fn program(&self) -> Program<'_> {
        Program {
            version: &self.version,
            sources: self.sources.as_deref(),
            commit: self.commit.as_deref(),
            modified: self.modified,
        }
    }

    /// Whether the tables lack runs that are to be made.
    pub fn is_partial(&self) -> bool {
        !self.complete || self.runs_done < self.runs
    }

    /// Whether it is that of a baseline, which names neither a program nor a time.
    pub fn is_baseline(&self) -> bool {
        self.sources.is_none() && self.started.is_none()
    }

    /// The bytes of `manifest.json`.
    #[expect(
        clippy::missing_panics_doc,
        reason = "what has text keys only is always sound JSON"
    )]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec_pretty(self).expect("text keys");
        bytes.push(b'\n');
        bytes
    }

    /// The manifest with these `bytes`; errors name line and column.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        serde_json::from_slice(bytes).map_err(|error| {
            if let Some(version) = Self::other_version(bytes) {
                return Error::new(format!(
                    "these results were made by version {version} of this program; {} cannot read \
                    them",
                    env!("CARGO_PKG_VERSION")
                ))
                .help("use that version, or choose another folder with -o DIR");
            }
            let what = json_fault(&error);
            Error::new(format!("this is not a manifest of results: {what}"))
                .at(format!("{}:{}", error.line(), error.column()))
                .help("give a folder made by `sweep`")
        })
    }

    /// The version of the program that wrote a manifest with these `bytes`, if it is not this one.
    pub fn other_version(bytes: &[u8]) -> Option<String> {
        let manifest: Value = serde_json::from_slice(bytes).ok()?;
        let version = manifest.get("version")?.as_str()?;
        (version != env!("CARGO_PKG_VERSION")).then(|| version.to_owned())
    }
}
