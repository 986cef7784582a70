//! Why a value cannot be read, and where it stands.
//!
//! It does *not* know how values are read.

use std::fmt;

use serde::de::{self, Expected, Unexpected};
use serde_json::Value;

use crate::parameters::Problem;
use crate::parameters::json::{escape, meant};

/// Why a value cannot be read: with its place, or before that is added.
#[derive(Debug)]
pub(super) enum Failure {
    Cause(Cause),
    Placed(Box<Problem>),
}

#[derive(Debug)]
pub(super) enum Cause {
    Expected(String),
    UnknownVariant(String, &'static [&'static str]),
    UnknownMember(String, &'static [&'static str]),
    Missing(&'static str),
    Other(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl std::error::Error for Failure {}

impl de::Error for Failure {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::Cause(Cause::Other(message.to_string()))
    }

    fn invalid_type(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::expected(&expected.to_string())
    }

    fn invalid_value(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::expected(&expected.to_string())
    }

    fn invalid_length(_: usize, expected: &dyn Expected) -> Self {
        Self::expected(&expected.to_string())
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        Self::Cause(Cause::UnknownVariant(variant.into(), expected))
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        Self::Cause(Cause::UnknownMember(field.into(), expected))
    }

    fn missing_field(field: &'static str) -> Self {
        Self::Cause(Cause::Missing(field))
    }
}

impl Failure {
    pub(super) fn expected(what: &str) -> Self {
        Self::Cause(Cause::Expected(what.into()))
    }
}

/// The way to a value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'p> {
    pub(super) around: Option<&'p Place<'p>>,
    pub(super) step: Step<'p>,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Step<'p> {
    Root(&'p str),
    Member(&'p str),
    Item(usize),
}

impl Place<'_> {
    pub(super) fn pointer(&self) -> String {
        let around = self.around.map_or_else(String::new, Place::pointer);
        match self.step {
            Step::Root(pointer) => pointer.to_owned(),
            Step::Member(name) => format!("{around}/{}", escape(name)),
            Step::Item(number) => format!("{around}/{number}"),
        }
    }
}

/// Adds to a problem with the name `given` the nearest of the `known` names, or all of them.
pub fn suggest(problem: Problem, given: &str, known: &[&str]) -> Problem {
    let problem = nearest(problem, given, known);
    if problem.help.is_some() || known.is_empty() {
        return problem;
    }
    problem.help(format!("known here: {}", known.join(", ")))
}

/// Adds to a problem with the name `given` the nearest of the `known` names, if one is near.
pub(super) fn nearest(problem: Problem, given: &str, known: &[&str]) -> Problem {
    match meant(given, known) {
        Some(meant) => problem.help(format!("did you mean `{meant}`?")),
        None => problem,
    }
}

/// What was probably meant by a value that is no such number: a fraction in per cent, or a decimal with
/// a comma.
pub(super) fn remedy(expected: &str, found: &Value) -> Option<String> {
    match found {
        Value::Number(number) => {
            let fraction = ["a number from 0 to 1", "a number above 0 and at most 1"];
            let percent = number
                .as_f64()
                .filter(|percent| (1.0..=100.0).contains(percent));
            let percent = percent.filter(|_| fraction.contains(&expected))?;
            // Read as decimals: dividing gives 1.1 % many digits.
            let share: f64 = format!("{percent}e-2").parse().ok()?;
            Some(format!("{percent} % is {share}"))
        }
        Value::String(text) if expected.starts_with("a number") => {
            let decimal = text.replacen(',', ".", 1);
            let number = decimal != *text && decimal.parse::<f64>().is_ok();
            number.then(|| format!("decimals have a point: {decimal}"))
        }
        _ => None,
    }
}
