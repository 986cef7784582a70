//! Files of any format: the first byte chooses it. Nothing panics, and what is read has numbers or says why
//! it has none.
#![no_main]

use arigatoni::parameters::number::LatencyMs;
use arigatoni::topology::{Format, Purpose, ReadOptions, Routes, Routing, Statistics, load_bytes};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((first, bytes)) = bytes.split_first() else {
        return;
    };
    let options = ReadOptions {
        format: Format::ALL.get(usize::from(*first)).copied(),
        default_latency_ms: Some(LatencyMs(1.0)),
        ..ReadOptions::default()
    };
    let _ = load_bytes(bytes.to_vec(), &ReadOptions::default(), Purpose::Look);
    let Ok(reading) = load_bytes(bytes.to_vec(), &options, Purpose::Routes) else {
        return;
    };
    if reading.graph.routers.len() < 100 {
        let _ = Routes::new(&reading.graph, 1.0, Routing::Latency);
        let _ = Statistics::of(&reading.graph);
    }
});
