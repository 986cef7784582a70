//! What of Slurm `submit` needs: its lines in a script, its limits, and its command.
//!
//! It does *not* know what a job does.

use std::io::Write;
use std::num::NonZeroU32;
use std::process::{Command, Stdio};

use crate::error::{Error, Result};

/// A line of a batch script that gives `option` to sbatch, which reads it much as a shell does: white
/// space ends a word and `#` begins a comment, unless they are quoted.
///
/// A long option and a short one may have their value after a space: what comes before the first space
/// is a word of its own, unless it holds a `=`.
///
/// # Errors
/// If the option has a control character, at which the line, or the comment that it is, would end.
pub(super) fn directive(option: &str) -> Result<String> {
    if option.chars().any(char::is_control) {
        return Err(Error::new(
            "the options of a batch script cannot contain a line break or control character",
        )
        .at(format!("{option:?}"))
        .help("rename the folder, or remove the character from the option"));
    }
    let words = match option.split_once(' ') {
        Some((name, value)) if name.starts_with('-') && !name.contains('=') => {
            format!("{name} {}", quote(value.trim_start()))
        }
        _ => quote(option),
    };
    Ok(format!("#SBATCH {words}\n"))
}

/// `word` as sbatch reads it back.
fn quote(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/._-=,:+@%[]*^&|!?()<>{}~$;".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    let escaped = word.replace('\\', r"\\").replace('"', "\\\"");
    format!("\"{escaped}\"")
}

/// A folder in the name of a log, in which `%` begins what Slurm replaces.
///
/// # Errors
/// If there is a backslash in it, after which Slurm replaces nothing.
pub(super) fn pattern(folder: &str) -> Result<String> {
    if folder.contains('\\') {
        return Err(
            Error::new("Slurm cannot write logs to a folder with a backslash in its name")
                .at(folder)
                .help("choose another folder with -o DIR"),
        );
    }
    Ok(folder.replace('%', "%%"))
}

/// Checks that Slurm's limit allows an array of `shards` tasks. Where Slurm does not report a limit, any array is allowed.
///
/// # Errors
/// If it is not.
pub(super) fn check_tasks(shards: NonZeroU32) -> Result<()> {
    let Ok(output) = Command::new("scontrol").args(["show", "config"]).output() else {
        return Ok(());
    };
    match tasks_max(&String::from_utf8_lossy(&output.stdout)) {
        Some(most) if shards.get() > most => Err(Error::new(format!(
            "Slurm allows at most {most} tasks in an array here (MaxArraySize), but {shards} \
            shards were requested"
        ))
        .at("--shards")
        .help(format!("give --shards {most} or fewer"))),
        _ => Ok(()),
    }
}

/// How many tasks an array may have: their numbers, from 0 on, are below `MaxArraySize`.
fn tasks_max(config: &str) -> Option<u32> {
    let line = config
        .lines()
        .find(|line| line.starts_with("MaxArraySize"))?;
    line.split_once('=')?.1.trim().parse().ok()
}

/// Submits a script; returns the job's number.
pub(super) fn submit(options: &[String], script: &str) -> Result<String> {
    let trouble = |what: String| {
        Error::new(what).at("sbatch").help(
            "submit on a machine with Slurm, or use --dry-run; the sweep stays planned and nothing \
            is lost",
        )
    };
    let mut child = Command::new("sbatch")
        .arg("--parsable")
        .args(options)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| trouble(format!("it cannot be started: {error}")))?;
    if let Some(mut stdin) = child.stdin.take() {
        // If sbatch has not read it, its exit code tells.
        let _ = stdin.write_all(script.as_bytes());
    }
    let output = child
        .wait_with_output()
        .map_err(|error| trouble(format!("it cannot be waited for: {error}")))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(trouble(format!("it refused: {}", said.trim())));
    }
    let said = String::from_utf8_lossy(&output.stdout);
    let job = said.trim().split(';').next().unwrap_or_default();
    Ok(job.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_quoted_as_sbatch_reads_them() {
        for (option, line) in [
            ("--time=10", "#SBATCH --time=10\n"),
            ("--time 10", "#SBATCH --time 10\n"),
            ("-J my job", "#SBATCH -J \"my job\"\n"),
            ("--job-name=my job", "#SBATCH \"--job-name=my job\"\n"),
            ("--comment=a#b", "#SBATCH \"--comment=a#b\"\n"),
            (r#"--comment=a"b\c"#, "#SBATCH \"--comment=a\\\"b\\\\c\"\n"),
        ] {
            assert_eq!(directive(option).unwrap(), line);
        }
        assert!(directive("--comment=a\nid >/tmp/x").is_err());
    }

    #[test]
    fn a_percent_sign_in_a_folder_is_no_pattern() {
        assert_eq!(pattern("/a%j b").unwrap(), "/a%%j b");
        assert!(pattern(r"/a\b").is_err());
    }

    #[test]
    fn the_limit_of_arrays_is_read() {
        let config = "MaxArrayTasks = 3\nMaxArraySize            = 1001\n";
        assert_eq!(tasks_max(config), Some(1001));
        assert_eq!(tasks_max("slurm_load_ctl_conf error"), None);
    }
}
