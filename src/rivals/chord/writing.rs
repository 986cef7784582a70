//! A run's ring and keys, to be written: what an independent check of look-ups stands on.
//!
//! A ring that is maintained is written as its computers know it at the end. This module does *not* know where
//! the files are put.

use std::fmt::Write as _;

use super::Chord;
use super::ring::{Contact, Ring};
use super::upkeep::Upkeep;
use crate::discovery::{Descriptor, Discovery};
use crate::rivals::rival::Rival;
use crate::system::Export;

/// The system whose runs are written.
type System = Discovery<Rival<Chord>>;

/// What can be written of a run.
pub(super) fn exports() -> Vec<Export<System>> {
    vec![
        Export {
            name: "ring",
            about: "the ring: a line per computer, with its point, fingers and successors",
            write: |system, _, _| ring(system),
        },
        Export {
            name: "keys",
            about: "a line per service: its point on the ring, who holds its list, and who is on it",
            write: |system, _, _| keys(system),
        },
    ]
}

fn list(contacts: impl Iterator<Item = Contact>) -> String {
    numbers(contacts.map(|it| it.computer))
}

fn numbers(computers: impl Iterator<Item = u32>) -> String {
    let words: Vec<String> = computers.map(|it| it.to_string()).collect();
    words.join(";")
}

/// What the computer called `id` knows of a ring that is maintained, if it is on it.
fn upkeep(system: &System, id: u32) -> Option<&Upkeep> {
    let upkeep = system.gcus()[id as usize].own.upkeep.as_deref();
    upkeep.filter(|upkeep| upkeep.joined)
}

/// The ring as it is in the end.
fn last(system: &System) -> Ring {
    let chord = system.mechanism().finder();
    if chord.own.maintenance.is_none() {
        return Ring::clone(&chord.ring);
    }
    let all = 0..system.gcus().len() as u32;
    let joined = all.filter(|&id| upkeep(system, id).is_some());
    Ring::of(joined.map(|id| chord.contact(id)))
}

fn ring(system: &System) -> Vec<u8> {
    let chord = system.mechanism().finder();
    let mut text = String::from("gcu,point,fingers,successors\n");
    for &member in last(system).members() {
        let (fingers, successors) = if let Some(upkeep) = upkeep(system, member.computer) {
            (upkeep.fingers(), upkeep.successors().to_vec())
        } else {
            let successors = chord.ring.successors(member, chord.own.successors.0);
            (chord.ring.fingers(member), successors)
        };
        let (fingers, successors) = (list(fingers.into_iter()), list(successors.into_iter()));
        let Contact { point, computer } = member;
        writeln!(text, "{computer},{point},{fingers},{successors}")
            .expect("writing to memory succeeds");
    }
    text.into_bytes()
}

fn keys(system: &System) -> Vec<u8> {
    let chord = system.mechanism().finder();
    let ring = last(system);
    let mut text = String::from("service,point,holders,providers\n");
    for service in (0..chord.world.matching.len()).map(Descriptor) {
        let point = chord.key(service);
        let holds = |it: &Contact| {
            let upkeep = upkeep(system, it.computer);
            upkeep.is_none_or(|upkeep| upkeep.lists.contains_key(&service))
        };
        let holders: Vec<Contact> = ring
            .from(point, chord.own.replicas.0)
            .filter(holds)
            .collect();
        let listed = holders.first().map_or(Box::default(), |first| {
            chord.list(&system.gcus()[first.computer as usize].own, service)
        });
        let providers = numbers(listed.iter().copied());
        let holders = list(holders.into_iter());
        let Descriptor(service) = service;
        writeln!(text, "{service},{point},{holders},{providers}")
            .expect("writing to memory succeeds");
    }
    text.into_bytes()
}
