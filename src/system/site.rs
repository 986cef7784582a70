//! Where units are on the underlay.
//!
//! It does *not* know which units there are.

use crate::time::Span;
use crate::topology::RouterId;

/// Where a unit is attached to the underlay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Site {
    /// Its router.
    pub router: RouterId,
    /// The latency of its access link; `None`: the unit sits on the router itself.
    pub access: Option<Span>,
}

impl From<RouterId> for Site {
    /// On the router itself.
    fn from(router: RouterId) -> Self {
        let access = None;
        Self { router, access }
    }
}
