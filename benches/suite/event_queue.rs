//! The event queue in the hold model: take the next event, add one later.

use arigatoni::event_queue::{CancelId, Cancellable, EventQueue, Key};
use arigatoni::random::{RandomStreams, StreamId, unit_from_bits};
use arigatoni::time::{Span, Time};
use arigatoni::topology::{self, RouterId, Routes, Routing};
use divan::Bencher;
use divan::counter::ItemsCount;

const PENDING: [usize; 3] = [1_000, 100_000, 1_000_000];
/// Events handled in one timed piece of work.
const STEPS: usize = 100_000;

/// As large as PHOLD's.
struct Event {
    payload: [u32; 2],
    cancel_id: Option<CancelId>,
}

impl Cancellable for Event {
    #[inline]
    fn cancel_id(&self) -> Option<CancelId> {
        self.cancel_id
    }
}

fn event(count: u32, cancel_id: Option<CancelId>) -> Event {
    Event {
        payload: [count; 2],
        cancel_id,
    }
}

/// A filled event queue and a list of delays that is used over and over.
struct Hold {
    event_queue: EventQueue<Event>,
    delays: Vec<Span>,
    count: u32,
}

impl Hold {
    /// `pending` events, after one turnover.
    fn new(pending: usize, delays: Vec<Span>) -> Self {
        let event_queue = EventQueue::default();
        let mut hold = Self {
            event_queue,
            delays,
            count: 0,
        };
        (0..pending).for_each(|_| hold.add(Time::ZERO));
        hold.play(pending);
        hold
    }

    #[inline]
    fn add(&mut self, now: Time) {
        let delay = self.delays[self.count as usize % self.delays.len()];
        let key = Key::new(now + delay, 0, 0, self.count);
        self.event_queue.schedule(key, event(self.count, None));
        self.count = (self.count + 1) % Key::COUNT_MAX;
    }

    fn play(&mut self, steps: usize) {
        for _ in 0..steps {
            let (key, event) = self.event_queue.pop().expect("as many are added as taken");
            divan::black_box(event.payload);
            self.add(key.time);
        }
    }
}

fn bench(bencher: Bencher, pending: usize, delays: Vec<Span>) {
    let mut hold = Hold::new(pending, delays);
    bencher
        .counter(ItemsCount::new(STEPS))
        .bench_local(|| hold.play(STEPS));
}

/// So many delays, each from one uniform number.
fn delays(of: impl Fn(f64) -> f64) -> Vec<Span> {
    let streams = RandomStreams::new(1, 0);
    let delay = |index| of(unit_from_bits(streams.bits(StreamId(242), 0, index)));
    (0..1 << 20)
        .map(|index| Span::from_ns(delay(index) as u64))
        .collect()
}

/// As in PHOLD: exponential, of mean 1 s.
#[divan::bench(args = PENDING)]
fn exponential(bencher: Bencher, pending: usize) {
    bench(bencher, pending, delays(|u| -libm::log(1.0 - u) * 1e9));
}

/// Half the timers 1 ms, half 100 s.
#[divan::bench(args = PENDING)]
fn two_timers(bencher: Bencher, pending: usize) {
    bench(
        bencher,
        pending,
        delays(|u| if u < 0.5 { 1e6 } else { 1e11 }),
    );
}

/// The latencies between all routers of a graph of 1,000.
#[divan::bench(args = PENDING)]
fn latencies(bencher: Bencher, pending: usize) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/topologies/ts1000-0.gb");
    let graph = topology::read(path.as_ref()).expect("the graph is shipped");
    let routes = Routes::new(&graph, 1.0, Routing::Latency).expect("it is connected");
    let routers = u64::from(routes.router_count());
    let streams = RandomStreams::new(2, 0);
    let latency = |index| {
        let router = |end| RouterId(streams.below(StreamId(242), end, index, routers) as u32);
        routes.latency(router(0), router(1)) + Span::from_ns(2_000_000)
    };
    bench(bencher, pending, (0..1 << 20).map(latency).collect());
}

/// Every event is due at the same instant as the one before.
#[divan::bench(args = PENDING)]
fn all_equal(bencher: Bencher, pending: usize) {
    bench(bencher, pending, vec![Span::from_ns(1_000_000)]);
}

/// Timers that are armed and cancelled before they are due.
#[divan::bench(args = PENDING)]
fn cancelled_timers(bencher: Bencher, pending: usize) {
    let mut event_queue: EventQueue<Event> = EventQueue::default();
    let mut count = 0;
    let mut arm = |event_queue: &mut EventQueue<Event>| {
        count = (count + 1) % Key::COUNT_MAX;
        let due = Time::from_ns(u64::from(count) * 1000 + 600_000_000_000);
        let key = Key::new(due, 0, 0, count);
        event_queue.schedule_cancellable(key, |cancel_id| event(count, Some(cancel_id)))
    };
    let mut handles: std::collections::VecDeque<_> =
        (0..pending).map(|_| arm(&mut event_queue)).collect();
    bencher.counter(ItemsCount::new(STEPS)).bench_local(|| {
        for _ in 0..STEPS {
            let oldest = handles.pop_front().expect("there are some");
            assert!(event_queue.cancel(oldest));
            handles.push_back(arm(&mut event_queue));
        }
    });
}
