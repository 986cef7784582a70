//! The conversion of the allocation study's members into the validated configuration.
//!
//! This module does *not* know sweeps, nor read trace files.

use std::sync::Arc;

use super::{
    APPLICATIONS_MAX, Allocation, Application, BINS_MAX, CELLS_MAX, CHANGES_MAX, Demand,
    EPOCHS_MAX, Failures, Goal, MESSAGES_MAX, Policy, REQUESTS_MAX, Service, Sla, UPDATES_MAX,
};
use crate::opus::allocation::SOURCE;
use crate::opus::allocation::config;
use crate::opus::config::{Nodes, OverlayRules};
use crate::opus::parameters::tracking::Tracking;
use crate::parameters::Problem;
use crate::parameters::number::span;
use crate::time::Span;

/// The members that belong to the allocation study.
pub(in crate::opus::parameters) struct Members<'a> {
    pub(in crate::opus::parameters) allocation: &'a Allocation,
    pub(in crate::opus::parameters) applications: &'a [Application],
    pub(in crate::opus::parameters) failures: Option<&'a Failures>,
    pub(in crate::opus::parameters) tracking: &'a Tracking,
    pub(in crate::opus::parameters) nodes: Nodes,
    pub(in crate::opus::parameters) capacity: f64,
    /// The rules by which all overlays are built, but for their sources and goals.
    pub(in crate::opus::parameters) overlay: OverlayRules,
    /// Whether it is the nodes themselves that build overlays.
    pub(in crate::opus::parameters) distributed: bool,
}

impl Members<'_> {
    /// The validated configuration, or what is wrong between the members.
    pub(in crate::opus::parameters) fn validate(
        &self,
    ) -> Result<config::AllocationConfig, Problem> {
        let allocation = self.allocation;
        let mut applications = Vec::new();
        for (number, application) in self.applications.iter().enumerate() {
            let pointer = format!("/system/opus/applications/{number}");
            application.validate(&pointer, self, &mut applications)?;
        }
        self.check_sizes(applications.len())?;
        self.check_periods(applications.len())?;
        self.check_failures()?;
        if allocation.policy == Policy::GreedyTracked {
            let duration = seconds(allocation.duration_s.0);
            self.tracking.check(self.nodes.count, duration)?;
        }
        self.check_overlays(&applications)?;
        Ok(config::AllocationConfig {
            nodes: self.nodes,
            capacity: self.capacity,
            failures: self.failures.map(|failures| config::Failures {
                up_s: failures.mean_up_s.0,
                down_s: failures.mean_down_s.0,
            }),
            tracking: (allocation.policy == Policy::GreedyTracked).then(|| {
                let quantities = applications.len() as u16;
                Arc::new(self.tracking.rules(self.nodes.count, quantities))
            }),
            applications,
            policy: match allocation.policy {
                Policy::Static => config::Policy::Static,
                Policy::Proportional => config::Policy::Proportional,
                Policy::Greedy => config::Policy::Greedy,
                Policy::GreedyReported => config::Policy::GreedyReported,
                Policy::GreedyTracked => config::Policy::GreedyTracked,
                Policy::Optimum => config::Policy::Optimum,
            },
            regions: allocation.regions.map(|regions| regions.0),
            duration: seconds(allocation.duration_s.0),
            epoch: seconds(allocation.epoch_s.0),
            horizon: seconds(allocation.horizon_s.0),
            move_cost: allocation.move_cost.0,
            report: seconds(allocation.report_s.0),
            heartbeat: seconds(allocation.heartbeat_s.0),
            bin: seconds(allocation.bin_s.0),
        })
    }

    /// The overlays of the applications can be built and kept.
    fn check_overlays(&self, applications: &[config::Application]) -> Result<(), Problem> {
        let goals = || {
            applications
                .iter()
                .filter_map(|application| application.overlay.as_ref())
        };
        if !self.distributed && goals().next().is_some() {
            let what = "applications have overlays, and this method cannot build overlays of nodes \
            that join and leave";
            return Err(Problem::new("/system/opus/overlay/method", what)
                .help("use the method \"distributed\", or give no application an `overlay`"));
        }
        let duration_s = self.allocation.duration_s.0;
        let rate: f64 = goals().map(|goal| goal.updates_per_s).sum();
        // A node is in one overlay at a time, and gets a copy in each tree.
        let copies = |goal: &config::Overlay| goal.updates_per_s * f64::from(goal.rules.redundancy);
        let most = goals().map(copies).fold(0.0, f64::max) * f64::from(self.nodes.count);
        for (count, what, most) in [
            (rate, "updates", UPDATES_MAX),
            (most, "copies of updates", MESSAGES_MAX),
        ] {
            if count * duration_s > most {
                let what = format!(
                    "up to {count} {what} a second for {duration_s} s are more than the {most:.0e} \
                     that can be kept"
                );
                return Err(
                    Problem::new("/system/opus/applications", what).help("lower `updates_per_s`")
                );
            }
        }
        match goals().next() {
            Some(goal) => self.check_upkeep(&goal.rules),
            None => Ok(()),
        }
    }

    /// The members of overlays do not say more than a run can have.
    fn check_upkeep(&self, rules: &OverlayRules) -> Result<(), Problem> {
        let duration_s = self.allocation.duration_s.0;
        let times = |period: Span| duration_s * 1e3 / period.as_ms();
        for (member, messages) in [
            (
                "heartbeat_ms",
                times(rules.heartbeat) * f64::from(self.nodes.count),
            ),
            ("round_ms", times(rules.round) * f64::from(rules.probes)),
        ] {
            if messages > MESSAGES_MAX {
                let what = format!(
                    "up to {messages:.1e} messages in {duration_s} s are more than the \
                     {MESSAGES_MAX:.0e} that can be simulated"
                );
                return Err(
                    Problem::new(format!("/system/opus/overlay/{member}"), what).help("raise it")
                );
            }
        }
        Ok(())
    }

    /// What units do again and again is not more than a run can have.
    fn check_periods(&self, applications: usize) -> Result<(), Problem> {
        let Allocation {
            duration_s,
            epoch_s,
            report_s,
            heartbeat_s,
            policy,
            regions,
            ..
        } = self.allocation;
        let reports = matches!(policy, Policy::GreedyReported | Policy::GreedyTracked);
        // How many transit domains there are is not known here.
        let regions = regions.as_ref().map_or(1, |regions| regions.0);
        let clients = applications as f64 * f64::from(regions);
        let nodes = f64::from(self.nodes.count);
        for (member, period, units, what, most) in [
            ("epoch_s", epoch_s, 1.0, "divisions", EPOCHS_MAX),
            ("heartbeat_s", heartbeat_s, nodes, "messages", MESSAGES_MAX),
            (
                "report_s",
                report_s,
                if reports { clients } else { 0.0 },
                "messages",
                MESSAGES_MAX,
            ),
        ] {
            let count = duration_s.0 / period.0 * units;
            if count > most {
                let what = format!(
                    "up to {count:.1e} {what} in {} s are more than the {most:.0e} that can be \
                     simulated",
                    duration_s.0
                );
                let pointer = format!("/system/opus/allocation/{member}");
                return Err(Problem::new(pointer, what).help("raise it"));
            }
        }
        Ok(())
    }

    /// The nodes do not fail and recover more often than can be kept.
    fn check_failures(&self) -> Result<(), Problem> {
        let Some(failures) = self.failures else {
            return Ok(());
        };
        let duration_s = self.allocation.duration_s.0;
        let both_s = failures.mean_up_s.0 + failures.mean_down_s.0;
        let changes = 2.0 * duration_s / both_s * f64::from(self.nodes.count);
        if changes > CHANGES_MAX {
            let what = format!(
                "the nodes would fail and recover about {changes:.1e} times in all, more than the \
                 {CHANGES_MAX:.0e} that can be kept"
            );
            return Err(Problem::new("/system/opus/failures", what)
                .help("raise `mean_up_s` or `mean_down_s`"));
        }
        Ok(())
    }

    fn check_sizes(&self, applications: usize) -> Result<(), Problem> {
        if applications == 0 {
            let what = "the study `allocation` needs at least one application";
            return Err(Problem::new("/system/opus/applications", what).help("add one"));
        }
        if applications > APPLICATIONS_MAX {
            let what = format!(
                "there are {applications} applications, and at most {APPLICATIONS_MAX} can share \
                 the nodes"
            );
            return Err(Problem::new("/system/opus/applications", what).help("lower `count`"));
        }
        let Allocation {
            duration_s, bin_s, ..
        } = self.allocation;
        let bins = (duration_s.0 / bin_s.0).ceil();
        if bins > BINS_MAX || bins * applications as f64 > CELLS_MAX {
            let what = format!(
                "{bins} time bins for each of {applications} applications are more than can be \
                 kept"
            );
            return Err(Problem::new("/system/opus/allocation/bin_s", what).help("raise it"));
        }
        Ok(())
    }
}

/// The span of `s` seconds, a number within the limits of [`Period`](crate::parameters::number::Period).
fn seconds(s: f64) -> Span {
    span(s * 1e3)
}

impl Application {
    /// Appends the applications that this, which stands at `pointer`, stands for.
    fn validate(
        &self,
        pointer: &str,
        members: &Members<'_>,
        to: &mut Vec<config::Application>,
    ) -> Result<(), Problem> {
        let duration_s = members.allocation.duration_s.0;
        self.sla.check(&format!("{pointer}/sla/utility"))?;
        self.check_seconds(pointer, members.capacity)?;
        let most: f64 = self.demand.iter().map(Demand::most).sum();
        if most * duration_s > REQUESTS_MAX {
            let what = format!(
                "up to {most} requests a second for {duration_s} s are more than the \
                 {REQUESTS_MAX} that can be simulated"
            );
            return Err(Problem::new(format!("{pointer}/demand"), what).help("lower a rate"));
        }
        let demands = || {
            let places = (0..).map(|part: u32| format!("{pointer}/demand/{part}"));
            self.demand.iter().zip(places)
        };
        let regions = members.allocation.regions;
        for (demand, place) in demands() {
            demand.check_regions(&place, regions.map(|regions| regions.0))?;
        }
        for copy in 0..self.count.0 {
            let shift_s = f64::from(copy) * self.stagger_s.0;
            to.push(config::Application {
                demand: demands()
                    .map(|(demand, place)| demand.convert(&place, shift_s))
                    .collect(),
                work: self.work.0,
                service: match self.service {
                    Service::Exponential => config::Service::Exponential,
                    Service::Deterministic => config::Service::Deterministic,
                },
                sla: config::Sla {
                    latency: span(self.sla.latency_ms.0),
                    points: self
                        .sla
                        .utility
                        .iter()
                        .map(|point| point.0.map(|c| c.0))
                        .collect(),
                    weight: self.sla.weight.0,
                    penalty: self.sla.penalty.0,
                    availability: self.sla.availability.0,
                },
                moving: span(self.move_s.0 * 1e3),
                overlay: self
                    .overlay
                    .as_ref()
                    .map(|goal| goal.convert(&members.overlay)),
            });
        }
        Ok(())
    }
}

impl Goal {
    /// The overlay with this goal, which is built by `rules`.
    fn convert(&self, rules: &OverlayRules) -> config::Overlay {
        config::Overlay {
            rules: Arc::new(OverlayRules {
                source: SOURCE,
                delay_factor: self.delay_factor.0,
                degree_limit: self.degree_limit.map(|limit| limit.0),
                redundancy: self.redundancy.0,
                ..rules.clone()
            }),
            updates_per_s: self.updates_per_s.0,
            start: span(self.start_s.0 * 1e3),
        }
    }
}

impl Sla {
    /// A utility has one value for each throughput.
    fn check(&self, pointer: &str) -> Result<(), Problem> {
        for (number, pair) in self.utility.windows(2).enumerate() {
            let [before, after] = [pair[0].0[0].0, pair[1].0[0].0];
            if after <= before {
                let what = format!(
                    "the utility is not a function of the throughput: the point at {after} follows \
                    the one at {before}"
                );
                return Err(Problem::new(format!("{pointer}/{}", number + 1), what)
                    .help("give each throughput once, in ascending order"));
            }
        }
        Ok(())
    }
}
