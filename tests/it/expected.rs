//! Theory beside the simulation: it agrees wherever it is known, and a fault of a protocol is told as a disagreement.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use arigatoni::discovery::theory::Reach;
use arigatoni::discovery::{Descriptor, RequestId, World, gcu};
use arigatoni::experiment::Experiment;
use arigatoni::fingerprint::{Encode, Encoder};
use arigatoni::parameters::NoMembers;
use arigatoni::results::SweepResults;
use arigatoni::rivals::given::Given;
use arigatoni::rivals::message::{Context, Message, OWN, Said, Wanted};
use arigatoni::rivals::{Finder, Node, System};
use arigatoni::scenario::{Assignment, Scenario};
use arigatoni::statistics::{Agreement, agreements, disagreements};
use arigatoni::systems;
use arigatoni::unit::UnitId;
use serde::Serialize;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::command::{arigatoni, code, done, put, said};
use crate::review::{lines_with, reads, section_of};
use crate::support::{read, shipped};

/// All runs of a scenario.
fn study(scenario: Scenario, folder: &Path) -> SweepResults {
    let selection = scenario.select(&[]).unwrap();
    let experiment = Experiment::prepare(scenario, &selection, folder).unwrap();
    let scenario = experiment.scenario();
    let mut study = experiment.columns().clone().study();
    for point in 0..scenario.point_count() {
        for replication in 0..scenario.replications() {
            let outcome = experiment.observe(point, replication).unwrap();
            let run = point * u64::from(scenario.replications()) + u64::from(replication);
            let whose = (run, u64::from(replication));
            study.add(whose, &scenario.axis_values(point), Ok(outcome));
        }
    }
    study
}

/// The shipped scenarios that ask for theory, each with what is made smaller of it, and a quantity that it tells of.
const SCENARIOS: [(&str, &[&str], &str); 6] = [
    (
        "theory-colonies",
        &["/replications=3"],
        "accepted_within_level_1",
    ),
    ("theory-flooding", &["/replications=2"], "acceptance_ratio"),
    ("theory-sessions", &["/replications=5"], "availability"),
    ("theory-queue", &["/replications=8"], "broker_wait_ms_mean"),
    (
        "theory-heartbeats",
        &[
            "/system/arigatoni/gcus_per_broker=1",
            "/system/arigatoni/requests/for_s=40",
        ],
        "suspicions_wrong",
    ),
    (
        "chord-failures",
        &[
            "/replications=1",
            "/system/chord/gcus_per_broker=10",
            "/system/chord/requests/count=1000",
        ],
        "hops_mean",
    ),
];

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn theory_agrees_in_every_scenario_that_asks_for_it() {
    let folder = shipped("scenarios");
    let mut all: Vec<Agreement> = Vec::new();
    for (name, smaller, quantity) in SCENARIOS {
        let text = fs::read_to_string(folder.join(format!("{name}.json"))).unwrap();
        let smaller: Vec<Assignment> = smaller.iter().map(|it| it.parse().unwrap()).collect();
        let scenario = Scenario::parse(&text, name, &smaller).unwrap();
        let points = scenario.point_count();
        let found = agreements(&study(scenario, &folder));
        let own = found.iter().filter(|one| one.quantity == quantity);
        let judged = own.filter(|one| one.p.is_some()).count() as u64;
        assert!(judged * 3 > points, "{name}: {judged} of {points}");
        all.extend(found);
    }
    assert_eq!(disagreements(&all), [], "of {}", all.len());
}

/// All that ask for theory are tested.
#[test]
fn no_scenario_asks_for_theory_unseen() {
    for file in fs::read_dir(shipped("scenarios")).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "json") {
            let text = fs::read_to_string(&path).unwrap();
            let stem = path.file_stem().unwrap().to_str().unwrap();
            let known = SCENARIOS.iter().any(|(name, ..)| *name == stem);
            assert_eq!(text.contains("\"theory\": true"), known, "{stem}");
        }
    }
}

/// Asks all computers at once; but if it is `FAULTY` it forgets every fifth.
#[derive(Debug, Clone)]
struct Asking<const FAULTY: bool> {
    computers: u32,
}

#[derive(Debug, Clone, Copy, Serialize)]
struct Question {
    request: RequestId,
    demand: Descriptor,
}

impl Said for Question {
    fn request(&self) -> Option<RequestId> {
        Some(self.request)
    }

    fn is_sent_once(&self) -> bool {
        true
    }

    fn is_query(&self) -> bool {
        true
    }
}

impl Encode for Question {
    fn encode(&self, to: &mut Encoder) {
        to.u8(OWN);
        to.u32(self.request.0);
        to.u32(self.demand.0);
    }
}

/// What it should do.
struct Everybody;

impl Reach for Everybody {
    fn level(&mut self, _: u32, _: u32) -> Option<u32> {
        Some(0)
    }
}

impl<const FAULTY: bool> Finder for Asking<FAULTY> {
    type Said = Question;
    type Config = NoMembers;
    type Computer = ();
    type Broker = ();
    type Search = ();

    const NAME: &'static str = if FAULTY { "asking-fewer" } else { "asking" };
    const ABOUT: &'static str = "A requester asks all computers (GCUs).";

    fn new(world: &Arc<World>, _: &NoMembers) -> Self {
        Self {
            computers: world.population.len(),
        }
    }

    fn computer(&self, _: u32) {}

    fn theory(&self, loss: f64) -> Option<Box<dyn Reach + '_>> {
        (loss == 0.0).then(|| Box::new(Everybody) as Box<dyn Reach>)
    }

    fn seek(
        &self,
        given: &Given,
        node: &mut Node<Self>,
        wanted: Wanted,
        context: &mut Context<'_, Question>,
    ) {
        let Wanted {
            request, demand, ..
        } = wanted;
        node.asking.open(wanted, (), given, context);
        let question = Message::Own(Question { request, demand });
        let forgotten = |id: &u32| FAULTY && (request.0 + id).is_multiple_of(5);
        for id in (0..self.computers).filter(|id| !forgotten(id)) {
            if gcu(id) != context.me() {
                context.send(gcu(id), question.clone());
            }
        }
    }

    fn hear(
        &self,
        given: &Given,
        node: &mut Node<Self>,
        (from, Question { request, demand }): (UnitId, Question),
        context: &mut Context<'_, Question>,
    ) {
        node.offer(given, from, (request, demand, 1), context);
    }
}

/// What disagrees with theory of a system of that name.
fn wrong_of(system: &str) -> Vec<String> {
    let scenario = json!({
        "version": 1, "name": "own", "replications": 2, "theory": true,
        "topology": {"file": shipped("topologies/t100-0.gb")},
        "system": {system: {
            "services": {"density": 0.02}, "disconnection": {"units": "gcus"},
            "requests": {"count": 400, "rate_per_s": 20, "deadline_ms": 5000},
        }},
        "sweep": {"axes": {"/system/*/disconnection/rate": [0, 0.3]}},
    });
    let scenario = Scenario::parse(&scenario.to_string(), "own", &[]).unwrap();
    let all = agreements(&study(scenario, Path::new(".")));
    assert!(all.len() >= 10, "{all:?}");
    let wrong = disagreements(&all);
    wrong
        .into_iter()
        .map(|(one, _)| one.quantity.clone())
        .collect()
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn a_fault_of_a_protocol_is_told_as_a_disagreement() {
    systems::register::<System<Asking<false>>>();
    systems::register::<System<Asking<true>>>();
    assert_eq!(wrong_of("asking"), [""; 0]);
    let wrong = wrong_of("asking-fewer");
    for quantity in ["accepted", "acceptance_ratio", "service_ratio_mean"] {
        assert!(wrong.iter().any(|it| it == quantity), "{wrong:?}");
    }
}

/// What theory tells of in a short run of a system, with packets lost at this rate.
fn known_of(system: &Value, loss: f64) -> Vec<String> {
    let scenario = json!({
        "version": 1, "name": "own", "replications": 1, "theory": true,
        "topology": {"file": shipped("topologies/t100-0.gb")},
        "network": {"loss": loss},
        "system": system,
    });
    let scenario = Scenario::parse(&scenario.to_string(), "own", &[]).unwrap();
    let all = agreements(&study(scenario, Path::new(".")));
    all.into_iter().map(|one| one.quantity).collect()
}

/// Where look-ups have other ways and lists other holders, or much gets lost, the formula does not hold.
#[test]
fn of_chord_that_loses_packets_theory_knows_single_ways_only() {
    let system = |other: Value| {
        let mut chord = json!({
            "disconnection": {"units": "gcus"},
            "requests": {"count": 40, "rate_per_s": 20, "deadline_ms": 5000},
        });
        let members = other.as_object().unwrap().clone();
        chord.as_object_mut().unwrap().extend(members);
        json!({"chord": chord})
    };
    let single = system(json!({"successors": 1, "replicas": 1}));
    assert!(!known_of(&single, 0.1).is_empty());
    assert_eq!(known_of(&single, 0.5), [""; 0]);
    assert!(!known_of(&system(json!({})), 0.0).is_empty());
    for other in [json!({}), json!({"successors": 1}), json!({"replicas": 1})] {
        assert_eq!(known_of(&system(other), 0.1), [""; 0]);
    }
}

/// Units that fail besides are up for less of the time, and means of few absences are not judged.
#[test]
fn availability_is_known_of_sessions_alone_and_of_many() {
    let system = |mean_s: u32, faults: bool| {
        let mut written = json!({
            "gcus_per_broker": 5,
            "disconnection": {"rate": 0.3, "units": "gcus", "mode": "sessions"},
            "sessions": {"up": {"exponential": {"mean_s": mean_s}}},
            "requests": {"count": 40, "rate_per_s": 4, "deadline_ms": 1000, "service_time_ms": 1},
        });
        if faults {
            let law = |mean_s: u32| json!({"exponential": {"mean_s": mean_s}});
            written["faults"] = json!({"gcus": {"up": law(50), "down": law(5)}});
        }
        json!({"arigatoni": written})
    };
    assert_eq!(known_of(&system(20, false), 0.0), ["availability"]);
    assert_eq!(known_of(&system(20, true), 0.0), [""; 0]);
    assert_eq!(known_of(&system(100_000, false), 0.0), [""; 0]);
}

/// The page of what is said of theory, each test with a section.
const THEORY: &str = "theory";

/// A small scenario, with theory.
fn scenario(system: &Value) -> Value {
    json!({
        "version": 1, "name": "small", "replications": 5, "theory": true,
        "topology": {"file": shipped("topologies/t100-0.gb")},
        "system": system,
        "sweep": {"axes": {"/system/*/disconnection/rate": [0, 0.4]}},
    })
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn theory_is_in_the_tables_the_figures_and_the_report() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    let system = json!({"arigatoni": {"services": {"density": 0.02}, "requests": {"count": 80}}});
    put(path, "s.json", &scenario(&system));
    let told = done(path, &["sweep", "s.json", "-o", "r"]);
    let summary = read(&path.join("r/summary.csv"));
    let (header, rows) = summary.split_once('\n').unwrap();
    assert!(header.ends_with(",theory"), "{header}");
    let filled = |row: &&str| !row.ends_with(',');
    let names = rows
        .lines()
        .filter(filled)
        .map(|row| row.split(',').nth(1).unwrap());
    let names: Vec<&str> = names.collect();
    assert_eq!(names.len(), 10, "five metrics at two points: {names:?}");
    let theory = read(&path.join("r/theory.csv"));
    assert!(
        theory.starts_with("run,replication,quantity,observed,expected,sd,step\n0,0,accepted,")
    );
    let figure = read(&path.join("r/figures/acceptance.svg"));
    let document = roxmltree::Document::parse(&figure).unwrap();
    let caption = document.descendants().find(|it| it.has_tag_name("desc"));
    done(path, &["report", "r"]);
    let page = read(&path.join("r/report.html"));
    assert!(page.contains("<h2 id=\"theory\">"));
    reads(
        THEORY,
        "Where theory agrees",
        &[
            ("a sweep", &lines_with(&told, &["heory"])),
            ("a caption", caption.and_then(|it| it.text()).unwrap()),
            // None of them is about theory.
            ("warnings of the report", &section_of(&page, "warnings")),
        ],
    );
}

/// Requests that end before they are answered are nothing that theory knows of.
#[test]
fn a_disagreement_is_a_warning() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    let system = json!({"arigatoni": {"requests": {"count": 80, "deadline_ms": 20}}});
    put(path, "s.json", &scenario(&system));
    let told = done(path, &["sweep", "s.json", "-o", "r", "--no-figures"]);
    done(path, &["report", "r"]);
    let page = read(&path.join("r/report.html"));
    let warnings = section_of(&page, "warnings");
    reads(
        THEORY,
        "Where theory disagrees",
        &[
            ("a sweep", &lines_with(&told, &["heory", "δ = "])),
            ("warnings of the report", &lines_with(&warnings, &["heory"])),
        ],
    );
}

#[test]
fn it_is_said_where_no_theory_is_known() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    let system = json!({"random-walk": {
        "gcus_per_broker": 2, "disconnection": {"units": "gcus"},
        "requests": {"count": 40, "deadline_ms": 5000},
    }});
    put(path, "s.json", &scenario(&system));
    let told = done(path, &["sweep", "s.json", "-o", "r", "--no-figures"]);
    reads(
        THEORY,
        "Where no theory is known",
        &[("a sweep", &lines_with(&told, &["heory"]))],
    );
    assert!(!path.join("r/theory.csv").exists());
    let output = arigatoni(path, &["report", "r"]);
    assert_eq!(code(&output), Some(0), "{}", said(&output));
    // A member that is no answer is refused like every other.
    let mut other = scenario(&system);
    other["theory"] = json!("yes");
    put(path, "o.json", &other);
    let output = arigatoni(path, &["sweep", "o.json", "-o", "o"]);
    assert_eq!(code(&output), Some(2));
    assert!(said(&output).contains("/theory"), "{}", said(&output));
}
