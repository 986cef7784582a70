//! What a system is told of the network before a run begins.
//!
//! It does *not* know what a system makes of it.

use super::NetworkOutages;
use crate::time::Span;

/// What the network of a run does. By default nothing goes wrong, and nothing waits.
#[derive(Debug, Clone, Default)]
pub struct Expected {
    /// Whether it may lose, double, delay or overtake packets, besides what [`Model::loss`](super::Model::loss) says.
    pub losses: bool,
    /// Whether packets may wait for links.
    pub delays: bool,
    /// When links, routers or whole domains of it go down; `None`: they never do.
    pub outages: Option<NetworkOutages>,
    /// When everything has arrived that was sent before the network became [calm](super::Stage::calm_after), from then on; `None`:
    /// the run does not come to [rest](super::Model::to_rest), the network is always calm, or the time is not known.
    pub calm: Option<Span>,
}
