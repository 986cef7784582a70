//! The rules: what each is called, what it is about, its premises and its effect.
//!
//! The page `docs/calculus.md` states them as formulas. It does *not* know how a label is read.

use super::community::Community;
use super::effects;
use super::name::Name;
use super::premise::Premise as P;

/// What may stand at a place of a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    /// A computer.
    Computer,
    /// A broker.
    Broker,
    /// Any of them.
    Individual,
}

use Sort::{Broker, Computer, Individual};

/// A rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// A computer joins a colony of its own domain.
    Join,
    /// A computer leaves its colony.
    Leave,
    /// A colony is registered with another one of its own domain.
    Register,
    /// A colony is unregistered.
    Unregister,
    /// A free individual goes to a colony of another domain, and into that domain.
    Migrate,
    /// An individual goes from one colony to another.
    Move,
    /// Two colonies of different domains are linked.
    Link,
    /// They are no longer.
    Unlink,
    /// An individual is registered with a colony of another domain by a friend there.
    Friend,
    /// The same by a clone on behalf of that colony's leader.
    Clone,
    /// That registration ends.
    Close,
    /// An individual demands a service, or one is demanded of it.
    Begin,
    /// No service of its is pending any more.
    End,
    /// A broker fails.
    Fail,
    /// It comes back, and has forgotten its colony.
    Restart,
    /// A member leaves a colony whose leader has failed.
    Desert,
    /// A leader that has failed is taken out of the colony in which its own is.
    Strike,
    /// A colony whose leader has failed and that has no members disappears.
    Disappear,
    /// The leader of a subcolony takes the place of the leader that has failed.
    Elect,
    /// A leader logs a member out by force, such as a free rider.
    Fire,
}

/// What is known of a rule.
pub(super) struct Definition {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    /// Its variables, and what each may be.
    pub(super) variables: &'static [&'static str],
    pub(super) sorts: &'static [Sort],
    /// In the order in which they are checked.
    pub(super) premises: &'static [P],
    pub(super) effect: fn(&mut Community, &[Name]),
}

impl Rule {
    /// All rules, in their order.
    pub const ALL: [Self; 20] = [
        Self::Join,
        Self::Leave,
        Self::Register,
        Self::Unregister,
        Self::Migrate,
        Self::Move,
        Self::Link,
        Self::Unlink,
        Self::Friend,
        Self::Clone,
        Self::Close,
        Self::Begin,
        Self::End,
        Self::Fail,
        Self::Restart,
        Self::Desert,
        Self::Strike,
        Self::Disappear,
        Self::Elect,
        Self::Fire,
    ];

    /// The rule of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.name() == name)
    }

    /// What it is called.
    pub fn name(self) -> &'static str {
        self.definition().name
    }

    /// Whether the second name is the leader of the first one.
    pub(super) fn is_about_leader(self) -> bool {
        self.definition().premises.contains(&P::Member(0, 1))
    }

    pub(super) fn definition(self) -> &'static Definition {
        &DEFINITIONS[self as usize]
    }
}

/// All rules, in their order.
static DEFINITIONS: [Definition; Rule::ALL.len()] = [
    Definition {
        name: "join",
        about: "a free computer joins a colony of its own domain",
        variables: &["g", "B"],
        sorts: &[Computer, Broker],
        premises: &[
            P::Free(0),
            P::Alive(1),
            P::SameDomain(0, 1),
            P::NoTunnel(0, 1),
        ],
        effect: effects::enter,
    },
    Definition {
        name: "leave",
        about: "a computer leaves its colony",
        variables: &["g", "B"],
        sorts: &[Computer, Broker],
        premises: &[P::Member(0, 1), P::Alive(1), P::Idle(0), P::Intact(0, 1)],
        effect: effects::free,
    },
    Definition {
        name: "register",
        about: "a free colony is registered with another one of its own domain",
        variables: &["A", "B"],
        sorts: &[Broker, Broker],
        premises: &[
            P::Free(0),
            P::Alive(1),
            P::Outside(0, 1),
            P::SameDomain(0, 1),
            P::NoTunnel(0, 1),
        ],
        effect: effects::enter,
    },
    Definition {
        name: "unregister",
        about: "a colony is unregistered",
        variables: &["A", "B"],
        sorts: &[Broker, Broker],
        premises: &[P::Member(0, 1), P::Alive(0), P::Alive(1), P::Idle(0)],
        effect: effects::free,
    },
    Definition {
        name: "migrate",
        about: "a free individual goes to a colony of another domain, and into that domain",
        variables: &["x", "B"],
        sorts: &[Individual, Broker],
        premises: &[
            P::Free(0),
            P::Alive(1),
            P::Outside(0, 1),
            P::OtherDomain(0, 1),
            P::NoTunnel(0, 1),
        ],
        effect: effects::immigrate,
    },
    Definition {
        name: "move",
        about: "an individual goes from one colony to another, and into its domain",
        variables: &["x", "A", "B"],
        sorts: &[Individual, Broker, Broker],
        premises: &[
            P::Member(0, 1),
            P::Distinct(1, 2),
            P::Alive(1),
            P::Alive(2),
            P::Idle(0),
            P::Intact(0, 1),
            P::Outside(0, 2),
            P::NoTunnel(0, 2),
        ],
        effect: |community, names| {
            effects::immigrate(community, &[names[0].clone(), names[2].clone()]);
        },
    },
    Definition {
        name: "link",
        about: "two colonies of different domains are linked",
        variables: &["A", "B"],
        sorts: &[Broker, Broker],
        premises: &[
            P::Distinct(0, 1),
            P::Alive(0),
            P::Alive(1),
            P::OtherDomain(0, 1),
            P::NoLink(0, 1),
        ],
        effect: effects::link,
    },
    Definition {
        name: "unlink",
        about: "the link of two colonies ends",
        variables: &["A", "B"],
        sorts: &[Broker, Broker],
        premises: &[P::Link(0, 1)],
        effect: effects::unlink,
    },
    Definition {
        name: "friend",
        about: "an individual is registered with a colony of another domain by a member of it",
        variables: &["x", "B", "f"],
        sorts: &[Individual, Broker, Computer],
        premises: &[
            P::Alive(0),
            P::Alive(1),
            P::Outside(0, 1),
            P::OtherDomain(0, 1),
            P::Stranger(0, 1),
            P::NoTunnel(0, 1),
            P::Distinct(0, 2),
            P::Member(2, 1),
        ],
        effect: effects::tunnel,
    },
    Definition {
        name: "clone",
        about: "an individual is registered with a colony of another domain by a clone that its leader has made",
        variables: &["x", "B"],
        sorts: &[Individual, Broker],
        premises: &[
            P::Alive(0),
            P::Alive(1),
            P::Outside(0, 1),
            P::OtherDomain(0, 1),
            P::Stranger(0, 1),
            P::NoTunnel(0, 1),
        ],
        effect: effects::tunnel,
    },
    Definition {
        name: "close",
        about: "a registration with a colony of another domain ends",
        variables: &["x", "B"],
        sorts: &[Individual, Broker],
        premises: &[P::Tunnel(0, 1), P::Idle(0)],
        effect: effects::close,
    },
    Definition {
        name: "begin",
        about: "a service is demanded by an individual, or of it",
        variables: &["x"],
        sorts: &[Individual],
        premises: &[P::Alive(0), P::Led(0), P::Idle(0)],
        effect: effects::begin,
    },
    Definition {
        name: "end",
        about: "no service of an individual is pending any more",
        variables: &["x"],
        sorts: &[Individual],
        premises: &[P::Busy(0)],
        effect: effects::end,
    },
    Definition {
        name: "fail",
        about: "a broker fails",
        variables: &["B"],
        sorts: &[Broker],
        premises: &[P::Alive(0)],
        effect: effects::fail,
    },
    Definition {
        name: "restart",
        about: "a broker comes back, and has forgotten its colony and its leader",
        variables: &["B"],
        sorts: &[Broker],
        premises: &[P::Faulty(0)],
        effect: effects::restart,
    },
    Definition {
        name: "desert",
        about: "a member leaves a colony whose leader has failed",
        variables: &["x", "B"],
        sorts: &[Individual, Broker],
        premises: &[P::Member(0, 1), P::Alive(0), P::Faulty(1)],
        effect: effects::expel,
    },
    Definition {
        name: "strike",
        about: "a leader that has failed is taken out of the colony to which its own belongs",
        variables: &["A", "B"],
        sorts: &[Broker, Broker],
        premises: &[P::Member(0, 1), P::Faulty(0)],
        effect: effects::expel,
    },
    Definition {
        name: "disappear",
        about: "a colony whose leader has failed and that has no members disappears",
        variables: &["B"],
        sorts: &[Broker],
        premises: &[P::Faulty(0), P::Free(0), P::Empty(0), P::Unused(0)],
        effect: effects::disappear,
    },
    Definition {
        name: "elect",
        about: "the leader of a subcolony takes the place of the leader that has failed",
        variables: &["A", "B"],
        sorts: &[Broker, Broker],
        premises: &[P::Member(0, 1), P::Alive(0), P::Faulty(1)],
        effect: effects::elect,
    },
    Definition {
        name: "fire",
        about: "a leader logs a member out by force, such as a free rider",
        variables: &["x", "B"],
        sorts: &[Individual, Broker],
        premises: &[P::Member(0, 1), P::Alive(0), P::Alive(1)],
        effect: effects::expel,
    },
];

/// A rule in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleSummary {
    /// The form of its labels: `join g B`.
    pub form: String,
    /// What it says, as a sentence without a full stop.
    pub about: &'static str,
    /// Its premises, in the order in which they are checked: `free(g)`.
    pub premises: Vec<String>,
}

/// All rules in words.
pub fn rules() -> Vec<RuleSummary> {
    let summary = |rule: Rule| {
        let Definition {
            name,
            about,
            variables,
            premises,
            ..
        } = rule.definition();
        let premises = premises.iter();
        RuleSummary {
            form: format!("{name} {}", variables.join(" ")),
            about,
            premises: premises.map(|it| it.text(variables)).collect(),
        }
    };
    Rule::ALL.into_iter().map(summary).collect()
}
