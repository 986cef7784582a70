//! Ctrl-C and SIGTERM: a sweep stops between two runs, everything else ends at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::thread::Builder;
use std::time::Duration;

use signal_hook::consts::{SIGINT, SIGTERM, SIGXFSZ};
use signal_hook::iterator::Signals;

use super::stderr::print_stderr;
use crate::error::{Error, Kind, Result};
use crate::study::Control;

/// What is said of work that is stopped.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sentences {
    /// At the first signal.
    pub(super) stopping: &'static str,
    /// At the second one.
    pub(super) at_once: &'static str,
    /// When something has not ended some time after SIGTERM: what, and what becomes of it.
    pub(super) overdue: [&'static str; 2],
}

/// Of runs.
pub(super) const RUNS: Sentences = Sentences {
    stopping: "stopping when the current runs are finished (again to stop at once)",
    at_once: "stopped at once: the current runs are dropped, what is written is kept",
    overdue: ["the current runs", "are dropped; what is written is kept"],
};

/// Listens for the rest of the process.
#[derive(Debug)]
pub(super) struct Listener {
    heard: Arc<AtomicI32>,
}

impl Listener {
    /// From now on the first signal stops `control`, so that the work at hand is finished, and the
    /// second ends the process. After SIGTERM, which a batch system sends a while before it kills,
    /// work that takes longer than `grace` is dropped.
    pub(super) fn new(
        control: &Arc<Control>,
        grace: Duration,
        sentences: Sentences,
    ) -> Result<Self> {
        let mut signals = signals()?;
        let heard = Arc::new(AtomicI32::new(0));
        let (noted, control) = (Arc::clone(&heard), Arc::clone(control));
        listen(move || {
            for signal in signals.forever() {
                if noted.swap(signal, Ordering::SeqCst) != 0 {
                    print_stderr(sentences.at_once);
                    std::process::exit(code(signal));
                }
                control.stop();
                print_stderr(format_args!("\n{}", sentences.stopping));
                if signal == SIGTERM {
                    drop_after(grace, sentences.overdue);
                }
            }
        })?;
        Ok(Self { heard })
    }

    /// Why the work was stopped, if it was.
    pub(super) fn heard(&self) -> Option<Kind> {
        match self.heard.load(Ordering::SeqCst) {
            0 => None,
            SIGTERM => Some(Kind::Terminated),
            _ => Some(Kind::Interrupted),
        }
    }
}

/// For work that keeps nothing before its end: from now on a signal ends the process, with a
/// message and the signal's exit code. Files are replaced whole, so none is left half-written.
pub(super) fn end_at_once() -> Result<()> {
    let mut signals = signals()?;
    listen(move || {
        if let Some(signal) = signals.forever().next() {
            let name = if signal == SIGTERM {
                "SIGTERM"
            } else {
                "Ctrl-C"
            };
            print_stderr(format_args!(
                "error: stopped by {name} before the work was finished"
            ));
            std::process::exit(code(signal));
        }
    })
}

/// Starts the thread that waits for signals.
fn listen(wait: impl FnOnce() + Send + 'static) -> Result<()> {
    let started = Builder::new().spawn(wait);
    started.map(drop).map_err(|error| {
        Error::new(format!("no thread can be started: {error}")).help(
            "raise the limits of this account's processes (`ulimit -u`) and memory (`ulimit -v`)",
        )
    })
}

fn signals() -> Result<Signals> {
    let deaf = |error| Error::new(format!("signals cannot be received: {error}"));
    // A file beyond the limit of its size is then an error like a full disk, not a death.
    signal_hook::flag::register(SIGXFSZ, Arc::default()).map_err(deaf)?;
    Signals::new([SIGINT, SIGTERM]).map_err(deaf)
}

fn code(signal: i32) -> i32 {
    if signal == SIGTERM { 75 } else { 130 }
}

/// Ends the process if it still works after `grace`.
fn drop_after(grace: Duration, [what, end]: [&'static str; 2]) {
    let wait = move || {
        std::thread::sleep(grace);
        let s = grace.as_secs();
        print_stderr(format_args!(
            "error: stopped: {what} took more than {s} s and {end}"
        ));
        std::process::exit(code(SIGTERM));
    };
    if Builder::new().spawn(wait).is_err() {
        print_stderr("no thread can be started, so there is no time limit for what is going on");
    }
}
