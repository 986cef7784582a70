//! When anything of the network is down during a run.
//!
//! It does *not* know what is down, nor who asks.

use std::fmt;
use std::sync::Arc;

use crate::time::Span;

/// Periods from one instant to another, counted from the beginning of the measured stage: ascending and apart.
pub type Periods = Vec<(Span, Span)>;

/// Tells when a link, a router or a whole domain is down. All of it is decided by the random streams, so it is
/// worked out only if somebody asks.
#[derive(Clone)]
pub struct NetworkOutages(Arc<dyn Fn(Span) -> Periods + Send + Sync>);

impl NetworkOutages {
    /// Those that `tell` says up to an instant.
    pub fn new(tell: impl Fn(Span) -> Periods + Send + Sync + 'static) -> Self {
        Self(Arc::new(tell))
    }

    /// The periods up to `end` in which anything is down.
    pub fn until(&self, end: Span) -> Periods {
        (self.0)(end)
    }
}

impl fmt::Debug for NetworkOutages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NetworkOutages")
    }
}
