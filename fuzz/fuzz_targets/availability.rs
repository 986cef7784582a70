//! Traces of availability: nothing panics, and changes ascend and alternate.
#![no_main]

use arigatoni::availability::{Format, Trace};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    for format in [Format::Oversim, Format::Fta, Format::Csv] {
        let Ok(trace) = Trace::read(bytes, format, "t") else {
            continue;
        };
        for node in 0..trace.len() {
            let mut latest = (arigatoni::time::Span::ZERO, trace.is_up_at_start(node));
            for change in trace.of(node) {
                assert!(change.0 > latest.0 && change.1 != latest.1);
                latest = change;
            }
        }
    }
});
