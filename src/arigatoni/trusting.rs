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
use crate::discovery::{CredentialStatus, GCU, Observation, Providers};
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
    let status = given.policy.credential(computer, revoked);
    context.emit(Observation::Checked {
        unit: computer,
        status,
    });
    status == CredentialStatus::Valid
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arigatoni::ArigatoniProtocol;
    use crate::arigatoni::rules::Borders;
    use crate::arigatoni::tests::two_domains::{TwoDomains, across};
    use crate::arigatoni::tests::{REQUEST, effects_at, question, sent, ticket};
    use crate::discovery::{gbu, gcu};
    use crate::unit::Effect;

    const LASTS: Span = Span::from_ns(5);

    /// Brokers check, and this is what a check of each of these shows.
    fn showing(credentials: &[(UnitId, CredentialStatus)]) -> Given<TwoDomains> {
        let mut given = across(Borders {
            check: Some(LASTS),
            ..Borders::default()
        });
        given.policy.credentials = credentials.iter().copied().collect();
        given
    }

    type Effects = Vec<Effect<ArigatoniProtocol>>;

    /// What is left of `message` from `from` at the broker `me`, how long the checks take, and what it does.
    fn at(
        me: UnitId,
        (from, message): (UnitId, Message),
        given: &Given<TwoDomains>,
    ) -> (Option<Message>, Span, Effects) {
        let mut left = (None, Span::ZERO);
        let effects = effects_at(0, me, |context| {
            left = checked((from, message), &BTreeSet::new(), given, context);
        });
        (left.0, left.1, effects)
    }

    /// Whom it checks, and what that shows.
    fn checks(effects: &Effects) -> Vec<(UnitId, CredentialStatus)> {
        let shown = effects.iter().filter_map(|effect| match effect {
            Effect::Observation(Observation::Checked { unit, status }) => Some((*unit, *status)),
            _ => None,
        });
        shown.collect()
    }

    /// GCU 1 asks, which is of domain 1.
    #[test]
    fn a_query_from_another_domain_is_checked_and_no_other() {
        let query = || (gbu(4), Message::Query(question(1, 2)));
        let given = showing(&[]);
        let (left, lasts, effects) = at(gbu(0), query(), &given);
        assert_eq!((left, lasts), (Some(query().1), LASTS));
        assert_eq!(checks(&effects), [(gcu(1), CredentialStatus::Valid)]);
        let (left, lasts, effects) = at(gbu(1), query(), &given);
        assert_eq!((left, lasts), (Some(query().1), Span::ZERO));
        assert!(effects.is_empty(), "{effects:?}");
        let unchecked = across(Borders::default());
        let (left, lasts, effects) = at(gbu(0), query(), &unchecked);
        assert_eq!((left, lasts), (Some(query().1), Span::ZERO));
        assert!(effects.is_empty(), "{effects:?}");
    }

    #[test]
    fn an_untrusted_query_is_refused() {
        let mut given = showing(&[(gcu(1), CredentialStatus::Expired)]);
        let refused_to = |from: UnitId, given: &Given<TwoDomains>| {
            let (left, lasts, effects) = at(gbu(0), (from, Message::Query(question(1, 2))), given);
            assert_eq!((left, lasts), (None, LASTS));
            assert_eq!(checks(&effects), [(gcu(1), CredentialStatus::Expired)]);
            let [(to, message)] = sent(&effects)[..] else {
                panic!("{effects:?}")
            };
            assert_eq!(to, from);
            message.clone()
        };
        let nobody = Message::Answer(Answer {
            request: REQUEST,
            ticket: ticket(2),
            providers: Providers::new(),
        });
        assert_eq!(refused_to(gbu(4), &given), nobody);
        // A broker that asks here before it searches its own colony is told the reason. A computer is not.
        given.rules.search = Search::RootFirst;
        let (request, ticket) = (REQUEST, ticket(2));
        let why = Message::Distrusted { request, ticket };
        assert_eq!(refused_to(gbu(4), &given), why);
        assert_eq!(refused_to(gcu(4), &given), nobody);
    }

    /// Each provider of another domain than the requester's is checked once, and those that are not to be trusted are
    /// released as often as they have agreed.
    #[test]
    fn an_answer_keeps_whom_one_can_trust() {
        let given = showing(&[
            (gcu(3), CredentialStatus::Forged),
            (gcu(4), CredentialStatus::Forged),
        ]);
        let answer = |providers: &[UnitId]| {
            Message::Answer(Answer {
                request: REQUEST,
                ticket: ticket(2),
                providers: providers.into(),
            })
        };
        let all = [gcu(2), gcu(4), gcu(3), gcu(2), gcu(4)];
        let (left, lasts, effects) = at(gbu(0), (gbu(2), answer(&all)), &given);
        // GCU 3 is of the requester's own domain.
        assert_eq!(left, Some(answer(&[gcu(2), gcu(3), gcu(2)])));
        assert_eq!(lasts, Span::from_ns(2 * LASTS.as_ns()));
        let shown = [
            (gcu(2), CredentialStatus::Valid),
            (gcu(4), CredentialStatus::Forged),
        ];
        assert_eq!(checks(&effects), shown);
        let release = Message::Release { request: REQUEST };
        assert_eq!(sent(&effects), [(gcu(4), &release), (gcu(4), &release)]);
    }
}
