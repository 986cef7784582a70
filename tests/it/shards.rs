//! A sweep in shards: whatever their number and order, the merged results are those of one process.

use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use crate::command::{
    arigatoni, assert_same, code, done, many_plain_runs, many_short_runs, program, put, said, wrote,
};
use crate::messages::check_refused;

const SWEEP: [&str; 4] = ["sweep", "s.json", "--threads=1", "--chunk-runs=3"];

fn folder(scenario: &Value) -> TempDir {
    let folder = TempDir::new().unwrap();
    put(folder.path(), "s.json", scenario);
    folder
}

fn shard(folder: &TempDir, out: &str, shard: &str) -> String {
    let words = [&SWEEP[..], &["-o", out, "--shard", shard]].concat();
    done(folder.path(), &words)
}

/// What `status` says to programs.
fn status(folder: &Path, words: &[&str]) -> Value {
    let words = [&["status", "--json"], words].concat();
    serde_json::from_slice(&arigatoni(folder, &words).stdout).unwrap()
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn merged_shards_are_the_serial_result() {
    let folder = folder(&many_plain_runs());
    let path = folder.path();
    done(path, &["sweep", "s.json", "-owhole"]);
    for (out, orders) in [
        ("one", vec!["0/1"]),
        ("three", vec!["2/3", "0/3", "1/3"]),
        (
            "seven",
            vec!["3/7", "6/7", "0/7", "1/7", "5/7", "2/7", "4/7"],
        ),
        // Shards that overlap do no harm.
        ("mixed", vec!["1/3", "0/2", "1/2"]),
    ] {
        for order in orders {
            shard(&folder, out, order);
        }
        done(path, &["merge", out]);
        assert_same(&path.join("whole"), &path.join(out));
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn a_killed_shard_is_resumed_by_another_number_of_shards() {
    let folder = folder(&many_short_runs());
    let path = folder.path();
    done(path, &["sweep", "s.json", "-owhole"]);
    let words = [&SWEEP[..], &["-oout", "--shard=2/4"]].concat();
    let mut killed = program(path).args(&words).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(250));
    killed.kill().unwrap();
    killed.wait().unwrap();
    for order in ["3/4", "0/4", "1/4"] {
        shard(&folder, "out", order);
    }
    let status = status(path, &["out", "--shards=4"]);
    let refused = arigatoni(path, &["merge", "out"]);
    if status["missing"] == 0 {
        assert_eq!(code(&refused), Some(0));
    } else {
        assert_eq!(status["array"], "2");
        assert_eq!(code(&refused), Some(2));
        done(path, &["merge", "out", "--partial"]);
        let manifest: Value =
            serde_json::from_slice(&std::fs::read(path.join("out/manifest.json")).unwrap())
                .unwrap();
        assert_eq!(manifest["complete"], false);
        assert_eq!(manifest["runs_done"], status["done"]);
    }
    for order in ["0/3", "1/3", "2/3"] {
        shard(&folder, "out", order);
    }
    done(path, &["merge", "out"]);
    assert_same(&path.join("whole"), &path.join("out"));
    assert_eq!(self::status(path, &["out"])["complete"], true);
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn shards_at_the_same_time_agree_on_one_plan() {
    let folder = folder(&many_plain_runs());
    let path = folder.path();
    let shards: Vec<_> = (0..3)
        .map(|index| {
            // Without --chunk-runs each of them would measure, and one plan must win.
            let shard = format!("--shard={index}/3");
            program(path)
                .args(["sweep", "s.json", "--threads=1", "-oout", &shard])
                .spawn()
                .unwrap()
        })
        .collect();
    for shard in shards {
        let output = shard.wait_with_output().unwrap();
        assert_eq!(code(&output), Some(0), "{}", said(&output));
    }
    done(path, &["merge", "out"]);
    done(path, &["sweep", "s.json", "-owhole"]);
    assert_same(&path.join("whole"), &path.join("out"));
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn one_run_alone_is_the_row_of_the_sweep() {
    let folder = folder(&many_plain_runs());
    let path = folder.path();
    done(path, &["sweep", "s.json", "-owhole"]);
    let table = std::fs::read_to_string(path.join("whole/runs.csv")).unwrap();
    let one = wrote(&arigatoni(path, &["sweep", "s.json", "--run=37"]));
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(one.lines().collect::<Vec<_>>(), [lines[0], lines[38]]);
    assert!(lines[38].starts_with("37,"));
    let commands = [
        &["sweep", "s.json", "--run=84"][..],
        &["sweep", "s.json", "--shard=4/4"],
        &["sweep", "s.json", "--shard=x"],
        &[
            "submit",
            "s.json",
            "--shards=2",
            "--dry-run",
            "--engine=slurm",
            "-oa\nb",
        ],
    ];
    let heading = "Runs and shards that are not there";
    check_refused(path, heading, "command-shards", &commands);
}

/// Words that a shell, GNU parallel or sbatch would read as more than words.
#[test]
fn hostile_words_stay_words() {
    let folder = folder(&many_plain_runs());
    let path = folder.path();
    let output = "--output=o %j$(touch X) {} {= touch =} it's";
    let words = ["submit", "s.json", "--shards=2", "--dry-run", output];
    let parallel = wrote(&arigatoni(
        path,
        &[&words[..], &["--engine=parallel"]].concat(),
    ));
    // What GNU parallel itself reads is the same whatever the words are.
    let line = "seq 0 1 | parallel --halt never 'eval \"$ARIGATONI_SWEEP --shard {}/2\"'";
    assert_eq!(parallel.lines().nth(1), Some(line));
    // Quoted once for the variable and once for `eval`: a shell gives the word back.
    let (export, _) = parallel.split_once('\n').unwrap();
    let script = format!("{export}\neval \"set -- $ARIGATONI_SWEEP\"; printf %s \"$4\"");
    let shell = std::process::Command::new("sh")
        .arg("-c")
        .arg(script)
        .output();
    assert_eq!(String::from_utf8_lossy(&shell.unwrap().stdout), output);

    let slurm = [
        &words[..],
        &["--engine=slurm", "--sbatch=--job-name=my job"],
    ]
    .concat();
    let text = wrote(&arigatoni(path, &slurm));
    let logs = "/o %%j$(touch X) {} {= touch =} it's/parts/slurm-%A_%a.log\"\n";
    for line in ["#SBATCH \"--job-name=my job\"\n", logs] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    assert!(!path.join("X").exists());
}

/// A task that dies at once says why in its log, and `status` passes it on.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn the_last_words_of_a_task_that_died_are_told() {
    let folder = folder(&many_plain_runs());
    let path = folder.path();
    let submit = [
        "submit",
        "s.json",
        "--shards=2",
        "-oout",
        "--engine=parallel",
    ];
    wrote(&arigatoni(path, &submit));
    let parts = path.join("out/parts");
    std::fs::write(parts.join("slurm-7_1.log"), "an older log\n").unwrap();
    std::fs::write(parts.join("slurm-12_1.log"), "sh: arigatoni: not found\n").unwrap();
    let status = wrote(&arigatoni(path, &["status", "out"]));
    for part in ["slurm-12_1.log", "sh: arigatoni: not found"] {
        assert!(status.contains(part), "{status}");
    }
    assert!(!status.contains("older"), "{status}");
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn what_is_submitted_can_be_looked_at() {
    let folder = folder(&many_plain_runs());
    let path = folder.path();
    let words = [
        "submit",
        "s.json",
        "--shards=4",
        "-oout",
        "--set=/system/*/slots=2",
    ];
    let slurm = [
        &words[..],
        &["--engine=slurm", "--dry-run", "--sbatch=--time=10"],
    ]
    .concat();
    let text = wrote(&arigatoni(path, &slurm));
    for line in [
        "#SBATCH --array=0-3",
        "#SBATCH --chdir=/",
        "#SBATCH --requeue",
        "#SBATCH --signal=B:TERM@60",
        "#SBATCH --time=10",
        "'--set=/system/*/slots=2' --output=out --shard \"$SLURM_ARRAY_TASK_ID/4\"",
        "# sbatch --parsable --dependency=afterany:ARRAY",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    assert!(!path.join("out").exists(), "a dry run leaves nothing");
    let parallel = [&words[..], &["--engine=parallel"]].concat();
    let text = wrote(&arigatoni(path, &parallel));
    assert!(text.contains("\nseq 0 3 | parallel "), "{text}");
    assert_eq!(status(path, &["out"])["array"], "0-3");
}
