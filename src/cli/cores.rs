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
