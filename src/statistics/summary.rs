//! Every metric at every point of a sweep, over the replications.

use super::Estimate;
use super::agreement::by_point;
use crate::measure::{Cell, Prediction, Table};
use crate::results::{Point, SweepResults};

/// The column of what theory expects.
pub const THEORY: &str = "theory";

/// The table of `summary.csv`: the axes, then `metric,n,mean,sd,ci95_low,ci95_high`, one row for
/// each metric at each point, points in canonical order. `n` counts the runs in which the metric
/// is present; the estimates are over those. Where the scenario asks for theory, `theory` follows: the mean of
/// what it expects of the same runs, if it does.
pub fn summary(study: &SweepResults) -> Table {
    let own = ["metric", "n", "mean", "sd", "ci95_low", "ci95_high"].map(str::to_owned);
    let axes = study.axes.iter().map(|axis| axis.column.clone());
    let mut columns: Vec<String> = axes.chain(own).collect();
    let theory = study.detail(Prediction::TABLE.name);
    let theory = theory.map(|_| by_point(study));
    if theory.is_some() {
        columns.push(THEORY.to_owned());
    }
    let metrics: Vec<(&str, usize)> = study
        .metrics()
        .filter_map(|name| Some((name, study.runs.column(name)?)))
        .collect();
    let mut rows = Vec::new();
    for (place, point) in study.points().into_iter().enumerate() {
        for &(name, column) in &metrics {
            let estimate = estimate(study, &point, column);
            let mut row = point.values.to_vec();
            row.extend([
                Cell::Text(name.to_owned()),
                Cell::Count(estimate.n),
                estimate.mean.into(),
                estimate.sd.into(),
                estimate.ci95.map(|[low, _]| low).into(),
                estimate.ci95.map(|[_, high]| high).into(),
            ]);
            if let Some(theory) = &theory {
                let of_point = theory.get(place).into_iter().flatten();
                let expected = of_point.filter(|one| one.quantity == name);
                row.push(expected.map(|one| one.expected).next().into());
            }
            rows.push(row);
        }
    }
    Table { columns, rows }
}

/// The estimate of the metric in column `column` of `study.runs` at `point`, over the runs in
/// which it is present, in the order of replications.
fn estimate(study: &SweepResults, point: &Point<'_>, column: usize) -> Estimate {
    let cells = point.rows.iter().map(|&row| &study.runs.rows[row][column]);
    Estimate::of(cells.filter_map(Cell::number))
}
