//! Curves within a run: a detail table against a column of its own, averaged over replications.
//!
//! It does *not* know how curves are drawn.

use std::collections::BTreeMap;

use super::arrange::{Arrangement, PlotPoint};
use super::labels::{shortened, unit};
use super::lookup::{column, detail_table};
use super::plot::{Plot, Sample, Trouble, add, add_to, sample};
use crate::error::{Error, Result};
use crate::measure::{Cell, Table};
use crate::results::{SweepResults, csv};
use crate::statistics::Estimate;

/// The numbers of a column by group, then by run, with their x, in the order of the table.
struct TimeSeriesRows<'a> {
    of_group: BTreeMap<Group, BTreeMap<u64, Vec<(f64, Cell)>>>,
    /// How long the intervals of runs are; none where rows are about instants.
    lengths: &'a BTreeMap<u64, f64>,
}

/// The maximum number of groups with a curve each.
const GROUPS_MAX: usize = 8;
/// If there are more groups, this many have a curve: those that vary most.
const VARYING: usize = 6;

/// Lengths are rounded to this part of the unit of x: 0.3 − 0.2 is not 0.1 in binary.
const PARTS: f64 = 1e9;

/// What the caption says where curves end before some runs do.
const CUT: &str = "Curves end where the first run ends";

/// The value of the column that tells curves apart: numbers by size, then words.
type Group = (u64, String);

/// Adds to `plot` the curves of the columns `x` and `value` of the table `detail`, one for each value
/// of `by` (of many values those that vary most) or else of the axes, and one for each column `beside`. If rows are
/// about `intervals`, points stand at the middle of these.
pub(super) fn time_series(
    plot: &mut Plot,
    study: &SweepResults,
    arrangement: &Arrangement,
    ([detail, x_name, value], intervals): ([&str; 3], bool),
    by: Option<&str>,
    beside: &[(String, String)],
) -> Result<(), Trouble> {
    let (table, file) = (detail_table(study, detail)?, format!("{detail}.csv"));
    let x = column(table, &file, x_name)?;
    let by_column = by.map(|by| column(table, &file, by)).transpose()?;
    let lengths = if intervals {
        lengths(table, x)
    } else {
        BTreeMap::new()
    };
    let rows = |value, by| TimeSeriesRows::of(table, &file, [x, value], by, &lengths);
    let courses = rows(column(table, &file, value)?, by_column)?;
    plot.notes
        .extend(in_the_middle(&courses, study, arrangement, x_name));
    let next = if let Some(by) = by {
        // The column `by` holds labels, not quantities.
        add_groups(plot, study, arrangement, &courses, by)
    } else {
        plot.curves = arrangement.curves.clone();
        for place in &arrangement.places {
            courses.add(plot, study, place, place.curve, &Group::default());
        }
        arrangement.curves.labels.len().max(1)
    };
    if !beside.is_empty() && plot.curves.labels.is_empty() {
        plot.curves.labels.push(shortened(value));
    }
    let beside = beside.iter().map(|(name, label)| {
        let courses = rows(column(table, &file, name)?, None)?;
        Ok((courses, label))
    });
    let beside = beside.collect::<Result<Vec<_>>>()?;
    add_beside(plot, study, arrangement, &beside, (by.is_none(), next));
    Ok(())
}

/// The columns to compare with, each with its label: a curve, from number `next` on, or, of a single one that differs
/// between the curves, where these are those `of_axes`, a thin line for each.
fn add_beside(
    plot: &mut Plot,
    study: &SweepResults,
    arrangement: &Arrangement,
    beside: &[(TimeSeriesRows<'_>, &String)],
    (of_axes, mut next): (bool, usize),
) {
    for (courses, label) in beside {
        let differ = courses.differ(study, arrangement);
        if differ && of_axes && beside.len() == 1 {
            for place in &arrangement.places {
                for sample in courses.samples(study, place, &Group::default()).0 {
                    let thin = &mut plot.panels[place.panel].thin;
                    add_to(thin, place.curve, sample);
                }
            }
            plot.thin = Some((*label).clone());
            continue;
        }
        if differ {
            let note = format!("Not shown: {label}, which differs between the curves");
            plot.notes.push(note);
            continue;
        }
        for place in arrangement.places.iter().filter(|place| place.curve == 0) {
            courses.add(plot, study, place, next, &Group::default());
        }
        plot.curves.labels.push((*label).clone());
        plot.references += 1;
        next += 1;
    }
}

/// How long the intervals of each run are that begin at the numbers in column `x`: the least distance of two of them,
/// since only the last one may end earlier. Of a run with a single one it is not known.
fn lengths(table: &Table, x: usize) -> BTreeMap<u64, f64> {
    let mut begins: BTreeMap<u64, Vec<f64>> = BTreeMap::new();
    for row in &table.rows {
        if let (Cell::Count(run), Some(begin)) = (&row[0], row[x].number()) {
            begins.entry(*run).or_default().push(begin);
        }
    }
    let least = |mut begins: Vec<f64>| {
        begins.sort_by(f64::total_cmp);
        let apart = begins.windows(2).map(|pair| pair[1] - pair[0]);
        let apart = apart.map(|length| (length * PARTS).round() / PARTS);
        let apart = apart.filter(|&length| length > 0.0);
        apart.fold(f64::INFINITY, f64::min)
    };
    let lengths = begins.into_iter().map(|(run, begins)| (run, least(begins)));
    lengths.filter(|(_, length)| length.is_finite()).collect()
}

/// What the caption says of where points stand, if rows are about intervals.
fn in_the_middle(
    courses: &TimeSeriesRows<'_>,
    study: &SweepResults,
    arrangement: &Arrangement,
    x_name: &str,
) -> Option<String> {
    let places = arrangement.places.iter();
    let lengths: Vec<f64> = places
        .filter_map(|place| courses.length(study, place))
        .collect();
    let shortest = lengths.iter().copied().min_by(f64::total_cmp)?;
    let longest = lengths.iter().copied().max_by(f64::total_cmp)?;
    let unit = unit(x_name).map_or_else(String::new, |unit| format!(" {unit}"));
    let long = if shortest.total_cmp(&longest).is_eq() {
        format!("{shortest}{unit}")
    } else {
        format!("{shortest} to {longest}{unit}")
    };
    Some(format!("Points stand at the middle of intervals of {long}"))
}

/// One curve for each group; of many one for each of those that vary most, and one for all others. How many curves
/// there are.
fn add_groups(
    plot: &mut Plot,
    study: &SweepResults,
    arrangement: &Arrangement,
    courses: &TimeSeriesRows<'_>,
    by: &str,
) -> usize {
    let groups: Vec<&Group> = courses.of_group.keys().collect();
    let (shown, others) = if groups.len() <= GROUPS_MAX {
        (groups, Vec::new())
    } else {
        let groups = groups.into_iter();
        let spread = |group| courses.spread(study, arrangement, group);
        let mut spreads: Vec<(f64, &Group)> = groups.map(|group| (spread(group), group)).collect();
        // Of equal ones the first.
        spreads.sort_by(|one, other| other.0.total_cmp(&one.0));
        let others = spreads.split_off(VARYING);
        let bare = |spreads: Vec<(f64, _)>| {
            let mut groups: Vec<&Group> = spreads.into_iter().map(|(_, group)| group).collect();
            groups.sort();
            groups
        };
        (bare(spreads), bare(others))
    };
    for (curve, group) in shown.iter().enumerate() {
        plot.curves
            .labels
            .push(format!("{by} {}", shortened(&group.1)));
        for place in &arrangement.places {
            courses.add(plot, study, place, curve, group);
        }
    }
    if others.is_empty() {
        return shown.len();
    }
    plot.curves
        .labels
        .push(format!("mean of {} others", others.len()));
    plot.references += 1;
    plot.notes.push(format!(
        "Of {} values of {by} those {VARYING} have curves that vary most",
        shown.len() + others.len()
    ));
    for place in &arrangement.places {
        for sample in courses.mean_of(study, place, &others) {
            add(plot, place, shown.len(), sample);
        }
    }
    shown.len() + 1
}

impl<'a> TimeSeriesRows<'a> {
    fn of(
        table: &Table,
        file: &str,
        [x, value]: [usize; 2],
        by: Option<usize>,
        lengths: &'a BTreeMap<u64, f64>,
    ) -> Result<Self> {
        let mut courses = Self {
            of_group: BTreeMap::new(),
            lengths,
        };
        for row in &table.rows {
            let (Cell::Count(run), Some(at)) = (&row[0], row[x].number()) else {
                let what = format!("column `{}`: not a number", table.columns[x]);
                return Err(Error::new(what).at(file));
            };
            if let Cell::Text(word) = &row[value] {
                let name = &table.columns[value];
                let what = format!("column `{name}`: `{}` is not a number", shortened(word));
                return Err(Error::new(what).at(file));
            }
            let group = by.map_or_else(Group::default, |by| group_of(&row[by]));
            let of_run = courses.of_group.entry(group).or_default();
            of_run
                .entry(*run)
                .or_default()
                .push((at, row[value].clone()));
        }
        Ok(courses)
    }

    /// Adds the curve of a group at `place`.
    fn add(
        &self,
        plot: &mut Plot,
        study: &SweepResults,
        place: &PlotPoint,
        curve: usize,
        group: &Group,
    ) {
        let (samples, is_cut) = self.samples(study, place, group);
        for sample in samples {
            add(plot, place, curve, sample);
        }
        if is_cut && !plot.notes.iter().any(|note| note == CUT) {
            plot.notes.push(CUT.into());
        }
    }

    /// By how much the mean of a group varies where it varies most.
    fn spread(&self, study: &SweepResults, arrangement: &Arrangement, group: &Group) -> f64 {
        let of_place = |place: &PlotPoint| {
            let (samples, _) = self.samples(study, place, group);
            let means = || samples.iter().filter_map(|sample| sample.mean);
            let least = means().fold(f64::INFINITY, f64::min);
            (means().fold(f64::NEG_INFINITY, f64::max) - least).max(0.0)
        };
        let spreads = arrangement.places.iter().map(of_place);
        spreads.fold(0.0, f64::max)
    }

    /// The mean over `groups` at `place`, where all of them have one.
    fn mean_of(&self, study: &SweepResults, place: &PlotPoint, groups: &[&Group]) -> Vec<Sample> {
        let mut sums: BTreeMap<u64, (f64, usize, f64)> = BTreeMap::new();
        for group in groups {
            for sample in self.samples(study, place, group).0 {
                let (_, count, sum) = sums.entry(rank(sample.x)).or_insert((sample.x, 0, 0.0));
                *count += usize::from(sample.mean.is_some());
                *sum += sample.mean.unwrap_or(0.0);
            }
        }
        let whole = sums
            .into_values()
            .filter(|(_, count, _)| *count == groups.len());
        let sample = |(x, count, sum): (f64, usize, f64)| Sample {
            x,
            n: 0,
            mean: Some(sum / count as f64),
            band: None,
        };
        whole.map(sample).collect()
    }

    /// How long the intervals at `place` are; of runs with different ones the shortest. Where no run tells, it is that of
    /// all runs.
    fn length(&self, study: &SweepResults, place: &PlotPoint) -> Option<f64> {
        let runs = place.rows.iter().map(|&row| study.run_of_row(row).0);
        let own = runs.filter_map(|run| self.lengths.get(&run).copied());
        let all = || self.lengths.values().copied().min_by(f64::total_cmp);
        own.min_by(f64::total_cmp).or_else(all)
    }

    /// The curve of a group at `place`, up to the last x that all runs with numbers reach: at each x, or at the middle
    /// of the interval that begins there, the mean over the runs that have a number there, in the order of
    /// replications; and whether some run goes on.
    fn samples(
        &self,
        study: &SweepResults,
        place: &PlotPoint,
        group: &Group,
    ) -> (Vec<Sample>, bool) {
        let Some(of_run) = self.of_group.get(group) else {
            return (Vec::new(), false);
        };
        let runs = place.rows.iter().map(|&row| study.run_of_row(row).0);
        let mut numbers: BTreeMap<u64, (f64, Vec<f64>)> = BTreeMap::new();
        for (at, cell) in runs.filter_map(|run| of_run.get(&run)).flatten() {
            let (_, values) = numbers.entry(rank(*at)).or_insert((*at, Vec::new()));
            values.extend(cell.number());
        }
        let most = numbers.values().map(|(_, values)| values.len()).max();
        let half = self.length(study, place).map_or(0.0, |length| length / 2.0);
        let mut samples: Vec<Sample> = numbers
            .into_values()
            .map(|(at, values)| sample(at + half, Estimate::of(values)))
            .collect();
        // Runs end at different times: what only some reach is no mean over all.
        let reached = |sample: &Sample| Some(sample.n as usize) == most;
        let end = samples.iter().rposition(reached).map_or(0, |last| last + 1);
        let is_cut = end < samples.len();
        samples.truncate(end);
        (samples, is_cut)
    }

    /// Whether the curves of some panel have different means of what has no groups.
    fn differ(&self, study: &SweepResults, arrangement: &Arrangement) -> bool {
        let mut of_panel: BTreeMap<usize, Vec<Option<f64>>> = BTreeMap::new();
        arrangement.places.iter().any(|place| {
            let (samples, _) = self.samples(study, place, &Group::default());
            let means: Vec<_> = samples.iter().map(|sample| sample.mean).collect();
            let first = of_panel.entry(place.panel).or_insert_with(|| means.clone());
            *first != means
        })
    }
}

fn group_of(cell: &Cell) -> Group {
    (cell.number().map_or(u64::MAX, rank), csv::cell_text(cell))
}

/// A number that sorts like `number`.
fn rank(number: f64) -> u64 {
    let bits = number.to_bits();
    if number < 0.0 { !bits } else { bits | 1 << 63 }
}
