//! Arigatoni's messages as they come out of a socket: nothing panics, and what is read is written alike.
#![no_main]

use arigatoni::arigatoni::wire::{decode, encode};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(message) = decode(bytes) {
        assert_eq!(decode(&encode(&message)).unwrap(), message);
    }
});
