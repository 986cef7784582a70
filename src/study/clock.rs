//! The wall clock: when results were made, and how long a run takes. No result depends on it.
#![allow(
    clippy::disallowed_types,
    reason = "the one place that asks what time it is"
)]

use std::time::{Duration, Instant, SystemTime};

/// The time of day (RFC 3339, UTC).
pub(super) fn now() -> String {
    told(SystemTime::now())
}

/// A clock that is wrong by centuries tells the first or the last second that can be told.
fn told(time: SystemTime) -> String {
    const LAST_S: u64 = 253_402_300_799;
    let first = SystemTime::UNIX_EPOCH;
    let time = time.clamp(first, first + Duration::from_secs(LAST_S));
    humantime::format_rfc3339_seconds(time).to_string()
}

/// What `work` returns, and how many seconds it took.
pub(super) fn timed<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let begun = Instant::now();
    let done = work();
    (done, begun.elapsed().as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_wrong_by_centuries_is_no_trouble() {
        let century = Duration::from_secs(36_525 * 86_400);
        let epoch = SystemTime::UNIX_EPOCH;
        assert_eq!(told(epoch - century), "1970-01-01T00:00:00Z");
        assert_eq!(told(epoch + 50 * century), "6970-02-07T00:00:00Z");
        assert_eq!(told(epoch + 100 * century), "9999-12-31T23:59:59Z");
    }
}
