#![allow(missing_docs, clippy::all)]
#[path = "it/command.rs"]
#[allow(dead_code)]
mod command;
#[path = "it/support.rs"]
#[allow(dead_code)]
mod support;
#[path = "it/swarm.rs"]
mod swarm;
