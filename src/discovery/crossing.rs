//! What crosses administrative domains: tunnels, and ways to providers beside the tree of brokers.
//!
//! It does *not* know how a mechanism makes them.

use super::Command;
use crate::time::Span;
use crate::unit::UnitId;

/// A registration with a colony of another domain, through a tunnel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TunnelOf {
    /// The leader of that colony.
    pub leader: UnitId,
    /// The unit that forwards the messages between the two, if there is one.
    pub friend: Option<UnitId>,
    /// Whether the unit is a member of its own colony as well.
    pub besides: bool,
    /// Whether it is there when requests begin.
    pub at_first: bool,
}

/// How providers are got beside the tree of brokers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Crossing {
    /// Over a link between two colonies of different domains.
    Link,
    /// Through the tunnel of a unit into a colony of another domain.
    Tunnel,
}

/// What crosses administrative domains or goes beside the tree of brokers: by default nothing.
pub trait CrossingView {
    /// What units are told of it in the request phase, up to the instant `last`, ascending by (span, unit).
    fn told(&self, last: Span) -> Box<dyn Iterator<Item = (Span, UnitId, Command)>> {
        let _ = last;
        Box::new(std::iter::empty())
    }

    /// Whether a broker, or the requester, that got providers from `peer` got them beside the tree, and how.
    fn between(&self, unit: UnitId, peer: UnitId) -> Option<Crossing> {
        let _ = (unit, peer);
        None
    }

    /// Whether `unit` is in the table of `leader` besides that of its own leader.
    fn is_beside(&self, unit: UnitId, leader: UnitId) -> bool {
        let _ = (unit, leader);
        false
    }

    /// When the credential of a computer is revoked, from the beginning of the request phase; `None`: it is not.
    fn revoked_at(&self, computer: u32) -> Option<Span> {
        let _ = computer;
        None
    }

    /// The pairs of brokers that are ever linked side by side, each with whether it is as requests begin.
    fn linked_pairs(&self) -> Vec<([u32; 2], bool)> {
        Vec::new()
    }

    /// The administrative domain of a broker, where something crosses domains.
    fn domain_of(&self, broker: u32) -> Option<u32> {
        let _ = broker;
        None
    }

    /// The tunnel of `unit`, if it has one.
    fn tunnel_of(&self, unit: UnitId) -> Option<TunnelOf> {
        let _ = unit;
        None
    }
}

/// Nothing crosses anything.
impl CrossingView for () {}
