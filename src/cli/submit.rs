//! `arigatoni submit`: a sweep to an engine that runs its shards.
//!
//! The engine only starts processes: what is done is told by the chunks in the folder, so it does
//! no harm if the engine starts a shard twice, kills it, or loses count.

use std::num::NonZeroU32;
use std::path::Path;

use clap::{Args, ValueEnum};

use super::memory::check_memory;
use super::stderr::Stderr;
use super::sweep::warn_of_chunks;
use super::sweep_arguments::{SweepArguments, utf8};
use super::{output, print_stderr, slurm};
use crate::error::{Error, Result};
use crate::store;
use crate::study::{Rows, Sweep};

/// Split a sweep into shards and submit them as a Slurm job array, or print a command line for GNU
/// parallel.
///
/// Submitting again, with any number of shards, makes only the missing runs.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  arigatoni submit scenarios/paper.json --engine slurm --shards 16 --sbatch=--time=01:00:00\n  \
                        arigatoni submit scenarios/paper.json --engine slurm --shards 16 --dry-run\n  \
                        arigatoni submit scenarios/paper.json --engine parallel --shards 8"
)]
pub(super) struct Arguments {
    #[command(flatten)]
    sweep: SweepArguments,
    /// What starts the shards.
    #[arg(long)]
    engine: Engine,
    /// The number of shards.
    #[arg(long, value_name = "N", value_parser = output::positive::<NonZeroU32>, allow_negative_numbers = true)]
    shards: NonZeroU32,
    /// Print what would be submitted, without submitting or writing anything.
    #[arg(long)]
    dry_run: bool,
    /// Pass OPTION to sbatch, such as --sbatch=--partition=main or --sbatch="--job-name=my job"; may be
    /// given several times, with one option each.
    #[arg(long = "sbatch", value_name = "OPTION", allow_hyphen_values = true)]
    sbatch: Vec<String>,
}

/// What starts the shards.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Engine {
    /// A Slurm job array, and a job that merges the results when the array has ended.
    Slurm,
    /// GNU parallel, whose command line is printed.
    Parallel,
}

pub(super) fn run(arguments: &Arguments) -> Result<()> {
    arguments.sweep.check_file()?;
    if matches!(arguments.engine, Engine::Slurm) {
        slurm::check_tasks(arguments.shards)?;
    }
    let prepared = arguments.sweep.prepare()?;
    let name = prepared.experiment.scenario().name().to_owned();
    let folder = store::absolute(prepared.folder.path());
    let lines = Lines::new(arguments, &name, &folder)?;
    let scripts = match arguments.engine {
        Engine::Slurm => Some((lines.array()?, lines.merge()?)),
        Engine::Parallel => None,
    };
    if !arguments.dry_run {
        // A few runs are made here, to tell how long they take.
        check_memory(&prepared, Some(1))?;
        let mut sweep = Sweep::take_up(&prepared, false, Rows::Unsealed, &mut Stderr)?;
        sweep.note_shards(arguments.shards.get())?;
        warn_of_chunks(&prepared, &sweep, arguments.shards.get());
    }
    match scripts {
        None => output::print(lines.parallel().as_bytes()),
        Some((array, merge)) if arguments.dry_run => {
            let text = format!(
                "# sbatch --parsable\n{array}\n\
                 # sbatch --parsable --dependency=afterany:ARRAY\n{merge}"
            );
            output::print(text.as_bytes())
        }
        Some((array, merge)) => {
            let array = slurm::submit(&[], &array)?;
            let merge = slurm::submit(&[format!("--dependency=afterany:{array}")], &merge)?;
            print_stderr(format_args!(
                "`arigatoni status {}` shows what is done and the last log line of failed tasks; \
                for a task without a log use `sacct -j {array}`",
                quote(&lines.folder)
            ));
            output::print(format!("array {array}\nmerge {merge}\n").as_bytes())
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
    fn new(arguments: &Arguments, name: &str, folder: &Path) -> Result<Self> {
        let program = std::env::current_exe()
            .map_err(|error| Error::new(format!("this program's path is not known: {error}")))?;
        let words: Vec<String> = arguments.sweep.words().iter().map(|w| quote(w)).collect();
        Ok(Self {
            name: name.into(),
            folder: utf8(folder)?,
            program: quote(&utf8(&program)?),
            here: utf8(&store::absolute(Path::new(".")))?,
            sweep: words.join(" "),
            shards: arguments.shards.get(),
            threads: arguments.sweep.threads().unwrap_or(1),
            sbatch: arguments.sbatch.clone(),
        })
    }

    /// The batch script of the array. A minute before its limit a task gets SIGTERM, finishes the
    /// runs at hand, ends with 75 and is queued again.
    fn array(&self) -> Result<String> {
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
        let head = self.head(&format!("arigatoni-{name}"), "%A_%a", &own)?;
        Ok(format!(
            "{head}\
             # The signal may arrive before there is a process to forward it to.\n\
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
        ))
    }

    fn merge(&self) -> Result<String> {
        let head = self.head(&format!("arigatoni-merge-{}", self.name), "%j", "")?;
        Ok(format!(
            "{head}{} merge {}\n",
            self.program,
            quote(&self.folder)
        ))
    }

    /// What Slurm reads; of two options of one name the last counts, so the user's come last.
    fn head(&self, job: &str, log: &str, own: &str) -> Result<String> {
        let logs = slurm::pattern(&self.folder)?;
        let mut head = String::from("#!/bin/sh\n");
        for option in [
            format!("--job-name={job}"),
            format!("--chdir={}", self.here),
            "--open-mode=append".into(),
            format!("--output={logs}/parts/slurm-{log}.log"),
        ] {
            head.push_str(&slurm::directive(&option)?);
        }
        head.push_str(own);
        for option in &self.sbatch {
            head.push_str(&slurm::directive(option)?);
        }
        Ok(head)
    }

    fn parallel(&self) -> String {
        let Self {
            program,
            sweep,
            shards,
            threads,
            ..
        } = self;
        // GNU parallel replaces `{}`, `{.}`, `{= perl =}` … in its words and lets a shell read them once
        // more. So it gets the command in a variable, which it does not look into.
        let command = quote(&format!("{program} sweep {sweep} --threads {threads}"));
        let (last, folder) = (shards - 1, quote(&self.folder));
        format!(
            "export ARIGATONI_SWEEP={command}\n\
             seq 0 {last} | parallel --halt never 'eval \"$ARIGATONI_SWEEP --shard {{}}/{shards}\"'\n\
             {program} merge {folder}\n"
        )
    }
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
