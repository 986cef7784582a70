//! `arigatoni new`: a commented scenario to begin with.

use std::path::PathBuf;

use clap::Args;

use super::output;
use super::stderr::print_stderr;
use crate::error::{Error, Result};
use crate::scenario::{self, Scenario};
use crate::store;

/// The scenario, whose name is put in the place of `NAME`, and whose topology in that of `TOPOLOGY`.
const TEMPLATE: &str = include_str!("new.json");
/// The file that editors read.
const SCHEMA: &str = "scenario.schema.json";

/// Write a scenario to begin with: NAME.json, with comments, and scenario.schema.json, with which
/// editors complete and check it.
///
/// It runs as it is, in a second, on a graph that is generated. Change it, and look members up with
/// `arigatoni explain`. A scenario that exists is not replaced; scenario.schema.json is written anew.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  arigatoni new mine && arigatoni sweep mine.json\n  \
                        arigatoni new mine --topology topologies/t100-0.gb"
)]
pub(super) struct Arguments {
    /// The scenario's name, and that of its file, with or without .json.
    name: String,
    /// Use this graph file instead of a generated graph.
    #[arg(long, value_name = "FILE")]
    topology: Option<PathBuf>,
}

pub(super) fn run(arguments: &Arguments) -> Result<()> {
    let topology = match &arguments.topology {
        Some(path) => {
            let path = path.to_str().ok_or_else(|| {
                Error::new("the path is not UTF-8, as a scenario must be").at("--topology")
            })?;
            // The scenario is checked without its graph: a missing one is said here.
            store::read(path.as_ref())?;
            serde_json::json!({"file": path}).to_string()
        }
        None => r#"{"transit_stub": {"seed": 47}}"#.into(),
    };
    let name = &arguments.name;
    let name = name.strip_suffix(".json").unwrap_or(name);
    let text = TEMPLATE
        .replace("\"NAME\"", &serde_json::Value::from(name).to_string())
        .replace("TOPOLOGY", &topology);
    Scenario::parse(&text, "the new scenario", &[]).map_err(of_argument)?;
    let path = PathBuf::from(format!("{name}.json"));
    if !store::create(&path, text.as_bytes())? {
        return Err(Error::new("there is a file of this name already")
            .at(path.display())
            .help("choose another name, or remove the file"));
    }
    let schema = format!("{:#}\n", scenario::schema());
    store::replace(SCHEMA.as_ref(), schema.as_bytes())?;
    print_stderr(format_args!(
        "run it with `arigatoni sweep {}`; `arigatoni explain /system/arigatoni` lists what can be changed",
        path.display()
    ));
    output::print(format!("{}\n", path.display()).as_bytes())
}

/// An error in the name, whose place is the argument and not a file that nobody has; another one as it is.
fn of_argument(error: Error) -> Error {
    match error.into_parts() {
        (Some(place), what, _) if place.ends_with("/name") => Error::new(what).at("NAME"),
        (place, what, help) => {
            let error = Error::new(what);
            let error = place.into_iter().fold(error, Error::at);
            help.into_iter().fold(error, Error::help)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_has_its_two_places_once() {
        assert_eq!(TEMPLATE.matches("\"NAME\"").count(), 1);
        assert_eq!(TEMPLATE.matches("TOPOLOGY").count(), 1);
    }
}
