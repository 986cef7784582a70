//! The room by itself: examples, and properties against a naive evaluator.

mod language;
mod naive;
mod sets;
mod summaries;
