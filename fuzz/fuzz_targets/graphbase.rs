//! GraphBase files: nothing panics, and what is read is written and read again as the same graph.
#![no_main]

use arigatoni::topology::{Graph, Routes, Routing, Statistics, alt, graphbase};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    check(bytes);
    // The checksum guards the rest of the reader, and the input's length cuts it off: try the same
    // text with a line that is not checked in its place.
    let title = b"* Checksum ";
    let end = bytes
        .windows(title.len())
        .rposition(|window| window == title)
        .unwrap_or(bytes.len());
    let mut unchecked = bytes[..end].to_vec();
    if unchecked.last().is_some_and(|byte| *byte != b'\n') {
        unchecked.push(b'\n');
    }
    unchecked.extend_from_slice(b"* Checksum -1\n");
    check(&unchecked);
});

fn check(bytes: &[u8]) {
    let Ok(graph) = graphbase::parse(bytes) else {
        return;
    };
    let written = graphbase::write(&graph).expect("what was read can be written");
    let again = graphbase::parse(written.as_bytes()).expect("what was written can be read");
    assert_eq!(again.routers, graph.routers);
    assert_eq!(again.links, graph.links);
    if let Ok(text) = alt::write(&graph) {
        alt::parse(text.as_bytes()).expect("what was written can be read");
    }
    route(&graph);
}

fn route(graph: &Graph) {
    if graph.routers.len() < 100 {
        for routing in [Routing::Latency, Routing::Policy] {
            let _ = Routes::new(graph, 1.0, routing);
        }
        let _ = Statistics::of(graph);
    }
}
