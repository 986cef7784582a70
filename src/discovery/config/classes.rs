//! Classes of computers: devices of any size, with guarantees of their own.
//!
//! The doc comments are the descriptions in the JSON Schema. They do *not* know which computer is of which
//! class.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ClassSessions;
use crate::parameters::number::{Count, DurationMs, Fraction, LatencyMs, Name};
use crate::parameters::{Problem, check_range, present};

/// A class of GCUs; what it leaves out is as for all of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Class {
    /// What it is called.
    pub name: Name,
    /// The probability that a GCU is of this class; those of all classes sum to 1.
    pub share: Fraction,
    /// The number of requests that a GCU of this class can serve at once; null: any number.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub slots: Option<Option<Count>>,
    /// The probability that an able GCU of this class agrees when it is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acceptance_probability: Option<Fraction>,
    /// The least and the greatest latency of its access link, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_latency_ms: Option<[LatencyMs; 2]>,
    /// How its GCUs come and go; null: they are always there.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub sessions: Option<Option<ClassSessions>>,
    /// How long it serves a request, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_time_ms: Option<DurationMs>,
}

/// How far the sum of the shares may be from 1: decimals such as 0.1 are not exact.
const SUM_TOLERANCE: f64 = 1e-9;

/// Whether the list of classes at `pointer` is one: names differ, and shares sum to 1.
pub(super) fn check(classes: &[Class], pointer: &str) -> Result<(), Problem> {
    for (number, class) in classes.iter().enumerate() {
        let here = format!("{pointer}/{number}");
        if classes[..number]
            .iter()
            .any(|other| other.name == class.name)
        {
            let what = format!("another class is called {} as well", class.name.0);
            return Err(Problem::new(format!("{here}/name"), what).help("choose another name"));
        }
        if let Some(range) = class.access_latency_ms {
            check_range(&here, range)?;
        }
    }
    let sum: f64 = classes.iter().map(|class| class.share.0).sum();
    if classes.is_empty() || (sum - 1.0).abs() <= SUM_TOLERANCE {
        return Ok(());
    }
    let what = format!("the shares of the classes sum to {sum}, not to 1");
    Err(Problem::new(pointer, what).help("every GCU is of one class"))
}

/// The number of the class to which `draw`, uniform in [0, 1), leads; `None`: there are none.
pub(super) fn drawn(classes: &[Class], draw: f64) -> Option<usize> {
    let mut below = 0.0;
    let mut able = (0..classes.len()).filter(|&number| classes[number].share.0 > 0.0);
    let found = able.clone().find(|&number| {
        below += classes[number].share.0;
        draw < below
    });
    // The shares may sum to a little less than 1.
    found.or_else(|| able.next_back())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classes(shares: &[f64]) -> Vec<Class> {
        let class = |(number, share): (usize, &f64)| Class {
            name: Name(format!("c{number}")),
            share: Fraction(*share),
            slots: None,
            acceptance_probability: None,
            access_latency_ms: None,
            sessions: None,
            service_time_ms: None,
        };
        shares.iter().enumerate().map(class).collect()
    }

    #[test]
    fn a_draw_leads_to_a_class_by_its_share() {
        let of = |shares: &[f64], draw: f64| {
            let classes = classes(shares);
            drawn(&classes, draw).map(|number| classes[number].name.0.clone())
        };
        assert_eq!(of(&[], 0.5), None);
        let shares = [0.25, 0.0, 0.5, 0.25 - 1e-10, 0.0];
        for (draw, name) in [
            (0.0, "c0"),
            (0.25, "c2"),
            (0.74, "c2"),
            (0.75, "c3"),
            (1.0 - 1e-12, "c3"),
        ] {
            assert_eq!(of(&shares, draw).as_deref(), Some(name), "{draw}");
        }
    }

    #[test]
    fn shares_sum_to_one() {
        assert!(check(&classes(&[0.1; 10]), "/x").is_ok());
        assert!(check(&[], "/x").is_ok());
        let problem = check(&classes(&[0.5, 0.5 + 1e-6]), "/x").unwrap_err();
        assert_eq!(problem.pointer, "/x");
        let mut twice = classes(&[0.5, 0.5]);
        twice[1].name = twice[0].name.clone();
        assert_eq!(check(&twice, "/x").unwrap_err().pointer, "/x/1/name");
    }
}
