//! The last words of the tasks that `submit` started, from their logs: why one died at once.
//!
//! It does *not* know whether a task is still running.

use std::path::Path;

use crate::store;

/// The number of shards whose last words are printed.
const TOLD_MAX: usize = 5;

/// The name of a log and its last line, of the first of `shards` that have one.
pub(super) fn last_words(parts: &Path, shards: &[u32]) -> Vec<(String, String)> {
    // A folder that cannot be listed has no logs to tell of.
    let names = store::list(parts).unwrap_or_default();
    let words = shards.iter().filter_map(|&shard| {
        let (_, name) = names
            .iter()
            .filter_map(|name| Some((array_of(name, shard)?, name)))
            .max()?;
        let bytes = store::read(&parts.join(name)).ok()?;
        let line = last_line(&String::from_utf8_lossy(&bytes))?;
        Some((name.clone(), line))
    });
    words.take(TOLD_MAX).collect()
}

/// The job array's number, if `name` is that of a log of task `shard`.
fn array_of(name: &str, shard: u32) -> Option<u64> {
    let numbers = name.strip_prefix("slurm-")?.strip_suffix(".log")?;
    let (array, task) = numbers.split_once('_')?;
    (task.parse() == Ok(shard)).then(|| array.parse().ok())?
}

/// The last line that says something; lines that go on with another (a help) are indented.
fn last_line(log: &str) -> Option<String> {
    let mut lines = log.lines().rev();
    let line = lines.find(|line| !line.is_empty() && !line.starts_with(char::is_whitespace))?;
    Some(line.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_belongs_to_a_shard_and_ends_with_what_matters() {
        assert_eq!(array_of("slurm-12_3.log", 3), Some(12));
        assert_eq!(array_of("slurm-12_31.log", 3), None);
        assert_eq!(array_of("slurm-12.log", 12), None);
        let log = "going on: 2 of 8\nerror: x: there is no such file\n  help: look\n\n";
        assert_eq!(last_line(log).unwrap(), "error: x: there is no such file");
        assert_eq!(last_line("\n"), None);
    }
}
