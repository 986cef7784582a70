//! What a broker does with a query before it searches.
//!
//! It does *not* know whom it asks.

use super::Gbu;
use crate::arigatoni::Context;
use crate::arigatoni::membership::leader;
use crate::arigatoni::message::Query;
use crate::arigatoni::policy::{Given, Policy};
use crate::discovery::GCU;
use crate::unit::UnitId;

impl Gbu {
    /// `from` asks. A stranger is told so where it may have been forgotten, and is answered all the same.
    #[inline]
    pub(super) fn asked<P: Policy>(
        &mut self,
        from: UnitId,
        query: &Query,
        given: &Given<P>,
        context: &mut Context<'_>,
    ) {
        let recovery = given.rules.recovery;
        if given.rules.accounting.is_some() && self.logs_out(from, query, &given.rules, context) {
            return;
        }
        let is_beside = self.hear_linked(from);
        let is_above = from.kind() != GCU && self.membership.leader() == Some(from);
        if recovery.is_some() && !is_beside && !is_above {
            leader::is_stranger(&self.table, from, recovery, context);
        }
        let (searching, view) = self.split(given);
        searching.open(from, query, view, context);
    }
}
