//! The premises of rules: what must hold of a community before a rule changes it.
//!
//! A premise speaks of the names of a label by their places in it. It does *not* know which rule has which premises.

use super::community::{Community, State, pair};
use super::name::Name;

/// A premise. The numbers are places in the label, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Premise {
    /// It belongs to no colony.
    Free(usize),
    /// It belongs to some colony.
    Led(usize),
    /// The first one is a member of the second one's colony.
    Member(usize, usize),
    /// The first one is no member of the second one's colony.
    Stranger(usize, usize),
    /// They are not the same.
    Distinct(usize, usize),
    /// It has not failed.
    Alive(usize),
    /// It has failed.
    Faulty(usize),
    /// It has no pending services.
    Idle(usize),
    /// It has pending services.
    Busy(usize),
    /// Both are in one administrative domain.
    SameDomain(usize, usize),
    /// They are in different domains.
    OtherDomain(usize, usize),
    /// The second one is not the first one, nor inside it.
    Outside(usize, usize),
    /// The first one has no tunnel to the second one.
    NoTunnel(usize, usize),
    /// The first one has a tunnel to the second one.
    Tunnel(usize, usize),
    /// No tunnel to the second one goes by the first one.
    Intact(usize, usize),
    /// They are not linked.
    NoLink(usize, usize),
    /// They are linked.
    Link(usize, usize),
    /// Its colony has no members.
    Empty(usize),
    /// No link or tunnel begins or ends at it.
    Unused(usize),
}

impl Premise {
    /// What it is called.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Free(_) => "free",
            Self::Led(_) => "led",
            Self::Member(..) => "member",
            Self::Stranger(..) => "stranger",
            Self::Distinct(..) => "distinct",
            Self::Alive(_) => "alive",
            Self::Faulty(_) => "faulty",
            Self::Idle(_) => "idle",
            Self::Busy(_) => "busy",
            Self::SameDomain(..) => "same-domain",
            Self::OtherDomain(..) => "other-domain",
            Self::Outside(..) => "outside",
            Self::NoTunnel(..) => "no-tunnel",
            Self::Tunnel(..) => "tunnel",
            Self::Intact(..) => "intact",
            Self::NoLink(..) => "no-link",
            Self::Link(..) => "link",
            Self::Empty(_) => "empty",
            Self::Unused(_) => "unused",
        }
    }

    /// The places that it speaks of.
    fn places(self) -> (usize, Option<usize>) {
        match self {
            Self::Free(one)
            | Self::Led(one)
            | Self::Alive(one)
            | Self::Faulty(one)
            | Self::Idle(one)
            | Self::Busy(one)
            | Self::Empty(one)
            | Self::Unused(one) => (one, None),
            Self::Member(one, other)
            | Self::Stranger(one, other)
            | Self::Distinct(one, other)
            | Self::SameDomain(one, other)
            | Self::OtherDomain(one, other)
            | Self::Outside(one, other)
            | Self::NoTunnel(one, other)
            | Self::Tunnel(one, other)
            | Self::Intact(one, other)
            | Self::NoLink(one, other)
            | Self::Link(one, other) => (one, Some(other)),
        }
    }

    /// It, of the names that the rule gives its places: `member(x, A)`.
    pub(super) fn text<S>(self, variables: &[(&str, S)]) -> String {
        let (one, other) = self.places();
        let name = self.name();
        match other {
            None => format!("{name}({})", variables[one].0),
            Some(other) => format!("{name}({}, {})", variables[one].0, variables[other].0),
        }
    }

    /// Why it does not hold of these `names` in `community`, if it does not.
    pub(super) fn failure(self, community: &Community, names: &[Name]) -> Option<String> {
        let (one, other) = self.places();
        let x = &names[one];
        // Premises of one name do not look at the other one.
        let b = &names[other.unwrap_or(one)];
        if self.holds(community, x, b) {
            return None;
        }
        let leader = community.leader(x);
        let belongs = leader.map_or_else(
            || format!("`{x}` belongs to no colony"),
            |leader| format!("`{x}` belongs to `{leader}`"),
        );
        let domain = || &community.individuals[x].domain;
        Some(match self {
            Self::Free(_) | Self::Led(_) => belongs,
            Self::Member(..) if x == b => {
                format!("`{x}` leads its own colony, and never leaves it")
            }
            Self::Member(..) => format!("{belongs}, not to `{b}`"),
            Self::Stranger(..) => format!("`{x}` is a member of `{b}`"),
            Self::Distinct(..) => format!("both are `{x}`"),
            Self::Alive(_) => format!("`{x}` has failed"),
            Self::Faulty(_) => format!("`{x}` has not failed"),
            Self::Idle(_) => format!("`{x}` has pending services"),
            Self::Busy(_) => format!("`{x}` has no pending services"),
            Self::SameDomain(..) => {
                let other = &community.individuals[b].domain;
                format!("`{x}` is in `{}`, and `{b}` in `{other}`", domain())
            }
            Self::OtherDomain(..) => format!("`{x}` and `{b}` are both in `{}`", domain()),
            Self::Outside(..) if x == b => format!("`{b}` would be inside itself"),
            Self::Outside(..) => format!("`{b}` is inside `{x}`"),
            Self::NoTunnel(..) => format!("`{x}` has a tunnel to `{b}`"),
            Self::Tunnel(..) => format!("`{x}` has no tunnel to `{b}`"),
            Self::Intact(..) => {
                let by = relayed(community, x, b);
                let by = by.map_or(String::new(), |from| format!(" of `{from}`"));
                format!("`{b}` would be corrupted: the tunnel{by} to it goes by `{x}`")
            }
            Self::NoLink(..) => format!("`{x}` and `{b}` are linked"),
            Self::Link(..) => format!("`{x}` and `{b}` are not linked"),
            Self::Empty(_) => format!("the colony of `{x}` has members"),
            Self::Unused(_) => format!("a link or a tunnel begins or ends at `{x}`"),
        })
    }

    fn holds(self, community: &Community, x: &Name, b: &Name) -> bool {
        let state = community.state(x);
        let domain = |name: &Name| &community.individuals[name].domain;
        let tunnel = || (x.clone(), b.clone());
        match self {
            Self::Free(_) => community.leader(x).is_none(),
            Self::Led(_) => community.leader(x).is_some(),
            Self::Member(..) => community.leader(x) == Some(b),
            Self::Stranger(..) => community.leader(x) != Some(b),
            Self::Distinct(..) => x != b,
            Self::Alive(_) => state != State::Faulty,
            Self::Faulty(_) => state == State::Faulty,
            Self::Idle(_) => state != State::Busy,
            Self::Busy(_) => state == State::Busy,
            Self::SameDomain(..) => domain(x) == domain(b),
            Self::OtherDomain(..) => domain(x) != domain(b),
            Self::Outside(..) => !community.is_inside(b, x),
            Self::NoTunnel(..) => !community.tunnels.contains_key(&tunnel()),
            Self::Tunnel(..) => community.tunnels.contains_key(&tunnel()),
            Self::Intact(..) => relayed(community, x, b).is_none(),
            Self::NoLink(..) => !community.links.contains(&pair(x, b)),
            Self::Link(..) => community.links.contains(&pair(x, b)),
            Self::Empty(_) => {
                let mut all = community.individuals.values();
                !all.any(|it| it.leader.as_ref() == Some(x))
            }
            Self::Unused(_) => {
                let mut links = community.links.iter();
                let mut tunnels = community.tunnels.keys();
                !links.any(|(one, other)| one == x || other == x)
                    && !tunnels.any(|(from, to)| from == x || to == x)
            }
        }
    }
}

/// From whom the first tunnel to `leader` comes that goes by `friend`.
fn relayed<'c>(community: &'c Community, friend: &Name, leader: &Name) -> Option<&'c Name> {
    let mut all = community.tunnels.iter();
    let by = all.find(|((_, to), by)| to == leader && by.as_ref() == Some(friend));
    by.map(|((from, _), _)| from)
}
