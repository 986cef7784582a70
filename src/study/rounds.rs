//! Making the runs that a plan asks for, round by round: with a precision, what was made tells
//! whether more are asked for.
//!
//! It does *not* know where the results go.

use super::making;
use super::watch::{Execution, Round};
use crate::error::Result;
use crate::experiment::Experiment;
use crate::ledger::{Job, Ledger, Outline, Parts, Plan, Shard};

/// How the making of runs has ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Ended {
    /// What was asked for at last.
    pub outline: Outline,
    /// Whether the work was stopped, and some of it may be left.
    pub stopped: bool,
}

/// The runs that a plan asks for, and those that are finished.
pub(super) struct Rounds<'a> {
    /// Which runs are asked for.
    pub(super) plan: &'a Plan,
    /// Those that are finished.
    pub(super) ledger: &'a mut Ledger,
    /// Where each is kept as it is finished; `None`: in the ledger alone.
    pub(super) parts: Option<&'a Parts>,
    /// Whether an earlier process has made some.
    pub(super) resumed: bool,
}

impl Rounds<'_> {
    /// Makes all runs that are left, until no further round is asked for or the work is stopped.
    ///
    /// # Errors
    /// The first error of a run; or if one cannot be kept.
    pub(super) fn make_all(
        &mut self,
        experiment: &Experiment,
        execution: &mut Execution<'_>,
    ) -> Result<Ended> {
        loop {
            let outline = self.plan.outline(self.ledger);
            let jobs = self.plan.jobs(&outline, self.ledger, Shard::ALL);
            if !jobs.is_empty() {
                self.make(experiment, (&outline, Shard::ALL), &jobs, execution)?;
            }
            let stopped = !jobs.is_empty() && execution.control.stopped();
            if jobs.is_empty() || stopped {
                return Ok(Ended { outline, stopped });
            }
        }
    }

    /// Makes what is left of a shard in the round that is asked for now.
    ///
    /// # Errors
    /// As of [`Self::make_all`].
    pub(super) fn make_shard(
        &mut self,
        experiment: &Experiment,
        shard: Shard,
        execution: &mut Execution<'_>,
    ) -> Result<Ended> {
        let outline = self.plan.outline(self.ledger);
        let jobs = self.plan.jobs(&outline, self.ledger, shard);
        self.make(experiment, (&outline, shard), &jobs, execution)?;
        let stopped = execution.control.stopped();
        Ok(Ended { outline, stopped })
    }

    /// Makes the `jobs` that are left of a shard of the outline.
    fn make(
        &mut self,
        experiment: &Experiment,
        (outline, shard): (&Outline, Shard),
        jobs: &[Job],
        execution: &mut Execution<'_>,
    ) -> Result<()> {
        if jobs.is_empty() {
            return Ok(());
        }
        execution.watch.begin(Round {
            left: jobs.len() as u64,
            total: runs_of(outline, shard),
            resumed: self.resumed,
        });
        let made = making::make(
            (self.plan, outline, jobs),
            self.parts,
            self.ledger,
            (execution.threads, execution.control),
            |point, replication| experiment.observe(point, replication),
        );
        // With a precision another round may follow; one line tells of all of them.
        let finished = self.plan.outline(self.ledger).finished;
        let stopped = execution.control.stopped();
        execution
            .watch
            .end(finished || shard != Shard::ALL || made.is_err() || stopped);
        made
    }
}

/// How many runs of an outline belong to a shard.
pub(super) fn runs_of(outline: &Outline, shard: Shard) -> u64 {
    let own = outline
        .chunks
        .iter()
        .skip(shard.index as usize)
        .step_by(shard.of as usize);
    own.map(|chunk| chunk.points.len() as u64).sum()
}
