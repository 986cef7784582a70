//! The `topology` member: a graph file and what to do with it, or the parameters of a transit-stub
//! graph that is generated for the run.
//!
//! This module does *not* know how graphs are read or generated: what may be asked for stands in `topology`.

use std::borrow::Cow;
use std::path::PathBuf;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::json;
use crate::error::Result;
use crate::parameters::number::GtItmSeed;
use crate::parameters::{self, Beside, Parameters, Plain, Problem, members, names, unknown_member};
use crate::topology::gtitm::{Placement, SEED_DEFAULT, TransitStubParameters, Variant};
use crate::topology::{Graph, ReadOptions};

/// Where the member stands.
const TOPOLOGY: &str = "/topology";

/// The name of the member that says what is generated.
const TRANSIT_STUB: &str = "transit_stub";

/// The underlay: a graph file, or the parameters of a graph to generate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Topology(Value);

/// The underlay.
#[derive(Debug, Clone, PartialEq)]
pub enum TopologySource {
    /// A graph file.
    File {
        /// Its path as written in the scenario.
        path: PathBuf,
        /// What to do with a graph that cannot be used as it is.
        options: ReadOptions,
    },
    /// A graph that is generated for the run.
    TransitStub(Box<Generated>),
}

/// A graph file.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "GraphFile")]
struct FileName {
    /// A graph in one of the formats of `format`, possibly compressed (.graphml.gz); a relative path is
    /// relative to the scenario file.
    #[serde(deserialize_with = "parameters::file")]
    #[schemars(extend("minLength" = 1))]
    file: String,
}

impl Plain for FileName {}

members! {
    /// A transit-stub graph, generated as GT-ITM's method `ts` does. The defaults are those of the example
    /// in its documentation, with 100 routers.
    #[schemars(rename = "TransitStub")]
    pub struct Generator {
        /// The seed, as in a spec file; 0 counts as 417890326.
        pub seed: GtItmSeed = GtItmSeed(47);
        /// Whether each replication has its own graph: replication r has that of `seed` + r.
        pub per_replication: bool = false;
        /// Which defects the generator reproduces.
        pub variant: Variant = Variant::Exact;
        /// Whose random() places the stub domains.
        pub placement: Placement = Placement::Glibc;
    }
}

impl Plain for Generator {
    fn effective(&self) -> Self {
        let seed = match self.seed {
            GtItmSeed(0) => GtItmSeed(SEED_DEFAULT as u32),
            seed => seed,
        };
        Self {
            seed,
            ..self.clone()
        }
    }
}

/// A graph to be generated: how, and what is asked for.
pub type Generated = Beside<Generator, TransitStubParameters>;

impl Generated {
    /// Whether each replication has a graph of its own.
    pub fn is_of_replication(&self) -> bool {
        self.0.per_replication
    }

    /// The graph of a replication.
    ///
    /// # Errors
    /// If no connected graph is found, which the parameters alone do not always tell.
    pub fn graph(&self, replication: u32) -> Result<Graph> {
        let Self(generator, parameters) = self;
        let shift = if generator.per_replication {
            replication
        } else {
            0
        };
        let seed = i64::from(generator.seed.0) + i64::from(shift);
        parameters.generate(generator.variant, generator.placement, seed)
    }
}

impl Topology {
    /// Writes out the defaults of what is left out.
    pub(super) fn complete(&mut self) -> std::result::Result<(), Problem> {
        self.0 = TopologySource::read(&self.0)?.write();
        Ok(())
    }

    /// Where the underlay comes from, or why it cannot be read or generated.
    pub(super) fn validate(&self) -> std::result::Result<TopologySource, Problem> {
        let source = TopologySource::read(&self.0)?;
        match &source {
            TopologySource::File { path, options } => options.check(TOPOLOGY, path),
            TopologySource::TransitStub(generated) => generated.check(&transit_stub()),
        }?;
        Ok(source)
    }
}

/// Where the parameters of a graph to generate stand.
fn transit_stub() -> String {
    format!("{TOPOLOGY}/{TRANSIT_STUB}")
}

impl TopologySource {
    /// Reads the member: a file with its options, or what is to be generated.
    fn read(value: &Value) -> std::result::Result<Self, Problem> {
        let Value::Object(members) = value else {
            return Self::read_file(value);
        };
        let mut known = names::<Beside<FileName, ReadOptions>>();
        let is_of_file = |name: &str| known.iter().any(|known| known == name);
        let generated = members.get(TRANSIT_STUB);
        let unknown = members
            .keys()
            .find(|name| !is_of_file(name) && *name != TRANSIT_STUB);
        if let Some(name) = unknown {
            known.push(TRANSIT_STUB.into());
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            return Err(unknown_member(TOPOLOGY, name, &known));
        }
        match (members.contains_key("file"), generated) {
            (true, None) => Self::read_file(value),
            (true, Some(_)) => {
                let what = format!("`file` and `{TRANSIT_STUB}` are two topologies");
                Err(Problem::new(transit_stub(), what).help("remove one of them"))
            }
            (false, Some(generated)) => {
                if let Some(option) = members.keys().find(|name| *name != TRANSIT_STUB) {
                    let place = format!("{TOPOLOGY}/{option}");
                    let what = "this option is for graph files, and the graph is generated";
                    return Err(Problem::new(place, what).help("leave it out"));
                }
                let generated = Generated::read(generated, &transit_stub())?;
                Ok(Self::TransitStub(Box::new(generated)))
            }
            (false, None) => {
                let help = format!("write a `file`, or a `{TRANSIT_STUB}` to generate");
                Err(Problem::new(TOPOLOGY, "the topology is missing").help(help))
            }
        }
    }

    fn read_file(value: &Value) -> std::result::Result<Self, Problem> {
        let Beside(FileName { file }, options) = Beside::read(value, TOPOLOGY)?;
        let path = file.into();
        Ok(Self::File { path, options })
    }

    fn write(&self) -> Value {
        match self {
            Self::File { path, options } => {
                let file = path.display().to_string();
                Beside(FileName { file }, options.clone()).write()
            }
            Self::TransitStub(generated) => {
                Map::from_iter([(TRANSIT_STUB.to_owned(), generated.write())]).into()
            }
        }
    }

    /// What it means: equal for two that are written differently and are the same graph.
    pub(super) fn meaning(&self) -> Value {
        match self {
            Self::File { .. } => self.write(),
            Self::TransitStub(generated) => generated.effective().write(),
        }
    }

    /// A stable text that tells this source from others: the path as written, or `transit_stub` and
    /// the parameters as JSON; behind a path what is done with the graph, if anything.
    pub fn name(&self) -> String {
        let (path, options) = match self {
            Self::TransitStub(generated) => return format!("{TRANSIT_STUB} {}", generated.write()),
            Self::File { path, options } => (path.display(), options),
        };
        let (mut told, default) = (options.write(), ReadOptions::default().write());
        if let Value::Object(told) = &mut told {
            told.retain(|name, value| default.get(name) != Some(value));
            if told.is_empty() {
                return path.to_string();
            }
        }
        format!("{path} {}", json::text(&told))
    }

    /// The name of this source for people: of a generated graph its kind, its seed, and the parameters that are
    /// not the default.
    pub fn told(&self) -> String {
        let Self::TransitStub(generated) = self else {
            return self.name();
        };
        let (written, default) = (generated.write(), Generated::default().write());
        let members = written.as_object().into_iter().flatten();
        let told = members
            .filter(|(name, value)| *name == "seed" || default.get(name) != Some(value))
            .map(|(name, value)| format!("{} {}", name.replace('_', " "), json::text(value)));
        let words = std::iter::once(TRANSIT_STUB.to_owned()).chain(told);
        words.collect::<Vec<_>>().join(", ")
    }

    /// What [`Self::told`] says of the source with this name; a name that is not understood is told as it is.
    pub fn told_of(name: &str) -> String {
        let written = name.strip_prefix(TRANSIT_STUB).map(serde_json::from_str);
        let Some(Ok(written)) = written else {
            return name.to_owned();
        };
        Generated::read(&written, &transit_stub()).map_or_else(
            |_| name.to_owned(),
            |generated| Self::TransitStub(Box::new(generated)).told(),
        )
    }
}

impl JsonSchema for Topology {
    fn schema_name() -> Cow<'static, str> {
        "Topology".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let file = generator.subschema_for::<Beside<FileName, ReadOptions>>();
        let generated = generator.subschema_for::<Generated>();
        json_schema!({
            "anyOf": [file, {
                "type": "object",
                "additionalProperties": false,
                "properties": {TRANSIT_STUB: generated},
                "required": [TRANSIT_STUB],
                "description": "A graph to be generated."
            }],
            "description": "The underlay: a graph file, or the parameters of a graph to generate."
        })
    }
}
