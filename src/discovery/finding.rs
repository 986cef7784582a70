//! Which offers a mechanism finds for a request that is a constraint.
//!
//! It does *not* know how.

use super::{Mechanism, config};
use crate::error::{Error, Result};
use crate::parameters::Problem;

/// Which offers a mechanism finds for a request that is a constraint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finds {
    /// All that match it.
    Matching,
    /// Those that are equal to it, and no others that match.
    Equal,
}

/// Whether a mechanism that finds equal offers only can find any.
pub(super) fn check<M: Mechanism>(overlay: &config::World) -> Result<()> {
    let Some(constraints) = &overlay.services.constraints else {
        return Ok(());
    };
    if M::CONSTRAINTS == Finds::Matching || constraints.has_equals().map_err(Problem::error)? {
        return Ok(());
    }
    let what = format!(
        "no request is equal to an offer, and {} finds no others that match",
        M::NAME
    );
    Err(Error::new(what)
        .at("/system/*/services/constraints/requests")
        .help("ask for what is offered, or use another system"))
}

/// What a person should know of `overlay` if the mechanism does not find all that match. Where it can find nothing
/// [`check`] refuses it, and says so.
pub(super) fn note<M: Mechanism>(overlay: &config::World) -> Option<String> {
    let constraints = overlay.services.constraints.as_ref()?;
    let is_blind = M::CONSTRAINTS == Finds::Equal && constraints.has_equals().unwrap_or(false);
    is_blind.then(|| {
        let name = M::NAME;
        format!(
            "{name} finds the offers that are equal to a request, and not the others that match it"
        )
    })
}
