//! How many bytes messages take on the wire, besides the headers of their packet.
//!
//! The table stands in `docs/load.md` as well. It does *not* know how messages are written: see [`super::wire`].

use super::message::Message;
use super::offers::Offers;

/// What kind of message it is.
const KIND: u32 = 1;
/// A unit, a request, a descriptor, a ticket, a count.
const NUMBER: u32 = 4;
/// A length of time.
const TIME: u32 = 8;
/// Yes or no.
const FLAG: u32 = 1;
/// How long a list is.
const LENGTH: u32 = 4;

/// The size of `message`.
pub(super) fn of(message: &Message) -> u32 {
    let content = match message {
        Message::Registered
        | Message::Unregister
        | Message::UnregisterDenied
        | Message::UnregisterAcknowledged
        | Message::NotMember
        | Message::Moved
        | Message::LoggedOut
        | Message::Linked
        | Message::TunnelClosed => 0,
        Message::Register { offers } => list(offers),
        Message::Update { added, removed } => list(added) + list(removed),
        // The request, what is asked for, how many, the ticket, and the time that is left.
        Message::Query(_) => 4 * NUMBER + TIME,
        Message::Answer(answer) => 2 * NUMBER + numbers(answer.providers.len()),
        Message::Release { .. }
        | Message::Start { .. }
        | Message::Heartbeat { .. }
        | Message::HeartbeatAcknowledged { .. }
        | Message::JoinGranted { .. }
        | Message::JoinRefused { .. } => NUMBER,
        Message::QueryAcknowledged { .. }
        | Message::Distrusted { .. }
        | Message::MayJoin { .. } => 2 * NUMBER,
        // The epoch, the number, whether it is sent again, and what it carries.
        Message::Packet(packet) => 3 * NUMBER + FLAG + carried(&packet.message),
        Message::PacketAcknowledged { .. } => 4 * NUMBER,
        // Who is at the other end, and what it carries.
        Message::Tunnelled(relayed) | Message::Onward(relayed) => {
            NUMBER + carried(&relayed.message)
        }
        Message::Roster(roster) => {
            2 * NUMBER + numbers(roster.former.len()) + numbers(roster.members.len())
        }
        Message::VoteWanted(_) | Message::Vote(_) | Message::Elected(_) => 3 * NUMBER,
    };
    KIND + content
}

/// The size of what a packet or a relayed message carries. Out of line, so that the same question of a message is not recursive.
#[cold]
fn carried(message: &Message) -> u32 {
    of(message)
}

fn list(offers: &Offers) -> u32 {
    numbers(offers.iter().count())
}

fn numbers(count: usize) -> u32 {
    LENGTH + NUMBER * count as u32
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::strategy::{Strategy as _, ValueTree as _};
    use proptest::test_runner::TestRunner;
    use serde_json::Value;

    use super::*;
    use crate::arigatoni::message::Answer;
    use crate::arigatoni::packet::{Epoch, Packet};
    use crate::arigatoni::relayed::Relayed;
    use crate::arigatoni::tests::{REQUEST, question};
    use crate::arigatoni::wire::tests::any_message;
    use crate::discovery::{Descriptor, Providers, gcu};

    #[test]
    fn a_message_takes_what_it_says() {
        let query = question(1, 0);
        let answer = |count| {
            let providers: Providers = (0..count).map(gcu).collect();
            let (request, ticket) = (REQUEST, query.ticket);
            Message::Answer(Answer {
                request,
                ticket,
                providers,
            })
        };
        let offers: Offers = (0..3).map(Descriptor).collect();
        let carried = |message| {
            let (epoch, number, again) = (Epoch::default(), 0, false);
            Message::Packet(
                Packet {
                    epoch,
                    number,
                    again,
                    message,
                }
                .into(),
            )
        };
        let relayed = |message| {
            let peer = gcu(1);
            Message::Tunnelled(Relayed { peer, message }.into())
        };
        for (message, bytes) in [
            (Message::Registered, 1),
            (Message::Query(query), 25),
            (answer(0), 13),
            (answer(2), 21),
            (Message::Register { offers }, 17),
            (Message::Start { request: REQUEST }, 5),
            (
                Message::Distrusted {
                    request: REQUEST,
                    ticket: query.ticket,
                },
                9,
            ),
            (carried(Message::Registered), 15),
            (carried(Message::Query(query)), 39),
            (relayed(Message::Query(query)), 30),
        ] {
            assert_eq!(of(&message), bytes, "{message:?}");
        }
    }

    /// What the table in `docs/load.md` says of a kind: bytes, whether 4 more for each item, whether what it carries.
    type Said = (u32, bool, bool);

    fn documented() -> BTreeMap<String, Said> {
        let page = include_str!("../../docs/load.md");
        let rows = page.split_once("| message | bytes |").unwrap().1;
        let rows = rows.lines().skip(2).take_while(|row| row.starts_with('|'));
        let said = rows.flat_map(|row| {
            let (names, bytes) = row.trim_matches(['|', ' ']).split_once(" | ").unwrap();
            let fixed = bytes.split(' ').next().unwrap().parse().unwrap();
            let said = (
                fixed,
                bytes.contains("4 × "),
                bytes.contains("the message in it"),
            );
            let names = names
                .split(", ")
                .map(|name| name.trim_matches('`').to_owned());
            names.map(move |name| (name, said)).collect::<Vec<_>>()
        });
        said.collect()
    }

    /// The kind of a message as it is written, and what it says.
    fn kind(message: &Value) -> (&str, &Value) {
        match message {
            Value::String(kind) => (kind, &Value::Null),
            message => {
                let (kind, content) = message.as_object().unwrap().iter().next().unwrap();
                (kind, content)
            }
        }
    }

    fn by_the_page(message: &Value, page: &BTreeMap<String, Said>) -> u32 {
        let (kind, content) = kind(message);
        let (fixed, lists, carries) = page[kind];
        let items = content.as_object().into_iter().flat_map(|all| all.values());
        let items: usize = items.filter_map(|it| Some(it.as_array()?.len())).sum();
        assert!(items == 0 || lists, "{message}");
        let carried = carries.then(|| by_the_page(&content["message"], page));
        fixed + 4 * items as u32 + carried.unwrap_or(0)
    }

    /// The page has a row for each kind of message, and no other.
    #[test]
    fn the_page_says_how_large_messages_are() {
        let page = documented();
        let mut kinds = BTreeSet::new();
        let mut runner = TestRunner::deterministic();
        let any = any_message();
        for _ in 0..3000 {
            let message = any.new_tree(&mut runner).unwrap().current();
            let written = serde_json::to_value(&message).unwrap();
            assert_eq!(of(&message), by_the_page(&written, &page), "{message:?}");
            kinds.insert(kind(&written).0.to_owned());
        }
        assert!(kinds.iter().eq(page.keys()), "{kinds:?} {page:?}");
    }
}
