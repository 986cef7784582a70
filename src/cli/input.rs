//! Reading a scenario as the command line asks.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Map, Value};

use super::output;
use super::stderr::print_stderr;
use crate::error::{Error, Result};
use crate::experiment::Files;
use crate::parameters::json::is_within;
use crate::program::Program;
use crate::results::Manifest;
use crate::scenario::{Assignment, Scenario, value_text};
use crate::store::{self, misspelt::RESULTS};
use crate::study::{Folder, other_program};

/// Where the sweep stands in a scenario.
const SWEEP: &str = "/sweep";

/// The scenario, and what is changed in it.
#[derive(Debug, Args)]
pub(super) struct Input {
    /// The scenario file (`arigatoni schema` describes it), or a results folder, which has its scenario
    /// and input files. `-` reads standard input (not for `submit`); relative paths in it are then
    /// relative to the current folder.
    scenario: PathBuf,
    /// Set a member of the scenario, given by its JSON Pointer. VALUE is JSON, otherwise a string; `*`
    /// stands for the system. If the member is an axis of the sweep, the axis is dropped. A list or an object is
    /// replaced whole: `--set '/figures=[…]'` leaves none of the file's own figures, and a topology of another form
    /// is set as `--set '/topology={"file": "NAME.gb"}'`. Only members of an object that is there can be set by
    /// themselves. Numbers are written without quotes and without %.
    #[arg(long = "set", value_name = "POINTER=VALUE")]
    assignments: Vec<Assignment>,
    // Many look for it here.
    #[arg(long, value_name = "N", hide = true, value_parser = replications, allow_negative_numbers = true)]
    replications: Option<u32>,
    /// Set the seed of all random draws: the same as `--set /seed=N`.
    #[arg(long, value_name = "N", value_parser = output::whole::<u64>, allow_negative_numbers = true)]
    seed: Option<u64>,
}

/// A scenario as the command line asks for it.
#[derive(Debug)]
pub(super) struct Asked {
    /// With the changes.
    pub(super) scenario: Scenario,
    /// The files that it names.
    pub(super) files: Files,
    /// The results from which it was taken, if it was.
    pub(super) results: Option<(Folder, Manifest)>,
}

impl Input {
    /// The scenario, with the changes, and its files. What another program has made may come out otherwise
    /// here: that is said.
    pub(super) fn read(&self) -> Result<Asked> {
        self.read_by(|text, origin| self.parse(text, origin))
    }

    /// The same for a run of the base values, which no point of the sweep concerns: where the changes make one wrong that was
    /// right without them, the sweep is left out, and that is said.
    pub(super) fn read_base(&self) -> Result<Asked> {
        self.read_by(|text, origin| {
            let read = self.parse(text, origin);
            let mut changed = self.assignments.iter().map(|it| &*it.pointer);
            if self.assignments.is_empty() || changed.any(|pointer| is_within(pointer, SWEEP)) {
                return read;
            }
            let without = Assignment {
                pointer: SWEEP.into(),
                value: Value::Object(Map::new()),
            };
            let all: Vec<Assignment> = [without].into_iter().chain(self.all_changes()).collect();
            read.or_else(|error| {
                let is_by_changes = Scenario::parse(text, origin, &[]).is_ok();
                let left = is_by_changes.then(|| Scenario::parse(text, origin, &all).ok());
                let scenario = left.flatten().ok_or_else(|| error.clone())?;
                let what = error.to_string();
                let first = what.lines().next().unwrap_or_default();
                print_stderr(format_args!("note: the sweep is left out: {first}"));
                Ok(scenario)
            })
        })
    }

    /// The scenario as `parse` makes it of its text and where that comes from, and its files.
    fn read_by(&self, parse: impl Fn(&str, &str) -> Result<Scenario>) -> Result<Asked> {
        if let Some(folder) = self.results() {
            let manifest = folder.told()?.0;
            note_program(&folder, &manifest);
            let origin = format!("the scenario in {}", folder.path().display());
            let text = format!("{:#}", manifest.scenario);
            return Ok(Asked {
                scenario: parse(&text, &origin)?,
                files: Files::kept(folder.path(), folder.inputs(&manifest)?),
                results: Some((folder, manifest)),
            });
        }
        let (text, origin) = read_given(&self.scenario)?;
        let folder = self.scenario.parent().unwrap_or(Path::new(""));
        Ok(Asked {
            scenario: parse(&text, &origin)?,
            files: folder.into(),
            results: None,
        })
    }

    /// The results folder, if that is what was named, by itself or by its manifest.
    pub(super) fn results(&self) -> Option<Folder> {
        Folder::named(&self.scenario)
    }

    /// The scenario in `text`, with the changes.
    fn parse(&self, text: &str, origin: &str) -> Result<Scenario> {
        let changes: Vec<Assignment> = self.all_changes().collect();
        Scenario::parse(text, origin, &changes)
    }

    fn all_changes(&self) -> impl Iterator<Item = Assignment> {
        let seed = self.seed.map(|seed| Assignment {
            pointer: "/seed".into(),
            value: seed.into(),
        });
        self.assignments.iter().cloned().chain(seed)
    }

    /// Whether the scenario comes from standard input, which can be read once only.
    pub(super) fn is_stdin(&self) -> bool {
        is_stdin(&self.scenario)
    }

    /// The scenario file, or the results folder.
    pub(super) fn file(&self) -> &Path {
        &self.scenario
    }

    /// What was said on the command line, to be said again.
    pub(super) fn words(&self) -> Vec<String> {
        // A name that begins like an option would be read as one.
        let name = self.scenario.display().to_string();
        let mut words = vec![if name.starts_with('-') && !self.is_stdin() {
            format!("./{name}")
        } else {
            name
        }];
        for assignment in &self.assignments {
            words.push(format!(
                "--set={}={}",
                assignment.pointer,
                value_text(&assignment.value)
            ));
        }
        words.extend(self.seed.map(|seed| format!("--seed={seed}")));
        words
    }
}

/// Refuses a number of replications, which the scenario has, and says how to set it there.
fn replications(number: &str) -> Result<u32> {
    Err(Error::new(format!(
        "the scenario says how many: use `--set /replications={number}`"
    )))
}

/// Says so, if another program made the results: what comes of them here may differ.
fn note_program(folder: &Folder, manifest: &Manifest) {
    if let Some(there) = other_program(manifest) {
        let here = Program::this();
        print_stderr(format_args!(
            "{}: made by {there}; this is {here}, so its results may differ",
            folder.path().display()
        ));
    }
}

/// Whether a file that was named on the command line is standard input, which can be read once only.
pub(super) fn is_stdin(path: &Path) -> bool {
    path == Path::new("-")
}

/// What a file or standard input that was named on the command line is called in messages.
fn origin(path: &Path) -> String {
    if is_stdin(path) {
        store::STDIN.into()
    } else {
        path.display().to_string()
    }
}

/// The text of a file that was named on the command line, or of standard input (`-`), and what that is called.
pub(super) fn read_given(path: &Path) -> Result<(String, String)> {
    let origin = origin(path);
    if !is_stdin(path) {
        return Ok((read_named(path)?, origin));
    }
    let bytes = store::read_stdin()?;
    let text = store::text(bytes).map_err(|error| error.at(store::STDIN))?;
    Ok((text, origin))
}

/// Whether a manifest lies in a folder.
pub(super) fn has_results(folder: &Path) -> bool {
    store::exists(&folder.join(Manifest::FILE))
}

/// The results of the name `path`, if that is only a name, and of nothing that is here.
pub(super) fn in_results(path: &Path) -> Option<Folder> {
    let is_name = path
        .parent()
        .is_some_and(|parent| parent.as_os_str().is_empty());
    let folder = Path::new(RESULTS).join(path);
    (is_name && !store::exists(path) && has_results(&folder)).then(|| Folder::new(folder))
}

/// The text of a file that was named on the command line.
pub(super) fn read_named(path: &Path) -> Result<String> {
    if path.is_relative() && !store::exists(path) {
        let here = store::absolute(Path::new("."));
        let error = Error::new("there is no such file").at(path.display());
        let results = in_results(path).map(|folder| folder.path().to_owned());
        return Err(
            error.help(match results.or_else(|| store::misspelt::file(path)) {
                Some(meant) => format!("did you mean {}?", meant.display()),
                None => format!(
                    "the path is relative to the current folder, {}",
                    here.display()
                ),
            }),
        );
    }
    store::read_text(path)
}
