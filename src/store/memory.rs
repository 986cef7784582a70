//! How much memory this process can still get, and how much it has had.

use std::fs;

/// How many bytes of memory this process can still get: what the system says is available, and at
/// most what the process's limit allows. `None` where that cannot be read, as on other systems than
/// Linux.
pub(crate) fn memory_there() -> Option<f64> {
    let text = |path: &str| fs::read_to_string(path).ok();
    memory_of(
        &text("/proc/meminfo")?,
        &text("/proc/self/limits").unwrap_or_default(),
    )
}

/// The most memory, in bytes, that this process has had so far. `None` where that cannot be read, as on
/// other systems than Linux.
pub(crate) fn memory_had() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    Some(1024.0 * number(&status, "VmHWM:")?)
}

/// The first word after `after`, which begins a line of `text`.
fn number(text: &str, after: &str) -> Option<f64> {
    let line = text.lines().find_map(|line| line.strip_prefix(after))?;
    line.split_whitespace().next()?.parse().ok()
}

/// What [`memory_there`] says where `meminfo` and `limits` in `/proc` have these texts.
fn memory_of(system: &str, limits: &str) -> Option<f64> {
    let available = 1024.0 * number(system, "MemAvailable:")?;
    // `unlimited` is no number.
    Some(match number(limits, "Max address space") {
        Some(limit) => available.min(limit),
        None => available,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_memory_that_is_there_is_the_least_that_is_told() {
        let system = "MemTotal:       24684100 kB\nMemAvailable:   18957964 kB\n";
        let limits = "Max open files            20000                20000                files\n\
                      Max address space         LIMIT            unlimited            bytes\n";
        let of = |limit: &str| memory_of(system, &limits.replace("LIMIT", limit));
        assert_eq!(of("unlimited"), Some(18_957_964.0 * 1024.0));
        assert_eq!(of("4096000000"), Some(4_096_000_000.0));
        assert_eq!(memory_of(system, ""), of("unlimited"));
        assert_eq!(memory_of("", limits), None);
    }
}
