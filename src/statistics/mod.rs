//! Many numbers to few: moments, intervals and quantiles, within a run and over replications.
//!
//! Sums are taken in the order in which values are given, and what cannot be computed is absent:
//! no mean of nothing, no deviation of one value. This room knows tables and studies; it does
//! *not* know what was simulated, nor how anything is written or drawn.

mod agreement;
mod comparison;
mod distribution;
mod estimate;
mod paired;
mod quantiles;
mod steady;
mod summary;

pub use agreement::{ALPHA, Agreement, agreements, disagreements, expectations, told};
pub use comparison::{Comparison, Row};
pub use distribution::Distribution;
pub use estimate::{Estimate, Moments, t_quantile, t_upper};
pub use paired::{Paired, holm};
pub use quantiles::{nearest_rank, quantile};
pub use steady::{SteadyState, batch_means, mser5};
pub use summary::{THEORY, summary};
