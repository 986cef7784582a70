//! The curves that others have published, against the shipped scenarios that draw them: the points are those of
//! the scenarios' own figures.

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value;
use tempfile::TempDir;

use crate::command::done;
use crate::support::shipped;

/// The means of a metric over the points of a sweep, by the values of its axes.
type Means = BTreeMap<Vec<String>, f64>;

/// A shipped scenario.
fn scenario(name: &str) -> Value {
    let path = shipped(&format!("scenarios/{name}.json"));
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// A sweep over a shipped scenario of so many axes: the means of a metric at each point.
fn means(name: &str, axes: usize, metric: &str, set: &[&str]) -> Means {
    let folder = TempDir::new().unwrap();
    let path = shipped(&format!("scenarios/{name}.json"));
    let set = set.iter().flat_map(|it| ["--set", it]);
    let words = ["sweep", path.to_str().unwrap(), "-o", "r"]
        .into_iter()
        .chain(set);
    done(folder.path(), &words.collect::<Vec<_>>());
    let text = fs::read_to_string(folder.path().join("r/runs.csv")).unwrap();
    let mut rows = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let heading = rows.next().unwrap();
    let column = heading.iter().position(|it| *it == metric).unwrap();
    let first = heading.iter().position(|it| *it == "replication").unwrap() + 1;
    let mut all: BTreeMap<Vec<String>, Vec<f64>> = BTreeMap::new();
    for row in rows {
        let point = row[first..first + axes].iter().map(|&it| it.to_owned());
        let values = all.entry(point.collect()).or_default();
        values.push(row[column].parse().unwrap());
    }
    let mean = |values: Vec<f64>| values.iter().sum::<f64>() / values.len() as f64;
    all.into_iter()
        .map(|(point, values)| (point, mean(values)))
        .collect()
}

/// The points of a curve of a scenario's figure.
fn points(scenario: &Value, figure: usize, label: &str) -> Vec<(f64, f64)> {
    let references = scenario["figures"][figure]["references"]
        .as_array()
        .unwrap();
    let is = |it: &&Value| it["label"].as_str().unwrap().starts_with(label);
    let points = references.iter().find(is).unwrap()["points"]
        .as_array()
        .unwrap();
    let number = |it: &Value| it.as_f64().unwrap();
    points
        .iter()
        .map(|it| (number(&it[0]), number(&it[1])))
        .collect()
}

/// The mean at `x`, on the curve whose first axis is `first` if there is another.
fn at(means: &Means, first: Option<&str>, x: f64) -> f64 {
    let is = |point: &&Vec<String>| {
        let last: f64 = point.last().unwrap().parse().unwrap();
        (last - x).abs() < 1e-9 && first.is_none_or(|first| point[0] == first)
    };
    let mut found = means.iter().filter(|(point, _)| is(point));
    *found
        .next()
        .unwrap_or_else(|| panic!("{x} {first:?}: {means:?}"))
        .1
}

/// Chord on 10,000 computers, 4,000 requests of each point: its curve is the closed form, and the published points.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn chord_gives_the_published_curve() {
    let scenario = scenario("chord-failures");
    let means = means(
        "chord-failures",
        1,
        "acceptance_ratio",
        &["/replications=2"],
    );
    for (p, expected) in points(&scenario, 0, "published") {
        let simulated = at(&means, None, p);
        assert!(
            (simulated - expected).abs() < 0.03,
            "{p}: {simulated}, published {expected}"
        );
        let closed = libm::pow(1.0 - p / 2.0, libm::log2(1e4)) * (1.0 - p);
        assert!(
            (simulated - closed).abs() < 0.02,
            "{p}: {simulated}, not {closed}"
        );
    }
}

/// Synapse on 10,000 computers in their full sizes: 1.7 · 10⁸ queries.
#[test]
#[ignore = "takes two minutes: cargo test --release --test it synapse_gives_the_published_curve -- --ignored"]
fn synapse_gives_the_published_curve() {
    let scenario = scenario("synapse-failures");
    let means = means("synapse-failures", 1, "acceptance_ratio", &[]);
    for (p, expected) in points(&scenario, 0, "published") {
        let simulated = at(&means, None, p);
        assert!(
            (simulated - expected).abs() < 0.04,
            "{p}: {simulated}, published {expected}"
        );
    }
}

/// The table of Synapse, of which the first points are cheap.
fn exhaustiveness(set: &[&str], degrees: usize) {
    let scenario = scenario("synapse-exhaustiveness");
    let means = |metric| means("synapse-exhaustiveness", 2, metric, set);
    let (satisfied, queries) = (means("acceptance_ratio"), means("queries_per_request"));
    for share in ["0.05", "0.1"] {
        let label = format!("published, synapses = {share}");
        for (degree, expected) in points(&scenario, 0, &label).into_iter().take(degrees) {
            let simulated = at(&satisfied, Some(share), degree);
            let difference = (simulated - expected).abs();
            assert!(
                difference < 0.04,
                "{share} {degree}: {simulated}, published {expected}"
            );
        }
        for (degree, expected) in points(&scenario, 1, &label).into_iter().take(degrees) {
            let simulated = at(&queries, Some(share), degree);
            let ratio = simulated / expected;
            assert!(
                (0.8..1.2).contains(&ratio),
                "{share} {degree}: {simulated}, not {expected}"
            );
        }
    }
}

#[test]
#[ignore = "takes a minute: cargo test --release --test it synapse_gives_the_published_table -- --ignored"]
fn synapse_gives_the_published_table() {
    exhaustiveness(&[], 5);
}
