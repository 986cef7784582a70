//! Whether the members of the allocation study fit each other.
//!
//! This module does *not* know the underlay, nor read trace files.

use super::{Allocation, Application, Demand, Goal, Opus, Point, Sla};
use crate::opus::number::Regions;
use crate::opus::overlay::config::Method;
use crate::opus::tracking::config as tracking;
use crate::parameters::Problem;
use crate::parameters::number::PeriodMs;

/// The maximum number of applications that share the nodes.
const APPLICATIONS_MAX: usize = 1000;
/// The maximum number of requests that the clients of one application issue in a run, about: a unit's events are
/// counted below 2³¹.
pub const REQUESTS_MAX: f64 = 4e8;
/// The maximum number of updates of all publishers together, about.
const UPDATES_MAX: f64 = 1e7;
/// The maximum number of messages, about: those of one unit about its overlay, the heartbeats of all nodes, and the
/// reports of all clients.
const MESSAGES_MAX: f64 = tracking::MESSAGES_MAX;
/// The maximum number of times that the nodes are divided.
const EPOCHS_MAX: f64 = 1e7;
/// The maximum mean time of a request, and between two updates, in seconds: simulated time stays far below 2⁶⁴ ns
/// whatever is drawn.
const SECONDS_MAX: f64 = 1e6;
/// The maximum number of failures and recoveries of all nodes together, about: each time is kept in memory.
const CHANGES_MAX: f64 = 1e8;
/// The maximum number of bins of a run, and of the bins of all applications together.
const BINS_MAX: f64 = 1e5;
const CELLS_MAX: f64 = 5e6;

/// The study `allocation` can be made of `config`, which stands at `pointer`.
pub(in crate::opus) fn check(config: &Opus, pointer: &str) -> Result<(), Problem> {
    let check = Check { config, pointer };
    for (number, application) in config.applications.iter().enumerate() {
        check.application(application, &check.at(&format!("applications/{number}")))?;
    }
    let applications = config.all_applications().count();
    check.sizes(applications)?;
    check.periods(applications)?;
    check.failures()?;
    check.quorums()?;
    if config.allocation.tracks() {
        let duration = config.allocation.duration_s.span();
        let pointer = check.at("tracking");
        let nodes = config.nodes.count.0;
        config.tracking.check(nodes, duration, &pointer)?;
    }
    check.overlays()
}

/// The members, and where they stand.
struct Check<'a> {
    config: &'a Opus,
    pointer: &'a str,
}

impl Check<'_> {
    fn at(&self, member: &str) -> String {
        format!("{}/{member}", self.pointer)
    }

    fn duration_s(&self) -> f64 {
        self.config.allocation.duration_s.0
    }

    fn nodes(&self) -> f64 {
        f64::from(self.config.nodes.count.0)
    }

    /// An application, which stands at `pointer`, can be served and simulated.
    fn application(&self, application: &Application, pointer: &str) -> Result<(), Problem> {
        let duration_s = self.duration_s();
        application.sla.check(&format!("{pointer}/sla/utility"))?;
        self.seconds(application, pointer)?;
        let most: f64 = application.demand.iter().map(Demand::most).sum();
        if most * duration_s > REQUESTS_MAX {
            let what = format!(
                "up to {most} requests a second for {duration_s} s are more than the \
                 {REQUESTS_MAX} that can be simulated"
            );
            return Err(Problem::new(format!("{pointer}/demand"), what).help("lower a rate"));
        }
        let regions = self.config.allocation.regions();
        for (part, demand) in application.demand.iter().enumerate() {
            demand.check_regions(&format!("{pointer}/demand/{part}"), regions)?;
        }
        Ok(())
    }

    /// No request, and no time between two updates, is longer than can be simulated.
    fn seconds(&self, application: &Application, pointer: &str) -> Result<(), Problem> {
        let work_s = application.work.0 / self.config.nodes.capacity.0;
        if work_s > SECONDS_MAX {
            let what = format!(
                "a request takes {work_s:.1e} s (`work` ÷ the nodes' `capacity`), more than the \
                 {SECONDS_MAX:.0e} s that can be simulated"
            );
            let help = format!("lower it, or raise {}", self.at("nodes/capacity"));
            return Err(Problem::new(format!("{pointer}/work"), what).help(help));
        }
        if let Some(goal) = &application.overlay {
            let apart_s = 1.0 / goal.updates_per_s.0;
            if apart_s > SECONDS_MAX {
                let what = format!(
                    "{apart_s:.1e} s lie between two updates (1 ÷ `updates_per_s`), more than \
                     the {SECONDS_MAX:.0e} s that can be simulated"
                );
                let pointer = format!("{pointer}/overlay/updates_per_s");
                return Err(Problem::new(pointer, what).help("raise it"));
            }
        }
        Ok(())
    }

    /// The overlays of the applications can be built and kept.
    fn overlays(&self) -> Result<(), Problem> {
        let goals = || self.config.goals().map(|(_, goal)| goal);
        if self.config.overlay.method != Method::Distributed && goals().next().is_some() {
            let what = "applications have overlays, and this method cannot build overlays of nodes \
            that join and leave";
            return Err(Problem::new(self.at("overlay/method"), what)
                .help("use the method \"distributed\", or give no application an `overlay`"));
        }
        let duration_s = self.duration_s();
        let rate: f64 = goals().map(|goal| goal.updates_per_s.0).sum();
        // A node is in one overlay at a time, and gets a copy in each tree.
        let copies = |goal: &Goal| goal.updates_per_s.0 * f64::from(goal.redundancy.0);
        let most = goals().map(copies).fold(0.0, f64::max) * self.nodes();
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
                    Problem::new(self.at("applications"), what).help("lower `updates_per_s`")
                );
            }
        }
        match goals().next() {
            Some(_) => self.upkeep(),
            None => Ok(()),
        }
    }

    /// The members of overlays do not say more than a run can have.
    fn upkeep(&self) -> Result<(), Problem> {
        let (rules, duration_s) = (&self.config.overlay, self.duration_s());
        let times = |period: PeriodMs| duration_s * 1e3 / period.0;
        for (member, messages) in [
            ("heartbeat_ms", times(rules.heartbeat_ms) * self.nodes()),
            (
                "round_ms",
                times(rules.round_ms) * f64::from(rules.probes.0),
            ),
        ] {
            if messages > MESSAGES_MAX {
                let what = format!(
                    "up to {messages:.1e} messages in {duration_s} s are more than the \
                     {MESSAGES_MAX:.0e} that can be simulated"
                );
                return Err(
                    Problem::new(self.at(&format!("overlay/{member}")), what).help("raise it")
                );
            }
        }
        Ok(())
    }

    /// What units do again and again is not more than a run can have.
    fn periods(&self, applications: usize) -> Result<(), Problem> {
        let Allocation {
            duration_s,
            epoch_s,
            report_s,
            heartbeat_s,
            policy,
            regions,
            ..
        } = self.config.allocation;
        // How many transit domains there are is not known here.
        let regions = regions.map_or(1, |Regions(count)| count);
        let clients = applications as f64 * f64::from(regions);
        let nodes = self.nodes();
        for (member, period, units, what, most) in [
            ("epoch_s", epoch_s, 1.0, "divisions", EPOCHS_MAX),
            ("heartbeat_s", heartbeat_s, nodes, "messages", MESSAGES_MAX),
            (
                "report_s",
                report_s,
                if policy.wants_reports() { clients } else { 0.0 },
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
                let pointer = self.at(&format!("allocation/{member}"));
                return Err(Problem::new(pointer, what).help("raise it"));
            }
        }
        Ok(())
    }

    /// The nodes fail by laws that go together, and not more often than can be kept.
    fn failures(&self) -> Result<(), Problem> {
        if let Some(failures) = &self.config.failures {
            let both_s = failures.mean_up_s.0 + failures.mean_down_s.0;
            let help = "raise `mean_up_s` or `mean_down_s`";
            self.changes("failures", 2.0 / both_s, help)?;
        }
        if self.config.failures.is_some() && self.config.sessions.is_some() {
            let what = "`failures` and `sessions` both say how nodes fail";
            return Err(Problem::new(self.at("sessions"), what).help("write null for one of them"));
        }
        let laws = [
            ("sessions", &self.config.sessions),
            ("domain_failures", &self.config.domain_failures),
        ];
        for (member, failing) in laws {
            if let Some(failing) = failing {
                let law = failing.alternation(&self.at(member))?;
                let most = self.config.allocation.duration_s.span();
                let per_s = law.changes_per_s(1, most);
                self.changes(member, per_s, "make times longer")?;
            }
        }
        Ok(())
    }

    /// Checks that nodes that each change `per_s` times a second do not change more often than can be kept in
    /// memory.
    fn changes(&self, member: &str, per_s: f64, help: &str) -> Result<(), Problem> {
        let changes = per_s * self.duration_s() * self.nodes();
        if changes > CHANGES_MAX {
            let what = format!(
                "the nodes would fail and recover about {changes:.1e} times in all, more than the \
                 {CHANGES_MAX:.0e} that can be kept"
            );
            return Err(Problem::new(self.at(member), what).help(help));
        }
        Ok(())
    }

    /// What is to be available by a quorum fails, and only by laws.
    fn quorums(&self) -> Result<(), Problem> {
        let Opus {
            failures,
            sessions,
            domain_failures,
            disconnection,
            ..
        } = self.config;
        for (entry, application) in self.config.applications.iter().enumerate() {
            if application.sla.quorum.is_none() {
                continue;
            }
            let place = |member: &str| self.at(&format!("applications/{entry}/sla/{member}"));
            if failures.is_none() && sessions.is_none() && domain_failures.is_none() {
                let what = "no node fails, so any nodes reach the availability";
                return Err(Problem::new(place("quorum"), what)
                    .help("give `failures`, `sessions` or `domain_failures`, or write null"));
            }
            if disconnection.rate.0 > 0.0 {
                let what = "nodes that are down for ever have no availability, so replicas cannot be chosen among them";
                return Err(Problem::new(self.at("disconnection/rate"), what)
                    .help("make it 0, or write null for `quorum`"));
            }
            if application.sla.availability.0 >= 1.0 {
                let what = "no number of nodes that fail is available all the time";
                return Err(Problem::new(place("availability"), what).help("make it less than 1"));
            }
            if application.sla.availability.0 <= 0.0 {
                let what = "an availability of 0 needs no replicas";
                return Err(Problem::new(place("availability"), what)
                    .help("make it greater than 0, or write null for `quorum`"));
            }
            self.lives()?;
        }
        Ok(())
    }

    /// What should be available is up now and then.
    fn lives(&self) -> Result<(), Problem> {
        let laws = [
            ("sessions", &self.config.sessions),
            ("domain_failures", &self.config.domain_failures),
        ];
        for (member, failing) in laws {
            let place = self.at(member);
            let up = failing.as_ref().map(|law| law.alternation(&place));
            if up.transpose()?.is_some_and(|law| law.up.mean_s() <= 0.0) {
                let what = "by this law nothing is ever up, so no replica ever serves";
                let problem = Problem::new(format!("{place}/up"), what);
                return Err(problem.help("make it longer, or write null for `quorum`"));
            }
        }
        Ok(())
    }

    fn sizes(&self, applications: usize) -> Result<(), Problem> {
        if applications == 0 {
            let what = "the study `allocation` needs at least one application";
            return Err(Problem::new(self.at("applications"), what).help("add one"));
        }
        if applications > APPLICATIONS_MAX {
            let what = format!(
                "there are {applications} applications, and at most {APPLICATIONS_MAX} can share \
                 the nodes"
            );
            return Err(Problem::new(self.at("applications"), what).help("lower `count`"));
        }
        let Allocation {
            duration_s, bin_s, ..
        } = self.config.allocation;
        let bins = (duration_s.0 / bin_s.0).ceil();
        if bins > BINS_MAX || bins * applications as f64 > CELLS_MAX {
            let what = format!(
                "{bins} time bins for each of {applications} applications are more than can be \
                 kept"
            );
            return Err(Problem::new(self.at("allocation/bin_s"), what).help("raise it"));
        }
        Ok(())
    }
}

impl Sla {
    /// A utility has one value for each throughput.
    fn check(&self, pointer: &str) -> Result<(), Problem> {
        for (number, pair) in self.utility.windows(2).enumerate() {
            let [before, after] = [pair[0], pair[1]].map(Point::throughput);
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
