//! Serving: for how long a computer holds a slot for somebody who may never tell it to begin.

use crate::arigatoni::message::Query;
use crate::arigatoni::rules::{Recovery, Rules};
use crate::time::Span;

impl Rules {
    /// For how long a slot is held at most for who asks: where its requester may be gone, or never hear of it, no longer
    /// than a start message can take.
    #[inline]
    pub(super) fn holds_for(&self, query: &Query) -> Option<Span> {
        let Recovery { slack, .. } = self.recovery?;
        Some(query.time_left.min(self.deadline) + slack + slack)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arigatoni::message::{ArigatoniProtocol, Reminder};
    use crate::arigatoni::tests::{REQUEST, effects_of, question, rules};
    use crate::discovery::{HeldSlots, Observation, RequestId};
    use crate::unit::Effect;

    fn agree(
        serving: &mut HeldSlots,
        query: &Query,
        rules: &Rules,
    ) -> Vec<Effect<ArigatoniProtocol>> {
        let at_most = rules.holds_for(query);
        effects_of(|context| serving.hold(query.request, at_most, context))
    }

    #[test]
    fn a_slot_is_held_until_a_release_or_the_end_of_the_service() {
        let (slots, lasts) = (Some(2), Span::from_s(3));
        let other = RequestId(REQUEST.0 + 1);
        let mut serving = HeldSlots::default();
        assert!(serving.count() == 0);
        let query = question(1, 0);
        agree(&mut serving, &query, &rules());
        assert_eq!(serving.room(slots), 1);
        let query = Query {
            request: other,
            ..query
        };
        agree(&mut serving, &query, &rules());
        assert!(serving.room(slots) == 0 && serving.room(None) > 0);
        effects_of(|context| serving.release(serving.waiting_or_serving(REQUEST), context));
        assert_eq!(serving.room(slots), 1);
        let said =
            effects_of(|context| serving.begin(serving.waiting_or_serving(other), lasts, context));
        let [
            Effect::Arm { timer, after },
            Effect::Observation(Observation::Started { request }),
        ] = said[..]
        else {
            panic!("{said:?}")
        };
        assert_eq!((after, request), (lasts, other));
        let Reminder::Served { slot } = timer else {
            panic!("{timer:?}")
        };
        let said = effects_of(|context| serving.served(slot, context));
        let [Effect::Observation(Observation::Served { request })] = said[..] else {
            panic!("{said:?}")
        };
        assert!(request == other && serving.count() == 0);
    }

    #[test]
    fn each_instance_is_begun_and_released_by_itself() {
        let (query, lasts) = (question(2, 0), Span::from_s(3));
        let mut serving = HeldSlots::default();
        for _ in 0..3 {
            agree(&mut serving, &query, &rules());
        }
        let begin = |serving: &mut HeldSlots| {
            let said = effects_of(|context| {
                serving.begin(serving.waiting_or_serving(REQUEST), lasts, context);
            });
            match said[..] {
                [
                    Effect::Arm {
                        timer: Reminder::Served { slot },
                        ..
                    },
                    Effect::Observation(Observation::Started { .. }),
                ] => slot,
                _ => panic!("{said:?}"),
            }
        };
        let (one, other) = (begin(&mut serving), begin(&mut serving));
        assert_ne!(one, other);
        effects_of(|context| serving.release(serving.waiting_or_serving(REQUEST), context));
        assert_eq!(serving.count(), 2, "the one that has not begun is released");
        for slot in [one, other] {
            assert_eq!(effects_of(|context| serving.served(slot, context)).len(), 1);
        }
        assert!(serving.count() == 0);
    }

    #[test]
    fn where_messages_get_lost_a_slot_is_not_held_for_ever() {
        let slack = Span::from_s(3);
        let again = Span::from_s(20);
        let rules = Rules {
            recovery: Some(Recovery { again, slack }),
            ..rules()
        };
        let mut serving = HeldSlots::default();
        let query = question(1, 0);
        let said = agree(&mut serving, &query, &rules);
        let [
            Effect::Arm {
                timer: Reminder::Served { slot },
                after,
            },
        ] = said[..]
        else {
            panic!("{said:?}")
        };
        assert!(after >= query.time_left.min(rules.deadline) + slack);
        let said = effects_of(|context| serving.served(slot, context));
        assert!(said.is_empty() && serving.count() == 0, "nobody was served");
    }

    #[test]
    fn what_it_has_not_agreed_to_it_neither_begins_nor_ends() {
        let mut serving = HeldSlots::default();
        let said = effects_of(|context| {
            serving.begin(
                serving.waiting_or_serving(REQUEST),
                Span::from_s(1),
                context,
            );
            serving.release(serving.waiting_or_serving(REQUEST), context);
        });
        assert!(said.is_empty());
    }
}
