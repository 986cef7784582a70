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
    use super::*;
    use crate::arigatoni::message::Answer;
    use crate::arigatoni::packet::{Epoch, Packet};
    use crate::arigatoni::relayed::Relayed;
    use crate::arigatoni::tests::{REQUEST, question};
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
}
