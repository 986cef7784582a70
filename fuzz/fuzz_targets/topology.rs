//! Files of any format: the first byte chooses it, the second one what is asked for. Nothing panics, what is
//! read has numbers or says why it has none, and what can be written is read again.
#![no_main]

use arigatoni::parameters::number::LatencyMs;
use arigatoni::topology::{
    Format, Graph, Purpose, ReadOptions, Reading, RouterId, Routes, Routing, Statistics,
    load_bytes, write_as,
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

fuzz_target!(init: on_one_thread(), |bytes: &[u8]| {
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

/// Work that is spread over threads stays on this one: waiting for others takes longer than most inputs.
fn on_one_thread() {
    let threads = rayon::ThreadPoolBuilder::new().num_threads(1);
    let built = threads.use_current_thread().build_global();
    built.expect("no threads yet");
}

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

/// What was written is read again: graphs of the same size, and the same ones where the format holds all. Written once
/// more, what is read stays as it is. Lists of links have no routers without links: that they are read without a panic
/// is all that is asked.
fn comes_back(reading: &Reading) {
    for (ending, format) in WRITTEN {
        let Ok(text) = write_as(ending, reading) else {
            continue;
        };
        let options = ReadOptions {
            format: Some(format),
            ..ReadOptions::default()
        };
        let read = |text: String| load_bytes(text.into_bytes(), &options, Purpose::Look);
        let back = read(text);
        if format == Format::Edges {
            continue;
        }
        let back = back.expect("what was written can be read");
        let (old, new) = (&reading.graph, &back.graph);
        assert_eq!(new.routers.len(), old.routers.len(), "{ending}");
        assert_eq!(count_links(new), count_links(old), "{ending}");
        if matches!(format, Format::Graphml | Format::Gml | Format::Json) {
            assert_eq!(new.routers, old.routers, "{ending}");
            assert_eq!(ends(&back), ends(reading), "{ending}");
            if reading.unmeasured() == 0 {
                assert_eq!(new.links, old.links, "{ending}");
            }
        }
        let text = write_as(ending, &back).expect("what was read can be written");
        let again = read(text).expect("what was written again can be read");
        assert_eq!(again.graph, back.graph, "{ending}");
    }
}

/// How many links a graph has; `.alt` counts loops, and does not list them.
fn count_links(graph: &Graph) -> usize {
    graph.links.len() + graph.loops_unlisted as usize
}

/// The ends of the links, in their order.
fn ends(reading: &Reading) -> Vec<[RouterId; 2]> {
    let links = reading.graph.links.iter();
    links.map(|link| link.ends).collect()
}
