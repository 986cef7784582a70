//! The agenda against an ordered map.

use std::collections::BTreeMap;

use arigatoni::agenda::{Agenda, Handle, Key};
use arigatoni::time::Time;
use proptest::prelude::*;

/// What is done to an agenda.
#[derive(Debug, Clone)]
enum Step {
    /// Schedule at this time.
    Add(u64),
    /// Take the next one.
    Next,
    /// Cancel the one that was added so many additions ago, pending or not.
    Cancel(usize),
}

/// Times that trouble queues: all equal, near, far, heavy-tailed.
fn time() -> impl Strategy<Value = u64> {
    prop_oneof![
        Just(7),
        0_u64..4,
        0_u64..1_000_000,
        (0_u32..60).prop_map(|power| 1 << power),
        Just(u64::MAX),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => time().prop_map(Step::Add),
        2 => Just(Step::Next),
        2 => (0_usize..50).prop_map(Step::Cancel),
    ]
}

proptest! {
    #[test]
    fn events_come_out_in_the_order_of_their_keys(steps in prop::collection::vec(step(), 1..400)) {
        let mut agenda = Agenda::default();
        let mut model: BTreeMap<Key, usize> = BTreeMap::new();
        let mut added: Vec<(Handle, Key)> = Vec::new();
        for step in steps {
            match step {
                Step::Add(time) => {
                    let id = added.len();
                    // Class, sender and count differ in no particular order.
                    let (class, sender) = (u8::from(id.is_multiple_of(3)), (id * 7 % 5) as u32);
                    let key = Key::new(Time::from_ns(time), class, sender, id as u32);
                    added.push((agenda.schedule(key, id), key));
                    model.insert(key, id);
                }
                Step::Next => {
                    prop_assert_eq!(agenda.peek(), model.keys().next().copied());
                    prop_assert_eq!(agenda.pop(), model.pop_first());
                }
                Step::Cancel(back) => {
                    if let Some((handle, key)) = added.iter().rev().nth(back) {
                        prop_assert_eq!(agenda.cancel(*handle), model.remove(key));
                    }
                }
            }
            prop_assert_eq!(agenda.len(), model.len());
            prop_assert_eq!(agenda.is_empty(), model.is_empty());
        }
        while let Some(next) = model.pop_first() {
            prop_assert_eq!(agenda.pop(), Some(next));
        }
        prop_assert_eq!(agenda.pop(), None);
    }
}

#[test]
fn the_order_is_time_then_class_then_sender_then_count() {
    let key = |time, class, sender, count| Key::new(Time::from_ns(time), class, sender, count);
    let ascending = [
        key(1, 1, u32::MAX, Key::COUNT_MAX - 1),
        key(2, 0, 0, 0),
        key(2, 0, 0, Key::COUNT_MAX - 1),
        key(2, 0, 1, 0),
        key(2, 0, u32::MAX, Key::COUNT_MAX - 1),
        key(2, 1, 0, 0),
        key(3, 0, 0, 0),
    ];
    assert!(ascending.is_sorted_by(|a, b| a < b));
}

#[test]
fn a_stale_handle_cancels_nothing() {
    let mut agenda = Agenda::default();
    let key = |time| Key::new(Time::from_ns(time), 0, 0, 0);
    let old = agenda.schedule(key(1), "old");
    assert_eq!(agenda.pop(), Some((key(1), "old")));
    agenda.schedule(key(2), "new");
    assert_eq!(agenda.cancel(old), None);
    assert_eq!(agenda.cancel(Handle::NONE), None);
    assert_eq!(agenda.pop(), Some((key(2), "new")));
}
