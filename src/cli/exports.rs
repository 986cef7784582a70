//! The options of `arigatoni run` that write what a system can export: one each, called and described
//! by the systems themselves.
//!
//! It does *not* know any export, nor what is in one.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use clap::{Arg, ArgMatches, Command, FromArgMatches, value_parser};

use crate::error::Result;
use crate::results::{csv, parquet};
use crate::systems;

/// The exports that are asked for, with the files they go to.
#[derive(Debug, Default)]
pub(super) struct Exports(pub(super) Vec<(&'static str, PathBuf)>);

/// The note for a table that has only a heading: what its lines would be.
pub(super) fn empty((name, path): &(&'static str, PathBuf), bytes: &[u8]) -> Option<String> {
    let about = systems::exports()
        .into_iter()
        .find(|(export, _)| export == name)?
        .1;
    let end = bytes.iter().position(|byte| *byte == b'\n')? + 1;
    (end == bytes.len() && !bytes.starts_with(b"{")).then(|| {
        let file = path.display();
        format!("{file} has a heading and no lines, as this run has none of what --{name} writes: {about}")
    })
}

/// What the export of this name is, of all systems that have it.
fn about(name: &str) -> String {
    let all = systems::exports_named(name);
    let mut said = String::new();
    for (place, (system, about)) in all.iter().enumerate() {
        let more = match place.checked_sub(1).map(|before| all[before].0) {
            None => (*about).to_owned(),
            Some(before) if before == *system => format!(", or {about}"),
            Some(_) => format!("; in `{system}` {about}"),
        };
        said += &more;
    }
    said
}

/// What is written to the file at `path` of an export: a Parquet file if its name ends so and the export
/// is a table.
///
/// # Errors
/// If it is no table.
pub(super) fn encoded<'a>(path: &Path, bytes: &'a [u8]) -> Result<Cow<'a, [u8]>> {
    if path.extension().is_none_or(|ending| ending != "parquet") {
        return Ok(bytes.into());
    }
    let table = csv::decode(bytes).map_err(|error| {
        let place = path.display();
        error
            .at(place)
            .help("only tables can be Parquet files: give another ending")
    })?;
    let version = [("arigatoni.version", env!("CARGO_PKG_VERSION"))];
    Ok(parquet::encode(&table, &version).into())
}

impl FromArgMatches for Exports {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut exports = Self::default();
        exports.update_from_arg_matches(matches)?;
        Ok(exports)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        let asked = |(name, _)| Some((name, matches.get_one::<PathBuf>(name)?.clone()));
        self.0
            .extend(systems::exports().into_iter().filter_map(asked));
        Ok(())
    }
}

impl clap::Args for Exports {
    fn augment_args(command: Command) -> Command {
        let option = |(name, _)| {
            Arg::new(name)
                .long(name)
                .value_name("FILE")
                .value_parser(value_parser!(PathBuf))
                .help(format!("Write to FILE {}", about(name)))
        };
        command.args(systems::exports().into_iter().map(option))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}
