//! Many numbers to few: moments, intervals and quantiles, within a run and over replications.
//!
//! Sums are taken in the order in which values are given, and what cannot be computed is absent:
//! no mean of nothing, no deviation of one value. This room knows tables and studies; it does
//! *not* know what was simulated, nor how anything is written or drawn.

mod distribution;
mod estimate;
mod quantiles;
mod summary;

pub use distribution::Distribution;
pub use estimate::{Estimate, Moments};
pub use quantiles::{nearest_rank, quantile};
pub use summary::summary;
