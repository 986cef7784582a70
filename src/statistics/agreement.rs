//! Whether what was observed agrees with what theory expects of it.
//!
//! It does *not* know any theory.

use std::collections::BTreeMap;

use super::{Estimate, Paired, holm};
use crate::measure::{Cell, Limit, Prediction, Table};
use crate::results::{Point, SweepResults};
use crate::words::{brief, counted};

/// The probability of a false disagreement in a study that is as theory expects: at most this where theory knows
/// the spread, and at most about this elsewhere.
pub const ALPHA: f64 = 0.001;
/// Of fewer runs a quantity whose spread theory does not know is not judged.
const RUNS_MIN: u64 = 5;
/// The factor by which Student's t is increased for a quantity whose spread theory does not know. Means of waits
/// and absences are skewed, so it is too small otherwise. For simulated M/M/1 queues it was up to 20 times too
/// small.
const CAUTION: f64 = 100.0;
/// What differs by so small a share differs by rounding.
const ROUNDING: f64 = 1e-9;

/// A quantity at a point, observed and expected, over the runs that have both.
#[derive(Debug, Clone, PartialEq)]
pub struct Agreement {
    /// The values of the axes.
    pub point: Vec<Cell>,
    /// What it is.
    pub quantity: String,
    /// The number of runs.
    pub n: u64,
    /// The mean of what was observed.
    pub observed: f64,
    /// The mean of what was expected.
    pub expected: f64,
    /// At most so likely is a difference that is so large, if theory is right; `None`: it cannot be told from so few
    /// runs, or from runs that do not differ.
    pub p: Option<f64>,
}

/// One run's row.
#[derive(Debug, Clone, Copy)]
struct Row {
    observed: f64,
    expected: f64,
    /// Standard deviation and step.
    spread: Option<[f64; 2]>,
}

/// Every quantity at every point of `study` that theory tells of, in the order of points and of first rows.
pub fn agreements(study: &SweepResults) -> Vec<Agreement> {
    by_point(study).into_iter().flatten().collect()
}

/// The agreements of each point, in the order of points.
pub(super) fn by_point(study: &SweepResults) -> Vec<Vec<Agreement>> {
    let Some(table) = study.detail(Prediction::TABLE.name) else {
        return Vec::new();
    };
    let of_run = rows(table);
    let of_point = |point: Point<'_>| {
        let mut quantities: Vec<(&str, Vec<Row>)> = Vec::new();
        for &row in &point.rows {
            let run = study.run_of_row(row).0;
            for (quantity, row) in of_run.get(&run).into_iter().flatten() {
                match quantities.iter_mut().find(|(known, _)| known == quantity) {
                    Some((_, rows)) => rows.push(*row),
                    None => quantities.push((quantity, vec![*row])),
                }
            }
        }
        let agreement = |(quantity, rows): (&str, Vec<Row>)| {
            let mean = |of: fn(&Row) -> f64| rows.iter().map(of).sum::<f64>() / rows.len() as f64;
            Agreement {
                point: point.values.to_vec(),
                quantity: quantity.to_owned(),
                n: rows.len() as u64,
                observed: mean(|row| row.observed),
                expected: mean(|row| row.expected),
                p: probability(&rows),
            }
        };
        quantities.into_iter().map(agreement).collect()
    };
    study.points().into_iter().map(of_point).collect()
}

/// What theory expects of a quantity in each run, by its number, where it expects something.
pub fn expectations(study: &SweepResults, quantity: &str) -> BTreeMap<u64, f64> {
    let Some(table) = study.detail(Prediction::TABLE.name) else {
        return BTreeMap::new();
    };
    let of_run = rows(table).into_iter();
    let own = |(run, rows): (u64, Vec<(&str, Row)>)| {
        let (_, row) = rows.into_iter().find(|(name, _)| *name == quantity)?;
        Some((run, row.expected))
    };
    of_run.filter_map(own).collect()
}

/// Those that disagree, each with its probability adjusted for being one of many: together they are wrong with
/// a probability of at most [`ALPHA`].
pub fn disagreements(all: &[Agreement]) -> Vec<(&Agreement, f64)> {
    let judged: Vec<(&Agreement, f64)> = all.iter().filter_map(|one| Some((one, one.p?))).collect();
    let p: Vec<f64> = judged.iter().map(|(_, p)| *p).collect();
    let adjusted = judged.into_iter().zip(holm(&p));
    let low = adjusted.filter(|(_, p)| *p < ALPHA);
    low.map(|((one, _), p)| (one, p)).collect()
}

/// The disagreements in the order in which they are to be told: the least likely of each point, then the others.
fn foremost(mut wrong: Vec<(&Agreement, f64)>) -> Vec<&Agreement> {
    wrong.sort_by(|(_, one), (_, other)| one.total_cmp(other));
    let mut points: Vec<&[Cell]> = Vec::new();
    let (mut first, others): (Vec<&Agreement>, Vec<&Agreement>) =
        wrong.into_iter().map(|(one, _)| one).partition(|one| {
            let is_new = !points.contains(&&*one.point);
            if is_new {
                points.push(&one.point);
            }
            is_new
        });
    first.extend(others);
    first
}

/// How many numbers are not judged, and why.
fn unjudged(all: &[Agreement]) -> Option<String> {
    let open = || all.iter().filter(|one| one.p.is_none());
    let few = open().any(|one| one.n < RUNS_MIN);
    let alike = open().any(|one| one.n >= RUNS_MIN);
    let why = match (few, alike) {
        (false, false) => return None,
        (true, false) => format!("there are fewer than {RUNS_MIN} runs"),
        (false, true) => "no run differs from another".into(),
        (true, true) => {
            format!("there are fewer than {RUNS_MIN} runs or no run differs from another")
        }
    };
    let count = are(open().count(), "number");
    Some(format!("theory: {count} not judged, as {why}"))
}

/// The maximum number of disagreements that are listed one by one.
const TOLD_MAX: usize = 5;

/// What a person should know of the agreements of a study, whose points `place` names: whether theory agrees, and then
/// what warns them, a sentence each without a full stop. `beyond` are words that say why there may be none.
pub fn told(
    all: &[Agreement],
    place: &dyn Fn(&[Cell]) -> String,
    beyond: &str,
) -> (String, Vec<String>) {
    if all.is_empty() {
        let none = "theory: no closed form or exact computation is known for this scenario";
        return (format!("{none}{beyond}"), Vec::new());
    }
    let mut warnings: Vec<String> = unjudged(all).into_iter().collect();
    let wrong = foremost(disagreements(all));
    let judged = all.iter().filter(|one| one.p.is_some()).count();
    if judged == 0 {
        return (warnings.concat(), warnings);
    }
    if wrong.is_empty() {
        let agree = format!(
            "theory: {} as expected (within 99.9 %, all together)",
            are(judged, "number")
        );
        return (agree, warnings);
    }
    let mut items: Vec<String> = wrong
        .iter()
        .take(TOLD_MAX)
        .map(|one| {
            let [observed, expected] = [one.observed, one.expected].map(brief);
            let (quantity, at) = (&one.quantity, place(&one.point));
            let comma = if at.is_empty() { "" } else { ", " };
            format!("{quantity}{comma}{at}: {observed} instead of {expected}")
        })
        .collect();
    if let Some(more) = wrong.len().checked_sub(TOLD_MAX).filter(|more| *more > 0) {
        items.push(format!("{more} more"));
    }
    let disagrees = format!(
        "theory disagrees with the simulation in {} of {} (99.9 %, all together): {}",
        wrong.len(),
        counted(judged as u64, "number"),
        items.join("; ")
    );
    warnings.insert(0, disagrees.clone());
    (disagrees, warnings)
}

/// `1 number is`, `2 numbers are`.
fn are(count: usize, what: &str) -> String {
    let verb = if count == 1 { "is" } else { "are" };
    format!("{} {verb}", counted(count as u64, what))
}

/// The rows of each run, by its number.
fn rows(table: &Table) -> BTreeMap<u64, Vec<(&str, Row)>> {
    let mut of_run: BTreeMap<u64, Vec<(&str, Row)>> = BTreeMap::new();
    for row in &table.rows {
        let [run, _, quantity, observed, expected, sd, step] = &row[..] else {
            continue;
        };
        let (Cell::Count(run), Cell::Text(quantity)) = (run, quantity) else {
            continue;
        };
        if let Some((observed, expected)) = observed.number().zip(expected.number()) {
            let row = Row {
                observed,
                expected,
                spread: sd.number().zip(step.number()).map(Into::into),
            };
            of_run.entry(*run).or_default().push((quantity, row));
        }
    }
    of_run
}

/// At most so likely is a difference that is so large over these runs.
fn probability(rows: &[Row]) -> Option<f64> {
    let difference: f64 = rows.iter().map(|row| row.observed - row.expected).sum();
    let size: f64 = rows.iter().map(|row| row.expected.abs().max(1.0)).sum();
    if difference.abs() <= ROUNDING * size {
        return Some(1.0);
    }
    let spreads: Option<Vec<[f64; 2]>> = rows.iter().map(|row| row.spread).collect();
    if let Some(spreads) = spreads {
        let variance = spreads.iter().map(|[sd, _]| sd * sd).sum();
        let step = spreads.iter().map(|[_, step]| *step).fold(0.0, f64::max);
        return Some(bennett(difference.abs(), variance, step));
    }
    let pairs: Vec<[Option<f64>; 2]> = rows
        .iter()
        .map(|row| [Some(row.expected), Some(row.observed)])
        .collect();
    let paired = Paired::of(&pairs, &Limit::default());
    let differ = varies(rows.iter().map(|row| row.observed)) && paired.ci95.is_some();
    let p = paired.p.filter(|_| paired.n >= RUNS_MIN && differ)?;
    Some((p * CAUTION).min(1.0))
}

/// Whether the values differ by more than rounding.
fn varies(values: impl Iterator<Item = f64>) -> bool {
    let all = Estimate::of(values);
    let spread = |(mean, sd): (f64, f64)| sd > ROUNDING * mean.abs();
    all.mean.zip(all.sd).is_some_and(spread)
}

/// At most so likely does a sum of independent terms, none of which changes it by more than `step`, stray so far in
/// either direction, if it has this variance (Bennett, *Probability inequalities for the sum of independent
/// random variables*, JASA 57, 1962). Unlike the normal approximation it holds where a single rejected
/// request is to be expected in a thousand runs, or none.
fn bennett(difference: f64, variance: f64, step: f64) -> f64 {
    if variance <= 0.0 || step <= 0.0 {
        return 0.0;
    }
    let u = step * difference / variance;
    let exponent = variance / (step * step) * ((1.0 + u) * libm::log1p(u) - u);
    (2.0 * libm::exp(-exponent)).min(1.0)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::results::csv;

    fn row(observed: f64, expected: f64, spread: Option<[f64; 2]>) -> Row {
        Row {
            observed,
            expected,
            spread,
        }
    }

    /// The bound is above what the normal approximation says of many terms, and not far from it.
    #[test]
    fn what_is_known_to_stray_is_judged_by_its_spread() {
        let sd = 100.0;
        for z in [1.0, 3.0, 5.0] {
            let bound = bennett(z * sd, sd * sd, 1.0);
            let normal = libm::erfc(z / std::f64::consts::SQRT_2);
            assert!(bound >= normal, "{z}");
            assert!(z < 2.0 || bound < normal * 30.0, "{z}: {bound} {normal}");
        }
        // One is rejected of a million, of which 0.001 should be: that can happen.
        let rare = row(1.0, 0.001, Some([0.001_f64.sqrt(), 1.0]));
        assert!(probability(&[rare]).unwrap() > 1e-3);
        // Nothing is left to chance, and it is another number.
        let certain = |observed| probability(&[row(observed, 2.0, Some([0.0, 0.0]))]);
        assert_eq!(certain(2.0), Some(1.0));
        assert_eq!(certain(2.5), Some(0.0));
        let rounded = row(0.1 + 0.2, 0.3, Some([0.0, 0.0]));
        assert_eq!(probability(&[rounded]), Some(1.0));
    }

    #[test]
    fn what_strays_in_an_unknown_way_is_judged_by_many_runs() {
        let of = |observed: &[f64]| {
            let rows: Vec<Row> = observed.iter().map(|&it| row(it, 1.0, None)).collect();
            probability(&rows)
        };
        assert_eq!(of(&[0.5, 0.6, 0.5]), None);
        assert!(of(&[0.9, 1.1, 1.05, 0.97, 1.01]).unwrap() > 0.1);
        assert!(of(&[1.9, 2.1, 2.05, 1.97, 2.01]).unwrap() < 1e-3);
    }

    #[test]
    fn what_never_strays_is_not_judged_unless_it_is_as_expected() {
        let of = |expected: f64| {
            let rows = [row(1.0, expected, None); 10];
            probability(&rows)
        };
        assert_eq!(of(0.99), None);
        assert_eq!(of(1.0), Some(1.0));
        let (sentence, warnings) = told(&[disagreeing(1, "a", None)], &|_| String::new(), "");
        expect!["theory: 1 number is not judged, as no run differs from another"]
            .assert_eq(&sentence);
        assert_eq!(warnings, [sentence]);
    }

    fn disagreeing(point: u64, quantity: &str, p: Option<f64>) -> Agreement {
        Agreement {
            point: vec![Cell::Count(point)],
            quantity: quantity.into(),
            n: 5,
            observed: 1.0,
            expected: 2.0,
            p,
        }
    }

    #[test]
    fn the_least_likely_of_each_point_are_told_first() {
        let mut all: Vec<Agreement> = (0..6)
            .map(|i| disagreeing(1, &format!("a{i}"), Some(1e-20)))
            .collect();
        all.push(disagreeing(2, "b", Some(1e-9)));
        all.push(disagreeing(2, "c", Some(1e-12)));
        all.push(disagreeing(3, "d", Some(1e-30)));
        let (sentence, _) = told(&all, &|point| csv::cell_text(&point[0]), "");
        let (_, items) = sentence.split_once("together): ").unwrap();
        let items: Vec<&str> = items.split("; ").collect();
        let names = items.iter().map(|item| item.split(':').next().unwrap());
        let names: Vec<&str> = names.collect();
        assert_eq!(names, ["d, 3", "a0, 1", "c, 2", "a1, 1", "a2, 1", "4 more"]);
    }

    #[test]
    fn of_many_that_are_judged_few_disagree_by_chance() {
        let one = |p| Agreement {
            point: Vec::new(),
            quantity: "accepted".into(),
            n: 5,
            observed: 1.0,
            expected: 2.0,
            p,
        };
        let mut all = vec![one(Some(0.5)); 99];
        all.push(one(Some(5e-5)));
        all.push(one(None));
        assert!(disagreements(&all).is_empty(), "one of a hundred");
        all.push(one(Some(1e-9)));
        assert_eq!(disagreements(&all).len(), 1);
    }
}
