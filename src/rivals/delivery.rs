//! Delivery where the network loses or doubles packets: what must arrive is sent again until it is
//! acknowledged, and taken in once.
//!
//! Queries on their way through an overlay travel without (see [`Said::is_sent_once`]): their protocols
//! live with losses, or do not. A packet that nobody acknowledges is given up in the end. This module does
//! *not* know what messages mean, and it does not put them in order.

use std::collections::{BTreeMap, BTreeSet};

use super::message::{Context, Letter, Message, Reminder, RivalProtocol, Said};
use crate::discovery::Observation;
use crate::slab::Slab;
use crate::time::{Span, Time};
use crate::unit::{Effect, Input, UnitId};

/// How many times a packet is sent before its receiver counts as silent.
const TRIES: u32 = 8;

/// What one unit keeps of what it has said and heard.
#[derive(Debug)]
pub(super) struct Delivery<S> {
    /// When its numbers began: with its life.
    begun: Option<Time>,
    kept: Slab<Kept<S>>,
    peers: BTreeMap<UnitId, Peer>,
}

impl<S> Default for Delivery<S> {
    fn default() -> Self {
        Self {
            begun: None,
            kept: Slab::default(),
            peers: BTreeMap::new(),
        }
    }
}

/// A packet whose acknowledgement is missing.
#[derive(Debug)]
struct Kept<S> {
    to: UnitId,
    number: u32,
    message: Message<S>,
    tries: u32,
}

/// What is known of a peer.
#[derive(Debug, Default)]
struct Peer {
    /// The number of the next packet to it.
    next: u32,
    /// When its numbers began.
    begun: Time,
    /// All its packets below this number have come.
    below: u32,
    /// Those of the others that have come.
    above: BTreeSet<u32>,
}

impl Peer {
    /// A packet comes; whether it is the first of its number in the life of the peer.
    fn take(&mut self, begun: Time, number: u32) -> bool {
        if begun > self.begun {
            (self.begun, self.below) = (begun, 0);
            self.above.clear();
        }
        let is_new = begun == self.begun && number >= self.below && self.above.insert(number);
        while self.above.remove(&self.below) {
            self.below += 1;
        }
        is_new
    }
}

impl<S: Said> Delivery<S> {
    /// Lets the unit `act` on the content of `input`, if it has any, and sends the messages of the unit. After
    /// `timeout` a receiver counts as silent.
    pub(super) fn handle(
        &mut self,
        input: Input<RivalProtocol<S>>,
        timeout: Span,
        context: &mut Context<'_, S>,
        act: impl FnOnce(Input<RivalProtocol<S>>, &mut Context<'_, S>),
    ) {
        let again = Span::from_ns(timeout.as_ns() / u64::from(TRIES));
        let Some(input) = self.unpack(input, again, context) else {
            return;
        };
        let mut said = Vec::new();
        let (now, me, streams) = (context.now(), context.me(), context.streams());
        act(input, &mut Context::new(now, me, streams, &mut said));
        for effect in said {
            match effect {
                Effect::Send { to, message, .. } => self.send(to, message, again, context),
                Effect::Arm { timer, after } => context.arm(timer, after),
                Effect::Disarm { timer } => context.disarm(timer),
                Effect::Observation(observation) => context.emit(observation),
            }
        }
    }

    /// What is for the unit in `input`.
    fn unpack(
        &mut self,
        input: Input<RivalProtocol<S>>,
        again: Span,
        context: &mut Context<'_, S>,
    ) -> Option<Input<RivalProtocol<S>>> {
        match input {
            Input::Message {
                from,
                message: Message::Letter(letter),
            } => {
                let Letter {
                    begun,
                    number,
                    again: _,
                    message,
                } = *letter;
                let request = message.request();
                let received = Message::Received {
                    begun,
                    number,
                    request,
                };
                context.send(from, received);
                let peer = self.peers.entry(from).or_default();
                peer.take(begun, number).then(|| {
                    if let Some(request) = request.filter(|_| message.is_query()) {
                        context.emit(Observation::Asked {
                            request,
                            unit: context.me(),
                            reached: true,
                        });
                    }
                    Input::Message { from, message }
                })
            }
            Input::Message {
                from,
                message: Message::Received { begun, number, .. },
            } => {
                let is = |kept: &Kept<S>| kept.to == from && kept.number == number;
                let mut kept = self.kept.iter();
                let slot = kept.find(|(_, kept)| is(kept)).map(|(slot, _)| slot);
                drop(kept);
                if let Some(slot) = slot.filter(|_| self.begun == Some(begun)) {
                    self.kept.remove(slot);
                    context.disarm(Reminder::SendAgain { slot });
                }
                None
            }
            Input::Timer(Reminder::SendAgain { slot }) => {
                self.send_again(slot, again, context);
                None
            }
            input => Some(input),
        }
    }

    /// Sends a message, and keeps it unless it is sent once.
    fn send(&mut self, to: UnitId, message: Message<S>, again: Span, context: &mut Context<'_, S>) {
        if message.is_sent_once() {
            context.send(to, message);
            return;
        }
        self.begun.get_or_insert(context.now());
        let next = &mut self.peers.entry(to).or_default().next;
        let number = *next;
        *next += 1;
        let slot = self.kept.insert(Kept {
            to,
            number,
            message,
            tries: 0,
        });
        self.send_again(slot, again, context);
    }

    /// Sends what is kept in `slot`, or gives it up.
    fn send_again(&mut self, slot: u32, again: Span, context: &mut Context<'_, S>) {
        let begun = self.begun.unwrap_or_default();
        let Some(kept) = self.kept.at_mut(slot) else {
            return;
        };
        if kept.tries < TRIES {
            kept.tries += 1;
            let letter = Letter {
                begun,
                number: kept.number,
                again: kept.tries > 1,
                message: kept.message.clone(),
            };
            context.send(kept.to, Message::Letter(Box::new(letter)));
            context.arm(Reminder::SendAgain { slot }, again);
        } else if let Some(Kept { to, message, .. }) = self.kept.remove(slot)
            && let Some(request) = message.request().filter(|_| message.is_query())
        {
            context.emit(Observation::Asked {
                request,
                unit: to,
                reached: false,
            });
        }
    }

    /// How many packets are not acknowledged.
    pub(super) fn kept(&self) -> usize {
        self.kept.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packet_is_taken_in_once_in_each_life_of_its_sender() {
        let mut peer = Peer::default();
        let (first, second) = (Time::from_ns(5), Time::from_ns(9));
        let mut take = |begun, number| peer.take(begun, number);
        assert!(take(first, 2) && take(first, 0) && !take(first, 0) && !take(first, 2));
        assert!(take(second, 0), "the sender has been restarted");
        assert!(!take(first, 1), "what it said before is nobody's");
        assert!(take(second, 1) && !take(second, 1) && !take(second, 0));
    }
}
