//! Tables against sets of pairs, and large ones.

use std::collections::BTreeSet;

use super::*;
use crate::discovery::{GBU, gbu, gcu};
use crate::random::{RandomStreams, StreamId};

/// Random changes of a table, against a set of pairs.
#[test]
fn changes_are_those_of_a_set() {
    const SERVICES: u32 = 9;
    let streams = RandomStreams::new(7, 0);
    let mut table = RoutingTable::new(SERVICES);
    let mut set: BTreeSet<(Descriptor, UnitId)> = BTreeSet::new();
    let summary = |set: &BTreeSet<(Descriptor, UnitId)>| -> BTreeSet<Descriptor> {
        set.iter().map(|(service, _)| *service).collect()
    };
    for step in 0..3000 {
        let mut stream = streams.stream(StreamId(240), step);
        let mut below = |n: u32| (stream.unit() * f64::from(n)) as u32;
        let unit = UnitId::new([GCU, GBU][below(2) as usize], below(4));
        // In any order, some twice, some out of range.
        let mut offers = |most: u32| -> Vec<Descriptor> {
            (0..below(most))
                .map(|_| Descriptor(below(SERVICES + 2)))
                .collect()
        };
        let (added, removed) = (offers(5), offers(5));
        let before = summary(&set);
        let in_range = added.iter().filter(|service| service.0 < SERVICES);
        let entered = in_range.map(|&service| (service, unit));
        let change = match step % 3 {
            0 => {
                set.retain(|(_, other)| *other != unit);
                set.extend(entered);
                table.register(unit, &added)
            }
            1 if table.has_member(unit) => {
                set.retain(|(s, other)| *other != unit || !removed.contains(s));
                set.extend(entered);
                table.update(unit, &added, &removed)
            }
            1 => continue,
            _ => {
                set.retain(|(_, other)| *other != unit);
                table.strike(unit)
            }
        };
        let after = summary(&set);
        assert!(change.added.iter().eq(after.difference(&before)), "{step}");
        assert!(
            change.removed.iter().eq(before.difference(&after)),
            "{step}"
        );
        assert!(table.summary().eq(after.iter().copied()), "{step}");
        for service in (0..SERVICES).map(Descriptor) {
            let able = set
                .iter()
                .filter(|(s, _)| *s == service)
                .map(|(_, unit)| unit);
            assert!(table.members_with(service).eq(able.copied()), "{step}");
        }
    }
}

/// A colony of more members, and more entries, than two bytes can tell apart: one that is drafted
/// so, and one that grows and shrinks across the border.
#[test]
fn large_colonies_are_told_apart() {
    const COUNT: u32 = 65_536;
    const OFFER: Descriptor = Descriptor(1);
    // Even numbers, so that there is room between them.
    let mut draft = Draft::new(COUNT as usize);
    let mut larger = Draft::new(COUNT as usize + 1);
    for index in 0..COUNT {
        draft.add(gcu(2 * index), [OFFER].into_iter());
        larger.add(gcu(2 * index), [OFFER].into_iter());
    }
    let before = draft.table(3);
    larger.add(gbu(3), [OFFER].into_iter());
    for (mut grown, place) in [(before.clone(), 77_777), (larger.table(3), 77_779)] {
        grown.register(gbu(3), &[OFFER]);
        grown.register(gcu(place), &[Descriptor(2), OFFER]);
        let computers: Vec<UnitId> = grown.computers_with(OFFER).collect();
        assert_eq!(computers.len(), COUNT as usize + 1);
        assert!(computers.is_sorted());
        assert!(computers.contains(&gcu(place)));
        assert!(grown.members_with(Descriptor(2)).eq([gcu(place)]));
        assert!(grown.subcolonies_with(OFFER).eq([gbu(3)]));
        assert!(grown.has_entry(gcu(2 * COUNT - 2), OFFER) && grown.has_entry(gbu(3), OFFER));
        assert!(!grown.has_entry(gcu(3), OFFER) && !grown.has_entry(gbu(3), Descriptor(2)));
        grown.strike(gcu(place));
        grown.strike(gbu(3));
        assert_eq!(grown, before);
        assert!(grown.summary().eq([OFFER]));
    }
}
