//! How far a sweep is, and how long it will take: a line that is rewritten on a terminal, a plain
//! line now and then elsewhere.
#![allow(clippy::disallowed_types, reason = "progress is about wall-clock time")]

use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use super::stderr::{about_left, clock, rewrite};
use crate::study::Control;

/// When a process began to work, which may be rounds ago.
#[derive(Debug, Clone, Copy)]
pub(super) struct Begun {
    at: Instant,
    /// What the control had counted by then.
    base: u64,
    /// Whether an earlier process has made some of the runs.
    resumed: bool,
}

impl Begun {
    /// Now, before the first round; `resumed`: an earlier process has made some of the runs.
    pub(super) fn now(control: &Control, resumed: bool) -> Self {
        Self {
            at: Instant::now(),
            base: control.done(),
            resumed,
        }
    }
}

/// Reports until it is finished.
#[derive(Debug)]
pub(super) struct Progress {
    finished: mpsc::Sender<bool>,
    /// Absent where the system refuses a thread: then nothing is told.
    ticker: Option<JoinHandle<()>>,
}

impl Progress {
    /// Reports on stderr how many of `total` runs are done. Of these `left` are not yet; `control`
    /// counts those that are made, also in the rounds since the process has `begun`.
    pub(super) fn start(control: Arc<Control>, begun: Begun, left: u64, total: u64) -> Self {
        let (finished, listen) = mpsc::channel();
        let terminal = std::io::stderr().is_terminal();
        let pause = Duration::from_millis(if terminal { 200 } else { 30_000 });
        let before = total.saturating_sub(left + control.done() - begun.base);
        let tick = move || {
            let told = loop {
                let heard = listen.recv_timeout(pause);
                let made = control.done() - begun.base;
                let line = line([before, made, total], begun.at.elapsed(), begun.resumed);
                match heard {
                    Err(RecvTimeoutError::Timeout) => rewrite(&line, terminal, ""),
                    Ok(false) => break None,
                    Ok(true) | Err(RecvTimeoutError::Disconnected) => break Some(line),
                }
            };
            if let Some(line) = told {
                rewrite(&line, terminal, "\n");
            }
        };
        let ticker = Builder::new().spawn(tick).ok();
        Self { finished, ticker }
    }

    /// Ends; the last line is written if it is the `last` of several rounds of work.
    pub(super) fn finish(self, last: bool) {
        // The ticker only writes; if it has failed there is nobody to tell.
        let _ = self.finished.send(last);
        let _ = self.ticker.map(JoinHandle::join);
    }
}

fn line([before, made, total]: [u64; 3], elapsed: Duration, resumed: bool) -> String {
    let done = before + made;
    let percent = 100.0 * done as f64 / total.max(1) as f64;
    // The time is that of this process, and so are the runs that are told with it.
    let spent = if resumed {
        format!(", {made} of them in {}", clock(elapsed))
    } else {
        format!(" in {}", clock(elapsed))
    };
    let left = about_left(made, total.saturating_sub(done), elapsed);
    format!("{done} of {total} runs ({percent:.0} %){spent}{left}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_tells_what_is_done_and_what_is_left() {
        let second = Duration::from_secs(1);
        assert_eq!(line([0, 0, 8], second, false), "0 of 8 runs (0 %) in 1.0 s");
        assert_eq!(
            line([0, 2, 8], 30 * second, false),
            "2 of 8 runs (25 %) in 30.0 s, about 1 min 30 s left"
        );
        // What an earlier process has made tells nothing about this one's speed.
        assert_eq!(
            line([4, 2, 8], 30 * second, true),
            "6 of 8 runs (75 %), 2 of them in 30.0 s, about 30.0 s left"
        );
        assert_eq!(
            line([0, 8, 8], 7261 * second, false),
            "8 of 8 runs (100 %) in 2 h 01 min"
        );
    }
}
