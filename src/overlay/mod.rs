//! Who knows whom at the start: brokers on routers, computers with brokers, what they offer; and
//! the workload: who is disconnected, who asks for what and when.
//!
//! Every system stands on the same population and the same workload, drawn by key, so that rival
//! protocols can be compared request by request. This room does *not* know what a unit decides.

mod brokers;
pub mod config;
mod population;
mod workload;

pub use brokers::{Broker, Brokers};
pub use population::{Computer, Population, ServiceId, access};
pub use workload::{Member, Request, disconnected, requests};

use crate::random::Purpose;

/// What the draws of this room decide.
mod purpose {
    use super::Purpose;

    /// How many GCUs a broker has; by broker.
    pub(super) const POPULATION: Purpose = Purpose(1);
    /// A GCU's access latency; by GCU.
    pub(super) const ACCESS: Purpose = Purpose(2);
    /// Whether a GCU offers a service; by GCU and service.
    pub(super) const OFFER: Purpose = Purpose(3);
    /// A GCU's place in the order of disconnection; by GCU.
    pub(super) const DISCONNECT_COMPUTER: Purpose = Purpose(4);
    /// A GBU's place in the order of disconnection; by GBU.
    pub(super) const DISCONNECT_BROKER: Purpose = Purpose(5);
    /// The time between two requests; by request.
    pub(super) const GAP: Purpose = Purpose(6);
    /// Who issues a request; by request.
    pub(super) const REQUESTER: Purpose = Purpose(7);
    /// What a request asks for; by request.
    pub(super) const SERVICE: Purpose = Purpose(8);
}
