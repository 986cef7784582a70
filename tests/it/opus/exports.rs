//! What a run of Opus writes down is enough to compute its numbers again, by other code than the program's.

use std::collections::BTreeMap;
use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::command::{arigatoni, code, put, said, wrote};
use crate::support::shipped;

/// A run: its numbers, and what it has written.
struct Written {
    numbers: Value,
    folder: TempDir,
}

type Row = BTreeMap<String, String>;

impl Written {
    /// A run of Opus with these members on the graph of 100 routers, with all these exports.
    fn of(opus: &Value, exports: &[&str]) -> Self {
        let folder = TempDir::new().unwrap();
        let scenario = json!({
            "version": 1, "name": "x",
            "topology": {"file": shipped("topologies/t100-0.gb")},
            "system": {"opus": opus},
        });
        put(folder.path(), "x.json", &scenario);
        let options = exports.iter().map(|name| format!("--{name}={name}"));
        let options: Vec<String> = options.collect();
        let mut words = vec!["run", "x.json", "--json"];
        words.extend(options.iter().map(String::as_str));
        let output = arigatoni(folder.path(), &words);
        assert_eq!(code(&output), Some(0), "{}", said(&output));
        let numbers = serde_json::from_str(&wrote(&output)).unwrap();
        Self { numbers, folder }
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(name)).unwrap()
    }

    fn world(&self) -> Value {
        serde_json::from_str(&self.text("world")).unwrap()
    }

    /// The rows of a table, each cell by its column.
    fn rows(&self, name: &str) -> Vec<Row> {
        let text = self.text(name);
        let mut lines = text.lines().map(|line| line.split(',').map(str::to_owned));
        let names: Vec<String> = lines.next().unwrap().collect();
        lines
            .map(|cells| names.iter().cloned().zip(cells).collect())
            .collect()
    }

    /// A number of the run is what was found.
    fn assert(&self, name: &str, found: f64) {
        let number = self.numbers[name].as_f64().unwrap_or_else(|| {
            panic!("{name} is {}", self.numbers[name]);
        });
        let scale = number.abs().max(1e-9);
        assert!(
            (number - found).abs() <= 1e-9 * scale,
            "{name} is {number}, and its files say {found}"
        );
    }
}

/// The number in a cell.
fn number(row: &Row, name: &str) -> f64 {
    row[name].parse().unwrap()
}

fn mean(numbers: &[f64]) -> f64 {
    numbers.iter().sum::<f64>() / numbers.len() as f64
}

/// The latencies between all nodes of a world in ns, by its routers and links alone (Floyd and Warshall).
fn latencies(world: &Value, place: impl Fn(&Value) -> Value) -> Vec<Vec<u64>> {
    let routers = world["routers"].as_u64().unwrap() as usize;
    let mut ways = vec![vec![u64::MAX / 4; routers]; routers];
    for (router, row) in ways.iter_mut().enumerate() {
        row[router] = 0;
    }
    for link in world["links"].as_array().unwrap() {
        let [u, v, ns] = [0, 1, 2].map(|at| link[at].as_u64().unwrap());
        for (a, b) in [(u, v), (v, u)] {
            let way = &mut ways[a as usize][b as usize];
            *way = (*way).min(ns);
        }
    }
    for over in 0..routers {
        for from in 0..routers {
            for to in 0..routers {
                ways[from][to] = ways[from][to].min(ways[from][over] + ways[over][to]);
            }
        }
    }
    let nodes: Vec<(usize, u64)> = world["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|node| {
            let place = place(node);
            let router = place["router"].as_u64().unwrap();
            (router as usize, place["access_ns"].as_u64().unwrap())
        })
        .collect();
    let between = |a: usize, b: usize| {
        let ((from, out), (to, into)) = (nodes[a], nodes[b]);
        if a == b {
            0
        } else {
            ways[from][to] + out + into
        }
    };
    let all = 0..nodes.len();
    all.clone()
        .map(|a| all.clone().map(|b| between(a, b)).collect())
        .collect()
}

/// The sum of the links of the minimum spanning tree (Prim).
fn minimum(latencies: &[Vec<u64>]) -> u64 {
    let mut nearest: Vec<Option<u64>> = latencies[0].iter().copied().map(Some).collect();
    nearest[0] = None;
    let mut sum = 0;
    loop {
        let open = nearest.iter().enumerate();
        let Some((least, at)) = open.filter_map(|(at, way)| Some((way.as_ref()?, at))).min() else {
            return sum;
        };
        sum += *least;
        nearest[at] = None;
        for (other, way) in nearest.iter_mut().enumerate() {
            *way = way.map(|way| way.min(latencies[at][other]));
        }
    }
}

/// The cost of an overlay whose parents are in the world under this name, ÷ that of the minimum spanning tree.
fn cost_ratio(world: &Value, name: &str, latencies: &[Vec<u64>]) -> f64 {
    let parents = world["overlays"][name].as_array().unwrap();
    let mut links: Vec<(u64, usize)> = Vec::new();
    for (node, parents) in parents.iter().enumerate().skip(1) {
        let parents = parents.as_array().unwrap();
        links.extend(
            parents
                .iter()
                .map(|parent| (parent.as_u64().unwrap(), node)),
        );
    }
    links.sort_unstable();
    links.dedup();
    let cost: u64 = links.iter().map(|&(a, b)| latencies[a as usize][b]).sum();
    cost as f64 / minimum(latencies) as f64
}

#[test]
fn the_numbers_of_an_overlay_follow_from_its_files() {
    let opus = json!({
        "study": "overlay", "nodes": {"count": 60},
        "disconnection": {"rate": 0.2}, "moving": {"rate": 0.2},
        "overlay": {"redundancy": 2, "degree_limit": 8, "packets": 4, "loss": 0.02},
    });
    let run = Written::of(&opus, &["world", "requests"]);
    let world = run.world();
    let built = latencies(&world, Value::clone);
    run.assert("cost_ratio", cost_ratio(&world, "built", &built));
    let moved = latencies(&world, |node| node.get("moves_to").unwrap_or(node).clone());
    let moves = world["nodes"].as_array().unwrap().iter();
    assert_eq!(
        moves.filter(|node| node.get("moves_to").is_some()).count(),
        12
    );
    assert!(
        cost_ratio(&world, "adapted", &moved) < 6.0,
        "it is an overlay at the new places"
    );
    let rows = run.rows("requests");
    for (column, stage) in [
        ("delivery_ratio_intact", "intact"),
        ("delivery_ratio_moved", "moved"),
        ("delivery_ratio_adapted", "adapted"),
        ("delivery_ratio_failed", "failed"),
        ("delivery_ratio_repaired", "repaired"),
    ] {
        let rows = || rows.iter().filter(|row| row["stage"] == stage);
        let received = rows().filter(|row| !row["received_ns"].is_empty()).count();
        run.assert(column, received as f64 / rows().count() as f64);
    }
    let stages = world["stages"].as_array().unwrap();
    let build = &stages[0];
    assert_eq!(build["stage"], "build");
    run.assert(
        "messages_per_node",
        build["messages"].as_f64().unwrap() / 60.0,
    );
}

#[test]
fn the_numbers_of_tracking_follow_from_its_files() {
    let opus = json!({
        "study": "tracking", "nodes": {"count": 40}, "disconnection": {"rate": 0.25},
        "tracking": {"truth": {
            "quantities": 2, "duration_ms": 20_000, "failure_ms": 5000, "recovery_ms": 9000,
        }},
    });
    let run = Written::of(&opus, &["world", "tracking"]);
    let rows = run.rows("tracking");
    let mut truth: BTreeMap<(String, String), f64> = BTreeMap::new();
    let key = |row: &Row| (row["time_ns"].clone(), row["quantity"].clone());
    for row in &rows {
        *truth.entry(key(row)).or_default() += number(row, "own");
    }
    let known: Vec<&Row> = rows
        .iter()
        .filter(|row| !row["estimate"].is_empty())
        .collect();
    let error = |row: &&Row| {
        let truth = truth[&key(row)];
        (number(row, "estimate") - truth).abs() / truth
    };
    let errors: Vec<f64> = known.iter().map(error).collect();
    run.assert("error_mean", mean(&errors));
    run.assert("error_max", errors.iter().copied().fold(0.0, f64::max));
    let roots: Vec<f64> = known
        .iter()
        .filter(|row| row["root"] == "1")
        .map(error)
        .collect();
    run.assert("root_error_mean", mean(&roots));
    let ages: Vec<f64> = known
        .iter()
        .map(|row| (number(row, "time_ns") - number(row, "oldest_ns")) / 1e9)
        .collect();
    run.assert("staleness_s_mean", mean(&ages));
    run.assert("informed_ratio", known.len() as f64 / rows.len() as f64);
    let world = run.world();
    let nodes = world["nodes"].as_array().unwrap();
    let all = |name: &'static str| nodes.iter().map(move |node| node[name].as_u64().unwrap());
    let sent: u64 = all("sent").sum();
    run.assert(
        "messages_per_node_s",
        sent as f64 / world["node_seconds"].as_f64().unwrap(),
    );
    let busiest = all("sent").zip(all("received")).map(|(a, b)| a + b).max();
    run.assert("busiest_messages_per_s", busiest.unwrap() as f64 / 20.0);
}

/// Two applications with overlays on 30 nodes that fail and recover.
fn service(policy: &str) -> Value {
    json!({
        "study": "allocation", "nodes": {"count": 30},
        "failures": {"mean_up_s": 400, "mean_down_s": 60},
        "allocation": {"policy": policy, "regions": 2, "duration_s": 600, "epoch_s": 30, "bin_s": 60},
        "applications": [
            {"demand": [{"constant": {"rate_per_s": 8}},
                        {"flash": {"peak_per_s": 15, "start_s": 200, "rise_s": 20, "hold_s": 100, "fall_s": 20}}],
             "overlay": {"updates_per_s": 0.2}},
            {"demand": [{"constant": {"rate_per_s": 10}}], "work": 0.5, "service": "deterministic",
             "overlay": {"updates_per_s": 0.1, "redundancy": 2}},
        ],
    })
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn the_numbers_of_an_allocation_follow_from_its_files() {
    let exports = ["world", "requests", "divisions", "updates"];
    for policy in ["greedy-reported", "optimum"] {
        let run = Written::of(&service(policy), &exports);
        requests(&run);
        let rows = run.rows("divisions");
        let errors: Vec<f64> = rows
            .iter()
            .filter(|row| number(row, "true_per_s") > 0.0)
            .map(|row| {
                let truth = number(row, "true_per_s");
                (number(row, "believed_per_s") - truth).abs() / truth
            })
            .collect();
        run.assert("demand_error", mean(&errors));
        let each: Vec<f64> = (0..2).map(|node| served(&run, node)).collect();
        assert!(each.iter().all(|nodes| *nodes > 5.0), "{each:?}");
        let updates = run.rows("updates");
        let received = updates.iter().filter(|row| !row["received_ns"].is_empty());
        let delays: Vec<f64> = received
            .map(|row| (number(row, "received_ns") - number(row, "published_ns")) / 1e6)
            .collect();
        run.assert(
            "update_delivery_ratio",
            delays.len() as f64 / updates.len() as f64,
        );
        run.assert("update_delay_ms", mean(&delays));
        assert_eq!(run.world()["overlays"].as_array().unwrap().len(), 12);
    }
}

/// The requests say what was issued, served in time, late or lost, and for how long.
fn requests(run: &Written) {
    let rows = run.rows("requests");
    let issued = rows.len() as f64;
    run.assert("issued", issued);
    let share = |outcome: &str| {
        let rows = rows.iter().filter(|row| row["outcome"] == outcome);
        rows.count() as f64 / issued
    };
    run.assert("availability", share("in-time"));
    run.assert("deadline_miss_ratio", share("late"));
    run.assert("lost_ratio", share("lost"));
    let responses: Vec<f64> = rows
        .iter()
        .filter(|row| row["outcome"] != "lost")
        .map(|row| number(row, "response_ns") / 1e6)
        .collect();
    run.assert("response_ms_mean", mean(&responses));
    // Utility is what is served in time: no agreement says otherwise.
    run.assert("utility", share("in-time") * issued / 600.0);
}

/// How many nodes serve an application, on average over time, by the changes in the world.
fn served(run: &Written, application: u64) -> f64 {
    let world = run.world();
    let nodes = world["nodes"].as_array().unwrap();
    let mut serves: Vec<Option<u64>> = nodes.iter().map(|node| node["serves"].as_u64()).collect();
    let count = |serves: &[Option<u64>]| {
        let own = serves.iter().filter(|one| **one == Some(application));
        own.count() as f64
    };
    let (mut sum, mut since) = (0.0, 0.0);
    for change in world["serves"].as_array().unwrap() {
        let at = (change[0].as_f64().unwrap() / 1e9).min(600.0);
        sum += count(&serves) * (at - since);
        since = at;
        serves[change[1].as_u64().unwrap() as usize] = change[2].as_u64();
    }
    (sum + count(&serves) * (600.0 - since)) / 600.0
}

#[test]
fn a_study_without_an_export_says_so() {
    let folder = TempDir::new().unwrap();
    let scenario = json!({
        "version": 1, "name": "x",
        "topology": {"file": shipped("topologies/t100-0.gb")},
        "system": {"opus": {"study": "overlay", "nodes": {"count": 10}}},
    });
    put(folder.path(), "x.json", &scenario);
    let output = arigatoni(folder.path(), &["run", "x.json", "--divisions", "d.csv"]);
    assert_eq!(code(&output), Some(2));
    let said = said(&output);
    assert!(
        said.contains("--divisions: ") && said.contains("--world, --requests"),
        "{said}"
    );
}
