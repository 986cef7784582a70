//! What became of a precision that a scenario asks for, in words: for `sweep`, `merge` and `status`.
//!
//! It does *not* judge a point, which the ledger does.

use serde_json::{Value, json};

use super::held::Held;
use super::output::{brief, counted};
use super::tell::tell;
use crate::ledger::{Outline, Resolution};

/// How many points of a sweep are resolved, and why the others are not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Tally {
    /// Points at which the precision is reached.
    pub(super) reached: u64,
    /// Points whose interval is too wide after the most replications.
    pub(super) too_wide: u64,
    /// Points all of whose values are one number.
    pub(super) no_variance: u64,
    /// Points at which fewer than two runs have a value.
    pub(super) too_few_values: u64,
    /// Points that go on.
    pub(super) open: u64,
}

impl Tally {
    /// The points of an outline.
    pub(super) fn of(outline: &Outline) -> Self {
        let mut tally = Self::default();
        for stop in &outline.stops {
            let count = match stop.map(|stop| stop.resolution) {
                None => &mut tally.open,
                Some(Resolution::Reached) => &mut tally.reached,
                Some(Resolution::TooWide) => &mut tally.too_wide,
                Some(Resolution::NoVariance) => &mut tally.no_variance,
                Some(Resolution::TooFewValues) => &mut tally.too_few_values,
            };
            *count += 1;
        }
        tally
    }

    /// In a line, for people: what there is of each.
    pub(super) fn line(self) -> String {
        let parts = [
            (self.reached, "reached"),
            (self.too_wide, "not reached within the most replications"),
            (self.no_variance, "without variance, hence unresolved"),
            (self.too_few_values, "with too few values"),
            (self.open, "going on"),
        ];
        let told = parts.iter().filter(|(count, _)| *count > 0);
        let told: Vec<String> = told
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        format!("precision, points: {}", told.join(", "))
    }

    /// For programs, under the words of `precision.csv`.
    pub(super) fn json(self) -> Value {
        json!({
            "reached": self.reached, "max": self.too_wide, "no_variance": self.no_variance,
            "too_few_values": self.too_few_values, "open": self.open,
        })
    }
}

/// Says where a precision has stopped the points.
pub(super) fn say_stops(held: &Held, outline: &Outline) {
    let Some(precision) = held.scenario.precision() else {
        return;
    };
    let stops: Vec<_> = outline.stops.iter().flatten().collect();
    let least = stops.iter().map(|stop| stop.replications).min();
    let most = stops.iter().map(|stop| stop.replications).max();
    let made = match (least.unwrap_or(0), most.unwrap_or(0)) {
        (least, most) if least == most => most.to_string(),
        (least, most) => format!("{least} to {most}"),
    };
    let tally = Tally::of(outline);
    let who = match (stops.len() as u64, tally.reached) {
        (1, 1) => "the point has reached".to_owned(),
        (1, _) => "the point has not reached".to_owned(),
        (points, reached) => format!("{reached} of {points} points have reached"),
    };
    tell(format_args!(
        "precision: {who} ±{} % of {} after {made} replications ({} runs)",
        brief(100.0 * precision.relative_half_width),
        precision.metric,
        outline.runs(),
    ));
    let max = precision.max;
    let points = |count| counted(count, "point");
    if tally.too_wide > 0 {
        tell(format_args!(
            "precision: the interval is still too wide at {} after {max} replications, the most that are allowed; see precision.csv",
            points(tally.too_wide),
        ));
    }
    if tally.no_variance > 0 {
        tell(format_args!(
            "precision: no variance was seen at {} in {max} replications, so there is no interval: unresolved; see precision.csv",
            points(tally.no_variance),
        ));
    }
    if tally.too_few_values > 0 {
        tell(format_args!(
            "precision: fewer than two of {max} runs have a value at {}: unresolved; see precision.csv",
            points(tally.too_few_values),
        ));
    }
}
