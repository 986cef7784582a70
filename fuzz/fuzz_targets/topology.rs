//! Files of any format: the first byte chooses it, the second one what is asked for. Nothing panics, what is
//! read has numbers or says why it has none, and what can be written is read again.
#![no_main]

use arigatoni::parameters::number::LatencyMs;
use arigatoni::topology::{
    Format, Purpose, ReadOptions, Reading, Routes, Routing, Statistics, load_bytes, write_as,
};
use libfuzzer_sys::fuzz_target;

/// The endings of files that are written, and the format in which they are read.
const WRITTEN: [(&str, Format); 8] = [
    ("graphml", Format::Graphml),
    ("gml", Format::Gml),
    ("json", Format::Json),
    ("dot", Format::Dot),
    ("gb", Format::Gb),
    ("alt", Format::Alt),
    ("edges", Format::Edges),
    ("matrix", Format::Matrix),
];

fuzz_target!(|bytes: &[u8]| {
    let [first, asked, bytes @ ..] = bytes else {
        return;
    };
    let format = Format::all().nth(usize::from(*first));
    let options = options(format, *asked);
    for purpose in [Purpose::Look, Purpose::Routes] {
        let Ok(reading) = load_bytes(bytes.to_vec(), &options, purpose) else {
            continue;
        };
        if reading.graph.routers.len() < 100 {
            let _ = Routes::new(&reading.graph, 1.0, Routing::Latency);
            let _ = Statistics::of(&reading.graph);
        }
        comes_back(&reading);
    }
});

/// What the bits of `asked` ask for, as far as files of the format have it: of other files it is refused.
fn options(format: Option<Format>, asked: u8) -> ReadOptions {
    let is_whole = matches!(format, Some(Format::Gb | Format::Alt));
    let is_of_pairs = matches!(format, Some(Format::Matrix | Format::King));
    let is = |bit: u8| asked & 1 << bit != 0;
    ReadOptions {
        format,
        default_latency_ms: (is(0) && !is_whole).then_some(LatencyMs(1.0)),
        largest_component: is(1),
        rename_duplicates: is(2) && !is_whole && !is_of_pairs,
        rtt: is(3) && !is_whole,
        fill_gaps: is(4) && is_of_pairs,
        ..ReadOptions::default()
    }
}

/// What a format can hold is read again, and of the same size. Lists of links have no routers without links:
/// that they are read without a panic is all that is asked.
fn comes_back(reading: &Reading) {
    for (ending, format) in WRITTEN {
        let Ok(text) = write_as(ending, reading) else {
            continue;
        };
        let options = ReadOptions {
            format: Some(format),
            ..ReadOptions::default()
        };
        let back = load_bytes(text.into_bytes(), &options, Purpose::Look);
        if format != Format::Edges {
            let back = back.expect("what was written can be read").graph;
            let graph = &reading.graph;
            assert_eq!(back.routers.len(), graph.routers.len(), "{ending}");
            assert_eq!(back.links.len(), graph.links.len(), "{ending}");
        }
    }
}
