//! The life of a study without a process around it.

mod making;
mod million;
