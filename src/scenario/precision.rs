//! How often a point is run: until the confidence interval of a metric's mean is narrow, compared with the mean.
//!
//! The doc comments are the descriptions in the JSON Schema. They do *not* know the metrics.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::parameters::Problem;
use crate::parameters::number::{Confidence, Positive, Replications};

/// When a point of the sweep has enough replications. Equal values give no interval: such a point
/// continues to `max` and is unresolved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Precision {
    /// The column of `runs.csv` whose mean is estimated.
    pub metric: String,
    /// The half width of the interval at which to stop, as a fraction of the mean.
    pub relative_half_width: Positive,
    /// The confidence of the interval.
    #[serde(default = "default_confidence")]
    pub confidence: Confidence,
    /// The least number of runs at each point; 2 or more.
    #[serde(default = "default_min")]
    #[schemars(extend("minimum" = 2))]
    pub min: Replications,
    /// The greatest number of runs at each point, whether or not the interval is narrow enough.
    #[serde(default = "default_max")]
    pub max: Replications,
}

fn default_confidence() -> Confidence {
    Confidence(0.95)
}

fn default_min() -> Replications {
    Replications(5)
}

fn default_max() -> Replications {
    Replications(200)
}

impl Precision {
    /// Whether the members fit each other.
    pub(super) fn check(&self) -> Result<(), Problem> {
        let (min, max) = (self.min.0, self.max.0);
        if min < 2 {
            let what = format!("an interval needs at least 2 replications, found {min}");
            return Err(Problem::new("/precision/min", what));
        }
        if max < min {
            let what = format!("max is {max}, which is less than min, {min}");
            return Err(Problem::new("/precision/max", what));
        }
        Ok(())
    }
}
