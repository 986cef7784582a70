//! The numbers of generated graphs against those that were measured on the original's.

use std::collections::BTreeMap;

use arigatoni::topology::gtitm::{Placement, Variant};
use arigatoni::topology::{Graph, LinkClass, Statistics};

use super::{exact, graphs};
use crate::topology::seeds;

/// Compares a graph with the row that tells of the original's graph with the same seed.
fn check(graph: &Graph, row: &BTreeMap<String, f64>) {
    let found = Statistics::of(graph).unwrap();
    let domains = found.domains.unwrap();
    let (hops, length) = (found.hops.unwrap(), found.length.unwrap());
    let (policy, policy_length) = (found.policy.unwrap(), found.policy_length.unwrap());
    for (name, value) in [
        ("nodes", found.routers as f64),
        ("edges_m_div_2", found.links as f64),
        ("edges_simple", found.simple_links as f64),
        ("self_loops", found.loops as f64),
        ("parallel_excess", found.parallels as f64),
        ("max_degree_simple", found.degree.unwrap().max),
        ("leaf_fraction", found.leaf_share),
        ("hop_diameter", hops.diameter),
        ("mean_hops", hops.mean),
        ("len_diameter", length.diameter),
        ("mean_len_path", length.mean),
        ("policy_diameter", policy.diameter),
        ("mean_policy_distance", policy.mean),
        ("mean_policy_routed_len", policy_length.mean),
        ("avg_clustering", found.clustering),
        ("transitivity", found.transitivity),
        ("mean_edge_len", found.link_length.unwrap().mean),
        ("stub_domains", domains.stub_domains as f64),
        ("edges_intra_transit", domains.links.intra_transit as f64),
        ("edges_inter_transit", domains.links.inter_transit as f64),
        ("edges_transit_stub", domains.links.transit_stub as f64),
        ("edges_intra_stub", domains.links.intra_stub as f64),
    ] {
        let expected = row[name];
        let tolerance = 1e-9 * (1.0 + expected.abs());
        assert!(
            (value - expected).abs() < tolerance,
            "{row:?}: {name} is {value}"
        );
    }
}

/// The kinds of graphs that were measured, and the spec of each with `SEED` in it.
const SPECS: [(&str, &str); 3] = [
    (
        "t100",
        "ts 1 SEED / 3 0 0 / 1 20 3 1.0 / 4 20 3 0.6 / 8 10 3 0.42",
    ),
    (
        "ts600",
        "ts 1 SEED / 3 0 0 / 3 20 3 1.0 / 8 20 3 0.6 / 8 10 3 0.42",
    ),
    (
        "ts1000",
        "ts 1 SEED / 3 0 0 / 4 20 3 1.0 / 10 20 3 0.6 / 8 10 3 0.42",
    ),
];

/// Compares the graphs of every `step`th seed from the last on.
fn check_seeds((name, spec): (&str, &str), step: usize) {
    for row in seeds(name).iter().rev().step_by(step) {
        let spec = spec.replace("SEED", &row["seed"].to_string());
        check(&exact(&spec).unwrap()[0], row);
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn graphs_have_the_numbers_measured_on_the_originals() {
    for (kind, step) in SPECS.into_iter().zip([7, 100, 200]) {
        check_seeds(kind, step);
    }
}

/// The long measurement: all 600 graphs.
#[test]
#[ignore = "takes minutes: cargo test --release --test it measured_on_all_originals -- --ignored"]
fn graphs_have_the_numbers_measured_on_all_originals() {
    for kind in SPECS {
        check_seeds(kind, 1);
    }
}

/// GTITM.md, section 6: means over the seeds 1 to 200 of another implementation that honours the
/// transit line everywhere.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn the_documented_variant_honours_the_transit_line_everywhere() {
    for (sizes, mean, doubled) in [(["3", "8"], 54.4, 6), (["4", "10"], 113.9, 12)] {
        let [domains, routers] = sizes;
        let laws = format!("{domains} 20 3 1.0 / {routers} 20 3 0.6 / 8 10 3 0.42");
        let links = |variant: Variant, seed: u32| {
            let spec = format!("ts 1 {seed} / 3 0 0 / {laws}");
            let graph = graphs(&spec, variant, Placement::Glibc).unwrap().remove(0);
            let count = |class| {
                let classes = graph.links.iter().map(|link| graph.class_of(link));
                classes.filter(|found| *found == class).count()
            };
            (
                count(LinkClass::IntraTransit),
                count(LinkClass::InterTransit),
            )
        };
        let mut sum = 0;
        for seed in 1..=200 {
            let (inside, between) = links(Variant::Documented, seed);
            assert_eq!(2 * between, doubled);
            sum += inside;
        }
        let found = f64::from(u32::try_from(sum).unwrap()) / 200.0;
        assert!((found - mean).abs() < 0.05, "{found}");
        assert_eq!(links(Variant::Exact, 1).1, doubled);
    }
}

#[test]
fn the_documented_variant_has_no_loops() {
    let loops = |variant: Variant| {
        let spec = "ts 1 5 / 3 0 200 / 2 20 3 1.0 / 8 20 3 0.6 / 8 10 3 0.42";
        let graph = graphs(spec, variant, Placement::Glibc).unwrap().remove(0);
        let is_loop = |link: &&arigatoni::topology::Link| link.ends[0] == link.ends[1];
        graph.links.iter().filter(is_loop).count()
    };
    assert_eq!(loops(Variant::Documented), 0);
    assert!((70..130).contains(&loops(Variant::Exact)));
}
