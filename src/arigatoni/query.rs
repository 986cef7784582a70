//! A query that is open at a broker: what is wanted, who has been asked, who has agreed.
//!
//! It does *not* know how enquiries travel.

use crate::arigatoni::message::{Providers, RequestId, Ticket};
use crate::overlay::ServiceId;
use crate::time::Time;
use crate::unit::UnitId;

/// The steps of a search, in order. Selective search skips `Colony`, exhaustive search skips
/// `Computers` and `Subcolonies`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    /// The colony's own GCUs, as many at a time as agreements are missing.
    Computers,
    /// The subcolonies, one at a time.
    Subcolonies,
    /// GCUs and subcolonies, all at once.
    Colony,
    /// The super-broker.
    SuperBroker,
    /// Everybody has been asked.
    Over,
}

/// A query that is not yet over. It is answered once, but stays until its last enquiry has ended.
#[derive(Debug, Clone)]
pub(super) struct OpenQuery {
    pub(super) request: RequestId,
    pub(super) service: ServiceId,
    /// How many GCUs the asker wants.
    pub(super) wanted: u32,
    pub(super) asker: UnitId,
    /// What the asker's answer carries.
    pub(super) ticket: Ticket,
    /// Whether a member asked: only then may the super-broker be asked.
    pub(super) from_member: bool,
    pub(super) answer_by: Time,
    pub(super) answered: bool,
    pub(super) phase: Phase,
    /// Whom to ask in this phase, the first one last.
    pub(super) candidates: Vec<UnitId>,
    /// Enquiries that have not ended.
    pub(super) outstanding: u32,
    /// Who has agreed, in order of arrival; never more than wanted.
    pub(super) found: Providers,
}

impl OpenQuery {
    /// How many agreements are missing.
    pub(super) fn missing(&self) -> u32 {
        self.wanted - self.found.len() as u32
    }

    /// How many of the candidates are to be asked now.
    pub(super) fn enquiries_due(&self) -> u32 {
        match self.phase {
            Phase::Computers => self.missing().saturating_sub(self.outstanding),
            Phase::Subcolonies | Phase::SuperBroker => u32::from(self.outstanding == 0),
            Phase::Colony => u32::MAX,
            Phase::Over => 0,
        }
    }

    /// Takes as many agreements as are missing and gives back the surplus.
    pub(super) fn take<'p>(&mut self, providers: &'p [UnitId]) -> &'p [UnitId] {
        let taken = providers.len().min(self.missing() as usize);
        self.found.extend_from_slice(&providers[..taken]);
        &providers[taken..]
    }
}

/// A question that a broker has put to a peer for one of its open queries.
#[derive(Debug, Clone, Copy)]
pub(super) struct Enquiry {
    /// The slot of the open query.
    pub(super) query: u32,
    /// Who was asked.
    pub(super) peer: UnitId,
}
