//! What is noted of commands that units are given from outside.
//!
//! It does *not* know who gives them.

use super::{Event, Fact, Record};
use crate::discovery::{Command, Mechanism};
use crate::time::Time;
use crate::unit::UnitId;

impl<M: Mechanism> Record<M> {
    /// `unit` is given a command from outside.
    #[inline(never)]
    pub(super) fn commanded(&mut self, now: Time, unit: UnitId, command: &Command) {
        match command {
            Command::Issue { request, .. } | Command::IssueAll { request } => {
                self.issue(now, *request);
                if let Some(presence) = &mut self.presence {
                    presence.issue(unit, *request);
                }
            }
            Command::Join => self.come(now, unit, Event::Up),
            Command::Leave => self.come(now, unit, Event::Down),
            Command::Unwatch => self.unwatched(now),
            // Who is logged out works by itself from then on, and is nobody's orphan.
            Command::Expel { member } => {
                let at = self.since_begin(now);
                if let Some(healing) = &mut self.healing {
                    healing.add(at, Fact::Went(*member));
                }
            }
            Command::Change { .. }
            | Command::Watch
            | Command::Link { .. }
            | Command::Unlink { .. }
            | Command::Revoke { .. }
            | Command::Settle { .. }
            | Command::OpenTunnel
            | Command::CloseTunnel => {}
        }
    }
}
