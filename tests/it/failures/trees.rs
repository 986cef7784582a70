//! Worlds in which brokers fail: afterwards there is one tree.

use arigatoni::system::Underlay;
use arigatoni::topology::{self, Routes, Routing};

use super::*;

/// A run over a small graph of which this is the GraphML without its frame.
fn run_over(nodes_and_edges: &str, seed: u64, parameters: &Value) -> Run<Arigatoni> {
    let folder = TempDir::new().unwrap();
    let graph = format!(
        r#"<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
        <key id="l" for="edge" attr.name="latency_ms" attr.type="double"/>
        <graph edgedefault="undirected">{nodes_and_edges}</graph></graphml>"#
    );
    let path = folder.path().join("graph.graphml");
    std::fs::write(&path, graph).unwrap();
    let graph = topology::read(&path).unwrap();
    let routes = Routes::new(&graph, 1.0, Routing::Latency).unwrap();
    let config = Config::read(parameters, "").unwrap();
    run(&Underlay { graph, routes }, &config, seed, Fidelity::Path)
}

/// Nodes `n0`, `n1` and so on, and edges with their milliseconds.
fn graph(nodes: u32, edges: &[(u32, u32, f64)]) -> String {
    let nodes = (0..nodes).map(|id| format!(r#"<node id="n{id}"/>"#));
    let edges = edges.iter().map(|(a, b, ms)| {
        format!(r#"<edge source="n{a}" target="n{b}"><data key="l">{ms}</data></edge>"#)
    });
    nodes.chain(edges).collect()
}

/// That the living brokers and computers are in one tree, each in one table, and these are of the members that they list.
#[track_caller]
fn assert_one_tree(run: &Run<Arigatoni>, dead: &[u32]) {
    let lives = |id: &u32| !dead.contains(id);
    let brokers = run.system.gbus();
    let living = (0..brokers.len() as u32).filter(lives);
    let listed = living.clone().flat_map(|id| {
        let members = brokers[id as usize].table().members().to_vec();
        members.into_iter().map(move |member| (member, gbu(id)))
    });
    let listed: Vec<(UnitId, UnitId)> = listed.collect();
    let by_member: BTreeMap<UnitId, UnitId> = listed.iter().copied().collect();
    assert_eq!(by_member.len(), listed.len(), "somebody is in two tables");
    let roots: Vec<u32> = living
        .clone()
        .filter(|id| !by_member.contains_key(&gbu(*id)))
        .collect();
    assert_eq!(roots.len(), 1, "{roots:?}");
    for id in living {
        let above = |unit: &UnitId| by_member.get(unit).copied();
        let way = std::iter::successors(Some(gbu(id)), above).take(brokers.len() + 1);
        assert_eq!(way.last(), Some(gbu(roots[0])), "gbu/{id}");
        assert_eq!(
            brokers[id as usize].super_broker(),
            by_member.get(&gbu(id)).copied()
        );
    }
    for (gcu_of_it, id) in run.system.gcus().iter().zip(0..) {
        assert_eq!(
            gcu_of_it.leader(),
            by_member.get(&gcu(id)).copied(),
            "gcu/{id}"
        );
        assert!(gcu_of_it.leader().is_some(), "gcu/{id}");
    }
}

/// A line 0–1–2. Broker 2 is down for less than the silence, so 1 lists it still when it joins it in the place of the root.
/// Each would list the other for ever, and 2 ask nobody but 1.
#[test]
fn two_that_list_each_other_find_the_rest() {
    let line = graph(3, &[(0, 1, 10.0), (1, 2, 1.0)]);
    for to in ["nearest", "random", "grandparent"] {
        for crash_s in [8.0, 9.0, 10.0, 11.0, 12.0] {
            let parameters = json!({
                "brokers": {"root": 0},
                "gcus_per_broker": 2,
                "return_ms": 2000,
                "migration": {"to": to},
                "detection": {"heartbeat_ms": 500, "timeout_ms": 1000, "misses": 2},
                "faults": {"root": true, "at": [
                    {"unit": "gbu/0", "crash_s": 5, "restart_s": 30},
                    {"unit": "gbu/2", "crash_s": crash_s, "restart_s": crash_s + 0.5},
                ]},
                "services": {"count": 4, "density": 0.5},
                "requests": {"for_s": 120, "rate_per_s": 2, "deadline_ms": 5000},
            });
            let run = run_over(&line, SEED, &parameters);
            assert_one_tree(&run, &[]);
            // One tree is back when the root is, and a question and an answer later; a tree of the others may be before.
            let repaired = metric(&run, "repair_ms_max").unwrap();
            assert!(repaired < 60_000.0, "{to} {crash_s}: {repaired}");
        }
    }
}

/// Three brokers crash for good, and the others go through all brokers, one after the other.
#[test]
fn whoever_has_no_leader_goes_through_all_brokers() {
    let edges = [
        (1, 0, 20.0),
        (2, 1, 10.0),
        (3, 2, 33.3),
        (4, 3, 10.0),
        (5, 3, 20.0),
        (6, 4, 10.0),
        (7, 6, 5.0),
        (8, 6, 20.0),
        (9, 7, 1.0),
        (10, 9, 10.0),
        (11, 9, 1.0),
        (12, 11, 1.0),
    ];
    let parameters = json!({
        "brokers": {"root": 0},
        "gcus_per_broker": 3,
        "return_ms": 3000,
        "migration": {"to": "grandparent", "delay_ms": 500},
        "election": true,
        "detection": {"heartbeat_ms": 500, "timeout_ms": 1300, "misses": 3},
        "faults": {"root": true, "at": [
            {"unit": "gbu/1", "crash_s": 7.586},
            {"unit": "gbu/2", "crash_s": 5.036},
            {"unit": "gbu/5", "crash_s": 5.294},
        ]},
        "services": {"density": 0.2},
        "requests": {"for_s": 400, "rate_per_s": 1, "deadline_ms": 5000},
    });
    let run = run_over(&graph(13, &edges), 413, &parameters);
    assert_one_tree(&run, &[1, 2, 5]);
    assert!(metric(&run, "repair_ms_max").unwrap() < 200_000.0);
}
