//! The link to each peer where the network loses, doubles or overtakes packets: what one unit says to
//! another arrives once and in order, as long as both live and packets get through at all.
//!
//! Each message travels in a numbered packet, is kept until its acknowledgement arrives, and is sent
//! again meanwhile, each time after twice as long, up to a limit; then the peer counts as silent. The
//! receiver acknowledges each packet, drops those it has had, and holds back those that are early. A unit
//! that has been restarted, or has given up on a peer, begins anew under a later epoch. A link does *not*
//! know what messages mean, nor what becomes of a silent peer.

use std::collections::BTreeMap;

use super::Context;
use super::message::{ArigatoniProtocol, Message, Reminder};
use super::packet::{Epoch, Packet};
use crate::discovery::Observation;
use crate::slab::Room;
use crate::time::{Span, Time};
use crate::unit::{Effect, Input, Protocol as _, UnitId};

/// When a packet is sent again, and how often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retransmission {
    /// How long after it was sent first; then twice as long each time.
    pub timeout: Span,
    /// How often at most.
    pub limit: u32,
}

impl Retransmission {
    /// How long after its first sending a packet is given up.
    pub fn total(self) -> Span {
        Span::from_ns(self.wait(self.limit + 1).as_ns() - self.timeout.as_ns())
    }

    /// How long to wait for the acknowledgement of a packet that has been sent again `repeats` times.
    fn wait(self, repeats: u32) -> Span {
        let factor = 1_u64.checked_shl(repeats).unwrap_or(u64::MAX);
        Span::from_ns(self.timeout.as_ns().saturating_mul(factor))
    }
}

/// What a link hands to its unit.
pub(super) enum Happening {
    /// Something that would have happened without a link as well.
    Input(Input<ArigatoniProtocol>),
    /// This peer acknowledges nothing any more.
    Silent(UnitId),
    /// This peer has been restarted, and has forgotten what it had been told. What it had not
    /// acknowledged is sent to it anew after this, but for what it is declared.
    Restarted(UnitId),
}

/// The links of one unit.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(super) struct Links {
    /// How often the unit has been restarted: it is kept where crashes do not reach it.
    restarts: u32,
    peers: BTreeMap<UnitId, Peer>,
    /// When the timer is due.
    armed: Option<Time>,
    said: Room<Vec<Effect<ArigatoniProtocol>>>,
    /// The messages of the packets that are in order now.
    ready: Room<Vec<Message>>,
}

/// The link to one peer. It is kept as long as the unit lives: a packet may be late by any time.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
struct Peer {
    sending: Sending,
    receiving: Receiving,
    /// How often the peer had been restarted when it was last heard of.
    restarts: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
struct Sending {
    /// How often the numbers have begun anew in the life of the unit.
    resets: u32,
    /// The number of the next packet.
    next: u32,
    /// Packets whose acknowledgement is missing, ascending.
    kept: Vec<Kept>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Kept {
    number: u32,
    message: Message,
    /// When it was sent first, and when it is sent again.
    sent: Time,
    due: Time,
    /// How often it has been sent again.
    repeats: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
struct Receiving {
    epoch: Epoch,
    /// The number of the next packet in order.
    expected: u32,
    /// Packets that came early: the messages by number, ascending.
    early: Vec<(u32, Message)>,
}

impl Receiving {
    /// Takes a packet in, and puts the messages that are in order now into `ready`.
    fn take(&mut self, packet: Packet, ready: &mut Vec<Message>) {
        if packet.epoch > self.epoch {
            (self.epoch, self.expected) = (packet.epoch, 0);
            self.early.clear();
        }
        if packet.number < self.expected {
            return;
        }
        let known = self
            .early
            .binary_search_by_key(&packet.number, |(number, _)| *number);
        match known {
            // It says how much time is left now.
            Ok(place) => self.early[place].1 = packet.message,
            Err(place) => self.early.insert(place, (packet.number, packet.message)),
        }
        let in_order = self.early.iter().zip(self.expected..);
        let in_order = in_order.take_while(|((number, _), expected)| number == expected);
        let count = in_order.count();
        self.expected += count as u32;
        ready.extend(self.early.drain(..count).map(|(_, message)| message));
    }
}

impl Links {
    /// The unit comes back after a crash: it knows nobody, and its numbers begin anew.
    pub(super) fn restart(&mut self) {
        *self = Self {
            restarts: self.restarts + 1,
            ..Self::default()
        };
    }

    /// Lets the unit `act` on the content of `input`, and sends the messages of the unit.
    pub(super) fn handle(
        &mut self,
        input: Input<ArigatoniProtocol>,
        rules: Retransmission,
        context: &mut Context<'_>,
        mut act: impl FnMut(Happening, &mut Context<'_>),
    ) {
        let mut act = |links: &mut Self, happening, context: &mut Context<'_>| {
            let mut said = std::mem::take(&mut links.said.0);
            let (now, me, streams) = (context.now(), context.me(), context.streams());
            act(happening, &mut Context::new(now, me, streams, &mut said));
            links.carry(&mut said, rules, context);
            links.said.0 = said;
        };
        match input {
            Input::Message { from, message } => match message {
                Message::Packet(packet) => {
                    let mut ready = std::mem::take(&mut self.ready.0);
                    self.receive(from, packet.open(), &mut ready, context);
                    for message in ready.drain(..) {
                        if let Message::Query(query) = &message {
                            context.emit(Observation::Asked {
                                request: query.request,
                                unit: context.me(),
                                reached: true,
                            });
                        }
                        let input = Input::Message { from, message };
                        act(self, Happening::Input(input), context);
                    }
                    self.ready.0 = ready;
                }
                Message::PacketAcknowledged {
                    epoch,
                    number,
                    restarts,
                } => {
                    let packet = (epoch, number);
                    if let Some(mut kept) = self.acknowledged(from, packet, restarts, context) {
                        act(self, Happening::Restarted(from), context);
                        self.carry(&mut kept, rules, context);
                    }
                }
                message => act(
                    self,
                    Happening::Input(Input::Message { from, message }),
                    context,
                ),
            },
            Input::Timer(Reminder::Retransmit) => {
                self.armed = None;
                for peer in self.repeat(rules, context) {
                    act(self, Happening::Silent(peer), context);
                }
                let kept = self.peers.values().flat_map(|peer| &peer.sending.kept);
                if let Some(due) = kept.map(|kept| kept.due).min() {
                    self.arm(due, context);
                }
            }
            input => act(self, Happening::Input(input), context),
        }
    }

    /// Sets the clock back to 0 at `now`.
    pub(super) fn set_clock(&mut self, now: Time) {
        self.armed = self.armed.map(|due| due.from_zero(now));
        let kept = self.peers.values_mut();
        for kept in kept.flat_map(|peer| &mut peer.sending.kept) {
            (kept.sent, kept.due) = (kept.sent.from_zero(now), kept.due.from_zero(now));
        }
    }

    /// Puts what the unit has said into packets.
    fn carry(
        &mut self,
        said: &mut Vec<Effect<ArigatoniProtocol>>,
        rules: Retransmission,
        context: &mut Context<'_>,
    ) {
        for effect in said.drain(..) {
            match effect {
                Effect::Send { to, message, after } if message.is_heartbeat() => {
                    context.send_after(after, to, message);
                }
                Effect::Send { to, message, after } => {
                    let peer = self.peers.entry(to).or_default();
                    let number = peer.sending.next;
                    peer.sending.next += 1;
                    let sent = context.now() + after;
                    peer.sending.kept.push(Kept {
                        number,
                        message: message.clone(),
                        sent,
                        due: sent + rules.wait(0),
                        repeats: 0,
                    });
                    let epoch = Epoch {
                        restarts: self.restarts,
                        resets: peer.sending.resets,
                    };
                    let packet = Packet {
                        epoch,
                        number,
                        again: false,
                        message,
                    };
                    context.send_after(after, to, Message::Packet(packet.into()));
                    self.arm(sent + rules.wait(0), context);
                }
                Effect::Arm { timer, after } => context.arm(timer, after),
                Effect::Disarm { timer } => context.disarm(timer),
                Effect::Observation(observation) => context.emit(observation),
            }
        }
    }

    /// Takes a packet from `from` and acknowledges it, and puts the messages that are in order now into
    /// `ready`. One of an earlier epoch is nobody's.
    fn receive(
        &mut self,
        from: UnitId,
        packet: Packet,
        ready: &mut Vec<Message>,
        context: &mut Context<'_>,
    ) {
        let peer = self.peers.entry(from).or_default();
        let (epoch, number) = (packet.epoch, packet.number);
        if epoch < peer.receiving.epoch {
            return;
        }
        let acknowledgement = Message::PacketAcknowledged {
            epoch,
            number,
            restarts: self.restarts,
        };
        context.send(from, acknowledgement);
        peer.receiving.take(packet, ready);
    }

    /// `from` has had the packet `number` of an epoch. If it has been restarted since it was last heard
    /// of, it does not know the packets before: what is to be said anew.
    fn acknowledged(
        &mut self,
        from: UnitId,
        (epoch, number): (Epoch, u32),
        restarts: u32,
        context: &Context<'_>,
    ) -> Option<Vec<Effect<ArigatoniProtocol>>> {
        let peer = self.peers.get_mut(&from)?;
        let present = Epoch {
            restarts: self.restarts,
            resets: peer.sending.resets,
        };
        let known = peer.restarts.unwrap_or(restarts);
        if epoch != present || restarts < known {
            return None;
        }
        peer.restarts = Some(restarts);
        if restarts == known {
            peer.sending.kept.retain(|kept| kept.number != number);
            return None;
        }
        peer.sending.resets += 1;
        let kept = std::mem::take(&mut peer.sending.kept);
        peer.sending.next = 0;
        // A declaration is worth nothing without those before it, which the peer may have forgotten.
        let declares = |message: &Message| {
            matches!(message, Message::Register { .. } | Message::Update { .. })
        };
        let again = kept.into_iter().filter(|kept| !declares(&kept.message));
        let again = again.map(|kept| Effect::Send {
            to: from,
            message: remaining(&kept, context.now()),
            after: Span::ZERO,
        });
        Some(again.collect())
    }

    /// Sends again what is due: the peers on which it gives up.
    fn repeat(&mut self, rules: Retransmission, context: &mut Context<'_>) -> Vec<UnitId> {
        let now = context.now();
        let mut silent = Vec::new();
        for (&to, peer) in &mut self.peers {
            let Sending { resets, next, kept } = &mut peer.sending;
            if kept
                .iter()
                .any(|kept| kept.due <= now && kept.repeats >= rules.limit)
            {
                *resets += 1;
                *next = 0;
                for kept in kept.drain(..) {
                    if let Message::Query(query) = &kept.message {
                        context.emit(Observation::Asked {
                            request: query.request,
                            unit: to,
                            reached: false,
                        });
                    }
                }
                silent.push(to);
                continue;
            }
            for kept in kept.iter_mut().filter(|kept| kept.due <= now) {
                kept.repeats += 1;
                kept.due = now + rules.wait(kept.repeats);
                let epoch = Epoch {
                    restarts: self.restarts,
                    resets: *resets,
                };
                let packet = Packet {
                    epoch,
                    number: kept.number,
                    again: true,
                    message: remaining(kept, now),
                };
                context.send(to, Message::Packet(packet.into()));
            }
        }
        silent
    }

    /// Sees to it that the timer is set no later than `due`. It may be due early, and is set again then:
    /// so nothing is searched when a packet is acknowledged.
    fn arm(&mut self, due: Time, context: &mut Context<'_>) {
        if self.armed.is_none_or(|armed| due < armed) {
            self.armed = Some(due);
            context.arm(Reminder::Retransmit, due.saturating_since(context.now()));
        }
    }
}

/// The message of a packet, as it is said at `now`: a query leaves less time to answer.
fn remaining(kept: &Kept, now: Time) -> Message {
    let mut message = kept.message.clone();
    if let Some(time_left) = ArigatoniProtocol::time_left(&mut message) {
        *time_left = time_left.saturating_sub(now.saturating_since(kept.sent));
    }
    message
}

#[cfg(test)]
mod tests;
