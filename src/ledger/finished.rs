//! All finished runs of a sweep: which there are, what tells whether a point was run often enough,
//! and where what was observed of them lies.
//!
//! A run takes 10 kB and more in memory, so what was observed is spooled to the disk where runs may be
//! many. This module does *not* know which runs there should be.

use std::collections::BTreeMap;
use std::path::Path;

use super::record::Record;
use crate::error::{Error, Result};
use crate::measure::{Cell, RunOutcome};
use crate::store::Spool;

/// The finished runs of a sweep, each once.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    /// Numbers of the points, by their axis values.
    points: BTreeMap<Box<str>, u32>,
    /// By the number of the point and the replication.
    runs: BTreeMap<(u32, u32), Entry>,
    /// The column of the metric that the precision is about, of which the values stay in memory.
    column: Option<usize>,
    keeping: Keeping,
}

/// Where what was observed goes.
#[derive(Debug, Default)]
enum Keeping {
    #[default]
    Memory,
    /// With whether that of sealed chunks goes there too.
    Spool(Spool, bool),
    /// It is not asked for.
    Nowhere,
}

#[derive(Debug)]
struct Entry {
    /// The value of the precision's metric, if it is present.
    value: Option<f64>,
    kept: Kept,
}

/// What became of a run.
#[derive(Debug)]
enum Kept {
    Failed(Box<str>),
    Memory(Box<RunOutcome>),
    Spooled { place: u64, length: u32 },
    Elsewhere,
}

impl Ledger {
    /// A list that keeps what is observed on the disk of `folder`; of sealed chunks only if `all` of it is
    /// asked for. `column` is that of the metric that the precision is about, if there is one.
    ///
    /// # Errors
    /// If nothing can be written there.
    pub(crate) fn spooled(folder: &Path, column: Option<usize>, all: bool) -> Result<Self> {
        Ok(Self {
            column,
            keeping: Keeping::Spool(Spool::new(folder)?, all),
            ..Self::default()
        })
    }

    /// A list that knows only which runs are finished and which have failed.
    pub(crate) fn of_names(column: Option<usize>) -> Self {
        Self {
            column,
            keeping: Keeping::Nowhere,
            ..Self::default()
        }
    }

    /// Enters a record. Of two records of one run a success beats a failure; otherwise they are
    /// alike.
    ///
    /// # Errors
    /// If it cannot be spooled.
    pub(crate) fn enter(&mut self, record: Record) -> Result<()> {
        self.enter_as(record, false)
    }

    /// Enters a record from a sealed chunk.
    ///
    /// # Errors
    /// If it cannot be spooled.
    pub(crate) fn enter_sealed(&mut self, record: Record) -> Result<()> {
        self.enter_as(record, true)
    }

    fn enter_as(&mut self, record: Record, sealed: bool) -> Result<()> {
        let next = self.points.len() as u32;
        let point = match self.points.get(&*record.point) {
            Some(&point) => point,
            None => *self
                .points
                .entry(record.point.clone().into())
                .or_insert(next),
        };
        let run = (point, record.replication);
        match self.runs.get(&run) {
            None => {}
            Some(entry) if entry.has_failed() && record.outcome.is_ok() => {}
            Some(_) => return Ok(()),
        }
        let value = self.value_of(&record.outcome);
        let kept = match &mut self.keeping {
            Keeping::Spool(spool, all) if record.outcome.is_ok() && (*all || !sealed) => {
                let text = record.encode();
                Kept::Spooled {
                    place: spool.append(text.as_bytes())?,
                    length: text.len() as u32,
                }
            }
            keeping => match (record.outcome, keeping) {
                (Err(error), _) => Kept::Failed(error.into()),
                (Ok(outcome), Keeping::Memory) => Kept::Memory(outcome.into()),
                (Ok(_), _) => Kept::Elsewhere,
            },
        };
        self.runs.insert(run, Entry { value, kept });
        Ok(())
    }

    fn value_of(&self, outcome: &Result<RunOutcome, String>) -> Option<f64> {
        outcome.as_ref().ok()?.metrics.get(self.column?)?.number()
    }

    fn entry(&self, point: &str, replication: u32) -> Option<&Entry> {
        self.runs.get(&(*self.points.get(point)?, replication))
    }

    /// Whether a run is finished.
    pub(crate) fn has(&self, point: &str, replication: u32) -> bool {
        self.entry(point, replication).is_some()
    }

    /// The number in column `column` of a run's metrics, if it is finished and has one.
    pub(super) fn value(&self, point: &str, replication: u32, column: usize) -> Option<f64> {
        let entry = self.entry(point, replication)?;
        match &entry.kept {
            Kept::Memory(outcome) => outcome.metrics.get(column).and_then(Cell::number),
            _ => entry.value.filter(|_| self.column == Some(column)),
        }
    }

    /// The message with which a run has failed, if it has.
    pub(crate) fn failure(&self, point: &str, replication: u32) -> Option<&str> {
        match &self.entry(point, replication)?.kept {
            Kept::Failed(error) => Some(error),
            _ => None,
        }
    }

    /// What came out of a run, or the message with which it failed, if it is finished and that is kept.
    ///
    /// # Errors
    /// If it cannot be read back.
    pub(crate) fn outcome(
        &self,
        point: &str,
        replication: u32,
    ) -> Result<Option<Result<RunOutcome, String>>> {
        let entry = self.entry(point, replication);
        entry.map_or(Ok(None), |entry| self.outcome_of(entry))
    }

    fn outcome_of(&self, entry: &Entry) -> Result<Option<Result<RunOutcome, String>>> {
        Ok(match (&entry.kept, &self.keeping) {
            (Kept::Failed(error), _) => Some(Err(error.to_string())),
            (Kept::Memory(outcome), _) => Some(Ok(outcome.as_ref().clone())),
            (&Kept::Spooled { place, length }, Keeping::Spool(spool, _)) => {
                let bytes = spool.read(place, length as usize)?;
                let text = std::str::from_utf8(&bytes).ok();
                let record = text.and_then(|text| Record::decode(text).ok());
                let lost = || Error::new("what was spooled does not read back as it was written");
                Some(record.ok_or_else(lost)?.outcome)
            }
            (Kept::Elsewhere | Kept::Spooled { .. }, _) => None,
        })
    }

    /// How many runs are finished.
    pub(crate) fn len(&self) -> u64 {
        self.runs.len() as u64
    }

    /// Forgets the runs that have failed; returns how many.
    pub(crate) fn forget_failed(&mut self) -> u64 {
        let before = self.len();
        self.runs.retain(|_, entry| !entry.has_failed());
        before - self.len()
    }

    /// The finished runs whose outcomes are kept, by point and replication.
    ///
    /// # Errors
    /// Each, if it cannot be read back.
    pub(crate) fn records(&self) -> impl Iterator<Item = Result<Record>> + '_ {
        self.points.iter().flat_map(|(key, &point)| {
            let runs = self.runs.range((point, 0)..=(point, u32::MAX));
            runs.filter_map(|(&(_, replication), entry)| {
                let outcome = self.outcome_of(entry).transpose()?;
                Some(outcome.map(|outcome| Record {
                    point: key.to_string(),
                    replication,
                    outcome,
                }))
            })
        })
    }
}

impl Entry {
    fn has_failed(&self) -> bool {
        matches!(self.kept, Kept::Failed(_))
    }
}
