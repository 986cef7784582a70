//! GraphBase files: nothing panics, and what is read is written and read again as the same graph.
#![no_main]

use arigatoni::topology::{Graph, Routes, Routing, alt, graphbase};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    check(bytes);
    // The checksum guards the rest of the reader: try the same text without it as well.
    if let Some(end) = bytes.windows(11).rposition(|window| window == b"* Checksum ") {
        let mut unchecked = bytes[..end].to_vec();
        unchecked.extend_from_slice(b"* Checksum -1\n");
        check(&unchecked);
    }
});

fn check(bytes: &[u8]) {
    let Ok(graph) = graphbase::parse(bytes) else {
        return;
    };
    let written = graphbase::write(&graph).expect("what was read can be written");
    let again = graphbase::parse(written.as_bytes()).expect("what was written can be read");
    assert_eq!(again.routers, graph.routers);
    assert_eq!(again.links, graph.links);
    let _ = alt::write(&graph);
    route(&graph);
}

fn route(graph: &Graph) {
    if graph.routers.len() < 100 {
        for routing in [Routing::Latency, Routing::Policy] {
            let _ = Routes::new(graph, 1.0, routing);
        }
    }
}
