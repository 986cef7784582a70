//! The parameters of tracking, as a scenario writes them.
//!
//! The doc comments are the descriptions in the JSON Schema. They do *not* know what follows from them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::opus::number::{ClusterSize, Quantities};
use crate::parameters::number::{DurationMs, Factor, Fraction, PeriodMs};
use crate::parameters::{Problem, members};
use crate::time::Span;

/// The maximum number of periodic actions of all units together in a run, about.
pub(in crate::opus) const MESSAGES_MAX: f64 = 1e9;

members! {
    /// How nodes track sums over all nodes.
    pub struct Tracking {
        /// Which nodes send updates to which.
        pub method: Method = Method::Hierarchy;
        /// ε: a value is sent again when it is more than 1 + ε times as large or as small as the value sent
        /// last.
        pub epsilon: Fraction = Fraction(0.05);
        /// T: a value is sent again after this time at the latest, in milliseconds.
        pub refresh_ms: PeriodMs = PeriodMs(10_000.0);
        /// The least time between two checks whether values have changed, in milliseconds.
        pub hold_ms: PeriodMs = PeriodMs(200.0);
        /// The greatest number of nodes in a cluster, its head included (method `hierarchy`).
        pub cluster: ClusterSize = ClusterSize(12);
        /// The time between two heartbeats of the members and the head of a cluster, in milliseconds
        /// (method `hierarchy`).
        pub heartbeat_ms: PeriodMs = PeriodMs(2000.0);
        /// The time without an answer or a heartbeat after which a node is considered dead, in
        /// milliseconds.
        pub timeout_ms: PeriodMs = PeriodMs(5000.0);
        /// The time between two searches for a nearer head, in milliseconds (method `hierarchy`).
        pub improve_ms: PeriodMs = PeriodMs(5000.0);
        /// The tracked values, and the time of measurement (study `tracking`).
        pub truth: Truth = Truth::default();
    }
}

members! {
    /// What the study `tracking` tracks, and the time of measurement.
    pub struct Truth {
        /// How many quantities every node has.
        pub quantities: Quantities = Quantities(1);
        /// How they change.
        pub process: Process = Process::Walk;
        /// The time between two changes of a node's values, in milliseconds.
        pub change_ms: PeriodMs = PeriodMs(1000.0);
        /// The greatest step of a random walk, as a fraction of the node's base value.
        pub walk_step: Fraction = Fraction(0.1);
        /// The factor by which values jump.
        pub jump_factor: Factor = Factor(2.0);
        /// When they jump, in milliseconds from the start of the measurement.
        pub jump_ms: DurationMs = DurationMs(20_000.0);
        /// The amplitude, as a fraction of the node's base value (process `diurnal`).
        pub diurnal_amplitude: Fraction = Fraction(0.5);
        /// The period, in milliseconds (process `diurnal`).
        pub diurnal_period_ms: PeriodMs = PeriodMs(60_000.0);
        /// The time before the measurement, in milliseconds; nodes start in the first half of it.
        pub settle_ms: PeriodMs = PeriodMs(60_000.0);
        /// The length of the measurement, in milliseconds.
        pub duration_ms: PeriodMs = PeriodMs(60_000.0);
        /// The time between two comparisons of the estimates with the truth, in milliseconds.
        pub sample_ms: PeriodMs = PeriodMs(1000.0);
        /// When the nodes selected by `disconnection` fail, in milliseconds from the start of the
        /// measurement.
        pub failure_ms: DurationMs = DurationMs(10_000.0);
        /// How long after that they recover, in milliseconds; null: never.
        pub recovery_ms: Option<DurationMs> = None;
    }
}

/// How values change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Process {
    /// They stay at the node's base value, drawn uniformly from 0.5 to 1.5.
    Constant,
    /// Each is a random walk, reflected at 0 and at twice the base value.
    Walk,
    /// All jump at the same time by the same factor.
    Jump,
    /// All follow the same sine about their base values.
    Diurnal,
}

/// Which nodes send updates to which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// Clusters of clusters by route latency: aggregates are sent up, summaries down.
    Hierarchy,
    /// Every node sends its values to node 0, which sends summaries.
    Central,
    /// Every node sends its values to every other node.
    AllToAll,
}

impl Tracking {
    /// What trackers on `nodes` nodes do again and again is not more than a run of `duration` can
    /// have; this object stands at `pointer`.
    pub(in crate::opus) fn check(
        &self,
        nodes: u32,
        duration: Span,
        pointer: &str,
    ) -> Result<(), Problem> {
        // Without clusters nobody looks for a nearer head.
        let clusters = self.method == Method::Hierarchy;
        for (member, period, counts) in [
            ("heartbeat_ms", self.heartbeat_ms, true),
            ("improve_ms", self.improve_ms, clusters),
            ("refresh_ms", self.refresh_ms, true),
        ] {
            if counts {
                let pointer = format!("{pointer}/{member}");
                check_period(pointer, "messages", period, nodes, duration)?;
            }
        }
        Ok(())
    }

    /// The study `tracking` can be made of these members, which stand at `pointer`, with `nodes` nodes,
    /// some of which may `fail`.
    pub(in crate::opus) fn check_study(
        &self,
        nodes: u32,
        fail: bool,
        pointer: &str,
    ) -> Result<(), Problem> {
        let truth = &self.truth;
        let pointer_of = |member: &str| format!("{pointer}/truth/{member}");
        let (duration, sample) = (truth.duration_ms.0, truth.sample_ms.0);
        if sample > duration {
            let what = format!("`sample_ms` is {sample}, so nothing is measured in {duration} ms");
            return Err(Problem::new(pointer_of("sample_ms"), what).help("lower it"));
        }
        let failure = truth.failure_ms.0;
        if fail && failure >= duration {
            let what =
                format!("nodes fail after {failure} ms, but only {duration} ms are measured");
            let help = "lower `failure_ms`, or raise `duration_ms`";
            return Err(Problem::new(pointer_of("failure_ms"), what).help(help));
        }
        self.check(nodes, truth.whole(), pointer)?;
        let change = truth.change_ms;
        check_period(
            pointer_of("change_ms"),
            "changes",
            change,
            nodes,
            truth.whole(),
        )
    }
}

impl Truth {
    /// How long a run takes: nodes come to life, then is measured.
    pub fn whole(&self) -> Span {
        self.settle_ms.span() + self.duration_ms.span()
    }
}

/// What each of `nodes` nodes does every `period`, the member at `pointer`, is not more than a run of
/// `duration` can have.
fn check_period(
    pointer: String,
    what: &str,
    period: PeriodMs,
    nodes: u32,
    duration: Span,
) -> Result<(), Problem> {
    let times = duration.as_ns() as f64 / period.span().as_ns() as f64;
    let all = times * f64::from(nodes);
    if all > MESSAGES_MAX {
        let what = format!(
            "up to {all:.1e} {what} in {} s are more than the {MESSAGES_MAX:.0e} that can be \
             simulated",
            duration.as_ns() as f64 / 1e9
        );
        return Err(Problem::new(pointer, what).help("raise it"));
    }
    Ok(())
}
