//! Units: simulated actors, sans-IO.
//!
//! A unit gets an [`Input`] and emits [`Effect`]s. It decides; it never sees the event queue, the
//! network, metrics, files, or a clock other than [`Context::now`]. A driver turns effects into events;
//! another driver could run the same unit on real sockets. This module does *not* know any protocol,
//! nor what a driver does with effects.

mod id;

use serde::Serialize;

pub use id::{ByKind, UnitId};

use crate::fingerprint::{Encode, Encoder};
use crate::random::RandomStreams;
use crate::time::{Span, Time};

/// Whether an input gives way to others at the same instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Messages and timers.
    Ordinary,
    /// Deadline timers: an answer that arrives at the very deadline still counts.
    Deadline,
}

/// What the units of one system say to each other, to themselves and to an observer.
///
/// It is encoded for fingerprints, and serialised for traces and for the wire.
pub trait Protocol: Sized {
    /// What units send each other: a closed enumeration.
    type Message: Content;
    /// What a unit can be reminded of.
    type Timer: Timer;
    /// What the world asks of a unit: the workload.
    type Command: Encode + Serialize + std::fmt::Debug;
    /// What a unit reports, for metrics.
    type Observation: std::fmt::Debug;

    /// The time that `message` leaves its receiver to answer in, if it says so.
    ///
    /// Units have no clock in common, so such a time counts from the arrival. Its sender says how
    /// long it will wait from now on; the driver, which alone knows the way (exactly in a
    /// simulation, by an estimate on sockets), takes off the way there and back.
    #[inline]
    fn time_left(message: &mut Self::Message) -> Option<&mut Span> {
        let _ = message;
        None
    }

    /// Whether `message` takes the time of its receiver where units take time over messages, and a place in the queue. What
    /// takes none is handled as it comes.
    #[inline]
    fn takes_time(message: &Self::Message) -> bool {
        let _ = message;
        true
    }

    /// Whether the [size](Self::size) of messages is known. Only then links can have a bandwidth.
    const HAS_SIZES: bool = false;

    /// How many bytes `message` takes on the wire besides the headers of its packet, if that is known.
    fn size(message: &Self::Message) -> Option<u32> {
        let _ = message;
        None
    }
}

/// What a message can be.
pub trait Content: Encode + Serialize + Clone + std::fmt::Debug + Send {}

impl<M: Encode + Serialize + Clone + std::fmt::Debug + Send> Content for M {}

/// A reminder that a unit sets for itself. Arming it again replaces it.
pub trait Timer: Copy + Encode + Serialize + std::fmt::Debug + Send {
    /// A small number that tells apart the timers which one unit has armed at the same time:
    /// a driver keeps an array of this length for each unit.
    fn slot(self) -> u32;

    /// Whether it gives way to messages that arrive at the same instant.
    fn class(self) -> Class {
        Class::Ordinary
    }
}

/// No timer, command or note: for units that have none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub enum Never {}

impl Timer for Never {
    fn slot(self) -> u32 {
        match self {}
    }
}

impl Encode for Never {
    fn encode(&self, _: &mut Encoder) {
        match *self {}
    }
}

/// What a unit is told.
#[derive(Debug)]
pub enum Input<P: Protocol> {
    /// The unit comes back to life and may introduce itself. At the beginning of a run a unit is told
    /// only what the first stage says.
    Start,
    /// The world asks something of it.
    Command(P::Command),
    /// A message has arrived.
    Message {
        /// The sender.
        from: UnitId,
        /// What it says.
        message: P::Message,
    },
    /// A timer that it armed is due.
    Timer(P::Timer),
}

/// What a unit wants done.
#[derive(Debug)]
pub enum Effect<P: Protocol> {
    /// Send a message.
    Send {
        /// To whom.
        to: UnitId,
        /// What it says.
        message: P::Message,
        /// How long the unit holds it back first: what it takes to write it, say.
        after: Span,
    },
    /// Be reminded `after` a span, instead of at any earlier setting of the same timer.
    Arm {
        /// Of what.
        timer: P::Timer,
        /// When, from now.
        after: Span,
    },
    /// Do not be reminded after all.
    Disarm {
        /// Of what.
        timer: P::Timer,
    },
    /// Tell the observer.
    Observation(P::Observation),
}

/// A simulated actor of the protocol `P`.
pub trait Unit<P: Protocol> {
    /// Takes an input and says through `context` what is to be done.
    fn handle(&mut self, input: Input<P>, context: &mut Context<'_, P>);
}

/// What a unit may see and say while it handles one input.
#[derive(Debug)]
pub struct Context<'a, P: Protocol> {
    now: Time,
    me: UnitId,
    streams: RandomStreams,
    effects: &'a mut Vec<Effect<P>>,
}

impl<'a, P: Protocol> Context<'a, P> {
    /// The context for `me` at `now`; what it says is appended to `effects`.
    #[inline]
    pub fn new(
        now: Time,
        me: UnitId,
        streams: RandomStreams,
        effects: &'a mut Vec<Effect<P>>,
    ) -> Self {
        Self {
            now,
            me,
            streams,
            effects,
        }
    }

    /// The present instant.
    #[inline]
    pub fn now(&self) -> Time {
        self.now
    }

    /// The unit itself.
    #[inline]
    pub fn me(&self) -> UnitId {
        self.me
    }

    /// Randomness, by key.
    #[inline]
    pub fn streams(&self) -> RandomStreams {
        self.streams
    }

    /// Sends `message` to `to`.
    #[inline]
    pub fn send(&mut self, to: UnitId, message: P::Message) {
        self.send_after(Span::ZERO, to, message);
    }

    /// Sends `message` to `to` after holding it back for a span.
    #[inline]
    pub fn send_after(&mut self, after: Span, to: UnitId, message: P::Message) {
        self.effects.push(Effect::Send { to, message, after });
    }

    /// Sets `timer` to be due `after` a span from now, replacing an earlier setting.
    #[inline]
    pub fn arm(&mut self, timer: P::Timer, after: Span) {
        self.effects.push(Effect::Arm { timer, after });
    }

    /// Unsets `timer`.
    #[inline]
    pub fn disarm(&mut self, timer: P::Timer) {
        self.effects.push(Effect::Disarm { timer });
    }

    /// How much has been said so far.
    #[inline]
    pub(crate) fn said(&self) -> usize {
        self.effects.len()
    }

    /// Changes what has been said since [`Self::said`] was `begun`, and keeps what `change` says.
    pub(crate) fn revise(&mut self, begun: usize, mut change: impl FnMut(&mut Effect<P>) -> bool) {
        let mut kept = begun;
        for place in begun..self.effects.len() {
            if change(&mut self.effects[place]) {
                self.effects.swap(kept, place);
                kept += 1;
            }
        }
        self.effects.truncate(kept);
    }

    /// Tells the observer.
    #[inline]
    pub fn emit(&mut self, observation: P::Observation) {
        self.effects.push(Effect::Observation(observation));
    }
}

impl<P: Protocol> Encode for Input<P> {
    #[inline]
    fn encode(&self, to: &mut Encoder) {
        match self {
            Self::Start => to.u8(1),
            Self::Command(command) => {
                to.u8(2);
                command.encode(to);
            }
            Self::Message { from, message } => {
                to.u8_u32(3, from.as_bits());
                message.encode(to);
            }
            Self::Timer(timer) => {
                to.u8(4);
                timer.encode(to);
            }
        }
    }
}
