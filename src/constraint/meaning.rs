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
use crate::words::enumerated;

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
                Some(left) => left.narrow(set, clause),
                None => {
                    all.insert(index, Left::new(set, clause));
                }
            }
        }
        if let Some(fault) = contradiction(all.values()) {
            return Err(fault);
        }
        let parts = all.into_iter();
        let parts = parts.filter_map(|(index, left)| Some((index as u32, left.set?)));
        Ok(Constraint::new(parts))
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

/// What the clauses leave of an attribute.
struct Left<'t> {
    /// `None`: nothing.
    set: Option<Set>,
    /// Those that say something new.
    clauses: Vec<(Set, Clause<'t>)>,
    /// The one with which nothing is left.
    last: Option<Clause<'t>>,
}

impl<'t> Left<'t> {
    fn new(set: Set, clause: Clause<'t>) -> Self {
        Self {
            set: Some(set.clone()),
            clauses: vec![(set, clause)],
            last: None,
        }
    }

    /// Takes one more clause into account.
    fn narrow(&mut self, set: Set, clause: Clause<'t>) {
        if self.clauses.iter().any(|(other, _)| *other == set) {
            return;
        }
        if let Some(left) = &self.set {
            self.set = left.intersection(&set);
            if self.set.is_none() {
                self.last = Some(clause);
            }
        }
        self.clauses.push((set, clause));
    }

    /// The clauses that leave nothing. Of intervals, and of words with a `=` among them, two exclude each other; else
    /// each clause excludes a word.
    fn excluding(&self) -> (Vec<Clause<'t>>, &'static str) {
        let meets_all = |set: &Set| self.clauses.iter().all(|(other, _)| other.meets(set));
        let in_pairs = self.clauses.iter().filter(|(set, _)| !meets_all(set));
        let in_pairs: Vec<Clause<'t>> = in_pairs.map(|(_, clause)| *clause).collect();
        if in_pairs.is_empty() {
            let all = self.clauses.iter().map(|(_, clause)| *clause);
            return (all.collect(), "word");
        }
        (in_pairs, "value")
    }
}

/// The error that some attributes have nothing left, if some have; all the clauses that exclude each other are
/// named. The place is the first clause with which nothing is left.
fn contradiction<'a, 't: 'a>(all: impl Iterator<Item = &'a Left<'t>>) -> Option<Fault> {
    let mut empty: Vec<(Clause<'t>, &Left<'t>)> =
        all.filter_map(|left| Some((left.last?, left))).collect();
    empty.sort_by_key(|(last, _)| last.whole.range().start);
    let (first, _) = empty.first()?;
    let (mut marks, mut sentences): (Vec<Range<usize>>, Vec<String>) = Default::default();
    let mut is_one_enough = empty.len() == 1;
    for (last, left) in &empty {
        let (clauses, kind) = left.excluding();
        let shown =
            |clause: &Clause<'_>| format!("`{}`", one_line(clause.whole.text, CHARS_REPEATED));
        let names: Vec<String> = clauses.iter().map(shown).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let both = if names.len() == 2 { "both" } else { "all" };
        let name = last.name.text;
        sentences.push(format!(
            "{} contradict each other: no {kind} of {name} satisfies {both}",
            enumerated(&names)
        ));
        is_one_enough &= names.len() == 2 || kind == "word";
        marks.extend(clauses.iter().map(|clause| clause.whole.range()));
    }
    // The last mark is the place.
    marks.push(first.whole.range());
    let leave = if is_one_enough { "one" } else { "some" };
    let fault = Fault {
        marks,
        what: sentences.join("; "),
        help: None,
    };
    Some(fault.help(format!(
        "nothing can match this constraint; leave {leave} of these clauses out"
    )))
}
