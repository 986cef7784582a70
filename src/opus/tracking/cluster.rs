//! What the head of a cluster does for its members, and what members do for their head: signs of
//! life, adoption, the division of a cluster that is too large and the end of one that is too
//! small.
//!
//! This module does *not* know how a node finds a cluster, nor what is tracked.

use super::hierarchy::{Child, Head, Role, SearchStage};
use super::message::{Message, Roster, Timer};
use super::tracker::{Port, SERVER, Tracker};
use crate::time::Span;

impl Tracker {
    /// A message about clusters has arrived.
    pub(super) fn organise(&mut self, from: u32, message: Message, port: &mut impl Port) {
        match message {
            Message::Where { height } => {
                if self.me == SERVER
                    && let Some(root) = self.root_for(from, height)
                {
                    port.send(from, Message::Root { root });
                }
            }
            Message::Root { root } if from == SERVER => self.directed(root, port),
            Message::RootRecord { height } => {
                if self.me == SERVER
                    && let Some(root) = self.crowned(from, height)
                {
                    port.send(from, Message::Root { root });
                }
            }
            Message::Seek { layer } => self.listed(from, layer, port),
            Message::Found { layer, roster } => self.found(from, layer, &roster, port),
            Message::Probe { sent } => port.send(from, Message::Echo { sent }),
            Message::Echo { sent } => self.echoed(from, sent, port),
            Message::Adopt {
                height,
                latency,
                choosy,
            } => self.adopt(from, (height, latency), choosy, port),
            Message::Refused => self.refused(from, port),
            Message::Declined => self.declined(from, port),
            Message::Leave => {
                self.drop_child(from);
                self.changed(port);
            }
            Message::Beat {
                height,
                latency,
                size,
            } => self.alive(from, (height, latency, size), port),
            Message::Cluster {
                layer,
                roster,
                above,
            } => {
                let head = self.head_of(from, roster, above);
                self.shown(head, layer, port);
            }
            Message::Lead { layer } => self.led(from, layer, port),
            Message::Split {
                layer,
                roster,
                above,
            } => self.divided(from, layer, &roster, above, port),
            Message::Go { to } => {
                if self.hierarchy.head_if(from).is_some() && to != self.me {
                    self.apply(to, None, port);
                }
            }
            Message::Merge { into } => self.merged(from, into, port),
            Message::Update(_) | Message::Hello(_) | Message::Summary(_) | Message::Root { .. } => {
            }
        }
    }

    /// The head of a cluster, as it tells of itself now.
    fn head_of(&self, node: u32, roster: Roster, above: Option<u32>) -> Head {
        Head {
            node,
            latency: None,
            heard: self.now(),
            roster,
            above,
        }
    }

    /// How long a head and its members may be silent: who has told something just after one beat
    /// says nothing at the next.
    pub(super) fn silence(&self) -> Span {
        self.rules.heartbeat_ms.span()
            + self.rules.heartbeat_ms.span()
            + self.rules.timeout_ms.span()
    }

    fn drop_child(&mut self, node: u32) {
        self.hierarchy.drop_child(node);
        self.heard.remove(node);
    }

    /// Takes `child` in as a member. What it told as one before counts no longer: it tells anew what it knows, and
    /// nothing of a quantity of which it knows nothing now.
    pub(super) fn admit(&mut self, child: Child) {
        self.hierarchy.adopt(child);
        self.heard.remove(child.node);
        self.heard.insert(child.node, self.now());
    }

    /// Somebody asks to be adopted.
    fn adopt(
        &mut self,
        node: u32,
        (height, latency): (u8, Option<Span>),
        choosy: bool,
        port: &mut impl Port,
    ) {
        let grows = self.hierarchy.role == Role::Root && height == self.hierarchy.height;
        let layer = height.saturating_add(1);
        let room = self.hierarchy.count(layer) + 1 < self.rules.cluster.0 as usize;
        if !grows && height >= self.hierarchy.height || choosy && !room || height == u8::MAX {
            return port.send(node, Message::Declined);
        }
        self.hierarchy.height = self.hierarchy.height.max(layer);
        self.admit(Child {
            node,
            layer,
            latency,
            size: 0,
        });
        self.show(node, layer, port);
        self.introduce(node, port);
        self.divide(layer, port);
        self.changed(port);
    }

    /// Shows a member of the cluster of `layer` the cluster.
    fn show(&mut self, node: u32, layer: u8, port: &mut impl Port) {
        let cluster = Message::Cluster {
            layer,
            roster: self.hierarchy.roster(self.me, layer),
            above: self.hierarchy.above(layer),
        };
        port.send(node, cluster);
    }

    /// A member shows that it lives.
    fn alive(
        &mut self,
        node: u32,
        (height, latency, size): (u8, Option<Span>, u8),
        port: &mut impl Port,
    ) {
        let (now, own) = (self.now(), self.hierarchy.height);
        let Some(child) = self.hierarchy.child(node) else {
            return port.send(node, Message::Refused);
        };
        if height >= own {
            self.drop_child(node);
            return port.send(node, Message::Refused);
        }
        let layer = height + 1;
        let news = child.layer != layer || child.latency != latency;
        *child = Child {
            node,
            layer,
            latency,
            size,
        };
        self.hierarchy.news |= news;
        self.heard.hear(node, now);
        self.divide(layer, port);
    }

    /// Hands the farther half of the cluster of `layer` over to the farthest of them, if the
    /// cluster is too large.
    fn divide(&mut self, layer: u8, port: &mut impl Port) {
        if self.hierarchy.count(layer) < self.rules.cluster.0 as usize {
            return;
        }
        let above = match self.hierarchy.role {
            _ if layer < self.hierarchy.height => self.me,
            Role::Root => {
                self.hierarchy.height += 1;
                self.me
            }
            Role::Member(head) => head.node,
            // Later, when it has found its own place.
            Role::Outside | Role::Seeking(_) => return,
        };
        let members = self.hierarchy.successors(layer);
        let far = &members[members.len() / 2..];
        if let Some((farthest, others)) = far.split_last() {
            let roster = Roster::first(others.iter().map(|child| child.node));
            let split = Message::Split {
                layer,
                roster,
                above,
            };
            // They accept only who is in the cluster. The new head may be new there, and the farthest of too many is not in the
            // list of its members.
            let all = [self.me, farthest.node]
                .into_iter()
                .chain(others.iter().map(|child| child.node));
            let cluster = Message::Cluster {
                layer,
                roster: Roster::first(all),
                above: self.hierarchy.above(layer),
            };
            for child in others {
                port.send(child.node, cluster);
            }
            port.send(farthest.node, split);
        }
        for child in far {
            self.drop_child(child.node);
        }
        self.changed(port);
    }

    /// The head has handed members over to this node.
    fn divided(&mut self, head: u32, layer: u8, roster: &Roster, above: u32, port: &mut impl Port) {
        let fits = self.hierarchy.head_if(head).is_some() && layer == self.hierarchy.height + 1;
        if fits {
            self.lead(roster.as_slice(), port);
            if above == self.me {
                // It has come back before the head has noticed that it was away: what the head
                // says of it is of before.
                self.ask(port);
            } else {
                self.apply(above, None, port);
            }
        }
    }

    /// Shows that it lives, and looks who does.
    pub(super) fn beat(&mut self, port: &mut impl Port) {
        port.arm(Timer::Beat, self.rules.heartbeat_ms.span());
        let before = self.now().saturating_sub(self.silence());
        let silent: Vec<u32> = self.heard.silent(before).collect();
        for &node in &silent {
            self.drop_child(node);
        }
        if !silent.is_empty() {
            self.changed(port);
        }
        self.shrink(port);
        for layer in 1..=self.hierarchy.height {
            self.divide(layer, port);
            self.merge(layer, port);
        }
        match self.hierarchy.role {
            Role::Member(head) if head.heard < before => self.elect(head, port),
            Role::Member(head) => {
                let news =
                    self.hierarchy.beat_due || self.hierarchy.size() != self.hierarchy.size_told;
                if news || !self.told_up {
                    self.live_to(&head, port);
                }
            }
            Role::Root => {
                self.recount(port);
                self.root_record(port);
            }
            Role::Outside | Role::Seeking(_) => {}
        }
        self.show_all(port);
        self.told_up = false;
        self.told_down = false;
        self.hierarchy.news = false;
    }

    fn live_to(&mut self, head: &Head, port: &mut impl Port) {
        let beat = Message::Beat {
            height: self.hierarchy.height,
            latency: head.latency,
            size: self.hierarchy.size(),
        };
        self.hierarchy.beat_due = false;
        self.hierarchy.size_told = self.hierarchy.size();
        port.send(head.node, beat);
    }

    /// Shows all members their clusters, unless nothing has changed and they were told something
    /// else.
    fn show_all(&mut self, port: &mut impl Port) {
        if !self.hierarchy.news && self.told_down {
            return;
        }
        for layer in 1..=self.hierarchy.height {
            let cluster = Message::Cluster {
                layer,
                roster: self.hierarchy.roster(self.me, layer),
                above: self.hierarchy.above(layer),
            };
            let of_layer = |child: &&Child| child.layer == layer;
            for child in self.hierarchy.children.iter().filter(of_layer) {
                port.send(child.node, cluster);
            }
        }
    }

    /// Ends the highest clusters if nobody is in them.
    fn shrink(&mut self, port: &mut impl Port) {
        let before = self.hierarchy.height;
        while self.hierarchy.height > 0 && self.hierarchy.count(self.hierarchy.height) == 0 {
            self.hierarchy.height -= 1;
        }
        if self.hierarchy.height != before {
            self.hierarchy.news = true;
            self.hierarchy.beat_due = true;
            if let Role::Seeking(SearchStage::Adopting { head, latency }) = self.hierarchy.role {
                // The answer to what it has asked for would not fit any more.
                self.apply(head, latency, port);
            }
        }
    }

    /// Below the cluster of `layer`: lets the smallest cluster that a member leads end, and go to
    /// the next larger one or to this node's own, if one of the two has less than a third of the
    /// nodes that a cluster may have, and both have two thirds at most: so they do not divide again.
    fn merge(&mut self, layer: u8, port: &mut impl Port) {
        if layer < 2 {
            return;
        }
        let known = |child: &&Child| child.layer == layer && child.size > 0;
        let members = self.hierarchy.children.iter().filter(known);
        let mut sizes: Vec<(usize, u32)> = members
            .map(|child| (usize::from(child.size), child.node))
            .collect();
        sizes.sort_unstable();
        let Some(&(size, smallest)) = sizes.first() else {
            return;
        };
        let own = (self.hierarchy.count(layer - 1) + 1, self.me);
        let (other, into) = sizes.get(1).map_or(own, |&next| own.min(next));
        let most = self.rules.cluster.0 as usize;
        let small = 3 * size.min(other) < most;
        if small && 3 * (size + other) <= 2 * most {
            if let Some(child) = self.hierarchy.child(smallest) {
                child.size = 0;
            }
            port.send(smallest, Message::Merge { into });
        }
    }

    /// Ends the highest cluster that it leads: all of it go to the head `into`.
    fn merged(&mut self, head: u32, into: u32, port: &mut impl Port) {
        let top = self.hierarchy.height;
        if self.hierarchy.head_if(head).is_none() || top == 0 || into == self.me {
            return;
        }
        for child in self.hierarchy.successors(top) {
            port.send(child.node, Message::Go { to: into });
            self.drop_child(child.node);
        }
        self.hierarchy.height -= 1;
        // Its own head knows where it stands by what it asks for.
        if head != into {
            port.send(head, Message::Leave);
        }
        self.apply(into, None, port);
    }
}
