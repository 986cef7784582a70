//! The workload and the world of discovery systems, seen from outside: who offers what, who asks when, which
//! brokers lead which, and what classes of computers mean.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use arigatoni::arigatoni::{Arigatoni, Config};
use arigatoni::discovery::config::Placement;
use arigatoni::measure::Cell;
use arigatoni::parameters::Parameters;
use arigatoni::parameters::number::{BoundedCount, RouterNumber};
use arigatoni::random::RandomStreams;
use arigatoni::simulation::Run;
use arigatoni::simulation::network::Fidelity;
use arigatoni::system::{Model, Observed, System};
use arigatoni::topology::RouterId;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::command::{arigatoni, code, done, put, said};
use crate::review::Page;
use crate::support::{config, export, metric, run, shipped, t100, tried};

/// The configuration with these members.
fn with(members: &Value) -> Config {
    let config = Config::read(members, "/system/arigatoni").unwrap();
    config.check("/system/arigatoni").unwrap();
    config
}

fn run_with(members: &Value) -> Run<Arigatoni> {
    run(t100(), &with(members), 3, Fidelity::Path)
}

fn world(run: &Run<Arigatoni>) -> Value {
    serde_json::from_str(&export(t100(), run, "world")).unwrap()
}

/// The rows of `requests.csv`, each cell by its column.
fn requests(run: &Run<Arigatoni>) -> Vec<BTreeMap<String, String>> {
    let text = export(t100(), run, "requests");
    let mut lines = text.lines().map(|line| line.split(',').map(str::to_owned));
    let names: Vec<String> = lines.next().unwrap().collect();
    let row = |cells| names.iter().cloned().zip(cells).collect();
    lines.map(row).collect()
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap()
}

#[test]
fn a_service_is_offered_by_as_many_computers_as_are_asked_for() {
    for each in [1, 7, 200] {
        let members = json!({
            "gcus_per_broker": 2, "services": {"count": 40, "offered_by": each},
            "requests": {"count": 300},
        });
        let run = run_with(&members);
        let mut offering = vec![0; 40];
        for gcu in world(&run)["gcus"].as_array().unwrap() {
            let offers: Vec<u64> = gcu["offers"]
                .as_array()
                .unwrap()
                .iter()
                .map(number)
                .collect();
            assert!(offers.is_sorted_by(|one, next| one < next));
            for service in offers {
                offering[service as usize] += 1;
            }
        }
        assert_eq!(offering, vec![each; 40]);
    }
    let error = Arigatoni::check(t100(), &with(&json!({"services": {"offered_by": 101}})));
    let (place, ..) = error.unwrap_err().into_parts();
    assert_eq!(place.as_deref(), Some("/system/*/services/offered_by"));
}

#[test]
fn requests_are_issued_before_their_time_is_over() {
    let members = |requests: Value| json!({"requests": requests});
    let times = |requests: Value| -> Vec<u64> {
        let rows = self::requests(&run_with(&members(requests)));
        rows.iter()
            .map(|row| row["time_ns"].parse().unwrap())
            .collect()
    };
    let poisson = times(json!({"for_s": 4}));
    assert!((300..500).contains(&poisson.len()), "{}", poisson.len());
    assert!(poisson.iter().all(|time| *time < 4_000_000_000));
    // The same requests as without an end, as far as they go.
    assert_eq!(times(json!({"count": 300})), poisson[..300]);
    assert_eq!(times(json!({"count": 300, "for_s": 4})), poisson[..300]);
    let regular = times(json!({"interarrival": 0.5, "for_s": 2}));
    assert_eq!(regular, [500_000_000, 1_000_000_000, 1_500_000_000]);
    let law = json!({"uniform_s": [0.1, 0.3]});
    let spread = times(json!({"interarrival": law, "count": 200}));
    assert_eq!(spread.len(), 200);
    let mut gaps = spread.windows(2).map(|pair| pair[1] - pair[0]);
    assert!(gaps.all(|gap| (100_000_000..=300_000_000).contains(&gap)));
}

#[test]
fn popular_services_are_asked_for_more_often() {
    let members =
        json!({"services": {"count": 20, "popularity": {"zipf": 1}}, "requests": {"count": 2000}});
    let mut asked = vec![0; 20];
    for row in requests(&run_with(&members)) {
        asked[row["service"].parse::<usize>().unwrap()] += 1;
    }
    // 556 and 28 on average.
    assert!(
        (450..670).contains(&asked[0]) && (10..50).contains(&asked[19]),
        "{asked:?}"
    );
}

#[test]
fn offers_change_while_requests_run() {
    let count = tried(1200, 3000);
    let of = |change: Value| {
        let members = json!({
            "gcus_per_broker": 4, "acceptance_probability": 1,
            "services": {"count": 40, "density": 0.02, "change": change},
            "requests": {"count": count, "rate_per_s": 20, "deadline_ms": 5000},
        });
        run_with(&members)
    };
    let law = |mean_s: u32| json!({"exponential": {"mean_s": mean_s}});
    let (still, changing) = (of(Value::Null), of(law(20)));
    assert_eq!(world(&still), world(&changing), "as at time 0");
    let ratio = |run| metric(run, "acceptance_ratio").unwrap();
    assert!((ratio(&still) - ratio(&changing)).abs() < 0.05);
    // Each change but one in five tells something; the brokers above tell more.
    let updates = metric(&changing, "updates_per_unit_s").unwrap();
    assert!((0.035..0.3).contains(&updates), "{updates}");
    assert_eq!(metric(&still, "updates_per_unit_s"), None);
    // Whoever changes while its leader's question is under way, or its own update, is asked in vain: they are
    // 6 ms on average, so that in 1,000 enquiries there are 6 if offers last a second.
    let wrong = |run| metric(run, "enquiries_wrong_ratio").unwrap();
    let (seldom, often) = (wrong(&changing), wrong(&of(law(1))));
    assert!(
        seldom < 0.002 && (0.002..0.01).contains(&often),
        "{seldom} {often}"
    );
    assert_eq!(metric(&changing, "enquiries_absent_ratio"), None);
    let gcus = world(&still)["gcus"].as_array().unwrap().clone();
    let strangers = |run| {
        let mut count = 0;
        for row in requests(run)
            .iter()
            .filter(|row| !row["providers"].is_empty())
        {
            let service: u64 = row["service"].parse().unwrap();
            let provider: usize = row["providers"].parse().unwrap();
            let offers = gcus[provider]["offers"].as_array().unwrap();
            count += usize::from(!offers.iter().any(|offer| number(offer) == service));
        }
        count
    };
    assert_eq!(strangers(&still), 0);
    assert!(
        strangers(&changing) > count as usize / 3,
        "most offers are new"
    );
}

#[test]
fn a_balanced_tree_is_filled_by_nearness_to_the_root() {
    for (fanout, root) in [(1, None), (3, Some(RouterNumber(17))), (1000, None)] {
        let mut config = config();
        config.world.brokers.placement = Placement::Tree(BoundedCount(fanout));
        config.world.brokers.root = root;
        let system = Arigatoni::build(t100(), &config, RandomStreams::new(1, 0)).unwrap();
        let brokers = system.world().brokers.list();
        assert_eq!(brokers.len(), 100);
        let root = system.world().brokers.root();
        let mut order: Vec<u32> = (0..100).collect();
        let distance = |router: u32| t100().routes.latency(RouterId(router), RouterId(root));
        order.sort_by_key(|router| brokers[*router as usize].depth);
        let mut led: BTreeMap<u32, u32> = BTreeMap::new();
        for (router, broker) in (0..).zip(brokers) {
            assert_eq!(broker.router, RouterId(router));
            if let Some(parent) = broker.parent {
                *led.entry(parent).or_default() += 1;
                assert!(distance(parent) <= distance(router));
            }
        }
        // All that lead anybody lead as many as they can, but for one.
        assert_eq!(led.len() as u32, 99_u32.div_ceil(fanout));
        assert!(led.values().filter(|count| **count < fanout).count() <= 1);
        let by_depth = order.windows(2).all(|pair| {
            let [one, other] = [pair[0], pair[1]].map(|router| brokers[router as usize].depth);
            one == other || distance(pair[0]) <= distance(pair[1])
        });
        assert!(
            by_depth,
            "whoever is farther from the root is not above who is nearer"
        );
    }
}

/// A scenario in `folder` whose brokers a file lists.
fn put_listed(folder: &TempDir, list: &str, root: &Value) {
    let scenario = json!({
        "version": 1, "name": "listed",
        "topology": {"file": shipped("topologies/t100-0.gb").to_str().unwrap()},
        "system": {"arigatoni": {
            "brokers": {"placement": {"file": "tree.csv"}, "root": root},
            "gcus_per_broker": 3, "requests": {"count": 50},
        }},
    });
    put(folder.path(), "s.json", &scenario);
    fs::write(folder.path().join("tree.csv"), list).unwrap();
}

#[test]
fn an_overlay_of_ones_own_is_read_from_a_file() {
    let folder = TempDir::new().unwrap();
    put_listed(
        &folder,
        "router,parent_router\n40,7\n7,\n3,40\n99,7\n",
        &Value::Null,
    );
    done(folder.path(), &["run", "s.json", "--world=w.json"]);
    let world = fs::read(folder.path().join("w.json")).unwrap();
    let world: Value = serde_json::from_slice(&world).unwrap();
    let gbus = world["gbus"].as_array().unwrap().iter();
    let gbus: Vec<(u64, Option<u64>)> = gbus
        .map(|gbu| (number(&gbu["router"]), gbu["parent"].as_u64()))
        .collect();
    assert_eq!(
        gbus,
        [(3, Some(2)), (7, None), (40, Some(1)), (99, Some(1))]
    );
    assert_eq!(world["gcus"].as_array().unwrap().len(), 12);

    let mut page = Page::new("Overlays of one's own that cannot be");
    for (list, root) in [
        ("3,7\n100,7", Value::Null),
        ("", Value::Null),
        ("3,7\n7,3", Value::Null),
        ("3,7\nx,7", Value::Null),
        ("3,7", json!(3)),
    ] {
        put_listed(&folder, list, &root);
        let output = arigatoni(folder.path(), &["run", "s.json"]);
        let text = said(&output);
        assert_eq!(code(&output), Some(2), "{text}");
        assert!(
            text.contains("/system/arigatoni/brokers/"),
            "{list}: {text}"
        );
        page.entry(&format!("{list:?}, root {root}"), text);
    }
    page.check_section("systems-refused");
}

#[test]
fn a_class_has_what_it_says_and_else_what_all_have() {
    let members = json!({
        "gcus_per_broker": 4, "slots": null, "access_latency_ms": [1, 2], "acceptance_probability": 1,
        "services": {"count": 4, "density": 0.5},
        "requests": {"count": 800, "rate_per_s": 200, "service_time_ms": 10},
        "classes": [
            {"name": "phone", "share": 0.25, "acceptance_probability": 0, "access_latency_ms": [30, 40]},
            {"name": "laptop", "share": 0.5, "slots": 1, "service_time_ms": 1e9},
            {"name": "cluster", "share": 0.25},
        ],
    });
    let run = run_with(&members);
    let world = world(&run);
    let classes: Vec<&str> = world["gcus"]
        .as_array()
        .unwrap()
        .iter()
        .map(|gcu| {
            let access_ms = number(&gcu["access_ns"]) as f64 / 1e6;
            let class = gcu["class"].as_str().unwrap();
            let range = if class == "phone" {
                30.0..=40.0
            } else {
                1.0..=2.0
            };
            assert!(range.contains(&access_ms), "{class}: {access_ms}");
            class
        })
        .collect();
    let count = |name| classes.iter().filter(|class| **class == name).count();
    assert!((70..130).contains(&count("phone")) && (165..235).contains(&count("laptop")));

    let mut served: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for row in requests(&run)
        .iter()
        .filter(|row| !row["providers"].is_empty())
    {
        let provider: usize = row["providers"].parse().unwrap();
        served.entry(classes[provider]).or_default().push(provider);
    }
    assert!(!served.contains_key("phone"), "they never agree");
    let distinct: BTreeSet<usize> = served["laptop"].iter().copied().collect();
    assert_eq!(
        distinct.len(),
        served["laptop"].len(),
        "one slot, taken for long"
    );
    let distinct: BTreeSet<usize> = served["cluster"].iter().copied().collect();
    assert!(distinct.len() < served["cluster"].len(), "any number");
}

/// Of each class: its computers, the requests that they issue, of these those of connected ones and those that are
/// accepted, and the instances that its computers provide.
fn counted_by_class(run: &Run<Arigatoni>) -> BTreeMap<String, [u64; 5]> {
    let gcus = world(run)["gcus"].as_array().unwrap().clone();
    let class_of = |gcu: &str| {
        let gcu: usize = gcu.parse().unwrap();
        gcus[gcu]["class"].as_str().unwrap()
    };
    let mut counts: BTreeMap<String, [u64; 5]> = BTreeMap::new();
    for gcu in &gcus {
        let class = gcu["class"].as_str().unwrap();
        counts.entry(class.into()).or_default()[0] += 1;
    }
    for row in requests(run) {
        let own = counts.get_mut(class_of(&row["gcu"])).unwrap();
        own[1] += 1;
        own[2] += u64::from(row["outcome"] != "local");
        own[3] += u64::from(row["outcome"] == "accepted");
        let providers = row["providers"].split(';');
        for provider in providers.filter(|cell| !cell.is_empty()) {
            counts.get_mut(class_of(provider)).unwrap()[4] += 1;
        }
    }
    counts
}

/// The table of classes is what an outsider counts.
#[test]
fn the_requests_of_each_class_are_counted_by_themselves() {
    let members = json!({
        "gcus_per_broker": 4, "services": {"count": 20, "density": 0.02},
        "disconnection": {"rate": 0.2, "units": "gcus"},
        "requests": {"count": 1500, "rate_per_s": 20, "instances": 2, "at_least": 1},
        "classes": [
            {"name": "small", "share": 0.7, "acceptance_probability": 0.2, "access_latency_ms": [50, 90]},
            {"name": "large", "share": 0.3, "acceptance_probability": 1},
            {"name": "none", "share": 0},
        ],
    });
    let run = run_with(&members);
    let counts = counted_by_class(&run);
    let table = Arigatoni::DETAILS
        .iter()
        .position(|detail| detail.name == "classes")
        .unwrap();
    let column = |name: &str| {
        let mut columns = Arigatoni::DETAILS[table].names();
        columns.position(|column| column == name).unwrap()
    };
    let report = run.system.report(&run.measures, run.totals);
    let rows = &report.details[table];
    assert_eq!(rows.len(), 3);
    for (row, name) in rows.iter().zip(["small", "large", "none"]) {
        assert_eq!(row[0], Cell::Text(name.into()));
        let names = ["gcus", "issued", "issued_connected", "accepted", "provided"];
        let found = names.map(|name| row[column(name)].number().unwrap() as u64);
        let expected = counts.get(name).copied().unwrap_or_default();
        assert_eq!(found, expected, "{name}");
        let [_, issued, connected, accepted, _] = found;
        assert_eq!(
            row[column("acceptance_ratio")],
            Cell::ratio(accepted, issued)
        );
        let among_connected = Cell::ratio(accepted, connected);
        assert_eq!(row[column("acceptance_ratio_connected")], among_connected);
        assert_eq!(
            row[column("completed")],
            row[column("accepted")],
            "nobody goes"
        );
        assert_eq!(row[column("latency_ms_mean")] == Cell::Absent, issued == 0);
    }
    let latency = |row: usize| rows[row][column("latency_ms_mean")].number().unwrap();
    assert!(
        latency(0) > latency(1) + 100.0,
        "both ways over its access link"
    );
    let without = run_with(&json!({"requests": {"count": 10}}));
    let report = without.system.report(&without.measures, without.totals);
    assert!(report.details[table].is_empty());
}

/// Classes that say nothing change nothing.
#[test]
fn classes_without_members_are_no_difference() {
    let mut config = config();
    config.world.slots = None;
    let plain = run(t100(), &config, 5, Fidelity::Path);
    let mut written = config.write();
    written["classes"] = json!([{"name": "a", "share": 0.3}, {"name": "b", "share": 0.7}]);
    let classed = run(t100(), &with(&written), 5, Fidelity::Path);
    assert_eq!(plain.totals, classed.totals);
    assert!(
        Arigatoni::exports()
            .iter()
            .any(|export| export.name == "world")
    );
    assert!(!export(t100(), &plain, "world").contains("class"));
}
