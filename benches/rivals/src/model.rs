//! What all contenders share: the units, the generator, the stopwatch.

use std::time::Instant;

#[derive(Clone, Copy)]
pub struct Size {
    pub units: u32,
    pub jobs: u32,
    pub events: u64,
}

impl Size {
    pub fn pending(self) -> u64 {
        u64::from(self.units) * u64::from(self.jobs)
    }
}

/// One cache line of state.
#[derive(Clone, Copy, Default)]
#[repr(align(64))]
pub struct Worker {
    handled: u64,
    digest: u64,
    last: f64,
}

impl Worker {
    pub fn handle(&mut self, now: f64, payload: u32) {
        self.handled += 1;
        self.digest = self.digest.wrapping_mul(31).wrapping_add(u64::from(payload));
        self.last = now;
    }

    /// A hash of the state. The sum over all workers is the fingerprint of a run.
    pub fn fingerprint(&self, index: usize) -> u64 {
        [self.handled, self.digest, self.last.to_bits()]
            .into_iter()
            .fold(mix(index as u64), |hash, word| mix(hash ^ word))
    }
}

/// SplitMix64 (Steele, Lea, Flood).
pub struct Random(u64);

const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

fn mix(word: u64) -> u64 {
    let bits = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

impl Random {
    pub fn new() -> Self {
        Self::seeded(42)
    }

    pub fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        mix(self.0)
    }

    /// Exponential, of mean 1.
    pub fn delay(&mut self) -> f64 {
        -(1.0 - (self.bits() >> 11) as f64 * (1.0 / (1_u64 << 53) as f64)).ln()
    }

    pub fn below(&mut self, n: u32) -> u32 {
        (((self.bits() >> 32) * u64::from(n)) >> 32) as u32
    }
}

/// Wall-clock and processor time of all threads.
pub struct Stopwatch {
    begin: Instant,
    processor: f64,
}

impl Stopwatch {
    pub fn start() -> Self {
        Self { begin: Instant::now(), processor: processor_time() }
    }

    /// Seconds, and the share of a core.
    pub fn read(&self) -> (f64, f64) {
        let seconds = self.begin.elapsed().as_secs_f64();
        (seconds, (processor_time() - self.processor) / seconds)
    }
}

/// Counts jobs, and times those after one turnover of the pending ones.
pub struct Watch {
    size: Size,
    handled: u64,
    before: f64,
    begin: Option<Stopwatch>,
}

impl Watch {
    pub fn new(size: Size) -> Self {
        Self { size, handled: 0, before: resident(), begin: None }
    }

    /// Counts a job. After the last it prints and ends the process.
    pub fn tick(&mut self) {
        if !self.count() {
            println!("{}", self.line());
            std::process::exit(0);
        }
    }

    /// Counts a job; false if all were timed before.
    pub fn count(&mut self) -> bool {
        if self.handled == self.size.pending() {
            self.begin = Some(Stopwatch::start());
        }
        if self.handled == self.size.pending() + self.size.events {
            return false;
        }
        self.handled += 1;
        true
    }

    /// What `rivals` prints.
    pub fn line(&self) -> String {
        let (seconds, share) = self.begin.as_ref().expect("the turnover came first").read();
        format!("{} {} {share}", self.size.events as f64 / seconds, resident() - self.before)
    }
}

pub fn resident() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find(|line| line.starts_with("VmRSS")).expect("Linux");
    line.split_whitespace().nth(1).expect("a number").parse::<f64>().expect("a number") * 1024.0
}

fn processor_time() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").expect("Linux");
    let after = text.rsplit(')').next().expect("a state");
    let ticks = |field: usize| after.split_whitespace().nth(field).expect("a field").parse::<f64>().expect("a number");
    (ticks(11) + ticks(12)) / 100.0
}
