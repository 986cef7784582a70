//! What crosses administrative domains: tunnels, and ways to providers beside the tree of brokers.
//!
//! It does *not* know how a mechanism makes them.

use crate::unit::UnitId;

/// A registration with a colony of another domain, through a tunnel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TunnelOf {
    /// The leader of that colony.
    pub leader: UnitId,
    /// Who passes on what the two say to each other, if somebody does.
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
