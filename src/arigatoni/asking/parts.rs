//! Requests of several parts: each is put to the leader as a query of its own.
//!
//! A request is accepted once all parts are found; what is found before the last one is reserved meanwhile. The
//! first part that fails ends it: who has agreed to others is released, and what is still under way is not
//! waited for. This module does *not* know how a query is answered.

use super::{Asking, end, forget};
use crate::arigatoni::Context;
use crate::arigatoni::gcu::Rare;
use crate::arigatoni::policy::{Given, Policy};
use crate::arigatoni::rules::Rules;
use crate::arigatoni::searching::reservation::release;
use crate::discovery::parts::queries;
use crate::discovery::{Providers, RequestId, RequestOutcome};
use crate::unit::UnitId;

/// Where a computer keeps what is found of its requests, once it has made one of several parts.
pub(in crate::arigatoni) type Kept = Option<Box<Rare>>;

impl Asking {
    /// Puts all parts of the request whose first query is `first` to the leader.
    pub(in crate::arigatoni) fn ask_all(
        &mut self,
        (leader, first): (UnitId, RequestId),
        rules: &Rules,
        kept: &mut Kept,
        context: &mut Context<'_>,
    ) {
        let together = &mut kept.get_or_insert_default().together;
        together.begin(first, &rules.parts);
        for (query, part) in queries(first, &*rules.parts) {
            let what = (query, part.demand, part.instances);
            self.ask(leader, what, rules, context);
        }
    }

    /// These agree to a part, and they are enough.
    pub(super) fn part_found<P: Policy>(
        &mut self,
        found: (RequestId, Providers),
        given: &Given<P>,
        kept: &mut Kept,
        context: &mut Context<'_>,
    ) {
        let together = &mut kept.get_or_insert_default().together;
        together.part_found(found, context, release, |request, providers, context| {
            self.start(request, providers, given, context);
        });
    }

    /// The part `query` has failed, and its request with it, if that is not over.
    pub(super) fn part_failed(
        &mut self,
        query: RequestId,
        rules: &Rules,
        kept: &mut Kept,
        context: &mut Context<'_>,
    ) {
        let together = &mut kept.get_or_insert_default().together;
        let Some((first, found)) = together.failed(query) else {
            return;
        };
        for (query, providers) in queries(first, &found) {
            release(query, providers, context);
            let mut before = Providers::new();
            forget(query, &mut before, rules, kept);
            release(query, &before, context);
            self.abandon(query, rules, context);
        }
        end(first, RequestOutcome::Rejected, context);
    }

    /// Does not wait for an answer to `query` any more.
    fn abandon(&mut self, query: RequestId, rules: &Rules, context: &mut Context<'_>) {
        let mut open = self.open.iter();
        let slot = open.find_map(|(slot, asked)| (asked.request == query).then_some(slot));
        drop(open);
        if let Some(slot) = slot {
            self.stop_waiting(slot, rules, context);
        }
    }
}
