//! The numbers of a figure, computed from a study.
//!
//! It does *not* know how they are drawn.

use std::collections::{BTreeMap, BTreeSet};

use super::across::{absent, unfit};
use super::arrange::{Arrangement, PlotPoint, arrange};
use super::bands;
use super::labels::shortened;
use super::lookup::{column, detail_table, numbers};
use super::palette::CURVES_MAX;
use super::plot::{
    BoxAt, CurveLabels, MarkName, Panel, Plot, SIMULATED, Sample, Trouble, add, add_to,
    choose_y_scale, finish, leave_out_not_positive, sample,
};
use super::time_series::time_series;
use crate::error::{Error, Result};
use crate::measure::{Cell, Content, Domain, FigureSpec, Reference, Series, Source};
use crate::results::{SweepResults, csv};
use crate::statistics::{Estimate, expectations};

/// The numbers behind the figure `spec` of `study`.
pub(super) fn compose(
    spec: &FigureSpec,
    study: &SweepResults,
) -> std::result::Result<Plot, Trouble> {
    if let Some(detail) = spec.content.detail()
        && detail_table(study, detail)?.rows.is_empty()
    {
        let why = || format!("no run has a row in {detail}.csv");
        return Err(absent(spec, why));
    }
    let arrangement = arrange(spec, study)?;
    let mut plot = frame(spec, &arrangement);
    fill(&mut plot, study, &arrangement, &spec.content)?;
    if let Content::BoxPlot { over, .. } = &spec.content
        && is_without_spread(&plot)
    {
        let why = format!("at no point do the {over} differ, so its boxes would be lines");
        return Err(unfit(spec, why));
    }
    add_references(&mut plot, references(spec, &arrangement));
    plot.notes.extend(unplaced(spec, &arrangement));
    if spec.logarithmic == Some(true) {
        leave_out_not_positive(&mut plot);
    }
    finish(&mut plot)?;
    bands::keep_possible(&mut plot, spec.domain);
    if spec.domain == Domain::NotNegative && spec.y_range.is_none() {
        choose_y_scale(&mut plot, spec.logarithmic);
    }
    if matches!(spec.content, Content::TimeSeries { .. }) {
        bands::leave_out_crowded(&mut plot);
    }
    Ok(plot)
}

/// Adds the curves and boxes of `content` to `plot`.
fn fill(
    plot: &mut Plot,
    study: &SweepResults,
    arrangement: &Arrangement,
    content: &Content,
) -> std::result::Result<(), Trouble> {
    match content {
        Content::Curves { metric } => means(plot, study, arrangement, metric)?,
        Content::TradeOff { x_metric, metric } => {
            against(plot, study, arrangement, [x_metric, metric])?;
        }
        Content::Scatter { x_metric, metric } => {
            scatter(plot, study, arrangement, [x_metric, metric])?;
        }
        Content::BoxPlot { prefix, over } => {
            plot.boxes_over = Some(over.clone());
            spread(plot, study, arrangement, prefix)?;
        }
        Content::Series { series } => all_series(plot, study, arrangement, series)?,
        Content::ByGroup { detail, by, value } => {
            groups(plot, study, arrangement, [detail, by, value])?;
        }
        Content::TimeSeries {
            detail,
            x,
            intervals,
            value,
            by,
            beside,
        } => {
            let names = [detail, x, value].map(String::as_str);
            let by = by.as_deref();
            time_series(plot, study, arrangement, (names, *intervals), by, beside)?;
        }
        Content::Categorical {
            detail,
            place,
            value,
        } => {
            plot.places = true;
            let names = [detail, place, value].map(String::as_str);
            time_series(plot, study, arrangement, (names, false), None, &[])?;
        }
    }
    Ok(())
}

/// What the figure is to be compared with. The points of that are numbers, which have no place among
/// categories.
fn references<'a>(spec: &'a FigureSpec, arrangement: &Arrangement) -> &'a [Reference] {
    if arrangement.across.categorical {
        &[]
    } else {
        &spec.references
    }
}

/// What the caption says of references that are not shown.
fn unplaced(spec: &FigureSpec, arrangement: &Arrangement) -> Option<String> {
    let labels = spec.references.iter().map(|reference| &*reference.label);
    let labels: Vec<&str> = labels.collect();
    (arrangement.across.categorical && !labels.is_empty()).then(|| {
        let labels = labels.join(", ");
        format!("Not shown, for lack of places on this axis: {labels}")
    })
}

/// Adds what is known from elsewhere to each panel: lines first, then what is marked only.
fn add_references(plot: &mut Plot, references: &[Reference]) {
    if references.is_empty() {
        return;
    }
    if plot.curves.labels.is_empty() {
        plot.curves.labels.push(SIMULATED.into());
    }
    let (lines, marks): (Vec<_>, Vec<_>) = references.iter().partition(|it| it.joined);
    (plot.references, plot.marks) = (references.len(), marks.len());
    let own = plot.curves.labels.len();
    for (curve, reference) in lines.into_iter().chain(marks).enumerate() {
        plot.curves.labels.push(reference.label.clone());
        let known = reference.points.iter().map(|&[x, y]| Sample {
            x,
            n: 0,
            mean: Some(y),
            band: None,
        });
        for panel in &mut plot.panels {
            panel.curves.resize(own + curve, Vec::new());
            panel.curves.push(known.clone().collect());
        }
    }
}

fn means(
    plot: &mut Plot,
    study: &SweepResults,
    arrangement: &Arrangement,
    metric: &str,
) -> Result<()> {
    let column = column(&study.runs, "runs.csv", metric)?;
    plot.curves = arrangement.curves.clone();
    for place in &arrangement.places {
        let estimate = Estimate::of(numbers(study, place, column));
        add(plot, place, place.curve, sample(place.x, estimate));
    }
    plot.left_out = without_value(study, arrangement, column);
    add_theory(plot, study, arrangement, metric);
    Ok(())
}

/// Adds a thin line above each curve, if theory expects something of the metric.
fn add_theory(plot: &mut Plot, study: &SweepResults, arrangement: &Arrangement, metric: &str) {
    let expected = expectations(study, metric);
    if expected.is_empty() {
        return;
    }
    for place in &arrangement.places {
        let runs = place.rows.iter().map(|&row| study.run_of_row(row).0);
        let values = runs.filter_map(|run| expected.get(&run).copied());
        let mean = Sample {
            band: None,
            ..sample(place.x, Estimate::of(values))
        };
        let panel = &mut plot.panels[place.panel];
        add_to(&mut panel.thin, place.curve, mean);
        panel.thin_above = true;
    }
    plot.thin = Some("theory".into());
    if plot.curves.labels.is_empty() {
        plot.curves.labels.push(SIMULATED.into());
    }
}

/// A plot with empty panels.
fn frame(spec: &FigureSpec, arrangement: &Arrangement) -> Plot {
    let count = arrangement.panels.len().max(1);
    let panel = |i: usize| Panel {
        title: arrangement.panels.get(i).cloned(),
        ..Panel::default()
    };
    let title = &spec.title;
    let title = match spec.credit.as_ref().filter(|_| arrangement.credited) {
        Some(credit) => format!("{title} ({})", credit.text),
        None => title.clone(),
    };
    Plot {
        title,
        x_label: arrangement.across.label.clone(),
        panels: (0..count).map(panel).collect(),
        last_axis: arrangement.last_axis,
        curves: CurveLabels::default(),
        references: 0,
        marks: 0,
        logarithmic: [arrangement.across.logarithmic, false],
        also: None,
        places: arrangement.across.categorical,
        categories: if arrangement.across.categorical {
            arrangement.across.names.clone()
        } else {
            Vec::new()
        },
        named: false,
        thin: None,
        twins: Vec::new(),
        boxes_over: None,
        replications: [0; 2],
        left_out: [0; 2],
        notes: arrangement.notes.clone(),
    }
}

/// How many of the runs have no number in a column, and how many there are.
fn without_value(study: &SweepResults, arrangement: &Arrangement, column: usize) -> [usize; 2] {
    let places = || arrangement.places.iter();
    let runs = places().map(|place| place.rows.len()).sum();
    let values: usize = places()
        .map(|place| numbers(study, place, column).count())
        .sum();
    [runs - values, runs]
}

fn against(
    plot: &mut Plot,
    study: &SweepResults,
    arrangement: &Arrangement,
    metrics: [&str; 2],
) -> Result<()> {
    let find = |metric| column(&study.runs, "runs.csv", metric);
    let [x, y] = [find(metrics[0])?, find(metrics[1])?];
    plot.logarithmic = [true; 2];
    plot.curves = arrangement.curves.clone();
    for place in &arrangement.places {
        let [x, y] = [x, y].map(|column| Estimate::of(numbers(study, place, column)));
        let above = |value: &f64| *value > 0.0;
        if let (Some(at), Some(_)) = (x.mean.filter(above), y.mean.filter(above)) {
            add(plot, place, place.curve, sample(at, y));
        }
    }
    Ok(())
}

fn scatter(
    plot: &mut Plot,
    study: &SweepResults,
    arrangement: &Arrangement,
    metrics: [&str; 2],
) -> Result<()> {
    let find = |metric| column(&study.runs, "runs.csv", metric);
    let [x, y] = [find(metrics[0])?, find(metrics[1])?];
    plot.named = true;
    plot.curves = arrangement.curves.clone();
    let names = arrangement.across.names.iter().map(|text| MarkName {
        text: text.clone(),
        marks: Vec::new(),
    });
    let names: Vec<MarkName> = names.collect();
    for panel in &mut plot.panels {
        panel.names.clone_from(&names);
    }
    let mut places: Vec<&PlotPoint> = arrangement.places.iter().collect();
    places.sort_by_key(|place| place.curve);
    for place in places {
        let [x, y] = [x, y].map(|column| Estimate::of(numbers(study, place, column)));
        if let (Some(at), Some(mean)) = (x.mean, y.mean) {
            add(plot, place, place.curve, sample(at, y));
            let marks = &mut plot.panels[place.panel].names[place.name].marks;
            marks.push((at, mean));
        }
    }
    let mut names = plot.panels.iter().flat_map(|panel| &panel.names);
    if names.any(|name| name.marks.len() > 1) {
        plot.notes.push("Lines join the marks of one name".into());
    }
    plot.left_out = without_value(study, arrangement, y);
    Ok(())
}

fn spread(
    plot: &mut Plot,
    study: &SweepResults,
    arrangement: &Arrangement,
    prefix: &str,
) -> Result<()> {
    let find = |ending: &str| column(&study.runs, "runs.csv", &format!("{prefix}_{ending}"));
    let mean = find("mean")?;
    let mut five = [0; 5];
    for (place, ending) in five.iter_mut().zip(["min", "q1", "median", "q3", "max"]) {
        *place = find(ending)?;
    }
    for place in &arrangement.places {
        let estimate = Estimate::of(numbers(study, place, mean));
        add(plot, place, 0, sample(place.x, estimate));
        let five = five.map(|column| Estimate::of(numbers(study, place, column)).mean);
        if let [Some(a), Some(b), Some(c), Some(d), Some(e)] = five {
            plot.panels[place.panel].boxes.push(BoxAt {
                x: place.x,
                five: [a, b, c, d, e],
            });
        }
    }
    Ok(())
}

/// Whether no box is higher than a line: what is spread there has one value at each point, as the services have of
/// which every request asks for all.
fn is_without_spread(plot: &Plot) -> bool {
    let mut boxes = plot.panels.iter().flat_map(|panel| &panel.boxes).peekable();
    boxes.peek().is_some() && boxes.all(|at| at.five[0].total_cmp(&at.five[4]).is_eq())
}

fn all_series(
    plot: &mut Plot,
    study: &SweepResults,
    arrangement: &Arrangement,
    series: &[Series],
) -> Result<()> {
    plot.curves.labels = series.iter().map(|one| one.label.clone()).collect();
    for (curve, one) in series.iter().enumerate() {
        let (Source::Mean(name) | Source::DeviationOverReplications(name)) = &one.source;
        let column = column(&study.runs, "runs.csv", name)?;
        for place in &arrangement.places {
            let estimate = Estimate::of(numbers(study, place, column));
            let sample = match one.source {
                Source::Mean(_) => sample(place.x, estimate),
                Source::DeviationOverReplications(_) => Sample {
                    x: place.x,
                    n: estimate.n,
                    mean: estimate.sd,
                    band: None,
                },
            };
            add(plot, place, curve, sample);
        }
    }
    Ok(())
}

/// The curves of a detail table: one for each value of `by`, by size, as many as can be told
/// apart.
fn groups(
    plot: &mut Plot,
    study: &SweepResults,
    arrangement: &Arrangement,
    [detail, by, value]: [&str; 3],
) -> std::result::Result<(), Trouble> {
    let file = format!("{detail}.csv");
    let table = detail_table(study, detail)?;
    let (by_column, value_column) = (column(table, &file, by)?, column(table, &file, value)?);
    let mut cells: BTreeMap<(u64, String), &Cell> = BTreeMap::new();
    let mut found: Vec<&Cell> = Vec::new();
    let mut known: BTreeSet<String> = BTreeSet::new();
    for row in &table.rows {
        let group = csv::cell_text(&row[by_column]);
        let (Cell::Count(run), cell) = (&row[0], &row[value_column]) else {
            continue;
        };
        if let Cell::Text(word) = cell {
            let what = format!("column `{value}`: `{}` is not a number", shortened(word));
            return Err(Error::new(what).at(file).into());
        }
        if known.insert(group.clone()) {
            found.push(&row[by_column]);
        }
        if cells.insert((*run, group.clone()), cell).is_some() {
            let what = format!("run {run} has two rows with {by} = {}", shortened(&group));
            return Err(Error::new(what).at(file).into());
        }
    }
    plot.curves.ordered = found.iter().all(|cell| cell.number().is_some());
    if plot.curves.ordered {
        found.sort_by(|a, b| f64::total_cmp(&order(a), &order(b)));
    }
    if let Some(more) = found.len().checked_sub(CURVES_MAX).filter(|&more| more > 0) {
        plot.notes
            .push(format!("Not shown: {more} further values of {by}"));
    }
    for (curve, group) in found.iter().take(CURVES_MAX).enumerate() {
        let group = csv::cell_text(group);
        plot.curves
            .labels
            .push(format!("{by} = {}", shortened(&group)));
        for place in &arrangement.places {
            let runs = place.rows.iter().map(|&row| study.run_of_row(row).0);
            let values = runs.filter_map(|run| cells.get(&(run, group.clone()))?.number());
            add(plot, place, curve, sample(place.x, Estimate::of(values)));
        }
    }
    Ok(())
}

fn order(cell: &Cell) -> f64 {
    cell.number().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::plot::tests::plot_of;

    #[test]
    fn what_is_known_from_elsewhere_comes_last_and_is_no_replication() {
        let known = |label: &str, joined| Reference {
            label: label.into(),
            points: vec![[0.0, 1.0], [1.0, 0.5]],
            joined,
        };
        let mut plot = plot_of(&[(1.0, None, 3)]);
        add_references(&mut plot, &[known("points", false), known("line", true)]);
        assert_eq!(plot.curves.labels, ["simulated", "line", "points"]);
        assert_eq!((plot.references, plot.marks), (2, 1));
        assert_eq!(plot.panels[0].curves.len(), 3);
        assert!(finish(&mut plot).is_ok());
        assert_eq!(plot.replications, [3, 3]);
    }
}
