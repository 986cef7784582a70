//! The options of `arigatoni explore` that bound what a history may have: one for each kind, called and described
//! by the search itself.
//!
//! It does *not* know what any of them does.

use clap::{Arg, ArgMatches, Command, FromArgMatches};

use crate::error::{Error, Result as Read};
use crate::explore::Faults;

/// What a history may have.
#[derive(Debug, Default)]
pub(super) struct BoundedFaults(pub(super) Faults);

/// What can happen as often as another kind of thing has happened before, and that one.
const AFTER: [(&str, &str); 2] = [("restarts", "crashes"), ("joins", "leaves")];

impl BoundedFaults {
    /// What is asked for, and cannot happen that often: a sentence for each.
    pub(super) fn without_effect(&self) -> Vec<String> {
        let counts = self.0.counts();
        let count = |of: &str| {
            let mut kinds = Faults::KINDS.iter().zip(counts);
            kinds.find_map(|((name, _), count)| (*name == of).then_some(count))
        };
        let notes = AFTER.iter().filter_map(|(kind, before)| {
            let (asked, most) = (count(kind)?, count(before)?);
            (asked > most).then(|| {
                if most == 0 {
                    format!("--{kind} {asked} has no effect without --{before}")
                } else {
                    format!(
                        "of --{kind} {asked} only {most} can happen, as often as --{before} says"
                    )
                }
            })
        });
        notes.collect()
    }
}

/// Reads how often something may happen.
fn times(text: &str) -> Read<u8> {
    let error = |_| Error::new("give a whole number from 0 to 255");
    text.parse().map_err(error)
}

impl FromArgMatches for BoundedFaults {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut faults = Self::default();
        faults.update_from_arg_matches(matches)?;
        Ok(faults)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        let count = |(name, _)| matches.get_one::<u8>(name).copied().unwrap_or_default();
        self.0 = Faults::of(Faults::KINDS.map(count));
        Ok(())
    }
}

impl clap::Args for BoundedFaults {
    fn augment_args(command: Command) -> Command {
        let option = |(name, about)| {
            Arg::new(name)
                .long(name)
                .value_name("N")
                .value_parser(times)
                .allow_negative_numbers(true)
                .default_value(if name == "timers" { "1" } else { "0" })
                .help(about)
        };
        command.args(Faults::KINDS.map(option))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}
