//! Attributes that nobody has declared, as the texts use them.
//!
//! This module does *not* check what the texts mean: what does not fit what was inferred is found when they
//! are read.

use std::collections::BTreeMap;

use super::attributes::{Attributes, Domain};
use super::quantity::{self, Unit};
use super::scan::{Clause, Operator, scan};
use crate::error::Result;

impl Attributes {
    /// The attributes that these texts name. An attribute that is compared by size, or only ever with `=`
    /// and numbers, takes numbers, in the base unit of the first unit that a text gives it. Every other
    /// one takes words: those that the texts name, and any other.
    ///
    /// What does not follow the grammar says nothing here: see [`Self::check_numbers`].
    pub(crate) fn inferred(texts: &[&str]) -> Self {
        let clauses = texts.iter().filter_map(|text| scan(text).ok()).flatten();
        let mut uses: BTreeMap<&str, Vec<Clause<'_>>> = BTreeMap::new();
        for clause in clauses {
            uses.entry(clause.name.text).or_default().push(clause);
        }
        let domains = uses.into_iter();
        Self::new(
            domains
                .map(|(name, uses)| (name.to_owned(), domain(&uses)))
                .collect(),
        )
    }
}

impl Attributes {
    /// Checks that each value of `text` which begins like a number is one: it would pass for a word where
    /// nobody has declared the attribute.
    ///
    /// # Errors
    /// The first that is not, with its place, and whatever does not follow the grammar.
    pub(crate) fn check_numbers(text: &str) -> Result<()> {
        let checked = scan(text).and_then(|clauses| {
            let mut values = clauses.iter().map(|clause| clause.value);
            values.try_for_each(quantity::check)
        });
        checked.map_err(|fault| fault.error(text))
    }
}

/// The domain of an attribute that is used in these clauses.
fn domain(uses: &[Clause<'_>]) -> Domain {
    let is_word = |operator| matches!(operator, Operator::Equal | Operator::Differs);
    let is_compared = uses.iter().any(|clause| !is_word(clause.operator));
    let is_number = |clause: &Clause<'_>| {
        clause.operator == Operator::Equal && quantity::split(clause.value.text).is_ok()
    };
    if is_compared || uses.iter().all(is_number) {
        let units = uses.iter().filter_map(|clause| {
            let (unit, _) = quantity::split(clause.value.text).ok()?.unit?;
            Some(unit)
        });
        return Domain::Numbers({ units }.next().map(Unit::base));
    }
    let mut words: Vec<String> = uses
        .iter()
        .map(|clause| clause.value.text.to_owned())
        .collect();
    words.sort_unstable();
    words.dedup();
    Domain::Words {
        words,
        is_open: true,
    }
}
