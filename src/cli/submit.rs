//! `arigatoni submit`: a sweep to an engine that runs its shards.
//!
//! The engine only starts processes: what is done is told by the chunks in the folder, so it does
//! no harm if the engine starts a shard twice, kills it, or loses count.

use std::io::Write;
use std::num::NonZeroU32;
use std::process::{Command, Stdio};

use clap::{Args, ValueEnum};

use super::held::{Held, Rows};
use super::order::Order;
use super::output;
use crate::error::{Error, Result};
use crate::store;

/// Cut a sweep into shards and submit them: a Slurm job array, or GNU parallel's command line.
///
/// Submitting again, with any number of shards, makes only what is missing.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  arigatoni submit scenarios/paper.json --engine slurm --shards 16 --sbatch=--time=01:00:00\n  \
                        arigatoni submit scenarios/paper.json --engine slurm --shards 16 --dry-run\n  \
                        arigatoni submit scenarios/paper.json --engine parallel --shards 8"
)]
pub(super) struct Arguments {
    #[command(flatten)]
    order: Order,
    /// What starts the shards.
    #[arg(long)]
    engine: Engine,
    /// Into how many shards to cut the sweep.
    #[arg(long, value_name = "N", value_parser = output::positive::<NonZeroU32>, allow_negative_numbers = true)]
    shards: NonZeroU32,
    /// Print what would be submitted; nothing is submitted or written.
    #[arg(long)]
    dry_run: bool,
    /// Give OPTION to sbatch, such as --sbatch=--partition=main; may be given several times.
    #[arg(long = "sbatch", value_name = "OPTION", allow_hyphen_values = true)]
    sbatch: Vec<String>,
}

/// What starts the shards.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Engine {
    /// A Slurm job array, and a job that merges when the array has ended.
    Slurm,
    /// GNU parallel, whose command line is printed.
    Parallel,
}

pub(super) fn run(arguments: &Arguments) -> Result<()> {
    arguments.order.check_file()?;
    let prepared = arguments.order.prepare()?;
    let name = prepared.experiment.scenario().name().to_owned();
    let folder = store::absolute(prepared.folder.path());
    if !arguments.dry_run {
        // A few runs are made here, to tell how long they take.
        prepared.check_memory(Some(1))?;
        let mut held = Held::take_up(&prepared, false, Rows::Unsealed)?;
        held.note_shards(arguments.shards.get())?;
    }
    let lines = Lines::new(arguments, &name, &folder.display().to_string())?;
    match arguments.engine {
        Engine::Parallel => output::print(lines.parallel().as_bytes()),
        Engine::Slurm if arguments.dry_run => {
            let text = format!(
                "# sbatch --parsable\n{}\n# sbatch --parsable --dependency=afterany:ARRAY\n{}",
                lines.array(),
                lines.merge()
            );
            output::print(text.as_bytes())
        }
        Engine::Slurm => {
            let array = sbatch(&[], &lines.array())?;
            let merge = sbatch(&[format!("--dependency=afterany:{array}")], &lines.merge())?;
            let text = format!("array {array}\nmerge {merge}\n");
            output::print(text.as_bytes())
        }
    }
}

/// What the engine is told.
struct Lines {
    name: String,
    folder: String,
    program: String,
    here: String,
    sweep: String,
    shards: u32,
    threads: usize,
    sbatch: Vec<String>,
}

impl Lines {
    fn new(arguments: &Arguments, name: &str, folder: &str) -> Result<Self> {
        let program = std::env::current_exe()
            .map_err(|error| Error::new(format!("this program's path is not known: {error}")))?;
        let words: Vec<String> = arguments.order.words().iter().map(|w| quote(w)).collect();
        Ok(Self {
            name: name.into(),
            folder: folder.into(),
            program: quote(&program.display().to_string()),
            here: store::absolute(std::path::Path::new("."))
                .display()
                .to_string(),
            sweep: words.join(" "),
            shards: arguments.shards.get(),
            threads: arguments.order.threads().unwrap_or(1),
            sbatch: arguments.sbatch.clone(),
        })
    }

    /// The batch script of the array. A minute before its limit a task gets SIGTERM, finishes the
    /// runs at hand, ends with 75 and is queued again.
    fn array(&self) -> String {
        let Self {
            name,
            program,
            sweep,
            shards,
            threads,
            ..
        } = self;
        let last = shards - 1;
        let own = format!(
            "#SBATCH --array=0-{last}\n\
             #SBATCH --cpus-per-task={threads}\n\
             #SBATCH --requeue\n\
             #SBATCH --signal=B:TERM@60\n"
        );
        let head = self.head(&format!("arigatoni-{name}"), "%A_%a", &own);
        format!(
            "{head}\
             # The signal may come before there is a process to hand it on to.\n\
             trap 'term=yes; kill -TERM $child 2>/dev/null' TERM\n\
             {program} sweep {sweep} --shard \"$SLURM_ARRAY_TASK_ID/{shards}\" --threads {threads} &\n\
             child=$!\n\
             if [ -n \"$term\" ]; then kill -TERM $child; fi\n\
             wait $child; code=$?\n\
             # A signal interrupts the first wait; the second tells how the child ended.\n\
             if [ $code -eq 143 ]; then wait $child; code=$?; fi\n\
             if [ $code -eq 75 ] && [ \"${{SLURM_RESTART_COUNT:-0}}\" -lt 100 ]; then\n  \
             scontrol requeue \"$SLURM_JOB_ID\"\n\
             fi\n\
             exit $code\n"
        )
    }

    fn merge(&self) -> String {
        let head = self.head(&format!("arigatoni-merge-{}", self.name), "%j", "");
        format!("{head}{} merge {}\n", self.program, quote(&self.folder))
    }

    /// What Slurm reads; of two options of one name the last counts, so the user's come last.
    fn head(&self, job: &str, log: &str, own: &str) -> String {
        let mut head = format!(
            "#!/bin/sh\n#SBATCH --job-name={job}\n#SBATCH --chdir={}\n#SBATCH --open-mode=append\n\
             #SBATCH --output={}/parts/slurm-{log}.log\n{own}",
            self.here, self.folder
        );
        for option in &self.sbatch {
            head.push_str("#SBATCH ");
            head.push_str(option);
            head.push('\n');
        }
        head
    }

    fn parallel(&self) -> String {
        let Self {
            program,
            sweep,
            shards,
            threads,
            ..
        } = self;
        let (last, folder) = (shards - 1, quote(&self.folder));
        format!(
            "seq 0 {last} | parallel --halt never {program} sweep {sweep} --shard '{{}}/{shards}' --threads {threads}\n\
             {program} merge {folder}\n"
        )
    }
}

/// Submits a script; returns the job's number.
fn sbatch(options: &[String], script: &str) -> Result<String> {
    let trouble = |what: String| {
        Error::new(what).at("sbatch").help(
            "submit where Slurm is, or look at --dry-run; the sweep is planned and loses nothing",
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

/// `word` as a shell reads it back.
fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-=,:+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::quote;

    #[test]
    fn words_are_quoted_where_a_shell_would_read_more() {
        assert_eq!(quote("results/a-b.json"), "results/a-b.json");
        assert_eq!(quote("--set=/a/*/b=1"), "'--set=/a/*/b=1'");
        assert_eq!(quote("it's"), r"'it'\''s'");
        assert_eq!(quote(""), "''");
    }
}
