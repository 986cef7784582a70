//! Byte equality with the files and checksums of the original.

use arigatoni::topology::alt;
use arigatoni::topology::gtitm::{Method, Placement, PlacementRandom, Spec, Variant};

use super::{exact, gb};
use crate::topology::{bytes, known, original, shipped_graph, text};

#[test]
fn shipped_specs_give_the_shipped_bytes() {
    for name in ["t100", "ts108x", "ts600", "ts1000"] {
        let spec = Spec::parse(&bytes(&shipped_graph(&format!("{name}-0.spec")))).unwrap();
        let mut random = PlacementRandom::new(Placement::Glibc);
        let graph = spec
            .graphs(Variant::Exact, &mut random)
            .next()
            .unwrap()
            .unwrap();
        assert_eq!(gb(&graph), text(&shipped_graph(&format!("{name}-0.gb"))));
        assert_eq!(
            alt::write(&graph).unwrap(),
            text(&shipped_graph(&format!("{name}-0.alt")))
        );
    }
}

#[test]
fn later_graphs_and_both_placements_give_the_original_bytes() {
    let check = |spec: &str, placement, names: &[&str]| {
        let spec = Spec::parse(&bytes(&original(spec))).unwrap();
        let mut random = PlacementRandom::new(placement);
        let mut graphs = spec.graphs(Variant::Exact, &mut random);
        for name in names {
            let graph = graphs.next().unwrap().unwrap();
            let golden = |ending: &str| text(&known(name, ending));
            assert_eq!(gb(&graph), golden("gb"), "{name}.gb");
            assert_eq!(alt::write(&graph).unwrap(), golden("alt"), "{name}.alt");
        }
    };
    check("t100.spec", Placement::Glibc, &["t100-0", "t100-1"]);
    check(
        "golden/r10.spec",
        Placement::Glibc,
        &["golden/r10-0", "golden/r10-1", "golden/r10-2"],
    );
    check(
        "golden/ts20.spec",
        Placement::Glibc,
        &["golden/ts20-glibcrandom-seed47"],
    );
    check(
        "golden/ts20.spec",
        Placement::Bsd,
        &["golden/ts20-bsdrandom-seed47"],
    );
}

/// GTITM.md, sections 5 and 9: checksums of the original's files, which cover all their bytes.
#[test]
fn checksums_are_those_of_the_original() {
    for (lines, checksum) in [
        ("geo 1 8 / 20 25 1 0.9 0.6", 605_683_985),
        ("geo 1 9 / 20 25 2 0.9 0.6", 505_411_591),
        ("geo 2 5 / 30 25 4 0.6", 213_959_923),
        ("geo 1 6 / 20 25 5 0.9 0.5 8", 884_734_371),
        ("geo 1 7 / 30 25 6 0.7 0.05 0.35", 512_639_322),
        (
            "ts 1 21 / 2 3 4 / 3 20 3 1.0 / 6 20 3 0.7 / 5 10 3 0.6",
            810_944_638,
        ),
        (
            "ts 1 13 / 2 5 9 / 6 20 3 0.4 / 8 20 6 0.9 0.2 0.4 / 9 10 4 0.9",
            88_053_435,
        ),
        (
            "ts 1 14 / 1 4 12 / 12 20 2 0.9 0.5 / 11 20 3 0.5 / 12 10 5 0.9 0.8 12",
            897_399_829,
        ),
        (
            "ts 1 3 / 2 0 0 / 3 20 3 1.0 / 3 20 3 0.9 / 3 10 3 0.9",
            192_958_398,
        ),
        (
            "ts 1 4 / 1 0 0 / 3 20 3 1.0 / 2 20 3 0.9 / 6 10 3 0.9",
            992_584_624,
        ),
        ("geo 1 3 / 1 5 3 0.5", 135_670_768),
        (
            "ts 1 / 3 0 0 / 1 20 3 1.0 / 4 20 3 0.6 / 8 10 3 0.42",
            125_958_945,
        ),
        (
            "ts 1 11 / 12 0 400 / 1 10 3 1 / 2 10 3 1 / 2 10 3 1",
            371_807_983,
        ),
        (
            "ts 10 47 / 3 0 0 / 1 20 3 1.0 / 4 20 3 0.6 / 8 10 3 0.42",
            675_284_128,
        ),
    ] {
        let written = gb(&exact(lines).unwrap()[0]);
        let last = format!("* Checksum {checksum}\n");
        assert!(
            written.ends_with(&last),
            "{lines}: {}",
            &written[written.len() - 30..]
        );
    }
}

#[test]
fn named_members_give_what_a_spec_gives() {
    let spec = Spec::parse(&bytes(&shipped_graph("ts108x-0.spec"))).unwrap();
    let Method::TransitStub(parameters) = spec.method else {
        panic!("ts108x is a transit-stub graph");
    };
    assert_eq!(parameters.router_count().unwrap(), 108);
    let graph = parameters
        .generate(Variant::Exact, Placement::Glibc, 4)
        .unwrap();
    assert_eq!(gb(&graph), text(&shipped_graph("ts108x-0.gb")));
}
