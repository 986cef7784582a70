//! Requests and orphans over time, around failures.
//!
//! It does *not* know when the overlay is broken.

use super::HealingTotals;
use crate::discovery::RequestOutcome;
use crate::discovery::record::RequestRecord;
use crate::measure::Cell;
use crate::time::Span;

/// Accepted ÷ issued of the requests issued before the first failure of a unit or of the network, while the overlay
/// was broken or anything of the network was down, and otherwise.
pub(super) fn by_phase(sums: &HealingTotals, requests: &[RequestRecord]) -> [Cell; 3] {
    let mut tallies = [[0_u64; 2]; 3];
    let down = sums.down.first().map(|(from, _)| *from);
    let first = [sums.first, down].into_iter().flatten().min();
    for request in requests {
        let at = request.issued;
        let before = sums.broken.partition_point(|(from, _)| *from <= at);
        let last = before.checked_sub(1).map(|number| sums.broken[number].1);
        let is_broken = last.is_some_and(|to| to.is_none_or(|to| at < to));
        let before = sums.down.partition_point(|(from, _)| *from <= at);
        let last = before.checked_sub(1).map(|number| sums.down[number].1);
        let is_down = last.is_some_and(|to| at < to);
        let phase = if first.is_none_or(|first| at < first) {
            0
        } else if is_broken || is_down {
            1
        } else {
            2
        };
        tallies[phase][0] += u64::from(request.end().0 == RequestOutcome::Accepted);
        tallies[phase][1] += 1;
    }
    tallies.map(|[accepted, issued]| Cell::ratio(accepted, issued))
}

/// A row for each interval: when it begins; issued and accepted requests, and the ratio; and the share of
/// orphans.
pub(super) fn over_time(
    sums: &HealingTotals,
    requests: &[RequestRecord],
    (end, interval): (Span, Span),
) -> Vec<Vec<Cell>> {
    let interval = interval.as_ns();
    let count = sums.orphaned.len();
    let mut tallies = vec![[0_u64; 2]; count];
    for request in requests {
        let number = (request.issued.as_ns() / interval).min(count.max(1) as u64 - 1);
        if let Some(tally) = tallies.get_mut(number as usize) {
            tally[0] += 1;
            tally[1] += u64::from(request.end().0 == RequestOutcome::Accepted);
        }
    }
    let rows = tallies.iter().zip(&sums.orphaned).zip(0..);
    rows.map(|((&[issued, accepted], orphaned), number)| {
        let begin = number * interval;
        let lasts = (begin + interval).min(end.as_ns()) - begin;
        vec![
            Cell::from(Some(begin as f64 / 1e9)),
            Cell::Count(issued),
            Cell::Count(accepted),
            Cell::ratio(accepted, issued),
            Cell::from((lasts > 0).then(|| orphaned / lasts as f64)),
        ]
    })
    .collect()
}
