//! How many of the machine's cores a command may use.

use std::num::NonZeroUsize;

/// From now on, what is computed side by side (routes, offers) is spread over `threads` threads;
/// `None`: over one for each core. The first call in a process counts.
pub(super) fn limit(threads: Option<NonZeroUsize>) {
    if let Some(threads) = threads {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.get());
        // It fails only where the threads have been started already: then they serve as they are.
        _ = pool.build_global();
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
