//! Acknowledgement and detection: how a unit finds out that a peer has gone.
//!
//! Where it is on, brokers acknowledge each query at once (a GCU's answer is its acknowledgement), and a peer that
//! shows no sign of life for a while after it was asked is suspected. This module does *not* know what then becomes
//! of the membership and of the query.

use crate::arigatoni::Context;
use crate::arigatoni::message::{Message, Query, Reminder};
use crate::discovery::config::SilenceTimeout;
use crate::unit::UnitId;

/// A broker has taken in a query.
#[inline]
pub(super) fn acknowledge(
    silence_timeout: Option<SilenceTimeout>,
    asker: UnitId,
    query: &Query,
    context: &mut Context<'_>,
) {
    if silence_timeout.is_some() {
        let (request, ticket) = (query.request, query.ticket);
        context.send(asker, Message::QueryAcknowledged { request, ticket });
    }
}

/// A peer has been asked: it is gone if it is silent for too long. The enquiry is in `slot`.
#[inline]
pub(super) fn watch(silence_timeout: Option<SilenceTimeout>, slot: u32, context: &mut Context<'_>) {
    if let Some(SilenceTimeout { timeout }) = silence_timeout {
        context.arm(Reminder::AnswerTimeout { slot }, timeout);
    }
}

/// Stops waiting for the peer asked in `slot`: it has answered, or its answer no longer matters.
#[inline]
pub(super) fn heard(silence_timeout: Option<SilenceTimeout>, slot: u32, context: &mut Context<'_>) {
    if silence_timeout.is_some() {
        context.disarm(Reminder::AnswerTimeout { slot });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arigatoni::tests::{REQUEST, effects_of, question, ticket};
    use crate::discovery::gbu;
    use crate::time::Span;
    use crate::unit::Effect;

    #[test]
    fn where_nobody_looks_nothing_is_said() {
        let said = effects_of(|context| {
            acknowledge(None, gbu(1), &question(1, 2), context);
            watch(None, 3, context);
            heard(None, 3, context);
        });
        assert!(said.is_empty(), "{said:?}");
    }

    #[test]
    fn a_peer_is_waited_for_until_it_is_heard() {
        let timeout = Span::from_s(2);
        let silence_timeout = Some(SilenceTimeout { timeout });
        let said = effects_of(|context| {
            acknowledge(silence_timeout, gbu(1), &question(1, 2), context);
            watch(silence_timeout, 3, context);
            heard(silence_timeout, 3, context);
        });
        let silence = Reminder::AnswerTimeout { slot: 3 };
        assert!(matches!(&said[..], [
            Effect::Send { message: Message::QueryAcknowledged { request: REQUEST, ticket: sent }, .. },
            Effect::Arm { timer: armed, after },
            Effect::Disarm { timer },
        ] if *sent == ticket(2) && *armed == silence && *timer == silence && *after == timeout));
    }
}
