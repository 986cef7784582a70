//! Constraints drawn at random, with a given selectivity.
//!
//! This module does *not* know whether a constraint is offered or asked for, but for the random stream.

use std::collections::BTreeMap;

use fixedbitset::FixedBitSet;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Constraint;
use super::attributes::{Attributes, Domain};
use super::interval::Interval;
use super::quantity;
use super::scan::Token;
use super::set::Set;
use crate::decimal::Decimal;
use crate::parameters::json::escape;
use crate::parameters::number::{BoundedCount, Fraction};
use crate::parameters::{Plain, Problem, suggest};
use crate::random::{RandomStreams, StreamId};

/// The number of steps into which a range of numbers is cut; intervals begin and end at them.
const STEPS: u32 = 1000;

/// The maximum number of digits of the ends of a range, those behind the point included.
const DIGITS_MAX: u32 = 30;

/// Constraints that are drawn at random. Clauses are drawn independently of each other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Random {
    /// How many constraints are drawn. Equal ones are one constraint.
    pub count: BoundedCount,
    /// How many attributes each constraint names, drawn among those that have words or a range; null: all
    /// of them.
    pub clauses: Option<BoundedCount>,
    /// The fraction of its attribute's values that a clause leaves: the probability that it leaves a value
    /// that is drawn uniformly. Of words, a subset of the nearest size, but at least one and not all; of
    /// numbers, an interval of so many thousandths of the range, its end excluded. With 0 it is one word, or
    /// one number.
    pub selectivity: Fraction,
    /// For each attribute of numbers that may be named, the least number and the greatest, as in a clause:
    /// `{"Time": ["0s", "2ks"]}`.
    pub ranges: BTreeMap<String, [String; 2]>,
}

impl Default for Random {
    fn default() -> Self {
        Self {
            count: BoundedCount(100),
            clauses: None,
            selectivity: Fraction(0.1),
            ranges: BTreeMap::new(),
        }
    }
}

impl Plain for Random {}

/// The maximum number of attributes that are named in a message.
const NAMED_MAX: usize = 4;

impl Random {
    /// How to draw constraints of these attributes; the object stands at `pointer`.
    ///
    /// # Errors
    /// If it does not fit the attributes.
    pub fn validate(&self, attributes: &Attributes, pointer: &str) -> Result<Drawn, Problem> {
        let numbers = attributes.list().iter();
        let numbers = numbers.filter(|attribute| matches!(attribute.domain, Domain::Numbers(_)));
        let numbers: Vec<&str> = numbers.map(|attribute| attribute.name.as_str()).collect();
        for name in self.ranges.keys() {
            if !numbers.contains(&name.as_str()) {
                let at = format!("{pointer}/ranges/{}", escape(name));
                let problem = Problem::new(at, format!("`{name}` is no attribute of numbers"));
                return Err(suggest(problem, name, &numbers));
            }
        }
        let (mut choices, mut left_out) = (Vec::new(), Vec::new());
        for (attribute, index) in attributes.list().iter().zip(0..) {
            let name = &attribute.name;
            let values = match (&attribute.domain, self.ranges.get(name)) {
                (Domain::Words { .. }, _) => Values::Words(attribute.domain.len() as u32),
                (Domain::Numbers(base), Some(ends)) => {
                    let at = format!("{pointer}/ranges/{}", escape(name));
                    Values::Numbers(Range::read(ends, name, *base, &at)?)
                }
                (Domain::Numbers(_), None) => {
                    left_out.push(name.as_str());
                    continue;
                }
            };
            choices.push((index, values));
        }
        let clauses = self
            .clauses
            .map_or(choices.len(), |BoundedCount(count)| count as usize);
        if clauses > choices.len() || choices.is_empty() {
            let available = choices.len();
            let problem = Problem::new(
                format!("{pointer}/clauses"),
                format!(
                    "{clauses} attributes are to be named, but {available} have words or a range"
                ),
            );
            let left: Vec<&str> = left_out.into_iter().take(NAMED_MAX).collect();
            return Err(problem.help(if left.is_empty() {
                format!("declare more attributes, or give at most {available}")
            } else {
                let which = left.join("`, `");
                format!("give attributes of numbers a range in `ranges` (such as `{which}`), or lower `clauses`")
            }));
        }
        Ok(Drawn {
            choices,
            clauses,
            selectivity: self.selectivity.0,
        })
    }
}

/// How constraints are drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawn {
    /// The attributes that may be named, by index.
    choices: Vec<(u32, Values)>,
    clauses: usize,
    selectivity: f64,
}

#[derive(Debug, Clone, PartialEq)]
enum Values {
    /// The number of words.
    Words(u32),
    Numbers(Range),
}

/// A range of numbers, cut into steps.
#[derive(Debug, Clone, PartialEq)]
struct Range {
    /// In units of 10^−`scale`.
    first: i128,
    step: i128,
    scale: u32,
}

impl Drawn {
    /// The draws of what is offered.
    pub const OFFERED: StreamId = StreamId(160);
    /// The draws of what is asked for.
    pub const REQUESTED: StreamId = StreamId(161);

    /// Constraint number `index`. It depends on the streams, its number and the stream, and changes as
    /// little as possible with the selectivity: the attributes stay, and words are only added.
    pub fn constraint(&self, streams: RandomStreams, stream: StreamId, index: u32) -> Constraint {
        let entity = |part: u64| u64::from(index) << 32 | part;
        let mut chosen: Vec<u32> = sample(self.choices.len() as u32, self.clauses, |at, n| {
            streams.below(stream, entity(0), at, n)
        });
        chosen.sort_unstable();
        Constraint::new(chosen.into_iter().map(|choice| {
            let (attribute, values) = &self.choices[choice as usize];
            let below = |at, n| streams.below(stream, entity(1 + u64::from(*attribute)), at, n);
            let set = match values {
                Values::Words(count) => Set::Words(self.words(*count, below)),
                Values::Numbers(range) => Set::Numbers(self.interval(range, below)),
            };
            (*attribute, set)
        }))
    }

    /// Some of `count` words.
    fn words(&self, count: u32, below: impl Fn(u32, u64) -> u64) -> FixedBitSet {
        let kept = (self.selectivity * f64::from(count)).round() as u32;
        let kept = kept.clamp(1, count - 1) as usize;
        let mut words = FixedBitSet::with_capacity(count as usize);
        for word in sample(count, kept, below) {
            words.insert(word as usize);
        }
        words
    }

    /// An interval in a range.
    fn interval(&self, range: &Range, below: impl Fn(u32, u64) -> u64) -> Interval {
        let width = (self.selectivity * f64::from(STEPS)).round() as u32;
        let starts = (STEPS - width + 1).min(STEPS);
        let first = below(0, u64::from(starts)) as u32;
        Interval::from_to(range.at(first), range.at(first + width))
    }
}

/// The first `count` of a random order of the numbers below `all`; `below` draws.
fn sample(all: u32, count: usize, below: impl Fn(u32, u64) -> u64) -> Vec<u32> {
    let mut order: Vec<u32> = (0..all).collect();
    for at in 0..count.min(all as usize) {
        let other = at + below(at as u32, (all as usize - at) as u64) as usize;
        order.swap(at, other);
    }
    order.truncate(count);
    order
}

impl Range {
    fn read(
        ends: &[String; 2],
        attribute: &str,
        base: Option<&'static quantity::Unit>,
        pointer: &str,
    ) -> Result<Self, Problem> {
        let mut numbers = Vec::new();
        for (index, text) in ends.iter().enumerate() {
            let read = quantity::read(Token { text, start: 0 }, attribute, base);
            numbers.push(read.map_err(|fault| {
                Problem::within(format!("{pointer}/{index}"), fault.error(text))
            })?);
        }
        if numbers[0] >= numbers[1] {
            let what = format!("the range from {} to {} is empty", ends[0], ends[1]);
            return Err(Problem::new(pointer, what).help("write the smaller number first"));
        }
        let scale = numbers.iter().map(Decimal::scale).max().unwrap_or(0);
        let units: Option<Vec<i128>> = numbers
            .iter()
            .map(|end| end.units(scale, DIGITS_MAX))
            .collect();
        let Some([first, last]) = units.as_deref() else {
            let what = format!("the ends of the range have more than {DIGITS_MAX} digits");
            return Err(Problem::new(pointer, what));
        };
        // In units of 10^−(scale + 3) a step is the difference.
        Ok(Self {
            first: first * i128::from(STEPS),
            step: last - first,
            scale: scale + STEPS.ilog10(),
        })
    }

    /// The number at a step.
    fn at(&self, step: u32) -> Decimal {
        Decimal::of_units(self.first + self.step * i128::from(step), self.scale)
    }
}
