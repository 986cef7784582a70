//! Constraints as lists of clauses, evaluated point by point: nothing of the room but its grammar.
//!
//! Numbers in clauses are multiples of ½, points are multiples of ¼ and go beyond all of them. So every set
//! that is not empty has a point, and two sets are equal if they have the same points.

use proptest::prelude::*;

use crate::constraint::{Attributes, Constraint};

pub(super) const WORDS: [&str; 3] = ["c", "a", "b"];

/// The attributes of these tests.
pub(super) fn attributes() -> Attributes {
    Attributes::from_json(r#"{"T": "s", "N": null, "W": ["c", "a", "b"]}"#).unwrap()
}

#[derive(Debug, Clone)]
pub(super) enum Clause {
    /// Whether it is `=`, and the word.
    Word(bool, usize),
    /// Which attribute, the operator, and the number in halves.
    Number(bool, &'static str, i32),
}

/// A word, and two numbers in quarters.
pub(super) type Point = (usize, [i32; 2]);

impl Clause {
    fn holds(&self, (word, numbers): Point) -> bool {
        match *self {
            Self::Word(is_equal, other) => (word == other) == is_equal,
            Self::Number(is_time, operator, halves) => {
                let (number, other) = (numbers[usize::from(is_time)], 2 * halves);
                match operator {
                    "<" => number < other,
                    "<=" => number <= other,
                    ">" => number > other,
                    ">=" => number >= other,
                    _ => number == other,
                }
            }
        }
    }

    fn text(&self) -> String {
        match *self {
            Self::Word(is_equal, word) => {
                let operator = if is_equal { "=" } else { "!=" };
                format!("[W{operator}{}]", WORDS[word])
            }
            Self::Number(false, operator, halves) => {
                format!("[ N {operator} {}]", f64::from(halves) / 2.0)
            }
            // This is the same number in another unit.
            Self::Number(true, operator, halves) => format!("[T{operator}{}ms]", halves * 500),
        }
    }
}

/// Clauses of all kinds.
pub(super) fn clauses() -> impl Strategy<Value = Vec<Clause>> {
    let word =
        (any::<bool>(), 0..WORDS.len()).prop_map(|(is_equal, word)| Clause::Word(is_equal, word));
    let operators = prop::sample::select(vec!["<", "<=", "=", ">=", ">"]);
    let number = (any::<bool>(), operators, -4..=4)
        .prop_map(|(is_time, operator, halves)| Clause::Number(is_time, operator, halves));
    prop::collection::vec(prop_oneof![1 => word, 2 => number], 1..5)
}

pub(super) fn text(clauses: &[Clause]) -> String {
    let texts: Vec<String> = clauses.iter().map(Clause::text).collect();
    texts.join("&")
}

/// All points.
pub(super) fn points() -> impl Iterator<Item = Point> {
    let numbers = -9..=9;
    (0..WORDS.len()).flat_map(move |word| {
        let numbers = numbers.clone();
        numbers
            .clone()
            .flat_map(move |n| numbers.clone().map(move |t| (word, [n, t])))
    })
}

/// The points that satisfy all clauses.
pub(super) fn satisfying(clauses: &[Clause]) -> Vec<Point> {
    points()
        .filter(|&point| clauses.iter().all(|clause| clause.holds(point)))
        .collect()
}

/// Constraints with their points.
pub(super) fn constraints() -> impl Strategy<Value = (Constraint, Vec<Point>)> {
    clauses().prop_filter_map("contradictory", |clauses| {
        let constraint = attributes().parse(&text(&clauses)).ok()?;
        Some((constraint, satisfying(&clauses)))
    })
}
