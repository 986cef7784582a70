//! Requests: what the world asks of units, and what they report of it.
//!
//! Every discovery system takes the same commands and ends each request with the same note. This
//! module does *not* know what happens in between.

mod set;

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use super::Descriptor;
use crate::fingerprint::{Encode, Encoder};
use crate::unit::UnitId;

pub use set::RequestSet;

/// The kind of GCUs in a [`UnitId`].
pub const GCU: u8 = 0;
/// The kind of GBUs in a [`UnitId`].
pub const GBU: u8 = 1;

/// The GCU with number `index`.
pub const fn gcu(index: u32) -> UnitId {
    UnitId::new(GCU, index)
}

/// The GBU with number `index`.
pub const fn gbu(index: u32) -> UnitId {
    UnitId::new(GBU, index)
}

/// A request's number in the workload, from 0. Where each request has several parts that are searched side by side,
/// the number of one of its queries: those of a request follow each other, and those of the next one follow them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RequestId(pub u32);

/// GCUs that have agreed to serve a request, once for each instance, in order of arrival. Up to four need no allocation.
pub type Providers = SmallVec<[UnitId; 4]>;

/// What the world asks of units. The codes are part of every fingerprint: never renumber them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Command {
    /// To a GCU: find `instances` for `demand`.
    Issue {
        /// The request's number.
        request: RequestId,
        /// What to ask for.
        demand: Descriptor,
        /// How many.
        instances: u32,
    },
    /// To a GCU: find all parts that every request of this run has
    /// ([`World::parts`](super::World::parts)).
    IssueAll {
        /// The number of its first query.
        request: RequestId,
    },
    /// Unregister: leave the overlay in good order.
    Leave,
    /// Come back: take back an order to leave, or register again.
    Join,
    /// Look after one's colony and one's leader from now on.
    Watch,
    /// Look after nobody any more.
    Unwatch,
    /// To a GCU: what it offers has changed.
    Change {
        /// The number of the change, from 1.
        number: u32,
    },
    /// To a GBU: its colony is linked to another one, side by side.
    Link {
        /// The number of the other one's leader.
        peer: u32,
    },
    /// To a GBU: its colony is not linked to the other one any more.
    Unlink {
        /// The number of the other one's leader.
        peer: u32,
    },
    /// To a GBU: the credential of a computer has been revoked.
    Revoke {
        /// The number of the computer.
        computer: u32,
    },
    /// Go to another leader: leave one's own in good order, and register there.
    Settle {
        /// The number of that leader.
        leader: u32,
    },
    /// To a GBU: log a member out by force.
    Expel {
        /// The member.
        member: UnitId,
    },
    /// Register at the end of one's tunnel, besides one's own colony.
    OpenTunnel,
    /// Leave the end of one's tunnel, and do without it.
    CloseTunnel,
}

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestOutcome {
    /// Enough agreed to serve it.
    Accepted,
    /// Fewer agreed, or in time.
    Rejected,
    /// Its computer was disconnected.
    Local,
}

/// What units report for metrics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Observation {
    /// Of a request with several parts that is about to be accepted: what is found for one of them. Told for
    /// all parts, in their order.
    Found {
        /// The part's query.
        request: RequestId,
        /// How many of the providers serve it.
        instances: u32,
    },
    /// A request has ended at its requester. Every request ends once.
    Ended {
        /// Which one: its first query.
        request: RequestId,
        /// How.
        outcome: RequestOutcome,
        /// Who serves it, once for each instance, part by part: as many as asked for if accepted, or fewer that
        /// are enough; else nobody.
        providers: Providers,
    },
    /// A provider begins to serve one instance of a request.
    Started {
        /// Which one.
        request: RequestId,
    },
    /// A provider has served one instance of a request to the end.
    Served {
        /// Which one.
        request: RequestId,
    },
    /// A broker passes a request on to its super-broker. (Told where a request may be accepted although fewer
    /// were found than it asks for, or units get other leaders: elsewhere the providers tell it.)
    PassedUp {
        /// Which one.
        request: RequestId,
    },
    /// A broker has got the first providers for a request from this peer. (Told where units get other leaders:
    /// elsewhere the tree tells it.)
    FoundBy {
        /// Which one.
        request: RequestId,
        /// A provider, or the broker that found one.
        peer: UnitId,
    },
    /// Where units send again what gets lost: a query has reached its receiver, or is given up. (Elsewhere the
    /// query itself is seen.)
    Asked {
        /// The query's number.
        request: RequestId,
        /// The unit that was asked.
        unit: UnitId,
        /// Whether it has heard of it.
        reached: bool,
    },
    /// A computer was asked for what it once offered, and does not offer any more.
    NotOffered,
    /// Where services are constraints, from whom a leader has asked on behalf of a search.
    Enquired {
        /// Whether it offers, or its colony's table lists, anything that matches.
        found: bool,
    },
    /// From a leader: its table has changed.
    Member {
        /// The member that has come or gone.
        member: UnitId,
        /// How.
        change: MemberChange,
    },
    /// A peer has been found to be gone.
    Suspected {
        /// Who that is.
        unit: UnitId,
    },
    /// The members of a leader that has gone have elected this unit in its place.
    Elected {
        /// The leader.
        leader: UnitId,
        /// The number of the leader's last list of members, and of the vote by that list: the term.
        term: (u32, u32),
        /// Whether it is the root of its tree now.
        is_root: bool,
    },
    /// This unit has asked for votes, and was not elected.
    ElectionFailed,
    /// A leader has logged a member out by force, which has taken more than it has given.
    LoggedOut {
        /// Who that is.
        unit: UnitId,
    },
    /// The credential of a computer has been checked.
    Checked {
        /// Whose it is.
        unit: UnitId,
        /// What the check has shown.
        status: CredentialStatus,
    },
    /// A deadline timer fired on an open request.
    DeadlineHit {
        /// Which one.
        request: RequestId,
    },
    /// A request has been brought to a computer for the first time, or the computer has been asked
    /// whether it serves. Mechanisms whose columns do not need it do not say it.
    Reached {
        /// Which one.
        request: RequestId,
    },
}

/// What a message confirms to its receiver: that something has come, and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirms {
    /// It confirms nothing.
    Nothing,
    /// It confirms a query.
    Query,
    /// It confirms the message that its sender is handling, whatever that is.
    Message,
}

/// What the check of a credential shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CredentialStatus {
    /// It is valid.
    Valid,
    /// It is forged.
    Forged,
    /// It has expired.
    Expired,
    /// It has been revoked.
    Revoked,
}

/// What has become of a member in its leader's table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberChange {
    /// It has registered, perhaps again.
    Registered,
    /// It has been let go.
    Left,
    /// It has said that it belongs elsewhere, or to nobody.
    Moved,
    /// It has been found to be gone.
    Struck,
}

impl Encode for Command {
    fn encode(&self, to: &mut Encoder) {
        match self {
            Self::Issue {
                request,
                demand,
                instances,
            } => {
                to.u8(1);
                to.u32(request.0);
                to.u32(demand.0);
                to.u32(*instances);
            }
            Self::Leave => to.u8(2),
            Self::Join => to.u8(3),
            Self::Change { number } => {
                to.u8(4);
                to.u32(*number);
            }
            Self::Watch => to.u8(5),
            Self::Unwatch => to.u8(6),
            Self::IssueAll { request } => {
                to.u8(7);
                to.u32(request.0);
            }
            Self::Link { peer } => {
                to.u8(16);
                to.u32(*peer);
            }
            Self::Unlink { peer } => {
                to.u8(17);
                to.u32(*peer);
            }
            Self::Revoke { computer } => {
                to.u8(18);
                to.u32(*computer);
            }
            Self::Settle { leader } => {
                to.u8(19);
                to.u32(*leader);
            }
            Self::Expel { member } => {
                to.u8(20);
                to.u32(member.as_bits());
            }
            Self::OpenTunnel => to.u8(21),
            Self::CloseTunnel => to.u8(22),
        }
    }
}
