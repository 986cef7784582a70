//! The way of a look-up by theory: over the ring as it is built, from its definition.
//!
//! It does *not* know messages, nor the tables of the units.

use std::collections::BTreeMap;

use super::Chord;
use super::config::Own;
use super::ring::{Contact, distance};
use crate::discovery::Descriptor;
use crate::discovery::theory::Reach;

/// Where more packets get lost, what is sent again until it is acknowledged may fail as well: it is sent eight times at
/// most.
const LOSS_MAX: f64 = 0.4;

/// Whether theory knows what becomes of look-ups if packets get lost with the probability `loss`: no other holder is
/// asked, and no other way is gone.
pub(super) fn knows_loss(own: &Own, loss: f64) -> bool {
    own.successors.0 == 1 && own.replicas.0 == 1 && loss <= LOSS_MAX
}

/// The look-ups on a ring.
pub(super) struct LookUps<'c> {
    chord: &'c Chord,
    /// The probability that a packet gets lost.
    loss: f64,
    /// The fingers and successors of the computers that were met.
    known: BTreeMap<u32, Vec<Contact>>,
}

impl<'c> LookUps<'c> {
    /// None has been looked at yet.
    pub(super) fn new(chord: &'c Chord, loss: f64) -> Self {
        let known = BTreeMap::new();
        Self { chord, loss, known }
    }

    /// How often a look-up is passed on until it is at the last computer before the key: each time to the
    /// one of those that are known there which is nearest before it.
    fn steps(&mut self, from: u32, key: u64) -> u32 {
        let chord = self.chord;
        let successors = chord.own.successors.0;
        let mut at = chord.contact(from);
        let mut steps = 0;
        loop {
            let known = self.known.entry(at.computer).or_insert_with(|| {
                let mut known = chord.ring.fingers(at);
                known.extend(chord.ring.successors(at, successors));
                known
            });
            let ahead = |contact: &&Contact| distance(at.point, contact.point);
            let far = distance(at.point, key);
            let before = known.iter().filter(|contact| ahead(contact) < far);
            let Some(next) = before.max_by_key(ahead) else {
                return steps;
            };
            at = *next;
            steps += 1;
        }
    }
}

impl Reach for LookUps<'_> {
    fn level(&mut self, _: u32, _: u32) -> Option<u32> {
        Some(0)
    }

    /// Each step is sent once, and so is the question to the holder of the list; all else is sent again until
    /// it is acknowledged.
    fn arrives(&mut self, requester: u32, demand: Descriptor) -> f64 {
        if self.loss == 0.0 {
            return 1.0;
        }
        let key = self.chord.key(demand);
        let mut holders = self.chord.ring.from(key, self.chord.own.replicas.0);
        let holds = holders.any(|holder| holder.computer == requester);
        let sent = self.steps(requester, key) + u32::from(!holds);
        libm::pow(1.0 - self.loss, sent.into())
    }

    fn hops(&mut self, requester: u32, demand: Descriptor) -> Option<u32> {
        let key = self.chord.key(demand);
        Some(self.steps(requester, key))
    }
}
