//! `arigatoni status`: how far a sweep is.

use std::time::Duration;

use clap::Args;
use serde_json::json;

use super::held::Held;
use super::order::Place;
use super::{output, progress};
use crate::error::Result;
use crate::ledger::Shard;

/// Tell how far a sweep is: runs, failures, shards, and how much work is left.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  arigatoni status results/paper\n  \
                        sbatch --array=$(arigatoni status results/paper --array) …")]
pub(super) struct Arguments {
    #[command(flatten)]
    place: Place,
    /// Tell the shards of N; default: those of the last `submit`, else 1.
    #[arg(long, value_name = "N")]
    shards: Option<std::num::NonZeroU32>,
    /// Print only the shards that are missing, as a list for `sbatch --array`.
    #[arg(long, conflicts_with = "json")]
    array: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// What is told.
struct Status {
    runs: u64,
    done: u64,
    failed: u64,
    shards: u32,
    missing: Vec<u32>,
    /// Milliseconds of one thread.
    left_ms: Option<f64>,
    complete: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<()> {
    let held = Held::open(arguments.place.folder()?)?;
    let submitted = held.manifest.shards.unwrap_or(1);
    let shards = arguments
        .shards
        .map_or(submitted, std::num::NonZeroU32::get);
    let status = status(&held, shards);
    let text = if arguments.json {
        format!("{:#}\n", as_json(&status))
    } else if arguments.array {
        format!("{}\n", array(&status.missing))
    } else {
        format!("{}:\n{}", held.folder.path().display(), as_text(&status))
    };
    output::print(text.as_bytes())
}

fn status(held: &Held, shards: u32) -> Status {
    let outline = held.plan.outline(&held.ledger);
    let jobs = held.jobs(&outline, Shard::ALL);
    let mut missing: Vec<u32> = jobs.iter().map(|job| job.chunk % shards).collect();
    missing.sort_unstable();
    missing.dedup();
    let failed = held.study(&outline).failures.rows.len() as u64;
    let run_ms = held.manifest.run_ms;
    Status {
        runs: outline.runs(),
        done: outline.runs() - jobs.len() as u64,
        failed,
        shards,
        missing,
        left_ms: run_ms.map(|run_ms| run_ms * jobs.len() as f64),
        complete: held.manifest.complete,
    }
}

/// Numbers as `sbatch --array` takes them: `0-2,5`.
fn array(numbers: &[u32]) -> String {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for &number in numbers {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == number => *last = number,
            _ => ranges.push((number, number)),
        }
    }
    let range = |(first, last): (u32, u32)| match last - first {
        0 => first.to_string(),
        _ => format!("{first}-{last}"),
    };
    let ranges: Vec<String> = ranges.into_iter().map(range).collect();
    ranges.join(",")
}

fn as_text(status: &Status) -> String {
    let percent = 100.0 * status.done as f64 / status.runs.max(1) as f64;
    let mut text = format!(
        "  {} of {} runs are done ({percent:.0} %), {} of them failed\n",
        status.done, status.runs, status.failed
    );
    let done: Vec<u32> = (0..status.shards)
        .filter(|shard| status.missing.binary_search(shard).is_err())
        .collect();
    if status.missing.is_empty() {
        text.push_str(if status.complete {
            "  the tables are complete\n"
        } else {
            "  nothing is missing: `arigatoni merge` puts the results together\n"
        });
        return text;
    }
    if status.shards > 1 {
        let listed = |shards: &[u32]| match shards {
            [] => "none".into(),
            shards => array(shards),
        };
        text.extend([
            format!("  of {} shards: done {}", status.shards, listed(&done)),
            format!(", missing --array={}\n", array(&status.missing)),
        ]);
    }
    if let Some(left_ms) = status.left_ms {
        let left = Duration::from_secs_f64(left_ms / 1e3);
        let left = progress::clock(left);
        text.extend([format!("  about {left} of one core's work are left\n")]);
    }
    text
}

fn as_json(status: &Status) -> serde_json::Value {
    json!({
        "runs": status.runs,
        "done": status.done,
        "failed": status.failed,
        "missing": status.runs - status.done,
        "shards": status.shards,
        "shards_missing": status.missing,
        "array": array(&status.missing),
        "left_core_ms": status.left_ms,
        "complete": status.complete,
    })
}

#[cfg(test)]
mod tests {
    use super::array;

    #[test]
    fn numbers_become_ranges() {
        assert_eq!(array(&[0, 1, 2, 5, 7, 8]), "0-2,5,7-8");
        assert_eq!(array(&[3]), "3");
        assert_eq!(array(&[]), "");
    }
}
