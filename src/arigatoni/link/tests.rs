//! A link between two units, with a network that does what it likes.

use super::*;
use crate::arigatoni::offers::Offers;
use crate::arigatoni::tests::{REQUEST, question};
use crate::discovery::{gbu, gcu};
use crate::random::{RandomStreams, StreamId};
use crate::unit::Context;

const RULES: Retransmission = Retransmission {
    timeout: Span::from_s(1),
    limit: 4,
};

/// A unit that keeps what it has heard, and answers nothing.
#[derive(Default)]
struct Ear {
    links: Links,
    heard: Vec<u32>,
    silent: Vec<UnitId>,
    restarted: Vec<UnitId>,
}

/// Two of them and the packets between them; time goes on by the timers alone.
struct Line {
    ears: [Ear; 2],
    under_way: Vec<(usize, Message)>,
    due: [Option<Time>; 2],
    now: Time,
}

const NAMES: [UnitId; 2] = [gcu(1), gbu(2)];

impl Line {
    fn new() -> Self {
        Self {
            ears: Default::default(),
            under_way: Vec::new(),
            due: [None; 2],
            now: Time::ZERO,
        }
    }

    /// `who` handles `input`, and says `say` to the other.
    fn hand(&mut self, who: usize, input: Input<ArigatoniProtocol>, say: Option<u32>) {
        let mut effects = Vec::new();
        let streams = RandomStreams::new(1, 0);
        let context = &mut Context::new(self.now, NAMES[who], streams, &mut effects);
        let ear = &mut self.ears[who];
        ear.links
            .handle(input, RULES, context, |happening, context| {
                match happening {
                    Happening::Input(Input::Message {
                        message: Message::Release { request },
                        ..
                    }) => ear.heard.push(request.0),
                    Happening::Input(_) => {}
                    Happening::Silent(peer) => ear.silent.push(peer),
                    Happening::Restarted(peer) => ear.restarted.push(peer),
                }
                if let Some(number) = say {
                    let request = crate::discovery::RequestId(number);
                    context.send(NAMES[1 - who], Message::Release { request });
                }
            });
        for effect in effects {
            match effect {
                Effect::Send { to, message, .. } => {
                    assert_eq!(to, NAMES[1 - who]);
                    self.under_way.push((1 - who, message));
                }
                Effect::Arm { after, .. } => self.due[who] = Some(self.now + after),
                Effect::Disarm { .. } | Effect::Observation(_) => panic!("{effect:?}"),
            }
        }
    }

    fn deliver(&mut self, place: usize) {
        let (to, message) = self.under_way.remove(place);
        let from = NAMES[1 - to];
        self.hand(to, Input::Message { from, message }, None);
    }

    /// The timer of `who` is due.
    fn fire(&mut self, who: usize) {
        if let Some(due) = self.due[who].take() {
            self.now = self.now.max(due);
            self.hand(who, Input::Timer(Reminder::Retransmit), None);
        }
    }
}

/// Whatever is lost, doubled or overtaken: everything arrives, once and in order.
#[test]
fn what_is_said_arrives_once_and_in_order() {
    for world in 0..300 {
        let mut draws = RandomStreams::new(5, 0).stream(StreamId(241), world);
        let mut below = |n: usize| (draws.unit() * n as f64) as usize;
        let mut line = Line::new();
        let mut said = 0;
        for _ in 0..60 {
            match below(6) {
                0 | 1 => {
                    line.hand(0, Input::Start, Some(said));
                    said += 1;
                }
                2 if !line.under_way.is_empty() => {
                    let place = below(line.under_way.len());
                    line.deliver(place);
                }
                3 if !line.under_way.is_empty() => {
                    let place = below(line.under_way.len());
                    let again = line.under_way[place].clone();
                    line.under_way.push(again);
                }
                4 if !line.under_way.is_empty() => {
                    let place = below(line.under_way.len());
                    line.under_way.remove(place);
                }
                _ => {}
            }
        }
        while line.due[0].is_some() || !line.under_way.is_empty() {
            while !line.under_way.is_empty() {
                let place = below(line.under_way.len());
                line.deliver(place);
            }
            line.fire(0);
        }
        let all: Vec<u32> = (0..said).collect();
        assert_eq!(line.ears[1].heard, all, "{world}");
        assert!(line.ears[0].silent.is_empty());
    }
}

#[test]
fn a_peer_that_acknowledges_nothing_is_silent_after_so_many_times() {
    let mut line = Line::new();
    line.hand(0, Input::Start, Some(7));
    let mut sent = 0;
    while line.due[0].is_some() {
        sent += line.under_way.drain(..).count();
        line.fire(0);
    }
    assert_eq!((sent, &line.ears[0].silent[..]), (5, &[NAMES[1]][..]));
    assert_eq!(line.now, Time::ZERO + RULES.total());
    // What it says next has a numbering of its own.
    line.hand(0, Input::Start, Some(8));
    line.deliver(0);
    assert_eq!(line.ears[1].heard, [8]);
}

/// An acknowledgement of a packet before it was given up says nothing of the one that has its number now.
#[test]
fn an_acknowledgement_of_an_earlier_epoch_counts_for_nothing() {
    let mut line = Line::new();
    line.hand(0, Input::Start, Some(7));
    line.deliver(0);
    let late = line.under_way.pop().unwrap();
    while line.due[0].is_some() {
        line.under_way.clear();
        line.fire(0);
    }
    assert_eq!(line.ears[0].silent, [NAMES[1]]);
    line.hand(0, Input::Start, Some(8));
    line.under_way.clear();
    line.under_way.push(late);
    line.deliver(0);
    line.fire(0);
    line.deliver(0);
    assert_eq!(line.ears[1].heard, [7, 8], "it is sent again");
}

/// The peer has had a packet in its former life, and one in this that it holds back for the first.
#[test]
fn an_acknowledgement_of_a_former_life_counts_for_nothing() {
    let mut line = Line::new();
    for number in [5, 6] {
        line.hand(0, Input::Start, Some(number));
    }
    line.deliver(0);
    line.ears[1].links.restart();
    line.deliver(0);
    assert_eq!(line.ears[1].heard, [5], "the second one is early");
    // The later acknowledgement overtakes the earlier one.
    line.deliver(1);
    line.deliver(0);
    assert!(line.ears[0].restarted.is_empty());
    line.fire(0);
    line.deliver(0);
    assert_eq!(line.ears[1].heard, [5, 5, 6]);
}

/// What came early of a former life of the sender is not taken for what it says in this one.
#[test]
fn what_came_early_is_dropped_with_its_epoch() {
    let mut line = Line::new();
    for number in [1, 2] {
        line.hand(0, Input::Start, Some(number));
    }
    line.under_way.remove(0);
    line.deliver(0);
    line.ears[0].links.restart();
    line.under_way.clear();
    line.hand(0, Input::Start, Some(3));
    line.deliver(0);
    assert_eq!(line.ears[1].heard, [3]);
}

/// One that comes back does not know which numbers it has had.
#[test]
fn a_peer_that_comes_back_is_told_from_what_it_was() {
    let mut line = Line::new();
    for number in 0..3 {
        line.hand(0, Input::Start, Some(number));
        while !line.under_way.is_empty() {
            line.deliver(0);
        }
    }
    line.ears[1].links.restart();
    line.hand(0, Input::Start, Some(3));
    while !line.under_way.is_empty() {
        line.deliver(0);
    }
    assert_eq!(line.ears[1].heard, [0, 1, 2, 3]);
    assert_eq!(line.ears[0].restarted, [NAMES[1]]);
    // The other way round: its numbers begin anew, and are not those of before.
    line.hand(1, Input::Start, Some(9));
    line.ears[1].links.restart();
    let of_before = line.under_way.pop().unwrap();
    line.hand(1, Input::Start, Some(4));
    while !line.under_way.is_empty() {
        line.deliver(0);
    }
    line.under_way.push(of_before);
    line.deliver(0);
    assert_eq!(line.ears[0].heard, [4], "what is of before comes too late");
}

/// One that has forgotten the first declaration would take the second for the whole.
#[test]
fn what_is_declared_is_not_sent_anew_to_a_peer_that_comes_back() {
    let (mut links, mut effects) = (Links::default(), Vec::new());
    let mut handle = |input, say: Option<Message>| {
        let streams = RandomStreams::new(1, 0);
        let context = &mut Context::new(Time::ZERO, NAMES[0], streams, &mut effects);
        let mut told = false;
        links.handle(input, RULES, context, |happening, context| {
            told |= matches!(happening, Happening::Restarted(peer) if peer == NAMES[1]);
            if let Some(message) = say.clone() {
                context.send(NAMES[1], message);
            }
        });
        told
    };
    let acknowledged = |number, restarts| Input::Message {
        from: NAMES[1],
        message: Message::PacketAcknowledged {
            epoch: Epoch::default(),
            number,
            restarts,
        },
    };
    let offers = Offers::default();
    assert!(!handle(Input::Start, Some(Message::Register { offers })));
    let (added, removed) = (Offers::default(), Offers::default());
    let update = Message::Update { added, removed };
    assert!(!handle(Input::Start, Some(update)));
    assert!(!handle(Input::Start, Some(Message::Unregister)));
    assert!(!handle(acknowledged(1, 0), None));
    assert!(handle(acknowledged(0, 1), None));
    let sent = effects.into_iter().filter_map(|effect| match effect {
        Effect::Send {
            message: Message::Packet(packet),
            ..
        } => {
            let packet = packet.open();
            Some((packet.epoch.resets, packet.message))
        }
        _ => None,
    });
    let anew: Vec<Message> = sent
        .filter(|(resets, _)| *resets == 1)
        .map(|(_, message)| message)
        .collect();
    assert_eq!(anew, [Message::Unregister]);
}

#[test]
fn a_query_that_is_sent_again_leaves_less_time() {
    let query = question(1, 0);
    let kept = Kept {
        number: 0,
        message: Message::Query(query),
        sent: Time::from_ns(5),
        due: Time::ZERO,
        repeats: 1,
    };
    let Message::Query(later) = remaining(&kept, Time::from_ns(25)) else {
        panic!("it was one")
    };
    assert_eq!(later.request, REQUEST);
    assert_eq!(
        later.time_left,
        query.time_left.saturating_sub(Span::from_ns(20))
    );
}
