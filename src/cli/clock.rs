//! The wall clock: when results were made, and how long a run takes. No result depends on it.
#![allow(
    clippy::disallowed_types,
    reason = "the one place that asks what time it is"
)]

use std::time::{Instant, SystemTime};

/// The time of day (RFC 3339, UTC).
pub(super) fn now() -> String {
    humantime::format_rfc3339_seconds(SystemTime::now()).to_string()
}

/// What `work` returns, and how many seconds it took.
pub(super) fn timed<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let begun = Instant::now();
    let done = work();
    (done, begun.elapsed().as_secs_f64())
}
