//! The numbers that sum up a graph, against those computed with networkx and scipy.

use arigatoni::topology::Domains;
use arigatoni::topology::Graph;
use arigatoni::topology::{Statistics, read};
use serde_json::{Value, json};

use super::{KNOWN, json as read_json, known, original, seeds, shipped_graph};

fn near(ours: f64, theirs: &Value, what: &str) {
    let theirs = theirs
        .as_f64()
        .unwrap_or_else(|| panic!("{what} is a number"));
    assert!(
        (ours - theirs).abs() <= 1e-12 * theirs.abs(),
        "{what}: {ours}, not {theirs}"
    );
}

fn check(graph: &Graph, expected: &Value) {
    let ours = Statistics::of(graph).unwrap();
    let count = |key: &str| expected[key].as_u64().unwrap() as usize;
    assert_eq!(ours.routers, count("nodes"));
    assert_eq!(ours.links, count("edges_incl_parallel_and_loops"));
    assert_eq!(ours.loops, count("self_loops"));
    assert_eq!(ours.parallels, count("parallel_edges_excess"));
    assert_eq!(ours.simple_links, count("edges_simple"));
    assert_eq!(ours.parts, 1);
    let spreads = [
        (ours.degree, "degree_simple"),
        (ours.link_length, "edge_len"),
    ];
    for (ours, key) in spreads {
        let ours = ours.unwrap();
        near(ours.min, &expected[key]["min"], key);
        near(ours.mean, &expected[key]["mean"], key);
        near(ours.max, &expected[key]["max"], key);
    }
    let leaves = expected["degree_histogram_simple"]["1"].as_f64().unwrap();
    assert!((ours.leaf_share * ours.routers as f64 - leaves).abs() < 1e-9);
    for (ours, diameter, mean) in [
        (ours.hops, "hop_diameter", "mean_hops"),
        (ours.length, "len_diameter", "mean_len_path"),
        (ours.policy, "policy_diameter", "mean_policy_distance"),
        (
            ours.policy_length,
            "policy_routed_len_max",
            "mean_policy_routed_len",
        ),
    ] {
        near(ours.unwrap().diameter, &expected[diameter], diameter);
        near(ours.unwrap().mean, &expected[mean], mean);
    }
    near(
        ours.clustering,
        &expected["avg_clustering_simple"],
        "clustering",
    );
    check_domains(&ours.domains.unwrap(), expected);
}

fn check_domains(domains: &Domains, expected: &Value) {
    let count = |key: &str| expected[key].as_u64().unwrap() as usize;
    assert_eq!(domains.transit_domains, count("transit_domains"));
    assert_eq!(domains.transit_routers, count("transit_nodes"));
    assert_eq!(domains.stub_domains, count("stub_domains"));
    assert_eq!(domains.stub_routers, count("stub_nodes"));
    near(
        domains.stub_size.unwrap().mean,
        &expected["nodes_per_stub_domain"]["mean"],
        "stub size",
    );
    near(
        domains.stub_size.unwrap().max,
        &expected["nodes_per_stub_domain"]["max"],
        "stub size",
    );
    let class = |key: &str| {
        let counts = &expected["edges_by_class_multigraph_no_loops"];
        counts[key].as_u64().unwrap_or(0) as usize
    };
    assert_eq!(domains.links.intra_transit, class("intra_transit"));
    assert_eq!(domains.links.inter_transit, class("inter_transit"));
    assert_eq!(domains.links.transit_stub, class("transit_stub"));
    assert_eq!(domains.links.intra_stub, class("intra_stub"));
    assert_eq!(domains.links.stub_stub, class("extra_stub_stub"));
    assert_eq!(domains.links.no_domain, 0);
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn statistics_equal_those_of_networkx() {
    for name in KNOWN {
        let expected = read_json(&original(&format!("numbers/{name}.json")));
        for ending in ["gb", "alt"] {
            check(&read(&known(name, ending)).unwrap(), &expected);
        }
    }
}

#[test]
fn transitivity_equals_that_of_the_seed_statistics() {
    // The first graph of the seed 47 is t100-0. `numbers/` does not tell its transitivity.
    let theirs = json!(seeds("t100")[46]["transitivity"]);
    let ours = Statistics::of(&read(&shipped_graph("t100-0.gb")).unwrap()).unwrap();
    near(ours.transitivity, &theirs, "transitivity");
}

#[test]
fn a_graph_in_parts_has_no_distances() {
    let mut graph = read(&shipped_graph("t100-0.gb")).unwrap();
    graph.links.truncate(3);
    let ours = Statistics::of(&graph).unwrap();
    assert!(ours.parts > 90);
    assert_eq!((ours.hops, ours.length, ours.policy), (None, None, None));
    graph.routers.truncate(1);
    graph.links.clear();
    let one = Statistics::of(&graph).unwrap();
    assert_eq!((one.parts, one.hops, one.link_length), (1, None, None));
}
