//! What the computers of all rivals say to each other: the enquiry of a provider, and around it whatever
//! a mechanism says in order to find one.
//!
//! The codes below are part of every fingerprint: never renumber them, give a new kind a new one; a
//! mechanism's own kinds begin at [`OWN`]. This module does *not* know any mechanism.

use std::marker::PhantomData;

use serde::Serialize;

use crate::discovery::{self, Command, Descriptor, Observation, RequestId, ServiceTimer};
use crate::fingerprint::{Encode, Encoder};
use crate::time::Time;
use crate::unit::{Class, Content, Protocol, Timer};

/// The first code of a mechanism's own messages.
pub const OWN: u8 = 16;

/// What one mechanism says in order to find providers.
pub trait Said: Content + 'static {
    /// The request to which it is credited; `None`: it is upkeep.
    fn request(&self) -> Option<RequestId>;

    /// The edges of the overlay that a request had crossed when the sender of this message could name the
    /// providers to the requester.
    fn hops(&self) -> Option<u32> {
        None
    }

    /// Whether it is sent once even where packets get lost, and who sends it lives with that.
    fn is_sent_once(&self) -> bool;

    /// Whether it brings a request to a unit: to a broker, which has one more to handle, or to a computer
    /// that may serve it.
    fn is_query(&self) -> bool {
        false
    }

    /// Whether it tells that what a computer offers has changed.
    fn is_update(&self) -> bool {
        false
    }
}

/// What units send each other.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Message<S> {
    /// From a requester to a computer that it has found: do you serve this?
    Enquiry {
        /// The request.
        request: RequestId,
        /// What is asked for.
        demand: Descriptor,
        /// How many instances it may give.
        wanted: u32,
    },
    /// To the requester: whether it agrees.
    Answer {
        /// The request.
        request: RequestId,
        /// For how many instances a slot is held.
        instances: u32,
    },
    /// To the requester from a computer that its query has reached: it agrees.
    Offer {
        /// The request.
        request: RequestId,
        /// For how many instances a slot is held.
        instances: u32,
        /// The edges that the query had crossed.
        hops: u32,
    },
    /// From a requester to a provider: one instance is not needed after all.
    Release {
        /// The request.
        request: RequestId,
    },
    /// From a requester to a provider: start to serve one instance.
    Start {
        /// The request.
        request: RequestId,
    },
    /// Where packets get lost: a message that is sent again until it is received.
    Letter(Box<Letter<S>>),
    /// To its sender: it is.
    Received {
        /// When the sender's numbers began.
        begun: Time,
        /// The letter's number.
        number: u32,
        /// The request to which the letter is credited.
        request: Option<RequestId>,
    },
    /// What the mechanism says.
    #[serde(untagged)]
    Own(S),
}

/// A message that is kept until its receiver has acknowledged it.
#[derive(Debug, Clone, Serialize)]
pub struct Letter<S> {
    /// When the sender's numbers began.
    pub(super) begun: Time,
    /// Its number among those to this receiver.
    pub(super) number: u32,
    /// Whether it has been sent before.
    pub(super) again: bool,
    /// What it says.
    pub(super) message: Message<S>,
}

impl<S: Said> Message<S> {
    /// The request to which the message is credited; `None`: it is upkeep.
    #[inline]
    pub fn request(&self) -> Option<RequestId> {
        match self {
            Self::Enquiry { request, .. }
            | Self::Answer { request, .. }
            | Self::Offer { request, .. }
            | Self::Release { request }
            | Self::Start { request } => Some(*request),
            Self::Letter(letter) => letter.message.request(),
            Self::Received { request, .. } => *request,
            Self::Own(said) => said.request(),
        }
    }

    /// Whether it brings a request to a unit; one that is in a letter does when it is opened.
    #[inline]
    pub(super) fn is_query(&self) -> bool {
        match self {
            Self::Enquiry { .. } => true,
            Self::Own(said) => said.is_query(),
            _ => false,
        }
    }

    /// Whether it is a query on its way through the overlay.
    #[inline]
    pub(super) fn is_search(&self) -> bool {
        match self {
            Self::Own(said) => said.is_query(),
            Self::Letter(letter) => letter.message.is_search(),
            _ => false,
        }
    }

    /// Whether it tells, for the first time, that what a computer offers has changed.
    pub(super) fn is_update(&self) -> bool {
        match self {
            Self::Own(said) => said.is_update(),
            Self::Letter(letter) => !letter.again && letter.message.is_update(),
            _ => false,
        }
    }

    /// Whether it is sent once even where packets get lost.
    pub(super) fn is_sent_once(&self) -> bool {
        match self {
            Self::Letter(_) | Self::Received { .. } => true,
            Self::Own(said) => said.is_sent_once(),
            _ => false,
        }
    }

    /// The edges that a request had crossed until an answer could be given; see [`Said::hops`].
    #[inline]
    pub(super) fn hops(&self) -> Option<u32> {
        match self {
            Self::Offer { hops, .. } => Some(*hops),
            Self::Own(said) => said.hops(),
            Self::Letter(letter) => letter.message.hops(),
            _ => None,
        }
    }
}

/// The timers of a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reminder {
    /// An open request must end now.
    Deadline {
        /// Where the requester keeps it.
        slot: u32,
    },
    /// A computer that was asked whether it serves has been silent for too long.
    AnswerTimeout {
        /// Where the requester keeps the enquiry.
        slot: u32,
    },
    /// A service has been rendered.
    Served {
        /// Where the provider keeps the agreement.
        slot: u32,
    },
    /// Whom the mechanism has sent something has been silent for too long.
    StepTimeout {
        /// Where the mechanism keeps what it has sent.
        slot: u32,
    },
    /// A letter is not acknowledged yet.
    SendAgain {
        /// Where its sender keeps it.
        slot: u32,
    },
    /// What a computer does again and again is due.
    Round {
        /// The number of what it does.
        slot: u32,
    },
}

impl ServiceTimer for Reminder {
    fn served(slot: u32) -> Self {
        Self::Served { slot }
    }
}

impl Timer for Reminder {
    fn slot(self) -> u32 {
        // The slots of each kind interleave, so that the numbers stay small.
        match self {
            Self::Deadline { slot } => 6 * slot,
            Self::AnswerTimeout { slot } => 1 + 6 * slot,
            Self::Served { slot } => 2 + 6 * slot,
            Self::StepTimeout { slot } => 3 + 6 * slot,
            Self::SendAgain { slot } => 4 + 6 * slot,
            Self::Round { slot } => 5 + 6 * slot,
        }
    }

    fn class(self) -> Class {
        match self {
            Self::Deadline { .. } => Class::Deadline,
            Self::AnswerTimeout { .. }
            | Self::Served { .. }
            | Self::StepTimeout { .. }
            | Self::SendAgain { .. }
            | Self::Round { .. } => Class::Ordinary,
        }
    }
}

/// The protocol of a mechanism that says `S`.
#[derive(Debug)]
pub struct RivalProtocol<S>(PhantomData<S>);

impl<S: Said> Protocol for RivalProtocol<S> {
    type Message = Message<S>;
    type Timer = Reminder;
    type Command = Command;
    type Observation = Observation;

    /// What only keeps letters from being sent again is handled by the way.
    #[inline]
    fn takes_time(message: &Message<S>) -> bool {
        !matches!(message, Message::Received { .. })
    }
}

/// A number of instances, if it is above 1: the codes of messages tell the others.
fn more_than_one(instances: u32, to: &mut Encoder) {
    if instances > 1 {
        to.u32(instances);
    }
}

impl<S: Said> Encode for Message<S> {
    fn encode(&self, to: &mut Encoder) {
        match self {
            Self::Enquiry {
                request,
                demand,
                wanted,
            } => {
                to.u8(if *wanted == 1 { 1 } else { 8 });
                to.u32(request.0);
                to.u32(demand.0);
                more_than_one(*wanted, to);
            }
            Self::Answer { request, instances } => {
                to.u8(if *instances <= 1 { 2 } else { 9 });
                to.u32(request.0);
                to.u8(u8::from(*instances > 0));
                more_than_one(*instances, to);
            }
            Self::Offer {
                request,
                instances,
                hops,
            } => {
                to.u8(if *instances == 1 { 3 } else { 10 });
                to.u32(request.0);
                to.u32(*hops);
                more_than_one(*instances, to);
            }
            Self::Release { request } => {
                to.u8(4);
                to.u32(request.0);
            }
            Self::Start { request } => {
                to.u8(5);
                to.u32(request.0);
            }
            Self::Letter(letter) => {
                to.u8(6);
                to.u64(letter.begun.as_ns());
                to.u32(letter.number);
                letter.message.encode(to);
            }
            Self::Received { begun, number, .. } => {
                to.u8(7);
                to.u64(begun.as_ns());
                to.u32(*number);
            }
            Self::Own(said) => said.encode(to),
        }
    }
}

impl Encode for Reminder {
    fn encode(&self, to: &mut Encoder) {
        let (code, slot) = match self {
            Self::Deadline { slot } => (1, slot),
            Self::AnswerTimeout { slot } => (2, slot),
            Self::Served { slot } => (3, slot),
            Self::StepTimeout { slot } => (4, slot),
            Self::SendAgain { slot } => (5, slot),
            Self::Round { slot } => (6, slot),
        };
        to.u8(code);
        to.u32(*slot);
    }
}

/// What a unit may see and say.
pub type Context<'a, S> = crate::unit::Context<'a, RivalProtocol<S>>;

/// What a computer asks for: a request's number, its demand, and how many instances.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// The request.
    pub request: RequestId,
    /// What is asked for.
    pub demand: Descriptor,
    /// How many instances.
    pub instances: u32,
}

/// A request has ended without providers.
pub(super) fn end<S: Said>(
    request: RequestId,
    outcome: discovery::RequestOutcome,
    context: &mut Context<'_, S>,
) {
    context.emit(Observation::Ended {
        request,
        outcome,
        providers: discovery::Providers::new(),
    });
}
