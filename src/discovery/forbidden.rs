//! What no unit says in a history that has gone in a certain way so far.
//!
//! It does *not* know how histories are visited, nor what units do.

use super::{CredentialStatus, Discovery, Mechanism, Observation, occasions};
use crate::system::{Course, Property, Violation, unit_name};
use crate::unit::UnitId;

const UNSUSPECTED: Property = (
    "unsuspected",
    "nobody is taken for gone where no message has been lost, no unit has crashed and no timer has fired early",
);
const REVOKED: Property = (
    "revoked",
    "no broker takes a credential for valid of which it has been told that it is revoked, where no unit has crashed",
);

/// The names and sentences of all of them.
pub(super) fn properties() -> [Property; 2] {
    [UNSUSPECTED, REVOKED]
}

/// Whether anything is forbidden of such an observation.
pub(super) fn matters(said: &Observation) -> bool {
    matches!(
        said,
        Observation::Suspected { .. } | Observation::Checked { .. }
    )
}

/// What does not hold as `unit` says `said` in a history that has gone like this.
pub(super) fn violation<M: Mechanism>(
    system: &Discovery<M>,
    (unit, said): (UnitId, &Observation),
    course: Course,
) -> Option<Violation> {
    let ((name, sentence), other) = match said {
        Observation::Suspected { unit } if !course.is_troubled => (UNSUSPECTED, *unit),
        Observation::Checked {
            unit: computer,
            status: CredentialStatus::Valid,
            // Who was dead meanwhile has not heard it.
        } if !course.has_crash
            && occasions::has_heard_of(system, (unit, *computer), course.come) =>
        {
            (REVOKED, *computer)
        }
        _ => return None,
    };
    let [unit, other] = [unit, other].map(unit_name::<Discovery<M>>);
    Some(Violation {
        name,
        sentence,
        cases: vec![format!("{unit} says so of {other}")],
    })
}
