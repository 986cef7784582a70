//! The parts alone: the agenda, a whole run, start-up, distances. See `benches/README.md`.

mod agenda;
mod whole;

fn main() {
    divan::main();
}
