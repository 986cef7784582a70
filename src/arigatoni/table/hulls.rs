//! Hulls of merged constraints, as messages carry them.
//!
//! A hull is written as a run of offers of which it is the hull: all but the last are marked. It is the same run
//! wherever it is written: the offers that the hull covers, in their order, without those that add nothing. So one
//! offer by itself is written as where nothing is merged. This module does *not* know who is told.

use crate::constraint::{Constraint, ConstraintId};
use crate::discovery::{Catalogue, Descriptor, Matcher};

/// The mark of an offer that is not the last of its run. No catalogue has this many entries.
const MORE: u32 = 1 << 31;

/// Adds the run of `hull`, which is one of offers.
pub(super) fn write(catalogue: &Catalogue, hull: &Constraint, into: &mut Vec<Descriptor>) {
    let begin = into.len();
    let mut whole: Option<Constraint> = None;
    for (offer, number) in catalogue.list().iter().zip(0..catalogue.count()) {
        if whole.as_ref() == Some(hull) {
            break;
        }
        let adds = whole.as_ref().is_none_or(|whole| !whole.covers(offer));
        if adds && hull.covers(offer) {
            whole = Some(whole.map_or_else(|| offer.clone(), |whole| whole.hull(offer)));
            into.push(Descriptor(number | MORE));
        }
    }
    if let Some(last) = into[begin..].last_mut() {
        last.0 &= !MORE;
    }
}

/// The hulls of these runs. Offers that there are not are left out.
pub(super) fn read(catalogue: &Catalogue, runs: &[Descriptor]) -> Vec<Constraint> {
    let mut hulls = Vec::new();
    let mut whole: Option<Constraint> = None;
    for &Descriptor(code) in runs {
        let number = code & !MORE;
        if number < catalogue.count() {
            let offer = catalogue.list().get(ConstraintId(number));
            whole = Some(whole.map_or_else(|| offer.clone(), |whole| whole.hull(offer)));
        }
        if code & MORE == 0 {
            hulls.extend(whole.take());
        }
    }
    hulls.extend(whole);
    hulls
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::discovery::config::Constrained;
    use crate::random::{RandomStreams, StreamId};

    #[test]
    fn a_hull_is_read_as_it_was_written_whatever_it_was_made_of() {
        let random = json!({"count": 60, "clauses": 2, "selectivity": 0.3, "ranges": {"Time": ["0", "9"], "Cores": ["1", "8"]}});
        let config = json!({"attributes": {"Type": ["A", "B", "C", "D"], "Time": "s", "Cores": null},
                            "offers": {"random": random}, "requests": [{"constraint": "[Type=A]"}]});
        let config: Constrained = serde_json::from_value(config).unwrap();
        let streams = RandomStreams::new(5, 0);
        let catalogue = Catalogue::new(&config, [], streams).unwrap();
        let mut runs = Vec::new();
        let mut hulls = Vec::new();
        for step in 0..500 {
            let below = |index, n: u32| streams.below(StreamId(240), step, index, n.into()) as u32;
            let offer = |index| {
                let number = below(index, catalogue.count());
                catalogue.list().get(ConstraintId(number)).clone()
            };
            let parts = (2..=1 + below(0, 6)).map(offer);
            let hull = parts.fold(offer(1), |hull, part| hull.hull(&part));
            let begin = runs.len();
            write(&catalogue, &hull, &mut runs);
            assert_eq!(
                read(&catalogue, &runs[begin..]),
                std::slice::from_ref(&hull)
            );
            if let [Descriptor(one)] = runs[begin..] {
                assert_eq!(catalogue.list().get(ConstraintId(one)), &hull);
            }
            hulls.push(hull);
        }
        assert_eq!(read(&catalogue, &runs), hulls);
        // A run that is cut off, or names what there is not, is read as far as it goes.
        let odd = [MORE + 3, MORE + 5_000, 7, 5_000, MORE + 9].map(Descriptor);
        let one = |number| catalogue.list().get(ConstraintId(number)).clone();
        assert_eq!(read(&catalogue, &odd), [one(3).hull(&one(7)), one(9)]);
    }
}
