//! The overlay when requests begin, by terms and rules of the colony calculus.
//!
//! The doc comments are the descriptions in the JSON Schema. They do *not* know which units there are, nor the rules.

use super::{Disconnection, DisconnectionMode, World};
use crate::calculus::Rule;
use crate::parameters::number::Fraction;
use crate::parameters::{Problem, members};

members! {
    /// The overlay when requests begin, by the colony calculus: broker 3 is `B3` and GCU 5 is `g5`. Who is free
    /// in the end is disconnected.
    pub struct Overlay {
        /// A term of all brokers and GCUs; null: the complete overlay.
        pub term: Option<String> = None;
        /// Labels that are applied to it one after another, such as `leave g5 B3` or `unregister B3 B0`. Those with times come
        /// last and while requests run, such as `12.5s leave g5 B3` or `20s fail B3`.
        pub script: Vec<String> = Vec::new();
        /// Then, the fraction of the GCUs that are members of a colony and leave it.
        pub leave_rate: Fraction = Fraction(0.0);
        /// Then, the fraction of the brokers whose colony is a member of another one and is unregistered.
        pub unregister_rate: Fraction = Fraction(0.0);
    }
}

impl Overlay {
    /// The labels of its script, each with its time, if it has one.
    pub(in crate::discovery) fn steps(&self) -> impl Iterator<Item = (Option<&str>, &str)> {
        self.script.iter().map(|text| {
            let text = text.trim_ascii_start();
            let is_time = text.starts_with(|letter: char| letter.is_ascii_digit());
            let time = text.split_once(' ').filter(|_| is_time);
            time.map_or((None, text), |(time, label)| (Some(time), label))
        })
    }

    /// The labels that have times.
    fn timed(&self) -> impl Iterator<Item = &str> {
        let steps = self.steps();
        steps.filter_map(|(time, label)| time.map(|_| label))
    }

    /// Whether something happens while requests run.
    pub(super) fn has_times(&self) -> bool {
        self.timed().next().is_some()
    }

    /// Whether brokers fail then.
    pub fn has_failures(&self) -> bool {
        let mut labels = self.timed();
        labels.any(|label| label.trim_ascii_start().starts_with(Rule::Fail.name()))
    }

    /// That nothing else disconnects units, nor lets them come and go if this does.
    pub(super) fn check(&self, world: &World, pointer: &str) -> Result<(), Problem> {
        let others = [
            ("sessions", world.sessions.is_some()),
            ("faults", world.faults.is_some()),
            (
                "classes",
                world
                    .classes
                    .iter()
                    .any(|it| matches!(it.sessions, Some(Some(_)))),
            ),
        ];
        let mut others = others.into_iter().filter(|(_, is_given)| *is_given);
        if let Some((other, _)) = others.next().filter(|_| self.has_times()) {
            let what = "the script of `overlay` says already who comes and goes";
            let problem = Problem::new(format!("{pointer}/{other}"), what);
            return Err(problem.help(
                "leave out the times of the script, or what lets units come and go besides",
            ));
        }
        Self::check_alone(&world.disconnection, pointer)
    }

    fn check_alone(disconnection: &Disconnection, pointer: &str) -> Result<(), Problem> {
        let problem = |member: &str, what: &str| {
            Problem::new(format!("{pointer}/disconnection/{member}"), what)
                .help("leave out `overlay`, or `disconnection`")
        };
        if disconnection.mode != DisconnectionMode::Unregister {
            let what = "with `overlay` units unregister, and do nothing else";
            return Err(problem("mode", what));
        }
        if disconnection.rate.0 > 0.0 {
            return Err(problem(
                "rate",
                "`overlay` says already who is disconnected",
            ));
        }
        Ok(())
    }
}
