//! Why a value cannot be read, and where it stands.
//!
//! It does *not* know how values are read.

use std::fmt;

use serde::de::{self, Expected, Unexpected};
use serde_json::Value;

use crate::parameters::json::{brief, describe, escape, meant};
use crate::parameters::number::{FRACTION, HELP, REAL, WHOLE};
use crate::parameters::{Problem, unknown_member};

/// Why a value cannot be read: with its place, or before that is added.
#[derive(Debug)]
pub(super) enum Failure {
    Cause(Cause),
    Placed(Box<Placed>),
}

#[derive(Debug)]
pub(super) enum Placed {
    Problem(Problem),
    NoVariant(NoVariant),
}

/// A value that is none of an enumeration's. What would be is known only when each variant has been tried.
#[derive(Debug)]
pub(super) struct NoVariant {
    pub(super) pointer: String,
    pub(super) variants: &'static [&'static str],
    pub(super) or_null: bool,
    pub(super) found: Value,
}

impl NoVariant {
    /// What is wrong, where `is_word` tells the variants that are words from those that are objects.
    pub(super) fn problem(self, is_word: impl Fn(&str) -> bool) -> Problem {
        let (words, objects): (Vec<&str>, Vec<&str>) = self
            .variants
            .iter()
            .copied()
            .partition(|variant| is_word(variant));
        if let (Value::Object(members), false) = (&self.found, objects.is_empty())
            && let (Some(name), 1) = (members.keys().next(), members.len())
            && !self.variants.contains(&name.as_str())
        {
            return unknown_member(&self.pointer, name, &objects);
        }
        let or_null = if self.or_null { ", or null" } else { "" };
        let expected = if objects.is_empty() {
            format!("one of the words {}", words.join(", "))
        } else {
            let words = words.iter().map(|word| format!("\"{word}\""));
            let objects = objects.iter().map(|name| format!("{{\"{name}\": …}}"));
            one_of(&words.chain(objects).collect::<Vec<_>>())
        };
        let found = describe(&self.found);
        let what = format!("expected {expected}{or_null}, found {found}");
        let problem = Problem::new(self.pointer, what);
        match self.found.as_str() {
            Some(word) if !self.variants.contains(&word) => nearest(problem, word, self.variants),
            _ => problem,
        }
    }
}

/// `a, b or c`.
fn one_of(all: &[String]) -> String {
    match all {
        [before @ .., last] if !before.is_empty() => format!("{} or {last}", before.join(", ")),
        _ => all.concat(),
    }
}

#[derive(Debug)]
pub(super) enum Cause {
    Expected(String),
    UnknownVariant(String, &'static [&'static str]),
    /// A variant that is a word was given members, or one that has some was not.
    OtherForm,
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
    pub(super) step: PathSegment<'p>,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum PathSegment<'p> {
    Root(&'p str),
    Member(&'p str),
    Item(usize),
}

impl Place<'_> {
    pub(super) fn pointer(&self) -> String {
        let around = self.around.map_or_else(String::new, Place::pointer);
        match self.step {
            PathSegment::Root(pointer) => pointer.to_owned(),
            PathSegment::Member(name) => format!("{around}/{}", escape(name)),
            PathSegment::Item(number) => format!("{around}/{number}"),
        }
    }
}

/// Adds to a problem with the name `given` the nearest of the `known` names, or all of them.
pub fn suggest(problem: Problem, given: &str, known: &[&str]) -> Problem {
    let problem = nearest(problem, given, known);
    if problem.help.is_some() || known.is_empty() {
        return problem;
    }
    problem.help(format!("{KNOWN_HERE}{}", known.join(", ")))
}

/// How a list of names begins of which none is near.
pub(crate) const KNOWN_HERE: &str = "known here: ";

/// Adds to a problem with the name `given` the nearest of the `known` names, if one is near.
pub(super) fn nearest(problem: Problem, given: &str, known: &[&str]) -> Problem {
    match meant(given, known) {
        Some(meant) => problem.help(format!("did you mean `{meant}`?")),
        None => problem,
    }
}

/// What to write instead of a value that a type of this `kind` cannot read: what was probably meant, or else what the type
/// itself says.
pub(super) fn remedy(kind: &str, found: &Value) -> Option<String> {
    // Only whole numbers come with a help of their own.
    let own = kind.strip_prefix(HELP);
    let meant = number_meant(own.map_or(kind, |_| WHOLE), found);
    meant.or_else(|| own.map(str::to_owned))
}

/// What was probably meant by what is no number of this `kind`, as a fraction in per cent or a decimal with a comma.
fn number_meant(kind: &str, found: &Value) -> Option<String> {
    match found {
        Value::Number(number) => {
            let percent = number
                .as_f64()
                .filter(|percent| kind == FRACTION && (1.0..=100.0).contains(percent))?;
            // Read as decimals: dividing gives 1.1 % many digits.
            let share: f64 = format!("{percent}e-2").parse().ok()?;
            Some(format!("{percent} % is {share}"))
        }
        Value::String(text) if [FRACTION, REAL, WHOLE].contains(&kind) => {
            of_text(kind, text.trim())
        }
        _ => None,
    }
}

/// What was probably meant by a text that should be a number of this `kind`.
fn of_text(kind: &str, text: &str) -> Option<String> {
    if let Some(percent) = text.strip_suffix('%').map(str::trim_end) {
        let share: f64 = format!("{percent}e-2").parse().ok()?;
        return Some(match kind {
            FRACTION => format!("{percent} % is {share}"),
            _ => "give a number without `%`".into(),
        });
    }
    if let Some(number) = number_in(kind, text) {
        return Some(format!("give the number without quotes: {number}"));
    }
    if kind == WHOLE {
        return None;
    }
    let decimal = number_in(kind, &text.replacen(',', ".", 1))?;
    Some(format!("decimals have a point: {decimal}"))
}

/// The number of this `kind` that a text is, as it is written in JSON; `None`: it is none, or not of that kind.
fn number_in(kind: &str, text: &str) -> Option<String> {
    if let Ok(whole) = text.parse::<u64>() {
        return Some(whole.to_string());
    }
    let number = text.parse::<f64>().ok()?;
    let is_of_kind = kind != WHOLE || number >= 0.0 && number.fract() == 0.0;
    (number.is_finite() && is_of_kind).then(|| brief(&Value::from(number)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_proposed_for_a_number_in_quotes_can_be_read() {
        let cases = [
            (WHOLE, "3", Some("give the number without quotes: 3")),
            (WHOLE, "+5", Some("give the number without quotes: 5")),
            (WHOLE, "1e3", Some("give the number without quotes: 1000")),
            (WHOLE, "2.5", None),
            (WHOLE, "2,5", None),
            (WHOLE, "-3", None),
            (REAL, ".5", Some("give the number without quotes: 0.5")),
            (REAL, "5.", Some("give the number without quotes: 5")),
            (REAL, "-2.5", Some("give the number without quotes: -2.5")),
            (REAL, "1e300", Some("give the number without quotes: 1e300")),
            (REAL, "2,5", Some("decimals have a point: 2.5")),
            (FRACTION, ",5", Some("decimals have a point: 0.5")),
            (FRACTION, "inf", None),
            (FRACTION, "half", None),
        ];
        for (kind, text, told) in cases {
            let remedy = remedy(kind, &json!(text));
            // How an exponent is written is left to the library.
            let remedy = remedy.map(|remedy| remedy.replace("e+", "e"));
            assert_eq!(remedy.as_deref(), told, "{kind}: {text}");
        }
    }
}
