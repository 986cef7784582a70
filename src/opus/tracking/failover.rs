//! Failover: what happens to a cluster whose head is lost, and which node leads it next.
//!
//! This module does *not* know how a lost head is noticed, nor how those who find no place search.

use super::hierarchy::{Child, Head, Role, SearchStage};
use super::message::{Message, Roster, Timer};
use super::tracker::{Port, Tracker};
use crate::time::Span;

impl Tracker {
    /// The head has fallen silent: the first living one in the order of succession takes its place;
    /// the others give those before them time.
    pub(super) fn elect(&mut self, lost: Head, port: &mut impl Port) {
        let me = self.me;
        let mut heirs = lost
            .roster
            .as_slice()
            .iter()
            .filter(|&&node| node != lost.node);
        match heirs.position(|&node| node == me) {
            None => self.ask(port),
            Some(0) => self.succeed(&lost, port),
            Some(rank) => {
                self.step(SearchStage::Electing { lost }, port);
                let turns = self
                    .rules
                    .timeout_ms
                    .span()
                    .as_ns()
                    .saturating_mul(rank as u64);
                let wait = self.rules.heartbeat_ms.span() + Span::from_ns(turns);
                port.arm(Timer::Search, wait);
            }
        }
    }

    /// Takes the place of the `lost` head.
    pub(super) fn succeed(&mut self, lost: &Head, port: &mut impl Port) {
        self.failovers += 1;
        let others = lost.roster.as_slice().iter().copied();
        let others = others.filter(|&node| node != lost.node && node != self.me);
        let others = Roster::first(others);
        let others = others.as_slice();
        if !others.is_empty() {
            self.lead(others, port);
        }
        match lost.above.filter(|&above| above != self.me) {
            Some(above) => self.apply(above, None, port),
            // The lost head was the root.
            None => self.reign(port),
        }
    }

    /// Leads a further cluster, above all that it leads.
    pub(super) fn lead(&mut self, members: &[u32], port: &mut impl Port) {
        self.hierarchy.height += 1;
        let layer = self.hierarchy.height;
        for &node in members {
            self.admit(Child {
                node,
                layer,
                latency: None,
                size: 0,
            });
            port.send(node, Message::Lead { layer });
        }
        self.hierarchy.beat_due = true;
    }

    /// `head` says that it leads the cluster now. Only its members may.
    pub(super) fn led(&mut self, head: u32, layer: u8, port: &mut impl Port) {
        let fits = layer == self.hierarchy.height + 1 && self.hierarchy.may_lead(head);
        match self.hierarchy.role {
            Role::Member(_) | Role::Seeking(_) if fits => {
                let head = Head {
                    node: head,
                    latency: None,
                    heard: self.now(),
                    roster: Roster::first([head]),
                    above: None,
                };
                self.attach(head, port);
            }
            Role::Outside | Role::Root | Role::Member(_) | Role::Seeking(_) => {
                port.send(head, Message::Leave);
            }
        }
    }
}
