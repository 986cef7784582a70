//! Arigatoni's own parameters, beside those of all discovery systems.
//!
//! The doc comments are the descriptions in the JSON Schema. They do *not* know what follows from them.

mod domains;
pub(super) mod effects;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use super::link;
use crate::arigatoni::heartbeats::Heartbeats;
use crate::arigatoni::migration::Migration;
use crate::arigatoni::riders::Accounting;
use crate::parameters::number::{
    DurationMs, Fraction, NonNegative, PauseMs, PeriodMs, Repeats, Sites, SmallCount, seconds,
    whole_number_or,
};
use crate::parameters::{Plain, Problem, members};
use crate::time::Span;

pub use domains::{ColonyLinks, Trust, TunnelKind, Tunnels};

/// What is wrong where brokers get other super-brokers and tunnels lead from members of two colonies.
pub(super) const GOES_ROUND: &str = "a broker with two super-brokers has its tunnel lead to one that is nearer to the root, \
     and where brokers get other super-brokers, that one may get below it, so what is told of changes would go round";

/// What is wrong where the root is asked first, and there are such `crossings`.
pub(super) fn makes_graph(crossings: &str) -> String {
    format!("the root is asked first in a tree, and {crossings} make a graph of it")
}

members! {
    /// Arigatoni's own parameters.
    pub struct Own {
        /// How the complete overlay is built.
        pub start: Start = Start::Direct;
        /// The order in which a broker asks its colony.
        pub search: Search = Search::Selective;
        /// How long a unit whose leader has fallen silent waits before it asks again to be a member, in
        /// milliseconds. It does so where units come back after a crash, or packets get lost; then not before
        /// the last attempt is given up.
        pub return_ms: PauseMs = PauseMs(20_000.0);
        /// How leaders and members find out by heartbeats that the other has gone; null: they do not.
        pub detection: Option<Detection> = None;
        /// Where units go that have no leader; null: they wait for theirs.
        pub migration: Option<Migrate> = None;
        /// Whether the members of a leader that has gone elect the leader of one of its subcolonies in its place;
        /// this needs `detection`.
        pub election: bool = false;
        /// Computers that ask and never agree, and how leaders log out those that take more than they give; null: there are
        /// none, and nobody is logged out.
        pub free_riders: Option<FreeRiders> = None;
        /// How packets are sent again, where the network may lose, double or overtake them.
        pub retransmission: Retransmission = Retransmission::default();
        /// Pairs of colonies of different administrative domains that are linked side by side; null: the overlay is
        /// a tree.
        pub colony_links: Option<ColonyLinks> = None;
        /// Computers and colonies that are registered with a colony of another administrative domain; null: there are
        /// none.
        pub tunnels: Option<Tunnels> = None;
        /// Whether packets pass between administrative domains only along the tree, links and tunnels.
        pub firewall: bool = false;
        /// Credentials of computers, which brokers of other administrative domains check; null: everybody is trusted.
        pub trust: Option<Trust> = None;
    }
}

impl Plain for Own {
    fn check(&self, pointer: &str) -> Result<(), Problem> {
        if let Some(links) = &self.colony_links {
            links.check(&format!("{pointer}/colony_links"))?;
            if self.search == Search::RootFirst && links.count.0 > 0 {
                let what = makes_graph("linked colonies");
                let problem = Problem::new(format!("{pointer}/search"), what);
                return Err(problem.help("use another search, or leave out `colony_links`"));
            }
        }
        self.check_tunnels(pointer)?;
        self.check_detection(pointer)
    }
}

impl Own {
    /// How long a unit without a leader waits before it asks again to be a member, where packets get lost: before that the last
    /// attempt is still being sent again.
    pub fn returns_with_losses(&self) -> Span {
        let total = self.retransmission.validated().total();
        self.return_ms.span().max(total)
    }

    /// Whether what has tunnels can have them.
    fn check_tunnels(&self, pointer: &str) -> Result<(), Problem> {
        let Some(tunnels) = &self.tunnels else {
            return Ok(());
        };
        let moves = self.migration.is_some() || self.election;
        if moves && tunnels.home && tunnels.colonies.0 > 0.0 {
            let problem = Problem::new(format!("{pointer}/tunnels/colonies"), GOES_ROUND);
            return Err(problem.help(
                "leave out `migration` and `election`, or `colonies` of `tunnels`, or write `\"home\": false`",
            ));
        }
        if self.search == Search::RootFirst && tunnels.colonies.0 > 0.0 {
            let what = makes_graph("tunnels of colonies");
            let problem = Problem::new(format!("{pointer}/search"), what);
            return Err(problem.help("use another search, or leave out `colonies` of `tunnels`"));
        }
        Ok(())
    }

    /// Whether heartbeats fit what needs them.
    fn check_detection(&self, pointer: &str) -> Result<(), Problem> {
        let Some(detection) = &self.detection else {
            let (member, what) = if self.migration.is_some() {
                (
                    "migration",
                    "units migrate where heartbeats tell that their leader has gone, and there are none",
                )
            } else if self.election {
                (
                    "election",
                    "leaders are elected where heartbeats tell that one has gone, and there are none",
                )
            } else {
                return Ok(());
            };
            let place = format!("{pointer}/{member}");
            return Err(Problem::new(place, what).help("write `detection` as well"));
        };
        let (timeout, heartbeat) = (detection.timeout_ms.0, detection.heartbeat_ms.0);
        let again = self.return_ms.0;
        if (self.migration.is_some() || self.election) && again < timeout {
            let what = format!(
                "a unit that looks for another leader asks again after {again} ms, which is shorter than the {timeout} ms for which \
                 it may wait for an answer, so it might never hear the answer to its last question"
            );
            let help = format!("make it no shorter than `timeout_ms` of `detection`, {timeout} ms");
            return Err(Problem::new(format!("{pointer}/return_ms"), what).help(help));
        }
        if timeout >= heartbeat {
            return Ok(());
        }
        let place = format!("{pointer}/detection/timeout_ms");
        let what = format!(
            "the timeout of {timeout} ms is shorter than the heartbeat of {heartbeat} ms, so every peer would \
             count as gone"
        );
        Err(Problem::new(place, what).help("make `timeout_ms` longer, or `heartbeat_ms` shorter"))
    }
}

/// How leaders and members find out that the other has gone: each leader sends its members heartbeats, which
/// they acknowledge.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "HeartbeatDetection")]
pub struct Detection {
    /// The time between two heartbeats of a leader, in milliseconds.
    pub heartbeat_ms: PauseMs,
    /// How long the acknowledgement of a heartbeat, or the next heartbeat, is waited for, in milliseconds: not
    /// less than `heartbeat_ms` and the round trip to any member.
    pub timeout_ms: PauseMs,
    /// How many in a row must fail to come until the other counts as gone.
    #[serde(deserialize_with = "misses")]
    pub misses: SmallCount,
}

fn misses<'de, D: Deserializer<'de>>(from: D) -> Result<SmallCount, D::Error> {
    whole_number_or(
        "help: write a number from 1 to 64; without `detection` (null) there are no heartbeats",
        from,
    )
}

/// Where units go that have lost their leader, or come back after they have left it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Migration")]
pub struct Migrate {
    /// To which broker.
    pub to: To,
    /// The probability that a unit goes there; else it returns to its leader.
    #[serde(default = "always")]
    pub probability: Fraction,
    /// How long after it has lost its leader it goes, in milliseconds.
    #[serde(default = "at_once")]
    pub delay_ms: DurationMs,
}

fn always() -> Fraction {
    Fraction(1.0)
}

fn at_once() -> DurationMs {
    DurationMs(0.0)
}

impl Migrate {
    /// These rules with spans in place of numbers, as units use them.
    pub(super) fn validated(&self) -> Migration {
        Migration {
            delay: self.delay_ms.span(),
        }
    }
}

/// Computers that ask and never agree, and the rule by which leaders log out whoever takes more than it gives.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FreeRiders {
    /// The fraction of the computers that never agree.
    pub share: Fraction,
    /// How many instances more a computer may take than give before it is logged out; null: nobody is.
    #[serde(default)]
    pub limit: Option<Sites>,
    /// For how long after it has first asked or given a computer is not logged out, in seconds.
    #[serde(default = "no_grace")]
    pub grace_s: NonNegative,
    /// What becomes of a computer that is logged out.
    #[serde(default = "barred")]
    pub after: After,
}

/// What becomes of a computer that is logged out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum After {
    /// It works by itself from then on.
    Barred,
    /// It registers with a random other broker, once; then as for `barred`.
    Elsewhere,
}

fn no_grace() -> NonNegative {
    NonNegative(0.0)
}

fn barred() -> After {
    After::Barred
}

impl FreeRiders {
    /// The rule for units; `None`: nobody is logged out.
    pub(super) fn accounting(&self) -> Option<Accounting> {
        Some(Accounting {
            limit: self.limit?.0,
            grace: seconds(self.grace_s.0),
            elsewhere: self.after == After::Elsewhere,
        })
    }
}

/// To which broker a unit goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum To {
    /// The super-broker of the leader that it has lost.
    Grandparent,
    /// Any other one.
    Random,
    /// The nearest other one.
    Nearest,
    /// None: it waits for its leader.
    None,
}

impl Detection {
    /// These rules with spans in place of numbers, as units use them.
    pub(super) fn validated(&self) -> Heartbeats {
        Heartbeats {
            every: self.heartbeat_ms.span(),
            timeout: self.timeout_ms.span(),
            misses: self.misses.0,
        }
    }
}

members! {
    /// How packets are sent again until they are acknowledged.
    pub struct Retransmission {
        /// How long a packet is waited for, in milliseconds; then twice as long each time.
        pub timeout_ms: PeriodMs = PeriodMs(500.0);
        /// How often a packet is sent again before its receiver counts as silent.
        pub limit: Repeats = Repeats(4);
    }
}

impl Retransmission {
    /// These rules with spans in place of numbers, as units use them.
    pub(super) fn validated(&self) -> link::Retransmission {
        link::Retransmission {
            timeout: self.timeout_ms.span(),
            limit: self.limit.0,
        }
    }
}

/// How the complete overlay is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Start {
    /// The routing tables are built at once.
    Direct,
    /// Every unit registers by messages; this gives the same tables.
    Messages,
}

/// The order in which a broker asks its colony.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Search {
    /// As few as needed at a time, in random order: fewer messages, but slower.
    Selective,
    /// All able ones at once: more messages, but faster.
    Exhaustive,
    /// The super-broker before the colony, and so on up to the root, which searches the whole tree as by
    /// `selective`: a baseline.
    RootFirst,
}
