//! How many of the machine's cores a command may use.

use std::error::Error as _;
use std::num::NonZeroUsize;

use crate::error::{Error, Result};

/// From now on, what is computed side by side (routes, offers) is spread over `threads` threads,
/// at most one for each core; `None`: over one for each core. The first call in a process counts.
///
/// # Errors
/// If the threads cannot be started.
pub(super) fn limit(threads: Option<NonZeroUsize>) -> Result<()> {
    let Some(threads) = threads else {
        return Ok(());
    };
    let threads = threads.get().min(count());
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
    match pool.build_global() {
        // The system refuses them.
        Err(error) if error.source().is_some() => Err(Error::new(format!(
            "the threads cannot be started: {error}"
        ))
        .at("--threads")
        .help("try fewer")),
        // Without a source: they have been started already, and serve as they are.
        Ok(()) | Err(_) => Ok(()),
    }
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
