//! `.alt` files: nothing panics, and what is read and can be written is read again as the same.
#![no_main]

use arigatoni::topology::{Statistics, alt};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(graph) = alt::parse(bytes) else {
        return;
    };
    if let Ok(written) = alt::write(&graph) {
        let again = alt::parse(written.as_bytes()).expect("what was written can be read");
        assert_eq!(alt::write(&again).as_ref(), Ok(&written));
    }
    if graph.routers.len() < 100 {
        let _ = Statistics::of(&graph);
    }
});
