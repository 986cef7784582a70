//! The parts alone: the event queue, a whole run, start-up, distances. See `benches/README.md`.

mod event_queue;
mod whole;

fn main() {
    divan::main();
}
