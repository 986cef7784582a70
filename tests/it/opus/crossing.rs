//! Members of an overlay on a wire that delays each message as it likes, so that everything crosses
//! everything and every round trip tells another latency: parents never form a loop.

use std::collections::BTreeMap;
use std::sync::Arc;

use arigatoni::opus::number::{Degree, Trees};
use arigatoni::opus::overlay::config::Overlay;
use arigatoni::opus::overlay::message::{
    Message, Observation, ParentRequest, PathState, Reminder, Status,
};
use arigatoni::opus::overlay::{OverlayMember, Port};
use arigatoni::random::{RandomStreams, StreamId};
use arigatoni::time::{Span, Time};
use arigatoni::unit::Timer;

use super::overlay::config;

const DELAY: StreamId = StreamId(240);
const MEMBERS: u32 = 9;

enum Event {
    Message {
        from: u32,
        to: u32,
        message: Message,
    },
    Reminder {
        member: u32,
        reminder: Reminder,
    },
    Check(u32),
}

/// What is under way. Messages between two members keep their order, and take less than half of the
/// timeout.
struct Wire {
    now: Time,
    streams: RandomStreams,
    count: u32,
    pending: BTreeMap<(Time, u32), Event>,
    armed: BTreeMap<(u32, u32), (Time, u32)>,
    last: BTreeMap<(u32, u32), Time>,
}

impl Wire {
    fn put(&mut self, at: Time, event: Event) -> (Time, u32) {
        self.count += 1;
        self.pending.insert((at, self.count), event);
        (at, self.count)
    }
}

struct DeltaFilter<'a> {
    wire: &'a mut Wire,
    me: u32,
}

impl Port for DeltaFilter<'_> {
    fn now(&self) -> Time {
        self.wire.now
    }
    fn streams(&self) -> RandomStreams {
        self.wire.streams
    }
    fn send(&mut self, to: u32, message: Message) {
        let wire = &mut *self.wire;
        let most =
            [20_000_000, 4_900_000_000][wire.streams.below(DELAY, 0, wire.count, 2) as usize];
        let delay = 1 + wire.streams.below(DELAY, 1, wire.count, most);
        let last = wire.last.entry((self.me, to)).or_default();
        let at = (wire.now + Span::from_ns(delay)).max(*last + Span::from_ns(1));
        *last = at;
        let from = self.me;
        wire.put(at, Event::Message { from, to, message });
    }
    fn arm(&mut self, reminder: Reminder, after: Span) {
        self.disarm(reminder);
        let member = self.me;
        let at = self.wire.now + after;
        let key = self.wire.put(at, Event::Reminder { member, reminder });
        self.wire.armed.insert((member, reminder.slot()), key);
    }
    fn disarm(&mut self, reminder: Reminder) {
        if let Some(key) = self.wire.armed.remove(&(self.me, reminder.slot())) {
            self.wire.pending.remove(&key);
        }
    }
    fn emit(&mut self, _: Observation) {}
}

/// No chain of parents leads back, and ranks fall along it.
fn look(members: &[OverlayMember], limit: usize) {
    for (number, member) in (0..).zip(members) {
        assert!(member.degrees().all(|degree| degree <= limit));
        let rank = |number: u32| members[number as usize].rank().map(|rank| (rank, number));
        for parent in member.parents().flatten() {
            assert!(rank(parent) < rank(number), "{parent} above {number}");
        }
    }
}

/// The changes of parents and of ranks in 300 s.
fn live(rules: Overlay, seed: u64) -> (u64, u64) {
    let limit = rules
        .degree_limit()
        .map_or(usize::MAX, |limit| limit as usize);
    let rules = Arc::new(rules);
    let mut members: Vec<OverlayMember> = (0..MEMBERS)
        .map(|number| OverlayMember::new(Arc::clone(&rules), 0, number))
        .collect();
    let mut wire = Wire {
        now: Time::ZERO,
        streams: RandomStreams::new(seed, 0),
        count: 0,
        pending: BTreeMap::new(),
        armed: BTreeMap::new(),
        last: BTreeMap::new(),
    };
    for me in 0..MEMBERS {
        for check in 1..25 {
            let at = Time::ZERO + Span::from_ns(12_000_000_000 * check + u64::from(me));
            wire.put(at, Event::Check(me));
        }
        if me > 0 {
            members[me as usize].join(&mut DeltaFilter {
                wire: &mut wire,
                me,
            });
        }
    }
    let state = |member: &OverlayMember| (member.parents().collect::<Vec<_>>(), member.rank());
    let mut changes = (0, 0);
    while let Some(((at, _), event)) = wire.pending.pop_first() {
        if at > Time::ZERO + Span::from_s(300) {
            break;
        }
        wire.now = at;
        let (Event::Message { to: me, .. } | Event::Reminder { member: me, .. } | Event::Check(me)) =
            event;
        let member = &mut members[me as usize];
        let before = state(member);
        if let Event::Reminder { reminder, .. } = &event {
            wire.armed.remove(&(me, reminder.slot()));
        }
        let port = &mut DeltaFilter {
            wire: &mut wire,
            me,
        };
        match event {
            Event::Message { from, message, .. } => member.message(from, message, port),
            Event::Reminder { reminder, .. } => member.remind(reminder, port),
            Event::Check(_) => member.check(port),
        }
        let after = state(member);
        changes.0 += u64::from(before.0 != after.0);
        changes.1 += u64::from(before.1 != after.1);
        look(&members, limit);
    }
    changes
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn whatever_crosses_parents_never_form_a_loop() {
    let (mut parents, mut ranks) = (0, 0);
    for seed in 0..30_u64 {
        let mut rules = config(MEMBERS).overlay;
        rules.redundancy = Trees(1 + seed as u8 % 3);
        rules.degree_limit = [Some(2), Some(3), None][seed as usize / 3 % 3].map(Degree);
        let (of_parents, of_ranks) = live(rules, seed);
        parents += of_parents;
        ranks += of_ranks;
    }
    assert!(parents > 1000 && ranks > 1000, "{parents} and {ranks}");
}

/// Hears what a member says, and answers nothing.
struct Script {
    now: Time,
    said: Vec<(u32, Message)>,
}

impl Port for Script {
    fn now(&self) -> Time {
        self.now
    }
    fn streams(&self) -> RandomStreams {
        RandomStreams::new(1, 0)
    }
    fn send(&mut self, to: u32, message: Message) {
        self.said.push((to, message));
    }
    fn arm(&mut self, _: Reminder, _: Span) {}
    fn disarm(&mut self, _: Reminder) {}
    fn emit(&mut self, _: Observation) {}
}

fn ms(ms: u64) -> Span {
    Span::from_ns(ms * 1_000_000)
}

/// Member `number`, 10 ms from the source, which it has asked to be its parent.
fn newcomer(number: u32) -> (OverlayMember, Script) {
    let mut rules = config(MEMBERS).overlay;
    rules.degree_limit = Some(Degree(1));
    let mut member = OverlayMember::new(Arc::new(rules), 0, number);
    let mut script = Script {
        now: Time::ZERO,
        said: Vec::new(),
    };
    member.join(&mut script);
    script.now += ms(20);
    let members = Box::default();
    member.message(0, Message::Introduction { members }, &mut script);
    assert!(matches!(script.said[..], [_, (0, Message::Adopt(_))]));
    (member, script)
}

fn adopted() -> Message {
    Message::Adopted {
        tree: 0,
        path_state: PathState::default(),
    }
}

#[test]
fn who_is_told_to_go_gives_back_what_it_is_granted_meanwhile() {
    let (mut member, mut script) = newcomer(5);
    member.message(0, Message::Release { tree: 0 }, &mut script);
    assert_eq!(script.said.pop(), Some((0, Message::Leave { tree: 0 })));
    member.message(0, adopted(), &mut script);
    assert_eq!(member.parents().next(), Some(None));
    assert!(script.said.contains(&(0, Message::Leave { tree: 0 })));
}

#[test]
fn after_several_questions_the_answer_tells_no_latency() {
    let mut member = OverlayMember::new(Arc::new(config(MEMBERS).overlay), 0, 5);
    let mut script = Script {
        now: Time::ZERO,
        said: Vec::new(),
    };
    member.join(&mut script);
    script.now += Span::from_s(10);
    member.remind(Reminder::Round, &mut script);
    script.now += ms(20);
    let members = Box::default();
    member.message(0, Message::Introduction { members }, &mut script);
    let shortest = ms(10);
    assert!(script.said.contains(&(0, Message::Probe { shortest })));
}

#[test]
fn a_rank_rises_only_when_those_that_were_pushed_out_know_it_and_the_others_have_gone() {
    let (mut member, mut script) = newcomer(1);
    script.now += ms(20);
    member.message(0, adopted(), &mut script);
    for (child, shortest) in [(5, ms(30)), (4, ms(20))] {
        let wish = ParentRequest {
            tree: 0,
            shortest,
            delay_max: Span::from_s(1000),
            urgent: true,
            priority: None,
        };
        member.message(child, Message::Adopt(wish), &mut script);
    }
    let (tree, successor) = (0, 4);
    assert!(
        script
            .said
            .contains(&(5, Message::Evicted { tree, successor }))
    );
    // It has moved: the ways to its parent and back and to the source and back take 50 ms.
    member.check(&mut script);
    script.now += ms(50);
    member.message(0, Message::Pong, &mut script);
    let status = Status {
        shortest: Span::ZERO,
        path_states: [Some(PathState::default())].into_iter().collect(),
        near: Arc::default(),
    };
    member.message(0, Message::Status(Box::new(status)), &mut script);
    assert!(script.said.contains(&(4, Message::Release { tree })));
    assert!(
        !script.said.contains(&(5, Message::Release { tree })),
        "it is no child"
    );
    member.message(4, Message::Leave { tree }, &mut script);
    assert_eq!(
        member.rank(),
        Some(ms(10)),
        "5 may still take it for its parent"
    );
    script.now += Span::from_s(10);
    member.remind(Reminder::Settle, &mut script);
    assert_eq!(member.rank(), Some(ms(25)));
    let shortest = ms(25);
    assert!(
        script
            .said
            .contains(&(0, Message::Risen { tree, shortest }))
    );
}
