//! Scenario files: nothing panics.
#![no_main]

use arigatoni::scenario::Scenario;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = Scenario::parse(text, "fuzz.json", &[]);
});
