//! How runs go, for those who judge an experiment.
//!
//! It does *not* know what is simulated.

/// How a run goes, in the words of those who judge an experiment. Every run is a terminating
/// simulation: it has a beginning and an end of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Procedure {
    /// The state in which it begins.
    pub from: &'static str,
    /// When it ends.
    pub until: &'static str,
    /// What of its beginning does not count.
    pub transient: &'static str,
}
