//! Requests of several parts: for each, providers are found as if it were a request.
//!
//! A request is accepted once all parts are found; what is found before the last one is reserved meanwhile. The
//! first part that fails ends it: who has agreed to others is released, and nobody else is asked. This module does
//! *not* know how a mechanism finds anybody.

use super::{Asking, release_all, start};
use crate::discovery::parts::{Part, queries};
use crate::discovery::{Providers, RequestId, RequestOutcome};
use crate::rivals::message::{Context, Said, end};

impl<T> Asking<T> {
    /// A request of several parts begins, whose first query is `first`: each part is to be opened.
    pub(in crate::rivals) fn begin_all(&mut self, first: RequestId, parts: &[Part]) {
        let together = self.together.get_or_insert_default();
        together.begin(first, parts);
    }

    /// Whether `query` is a part of a request that is open.
    pub(in crate::rivals) fn has_parts(&self, query: RequestId) -> bool {
        let together = self.together.as_ref();
        together.is_some_and(|together| together.is_open(query))
    }

    /// These agree to a part, and they are enough.
    pub(super) fn part_found<S: Said>(
        &mut self,
        found: (RequestId, Providers),
        context: &mut Context<'_, S>,
    ) {
        let together = self.together.get_or_insert_default();
        together.part_found(found, context, release_all, start);
    }

    /// The part `query` has failed, and its request with it.
    pub(super) fn part_failed<S: Said>(&mut self, query: RequestId, context: &mut Context<'_, S>) {
        let together = self.together.get_or_insert_default();
        let Some((first, found)) = together.failed(query) else {
            return;
        };
        for (query, agreed) in queries(first, &found) {
            release_all(query, agreed, context);
            if let Some(asked) = self.close(query, context) {
                release_all(query, &asked.agreed, context);
            }
        }
        end(first, RequestOutcome::Rejected, context);
    }
}
