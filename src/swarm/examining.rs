//! What must hold of a world: everything comes to rest, the system's invariants hold then, and a run is
//! the same however it is made.
//!
//! It does *not* know how a world came about.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;

use super::search::{self, SEARCH};
use super::world::set;
use crate::error::{Result, caught};
use crate::experiment::Underlays;
use crate::measure::{Cell, RunOutcome};
use crate::random::RandomStreams;
use crate::scenario::{RunConfig, Scenario};
use crate::simulation::network::{Conditions, Fidelity};
use crate::system::{Underlay, Violation};
use crate::systems::{Asked, Examined, Setting};

/// A world in which a stage has more inputs than this hangs.
const INPUTS_MAX: u64 = 1_000_000;

/// How long its brokers take over messages.
const SERVICE: &str = "/system/arigatoni/brokers/service_s";

/// What its brokers tell of the constraints that are offered.
const SUMMARY: &str = "/system/arigatoni/services/constraints/summary";

/// What came out of one world or of several.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Findings {
    /// How many runs were made.
    pub runs: u64,
    /// How many requests were issued in them.
    pub requests: u64,
    /// How many inputs were handled in them.
    pub events: u64,
    /// In how many worlds was put to the test what must hold under some conditions only, by its name.
    pub asked: BTreeMap<&'static str, u64>,
    /// What must hold and does not.
    pub violations: Vec<Violation>,
}

impl Findings {
    /// Adds what came out of others.
    pub fn add(&mut self, other: Self) {
        self.runs += other.runs;
        self.requests += other.requests;
        self.events += other.events;
        for (name, worlds) in other.asked {
            *self.asked.entry(name).or_default() += worlds;
        }
        self.violations.extend(other.violations);
    }

    /// The world puts `name` to the test, perhaps once more.
    fn ask(&mut self, name: &'static str) {
        self.asked.insert(name, 1);
    }

    fn violate(&mut self, name: &'static str, sentence: &'static str, case: impl Into<String>) {
        let cases = vec![case.into()];
        self.violations.push(Violation {
            name,
            sentence,
            cases,
        });
    }
}

/// Runs the world of the scenario `document` in several ways, and says what must hold and does not.
/// Its sweep and replications are ignored. A panic is a violation.
pub fn examine(document: &Value) -> Findings {
    let mut findings = Findings::default();
    let examined = caught(|| Variants::new(document).and_then(|ways| ways.examine(&mut findings)));
    match examined {
        Ok(Ok(())) => {}
        Ok(Err(error)) => {
            let case = error.to_string().replace('\n', ";");
            findings.violate("valid", "a world can be run", case);
        }
        Err(panic) => findings.violate("no-panic", "nothing panics", panic),
    }
    findings
}

/// The trace of the first run of [`examine`], as CSV.
///
/// # Errors
/// If the world cannot be run.
pub fn trace(document: &Value) -> Result<Vec<u8>> {
    let ways = Variants::new(document)?;
    let setting = ways.setting(&ways.run.network);
    ways.run.system.trace_to_rest(setting, INPUTS_MAX)
}

/// A world that is run in several ways.
struct Variants<'d> {
    document: &'d Value,
    run: RunConfig,
    underlay: Arc<Underlay>,
}

impl<'d> Variants<'d> {
    fn new(document: &'d Value) -> Result<Self> {
        let scenario = Scenario::parse(&document.to_string(), "the world", &[])?;
        let mut underlays = Underlays::new(Path::new("."));
        let run = underlays.supplied(scenario.base().clone())?;
        underlays.prepare(&run, &mut |_| ())?;
        let underlay = underlays.of(&run, 0)?;
        Ok(Self {
            document,
            run,
            underlay,
        })
    }

    /// The world's run, under other conditions than its own if they are given.
    fn setting<'s>(&'s self, conditions: &'s Conditions) -> Setting<'s> {
        Setting {
            underlay: &self.underlay,
            streams: RandomStreams::new(self.run.seed, 0),
            conditions,
        }
    }

    /// Makes a run, and counts it; `None` if something is violated.
    fn once(&self, conditions: &Conditions, findings: &mut Findings) -> Result<Option<RunOutcome>> {
        let examined = self
            .run
            .system
            .examine(self.setting(conditions), INPUTS_MAX)?;
        let Examined {
            outcome,
            events,
            asked,
            violations,
        } = examined;
        for name in asked {
            findings.ask(name);
        }
        findings.violations.extend(violations);
        findings.runs += 1;
        findings.events += events;
        let issued = outcome
            .as_ref()
            .and_then(|outcome| self.count("issued", outcome));
        findings.requests += issued.unwrap_or_default();
        Ok(outcome)
    }

    /// The count in the column `name` of what the system reports.
    fn count(&self, name: &str, outcome: &RunOutcome) -> Option<u64> {
        let metrics = self.run.system.description().metrics;
        let column = metrics.iter().position(|metric| metric.name == name)?;
        match outcome.metrics[column] {
            Cell::Count(count) => Some(count),
            Cell::Absent | Cell::Real(_) | Cell::Text(_) | Cell::Fingerprint(_) => None,
        }
    }

    fn examine(&self, findings: &mut Findings) -> Result<()> {
        let own = &self.run.network;
        let Some(first) = self.once(own, findings)? else {
            return Ok(());
        };
        let other = Conditions {
            fidelity: match own.fidelity {
                Fidelity::Path => Fidelity::Hop,
                Fidelity::Hop => Fidelity::Path,
            },
            ..own.clone()
        };
        let again = self.once(own, findings)?;
        // Packets wait for links in one fidelity only.
        let other = if own.have_queues() {
            own.clone()
        } else {
            other
        };
        let hops = self.once(&other, findings)?;
        let divided = self.run.system.examine_divided(self.setting(own))?;
        findings.runs += u64::from(divided.is_some());
        self.examine_ordinary(&other, findings)?;
        if divided.is_some() {
            findings.ask("divided");
        }
        if !own.have_queues() {
            findings.ask("fidelity");
        }
        for (name, sentence, outcome) in [
            ("repeatable", "a second run gives the same", again),
            ("fidelity", "both fidelities give the same", hops),
            ("divided", "a run on two threads gives the same", divided),
        ] {
            if let Some(case) = outcome.and_then(|other| self.difference(&first, &other)) {
                findings.violate(name, sentence, case);
            }
        }
        self.examine_search(&first, findings)?;
        self.examine_summary(&first, findings)
    }

    /// A run as it is made otherwise, which does not wait until everything has come to rest, is the same
    /// with the other fidelity and on two threads.
    fn examine_ordinary(&self, other: &Conditions, findings: &mut Findings) -> Result<()> {
        let own = &self.run.network;
        let system = &self.run.system;
        let first = system.run(self.setting(own))?;
        let hops = system.run(self.setting(other))?;
        let spread = Asked {
            threads: NonZeroUsize::new(2),
            ..Asked::default()
        };
        let divided = system.run_for(self.setting(own), &spread)?.outcome;
        findings.runs += 3;
        for (name, sentence, outcome) in [
            ("fidelity", "both fidelities give the same", hops),
            ("divided", "a run on two threads gives the same", divided),
        ] {
            if let Some(case) = self.difference(&first, &outcome) {
                findings.violate(name, sentence, case);
            }
        }
        Ok(())
    }

    /// In either order of search a request is accepted if enough computers are able and willing, where
    /// nothing but that decides: no packet is lost or late, no slot is taken, nobody
    /// comes or goes or offers something else meanwhile, nothing comes too late.
    fn examine_search(&self, first: &RunOutcome, findings: &mut Findings) -> Result<()> {
        let member = |pointer: &str| self.document.pointer(pointer).and_then(Value::as_str);
        let other = match member(SEARCH) {
            Some("selective") => "exhaustive",
            Some("exhaustive" | "root-first") => "selective",
            _ => return Ok(()),
        };
        let mut document = self.document.clone();
        set(&mut document, SEARCH, Some(other.into()));
        let ways = Variants::new(&document)?;
        let Some(second) = ways.once(&ways.run.network, findings)? else {
            return Ok(());
        };
        let accepted = [first, &second].map(|outcome| self.count("accepted", outcome));
        if !self.is_decided_by_willingness([first, &second]) {
            return Ok(());
        }
        findings.ask("search");
        if accepted[0] != accepted[1] {
            let case = format!("{accepted:?} were accepted");
            findings.violate("search", "both orders of search accept the same", case);
        }
        Ok(())
    }

    /// Whether nothing but who is able and willing decides about the requests of both runs.
    fn is_decided_by_willingness(&self, both: [&RunOutcome; 2]) -> bool {
        let in_time = |outcome: &RunOutcome| self.count("deadline_hits", outcome) == Some(0);
        self.run.network.are_ideal()
            && search::is_decided_by_willingness(self.document)
            && both.into_iter().all(in_time)
    }

    /// Brokers that tell less than every offer find the same: those that leave out what is covered in any world in
    /// which packets fare alike, and with no more updates; those that merge where time does not decide.
    fn examine_summary(&self, first: &RunOutcome, findings: &mut Findings) -> Result<()> {
        let Some(summary) = self.document.pointer(SUMMARY) else {
            return Ok(());
        };
        if summary == "exact" {
            return Ok(());
        }
        let mut document = self.document.clone();
        set(&mut document, SUMMARY, Some("exact".into()));
        let ways = Variants::new(&document)?;
        let Some(exact) = ways.once(&ways.run.network, findings)? else {
            return Ok(());
        };
        let counts = |name| [first, &exact].map(|outcome| self.count(name, outcome));
        let is_covering = summary == "covering";
        let waits = |pointer| self.document.pointer(pointer).is_some_and(|it| it != 0);
        let alike = if is_covering {
            let network = &self.run.network;
            network.are_ideal() && !network.have_queues() && !waits(SERVICE)
        } else {
            self.is_decided_by_willingness([first, &exact])
        };
        if alike {
            findings.ask("summary");
        }
        let [own, others] = counts("accepted");
        if alike && own != others {
            let case = format!("{own:?} were accepted, and {others:?} where every offer is told");
            findings.violate("summary", "no summary loses a match", case);
        }
        let [own, others] = counts("summary_updates");
        if alike && is_covering && own > others {
            let case = format!("{own:?} instead of {others:?}");
            let sentence = "summaries of what nothing covers need no more updates than others";
            findings.violate("summary-updates", sentence, case);
        }
        Ok(())
    }

    /// What differs between two outcomes that should be the same.
    fn difference(&self, one: &RunOutcome, other: &RunOutcome) -> Option<String> {
        if one == other {
            return None;
        }
        let metrics = self.run.system.description().metrics.iter();
        let pairs = metrics.zip(one.metrics.iter().zip(&other.metrics));
        let differing = pairs.filter(|(_, (one, other))| one != other);
        let names: Vec<&str> = differing.map(|(metric, _)| metric.name).collect();
        Some(match names.as_slice() {
            [] if one.fingerprint == other.fingerprint => "a table of details differs".into(),
            [] => "only the fingerprint differs".into(),
            names => format!("these differ: {}", names.join(", ")),
        })
    }
}
