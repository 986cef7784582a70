//! Saying what is going on when it takes longer than people like to wait: a line that is rewritten
//! on a terminal, a plain line now and then elsewhere.
#![allow(clippy::disallowed_types, reason = "waiting is about wall-clock time")]

use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::stderr::{about_left, clock, rewrite};

/// Nothing is said of work that is done sooner.
const PATIENCE: Duration = Duration::from_secs(2);

/// How often it is said again, on a terminal and elsewhere.
const PAUSES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(30)];

/// Tells what is going on until it is dropped.
#[derive(Debug)]
pub(super) struct Waiting(Option<(mpsc::Sender<()>, JoinHandle<()>)>);

impl Waiting {
    /// Begins to wait for `what`.
    pub(super) fn start(what: String) -> Self {
        Self::ticking(Instant::now(), move |elapsed| {
            format!("{what}: {}", clock(elapsed))
        })
    }

    /// Begins to wait for what `now` says each time.
    pub(super) fn telling(now: impl Fn() -> String + Send + 'static) -> Self {
        Self::telling_since(Instant::now(), now)
    }

    /// Goes on to wait for what `now` says each time, and has waited since `begun`.
    pub(super) fn telling_since(begun: Instant, now: impl Fn() -> String + Send + 'static) -> Self {
        Self::ticking(begun, move |elapsed| {
            format!("{}: {}", now(), clock(elapsed))
        })
    }

    /// Begins to wait for `what`, of which `total` pieces are to be done and `done` counts them.
    pub(super) fn counting(what: String, done: Arc<AtomicU64>, total: u64) -> Self {
        Self::ticking(Instant::now(), move |elapsed| {
            line(&what, done.load(Ordering::Relaxed), total, elapsed)
        })
    }

    fn ticking(begun: Instant, line: impl Fn(Duration) -> String + Send + 'static) -> Self {
        let (finished, listen) = mpsc::channel::<()>();
        let is_terminal = std::io::stderr().is_terminal();
        let work = move || {
            let mut pause = PATIENCE;
            let mut told = false;
            while listen.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
                // The cursor goes back to the beginning, so that what others say goes over the line.
                rewrite(&line(begun.elapsed()), is_terminal, "\r");
                told = true;
                pause = PAUSES[usize::from(!is_terminal)];
            }
            if told && is_terminal {
                rewrite("", true, "\r");
            }
        };
        // Where no thread can be started nothing is told.
        let ticker = std::thread::Builder::new().spawn(work).ok();
        Self(ticker.map(|ticker| (finished, ticker)))
    }

    /// Ends, before something else is said.
    pub(super) fn finish(self) {
        drop(self);
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if let Some((finished, ticker)) = self.0.take() {
            drop(finished);
            // The ticker only writes; if it has failed there is nobody to tell.
            let _ = ticker.join();
        }
    }
}

fn line(what: &str, done: u64, total: u64, elapsed: Duration) -> String {
    let (spent, left) = (clock(elapsed), total.saturating_sub(done));
    let left = about_left(done, left, elapsed);
    format!("{what}: {done} of {total} in {spent}{left}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_tells_what_is_done_and_what_is_left() {
        let second = Duration::from_secs(1);
        assert_eq!(line("rows", 0, 8, second), "rows: 0 of 8 in 1.0 s");
        assert_eq!(
            line("rows", 2, 8, second),
            "rows: 2 of 8 in 1.0 s, about 3.0 s left"
        );
        assert_eq!(line("rows", 8, 8, second), "rows: 8 of 8 in 1.0 s");
    }
}
