//! What became of a precision that a scenario asks for, in words: for `sweep`, `merge` and `status`.

use serde_json::{Value, json};

use super::stderr::print_stderr;
use crate::ledger::Outline;
use crate::study::{Sweep, Tally};
use crate::words::{brief, counted};

/// In a line, for people: what there is of each.
pub(super) fn line(tally: Tally) -> String {
    let parts = [
        (tally.reached, "reached"),
        (tally.too_wide, "not reached within `max` replications"),
        (tally.no_variance, "without variance, so unresolved"),
        (tally.too_few_values, "with too few values"),
        (tally.open, "going on"),
    ];
    let told = parts.iter().filter(|(count, _)| *count > 0);
    let told: Vec<String> = told
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    format!("precision, points: {}", told.join(", "))
}

/// For programs, under the words of `precision.csv`.
pub(super) fn json(tally: Tally) -> Value {
    json!({
        "reached": tally.reached, "max": tally.too_wide, "no_variance": tally.no_variance,
        "too_few_values": tally.too_few_values, "open": tally.open,
    })
}

/// Says where a precision has stopped the points.
pub(super) fn say_stops(sweep: &Sweep, outline: &Outline) {
    let Some(precision) = sweep.scenario().precision() else {
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
    print_stderr(format_args!(
        "precision: {who} ±{} % of {} after {made} replications ({} runs)",
        brief(100.0 * precision.relative_half_width.0),
        precision.metric,
        outline.runs(),
    ));
    let max = precision.max.0;
    let points = |count| counted(count, "point");
    if tally.too_wide > 0 {
        print_stderr(format_args!(
            "precision: the interval is still too wide at {} after {max} replications, the allowed \
            maximum; see precision.csv",
            points(tally.too_wide),
        ));
    }
    if tally.no_variance > 0 {
        print_stderr(format_args!(
            "precision: no variance was seen at {} in {max} replications, so there is no interval: unresolved; see precision.csv",
            points(tally.no_variance),
        ));
    }
    if tally.too_few_values > 0 {
        print_stderr(format_args!(
            "precision: fewer than two of {max} runs have a value at {}: unresolved; see precision.csv",
            points(tally.too_few_values),
        ));
    }
}
