//! `arigatoni status`: how far a sweep is.

use std::fmt::Write;
use std::time::Duration;

use clap::Args;
use serde_json::json;

use super::stderr::{Stderr, clock};
use super::sweep_arguments::ResultsArgument;
use super::{logs, output, precision};
use crate::error::Result;
use crate::program::Program;
use crate::study::{Failed, Status, Sweep};

/// Show the progress of a sweep: runs, failures, shards, and the remaining work.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  arigatoni status results/paper\n  \
                        sbatch --array=$(arigatoni status results/paper --array) …")]
pub(super) struct Arguments {
    #[command(flatten)]
    place: ResultsArgument,
    /// Show the shards for a total of N; default: that of the last `submit`, else 1.
    #[arg(long, value_name = "N", value_parser = output::positive::<std::num::NonZeroU32>, allow_negative_numbers = true)]
    shards: Option<std::num::NonZeroU32>,
    /// Print only the unfinished shards, as a list for `sbatch --array`.
    #[arg(long, conflicts_with = "json")]
    array: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// How many failed runs are listed in full.
const FAILED_SHOWN: usize = 20;

pub(super) fn run(arguments: &Arguments) -> Result<()> {
    let folder = arguments.place.folder()?;
    let sweep = Sweep::look(folder, &mut Stderr)?;
    let submitted = sweep.manifest().shards.unwrap_or(1);
    let shards = arguments
        .shards
        .map_or(submitted, std::num::NonZeroU32::get);
    let status = Status::of(&sweep, shards);
    let text = if arguments.json {
        format!("{:#}\n", as_json(&status))
    } else if arguments.array {
        format!("{}\n", array(&status.missing))
    } else {
        let parts = sweep.folder().parts();
        let words = if shards == submitted && !status.complete {
            logs::last_words(&parts, &status.missing)
        } else {
            Vec::new()
        };
        let folder = sweep.folder().path().display();
        format!("{folder}:\n{}{}", as_text(&status), log_lines(&words))
    };
    output::print(text.as_bytes())
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
    ranges_text(&ranges)
}

/// The numbers below `end` that are not among `numbers`, which ascend, in the same form. Takes no
/// longer for a large `end`.
fn array_of_others(numbers: &[u32], end: u32) -> String {
    let mut ranges = Vec::new();
    let mut from = 0;
    for &number in numbers {
        if from < number {
            ranges.push((from, number - 1));
        }
        from = number + 1;
    }
    if from < end {
        ranges.push((from, end - 1));
    }
    ranges_text(&ranges)
}

fn ranges_text(ranges: &[(u32, u32)]) -> String {
    let range = |&(first, last): &(u32, u32)| match last - first {
        0 => first.to_string(),
        _ => format!("{first}-{last}"),
    };
    ranges.iter().map(range).collect::<Vec<_>>().join(",")
}

/// Work of one thread, as a person says it.
fn work(ms: f64) -> String {
    clock(Duration::from_secs_f64(ms / 1e3))
}

fn as_text(status: &Status) -> String {
    let percent = 100.0 * status.done as f64 / status.runs.max(1) as f64;
    let mut text = format!(
        "  {} of {} runs are done ({percent:.0} %), {} of them failed\n",
        status.done,
        status.runs,
        status.failed.len()
    );
    if status.shards > 1 && !(status.missing.is_empty() && status.failed.is_empty()) {
        text.push_str(&shards_line(status));
    }
    match (status.left_ms, status.longest_ms) {
        _ if status.missing.is_empty() => text.push_str(if status.complete {
            "  the tables are complete\n"
        } else {
            "  nothing is missing: `arigatoni merge` writes the tables and figures\n"
        }),
        (Some(left_ms), Some(longest_ms)) => {
            let _ = write!(
                text,
                "  about {} of one core's work are left",
                work(left_ms)
            );
            if status.missing.len() > 1 {
                let _ = write!(text, ", {} in the longest shard", work(longest_ms));
            }
            text.push('\n');
        }
        _ => {
            text.push_str(
                "  the remaining time is not known: with --chunk-runs no run was timed\n",
            );
        }
    }
    if let Some(tally) = status.precision {
        let _ = writeln!(text, "  {}", precision::line(tally));
    }
    text.push_str(&failed_lines(status));
    text.push_str(&program_lines(status));
    text
}

/// What made the results, and whether they can be gone on with.
fn program_lines(status: &Status) -> String {
    let Some(program) = &status.program else {
        return String::new();
    };
    let mut text = format!("  made by {program}\n");
    if status.other_program {
        let _ = writeln!(
            text,
            "  this is {}, another program, which cannot resume them",
            Program::this()
        );
    }
    text
}

/// Which shards are done, have failed runs, and miss some.
fn shards_line(status: &Status) -> String {
    let mut failed: Vec<u32> = status.failed.iter().map(|failed| failed.shard).collect();
    failed.sort_unstable();
    failed.dedup();
    let mut troubled: Vec<u32> = status.missing.iter().chain(&failed).copied().collect();
    troubled.sort_unstable();
    troubled.dedup();
    let done = match array_of_others(&troubled, status.shards) {
        none if none.is_empty() => "none".into(),
        done => done,
    };
    let mut line = format!("  of {} shards: done {done}", status.shards);
    if !failed.is_empty() {
        let _ = write!(line, ", with failed runs {}", array(&failed));
    }
    if !status.missing.is_empty() {
        let _ = write!(line, ", missing --array={}", array(&status.missing));
    }
    line.push('\n');
    line
}

/// The last words of shards that are not done.
fn log_lines(words: &[(String, String)]) -> String {
    let line = |(log, line): &(String, String)| format!("  {log} ends: {line}\n");
    words.iter().map(line).collect()
}

fn failed_lines(status: &Status) -> String {
    if status.failed.is_empty() {
        return String::new();
    }
    let time = match status.again_ms {
        Some(ms) => format!(" (about {} of work)", work(ms)),
        None => String::new(),
    };
    let mut text = format!("  failed runs; `arigatoni retry SCENARIO` repeats them{time}:\n");
    for failed in status.failed.iter().take(FAILED_SHOWN) {
        let Failed {
            run,
            shard,
            replication,
            error,
        } = failed;
        let error = error.lines().next().unwrap_or_default();
        let shard = if status.shards > 1 {
            format!("shard {shard}, ")
        } else {
            String::new()
        };
        let _ = writeln!(
            text,
            "    run {run} ({shard}replication {replication}): {error}"
        );
    }
    let more = status.failed.len().saturating_sub(FAILED_SHOWN);
    if more > 0 {
        let _ = writeln!(text, "    … and {more} more (--json lists all)");
    }
    text
}

fn as_json(status: &Status) -> serde_json::Value {
    let failed = |failed: &Failed| {
        json!({
            "run": failed.run, "shard": failed.shard,
            "replication": failed.replication, "error": failed.error,
        })
    };
    json!({
        "runs": status.runs,
        "done": status.done,
        "failed": status.failed.len(),
        "missing": status.runs - status.done,
        "shards": status.shards,
        "shards_missing": status.missing,
        "array": array(&status.missing),
        "failed_runs": status.failed.iter().map(failed).collect::<Vec<_>>(),
        "left_core_ms": status.left_ms,
        "longest_shard_core_ms": status.longest_ms,
        "failed_core_ms": status.again_ms,
        "complete": status.complete,
        "made_by": status.program,
        "made_by_other_program": status.other_program,
        "precision": status.precision.map(precision::json),
    })
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::study::Tally;

    #[test]
    fn shards_that_are_done_are_listed_at_once_however_many_there_are() {
        assert_eq!(array_of_others(&[0, 2, 3], u32::MAX), "1,4-4294967294");
        assert_eq!(array_of_others(&[0, 1], 2), "");
        assert_eq!(array_of_others(&[], 1), "0");
        assert_eq!(array_of_others(&[u32::MAX - 1], u32::MAX), "0-4294967293");
    }

    /// Of four shards one is done, one has a failed run, one misses runs and one both.
    #[test]
    fn shards_and_failed_runs_are_told() {
        let failed = |run, shard| Failed {
            run,
            shard,
            replication: 1,
            error: "index out of bounds\nand more".into(),
        };
        let mut status = Status {
            runs: 80,
            done: 60,
            shards: 4,
            missing: vec![2, 3],
            failed: vec![failed(17, 1), failed(40, 3)],
            left_ms: Some(20_000.0),
            longest_ms: Some(15_000.0),
            again_ms: Some(2000.0),
            complete: false,
            program: Some("arigatoni 0.1.0 (sources 00)".into()),
            other_program: false,
            precision: None,
        };
        // Without the first line `expect!` would take the indentation for that of the source.
        expect![[r#"
            status:
              60 of 80 runs are done (75 %), 2 of them failed
              of 4 shards: done 0, with failed runs 1,3, missing --array=2-3
              about 20.0 s of one core's work are left, 15.0 s in the longest shard
              failed runs; `arigatoni retry SCENARIO` repeats them (about 2.0 s of work):
                run 17 (shard 1, replication 1): index out of bounds
                run 40 (shard 3, replication 1): index out of bounds
              made by arigatoni 0.1.0 (sources 00)
        "#]]
        .assert_eq(&format!("status:\n{}", as_text(&status)));
        assert_eq!(as_json(&status)["failed_runs"][1]["shard"], 3);
        (status.left_ms, status.longest_ms, status.again_ms) = (None, None, None);
        status.precision = Some(Tally {
            reached: 3,
            no_variance: 1,
            open: 2,
            ..Tally::default()
        });
        expect![[r#"
            status:
              60 of 80 runs are done (75 %), 2 of them failed
              of 4 shards: done 0, with failed runs 1,3, missing --array=2-3
              the remaining time is not known: with --chunk-runs no run was timed
              precision, points: 3 reached, 1 without variance, so unresolved, 2 going on
              failed runs; `arigatoni retry SCENARIO` repeats them:
                run 17 (shard 1, replication 1): index out of bounds
                run 40 (shard 3, replication 1): index out of bounds
              made by arigatoni 0.1.0 (sources 00)
        "#]]
        .assert_eq(&format!("status:\n{}", as_text(&status)));
        assert_eq!(as_json(&status)["precision"]["no_variance"], 1);
    }

    #[test]
    fn numbers_become_ranges() {
        assert_eq!(array(&[0, 1, 2, 5, 7, 8]), "0-2,5,7-8");
        assert_eq!(array(&[3]), "3");
        assert_eq!(array(&[]), "");
    }
}
