//! What a mechanism does that not every one does.
//!
//! It does *not* know how.

/// What a mechanism does that not every one does: by default nothing.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a question of its own, and any answers go together"
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Features {
    /// Whether units get other leaders than they had at first.
    pub changes_leaders: bool,
    /// Whether brokers report by which ways requests are passed on and answered, as the tree at first does not tell it: so it
    /// is wherever units get other leaders.
    pub tells_ways: bool,
    /// Whether the members of a leader that has gone elect another one.
    pub elects: bool,
    /// Whether all units find out in the end who lives and who does not, and come together again.
    pub heals: bool,
    /// Whether whoever observes all tables can tell that they have, and by when.
    pub is_seen_to_heal: bool,
    /// Whether credentials are checked.
    pub trusts: bool,
    /// Whether the administrative domains of brokers are known: where something crosses them.
    pub knows_domains: bool,
    /// Whether providers can be got over [links](super::Crossing::Link).
    pub links: bool,
    /// Whether providers can be got through [tunnels](super::Crossing::Tunnel).
    pub tunnels: bool,
}
