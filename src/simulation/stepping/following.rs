//! A history that is followed by rules while it happens.
//!
//! It does *not* know the rules.

use super::Stepper;
use crate::system::{Explorable, Follower, Happened, Model, Observed, Violation};
use crate::unit::{Protocol, UnitId};

type ProtocolOf<S> = <S as Model>::Protocol;

/// The follower of the history, and what is known so far.
pub(super) struct Followed<'s, S: Observed> {
    by: &'s mut dyn Follower<S>,
    /// The state of the rules, or why none fitted.
    state: Result<u32, Violation>,
}

impl<'s, S: Explorable> Stepper<'s, S> {
    /// From now on `follower`, which is in this state, follows the history.
    pub fn follow(&mut self, follower: &'s mut dyn Follower<S>, state: u32) {
        self.followed = Some(Followed {
            by: follower,
            state: Ok(state),
        });
    }

    /// Lets `follower` follow the history from its beginning.
    pub fn follow_all(&mut self, follower: &'s mut dyn Follower<S>) {
        let state = follower.first(self.system);
        self.follow(follower, state);
    }

    /// The state of the rules after what has happened, or why none fitted; `None`: it is not followed.
    pub fn followed(&self) -> Option<Result<u32, Violation>> {
        self.followed.as_ref().map(|it| it.state.clone())
    }

    /// What does not hold by the rules; at rest also of the units.
    pub fn strays(&self) -> Option<Violation> {
        let Followed { by, state } = self.followed.as_ref()?;
        match state {
            Err(violation) => Some(violation.clone()),
            Ok(state) if self.is_at_rest() => {
                let lives = |unit| !self.dead.contains(&unit);
                by.at_rest(*state, self.system, &lives)
            }
            Ok(_) => None,
        }
    }

    /// Follows what happens to a unit and what it says.
    pub(super) fn follows(
        &mut self,
        unit: UnitId,
        happened: Happened<'_, ProtocolOf<S>>,
        said: &[<ProtocolOf<S> as Protocol>::Observation],
    ) {
        if let Some(followed) = &mut self.followed
            && let Ok(state) = followed.state
        {
            followed.state = followed.by.after(state, (unit, happened), said);
        }
    }
}
