//! What a check found, in words: for people and for CI servers.

use serde_json::{Value, json};

use super::compare::{self, axes_json, cells, columns_json};
use crate::figures::PointNames;
use crate::measure::{Limit, Worse};
use crate::program::Program;
use crate::statistics::{Comparison, Row};
use crate::study::{Replications, Verdict};
use crate::words::{brief, counted};

/// How many changed rows are listed in full.
const SHOWN: usize = 30;

/// How many are asked for and compared, if these are not the same everywhere.
fn replications(there: Replications) -> Option<String> {
    let Replications { asked, least, most } = there;
    if [least, most] == [asked; 2] {
        return None;
    }
    let range = |least: u32, most: u32| {
        if least == most {
            least.to_string()
        } else {
            format!("{least} to {most}")
        }
    };
    let are = |count: &str| if count == "1" { "is" } else { "are" };
    let compared = range(asked.min(least), asked.min(most));
    let (there, verb) = (range(least, most), are(&compared));
    Some(format!(
        "{} {} asked for, and the baseline has {there}: {compared} {verb} compared",
        counted(asked.into(), "replication"),
        are(&asked.to_string()),
    ))
}

/// How sure it is that a row has changed.
pub(super) fn sureness(verdict: &Verdict, row: &Row) -> String {
    match row.p {
        _ if verdict.certain(row) => "certain: the same events, computed differently".into(),
        Some(p) if p < 1e-12 => "adjusted p < 1e-12".into(),
        Some(p) => format!("adjusted p = {}", brief(p)),
        None => "cannot be told".into(),
    }
}

/// What is said of a row to programs.
fn of_row(verdict: &Verdict, row: &Row, changed: bool) -> &'static str {
    match (changed, row.p) {
        (true, _) => "changed",
        (false, _) if row.kept(verdict.rate) => "kept",
        (false, None) => "too few replications",
        (false, Some(_)) => "no change seen",
    }
}

/// What can be done about a failure.
pub(super) fn remedy(verdict: &Verdict) -> &'static str {
    if !verdict.changed().is_empty() {
        "if that is intended, accept it with --update"
    } else if verdict.failures > 0 {
        "`arigatoni sweep SCENARIO` lists the failed runs in failures.csv"
    } else if verdict.blind() {
        "make the baseline again with --update and --set /replications=5 or more"
    } else if verdict.short == verdict.missed() {
        "make the baseline again with --update"
    } else if verdict.short > 0 && !verdict.precision.is_empty() {
        "make the baseline again with --update; raise /precision/max, or allow a wider interval"
    } else {
        "raise /precision/max, or allow a wider interval"
    }
}

/// At how many points the baseline ends before the precision is reached, if at any.
pub(super) fn short_of(verdict: &Verdict) -> Option<String> {
    let points = counted(verdict.short as u64, "point");
    (verdict.short > 0)
        .then(|| format!("the baseline has too few replications for the precision at {points}"))
}

/// The answer in one line.
pub(super) fn headline(verdict: &Verdict) -> String {
    let Comparison {
        runs, identical, ..
    } = verdict.comparison;
    let mut line = format!("{}: {}", verdict.name, verdict.answer().word());
    let mut say = |text: String| {
        line.push_str("; ");
        line.push_str(&text);
    };
    match verdict.changed().len() {
        0 if verdict.identical() && runs == 1 => say("the fingerprint is equal".into()),
        0 if verdict.identical() => say(format!("all {runs} fingerprints are equal")),
        0 if runs == 1 && identical == 1 => say("the fingerprint is equal".into()),
        0 if runs == 1 => say("the fingerprint differs".into()),
        0 => say(format!("{identical} of {runs} fingerprints are equal")),
        rows => say(format!(
            "{rows} of {}",
            counted(verdict.comparison.rows.len() as u64, "row")
        )),
    }
    if verdict.blind() {
        say("too few replications to distinguish change from chance (set /replications)".into());
    }
    if verdict.failures > 0 {
        say(format!(
            "{} failed",
            counted(verdict.failures as u64, "run")
        ));
    }
    if verdict.missed() > 0 {
        let points = counted(verdict.missed() as u64, "point");
        say(format!("the precision was not reached at {points}"));
    }
    line
}

/// The difference in a few words.
pub(super) fn by(row: &Row) -> String {
    let paired = &row.paired;
    let Some(difference) = paired.difference else {
        return "present in one only".into();
    };
    let relative = paired.relative();
    let relative = relative.map_or(String::new(), |share| format!(" ({:+.2} %)", 100.0 * share));
    let sign = if difference > 0.0 { "+" } else { "" };
    format!("{sign}{}{relative}", brief(difference))
}

/// What is known of each metric with a limit of its own, over the whole sweep.
fn limit_lines(verdict: &Verdict) -> Vec<String> {
    let rows = verdict.comparison.rows[..verdict.comparison.whole].iter();
    let limited = rows.filter_map(|row| Some((row, verdict.limits.metrics.get(&row.metric)?)));
    let line = |(row, limit): (&Row, &Limit)| {
        let share = brief(100.0 * limit.tolerance);
        let allowed = match limit.worse {
            Worse::Either => format!("{share} % either way"),
            Worse::Higher => format!("{share} % higher"),
            Worse::Lower => format!("{share} % lower"),
        };
        let what = if row.changed(verdict.rate) || verdict.certain(row) {
            "broken"
        } else if row.kept(verdict.rate) {
            "kept"
        } else {
            "neither certainly broken nor certainly kept (more replications would decide)"
        };
        format!(
            "- {}: {}, at most {allowed} allowed: {what}",
            row.metric,
            by(row)
        )
    };
    limited.map(line).collect()
}

/// The table of the rows that are listed, with a column for each axis.
fn table(verdict: &Verdict, shown: &[&Row]) -> Vec<String> {
    let axes = &verdict.comparison.axes;
    let escaped = |text: String| text.replace('|', "\\|");
    let line = |cells: Vec<String>| {
        let cells: Vec<String> = cells.into_iter().map(escaped).collect();
        format!("| {} |", cells.join(" | "))
    };
    let mut head = vec!["metric".to_owned()];
    head.extend(axes.iter().map(|axis| axis.column.clone()));
    let behind = ["baseline", "now", "difference", "interval", "how sure"];
    head.extend(behind.map(str::to_owned));
    let mut rule = "| --- ".repeat(1 + axes.len());
    rule.push_str("| ---: | ---: | ---: | --- | --- |");
    let mut lines = vec![line(head), rule];
    for row in shown.iter().take(SHOWN) {
        let number = |value: Option<f64>| value.map_or("–".into(), brief);
        let mut all = vec![row.metric.clone()];
        all.extend(cells(row, axes, &PointNames::default()));
        all.extend([
            number(row.paired.first),
            number(row.paired.second),
            by(row),
            compare::interval(row, verdict.rate),
            sureness(verdict, row),
        ]);
        lines.push(line(all));
    }
    lines
}

/// The summary for a pull request.
pub(super) fn markdown(verdict: &Verdict) -> String {
    let mut text = format!("### {}\n\n", headline(verdict));
    let mut line = |line: String| {
        text.push_str(&line);
        text.push('\n');
    };
    let shown = verdict.suspects();
    if !shown.is_empty() {
        table(verdict, &shown).into_iter().for_each(&mut line);
        if shown.len() > SHOWN {
            line(format!("\n… and {} more rows.", shown.len() - SHOWN));
        }
        line(String::new());
    }
    for change in verdict.changes.iter().chain(&verdict.precision) {
        line(format!(
            "- the scenario differs from the baseline's: `{change}`"
        ));
    }
    if let Some(there) = &verdict.other_program {
        let here = Program::this();
        line(format!(
            "- another program made the baseline: {there}; this is {here}"
        ));
    }
    if let Some(told) = short_of(verdict) {
        line(if verdict.precision.is_empty() {
            format!("- {told}, which it was made for: that may be chance")
        } else {
            format!("- {told}; make it again with --update")
        });
    }
    if verdict.uniform > 0 {
        line(format!(
            "- there is no variance at {}, so the precision is unresolved: equal values give no \
            interval",
            counted(verdict.uniform as u64, "point")
        ));
    }
    if let Some(told) = verdict.replications.and_then(replications) {
        line(format!("- {told}"));
    }
    line(format!(
        "- baseline: `{}`; {}, {} with the same fingerprint",
        verdict.baseline,
        compare::pairs(verdict.comparison.runs),
        verdict.comparison.identical
    ));
    if !verdict.identical() {
        line(format!(
            "- if nothing has changed, the probability of any false alarm over all {} is at most \
            {} (Holm), and so is that of any interval that misses the true value; a change counts \
            if it is significantly larger than {} of the baseline's mean",
            counted(verdict.comparison.rows.len() as u64, "row"),
            verdict.rate,
            verdict.limits.others.tolerance
        ));
        limit_lines(verdict).into_iter().for_each(&mut line);
        line(format!("- {}", sharpness(&verdict.comparison)));
    }
    text
}

/// How small a change would have been seen: the widest and the typical interval.
fn sharpness(comparison: &Comparison) -> String {
    let mut widths: Vec<f64> = comparison
        .rows
        .iter()
        .filter_map(|row| {
            let [low, high] = row.paired.ci95?;
            let width = (high - low) / 2.0 / row.paired.first?.abs();
            width.is_finite().then_some(width)
        })
        .collect();
    widths.sort_by(f64::total_cmp);
    match widths.as_slice() {
        [] => "there are too few replications for intervals".into(),
        widths => format!(
            "half widths of the single 95 % intervals: median {:.2} %, widest {:.2} % of the baseline's mean",
            100.0 * widths[widths.len() / 2],
            100.0 * widths[widths.len() - 1]
        ),
    }
}

/// The verdict for programs: the rows are those of `compare --json`, A being the baseline, and whether
/// each has changed.
pub(super) fn as_json(verdict: &Verdict) -> String {
    let changed = verdict.changed();
    let comparison = &verdict.comparison;
    let row = |row: &Row| -> Value {
        let mut all = compare::as_json(row, verdict.rate);
        let is_changed = changed.contains(&row);
        all["changed"] = is_changed.into();
        all["verdict"] = of_row(verdict, row, is_changed).into();
        all["worse"] = match row.limit.worse {
            Worse::Either => "either",
            Worse::Higher => "higher",
            Worse::Lower => "lower",
        }
        .into();
        all["tolerance"] = row.limit.tolerance.into();
        all
    };
    let all = json!({
        "name": verdict.name, "verdict": verdict.answer().word(), "failed": verdict.failed(),
        "headline": headline(verdict), "baseline": verdict.baseline,
        "program": Program::this().to_string(), "baseline_of_other_program": verdict.other_program,
        "axes": axes_json(&comparison.axes), "columns": columns_json(&comparison.axes), "runs": comparison.runs, "identical": comparison.identical,
        "false_alarms": verdict.rate, "tolerance": verdict.limits.others.tolerance,
        "replications_asked": verdict.replications.map(|there| there.asked),
        "replications_of_baseline": verdict.replications.map(|there| there.most),
        "replications_of_baseline_least": verdict.replications.map(|there| there.least),
        "runs_failed": verdict.failures, "points_unreached": verdict.unreached, "points_without_variance": verdict.uniform,
        "points_short_of_replications": verdict.short,
        "scenario_changes": verdict.changes.iter().chain(&verdict.precision).collect::<Vec<_>>(),
        "rows": comparison.rows.iter().map(row).collect::<Vec<_>>(),
    });
    format!("{all:#}\n")
}
