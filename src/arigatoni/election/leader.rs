//! The leader's side: its members are told who they are.
//!
//! It does *not* know how members come and go.

use super::{Notice, Roster};
use crate::arigatoni::Context;
use crate::arigatoni::message::Message;
use crate::unit::UnitId;

/// What a leader has told its members.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(in crate::arigatoni) struct Rosters {
    /// The number of the last list: it is kept where crashes do not reach it.
    number: u32,
    told: Option<Notice>,
    /// Whether somebody has been entered since, perhaps again: that one may have forgotten the list.
    is_stale: bool,
}

impl Rosters {
    /// What is left after a crash.
    pub(in crate::arigatoni) fn forget(&mut self) {
        (self.told, self.is_stale) = (None, false);
    }

    /// A member has been entered.
    pub(in crate::arigatoni) fn entered(&mut self) {
        self.is_stale = true;
    }

    /// The leader's own leader as it was told last.
    pub(in crate::arigatoni) fn above(&self) -> Option<UnitId> {
        self.told.as_ref()?.above
    }

    /// Tells the `members` (ascending) who they are, if they do not know. A list that nobody can be elected
    /// from replaces another one, but is not told else.
    pub(in crate::arigatoni) fn tell(
        &mut self,
        members: &[UnitId],
        (above, former): (Option<UnitId>, &[UnitId]),
        context: &mut Context<'_>,
    ) {
        let is_known = self.told.as_ref().is_some_and(|told| {
            told.members == members && told.above == above && told.former == former
        });
        if is_known && !self.is_stale {
            return;
        }
        self.is_stale = false;
        let roster = Roster {
            number: self.number + 1,
            above,
            former: former.to_vec(),
            members: members.to_vec(),
        };
        if roster.candidates() == 0 && self.told.is_none() {
            return;
        }
        self.number = roster.number;
        let notice = Notice::from(roster);
        for &member in members {
            context.send(member, Message::Roster(notice.clone()));
        }
        self.told = Some(notice).filter(|told| told.candidates() > 0);
    }
}
