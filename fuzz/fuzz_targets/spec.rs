//! GT-ITM's spec files: nothing panics. Graphs are not generated: a legal one may be huge.
#![no_main]

use arigatoni::topology::gtitm::Spec;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = Spec::parse(bytes);
});
