//! The integration tests, in one binary.
#![allow(
    clippy::disallowed_methods,
    reason = "tests read shipped and third-party files directly"
)]

mod topology;
