//! A node's place in one tree: its parent, its standing, its children.
//!
//! This module does *not* know the wire, nor who else there is.

use std::sync::Arc;

use super::message::{Standing, Wish};
use crate::time::Span;

/// A link to another node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Link {
    /// Who.
    pub(super) node: u32,
    /// The latency of the route to it.
    pub(super) latency: Span,
}

/// A child.
#[derive(Debug, Clone, Copy)]
struct Child {
    node: u32,
    /// The latency of its route to the source.
    shortest: Span,
    /// How often its sign of life was waited for since it was heard of.
    missed: u8,
}

/// A node's place in one tree.
#[derive(Debug, Default)]
pub(super) struct Branch {
    /// Its parent.
    pub(super) parent: Option<Link>,
    /// Its standing, while it has a parent or is the source.
    pub(super) standing: Option<Arc<Standing>>,
    /// Whom it has asked to be its parent.
    pub(super) asking: Option<Link>,
    /// Whether its parent has not yet answered a ping.
    pub(super) waiting: bool,
    children: Vec<Child>,
}

/// What becomes of a wish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Granted.
    Adopted,
    /// Granted in the place of this child.
    Instead(u32),
    /// Refused.
    Refused,
}

impl Branch {
    /// A branch that is as a centre has planned it.
    pub(super) fn planned(parent: Option<Link>, standing: Standing, children: &[u32]) -> Self {
        let child = |&node: &u32| Child {
            node,
            shortest: Span::ZERO,
            missed: 0,
        };
        Self {
            parent,
            standing: Some(Arc::new(standing)),
            asking: None,
            waiting: false,
            children: children.iter().map(child).collect(),
        }
    }

    /// The children, in the order in which they came.
    pub(super) fn children(&self) -> impl Iterator<Item = u32> {
        self.children.iter().map(|child| child.node)
    }

    /// Judges the wish of `node`, of whose upstream this node is, and carries the verdict out.
    pub(super) fn judge(&mut self, node: u32, wish: Wish, limit: Option<u32>) -> Verdict {
        let fit = |standing: &Arc<Standing>| standing.delay <= wish.delay_max;
        if !self.standing.as_ref().is_some_and(fit) {
            return Verdict::Refused;
        }
        let child = Child {
            node,
            shortest: wish.shortest,
            missed: 0,
        };
        if let Some(known) = self.children.iter_mut().find(|known| known.node == node) {
            *known = child;
            return Verdict::Adopted;
        }
        if limit.is_none_or(|limit| self.children.len() < limit as usize) {
            self.children.push(child);
            return Verdict::Adopted;
        }
        let farthest = self
            .children
            .iter_mut()
            .max_by_key(|child| (child.shortest, child.node));
        match farthest {
            Some(farthest)
                if wish.urgent && (farthest.shortest, farthest.node) > (wish.shortest, node) =>
            {
                Verdict::Instead(std::mem::replace(farthest, child).node)
            }
            _ => Verdict::Refused,
        }
    }

    /// Takes a new parent that stands at `upper`; with `paths`, the way from the source is kept.
    pub(super) fn stand_under(&mut self, link: Link, upper: &Standing, me: u32, paths: bool) {
        let mut path = Vec::new();
        if paths {
            path.extend(upper.path.iter().copied());
            path.push(me);
        }
        self.parent = Some(link);
        self.standing = Some(Arc::new(Standing {
            delay: upper.delay + link.latency,
            path: path.into(),
        }));
    }

    /// Loses the parent.
    pub(super) fn fall(&mut self) {
        self.parent = None;
        self.standing = None;
        self.waiting = false;
    }

    /// Loses a child.
    pub(super) fn drop_child(&mut self, node: u32) {
        self.children.retain(|child| child.node != node);
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
    pub(super) fn prune(&mut self, missed: u8) {
        self.children.retain(|child| child.missed < missed);
    }

    /// How many nodes the own way from the source shares with `other`, without the source and
    /// `me`.
    pub(super) fn overlap(&self, other: &Standing, me: u32) -> usize {
        let Some(own) = &self.standing else { return 0 };
        let common = |node: &&u32| **node != me && own.path.contains(node);
        other.path.iter().filter(common).count()
    }
}
