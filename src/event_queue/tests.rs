//! The event queue against an ordered map.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::event_queue::{CancelId, Cancellable, EventQueue, Handle, Key};
use crate::random::{RandomStreams, StreamId};
use crate::time::Time;
use proptest::prelude::*;

/// What is done to an event queue.
#[derive(Debug, Clone)]
enum Step {
    /// Schedule at this time.
    Add(u64),
    /// Take the next one.
    Next,
    /// Cancel the entry that was added this many additions ago, pending or not.
    Cancel(usize),
}

/// An event that knows only who it is.
#[derive(Debug)]
struct Event {
    id: u32,
    cancel_id: Option<CancelId>,
}

impl Cancellable for Event {
    fn cancel_id(&self) -> Option<CancelId> {
        self.cancel_id
    }
}

/// An event that cannot be cancelled.
fn lasting(id: u32) -> Event {
    Event {
        id,
        cancel_id: None,
    }
}

/// An event that can be cancelled.
fn passing(id: u32) -> impl FnOnce(CancelId) -> Event {
    move |cancel_id| Event {
        id,
        cancel_id: Some(cancel_id),
    }
}

fn pop(event_queue: &mut EventQueue<Event>) -> Option<(Key, u32)> {
    event_queue.pop().map(|(key, event)| (key, event.id))
}

/// An event queue and the map that says what it should do.
#[derive(Default)]
struct Pair {
    event_queue: EventQueue<Event>,
    model: BTreeMap<Key, u32>,
    added: Vec<(Handle, Key)>,
}

impl Pair {
    /// Adds an event at `time`; every fourth one cannot be cancelled.
    fn add(&mut self, time: u64) {
        let id = self.added.len() as u32;
        // Class, sender and count differ in no particular order.
        let (class, sender) = (u8::from(id.is_multiple_of(3)), id.wrapping_mul(7) % 5);
        let key = Key::new(Time::from_ns(time), class, sender, id);
        let handle = if id.is_multiple_of(4) {
            self.event_queue.schedule(key, lasting(id));
            Handle::NONE
        } else {
            self.event_queue.schedule_cancellable(key, passing(id))
        };
        self.added.push((handle, key));
        self.model.insert(key, id);
    }

    /// Takes out the next event; its time.
    fn next(&mut self) -> Option<u64> {
        assert_eq!(self.event_queue.peek(), self.model.keys().next().copied());
        let next = pop(&mut self.event_queue);
        assert_eq!(next, self.model.pop_first());
        next.map(|(key, _)| key.time.as_ns())
    }

    /// Cancels the event that was the `id`-th to be added.
    fn cancel(&mut self, id: usize) {
        let (handle, key) = self.added[id];
        let expected = handle != Handle::NONE && self.model.remove(&key).is_some();
        assert_eq!(self.event_queue.cancel(handle), expected);
    }

    fn check_len(&self) {
        assert_eq!(self.event_queue.len(), self.model.len());
        assert_eq!(self.event_queue.is_empty(), self.model.is_empty());
    }

    fn drain(&mut self) {
        while self.next().is_some() {}
        self.check_len();
        assert_eq!(pop(&mut self.event_queue), None);
    }
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
    /// Times are not even monotone here: an event may be added before one that was taken out.
    #[test]
    fn events_come_out_in_the_order_of_their_keys(steps in prop::collection::vec(step(), 1..400)) {
        let mut pair = Pair::default();
        for step in steps {
            match step {
                Step::Add(time) => pair.add(time),
                Step::Next => {
                    pair.next();
                }
                Step::Cancel(back) => {
                    if let Some(id) = pair.added.len().checked_sub(back + 1) {
                        pair.cancel(id);
                    }
                }
            }
            pair.check_len();
        }
        pair.drain();
    }
}

/// How long after the present an event is scheduled, given two uniform draws.
type Delay = fn(f64, f64) -> f64;

/// Distributions that have broken queues, in nanoseconds.
const DELAYS: [(&str, Delay); 9] = [
    ("all equal", |_, _| 1e6),
    ("none", |_, _| 0.0),
    ("one nanosecond or none", |u, _| (u * 2.0).floor()),
    ("uniform", |u, _| u * 1e9),
    ("exponential", |u, _| -libm::log(1.0 - u) * 1e9),
    ("bimodal: 1 ms and 100 s", |u, v| {
        if u < 0.5 { 1e6 * v } else { 1e11 + v }
    }),
    ("Pareto, infinite mean", |u, _| {
        1e3 * libm::pow(1.0 - u, -1.25)
    }),
    ("bursts on whole seconds", |u, _| (u * 4.0).ceil() * 1e9),
    ("far future", |u, v| if u < 0.01 { 1e18 } else { v * 1e3 }),
];

/// The hold model: take one, add one or more later, over `pending` events, and now and then cancel.
fn hold(delay: Delay, pending: u32, steps: u32, storms: bool) {
    let streams = RandomStreams::new(17, 0);
    let mut pair = Pair::default();
    let after = |now: u64, id: usize| {
        let draw = |index| streams.unit(StreamId(241), id as u64, index);
        now.saturating_add(delay(draw(0), draw(1)) as u64)
    };
    for _ in 0..pending {
        let time = after(0, pair.added.len());
        pair.add(time);
    }
    for step in 0..steps {
        let Some(now) = pair.next() else { break };
        let time = after(now, pair.added.len());
        pair.add(time);
        if storms && step % 700 == 699 {
            let first = pair.added.len().saturating_sub(pending as usize);
            (first..pair.added.len()).for_each(|id| pair.cancel(id));
            while pair.model.len() < pending as usize {
                let time = after(now, pair.added.len());
                pair.add(time);
            }
        }
        pair.check_len();
    }
    pair.drain();
}

#[test]
fn no_distribution_of_times_disturbs_the_order() {
    for (name, delay) in DELAYS {
        for pending in [1, 40, 300, 5000] {
            println!("{name}, {pending} pending");
            hold(delay, pending, 8000, false);
        }
    }
}

#[test]
fn storms_of_cancellations_do_not_disturb_it_either() {
    for (name, delay) in DELAYS {
        println!("{name}");
        hold(delay, 3000, 6000, true);
    }
}

#[test]
fn cancelled_events_do_not_pile_up() {
    let mut event_queue = EventQueue::default();
    let far = Time::from_ns(1 << 50);
    let taken = allocation_counter::measure(|| {
        for count in 0..200_000 {
            let handle =
                event_queue.schedule_cancellable(Key::new(far, 0, 0, count), passing(count));
            assert!(event_queue.cancel(handle));
        }
    });
    assert!(event_queue.is_empty());
    assert!(taken.bytes_max < 1 << 18, "{taken:?}");
}

#[test]
fn what_is_pending_is_all_that_is_kept() {
    let mut event_queue = EventQueue::default();
    let key = |count: u32| Key::new(Time::from_ns(u64::from(count) * 1000), 0, 0, count);
    (0..1000).for_each(|count| event_queue.schedule(key(count), lasting(count)));
    let mut turn_over = |counts: Range<u32>| {
        for count in counts {
            assert_eq!(
                pop(&mut event_queue),
                Some((key(count - 1000), count - 1000))
            );
            event_queue.schedule(key(count), lasting(count));
        }
    };
    turn_over(1000..10_000);
    let taken = allocation_counter::measure(|| turn_over(10_000..100_000));
    assert_eq!(taken.bytes_current, 0, "it grows no more once it is warm");
}

/// How often memory is asked for while `round` is run for each of the `rounds` after some.
fn allocations(mut round: impl FnMut(u32)) -> u64 {
    (0..WARM_ROUNDS).for_each(&mut round);
    let timed = WARM_ROUNDS..2 * WARM_ROUNDS;
    allocation_counter::measure(|| timed.for_each(&mut round)).count_total
}

const WARM_ROUNDS: u32 = 100;

#[test]
fn a_burst_before_what_was_next_asks_for_no_memory_once_warm() {
    const BURST: u32 = 300;
    let mut event_queue = EventQueue::default();
    let asked = allocations(|round| {
        let (start, first) = (u64::from(round) << 30, round * (BURST + 1));
        let far = Key::new(Time::from_ns(start + (1 << 29)), 0, 0, first);
        event_queue.schedule(far, lasting(first));
        assert_eq!(event_queue.peek(), Some(far), "it lies sorted");
        // Due before it, and so many that they are spread again.
        for id in first + 1..=first + BURST {
            let time = Time::from_ns(start + u64::from(id.wrapping_mul(7919) % 100_000));
            event_queue.schedule(Key::new(time, 0, 0, id), lasting(id));
        }
        let mut last = None;
        while let Some((key, _)) = event_queue.pop() {
            assert!(last < Some(key));
            last = Some(key);
        }
        assert_eq!(last, Some(far));
    });
    assert_eq!(asked, 0);
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn the_hold_model_asks_for_no_memory_once_warm() {
    const PENDING: u32 = 1000;
    let streams = RandomStreams::new(17, 0);
    for (name, delay) in DELAYS {
        let mut event_queue = EventQueue::default();
        let key = |now: u64, id: u32| {
            let draw = |index| streams.unit(StreamId(241), u64::from(id), index);
            let time = now.saturating_add(delay(draw(0), draw(1)) as u64);
            Key::new(Time::from_ns(time), 0, 0, id)
        };
        (0..PENDING).for_each(|id| event_queue.schedule(key(0, id), lasting(id)));
        let asked = allocations(|round| {
            for id in (round + 1) * PENDING..(round + 2) * PENDING {
                let (now, _) = event_queue.pop().expect("as many come as go");
                event_queue.schedule(key(now.time.as_ns(), id), lasting(id));
            }
        });
        assert_eq!(asked, 0, "{name}");
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
    assert_eq!(key(9, 1, u32::MAX, 5).sender(), u32::MAX);
    assert_eq!(key(9, 0, 1 << 30, Key::COUNT_MAX - 1).sender(), 1 << 30);
}

#[test]
fn a_stale_handle_cancels_nothing() {
    let mut event_queue = EventQueue::default();
    let key = |time| Key::new(Time::from_ns(time), 0, 0, 0);
    let old = event_queue.schedule_cancellable(key(1), passing(1));
    assert_eq!(pop(&mut event_queue), Some((key(1), 1)));
    let new = event_queue.schedule_cancellable(key(2), passing(2));
    assert!(!event_queue.cancel(old));
    assert!(!event_queue.cancel(Handle::NONE));
    assert_eq!(event_queue.peek(), Some(key(2)));
    assert!(event_queue.cancel(new));
    assert!(!event_queue.cancel(new), "once is enough");
    assert_eq!(pop(&mut event_queue), None);
}
