//! A run's rings and keys, to be written: what an independent check of queries stands on.
//!
//! It does *not* know where the files are put.

use std::fmt::Write as _;

use super::Synapse;
use crate::discovery::{Descriptor, Discovery};
use crate::rivals::rival::Rival;
use crate::system::Export;

/// What can be written of a run.
pub(super) fn exports() -> Vec<Export<Discovery<Rival<Synapse>>>> {
    vec![
        Export {
            name: "ring",
            about: "the rings: a line per ring and computer, with its point and fingers there",
            write: |system, _, _| rings(system.mechanism().finder()),
        },
        Export {
            name: "keys",
            about: "a line per service and ring: its point there, who comes next, and whether its list is there",
            write: |system, _, _| keys(system.mechanism().finder()),
        },
    ]
}

fn rings(synapse: &Synapse) -> Vec<u8> {
    let mut text = String::from("ring,gcu,point,fingers\n");
    for (ring, number) in synapse.rings.all().iter().zip(0_u32..) {
        for &member in ring.members() {
            let fingers = ring.fingers(member).into_iter();
            let fingers: Vec<String> = fingers.map(|it| it.computer.to_string()).collect();
            let (computer, point, fingers) = (member.computer, member.point, fingers.join(";"));
            writeln!(text, "{number},{computer},{point},{fingers}")
                .expect("writing to memory succeeds");
        }
    }
    text.into_bytes()
}

fn keys(synapse: &Synapse) -> Vec<u8> {
    let mut text = String::from("service,ring,point,next,stored\n");
    for service in (0..synapse.world.matching.len()).map(Descriptor) {
        let stored = synapse.rings.stored(service);
        for (ring, number) in synapse.rings.all().iter().zip(0_u32..) {
            let point = synapse.rings.key(service, number);
            let next = ring.from(point, 1).next();
            let next = next.map_or(String::new(), |it| it.computer.to_string());
            let (Descriptor(service), is_stored) = (service, u32::from(stored == number));
            writeln!(text, "{service},{number},{point},{next},{is_stored}")
                .expect("writing to memory succeeds");
        }
    }
    text.into_bytes()
}
