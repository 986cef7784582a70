//! Services by constraints: outcomes against brute force over the exports, and what is refused.

use std::collections::{BTreeMap, BTreeSet};

use arigatoni::arigatoni::{Arigatoni, Config};
use arigatoni::constraint::{Attributes, Constraint};
use arigatoni::discovery::Discovery;
use arigatoni::parameters::Parameters;
use arigatoni::rivals::{Central, Chord, Flooding, RandomWalk, Rival, Synapse};
use arigatoni::simulation::Run;
use arigatoni::simulation::network::Fidelity;
use arigatoni::system::{Observed, System};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::command::{arigatoni as program, code, said};
use crate::review::Page;
use crate::support::{export, metric, run_of, shipped, t100};

/// What a run of `S` by these members writes: its world and its requests.
struct Written {
    world: Value,
    requests: Vec<BTreeMap<String, String>>,
    attributes: Attributes,
    constraints: Vec<Constraint>,
}

fn written<S>(members: &Value, seed: u64) -> (Run<S>, Written)
where
    S: System,
    S::Config: Parameters,
{
    let config = S::Config::read(members, "").unwrap();
    config.check("").unwrap();
    let run = run_of::<S>(t100(), &config, seed, Fidelity::Path);
    let world: Value = serde_json::from_str(&export(t100(), &run, "world")).unwrap();
    let text = export(t100(), &run, "requests");
    let mut rows = csv::Reader::from_reader(text.as_bytes());
    let requests = rows.deserialize().map(Result::unwrap).collect();
    let attributes = Attributes::from_json(&world["attributes"].to_string()).unwrap();
    let texts = world["constraints"].as_array().unwrap().iter();
    let constraints = texts.map(|text| attributes.parse(text.as_str().unwrap()).unwrap());
    let constraints = constraints.collect();
    let written = Written {
        world,
        requests,
        attributes,
        constraints,
    };
    (run, written)
}

fn numbers(list: &Value) -> Vec<usize> {
    let list = list.as_array().unwrap().iter();
    list.map(|it| it.as_u64().unwrap() as usize).collect()
}

impl Written {
    /// The computers that offer what matches `demand`, but for `requester` and those that are disconnected.
    fn able(&self, demand: usize, requester: usize) -> BTreeSet<usize> {
        let gcus = self.world["gcus"].as_array().unwrap().iter().enumerate();
        let able = gcus.filter(|(id, gcu)| {
            let offers = numbers(&gcu["offers"]);
            assert!(offers.is_sorted_by(|one, next| one < next));
            let mut offers = offers.into_iter();
            *id != requester
                && gcu["disconnected"] == false
                && offers.any(|offer| self.constraints[offer].matches(&self.constraints[demand]))
        });
        able.map(|(id, _)| id).collect()
    }

    fn providers(request: &BTreeMap<String, String>) -> Vec<usize> {
        let all = request["providers"].split(';');
        let all = all.filter(|it| !it.is_empty());
        all.map(|it| it.parse().unwrap()).collect()
    }
}

/// Constraints whose offers are scarce, so that not every request finds one.
fn constraints() -> Value {
    json!({
        "attributes": {"Type": ["CPU", "MEM", "DISK"], "Time": "s", "Mem": "B"},
        "offers": {"random": {"count": 60, "clauses": 2, "selectivity": 0.2,
                              "ranges": {"Time": ["0s", "1000s"], "Mem": ["0B", "1GiB"]}}, "density": 0.0008},
        "requests": {"random": {"count": 40, "clauses": 2, "selectivity": 0.05,
                                "ranges": {"Time": ["0s", "1000s"], "Mem": ["0B", "1GiB"]}}},
    })
}

/// A whole overlay in which everybody agrees.
fn members(instances: u32, at_least: u32, each: u32) -> Value {
    json!({
        "gcus_per_broker": 2,
        "acceptance_probability": 1,
        "services": {"constraints": constraints(), "instances": each},
        "requests": {"count": 300, "instances": instances, "at_least": at_least, "distinct": each == 1},
    })
}

/// The first so many offers for one request that brute force over the world finds, in what order whatsoever.
fn check_outcomes(
    written: &Written,
    (instances, at_least, each): (usize, usize, usize),
) -> [usize; 2] {
    let mut counts = [0; 2];
    for request in &written.requests {
        let number = |name: &str| request[name].parse::<usize>().unwrap();
        let able = written.able(number("service"), number("gcu"));
        let found = (able.len() * each).min(instances);
        let is_accepted = found >= at_least;
        assert_eq!(
            request["outcome"],
            ["rejected", "accepted"][usize::from(is_accepted)]
        );
        counts[usize::from(is_accepted)] += 1;
        let providers = Written::providers(request);
        assert_eq!(providers.len(), if is_accepted { found } else { 0 });
        assert!(providers.iter().all(|provider| able.contains(provider)));
        let mut times: BTreeMap<usize, usize> = BTreeMap::new();
        for provider in providers {
            *times.entry(provider).or_default() += 1;
        }
        assert!(times.values().all(|times| *times <= each));
    }
    counts
}

#[test]
fn with_certain_agreement_every_outcome_is_what_brute_force_says() {
    let mut counts = [0; 2];
    for (instances, at_least, each) in [(1, 1, 1), (3, 3, 1), (4, 2, 1), (6, 4, 3)] {
        for search in ["selective", "exhaustive"] {
            let mut members = members(instances, at_least, each);
            members["search"] = search.into();
            let (run, written) = written::<Arigatoni>(&members, 5);
            assert_eq!(metric(&run, "deadline_hits"), Some(0.0));
            let wanted = [instances, at_least, each].map(|it| it as usize);
            let [rejected, accepted] = check_outcomes(&written, wanted.into());
            counts = [counts[0] + rejected, counts[1] + accepted];
        }
    }
    assert!(counts.iter().all(|count| *count > 200), "{counts:?}");
}

#[test]
fn equal_constraints_are_one_however_they_are_written() {
    let mut members = members(1, 1, 1);
    members["services"]["constraints"] = json!({
        "attributes": {"Time": "s", "Type": ["CPU", "MEM"]},
        "offers": [
            {"constraint": "[Time<2ks]&[Type=CPU]", "density": 0.5},
            {"constraint": "[Type!=MEM] & [Time<2000]", "density": 0.5},
            {"constraint": "[Time>9ks]"},
        ],
        "requests": [
            {"constraint": "[Time<=1]", "weight": 3},
            {"constraint": "[Time<2000s] & [Type=CPU]"},
            {"constraint": "[Time>9ks]"},
        ],
    });
    let (_, written) = written::<Arigatoni>(&members, 5);
    let texts: [&str; 3] = ["[Time<2000s] & [Type=CPU]", "[Time>9000s]", "[Time<=1s]"];
    assert_eq!(written.world["constraints"], json!(texts));
    let declared = json!({"Time": "s", "Type": ["CPU", "MEM"]});
    assert_eq!(written.world["attributes"], declared);
    let gcus = written.world["gcus"].as_array().unwrap();
    let offering = |offer: usize| {
        let offering = gcus
            .iter()
            .filter(|gcu| numbers(&gcu["offers"]).contains(&offer));
        offering.count()
    };
    // Of 200 computers 150 on average, with a standard deviation of 6, then 20 with one of 4.
    assert!((125..=175).contains(&offering(0)) && (4..=40).contains(&offering(1)));
    let asked = |wish: &str| {
        let asked = written.requests.iter().filter(|it| it["service"] == wish);
        asked.count()
    };
    // Of 300 requests 180, 60 and 60.
    assert!((145..=215).contains(&asked("2")) && (30..=90).contains(&asked("0")));
    assert_eq!(written.attributes.text(&written.constraints[1]), texts[1]);
}

#[test]
fn acceptance_is_told_by_constraint() {
    let (run, written) = written::<Arigatoni>(&members(1, 1, 1), 7);
    let at = Arigatoni::DETAILS
        .iter()
        .position(|it| it.name == "constraints");
    let report = run.system.report(&run.measures, run.totals);
    let rows = &report.details[at.unwrap()];
    let mut issued = 0.0;
    for row in rows {
        let arigatoni::measure::Cell::Text(text) = &row[0] else {
            panic!("{row:?}")
        };
        let constraint = written.attributes.parse(text).unwrap();
        let number = written.constraints.iter().position(|it| *it == constraint);
        let number = number.unwrap().to_string();
        let own: Vec<_> = written
            .requests
            .iter()
            .filter(|it| it["service"] == number)
            .collect();
        let accepted = own.iter().filter(|it| it["outcome"] == "accepted");
        let counts = [own.len() as f64, accepted.count() as f64];
        assert_eq!([row[1].number(), row[2].number()], counts.map(Some));
        issued += counts[0];
    }
    assert_eq!(Some(issued), metric(&run, "issued"));
    let none: Config = Config::read(&json!({"requests": {"count": 10}}), "").unwrap();
    let run = run_of::<Arigatoni>(t100(), &none, 1, Fidelity::Path);
    assert!(run.system.report(&run.measures, run.totals).details[at.unwrap()].is_empty());
}

/// Rivals that compare find what brute force finds; those that look up a key find what is equal.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn rivals_find_what_matches_or_what_is_equal() {
    fn check<F: arigatoni::rivals::Finder>(own: &Value, only_equal: bool) {
        let mut members = members(1, 1, 1);
        members
            .as_object_mut()
            .unwrap()
            .extend(own.as_object().unwrap().clone());
        let shared = json!({"attributes": {"Time": "s"},
            "offers": [{"constraint": "[Time<9]", "density": 0.01}, {"constraint": "[Time=20]", "density": 0.01},
                       {"constraint": "[Time>30]", "density": 0}],
            "requests": [{"constraint": "[Time<9]"}, {"constraint": "[Time=5]"}, {"constraint": "[Time>=20]"},
                         {"constraint": "[Time=10]"}]});
        members["services"]["constraints"] = shared;
        let (_, written) = written::<Discovery<Rival<F>>>(&members, 3);
        let mut counts = [0; 2];
        for request in &written.requests {
            let number = |name: &str| request[name].parse::<usize>().unwrap();
            let able = written.able(number("service"), number("gcu"));
            // The second constraint is offered and never asked for; only the first is both.
            let found = !able.is_empty() && (!only_equal || number("service") == 0);
            assert_eq!(
                request["outcome"],
                ["rejected", "accepted"][usize::from(found)],
                "{}",
                F::NAME
            );
            counts[usize::from(found)] += 1;
        }
        assert!(
            counts.iter().all(|count| *count > 20),
            "{}: {counts:?}",
            F::NAME
        );
    }
    check::<Central>(&json!({}), false);
    check::<Flooding>(&json!({"degree": 4, "ttl": null}), false);
    check::<RandomWalk>(&json!({"degree": 4, "walkers": 4, "ttl": 2000}), false);
    check::<Chord>(&json!({}), true);
    check::<Synapse>(&json!({"synapses": 1, "rings": 2}), true);
}

const DECLARED: &str = r#""attributes": {"Type": ["CPU", "MEM"], "Time": "s", "Cores": null}"#;
const CPU: &str = r#"{"constraint": "[Type=CPU]"}"#;

/// Members of `constraints` that are refused.
fn bad_constraints() -> Vec<String> {
    let both = |offers: &str, requests: &str| {
        format!(r#"{DECLARED}, "offers": {offers}, "requests": {requests}"#)
    };
    let cpu = format!("[{CPU}]");
    let offered = |offer: &str| both(&format!("[{offer}]"), &cpu);
    let asked = |request: &str| both(&cpu, &format!("[{request}]"));
    let good = both(&cpu, &cpu);
    vec![
        String::new(),
        format!(r#"{DECLARED}, "offers": {cpu}"#),
        both("[]", &cpu),
        both(&cpu, "[]"),
        both(CPU, &cpu),
        both(r#""[Type=CPU]""#, &cpu),
        offered(r#""[Type=CPU]""#),
        offered(r#"{"constraint": "[Type=CPU] & [Time>10s"}"#),
        offered(&format!(r#"{CPU}, {{"constraint": "[Tyme>10s]"}}"#)),
        asked(r#"{"constraint": "[Type<CPU]"}"#),
        asked(r#"{"constraint": "[Time>10B]"}"#),
        asked(r#"{"constraint": "[Cores>10s]"}"#),
        asked(r#"{"constraint": "[Time>9s] & [Type=CPU] & [Time<9]"}"#),
        offered(r#"{"constraint": "[Type=CPU]", "density": 2}"#),
        asked(r#"{"constraint": "[Type=CPU]", "weight": 0}"#),
        asked(r#"{"constraint": "[Type=CPU]", "density": 1}"#),
        format!(r#"{good}, "summary": {{"merge": 0}}"#),
        format!(r#"{good}, "summary": "exakt""#),
        both(r#"{"random": {"clauses": 3}}"#, &cpu),
        both(&cpu, r#"{"random": {"ranges": {"Tyme": ["0", "1"]}}}"#),
        format!(r#""attributes": {{"Type": ["CPU"]}}, "offers": {cpu}, "requests": {cpu}"#),
    ]
}

#[test]
fn constraints_that_cannot_be_are_refused() {
    let folder = TempDir::new().unwrap();
    let scenario = shipped("scenarios/ci/selective.json");
    let mut page = Page::new("Services by constraints that are refused");
    let mut refuse = |services: &str| {
        let services = format!(r"/system/*/services={{{services}}}");
        let arguments = ["check", scenario.to_str().unwrap(), "--set", &services];
        let output = program(folder.path(), &arguments);
        assert_eq!(code(&output), Some(2), "{services}");
        page.entry(
            &services,
            said(&output).replace(scenario.to_str().unwrap(), "selective.json"),
        );
    };
    for constraints in bad_constraints() {
        refuse(&format!(r#""constraints": {{{constraints}}}"#));
    }
    let good = format!(r#""constraints": {{{DECLARED}, "offers": [{CPU}], "requests": [{CPU}]}}"#);
    for beside in [
        r#""count": 5"#,
        r#""density": 0.5"#,
        r#""offered_by": 3"#,
        r#""popularity": {"zipf": 1}"#,
    ] {
        refuse(&format!("{good}, {beside}"));
    }
    page.check("constrained-services");
}

/// Offers that cover each other, and requests in between that nothing matches.
fn nested(density: f64) -> Value {
    let mut offers = vec![json!({"constraint": "[Time>5ks]", "density": density})];
    for (step, kind) in (0..9).zip(["CPU", "MEM", "DISK"].into_iter().cycle()) {
        let least = 1 << step;
        for (most, clause) in [
            (2, String::new()),
            (8, format!(" & [Type={kind}]")),
            (2, format!(" & [Type!={kind}]")),
        ] {
            let text = format!("[Time>={least}] & [Time<{}]{clause}", most * least);
            offers.push(json!({"constraint": text, "density": density}));
        }
    }
    let requests = [
        "[Time=3ks]",
        "[Time=3] & [Type=CPU]",
        "[Time=100]",
        "[Time=40] & [Type!=MEM]",
        "[Time>6ks]",
        "[Time<1]",
        "[Time=2500] & [Type=MEM]",
        "[Time=1025]",
    ];
    json!({
        "attributes": {"Type": ["CPU", "MEM", "DISK"], "Time": "s"},
        "offers": offers,
        "requests": requests.map(|text| json!({"constraint": text})),
    })
}

/// How brokers sum up what their colonies offer.
fn summaries() -> [Value; 4] {
    [
        json!("exact"),
        json!("covering"),
        json!({"merge": 3}),
        json!({"merge": 1}),
    ]
}

#[test]
fn no_summary_loses_a_match_and_those_that_merge_are_asked_in_vain() {
    let wanted = (2, 2, 1);
    let mut entries = Vec::new();
    for summary in summaries() {
        for start in ["direct", "messages"] {
            let mut members = members(2, 2, 1);
            members["services"]["constraints"] = nested(0.01);
            members["services"]["constraints"]["summary"] = summary.clone();
            members["start"] = start.into();
            let (run, written) = written::<Arigatoni>(&members, 5);
            let counts = check_outcomes(&written, wanted);
            assert!(counts.iter().all(|count| *count > 20), "{counts:?}");
            let vain = metric(&run, "false_positive_ratio").unwrap();
            assert_eq!(vain > 0.0, summary.is_object(), "{summary}: {vain}");
            assert_eq!(metric(&run, "summary_updates"), Some(0.0));
            entries.push(metric(&run, "table_entries").unwrap());
        }
    }
    assert!(entries.is_sorted_by(|one, next| one >= next), "{entries:?}");
    assert!(
        entries[0] > entries[2] && entries[2] > entries[7],
        "{entries:?}"
    );
}

/// Computers and brokers come and go, fail and change what they offer.
fn unsteady(summary: &Value) -> Value {
    let mut members = members(1, 1, 1);
    let law = |mean_s: u32| json!({"exponential": {"mean_s": mean_s}});
    members["acceptance_probability"] = json!(0.8);
    members["services"]["change"] = law(20);
    members["services"]["constraints"] = nested(0.02);
    members["services"]["constraints"]["summary"] = summary.clone();
    members["sessions"] =
        json!({"up": law(40), "down": law(10), "leave": "unregister", "units": "gcus"});
    members["requests"]["rate_per_s"] = json!(5);
    members["requests"]["deadline_ms"] = json!(5000);
    members
}

#[test]
fn covering_finds_what_exact_finds_with_fewer_updates() {
    for faults in [
        Value::Null,
        json!({"gcus": {"up": 50, "down": 5}, "gbus": null}),
    ] {
        let runs = ["exact", "covering"].map(|summary| {
            let mut members = unsteady(&summary.into());
            members["faults"] = faults.clone();
            written::<Arigatoni>(&members, 9)
        });
        let [(exact, found), (covering, covered)] = &runs;
        assert_eq!(found.requests, covered.requests);
        let updates = [exact, covering].map(|run| metric(run, "summary_updates").unwrap());
        assert!(updates[0] > updates[1] && updates[1] > 0.0, "{updates:?}");
        let at = Arigatoni::DETAILS
            .iter()
            .position(|it| it.name == "summaries");
        let by_depth = [exact, covering].map(|run| {
            let report = run.system.report(&run.measures, run.totals);
            report.details[at.unwrap()].clone()
        });
        for (exact, covering) in by_depth[0].iter().zip(&by_depth[1]) {
            assert_eq!(exact[0], covering[0]);
            assert!((2..5).all(|at| exact[at].number() >= covering[at].number()));
        }
    }
}

#[test]
fn what_merges_is_repeatable() {
    let members = unsteady(&json!({"merge": 2}));
    let config = Config::read(&members, "").unwrap();
    let runs = [0, 1].map(|_| run_of::<Arigatoni>(t100(), &config, 4, Fidelity::Path));
    assert_eq!(runs[0].totals, runs[1].totals);
    assert_eq!(
        export(t100(), &runs[0], "requests"),
        export(t100(), &runs[1], "requests")
    );
}
