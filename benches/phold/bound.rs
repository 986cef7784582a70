//! What the hardware allows: PHOLD by hand, with nothing around it.
//!
//! One array of 64-byte processes, one queue, one generator. The queue knows beforehand how many
//! jobs are pending and how far ahead they lie, so it is no general one: a ring of coarse buckets,
//! the present one spread over fine buckets, the present fine one sorted. Before a fine bucket's
//! turn, the processes that its jobs are for are read all at once.

use std::hint::black_box;

use arigatoni::fingerprint::Encoder;
use arigatoni::random::{RandomStreams, StreamId, unit_from_bits};

#[derive(Clone, Copy)]
struct Job {
    time: f64,
    count: u64,
    to: u32,
    payload: u32,
}

impl Job {
    fn rank(&self) -> (u64, u64) {
        (self.time.to_bits(), self.count)
    }
}

/// One cache line.
#[derive(Clone, Copy, Default)]
#[repr(align(64))]
struct Process {
    handled: u64,
    digest: u64,
    last: f64,
    chain: u64,
    /// The draw for its next job, if it is made one job ahead.
    next: (f64, u64),
}

/// Where delays and destinations come from.
pub(crate) trait Source {
    fn next(&mut self, process: u32, count: u64) -> (f64, u64);
}

/// xoshiro256++ (Blackman, Vigna) and the platform's logarithm: as cheap as it gets.
pub(crate) struct Fast([u64; 4]);

impl Fast {
    pub(crate) fn new() -> Self {
        Self([
            0x9E37_79B9_7F4A_7C15,
            0xBF58_476D_1CE4_E5B9,
            0x94D0_49BB_1331_11EB,
            42,
        ])
    }

    fn bits(&mut self) -> u64 {
        let Self([a, b, c, d]) = self;
        let bits = a.wrapping_add(*d).rotate_left(23).wrapping_add(*a);
        let shifted = *b << 17;
        *c ^= *a;
        *d ^= *b;
        *b ^= *c;
        *a ^= *d;
        *c ^= shifted;
        *d = d.rotate_left(45);
        bits
    }
}

impl Source for Fast {
    #[inline]
    #[allow(
        clippy::disallowed_methods,
        reason = "the bound takes the fastest logarithm there is"
    )]
    fn next(&mut self, _: u32, _: u64) -> (f64, u64) {
        let uniform = 1.0 - unit_from_bits(self.bits());
        (-uniform.ln(), self.bits())
    }
}

/// The simulator's own keyed draws, and a logarithm.
pub(crate) struct Keyed<L>(pub(crate) RandomStreams, pub(crate) L);

impl<L: Fn(f64) -> f64> Source for Keyed<L> {
    #[inline]
    fn next(&mut self, process: u32, count: u64) -> (f64, u64) {
        let [delay, to] = self.0.pair(StreamId(240), u64::from(process), count as u32);
        let Self(_, logarithm) = self;
        (-logarithm(1.0 - unit_from_bits(delay)), to)
    }
}

/// The horizon of the ring, in mean delays: what lies beyond it is rare, and put aside.
const HORIZON: f64 = 16.0;

struct Queue {
    coarse: Vec<Vec<Job>>,
    per_coarse: f64,
    /// The present coarse bucket, counted from time 0.
    turn: u64,
    fine: Vec<Vec<Job>>,
    per_fine: f64,
    /// The present fine bucket.
    step: usize,
    /// Sorted, the next one last.
    present: Vec<Job>,
    beyond: Vec<Job>,
}

impl Queue {
    fn new(pending: usize) -> Self {
        let coarse = if pending >= 20_000 { 1024 } else { 256 };
        let per_coarse = coarse as f64 / HORIZON;
        let in_coarse = pending as f64 / per_coarse;
        let fine = ((in_coarse / 12.0).ceil() as usize)
            .next_power_of_two()
            .min(4096);
        Self {
            coarse: vec![Vec::new(); coarse],
            per_coarse,
            turn: 0,
            fine: vec![Vec::new(); fine],
            per_fine: fine as f64,
            step: 0,
            present: Vec::new(),
            beyond: Vec::new(),
        }
    }

    #[inline]
    fn fine_of(&self, time: f64) -> usize {
        let into = time * self.per_coarse - self.turn as f64;
        ((into * self.per_fine) as usize).min(self.fine.len() - 1)
    }

    #[inline]
    fn push(&mut self, job: Job) {
        let turn = (job.time * self.per_coarse) as u64;
        if turn != self.turn {
            self.push_coarse(turn, job);
            return;
        }
        let step = self.fine_of(job.time);
        if step > self.step {
            self.fine[step].push(job);
            return;
        }
        let earlier = self.present.iter().rev();
        let place = earlier
            .take_while(|other| other.rank() < job.rank())
            .count();
        self.present.insert(self.present.len() - place, job);
    }

    #[inline]
    fn push_coarse(&mut self, turn: u64, job: Job) {
        let ring = self.coarse.len() as u64;
        if turn - self.turn < ring {
            self.coarse[(turn % ring) as usize].push(job);
        } else {
            self.beyond.push(job);
        }
    }

    #[inline]
    fn pop(&mut self, processes: &[Process]) -> Job {
        if self.present.is_empty() {
            self.refill(processes);
        }
        self.present.pop().expect("PHOLD never runs out of jobs")
    }

    #[inline(never)]
    fn refill(&mut self, processes: &[Process]) {
        loop {
            while self.step + 1 < self.fine.len() {
                self.step += 1;
                if self.take_fine(processes) {
                    return;
                }
            }
            self.turn += 1;
            self.step = 0;
            let index = (self.turn % self.coarse.len() as u64) as usize;
            if index == 0 {
                for job in std::mem::take(&mut self.beyond) {
                    self.push_coarse((job.time * self.per_coarse) as u64, job);
                }
            }
            let mut jobs = std::mem::take(&mut self.coarse[index]);
            for job in jobs.drain(..) {
                let step = self.fine_of(job.time);
                self.fine[step].push(job);
            }
            self.coarse[index] = jobs;
            if self.take_fine(processes) {
                return;
            }
        }
    }

    fn take_fine(&mut self, processes: &[Process]) -> bool {
        if self.fine[self.step].is_empty() {
            return false;
        }
        std::mem::swap(&mut self.present, &mut self.fine[self.step]);
        if processes.len() > 10_000 {
            for job in &self.present {
                black_box(processes[job.to as usize].handled);
            }
        }
        self.present
            .sort_unstable_by_key(|job| std::cmp::Reverse(job.rank()));
        true
    }
}

/// The hash of what the simulator hashes of a job: time, kind of input, sender, kind of message,
/// payload. (Who sent it is not known here; a number of the same size stands for it.)
#[inline]
fn chain(chain: u64, job: &Job) -> u64 {
    let mut encoder = Encoder::new(chain);
    encoder.u64(job.time.to_bits());
    encoder.u8(3);
    encoder.u32(job.count as u32);
    encoder.u8(1);
    encoder.u32(job.payload);
    encoder.finish()
}

/// Runs PHOLD by hand on `units` processes with `jobs` jobs each, for `limit` jobs after one
/// turnover; `clock` is called before and after these. With `HASH`, each process chains a hash over
/// its jobs, and with `AHEAD` it draws one job ahead, as the simulator's units do.
pub(crate) fn run<const HASH: bool, const AHEAD: bool>(
    units: u32,
    jobs: u32,
    limit: u64,
    mut source: impl Source,
    mut clock: impl FnMut(),
) {
    let mut processes = vec![Process::default(); units as usize];
    let pending = u64::from(units) * u64::from(jobs);
    let mut queue = Queue::new(pending as usize);
    let mut count = 0;
    for process in 0..units {
        for _ in 0..jobs {
            let (time, _) = source.next(process, count);
            queue.push(Job {
                time,
                count,
                to: process,
                payload: count as u32,
            });
            count += 1;
        }
        if AHEAD {
            processes[process as usize].next = source.next(process, count);
        }
    }
    let mut play = |steps: u64| {
        for _ in 0..steps {
            let job = queue.pop(&processes);
            let process = &mut processes[job.to as usize];
            process.handled += 1;
            process.digest = process
                .digest
                .wrapping_mul(31)
                .wrapping_add(u64::from(job.payload));
            process.last = job.time;
            if HASH {
                process.chain = chain(process.chain, &job);
            }
            let drawn = source.next(job.to, process.handled);
            let (delay, to) = if AHEAD {
                std::mem::replace(&mut process.next, drawn)
            } else {
                drawn
            };
            queue.push(Job {
                time: job.time + delay,
                count,
                to: ((u128::from(to) * u128::from(units)) >> 64) as u32,
                payload: job.payload.wrapping_add(1),
            });
            count += 1;
        }
    };
    play(pending);
    clock();
    play(limit);
    clock();
    let digest = processes.iter().fold(0_u64, |sum, process| {
        sum.wrapping_add(process.digest ^ process.last.to_bits() ^ process.chain)
    });
    black_box(digest);
}
