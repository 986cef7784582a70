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
}

/// SplitMix64 (Steele, Lea, Flood).
pub struct Random(u64);

impl Random {
    pub fn new() -> Self {
        Self(42)
    }

    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let bits = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^ (bits >> 31)
    }

    /// Exponential, of mean 1.
    pub fn delay(&mut self) -> f64 {
        -(1.0 - (self.bits() >> 11) as f64 * (1.0 / (1_u64 << 53) as f64)).ln()
    }

    pub fn below(&mut self, n: u32) -> u32 {
        (((self.bits() >> 32) * u64::from(n)) >> 32) as u32
    }
}

/// Counts jobs; times those after one turnover of the pending ones, prints, and ends the process.
pub struct Watch {
    size: Size,
    handled: u64,
    before: f64,
    begin: Option<(Instant, f64)>,
}

impl Watch {
    pub fn new(size: Size) -> Self {
        Self { size, handled: 0, before: resident(), begin: None }
    }

    pub fn tick(&mut self) {
        if self.handled == self.size.pending() {
            self.begin = Some((Instant::now(), processor_time()));
        }
        if self.handled == self.size.pending() + self.size.events {
            let (begin, processor) = self.begin.expect("the turnover came first");
            let seconds = begin.elapsed().as_secs_f64();
            println!(
                "{} {} {}",
                self.size.events as f64 / seconds,
                resident() - self.before,
                (processor_time() - processor) / seconds
            );
            std::process::exit(0);
        }
        self.handled += 1;
    }
}

fn resident() -> f64 {
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
