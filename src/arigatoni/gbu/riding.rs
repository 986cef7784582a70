//! A broker logs out members that take more than they give.
//!
//! It does *not* know what they do then.

use super::Gbu;
use crate::arigatoni::Context;
use crate::arigatoni::membership::leader;
use crate::arigatoni::message::{Message, Query};
use crate::arigatoni::rules::Rules;
use crate::arigatoni::searching::refuse;
use crate::discovery::{GCU, Observation};
use crate::unit::UnitId;

impl Gbu {
    /// A query has come from `asker`: whether it is refused, because the asker is logged out. It is told so.
    #[cold]
    pub(super) fn logs_out(
        &mut self,
        asker: UnitId,
        query: &Query,
        rules: &Rules,
        context: &mut Context<'_>,
    ) -> bool {
        let Some(rule) = rules.accounting.filter(|_| asker.kind() == GCU) else {
            return false;
        };
        let accounts = &mut self.searching.accounts;
        let is_known = accounts.bars(asker);
        if !accounts.refuses(asker, rule, context.now()) {
            return false;
        }
        refuse(asker, query, context);
        if !is_known {
            context.emit(Observation::LoggedOut { unit: asker });
        }
        self.log_out(asker, context);
        true
    }

    /// Logs out the members whose balance has just fallen below the limit.
    #[cold]
    pub(super) fn log_out_overdrawn(&mut self, context: &mut Context<'_>) {
        for unit in self.searching.accounts.take_overdrawn() {
            context.emit(Observation::LoggedOut { unit });
            self.log_out(unit, context);
        }
    }

    fn log_out(&mut self, unit: UnitId, context: &mut Context<'_>) {
        let change = leader::log_out(&mut self.table, unit, context);
        self.tell_change(change, context);
    }

    /// Whether it has logged `computer` out, which has taken more than it may.
    pub(in crate::arigatoni) fn has_logged_out(&self, computer: UnitId) -> bool {
        self.searching.accounts.bars(computer)
    }

    /// Whether `unit`, which wants to be a member, has been logged out. It is told so.
    pub(super) fn bars(&self, unit: UnitId, context: &mut Context<'_>) -> bool {
        let bars = self.searching.accounts.bars(unit);
        if bars {
            context.send(unit, Message::LoggedOut);
        }
        bars
    }
}
