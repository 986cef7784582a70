//! What a unit is given besides its state: the rules of the protocol, and a [`Policy`].
//!
//! A unit asks its policy what it offers, whether it agrees, and whom to ask first. Here these are
//! draws ([`Drawn`](crate::arigatoni::Drawn)); on a real computer they would be a list of programs, the
//! load of the machine and its own source of randomness. This module does *not* know how they are
//! decided.

use std::collections::{BTreeMap, BTreeSet};

use crate::arigatoni::election::Term;
use crate::arigatoni::message::Query;
use crate::arigatoni::rules::Rules;
use crate::discovery::{CredentialStatus, Descriptor, Matcher, RequestId};
use crate::time::Span;
use crate::unit::UnitId;

/// The tunnel of a unit into a colony of another domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tunnel {
    /// The leader of that colony.
    pub leader: UnitId,
    /// The unit that forwards the messages between the two; `None`: a clone is there, and they communicate
    /// directly.
    pub friend: Option<UnitId>,
    /// Whether the unit is a member of its own colony as well.
    pub besides: bool,
    /// Whether it is there when requests begin; else the unit is told later to open it.
    pub at_first: bool,
}

/// What units decide by themselves: the protocol leaves it open.
pub trait Policy {
    /// What "able" means.
    type Matcher: Matcher;

    /// Says which offers can serve which requests.
    fn matcher(&self) -> &Self::Matcher;

    /// What the computer `me` offers after `changes` changes: ascending, each once.
    fn offers(&self, me: UnitId, changes: u32) -> impl Iterator<Item = Descriptor>;

    /// How many agreements the computer `me` holds at once; `None`: any number.
    fn slots(&self, me: UnitId) -> Option<u32>;

    /// How long `computer` serves a request, from the arrival of the start message.
    fn service_time(&self, computer: UnitId) -> Span;

    /// Whether the computer `me`, which is able and has room, is willing to serve.
    fn agrees(&self, me: UnitId, query: &Query) -> bool;

    /// The leader of `me` as it begins, if it has one.
    fn home(&self, me: UnitId) -> Option<UnitId>;

    /// The broker to which a unit goes that has lost a leader, at its attempt with this number; `None`: to no
    /// other.
    fn elsewhere(&self, unit_and_leader: (UnitId, UnitId), attempt: u32) -> Option<UnitId>;

    /// Whether units that have tried the usual brokers go to any other.
    fn migrates(&self) -> bool;

    /// The broker at this `place` in the order in which `me` tries all of them; `None`: it is `me`. Each broker
    /// occurs within as many places as there are brokers and ancestors of the first leader of `me` together.
    fn any(&self, me: UnitId, place: u32) -> Option<UnitId>;

    /// The leader of `me` as it begins, and the brokers above that one then, up to the root.
    fn first_above(&self, me: UnitId) -> impl Iterator<Item = UnitId>;

    /// To which broker a computer goes that its leader has logged out: any other one, or any other one of its domain; `None`:
    /// there is none.
    fn another(&self, computer_and_leader: (UnitId, UnitId), within_domain: bool)
    -> Option<UnitId>;

    /// The brokers to which the broker `me` is linked as it begins, ascending.
    fn linked(&self, me: UnitId) -> &[UnitId];

    /// Whether links lead on from the subcolony of `broker`: then it is asked also for what it cannot serve itself.
    fn leads_on(&self, broker: UnitId) -> bool;

    /// The tunnel of `unit`, if it has one.
    fn tunnel(&self, unit: UnitId) -> Option<Tunnel>;

    /// The units that are registered with `leader` through a tunnel, ascending.
    fn guests(&self, leader: UnitId) -> &[UnitId];

    /// The computers that begin in another colony than that of their place, ascending; by leader.
    fn settlers(&self) -> BTreeMap<UnitId, Vec<UnitId>>;

    /// Whether `unit` is a computer that begins in another colony than that of its place.
    fn is_settled(&self, unit: UnitId) -> bool;

    /// For whom `friend` passes on what is said through a tunnel, ascending.
    fn relayed(&self, friend: UnitId) -> &[UnitId];

    /// The administrative domain of `unit`, where that matters.
    fn domain(&self, unit: UnitId) -> Option<u32>;

    /// The computer that issues `request`.
    fn requester(&self, request: RequestId) -> UnitId;

    /// What a check of the credential of `computer` shows, if those of the computers `revoked` have been revoked.
    fn credential(&self, computer: UnitId, revoked: &BTreeSet<UnitId>) -> CredentialStatus;

    /// How long the candidate `me` waits before it asks for votes in `term`, within a range.
    fn candidacy(&self, me: UnitId, term: Term, range: [Span; 2]) -> Span;

    /// The place of `peer` in the order in which a broker asks for `request`: the lowest first,
    /// equals by their ids.
    fn rank(&self, peer: UnitId, request: RequestId) -> u64;
}

/// What all units of an overlay are given.
#[derive(Debug, Clone)]
pub struct Given<P> {
    /// The parameters of the protocol.
    pub rules: Rules,
    /// What is left to the units.
    pub policy: P,
}
