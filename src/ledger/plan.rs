//! How a sweep is cut into chunks, and which of them are left.

use xxhash_rust::xxh3::xxh3_64;

use super::finished::Ledger;
use super::stopping::{Resolution, Stop, checkpoints};
use crate::error::{Error, Result};
use crate::results::{axis_cell, axis_value, compact, unknown_metric};
use crate::scenario::{Precision, Scenario, Selection};

/// A sweep's points in canonical order, how often each is run, and how many runs make a chunk.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    /// Their numbers in the scenario.
    points: Vec<u64>,
    /// Their axis values as compact JSON texts.
    keys: Vec<String>,
    replications: u32,
    /// With the column of its metric.
    precision: Option<(Precision, usize)>,
    /// Of each point, the most replications that are made; empty: no limits.
    limits: Vec<u32>,
    chunk_runs: u64,
}

/// Runs of one replication that are kept in one file.
#[derive(Debug, Clone, PartialEq)]
pub struct Chunk {
    /// Named by what it holds.
    pub name: String,
    /// The replication of all its runs.
    pub replication: u32,
    /// Its points, by their places in the plan.
    pub points: Vec<u32>,
}

/// A share of the chunks: those whose number, modulo `of`, is `index`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// Below `of`.
    pub index: u32,
    /// How many shards there are.
    pub of: u32,
}

impl Shard {
    /// The whole.
    pub const ALL: Self = Self { index: 0, of: 1 };

    fn has(self, chunk: usize) -> bool {
        chunk as u64 % u64::from(self.of) == u64::from(self.index)
    }
}

/// A run that is left to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Job {
    /// The place of its chunk in [`Outline::chunks`].
    pub chunk: u32,
    /// The place of its point in the plan.
    pub point: u32,
    /// Its replication.
    pub replication: u32,
}

/// What a plan comes to, as far as the finished runs tell: without a precision, everything; with
/// one, up to the first round that is not finished.
#[derive(Debug, Clone, PartialEq)]
pub struct Outline {
    /// The chunks, in the order in which they are to be made.
    pub chunks: Vec<Chunk>,
    /// Of each point, the number of replications that make its result.
    pub replications: Vec<u32>,
    /// The number of rounds so far, and whether more may follow.
    pub rounds: u32,
    /// Whether all runs of all chunks are finished, and no round will follow.
    pub finished: bool,
    /// With a precision: where each point was stopped, if it was.
    pub stops: Vec<Option<Stop>>,
}

impl Outline {
    /// How many runs make the result, as far as is known.
    pub fn runs(&self) -> u64 {
        self.replications.iter().map(|&n| u64::from(n)).sum()
    }
}

impl Plan {
    /// The plan for the points of `scenario` that are selected, whose runs report `metrics`.
    ///
    /// # Errors
    /// If the precision's metric does not exist.
    pub(crate) fn new(
        scenario: &Scenario,
        selection: &Selection,
        metrics: &[&str],
        chunk_runs: u64,
    ) -> Result<Self> {
        let precision = scenario.precision().map(|precision| {
            let found = metrics.iter().position(|name| *name == precision.metric);
            let column = found.ok_or_else(|| unknown_metric(&precision.metric, metrics))?;
            Ok((precision.clone(), column))
        });
        let points: Vec<u64> = selection.iter().collect();
        let key = |&point: &u64| {
            let values = scenario.axis_values(point);
            // As they read back from the tables.
            let values = values.iter().map(|value| axis_value(&axis_cell(value)));
            compact(&values.collect())
        };
        Ok(Self {
            keys: points.iter().map(key).collect(),
            points,
            replications: scenario.replications(),
            precision: precision.transpose().map_err(|error: Error| {
                scenario.locate_error(error.at("/precision/metric"), &[])
            })?,
            limits: Vec::new(),
            chunk_runs: chunk_runs.max(1),
        })
    }

    /// This plan, with at most `most` replications of each point, which is identified by its axis values. A
    /// precision that is not reached with them stops the point there.
    pub(crate) fn limited(mut self, most: impl Fn(&str) -> u32) -> Self {
        self.limits = self.keys.iter().map(|key| most(key)).collect();
        self
    }

    /// How many replications of a point are made at most, whatever is asked for.
    fn limit(&self, point: u32) -> u32 {
        let limit = self.limits.get(point as usize);
        limit.copied().unwrap_or(u32::MAX)
    }

    /// This plan with chunks of another size.
    pub(crate) fn with_chunk_runs(mut self, chunk_runs: u64) -> Self {
        self.chunk_runs = chunk_runs.max(1);
        self
    }

    /// The points' numbers in the scenario.
    pub(crate) fn points(&self) -> &[u64] {
        &self.points
    }

    /// The axis values of a point as compact JSON text.
    pub(crate) fn key(&self, point: u32) -> &str {
        &self.keys[point as usize]
    }

    /// The axis values of all points.
    pub(crate) fn keys(&self) -> &[String] {
        &self.keys
    }

    /// How often each point is run at most.
    pub(crate) fn replications(&self) -> u32 {
        self.replications
    }

    /// The column of the metric that the precision is about, if there is one.
    pub(crate) fn column(&self) -> Option<usize> {
        self.precision.as_ref().map(|(_, column)| *column)
    }

    /// What the plan comes to, given what is finished.
    pub(crate) fn outline(&self, ledger: &Ledger) -> Outline {
        let all: Vec<u32> = (0..self.points.len() as u32).collect();
        let mut outline = Outline {
            chunks: Vec::new(),
            replications: vec![0; all.len()],
            rounds: 0,
            finished: false,
            stops: vec![None; all.len()],
        };
        let Some((precision, column)) = &self.precision else {
            outline.finished = self.add_round(&mut outline, &all, 0..self.replications, ledger);
            return outline;
        };
        let (mut active, mut from) = (all, 0);
        for to in checkpoints(precision) {
            if !self.add_round(&mut outline, &active, from..to, ledger) {
                return outline;
            }
            active.retain(|&point| {
                let limit = self.limit(point);
                let values: Vec<Option<f64>> = (0..to.min(limit))
                    .map(|replication| ledger.value(self.key(point), replication, *column))
                    .collect();
                let stop = Stop::judge(precision, &values);
                let reached = stop.resolution == Resolution::Reached;
                let ends = reached || to == precision.max.0 || to >= limit;
                if ends {
                    outline.stops[point as usize] = Some(stop);
                }
                !ends
            });
            if active.is_empty() {
                break;
            }
            from = to;
        }
        outline.finished = true;
        outline
    }

    /// Adds the chunks of some replications of some points; returns whether they are finished.
    fn add_round(
        &self,
        outline: &mut Outline,
        points: &[u32],
        replications: std::ops::Range<u32>,
        ledger: &Ledger,
    ) -> bool {
        outline.rounds += 1;
        let mut finished = true;
        for &point in points {
            outline.replications[point as usize] = replications.end.min(self.limit(point));
        }
        for replication in replications {
            let points: Vec<u32> = points
                .iter()
                .copied()
                .filter(|&point| replication < self.limit(point))
                .collect();
            for points in points.chunks(self.chunk_runs as usize) {
                finished &= points
                    .iter()
                    .all(|&point| ledger.has(self.key(point), replication));
                outline.chunks.push(self.chunk(replication, points));
            }
        }
        finished
    }

    fn chunk(&self, replication: u32, points: &[u32]) -> Chunk {
        let mut keys = String::new();
        for &point in points {
            keys.push_str(self.key(point));
            keys.push('\n');
        }
        Chunk {
            name: format!("r{replication:06}-{:016x}", xxh3_64(keys.as_bytes())),
            replication,
            points: points.to_vec(),
        }
    }

    /// The runs of `shard` that are left, in the order of chunks.
    pub(crate) fn jobs(&self, outline: &Outline, ledger: &Ledger, shard: Shard) -> Vec<Job> {
        let mut jobs = Vec::new();
        for (number, chunk) in outline.chunks.iter().enumerate() {
            if !shard.has(number) {
                continue;
            }
            for &point in &chunk.points {
                if !ledger.has(self.key(point), chunk.replication) {
                    jobs.push(Job {
                        chunk: number as u32,
                        point,
                        replication: chunk.replication,
                    });
                }
            }
        }
        jobs
    }
}
