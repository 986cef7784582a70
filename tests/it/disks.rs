//! Disks that are full, and folders that cannot be written: one clear message each, nothing lost.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::command::{
    arigatoni, assert_same, code, done, many_short_runs, put, said, with_short_runs, wrote,
};
use crate::support::shipped;

/// Runs a script in which file systems may be mounted that nobody else sees.
fn in_a_namespace(folder: &Path, script: &str, words: &[&str]) -> std::io::Result<Output> {
    Command::new("unshare")
        .args(["-rm", "sh", "-c", script, env!("CARGO_BIN_EXE_arigatoni")])
        .args(words)
        .current_dir(folder)
        .output()
}

/// Whether this machine lets the tests mount file systems. If not that is said aloud, also by a test
/// that passes, with `what` is left out.
pub(crate) fn can_mount(what: &str) -> bool {
    let folder = TempDir::new().unwrap();
    let tried = in_a_namespace(folder.path(), "mount -t tmpfs none .", &[]);
    let can = tried.is_ok_and(|output| output.status.success());
    if !can {
        say(&format!("LEFT OUT, as nothing can be mounted here: {what}"));
    }
    can
}

/// Says something aloud: the macros' output is shown for failed tests only.
pub(crate) fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Runs the program with `out` on a file system of `kb` kilobytes; what it leaves there is `out`
/// afterwards.
pub(crate) fn on_a_small_disk(folder: &Path, kb: u64, words: &[&str]) -> Output {
    let script = format!(
        "mkdir out && mount -t tmpfs -o size={kb}k none out || exit 98\n\
         \"$0\" \"$@\"; code=$?\n\
         cp -a out saved && exit $code"
    );
    let output = in_a_namespace(folder, &script, words).unwrap();
    fs::remove_dir(folder.join("out")).unwrap();
    fs::rename(folder.join("saved"), folder.join("out")).unwrap();
    output
}

fn refused(output: &Output, expected: &str) {
    assert_eq!(code(output), Some(2), "{}", said(output));
    assert!(said(output).contains(expected), "{}", said(output));
    assert_eq!(
        said(output).matches("error:").count(),
        1,
        "{}",
        said(output)
    );
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn a_sweep_on_a_full_disk_goes_on_when_there_is_room() {
    let folder = with_short_runs();
    let path = folder.path();
    done(path, &["sweep", "s.json", "-owhole"]);
    let words = ["sweep", "s.json", "-oout", "--chunk-runs=5"];
    // Files that may not grow are like a full disk, and need no right to mount.
    for blocks in [1, 8] {
        let script = format!("ulimit -f {blocks}; exec \"$0\" \"$@\"");
        let mut limited = Command::new("sh");
        limited.args(["-c", &script, env!("CARGO_BIN_EXE_arigatoni")]);
        let output = limited.args(words).current_dir(path).output().unwrap();
        refused(&output, "larger than the system allows");
        done(path, &words);
        assert_same(&path.join("whole"), &path.join("out"));
        fs::remove_dir_all(path.join("out")).unwrap();
    }
    if !can_mount("a sweep on a full disk, and on a read-only one") {
        return;
    }
    for kb in [4, 40, 400] {
        refused(&on_a_small_disk(path, kb, &words), "the disk is full");
        done(path, &words);
        assert_same(&path.join("whole"), &path.join("out"));
        fs::remove_dir_all(path.join("out")).unwrap();
    }
    let read_only = "mount -t tmpfs -o ro none whole && exec \"$0\" \"$@\"";
    let output = in_a_namespace(path, read_only, &["sweep", "s.json", "-owhole"]).unwrap();
    refused(
        &output,
        "whole/parts: the folder cannot be made: the file system is read-only",
    );
}

/// `/dev/full` is full on every Linux, without rights to mount anything.
#[test]
#[cfg(target_os = "linux")]
fn a_full_device_is_told() {
    let folder = with_short_runs();
    let output = arigatoni(folder.path(), &["run", "s.json", "--world=/dev/full"]);
    refused(
        &output,
        "/dev/full: the file cannot be written: the disk is full",
    );
    let script = "exec \"$0\" run s.json > /dev/full";
    let output = Command::new("sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_arigatoni")])
        .current_dir(folder.path())
        .output()
        .unwrap();
    refused(&output, "stdout cannot be written");
}

/// Root may write everywhere, so for root the program is run by another user.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
#[cfg(unix)]
fn a_folder_that_must_not_be_written_is_named() {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;

    const NOBODY: u32 = 65_534;
    let folder = with_short_runs();
    let path = folder.path();
    // Everything that the other user needs lies where everybody may read.
    let mut scenario = many_short_runs();
    fs::copy(shipped("topologies/t100-0.gb"), path.join("t100-0.gb")).unwrap();
    scenario["topology"]["file"] = "t100-0.gb".into();
    put(path, "s.json", &scenario);
    let copy = path.join("arigatoni");
    fs::copy(env!("CARGO_BIN_EXE_arigatoni"), &copy).unwrap();
    done(path, &["sweep", "s.json", "-owhole"]);
    for place in [path, &path.join("whole")] {
        fs::set_permissions(place, fs::Permissions::from_mode(0o555)).unwrap();
    }
    let below_a_file = arigatoni(path, &["sweep", "s.json", "-os.json/x"]);
    refused(&below_a_file, "s.json/x: the folder cannot be made");
    let root = wrote_by("id", "-u").trim() == "0";
    let other_user = Command::new("true").uid(NOBODY).gid(NOBODY).status();
    if root && !other_user.is_ok_and(|status| status.success()) {
        say("LEFT OUT, as root may not become another user here: folders that must not be written");
        return;
    }
    let run = |words: &[&str]| {
        let mut command = Command::new(&copy);
        command.args(words).current_dir(path);
        if root {
            command.uid(NOBODY).gid(NOBODY);
        }
        command.output().unwrap()
    };
    let denied = "permission is denied";
    refused(
        &run(&["sweep", "s.json"]),
        "results/short: the folder cannot be made",
    );
    refused(&run(&["sweep", "s.json", "-owhole"]), denied);
    refused(&run(&["run", "s.json", "--requests=r.csv"]), denied);
    refused(&run(&["figures", "whole", "-oelsewhere"]), denied);
    let check = ["check", "s.json", "--baseline=whole"];
    let output = run(&check);
    assert_eq!(code(&output), Some(0), "{}", said(&output));
    assert!(
        wrote(&output).contains("identical"),
        "reading is enough for a check"
    );
    refused(&run(&[&check[..], &["--markdown=c.md"]].concat()), denied);
    refused(&run(&[&check[..], &["--update"]].concat()), denied);
    let output = run(&["status", "whole", "--json"]);
    let status: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(status["complete"], true, "{}", said(&output));
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

#[cfg(unix)]
fn wrote_by(program: &str, word: &str) -> String {
    wrote(&Command::new(program).arg(word).output().unwrap())
}
