//! `arigatoni constraint`: what constraints mean, and whether two of them match.
//!
//! This verb does *not* know the language.

use std::fmt::Write as _;

use clap::Args;

use super::output;
use crate::constraint::Attributes;
use crate::error::Result;

/// Print the canonical text of a constraint, or of two, and whether they match.
///
/// With two constraints, `match yes` says that an offer and a request of these would match, because some
/// point lies in both; `covers yes` says that all points of the second lie in the first.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  arigatoni constraint '[Type=CPU] & [Time<200s]' '[Time>10s]'")]
pub(super) struct Arguments {
    /// The attributes, as in a scenario: an object that gives each attribute its words (at least two), the
    /// unit of its numbers, or null for plain numbers. Without it they are inferred: an attribute that is
    /// compared by size, or only with `=` and numbers, takes numbers of the unit that is used; another one
    /// takes the words that are used, and any other.
    #[arg(long, value_name = "JSON")]
    attributes: Option<String>,
    /// A constraint: clauses like [Type=CPU] or [Time>10s], joined by &.
    #[arg(value_name = "TEXT")]
    first: String,
    /// Another one, to compare with.
    #[arg(value_name = "TEXT")]
    second: Option<String>,
}

/// What the texts are called in errors.
const NAMES: [&str; 2] = ["first constraint", "second constraint"];

/// Prints the canonical texts, and how they compare.
pub(super) fn run(arguments: &Arguments) -> Result<()> {
    let texts: Vec<&str> = [Some(&arguments.first), arguments.second.as_ref()]
        .into_iter()
        .flatten()
        .map(String::as_str)
        .collect();
    let attributes = if let Some(json) = &arguments.attributes {
        Attributes::from_json(json).map_err(|error| error.at("--attributes"))?
    } else {
        for (text, which) in texts.iter().zip(NAMES) {
            Attributes::check_numbers(text).map_err(|error| error.at(which))?;
        }
        Attributes::inferred(&texts)
    };
    let mut constraints = Vec::new();
    let mut told = String::new();
    for (text, which) in texts.into_iter().zip(NAMES) {
        let read = attributes.parse(text);
        let constraint = read.map_err(|error| error.at(which))?;
        // Writing to a string cannot fail, here and below.
        let _ = writeln!(told, "{}", attributes.text(&constraint));
        constraints.push(constraint);
    }
    if let [first, second] = &constraints[..] {
        let word = |is: bool| if is { "yes" } else { "no" };
        let _ = writeln!(told, "match {}", word(first.matches(second)));
        let _ = writeln!(told, "covers {}", word(first.covers(second)));
    }
    output::print(told.as_bytes())
}
