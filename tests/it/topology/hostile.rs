//! The readers against graphs of any shape, arbitrary bytes and damaged files.

use arigatoni::topology::{Domain, Graph, Link, Origin, Router, RouterId};
use arigatoni::topology::{alt, graphbase};
use proptest::prelude::*;

use super::{bytes, shipped_graph};

fn any_graph() -> impl Strategy<Value = Graph> {
    (1..12_u32).prop_flat_map(|routers| {
        let link = (0..routers, 0..routers, 0..4_u32, 0..3_u32);
        proptest::collection::vec(link, 0..40).prop_map(move |links| Graph {
            id: "geo(0)".into(),
            origin: Origin::Flat { scale: 100 },
            routers: (0..routers)
                .map(|number| Router {
                    label: number.to_string(),
                    position: Some([f64::from(number), -1.0]),
                    domain: Domain::None,
                })
                .collect(),
            links: links
                .into_iter()
                .map(|(a, b, length, weight)| Link {
                    ends: [RouterId(a.min(b)), RouterId(a.max(b))],
                    length: f64::from(length),
                    weight,
                })
                .collect(),
            loops_unlisted: 0,
            latencies: None,
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_graph_comes_back_from_gb(graph in any_graph()) {
        let gb = graphbase::write(&graph).unwrap();
        prop_assert_eq!(&graphbase::parse(gb.as_bytes()).unwrap(), &graph);
        let alt_text = alt::write(&graph).unwrap();
        let from_alt = alt::parse(alt_text.as_bytes()).unwrap();
        prop_assert_eq!(alt::write(&from_alt).unwrap(), alt_text);
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = graphbase::parse(&bytes);
        let _ = alt::parse(&bytes);
    }

    #[test]
    fn mutated_files_never_panic(
        ending in prop_oneof![Just("gb"), Just("alt")],
        changes in proptest::collection::vec((any::<prop::sample::Index>(), change()), 1..6),
    ) {
        let mut bytes = bytes(&shipped_graph(&format!("ts108x-0.{ending}")));
        for (place, change) in changes {
            change.apply(&mut bytes, place);
        }
        if ending == "gb" {
            // Without its checksum the file is judged by its content.
            let end = bytes.windows(11).rposition(|window| window == b"* Checksum ");
            bytes.truncate(end.map_or(bytes.len(), |end| end));
            bytes.extend_from_slice(b"* Checksum -1\n");
        }
        // What is accepted can be written again (but .alt may hold a label that .gb cannot).
        if let Ok(graph) = graphbase::parse(&bytes) {
            graphbase::write(&graph).unwrap();
        }
        if let Ok(graph) = alt::parse(&bytes) {
            let _ = alt::write(&graph);
        }
    }
}

/// A change to some place of a file.
#[derive(Debug, Clone)]
pub(super) enum Change {
    Digit(u8),
    Byte(u8),
    Remove,
    Double,
    Cut,
}

pub(super) fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        8 => (b'0'..=b'9').prop_map(Change::Digit),
        1 => any::<u8>().prop_map(Change::Byte),
        1 => Just(Change::Remove),
        1 => Just(Change::Double),
        1 => Just(Change::Cut),
    ]
}

impl Change {
    pub(super) fn apply(self, bytes: &mut Vec<u8>, place: prop::sample::Index) {
        if bytes.is_empty() {
            return;
        }
        let at = place.index(bytes.len());
        match self {
            Self::Digit(digit) => {
                let near = bytes[at..].iter().position(u8::is_ascii_digit);
                bytes[at + near.unwrap_or(0)] = digit;
            }
            Self::Byte(byte) => bytes[at] = byte,
            Self::Remove => drop(bytes.remove(at)),
            Self::Double => bytes.insert(at, bytes[at]),
            Self::Cut => bytes.truncate(at),
        }
    }
}
