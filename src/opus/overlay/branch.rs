//! A node's place in one tree: its parent, its path state, its children.
//!
//! This module does *not* know the wire, nor who else there is.

use super::delay_goal::GoalState;
use super::message::{ParentRequest, PathState, Priority};
use super::reliability::Above;
use super::round_trips::half;
use crate::time::{Span, Time};

/// A link to another node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Link {
    /// Who.
    pub(super) node: u32,
    /// The latency of the route to it.
    pub(super) latency: Span,
}

/// A parent request that has not been answered.
#[derive(Debug, Clone, Copy)]
pub(super) struct PendingRequest {
    /// To whom.
    pub(super) link: Link,
    /// When it was made.
    at: Time,
    /// Whether a grant is to be given back: who was asked has told this node to go since.
    pub(super) void: bool,
}

impl PendingRequest {
    /// Whether its answer should have come by `now`, or else the timer for it.
    pub(super) fn is_overdue(self, now: Time, timeout: Span) -> bool {
        now.saturating_since(self.at) > timeout
    }

    /// The link as the round trip tells, if the answer arrives at `now`.
    pub(super) fn answered(self, now: Time) -> Link {
        Link {
            latency: half(now - self.at),
            ..self.link
        }
    }
}

/// A child.
#[derive(Debug, Clone, Copy)]
struct Child {
    node: u32,
    /// The latency of its route to the source, as it said last.
    shortest: Span,
    /// How often its sign of life was waited for since it was heard of.
    missed: u32,
    /// What it said in its last request of whether it holds its place; it tells no later change.
    priority: Option<Priority>,
}

impl Child {
    /// Whether it holds its place below a parent in this state.
    fn holds(&self, parent: &PathState) -> bool {
        self.priority.is_none_or(|priority| {
            let on_time = |delay_max| !parent.late && parent.delay <= delay_max;
            priority.must || priority.delay_max.is_some_and(on_time)
        })
    }
}

/// A node's place in one tree.
#[derive(Debug, Default)]
pub(super) struct Branch {
    /// Its parent.
    pub(super) parent: Option<Link>,
    /// Its path state, while it has a parent or is the source.
    pub(super) path_state: Option<PathState>,
    /// Whom it has asked to be its parent.
    pub(super) asking: Option<PendingRequest>,
    /// Whether its parent has not yet answered a ping.
    pub(super) waiting: bool,
    /// Which nodes must be examined to find a better parent.
    pub(super) news: News,
    /// What it knows of its delay goal.
    pub(super) goal: GoalState,
    /// What its parent told of the worlds in which packets reach it.
    pub(super) above: Above,
    children: Vec<Child>,
}

/// What a node has learnt about others since it found none that is a better parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum News {
    /// Nothing that would let it find one.
    Nothing,
    /// Something about this node only.
    Of(u32),
    /// Anything; or it has not looked.
    #[default]
    Much,
}

/// What becomes of a parent request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Adoption {
    /// Granted.
    Adopted,
    /// Granted in the place of this child.
    Instead(u32),
    /// Refused.
    Refused,
}

impl Branch {
    /// A branch that is as a centre has planned it.
    pub(super) fn planned(parent: Option<Link>, path_state: PathState, children: &[u32]) -> Self {
        let child = |&node: &u32| Child {
            node,
            shortest: Span::ZERO,
            missed: 0,
            priority: None,
        };
        Self {
            parent,
            path_state: Some(path_state),
            asking: None,
            waiting: false,
            news: News::Much,
            goal: GoalState::default(),
            above: Above::default(),
            children: children.iter().map(child).collect(),
        }
    }

    /// The children, in the order in which they came.
    pub(super) fn children(&self) -> impl Iterator<Item = u32> {
        self.children.iter().map(|child| child.node)
    }

    /// Judges the parent request of `node`, whose rank is above this node's, and carries out what it decides.
    pub(super) fn judge(
        &mut self,
        node: u32,
        request: ParentRequest,
        limit: Option<u32>,
    ) -> Adoption {
        let any = request.delay_max == Span::from_ns(u64::MAX);
        let fit = |path_state: &&PathState| {
            path_state.delay <= request.delay_max && (any || !path_state.late)
        };
        let Some(path_state) = self.path_state.as_ref().filter(fit) else {
            return Adoption::Refused;
        };
        let child = Child {
            node,
            shortest: request.shortest,
            missed: 0,
            priority: request.priority,
        };
        if let Some(known) = self.children.iter_mut().find(|known| known.node == node) {
            *known = child;
            return Adoption::Adopted;
        }
        if limit.is_none_or(|limit| self.children.len() < limit as usize) {
            self.children.push(child);
            return Adoption::Adopted;
        }
        let order = |child: &Child| (!child.holds(path_state), child.shortest, child.node);
        match self.children.iter_mut().max_by_key(|child| order(child)) {
            Some(last) if request.urgent && order(last) > order(&child) => {
                Adoption::Instead(std::mem::replace(last, child).node)
            }
            _ => Adoption::Refused,
        }
    }

    /// Takes a new parent that stands at `upper`; with `paths`, the way from the source is kept.
    pub(super) fn stand_under(&mut self, link: Link, upper: &PathState, me: u32, paths: bool) {
        let path = upper.path().iter().copied().chain([me]);
        self.parent = Some(link);
        self.path_state = Some(PathState {
            delay: upper.delay + link.latency,
            path: paths.then(|| path.collect()),
            worlds: None,
            late: false,
        });
        self.goal.above_late = upper.late;
    }

    /// Something has been learnt about `node`.
    pub(super) fn learn(&mut self, node: u32) {
        self.news = match self.news {
            News::Nothing => News::Of(node),
            News::Of(other) if other == node => News::Of(node),
            News::Of(_) | News::Much => News::Much,
        };
    }

    /// Asks the node at the end of `link` at `now`.
    pub(super) fn ask(&mut self, link: Link, now: Time) {
        let (at, void) = (now, false);
        self.asking = Some(PendingRequest { link, at, void });
    }

    /// The link to the parent takes `latency`. Returns whether that is news.
    pub(super) fn stretch(&mut self, latency: Span) -> bool {
        let (Some(link), Some(path_state)) = (&mut self.parent, &mut self.path_state) else {
            return false;
        };
        let before = std::mem::replace(&mut link.latency, latency);
        if before == latency {
            return false;
        }
        let upper = Span::from_ns(path_state.delay.as_ns() - before.as_ns());
        path_state.delay = upper + latency;
        true
    }

    /// Loses the parent.
    pub(super) fn fall(&mut self) {
        self.parent = None;
        self.path_state = None;
        self.waiting = false;
        self.goal.fall();
    }

    /// Loses a child.
    pub(super) fn drop_child(&mut self, node: u32) {
        self.children.retain(|child| child.node != node);
    }

    /// The children whose rank is not above `rank`, as far as is recorded.
    pub(super) fn not_above(&self, rank: (Span, u32)) -> impl Iterator<Item = u32> {
        let below = move |child: &&Child| (child.shortest, child.node) <= rank;
        self.children.iter().filter(below).map(|child| child.node)
    }

    /// Strikes them off.
    pub(super) fn strike_not_above(&mut self, rank: (Span, u32)) {
        self.children
            .retain(|child| (child.shortest, child.node) > rank);
    }

    /// A child says that it is `shortest` from the source, farther than before.
    pub(super) fn raise(&mut self, node: u32, shortest: Span) {
        for child in self.children.iter_mut().filter(|child| child.node == node) {
            child.shortest = child.shortest.max(shortest);
        }
    }

    /// A child has been heard of.
    pub(super) fn hear(&mut self, node: u32) {
        for child in self.children.iter_mut().filter(|child| child.node == node) {
            child.missed = 0;
        }
    }

    /// From now on the children's next signs of life are waited for.
    pub(super) fn listen(&mut self) {
        for child in &mut self.children {
            child.missed = child.missed.saturating_add(1);
        }
    }

    /// Strikes off the children that were waited for at least `missed` times since they were heard
    /// of.
    pub(super) fn prune(&mut self, missed: u32) {
        self.children.retain(|child| child.missed < missed);
    }

    /// How many nodes the own way from the source shares with `other`, without the source and
    /// `me`.
    pub(super) fn overlap(&self, other: &PathState, me: u32) -> usize {
        let Some(own) = &self.path_state else {
            return 0;
        };
        let common = |node: &&u32| **node != me && own.path().contains(node);
        other.path().iter().filter(common).count()
    }
}
