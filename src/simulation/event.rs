//! What can be pending.
//!
//! It does *not* know when.

use crate::event_queue::{CancelId, Cancellable};
use crate::topology::RouterId;
use crate::unit::{Protocol, UnitId};

/// What can be pending. The unit that caused it is in its key.
pub(super) enum Event<P: Protocol> {
    Timer {
        timer: P::Timer,
        cancel_id: CancelId,
    },
    Deliver {
        to: UnitId,
        message: P::Message,
    },
    /// What has waited at a unit that takes time is handled now.
    Handle {
        to: UnitId,
        message: P::Message,
    },
    Hop {
        at: RouterId,
        to: UnitId,
        message: P::Message,
    },
}

impl<P: Protocol> Cancellable for Event<P> {
    #[inline]
    fn cancel_id(&self) -> Option<CancelId> {
        match self {
            Self::Timer { cancel_id, .. } => Some(*cancel_id),
            Self::Deliver { .. } | Self::Handle { .. } | Self::Hop { .. } => None,
        }
    }
}
