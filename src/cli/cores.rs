//! How many of the machine's cores a command may use.

use std::num::NonZeroUsize;
use std::sync::mpsc;
use std::thread::Builder;

use super::stderr::print_stderr;
use crate::error::{Error, Result};

/// From now on, what is computed in parallel (routes, offers) is spread over `threads` threads, at most one for
/// each core; `None`: one for each core. If the operating system refuses some, there are fewer, and a message says
/// so. Only the first call in a process has an effect.
///
/// # Errors
/// If no thread can be started.
pub(super) fn limit(threads: Option<NonZeroUsize>) -> Result<()> {
    let cores = count();
    let wanted = threads.map_or(cores, |threads| threads.get().min(cores));
    let threads = startable(wanted);
    if (1..wanted).contains(&threads) {
        print_stderr(format_args!(
            "the system allows this process only {threads} of {wanted} threads; it uses these"
        ));
    }
    let none = || {
        Error::new("no thread can be started").help(
            "raise the limits of this account's processes (`ulimit -u`) and memory (`ulimit -v`)",
        )
    };
    if threads == 0 {
        return Err(none());
    }
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
    match pool.build_global() {
        // Others of this account have taken their place meanwhile.
        Err(error) if std::error::Error::source(&error).is_some() => Err(none()),
        // Without a source: they have been started already, and serve as they are.
        Ok(()) | Err(_) => Ok(()),
    }
}

/// How many of `wanted` threads the system starts: rayon's pool can be built once, whole or not at
/// all, so it is tried with threads that do nothing.
fn startable(wanted: usize) -> usize {
    std::thread::scope(|scope| {
        let mut senders = Vec::new();
        for _ in 0..wanted {
            // Waits until all are started.
            let (sender, receiver) = mpsc::channel::<()>();
            let wait = move || {
                let _ = receiver.recv();
            };
            if Builder::new().spawn_scoped(scope, wait).is_err() {
                break;
            }
            senders.push(sender);
        }
        senders.len()
    })
}

/// How many threads this machine runs at once; 1 if that is not known.
pub(super) fn count() -> usize {
    std::thread::available_parallelism().map_or(1, NonZeroUsize::get)
}

/// Reads a number of threads.
pub(super) fn threads(text: &str) -> Result<NonZeroUsize, String> {
    text.parse()
        .map_err(|_| "give a whole number from 1 on, or leave the option out".into())
}
