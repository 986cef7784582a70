//! What GCUs and GBUs say: closed enumerations.
//!
//! The codes below are part of every fingerprint: never renumber them, give a new kind a new one. On
//! the wire ([`crate::arigatoni::wire`]) a kind's code is its place in the enumeration, and fields come
//! in their order here: a new kind or field goes to the end.

mod reminder;

use serde::{Deserialize, Serialize};

use crate::arigatoni::election::{Notice, Term};
use crate::arigatoni::offers::Offers;
use crate::arigatoni::packet::{Epoch, Packet};
use crate::arigatoni::parcel::Parcel;
use crate::arigatoni::relayed::Relayed;
use crate::arigatoni::{sizes, wire};
use crate::discovery::{Command, Confirms, Descriptor, Observation, Providers, RequestId};
use crate::fingerprint::{Encode, Encoder};
use crate::time::Span;
use crate::unit::{Protocol, UnitId};

pub use reminder::Reminder;

/// The number under which a unit keeps a query that it has sent. The answer returns it; with the
/// request and the peer that was asked, it identifies the query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Ticket(pub u32);

/// A question for `wanted` instances: a request on its way, and each enquiry that it causes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Query {
    /// The request behind it.
    pub request: RequestId,
    /// What is asked for.
    pub demand: Descriptor,
    /// How many instances are wanted: by brokers all that are missing, of a GCU no more than it may give.
    pub wanted: u32,
    /// How long after its arrival the receiver may take to answer. The sender says how long it
    /// waits itself; whoever carries the message takes off the way there and back.
    pub time_left: Span,
    /// Brings the answer home.
    pub ticket: Ticket,
}

/// What has become of a query.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Answer {
    /// The request behind it.
    pub request: RequestId,
    /// The query's ticket.
    pub ticket: Ticket,
    /// Who has agreed, once for each instance; nobody, if it is refused.
    #[serde(deserialize_with = "wire::list::<UnitId, _, _>")]
    pub providers: Providers,
}

/// What units send each other.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Message {
    /// To a leader: make me a member; this is what I, or my colony, can serve (ascending).
    Register {
        /// What is offered.
        offers: Offers,
    },
    /// From the leader: you are a member.
    Registered,
    /// To the super-broker: my colony's summary has changed.
    Update {
        /// What it can serve now and could not before (ascending).
        added: Offers,
        /// What it could serve before and cannot now (ascending).
        removed: Offers,
    },
    /// To the leader: let me go.
    Unregister,
    /// From the leader: denied, because a query from you or to you is open.
    UnregisterDenied,
    /// From the leader: you are no longer a member.
    UnregisterAcknowledged,
    /// Who can serve?
    Query(Query),
    /// From a broker, if peers may crash: the query has arrived.
    QueryAcknowledged {
        /// The request behind it.
        request: RequestId,
        /// The query's ticket.
        ticket: Ticket,
    },
    /// These agree.
    Answer(Answer),
    /// To a provider: one instance is not needed for this request after all.
    Release {
        /// The request.
        request: RequestId,
    },
    /// From the requester to a provider, peer to peer: start to serve with one instance.
    Start {
        /// The request.
        request: RequestId,
    },
    /// Where packets get lost: a message with what its receiver needs to tell it from others.
    Packet(Parcel<Packet>),
    /// A packet has arrived.
    PacketAcknowledged {
        /// Its epoch.
        epoch: Epoch,
        /// Its number.
        number: u32,
        /// How often its receiver has been restarted.
        restarts: u32,
    },
    /// From a broker: you are not a member.
    NotMember,
    /// From a leader to a member, periodically: the leader is alive.
    Heartbeat {
        /// Its number, from 1.
        number: u32,
    },
    /// To the leader: a heartbeat has arrived.
    HeartbeatAcknowledged {
        /// Its number.
        number: u32,
    },
    /// To a broker that takes the sender for a member: I am none.
    Moved,
    /// To a broker, and up to its root: may this broker join the tree here?
    MayJoin {
        /// The broker that wants to.
        mover: UnitId,
        /// Its number for the question.
        ticket: u32,
    },
    /// From the root of the tree to the mover: it may.
    JoinGranted {
        /// Its number for the question.
        ticket: u32,
    },
    /// From a broker on the way to the mover: it may not.
    JoinRefused {
        /// Its number for the question.
        ticket: u32,
    },
    /// From a leader to a member: who the members are.
    Roster(Notice),
    /// From a candidate to the other members of a leader that has gone: vote for me.
    VoteWanted(Term),
    /// To the candidate: I do.
    Vote(Term),
    /// From the elected leader to the others, and to those that it stands for: join me, or tell me that you are
    /// back.
    Elected(Term),
    /// From a leader to a member, or to one that has been: you have taken more than you have given, and are no member any
    /// more.
    LoggedOut,
    /// To a linked broker: I am linked to you, and live.
    Linked,
    /// Through the friend of a tunnel: to the friend, whom it is for; from the friend, from whom it is.
    Tunnelled(Parcel<Relayed>),
    /// To a computer with a tunnel, in the name of the leader at its end: your friend is no member here, and so you are none.
    TunnelClosed,
    /// Behind a firewall: to a provider, by the way by which it was found.
    Onward(Parcel<Relayed>),
    /// To a broker, where the root is asked first: nobody was looked for, as the credential of the requester is not valid here.
    Distrusted {
        /// The request behind the query.
        request: RequestId,
        /// The query's ticket.
        ticket: Ticket,
    },
}

impl Message {
    /// Whether the message shows that its sender lives, and nothing else: no link carries it.
    pub(super) fn is_heartbeat(&self) -> bool {
        match self {
            Self::Tunnelled(relayed) => relayed.is_heartbeat(),
            message => matches!(
                message,
                Self::Heartbeat { .. } | Self::HeartbeatAcknowledged { .. }
            ),
        }
    }

    /// Whether the message is needed only for elections.
    pub(super) fn is_of_election(&self) -> bool {
        match self {
            Self::Packet(packet) => packet.is_of_election(),
            message => matches!(
                message,
                Self::Roster(_) | Self::VoteWanted(_) | Self::Vote(_) | Self::Elected(_)
            ),
        }
    }

    /// What the message confirms.
    pub(super) fn confirms(&self) -> Confirms {
        match self {
            Self::QueryAcknowledged { .. } => Confirms::Query,
            Self::PacketAcknowledged { .. } => Confirms::Message,
            Self::Packet(packet) => packet.confirms(),
            Self::Tunnelled(relayed) | Self::Onward(relayed) => relayed.confirms(),
            _ => Confirms::Nothing,
        }
    }

    /// The request to which the message is credited, if it is one of the messages that count:
    /// queries, answers, releases and start messages.
    #[inline]
    pub fn request(&self) -> Option<RequestId> {
        match self {
            Self::Query(query) => Some(query.request),
            Self::Answer(answer) => Some(answer.request),
            Self::Release { request }
            | Self::Start { request }
            | Self::Distrusted { request, .. } => Some(*request),
            Self::Packet(packet) => packet.request(),
            Self::Tunnelled(relayed) | Self::Onward(relayed) => relayed.request(),
            Self::Register { .. }
            | Self::Registered
            | Self::Update { .. }
            | Self::Unregister
            | Self::UnregisterDenied
            | Self::UnregisterAcknowledged
            | Self::QueryAcknowledged { .. }
            | Self::PacketAcknowledged { .. }
            | Self::NotMember
            | Self::Heartbeat { .. }
            | Self::HeartbeatAcknowledged { .. }
            | Self::Moved
            | Self::MayJoin { .. }
            | Self::JoinGranted { .. }
            | Self::JoinRefused { .. }
            | Self::Roster(_)
            | Self::VoteWanted(_)
            | Self::Vote(_)
            | Self::Elected(_)
            | Self::Linked
            | Self::TunnelClosed
            | Self::LoggedOut => None,
        }
    }
}

/// The Arigatoni protocols: resource discovery (RDP) and virtual intermittence (VIP).
#[derive(Debug)]
pub struct ArigatoniProtocol;

impl Protocol for ArigatoniProtocol {
    type Message = Message;
    type Timer = Reminder;
    type Command = Command;
    type Observation = Observation;

    #[inline]
    fn time_left(message: &mut Message) -> Option<&mut Span> {
        match message {
            Message::Query(query) => Some(&mut query.time_left),
            Message::Packet(packet) => packet.time_left(),
            Message::Tunnelled(relayed) => relayed.time_left(),
            _ => None,
        }
    }

    /// What only keeps the links is handled by the way.
    #[inline]
    fn takes_time(message: &Message) -> bool {
        !matches!(message, Message::PacketAcknowledged { .. })
    }

    const HAS_SIZES: bool = true;

    fn size(message: &Message) -> Option<u32> {
        Some(sizes::of(message))
    }
}

/// The code of a kind of message, and numbers.
#[inline]
fn numbers<const N: usize>(to: &mut Encoder, code: u8, first: u32, others: [u32; N]) {
    to.u8_u32(code, first);
    for number in others {
        to.u32(number);
    }
}

/// The code of a kind of message, and what it carries.
#[inline]
fn carried(to: &mut Encoder, code: u8, what: &impl Encode) {
    to.u8(code);
    what.encode(to);
}

impl Encode for Message {
    fn encode(&self, to: &mut Encoder) {
        match self {
            Self::Register { offers } => {
                to.u8(1);
                to.list(offers.iter().map(|offer| offer.0));
            }
            Self::Registered => to.u8(2),
            Self::Update { added, removed } => {
                to.u8(3);
                to.list(added.iter().map(|offer| offer.0));
                to.list(removed.iter().map(|offer| offer.0));
            }
            Self::Unregister => to.u8(4),
            Self::UnregisterDenied => to.u8(5),
            Self::UnregisterAcknowledged => to.u8(6),
            Self::Query(query) => {
                to.u8_u32(7, query.request.0);
                to.u32_u32(query.demand.0, query.wanted);
                to.u64(query.time_left.as_ns());
                to.u32(query.ticket.0);
            }
            Self::QueryAcknowledged { request, ticket } => numbers(to, 8, request.0, [ticket.0]),
            Self::Answer(answer) => {
                numbers(to, 9, answer.request.0, [answer.ticket.0]);
                let providers = answer.providers.iter();
                to.list(providers.map(|provider| provider.as_bits()));
            }
            Self::Release { request } => numbers(to, 10, request.0, []),
            Self::Start { request } => numbers(to, 11, request.0, []),
            Self::Packet(packet) => carried(to, 12, &**packet),
            Self::PacketAcknowledged {
                epoch,
                number,
                restarts,
            } => {
                carried(to, 13, epoch);
                to.u32(*number);
                to.u32(*restarts);
            }
            Self::NotMember => to.u8(14),
            Self::Heartbeat { number } => numbers(to, 15, *number, []),
            Self::HeartbeatAcknowledged { number } => numbers(to, 16, *number, []),
            Self::Moved => to.u8(17),
            Self::MayJoin { mover, ticket } => numbers(to, 18, mover.as_bits(), [*ticket]),
            Self::JoinGranted { ticket } => numbers(to, 19, *ticket, []),
            Self::JoinRefused { ticket } => numbers(to, 20, *ticket, []),
            Self::Roster(notice) => carried(to, 21, notice),
            Self::VoteWanted(term) => carried(to, 22, term),
            Self::Vote(term) => carried(to, 23, term),
            Self::Elected(term) => carried(to, 24, term),
            Self::Linked => to.u8(32),
            Self::LoggedOut => to.u8(40),
            Self::Tunnelled(relayed) => carried(to, 48, &**relayed),
            Self::TunnelClosed => to.u8(49),
            Self::Onward(relayed) => carried(to, 50, &**relayed),
            Self::Distrusted { request, ticket } => numbers(to, 51, request.0, [ticket.0]),
        }
    }
}
