//! Messages as bytes, for drivers that carry them between processes.
//!
//! The format is postcard's: a kind's code is its place in the enumeration, numbers are varints,
//! lists come after their lengths. It does *not* know who sends a message to whom; a datagram's
//! addresses say that.

use serde::{Deserialize, Deserializer};

use crate::arigatoni::message::Message;
use crate::error::{Error, Result};

/// The code of [`Message::Packet`]; its epoch and its number follow, then its message.
const PACKET: u32 = 11;
/// Those of [`Message::Tunnelled`] and [`Message::Onward`]; a unit follows, then the message.
const TUNNELLED: u32 = 26;
const ONWARD: u32 = 28;

/// The bytes of `message`.
///
/// # Panics
/// Never: every message can be written.
pub fn encode(message: &Message) -> Vec<u8> {
    postcard::to_allocvec(message).expect("numbers and lists can be written")
}

/// The message that `bytes` are.
///
/// # Errors
/// If they are none, or go on after it.
pub fn decode(bytes: &[u8]) -> Result<Message> {
    if nests(bytes) {
        return Err(Error::new(
            "these bytes are no message: a packet in a packet, or a relayed message in another",
        ));
    }
    let (message, rest) = postcard::take_from_bytes(bytes)
        .map_err(|problem| Error::new(format!("these bytes are no message: {problem}")))?;
    if rest.is_empty() {
        return Ok(message);
    }
    let (all, after) = (bytes.len(), rest.len());
    Err(Error::new(format!(
        "the message ends {after} bytes before the end of its {all} bytes"
    )))
}

/// A list, read by way of a `Vec`, which takes no more room than there are bytes, whatever length they claim.
pub(super) fn list<'de, T: Deserialize<'de>, L: FromIterator<T>, D: Deserializer<'de>>(
    from: D,
) -> std::result::Result<L, D::Error> {
    Ok(Vec::deserialize(from)?.into_iter().collect())
}

/// Whether what carries a message carries something else than it may: they would nest as deep as there are bytes. A packet
/// may carry all but a packet, a tunnel what goes back along a way, and that nothing of the kind.
fn nests(bytes: &[u8]) -> bool {
    type Packet = (u32, u32, u32, u32, bool);
    let kind = |bytes| postcard::take_from_bytes::<u32>(bytes).map_or(u32::MAX, |(kind, _)| kind);
    let mut inner = bytes;
    if kind(inner) == PACKET {
        inner = postcard::take_from_bytes::<Packet>(inner).map_or(&[][..], |it| it.1);
    }
    for relayed in [TUNNELLED, ONWARD] {
        if kind(inner) == relayed {
            inner = postcard::take_from_bytes::<(u32, u32)>(inner).map_or(&[][..], |it| it.1);
        }
    }
    [PACKET, TUNNELLED, ONWARD].contains(&kind(inner))
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::arigatoni::election::{Notice, Roster, Term};
    use crate::arigatoni::message::{Answer, Query, Ticket};
    use crate::arigatoni::offers::Offers;
    use crate::arigatoni::packet::{Epoch, Packet};
    use crate::arigatoni::parcel::Parcel;
    use crate::arigatoni::relayed::Relayed;
    use crate::discovery::{Descriptor, RequestId, gbu, gcu};
    use crate::time::Span;
    use crate::unit::UnitId;

    /// Any message, sensible or not. Small numbers are as likely as large ones.
    pub(in crate::arigatoni) fn any_message() -> impl Strategy<Value = Message> {
        let number = || prop_oneof![0_u32..12, any::<u32>()];
        let request = || number().prop_map(RequestId);
        let ticket = || number().prop_map(Ticket);
        let offers = || {
            vec(number().prop_map(Descriptor), 0..6)
                .prop_map(|offers| -> Offers { offers.into_iter().collect() })
        };
        let units = vec(number().prop_map(UnitId::from_bits), 0..7);
        let time_left = prop_oneof![0_u64..2_000_000_000, any::<u64>()].prop_map(Span::from_ns);
        let query = (request(), number(), number(), time_left, ticket()).prop_map(
            |(request, demand, wanted, time_left, ticket)| Query {
                request,
                demand: Descriptor(demand),
                wanted,
                time_left,
                ticket,
            },
        );
        let answer = (request(), ticket(), units).prop_map(|(request, ticket, units)| Answer {
            request,
            ticket,
            providers: units.into(),
        });
        let pair = || (number(), number());
        let epoch = || pair().prop_map(|(restarts, resets)| Epoch { restarts, resets });
        let plain = prop_oneof![
            offers().prop_map(|offers| Message::Register { offers }),
            Just(Message::Registered),
            (offers(), offers()).prop_map(|(added, removed)| Message::Update { added, removed }),
            Just(Message::Unregister),
            Just(Message::UnregisterDenied),
            Just(Message::UnregisterAcknowledged),
            query.prop_map(Message::Query),
            taken_or_not(request(), ticket()),
            answer.prop_map(Message::Answer),
            request().prop_map(|request| Message::Release { request }),
            request().prop_map(|request| Message::Start { request }),
            upkeep(number),
        ]
        .boxed();
        let plain = prop_oneof![6 => plain.clone(), 1 => relayed(number(), plain)].boxed();
        let packet = (epoch(), number(), any::<bool>(), plain.clone());
        let packet = packet.prop_map(|(epoch, number, again, message)| {
            Message::Packet(Parcel::from(Packet {
                epoch,
                number,
                again,
                message,
            }))
        });
        let acknowledged = (epoch(), number(), number()).prop_map(|(epoch, number, restarts)| {
            Message::PacketAcknowledged {
                epoch,
                number,
                restarts,
            }
        });
        prop_oneof![8 => plain, 1 => packet, 1 => acknowledged]
    }

    /// What a broker says of a query that it has taken in, or has not.
    fn taken_or_not(
        request: impl Strategy<Value = RequestId>,
        ticket: impl Strategy<Value = Ticket>,
    ) -> impl Strategy<Value = Message> {
        (request, ticket, any::<bool>()).prop_map(|(request, ticket, is_taken)| {
            if is_taken {
                Message::QueryAcknowledged { request, ticket }
            } else {
                Message::Distrusted { request, ticket }
            }
        })
    }

    /// Any of these messages, relayed in either way.
    fn relayed(
        number: impl Strategy<Value = u32>,
        plain: impl Strategy<Value = Message>,
    ) -> impl Strategy<Value = Message> {
        (number, any::<bool>(), plain).prop_map(|(peer, is_onward, message)| {
            let peer = UnitId::from_bits(peer);
            let parcel = Parcel::from(Relayed { peer, message });
            if is_onward {
                Message::Onward(parcel)
            } else {
                Message::Tunnelled(parcel)
            }
        })
    }

    /// Any message of those who look after each other, or move, or are sent away.
    fn upkeep<S: Strategy<Value = u32>>(number: impl Fn() -> S) -> impl Strategy<Value = Message> {
        prop_oneof![
            Just(Message::NotMember),
            number().prop_map(|number| Message::Heartbeat { number }),
            number().prop_map(|number| Message::HeartbeatAcknowledged { number }),
            Just(Message::Moved),
            Just(Message::LoggedOut),
            prop_oneof![Just(Message::Linked), Just(Message::TunnelClosed)],
            (number(), number()).prop_map(|(mover, ticket)| Message::MayJoin {
                mover: UnitId::from_bits(mover),
                ticket,
            }),
            number().prop_map(|ticket| Message::JoinGranted { ticket }),
            number().prop_map(|ticket| Message::JoinRefused { ticket }),
            election(number()),
        ]
    }

    /// Any message of an election.
    fn election(number: impl Strategy<Value = u32>) -> impl Strategy<Value = Message> {
        (vec(number, 5..12), 0..4).prop_map(|(numbers, kind)| {
            let mut units = numbers.iter().copied().map(UnitId::from_bits);
            let (leader, above) = (UnitId::from_bits(numbers[0]), units.next());
            let term = Term {
                leader,
                roster: numbers[1],
                round: numbers[2],
            };
            match kind {
                0 => Message::VoteWanted(term),
                1 => Message::Vote(term),
                2 => Message::Elected(term),
                _ => Message::Roster(Notice::from(Roster {
                    number: numbers[3],
                    above,
                    former: units.by_ref().take(2).collect(),
                    members: units.collect(),
                })),
            }
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn what_is_written_is_read(message in any_message()) {
            let mut bytes = encode(&message);
            prop_assert_eq!(decode(&bytes).unwrap(), message);
            bytes.push(0);
            prop_assert!(decode(&bytes).is_err(), "there is more");
            bytes.truncate(bytes.len() - 2);
            prop_assert!(decode(&bytes).is_err(), "there is less");
        }

        #[test]
        fn any_bytes_are_a_message_or_an_error(
            kind in 0_u8..29,
            rest in vec(prop_oneof![Just(0xFF_u8), 0..8_u8, any::<u8>()], 0..40),
        ) {
            let bytes = [&[kind][..], &rest].concat();
            if let Ok(message) = decode(&bytes) {
                prop_assert_eq!(decode(&encode(&message)).unwrap(), message);
            }
        }
    }

    /// The codes on the wire, kind by kind: a change of one is a change of the protocol.
    #[test]
    fn codes_are_fixed() {
        let (request, ticket) = (RequestId(300), Ticket(5));
        let offers = |list: &[u32]| list.iter().copied().map(Descriptor).collect();
        let query = Query {
            request,
            demand: Descriptor(7),
            wanted: 2,
            time_left: Span::from_ns(1_000),
            ticket,
        };
        let answer = Answer {
            request,
            ticket,
            providers: [gcu(1), gbu(0)].as_slice().into(),
        };
        let (added, removed) = (offers(&[4]), offers(&[]));
        for (message, bytes) in [
            (
                Message::Register {
                    offers: offers(&[1, 200]),
                },
                &[0, 2, 1, 200, 1][..],
            ),
            (Message::Registered, &[1]),
            (Message::Update { added, removed }, &[2, 1, 4, 0]),
            (Message::Unregister, &[3]),
            (Message::UnregisterDenied, &[4]),
            (Message::UnregisterAcknowledged, &[5]),
            (Message::Query(query), &[6, 172, 2, 7, 2, 232, 7, 5]),
            (
                Message::QueryAcknowledged { request, ticket },
                &[7, 172, 2, 5],
            ),
            (
                Message::Answer(answer),
                &[8, 172, 2, 5, 2, 1, 128, 128, 128, 128, 4],
            ),
            (Message::Heartbeat { number: 300 }, &[14, 172, 2]),
            (Message::HeartbeatAcknowledged { number: 3 }, &[15, 3]),
            (Message::Moved, &[16]),
            (Message::LoggedOut, &[24]),
            (Message::Linked, &[25]),
            (
                Message::MayJoin {
                    mover: gcu(7),
                    ticket: 5,
                },
                &[17, 7, 5],
            ),
            (Message::JoinGranted { ticket: 5 }, &[18, 5]),
            (Message::JoinRefused { ticket: 5 }, &[19, 5]),
            (Message::Release { request }, &[9, 172, 2]),
            (Message::Start { request }, &[10, 172, 2]),
        ] {
            assert_eq!(encode(&message), bytes, "{message:?}");
        }
    }

    #[test]
    fn codes_of_detours_are_fixed() {
        let (peer, message) = (gcu(7), Message::Registered);
        let relayed = Relayed { peer, message };
        let (request, ticket) = (RequestId(300), Ticket(4));
        for (message, bytes) in [
            (Message::Tunnelled(relayed.clone().into()), &[26, 7, 1][..]),
            (Message::TunnelClosed, &[27]),
            (Message::Onward(relayed.into()), &[28, 7, 1]),
            (Message::Distrusted { request, ticket }, &[29, 172, 2, 4]),
        ] {
            assert_eq!(encode(&message), bytes, "{message:?}");
        }
    }

    #[test]
    fn nothing_nests() {
        // A packet is 11 with five numbers before its message, a relayed message 26 or 28 with one.
        for bytes in [
            &[11, 0, 0, 0, 0, 11, 0, 0, 0, 0, 1][..],
            &[28, 0, 26, 0, 1],
            &[26, 0, 28, 0, 26, 0, 1],
            &[28, 0, 11, 0, 0, 0, 0, 1],
            &[11, 0, 0, 0, 0, 26, 0, 26, 0, 1],
        ] {
            assert!(decode(bytes).is_err(), "{bytes:?}");
        }
        assert!(decode(&[11, 0, 0, 0, 0, 26, 0, 28, 0, 1]).is_ok());
    }

    #[test]
    fn codes_of_elections_are_fixed() {
        let term = Term {
            leader: gbu(0),
            roster: 7,
            round: 2,
        };
        let roster = Roster {
            number: 7,
            above: None,
            former: vec![gcu(3)],
            members: vec![gcu(1), gcu(2)],
        };
        for (message, bytes) in [
            (
                Message::Roster(roster.into()),
                &[20, 7, 0, 1, 3, 2, 1, 2][..],
            ),
            (
                Message::VoteWanted(term),
                &[21, 128, 128, 128, 128, 4, 7, 2],
            ),
            (Message::Vote(term), &[22, 128, 128, 128, 128, 4, 7, 2]),
            (Message::Elected(term), &[23, 128, 128, 128, 128, 4, 7, 2]),
        ] {
            assert_eq!(encode(&message), bytes, "{message:?}");
        }
    }
}
