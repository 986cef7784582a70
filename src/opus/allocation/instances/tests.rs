//! Instances as one population sees them.

use super::*;

const SERVICE: Span = Span::from_ns(15);

fn near(node: u32, latency: u64) -> (u32, Span, u16) {
    (node, Span::from_ns(latency), 2)
}

fn at(ns: u64) -> Time {
    Time::from_ns(ns)
}

fn of(nodes: impl IntoIterator<Item = (u32, Span, u16)>) -> Instances {
    Instances::of(SERVICE, nodes)
}

fn take(instances: &mut Instances, now: u64) -> Option<(u16, u32)> {
    instances.take(at(now), at(now), |_, _| true)
}

fn served(instances: &mut Instances, slot: u16, node: u32) -> bool {
    instances.release((slot, node), at(0), InstanceReply::Served, at(0))
}

#[test]
fn the_instance_that_answers_soonest_is_taken_until_it_has_enough_to_do() {
    let mut instances = of([near(5, 30), near(7, 10), near(6, 10)]);
    let mut next = || take(&mut instances, 0).map(|(_, node)| node);
    let taken: Vec<_> = std::iter::repeat_with(&mut next).take(7).collect();
    // Round trips of 20 and 60, and 15 for each that is outstanding.
    assert_eq!(taken[..6], [6, 7, 6, 7, 5, 5].map(Some));
    assert_eq!(taken[6], None);
    assert!(served(&mut instances, 1, 7));
    assert!(
        instances
            .take(at(0), at(0), |trip, out| trip.as_ns() < 20 && out == 1)
            .is_none()
    );
    assert!(
        instances
            .take(at(0), at(0), |trip, out| trip.as_ns() == 20 && out == 1)
            .is_some()
    );
    assert!(!served(&mut instances, 1, 6), "another node's slot");
}

#[test]
fn the_soonest_of_many_is_found_as_by_looking_at_all() {
    let streams = crate::random::RandomStreams::new(5, 0);
    let below = |index, n| streams.below(crate::random::StreamId(240), 0, index, n);
    let mut instances = of((0..37).map(|node| near(node, below(node, 60))));
    let mut held = Vec::new();
    for step in 100..2000 {
        let open = instances.order.iter().filter_map(|&slot| {
            let own = &instances.slots[usize::from(slot)];
            Some((own.expected_ns(SERVICE)?, own.place, slot))
        });
        let soonest = open.min().map(|(_, _, slot)| slot);
        let taken = take(&mut instances, 0);
        assert_eq!(taken.map(|(slot, _)| slot), soonest, "{step}");
        held.extend(taken);
        while !held.is_empty() && below(step, 75) < held.len() as u64 {
            let (slot, node) = held.swap_remove(below(step + 5000, held.len() as u64) as usize);
            assert!(served(&mut instances, slot, node));
        }
    }
}

#[test]
fn who_was_full_is_left_alone_for_a_while() {
    let mut instances = of([near(1, 10), near(2, 20)]);
    for until in [100, 130] {
        let (slot, node) = take(&mut instances, 0).unwrap();
        let full = InstanceReply::Full(at(until));
        assert!(instances.release((slot, node), at(0), full, at(0)));
    }
    assert_eq!(take(&mut instances, 99), None);
    assert_eq!(take(&mut instances, 100), Some((0, 1)));
    instances.remove(&[1]);
    assert_eq!(take(&mut instances, 129), None);
    instances.add([near(3, 30)]);
    assert_eq!(take(&mut instances, 129).unwrap().1, 3);
    assert_eq!(take(&mut instances, 130).unwrap().1, 2);
}

/// An instance that is closed with two outstanding; what is not answered within 100 is given up, and who does not
/// answer rests for 1,000.
fn lossy() -> Instances {
    let mut instances = of([near(1, 10)]);
    instances.expect_losses(Span::from_ns(100), Span::from_ns(1000));
    instances
}

fn answer(instances: &mut Instances, issued: u64, now: u64) {
    let served = InstanceReply::Served;
    assert!(instances.release((0, 1), at(issued), served, at(now)));
}

#[test]
fn a_request_that_is_lost_is_outstanding_until_its_deadline() {
    let mut instances = lossy();
    // The first one of each ten is lost, and all others are answered at once.
    for round in (0..10_000).step_by(1000) {
        for now in (round..round + 1000).step_by(100) {
            assert!(take(&mut instances, now).is_some(), "{now}");
            if now > round {
                answer(&mut instances, now, now + 1);
            }
        }
    }
    // An answer that comes too late takes nothing off: there is room for two.
    answer(&mut instances, 9000, 9950);
    let mut next = |now| take(&mut instances, now).is_some();
    assert_eq!([9951, 9952, 9953].map(&mut next), [true, true, false]);
}

#[test]
fn who_does_not_answer_rests_and_is_tried_again_with_one() {
    let mut instances = lossy();
    let mut next = |now| take(&mut instances, now).is_some();
    assert_eq!([0, 5, 6, 99].map(&mut next), [true, true, false, false]);
    // The first one is given up; the second one may be answered.
    assert_eq!([100, 104].map(&mut next), [false, false]);
    // Both have not been answered.
    assert_eq!([105, 106, 1104].map(&mut next), [false, false, false]);
    assert_eq!([1105, 1106, 1204].map(&mut next), [true, false, false]);
    assert_eq!([1205, 2204].map(&mut next), [false, false]);
    assert_eq!([2205, 2206].map(&mut next), [true, false]);
    answer(&mut instances, 2205, 2207);
    let mut next = |now| take(&mut instances, now).is_some();
    assert_eq!([2208, 2209, 2210].map(&mut next), [true, true, false]);
    // One is lost alone: it answers the other one, and is not left alone.
    answer(&mut instances, 2209, 2300);
    let mut next = |now| take(&mut instances, now).is_some();
    assert_eq!([2308, 2309, 2310].map(&mut next), [true, true, false]);
}

#[test]
fn who_is_removed_while_it_does_not_answer_begins_anew_when_it_is_added() {
    let mut instances = lossy();
    assert_eq!(
        [0, 5].map(|now| take(&mut instances, now)),
        [Some((0, 1)); 2]
    );
    instances.remove(&[1]);
    // Both requests are given up, and nobody is to blame.
    assert_eq!(take(&mut instances, 105), None);
    instances.add([near(1, 10)]);
    let mut next = |now| take(&mut instances, now).is_some();
    assert_eq!([106, 107, 108].map(&mut next), [true, true, false]);
}

#[test]
fn who_is_gone_stays_closed_until_it_is_added_again() {
    let mut instances = of((0..200).map(|node| near(node, 1000 - u64::from(node))));
    let (slot, node) = take(&mut instances, 0).unwrap();
    assert_eq!(node, 199);
    assert!(instances.release((slot, node), at(0), InstanceReply::Gone, at(0)));
    assert_eq!(take(&mut instances, 0).unwrap().1, 198);
    instances.remove(&[198, 197, 3]);
    assert_eq!(take(&mut instances, 0).unwrap().1, 196);
    instances.add([near(199, 5), near(500, 1)]);
    assert_eq!(take(&mut instances, 0).unwrap().1, 500);
    assert_eq!(take(&mut instances, 0).unwrap().1, 199);
    assert!(!served(&mut instances, 197, 197), "it was removed");
    instances.remove(&[]);
    assert_eq!(take(&mut Instances::default(), 0), None, "none at all");
}
