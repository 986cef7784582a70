//! Trust: a broker checks the credentials of those of other domains who ask, and of those who agree to what is asked from
//! another domain than theirs.
//!
//! It does *not* know when a credential is revoked, nor who finds providers.

use std::collections::BTreeSet;

use super::Context;
use super::config::Search;
use super::message::{Answer, Message, Query};
use super::policy::{Given, Policy};
use super::searching::{refuse, reservation::release};
use crate::discovery::{GCU, Observation, Providers, Verdict};
use crate::time::Span;
use crate::unit::UnitId;

/// What comes to a broker from `from`, after it has checked it: what is left of it, and how long that took. A query that is
/// not to be trusted is refused; who is not to be trusted is released.
pub(super) fn checked<P: Policy>(
    (from, message): (UnitId, Message),
    revoked: &BTreeSet<UnitId>,
    given: &Given<P>,
    context: &mut Context<'_>,
) -> (Option<Message>, Span) {
    let policy = &given.policy;
    let Some(lasts) = given.rules.borders.check else {
        return (Some(message), Span::ZERO);
    };
    match message {
        Message::Query(query) => {
            let requester = policy.requester(query.request);
            if policy.domain(requester) == policy.domain(context.me()) {
                return (Some(Message::Query(query)), Span::ZERO);
            }
            let is_trusted = is_valid(requester, revoked, given, context);
            if !is_trusted {
                refuse_untrusted(from, &query, given.rules.search, context);
            }
            (is_trusted.then_some(Message::Query(query)), lasts)
        }
        Message::Answer(mut answer) => {
            let checks = trust(&mut answer, revoked, given, context);
            let lasts = Span::from_ns(lasts.as_ns().saturating_mul(checks));
            (Some(Message::Answer(answer)), lasts)
        }
        message => (Some(message), Span::ZERO),
    }
}

/// Refuses a query whose requester is not to be trusted. A broker that asks the root before its own colony must know that
/// it is refused for that reason: nobody has looked into its colony then.
fn refuse_untrusted(from: UnitId, query: &Query, search: Search, context: &mut Context<'_>) {
    if search == Search::RootFirst && from.kind() != GCU {
        let (request, ticket) = (query.request, query.ticket);
        context.send(from, Message::Distrusted { request, ticket });
    } else {
        refuse(from, query, context);
    }
}

/// Checks the credential of `computer`.
fn is_valid<P: Policy>(
    computer: UnitId,
    revoked: &BTreeSet<UnitId>,
    given: &Given<P>,
    context: &mut Context<'_>,
) -> bool {
    let verdict = given.policy.credential(computer, revoked);
    context.emit(Observation::Checked {
        unit: computer,
        verdict,
    });
    verdict == Verdict::Valid
}

/// Leaves those providers in an answer that can be trusted, and releases the others: how many were checked.
fn trust<P: Policy>(
    answer: &mut Answer,
    revoked: &BTreeSet<UnitId>,
    given: &Given<P>,
    context: &mut Context<'_>,
) -> u64 {
    let (mut good, mut bad) = (Providers::new(), Providers::new());
    let mut checks = 0;
    let own = given.policy.domain(given.policy.requester(answer.request));
    for &provider in &answer.providers {
        let is_good = if given.policy.domain(provider) == own || good.contains(&provider) {
            true
        } else if bad.contains(&provider) {
            false
        } else {
            checks += 1;
            is_valid(provider, revoked, given, context)
        };
        let list = if is_good { &mut good } else { &mut bad };
        list.push(provider);
    }
    release(answer.request, &bad, context);
    answer.providers = good;
    checks
}
