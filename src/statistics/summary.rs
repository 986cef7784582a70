//! Every metric at every point of a sweep, over the replications.

use super::Estimate;
use crate::measure::{Cell, Table};
use crate::results::{Point, SweepResults};

/// The table of `summary.csv`: the axes, then `metric,n,mean,sd,ci95_low,ci95_high`, one row for
/// each metric at each point, points in canonical order. `n` counts the runs in which the metric
/// is present; the estimates are over those.
pub fn summary(study: &SweepResults) -> Table {
    let own = ["metric", "n", "mean", "sd", "ci95_low", "ci95_high"].map(str::to_owned);
    let columns = study
        .axes
        .iter()
        .map(|axis| axis.column.clone())
        .chain(own)
        .collect();
    let metrics: Vec<(&str, usize)> = study
        .metrics()
        .filter_map(|name| Some((name, study.runs.column(name)?)))
        .collect();
    let mut rows = Vec::new();
    for point in study.points() {
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
