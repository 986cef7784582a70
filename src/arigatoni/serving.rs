//! Serving: what a computer agrees to, and for how long it holds a slot for it.
//!
//! A slot is held from the agreement until a release, or until the service has been rendered. It
//! does *not* know on whose behalf it is asked.

use crate::arigatoni::Context;
use crate::arigatoni::message::{Query, Reminder};
use crate::arigatoni::rules::{Recovery, Rules};
use crate::discovery::{Observation, RequestId};
use crate::slab::Slab;
use crate::time::Span;

/// What a computer has agreed to serve.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(super) struct Serving {
    held: Slab<Held>,
}

/// A slot that is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Held {
    request: RequestId,
    /// Whether the service has begun.
    serving: bool,
}

impl Serving {
    /// How many of `slots` slots are free; `None`: there is no limit.
    #[inline]
    pub(super) fn room(&self, slots: Option<u32>) -> u32 {
        let held = self.slots_held() as u32;
        slots.map_or(u32::MAX, |slots| slots.saturating_sub(held))
    }

    /// Whether it holds a slot for `request`.
    pub(super) fn holds(&self, request: RequestId) -> bool {
        self.held.iter().any(|(_, held)| held.request == request)
    }

    /// Forgets whom it serves.
    pub(super) fn clear(&mut self) {
        self.held.clear();
    }

    /// How many slots are held.
    #[inline]
    pub(super) fn slots_held(&self) -> usize {
        self.held.len()
    }

    /// Holds a slot for one instance. Where its requester may be gone, or never hear of it, no longer than
    /// a start message can take.
    #[inline]
    pub(super) fn agree(&mut self, query: &Query, rules: &Rules, context: &mut Context<'_>) {
        let slot = self.held.insert(Held {
            request: query.request,
            serving: false,
        });
        if let Some(Recovery { slack, .. }) = rules.recovery {
            let time_left = query.time_left.min(rules.deadline);
            context.arm(Reminder::Served { slot }, time_left + slack + slack);
        }
    }

    /// The requester has told it to start one instance, whose service takes `lasts`.
    pub(super) fn begin(&mut self, request: RequestId, lasts: Span, context: &mut Context<'_>) {
        if let Some(slot) = self.slot_of(request) {
            if let Some(held) = self.held.at_mut(slot) {
                held.serving = true;
            }
            context.arm(Reminder::Served { slot }, lasts);
            context.emit(Observation::Started { request });
        }
    }

    /// One instance is not needed for `request`.
    pub(super) fn release(&mut self, request: RequestId, context: &mut Context<'_>) {
        if let Some(slot) = self.slot_of(request) {
            self.held.remove(slot);
            context.disarm(Reminder::Served { slot });
        }
    }

    /// The service in `slot` has been rendered, or has never been asked for.
    pub(super) fn served(&mut self, slot: u32, context: &mut Context<'_>) {
        if let Some(Held {
            request,
            serving: true,
        }) = self.held.remove(slot)
        {
            context.emit(Observation::Served { request });
        }
    }

    /// Whether it serves nobody.
    pub(super) fn is_idle(&self) -> bool {
        self.slots_held() == 0
    }

    /// A slot that is held for `request`: one in which the service has not begun, if there is one.
    fn slot_of(&self, request: RequestId) -> Option<u32> {
        let mut begun = None;
        for (slot, held) in self.held.iter().filter(|(_, held)| held.request == request) {
            if !held.serving {
                return Some(slot);
            }
            begun = begun.or(Some(slot));
        }
        begun
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arigatoni::tests::{REQUEST, effects_of, question, rules};
    use crate::unit::Effect;

    #[test]
    fn a_slot_is_held_until_a_release_or_the_end_of_the_service() {
        let (slots, lasts) = (Some(2), Span::from_s(3));
        let other = RequestId(REQUEST.0 + 1);
        let mut serving = Serving::default();
        assert!(serving.is_idle());
        let query = question(1, 0);
        effects_of(|context| serving.agree(&query, &rules(), context));
        assert_eq!(serving.room(slots), 1);
        let query = Query {
            request: other,
            ..query
        };
        effects_of(|context| serving.agree(&query, &rules(), context));
        assert!(serving.room(slots) == 0 && serving.room(None) > 0);
        effects_of(|context| serving.release(REQUEST, context));
        assert_eq!(serving.room(slots), 1);
        let said = effects_of(|context| serving.begin(other, lasts, context));
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
        assert!(request == other && serving.is_idle());
    }

    #[test]
    fn each_instance_is_begun_and_released_by_itself() {
        let (query, lasts) = (question(2, 0), Span::from_s(3));
        let mut serving = Serving::default();
        for _ in 0..3 {
            effects_of(|context| serving.agree(&query, &rules(), context));
        }
        let begin = |serving: &mut Serving| {
            let said = effects_of(|context| serving.begin(REQUEST, lasts, context));
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
        effects_of(|context| serving.release(REQUEST, context));
        assert_eq!(
            serving.slots_held(),
            2,
            "the one that has not begun is released"
        );
        for slot in [one, other] {
            assert_eq!(effects_of(|context| serving.served(slot, context)).len(), 1);
        }
        assert!(serving.is_idle());
    }

    #[test]
    fn where_messages_get_lost_a_slot_is_not_held_for_ever() {
        let slack = Span::from_s(3);
        let again = Span::from_s(20);
        let rules = Rules {
            recovery: Some(Recovery { again, slack }),
            ..rules()
        };
        let mut serving = Serving::default();
        let query = question(1, 0);
        let said = effects_of(|context| serving.agree(&query, &rules, context));
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
        assert!(said.is_empty() && serving.is_idle(), "nobody was served");
    }

    #[test]
    fn what_it_has_not_agreed_to_it_neither_begins_nor_ends() {
        let mut serving = Serving::default();
        let said = effects_of(|context| {
            serving.begin(REQUEST, Span::from_s(1), context);
            serving.release(REQUEST, context);
        });
        assert!(said.is_empty());
    }
}
