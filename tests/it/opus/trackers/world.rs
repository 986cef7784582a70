//! A small world of trackers: who hears what when, without any driver.

use super::*;

enum Event {
    Message { from: u32, message: Message },
    Timer { timer: Timer, setting: u64 },
}

/// Trackers, and what is on its way to them.
pub(super) struct World {
    pub(super) trackers: Vec<Tracker>,
    pub(super) alive: Vec<bool>,
    pub(super) values: Vec<[f64; 2]>,
    places: Vec<[f64; 2]>,
    pub(super) streams: RandomStreams,
    pub(super) now: Time,
    count: u64,
    event_queue: BTreeMap<(Time, u64), (u32, Event)>,
    armed: Vec<[Option<u64>; Timer::SLOTS as usize]>,
    pub(super) sent: u64,
    /// Whether nodes know values from the beginning.
    informed: bool,
    /// Nodes with lower numbers and the others do not hear each other.
    pub(super) cut: Option<u32>,
}

/// What one tracker says.
struct Said {
    now: Time,
    streams: RandomStreams,
    messages: Vec<(u32, Message)>,
    timers: Vec<(Timer, Option<Span>)>,
}

impl Port for Said {
    fn now(&self) -> Time {
        self.now
    }
    fn streams(&self) -> RandomStreams {
        self.streams
    }
    fn send(&mut self, to: u32, message: Message) {
        self.messages.push((to, message));
    }
    fn arm(&mut self, timer: Timer, after: Span) {
        self.timers.push((timer, Some(after)));
    }
    fn disarm(&mut self, timer: Timer) {
        self.timers.push((timer, None));
    }
}

impl World {
    /// All nodes come to life within ten seconds; two minutes later.
    pub(super) fn settled(rules: Tracking, nodes: u32, seed: u64) -> Self {
        Self::of(rules, nodes, seed, true)
    }

    /// The same, and nobody knows a value.
    pub(super) fn ignorant(rules: Tracking, nodes: u32, seed: u64) -> Self {
        Self::of(rules, nodes, seed, false)
    }

    fn of(rules: Tracking, nodes: u32, seed: u64, informed: bool) -> Self {
        let rules = Arc::new(rules);
        let streams = RandomStreams::new(seed, 0);
        let unit = |index: u32, node: u32| streams.unit(StreamId(241), u64::from(node), index);
        let scope = Scope {
            nodes,
            quantities: 2,
        };
        let mut world = Self {
            trackers: (0..nodes)
                .map(|node| Tracker::new(Arc::clone(&rules), scope, node))
                .collect(),
            alive: vec![false; nodes as usize],
            values: (0..nodes)
                .map(|node| [unit(0, node), unit(1, node) * 100.0])
                .collect(),
            places: (0..nodes)
                .map(|node| [unit(2, node), unit(3, node)])
                .collect(),
            streams,
            now: Time::ZERO,
            count: 0,
            event_queue: BTreeMap::new(),
            armed: vec![Default::default(); nodes as usize],
            sent: 0,
            informed,
            cut: None,
        };
        for node in 0..nodes {
            world.start(node);
            world.play(Span::from_ns(10_000_000_000 / u64::from(nodes)));
        }
        world.play(Span::from_s(120));
        world
    }

    pub(super) fn start(&mut self, node: u32) {
        self.alive[node as usize] = true;
        self.with(node, Tracker::start);
        if self.informed {
            self.observe(node, self.values[node as usize]);
        }
    }

    pub(super) fn observe(&mut self, node: u32, values: [f64; 2]) {
        self.values[node as usize] = values;
        for (quantity, value) in (0..).zip(values) {
            self.with(node, |tracker, port| tracker.observe(quantity, value, port));
        }
    }

    pub(super) fn fail(&mut self, node: u32) {
        self.alive[node as usize] = false;
    }

    /// What `from` says arrives at `node`.
    pub(super) fn hear(&mut self, node: u32, from: u32, message: Message) {
        self.with(node, |tracker, port| tracker.message(from, message, port));
    }

    /// Up to 50 ms, by distance on a square.
    pub(super) fn latency(&self, a: u32, b: u32) -> Span {
        let [a, b] = [a, b].map(|node| self.places[node as usize]);
        let distance = ((a[0] - b[0]).powi(2) + (a[1] - b[1]).powi(2)).sqrt();
        Span::from_ns(1_000_000 + (distance * 35e6) as u64)
    }

    fn with(&mut self, node: u32, act: impl FnOnce(&mut Tracker, &mut Said)) {
        let mut said = Said {
            now: self.now,
            streams: self.streams,
            messages: Vec::new(),
            timers: Vec::new(),
        };
        act(&mut self.trackers[node as usize], &mut said);
        self.sent += said.messages.len() as u64;
        for (to, message) in said.messages {
            assert_ne!(to, node, "{message:?} to itself");
            if self.cut.is_some_and(|first| (node < first) != (to < first)) {
                continue;
            }
            self.count += 1;
            let at = self.now + self.latency(node, to);
            let from = node;
            self.event_queue
                .insert((at, self.count), (to, Event::Message { from, message }));
        }
        for (timer, after) in said.timers {
            self.count += 1;
            let setting = self.count;
            self.armed[node as usize][timer.slot() as usize] = after.map(|_| setting);
            if let Some(after) = after {
                let event = Event::Timer { timer, setting };
                self.event_queue
                    .insert((self.now + after, setting), (node, event));
            }
        }
    }

    pub(super) fn play(&mut self, span: Span) {
        let end = self.now + span;
        while let Some(entry) = self
            .event_queue
            .first_entry()
            .filter(|entry| entry.key().0 <= end)
        {
            self.now = entry.key().0;
            let (node, event) = entry.remove();
            match event {
                Event::Message { from, message } if self.alive[node as usize] => {
                    self.hear(node, from, message);
                }
                Event::Timer { timer, setting } => {
                    let armed = &mut self.armed[node as usize][timer.slot() as usize];
                    if *armed == Some(setting) {
                        *armed = None;
                        if self.alive[node as usize] {
                            self.with(node, |tracker, port| tracker.timer(timer, port));
                        }
                    }
                }
                Event::Message { .. } => {}
            }
        }
        self.now = end;
    }

    pub(super) fn living(&self) -> impl Iterator<Item = u32> {
        (0..self.trackers.len() as u32).filter(|&node| self.alive[node as usize])
    }

    /// How many steps a living node's root is away at most; every one has the same root.
    pub(super) fn depth(&self) -> u32 {
        self.hierarchy().unwrap_or_else(|fault| panic!("{fault}"))
    }

    /// The depth, or why there is no hierarchy with one root at this moment.
    fn hierarchy(&self) -> Result<u32, String> {
        let mut roots = std::collections::BTreeSet::new();
        let mut depth = 0;
        for mut node in self.living() {
            let mut steps = 0;
            let mut height = self.trackers[node as usize].height();
            while let Some(head) = self.trackers[node as usize].head() {
                let above = self.trackers[head as usize].height();
                if !self.alive[head as usize] {
                    return Err(format!("{head}, head of {node}, is dead"));
                }
                if above <= height {
                    return Err(format!("{head} of height {above} above {node} of {height}"));
                }
                (node, height, steps) = (head, above, steps + 1);
            }
            if !self.trackers[node as usize].is_root() {
                return Err(format!("{node} looks for a head"));
            }
            roots.insert(node);
            depth = depth.max(steps);
        }
        match roots.len() {
            1 => Ok(depth),
            _ => Err(format!("roots {roots:?}")),
        }
    }

    /// Plays a minute and looks every second: the greatest error that it finds, or why there is no
    /// hierarchy.
    pub(super) fn minute(&mut self) -> Vec<Result<f64, String>> {
        let second = |_| {
            self.play(Span::from_s(1));
            self.hierarchy().map(|_| self.error())
        };
        (0..60).map(second).collect()
    }

    /// The greatest relative error of a living node's estimates: of the sums, and of how many nodes
    /// are in them.
    pub(super) fn error(&self) -> f64 {
        let count = self.living().count() as f64;
        let mut error = 0.0_f64;
        for quantity in 0..2 {
            let values = self
                .living()
                .map(|node| self.values[node as usize][quantity]);
            let truth: f64 = values.sum();
            for node in self.living() {
                let total = self.trackers[node as usize].total(quantity as u16);
                error = error.max((total.sum - truth).abs() / truth);
                error = error.max((f64::from(total.nodes) - count).abs() / count);
            }
        }
        error
    }
}
