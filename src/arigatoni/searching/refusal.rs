//! Refusals: queries for which nobody is looked for.
//!
//! They do *not* know why a query is refused, but for one reason: that its requester is not to be trusted.

use super::{Searching, View};
use crate::arigatoni::message::{Answer, Message, Query, Ticket};
use crate::arigatoni::policy::Policy;
use crate::arigatoni::{Context, detection};
use crate::discovery::{Providers, RequestId};
use crate::unit::UnitId;

/// Answers a query without looking for anybody.
pub(in crate::arigatoni) fn refuse(asker: UnitId, query: &Query, context: &mut Context<'_>) {
    let answer = Answer {
        request: query.request,
        ticket: query.ticket,
        providers: Providers::new(),
    };
    context.send(asker, Message::Answer(answer));
}

impl Searching {
    /// The peer that was asked does not trust the requester. The search goes on where it is: if that was the
    /// super-broker, which was asked before all others, it has not searched its own colony either.
    pub(in crate::arigatoni) fn take_distrust<P: Policy>(
        &mut self,
        from: UnitId,
        (request, ticket): (RequestId, Ticket),
        view: View<'_, P>,
        context: &mut Context<'_>,
    ) {
        if self.enquiry(from, request, ticket).is_some() {
            detection::heard(view.given.rules.silence_timeout, ticket.0, context);
            self.give_up(ticket.0, view, context);
        }
    }
}
