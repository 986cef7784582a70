//! A run's ring and keys, to be written: what an independent check of look-ups stands on.
//!
//! It does *not* know where the files are put.

use std::fmt::Write as _;

use super::Chord;
use super::ring::Contact;
use crate::discovery::{Descriptor, Discovery};
use crate::rivals::rival::Rival;
use crate::system::Export;

/// What can be written of a run.
pub(super) fn exports() -> Vec<Export<Discovery<Rival<Chord>>>> {
    vec![
        Export {
            name: "ring",
            about: "the ring: a line per computer, with its point, fingers and successors",
            write: |system, _, _| ring(system.mechanism().finder()),
        },
        Export {
            name: "keys",
            about: "a line per service: its point on the ring, and who holds its list",
            write: |system, _, _| keys(system.mechanism().finder()),
        },
    ]
}

fn list(contacts: impl Iterator<Item = Contact>) -> String {
    let numbers: Vec<String> = contacts.map(|it| it.computer.to_string()).collect();
    numbers.join(";")
}

fn ring(chord: &Chord) -> Vec<u8> {
    let mut text = String::from("gcu,point,fingers,successors\n");
    for &member in chord.ring.members() {
        let fingers = list(chord.ring.fingers(member).into_iter());
        let successors = chord.ring.successors(member, chord.own.successors.0);
        let successors = list(successors.into_iter());
        let Contact { point, computer } = member;
        writeln!(text, "{computer},{point},{fingers},{successors}")
            .expect("writing to memory succeeds");
    }
    text.into_bytes()
}

fn keys(chord: &Chord) -> Vec<u8> {
    let mut text = String::from("service,point,holders\n");
    for service in 0..chord.world.config.services.count.0 {
        let point = chord.key(Descriptor(service));
        let holders = list(chord.ring.from(point, chord.own.replicas.0));
        writeln!(text, "{service},{point},{holders}").expect("writing to memory succeeds");
    }
    text.into_bytes()
}
