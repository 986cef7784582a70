//! From clauses to sets and back: what a text means, and the canonical text of a constraint.
//!
//! This module does *not* know what a constraint is used for.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::Range;

use fixedbitset::FixedBitSet;

use super::Constraint;
use super::attributes::{Attribute, Attributes, Domain};
use super::interval::Interval;
use super::quantity;
use super::scan::{Clause, Operator, scan};
use super::set::Set;
use crate::error::fault::{CHARS_REPEATED, Fault};
use crate::error::{Result, nearest};
use crate::parameters::json::one_line;

impl Attributes {
    /// Reads a constraint, such as `[Type=CPU] & [Time>10s]`.
    ///
    /// # Errors
    /// If it is malformed, names what is not declared, or no value satisfies it. The place of the error is
    /// the character, and it shows the text with carets.
    pub fn parse(&self, text: &str) -> Result<Constraint> {
        self.read(text).map_err(|fault| fault.error(text))
    }

    fn read(&self, text: &str) -> Result<Constraint, Fault> {
        let mut all: BTreeMap<usize, Left<'_>> = BTreeMap::new();
        for clause in scan(text)? {
            let (index, set) = self.meaning(&clause)?;
            match all.get_mut(&index) {
                Some(left) => left.narrow(set, clause)?,
                None => {
                    all.insert(index, Left::new(set, clause));
                }
            }
        }
        let parts = all.into_iter();
        Ok(Constraint::new(
            parts.map(|(index, left)| (index as u32, left.set)),
        ))
    }

    /// The attribute that a clause names, and the values that satisfy it.
    fn meaning(&self, clause: &Clause<'_>) -> Result<(usize, Set), Fault> {
        let name = clause.name.text;
        let Some(index) = self.find(name) else {
            let known = self.list().iter().map(|attribute| attribute.name.as_str());
            let what = format!("there is no attribute `{}`", one_line(name, CHARS_REPEATED));
            return Err(suggest(Fault::new(clause.name.range(), what), name, known));
        };
        let set = match &self.list()[index].domain {
            Domain::Words { words, is_open } => {
                Set::Words(words_of(clause, words, usize::from(*is_open))?)
            }
            Domain::Numbers(base) => {
                let number = quantity::read(clause.value, name, *base)?;
                let interval = Interval::of(clause.operator, &number);
                Set::Numbers(interval.ok_or_else(|| {
                    let what = format!("`!=` is only for words, and {name} takes numbers");
                    let fault = Fault::new(clause.relation.range(), what);
                    fault.help("write one of = < <= > >=")
                })?)
            }
        };
        Ok((index, set))
    }

    /// The canonical text of a constraint that was read with these attributes: equal constraints have
    /// equal texts, and the text of one that was read means the same.
    ///
    /// What nothing is asked of has no clause; that is the empty text.
    pub fn text(&self, constraint: &Constraint) -> String {
        let mut text = String::new();
        for (index, set) in constraint.parts.iter() {
            let Attribute { name, domain } = &self.list()[*index as usize];
            let mut clause = |operator: Operator, value: &dyn std::fmt::Display, unit: &str| {
                let join = if text.is_empty() { "" } else { " & " };
                // Writing to a string cannot fail.
                let _ = write!(text, "{join}[{name}{operator}{value}{unit}]");
            };
            match (set, domain) {
                (Set::Words(left), Domain::Words { words, .. }) => {
                    match words.iter().zip(0..).find(|&(_, bit)| left.contains(bit)) {
                        Some((word, _)) if left.count_ones(..) == 1 => {
                            clause(Operator::Equal, word, "");
                        }
                        _ => {
                            let excluded = words.iter().zip(0..);
                            let excluded = excluded.filter(|&(_, bit)| !left.contains(bit));
                            let mut excluded: Vec<&String> =
                                excluded.map(|(word, _)| word).collect();
                            excluded.sort_unstable();
                            for word in excluded {
                                clause(Operator::Differs, word, "");
                            }
                        }
                    }
                }
                (Set::Numbers(interval), Domain::Numbers(unit)) => {
                    for (operator, number) in interval.relations() {
                        clause(operator, number, unit.map_or("", |unit| unit.name));
                    }
                }
                _ => {}
            }
        }
        text
    }
}

/// The words that satisfy a clause, of an attribute with these words and `others` that have no names.
fn words_of(clause: &Clause<'_>, words: &[String], others: usize) -> Result<FixedBitSet, Fault> {
    let (name, value) = (clause.name.text, clause.value);
    let is_equal = match clause.operator {
        Operator::Equal => true,
        Operator::Differs => false,
        operator => {
            let what = format!("`{operator}` is only for numbers, and {name} takes words");
            let fault = Fault::new(clause.relation.range(), what);
            return Err(fault.help("write = or !="));
        }
    };
    let Some(bit) = words.iter().position(|word| word == value.text) else {
        let word = one_line(value.text, CHARS_REPEATED);
        let what = format!("`{word}` is no word of {name}");
        let known = words.iter().map(String::as_str);
        return Err(suggest(Fault::new(value.range(), what), value.text, known));
    };
    let mut set = FixedBitSet::with_capacity(words.len() + others);
    set.set_range(.., !is_equal);
    set.set(bit, is_equal);
    Ok(set)
}

/// Adds to a fault the name that was probably meant, or those there are.
fn suggest<'a>(fault: Fault, given: &str, known: impl Iterator<Item = &'a str>) -> Fault {
    let known: Vec<&str> = known.collect();
    if let Some(meant) = nearest(given, known.iter().copied()) {
        return fault.help(format!("did you mean `{meant}`?"));
    }
    let known = one_line(&known.join(", "), 200);
    fault.help(format!("known here: {known}"))
}

/// Of the clauses that contradict the last one so many are named.
const CLAUSES_NAMED: usize = 4;

/// What the clauses so far leave of an attribute.
struct Left<'t> {
    set: Set,
    clauses: Vec<(Set, Clause<'t>)>,
}

impl<'t> Left<'t> {
    fn new(set: Set, clause: Clause<'t>) -> Self {
        Self {
            set: set.clone(),
            clauses: vec![(set, clause)],
        }
    }

    /// Takes one more clause into account.
    fn narrow(&mut self, set: Set, clause: Clause<'t>) -> Result<(), Fault> {
        match self.set.intersection(&set) {
            Some(left) => self.set = left,
            None => return Err(self.contradiction(&set, clause)),
        }
        self.clauses.push((set, clause));
        Ok(())
    }

    /// That `last` leaves nothing. Of intervals, and of words with a `=` among them, two exclude each
    /// other; else each clause excludes a word.
    fn contradiction(&self, set: &Set, last: Clause<'t>) -> Fault {
        let name = last.name.text;
        let pair = self.clauses.iter().find(|(other, _)| !other.meets(set));
        let (earlier, what): (Vec<Clause<'t>>, String) = if let Some((_, other)) = pair {
            (vec![*other], format!("no value of {name} satisfies both"))
        } else {
            let mut seen: Vec<&Set> = Vec::new();
            let mut first = Vec::new();
            for (other, clause) in &self.clauses {
                if !seen.contains(&other) {
                    seen.push(other);
                    first.push(*clause);
                }
            }
            (first, format!("no word of {name} satisfies all"))
        };
        let shown =
            |clause: &Clause<'_>| format!("`{}`", one_line(clause.whole.text, CHARS_REPEATED));
        let mut names: Vec<String> = earlier.iter().take(CLAUSES_NAMED).map(shown).collect();
        if let Some(more) = earlier.len().checked_sub(CLAUSES_NAMED + 1) {
            names.push(format!("{} more", more + 1));
        }
        let (names, last_name) = (names.join(", "), shown(&last));
        let marks: Vec<Range<usize>> = earlier
            .iter()
            .chain([&last])
            .map(|c| c.whole.range())
            .collect();
        Fault {
            marks,
            what: format!("{names} and {last_name} contradict each other: {what}"),
            help: Some("nothing can match this constraint; leave one of these clauses out".into()),
        }
    }
}
