//! A run that is followed by the rules of the colony calculus while it happens.
//!
//! It does *not* know which labels stand for what happens.

use std::marker::PhantomData;
use std::sync::Arc;

use super::{Apply, Facts, Followed, unfit, violation};
use crate::calculus::Failure;
use crate::discovery::{Discovery, InputOf, Mechanism};
use crate::system::{Happened, Measures, Violation, Watcher};
use crate::time::Time;
use crate::unit::{Effect, Input, UnitId};

/// What the rules give for what has happened so far.
struct Watching<M> {
    followed: Followed,
    /// Why a label could not be applied, if one could not.
    failed: Option<Violation>,
    apply: Apply,
    mechanism: PhantomData<fn() -> M>,
}

/// A watcher that follows a run of `system`, whose requests begin, and applies labels by `apply`; `None`: the units do not
/// say to which leader they belong.
pub(crate) fn watcher<M: Mechanism>(
    system: &Discovery<M>,
    apply: Apply,
) -> Option<Box<dyn Watcher<Discovery<M>>>> {
    let (mechanism, world) = (&system.mechanism, &system.world);
    let membership = mechanism.membership(&system.gcus, &system.gbus)?;
    let mut followed = Followed::at_begin(world, &Arc::new(Facts::of(system)));
    // Where no packet gets lost nobody may have gone elsewhere before: if somebody has, that is found.
    if system.lossy {
        followed.begin_where(world, &membership);
    }
    Some(Box::new(Watching::<M> {
        followed,
        failed: None,
        apply,
        mechanism: PhantomData,
    }))
}

impl<M: Mechanism> Watching<M> {
    /// Applies labels, as long as all could be.
    fn follow(&mut self, labels: impl FnOnce(&mut Followed, Apply) -> Result<(), Failure>) {
        if self.failed.is_none()
            && let Err(failure) = labels(&mut self.followed, self.apply)
        {
            self.failed = Some(unfit(&failure, &self.followed));
        }
    }
}

impl<M: Mechanism> Measures<M::Protocol> for Watching<M> {
    fn input(&mut self, _: Time, unit: UnitId, input: &InputOf<M>) {
        let happened = match input {
            // In the request phase only who comes back to life begins.
            Input::Start => Happened::Restart,
            Input::Message { from, message } => Happened::Message(*from, message),
            Input::Command(_) => Happened::Given(input),
            Input::Timer(_) => Happened::Other,
        };
        if !Followed::is_nothing::<M>(&happened) {
            self.follow(|followed, apply| followed.happens::<M>(unit, &happened, apply));
        }
    }

    fn crashed(&mut self, _: Time, unit: UnitId) {
        // A unit that crashes for good as the requests begin has failed by then.
        if !self.followed.has_failed(unit) {
            self.follow(|followed, apply| followed.happens::<M>(unit, &Happened::Crash, apply));
        }
    }

    fn effect(&mut self, _: Time, unit: UnitId, effect: &Effect<M::Protocol>) {
        if let Effect::Observation(said) = effect {
            self.follow(|followed, apply| followed.said(unit, said, apply));
        }
    }
}

impl<M: Mechanism> Watcher<Discovery<M>> for Watching<M> {
    fn strays(&self, system: &Discovery<M>, lives: &dyn Fn(UnitId) -> bool) -> Option<Violation> {
        if self.failed.is_some() {
            return self.failed.clone();
        }
        let memberships = system.mechanism.membership(&system.gcus, &system.gbus)?;
        let cases = self.followed.differences(&memberships, lives);
        (!cases.is_empty()).then(|| violation(cases))
    }
}
