//! The Arigatoni system, held against what brute force says of its world.

mod apart;
mod border;
mod conjunctions;
mod deadlines;
mod fidelity;
mod linked;
mod oracle;
mod outcomes;
mod partial;
mod tunnels;
