//! GraphML files: nothing panics, and what is read and can be written comes back as it was.
#![no_main]

use arigatoni::parameters::number::LatencyMs;
use arigatoni::topology::{ReadOptions, Routes, Routing, Statistics, alt, dot, graphbase, graphml};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let lenient = ReadOptions {
        default_latency_ms: Some(LatencyMs(1.0)),
        rename_duplicates: true,
        ..ReadOptions::default()
    };
    let _ = graphml::parse(bytes, &ReadOptions::default());
    let Ok(graph) = graphml::parse(bytes, &lenient) else {
        return;
    };
    let _ = (dot::write(&graph), graphbase::write(&graph), alt::write(&graph));
    if let Ok(written) = graphml::write(&graph) {
        let again = graphml::parse(written.as_bytes(), &ReadOptions::default());
        assert_eq!(again.as_ref(), Ok(&graph));
    }
    if graph.routers.len() < 100 {
        let _ = Routes::new(&graph, 1.0, Routing::Latency);
        let _ = Statistics::of(&graph);
    }
});
