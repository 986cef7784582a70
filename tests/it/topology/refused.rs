//! Bad files of every format: one message each, with the line and what to do. The wording is in
//! `tests/messages/`.

use arigatoni::topology::{
    Format, Graph, Purpose, ReadOptions, Reading, load, load_bytes, write_as,
};
use proptest::prelude::*;
use std::path::Path;

use super::command::arigatoni;
use super::readers::case;
use crate::review::Page;

/// A file, what of it is replaced by what, and the line that is to blame, if it is any.
#[rustfmt::skip]
const BAD: &[(&str, &str, &str, u32)] = &[
    ("edges.csv", "Bonn,Kiel,2.3", "Bonn", 3),
    ("edges.csv", "2.3", "-2.3", 3),
    ("edges.csv", "2.3", "far", 3),
    ("edges.csv", "2.3", "2.3,4", 3),
    ("edges.csv", "2.3", "NaN", 3),
    ("edges.csv", "latency_ms", "rtt_ms", 0),
    ("edges.csv", "source,target,latency_ms", "%%MatrixMarket matrix coordinate real general\n3 3 3", 0),
    ("edges.txt", "b c 2", "b c {\"x\": }", 3),
    ("matrix.tsv", "12.5", "-12.5", 1),
    ("matrix.tsv", "12.5", "fast", 1),
    ("matrix.tsv", "12.5", "1e308", 1),
    ("matrix.tsv", "\t80.1", "", 2),
    ("matrix.tsv", "\n80.0\t44.0\t0", "", 2),
    ("matrix.tsv", "80.0\t44.0\t0", "80.0\t44.0\t0\n1\t2\t3", 4),
    ("king.txt", "1 3 8100", "1 3", 2),
    ("king.txt", "1 3 8100", "1 2 8100", 2),
    ("king.txt", "1 3 8100", "1 3 -8", 2),
    ("king.txt", "1 3 8100", "1 3 8e18", 2),
    ("king.txt", "1 3 8100\n", "", 0),
    ("ring.gml", "target 7 ]", "target 8 ]", 6),
    ("ring.gml", "length 2.5 ]\n", "length -2.5 ]\n", 8),
    ("ring.gml", "\n]", "", 10),
    ("ring.gml", "id 7", "id 3", 4),
    ("ring.dot", "length=2.5", "length=-1", 4),
    ("ring.dot", "1 -- 2", "1 -- { 2 }", 4),
    ("ring.dot", "\n}", "", 5),
    ("topohub.json", "\"target\": 1", "\"target\": 7", 3),
    ("topohub.json", "331.2", "-331.2", 3),
    ("topohub.json", "}]}", "", 4),
    ("topohub.json", "331.2", "NaN", 3),
    ("small.brite", "4 Nodes", "5 Nodes", 1),
    ("small.brite", "3\t90.0", "9\t90.0", 13),
    ("small.brite", "0.251", "-0.251", 11),
    ("small.brite", "Edges: ( 4 )", "Edges: ( 5 )", 14),
    ("small.inet", "4 4", "4 5", 9),
    ("small.inet", "3\t0\t92", "3\t4\t92", 9),
    ("small.inet", "3\t0\t92", "3\t0\tnan", 9),
    ("small.cch", "<1> <3> {-9}", "<1> <7> {-9}", 3),
    ("small.cch", "(2) &1", "(1) &1", 3),
    ("small.cch", "(2) &1 -> <1> <3> {-9} =r2.bergen.example! r0", "(2) &1 -> <1>", 3),
    ("latencies.intra", "Bergen,+Norway11 2", "Bergen,+Norway11 x", 1),
    ("latencies.intra", "Bergen,+Norway11 2", "Bergen,+Norway11", 1),
    ("latencies.intra", " 2\n", " -2\n", 1),
    ("as-rel.txt", "64500|64501|-1", "64500|64501", 2),
    ("as-rel.txt", "64500|64501|-1", "64500|Telia|-1", 2),
    ("as-rel.txt", "64500|64501|-1", "64500|64501|7", 2),
    ("as-rel.txt", "64500|64501|-1", "64500|64500|-1", 2),
    ("ring.gml", "id 7", "", 4),
    ("network.xml", "<target>Bonn", "<target", 10),
    ("small.sndlib", "( Ulm Bonn )", "( Ulm Bern )", 11),
    ("small.sndlib", "\n)\n\nDEMANDS", "\nDEMANDS", 13),
    ("small.sndlib", "Ulm ( 10.00 48.40 )", "Ulm ( 10.00 )", 5),
    ("network.xml", "<target>Bonn", "<target>Bern", 10),
    ("network.xml", "</network>", "", 16),
];

#[test]
fn bad_files_are_refused_with_their_line_and_what_to_do() {
    let mut page = Page::new("Bad files of the formats that are read");
    let options = ReadOptions {
        rename_duplicates: true,
        ..ReadOptions::default()
    };
    let folder = tempfile::tempdir().unwrap();
    let mut elsewhere = Vec::new();
    for (name, from, to, line) in BAD {
        let good = std::fs::read_to_string(case(name)).unwrap();
        assert!(good.contains(from), "{name}: {from}");
        let path = folder.path().join(name);
        std::fs::write(&path, good.replacen(from, to, 1)).unwrap();
        let of_pairs = |format| ReadOptions {
            format: Some(format),
            ..ReadOptions::default()
        };
        let options = match *name {
            "matrix.tsv" => of_pairs(Format::Matrix),
            "king.txt" => of_pairs(Format::King),
            _ => options.clone(),
        };
        let error = load(&path, &options, Purpose::Routes).unwrap_err();
        let text = error
            .to_string()
            .replace(&folder.path().display().to_string(), "");
        let text = text.trim_start_matches('/').to_owned();
        page.entry(
            &format!("{name}: {from} → {to}")
                .replace('\n', "⏎")
                .replace('\t', "⇥"),
            &text,
        );
        if *line > 0 {
            let place = format!(":{line}: ");
            let told = format!("(line {line})");
            if !text.contains(&place) && !text.contains(&told) {
                elsewhere.push(format!("{name}: {from} → {to}: {text}"));
            }
        }
    }
    page.check("formats-bad-files");
    assert_eq!(elsewhere, [""; 0]);
}

/// Each file under the name of each other format is refused and called what it is, and every empty file.
#[test]
fn files_under_the_name_of_another_format_are_called_what_they_are() {
    let mut page = Page::new("Files under the names of other formats");
    let folder = tempfile::tempdir().unwrap();
    let names = [
        "x.gml", "x.json", "x.brite", "x.inet", "x.cch", "x.as-rel", "x.sndlib", "x.dot",
        "x.matrix",
    ];
    let here = format!("{}/", folder.path().display());
    let refusal = |path: &Path| {
        let error = load(path, &ReadOptions::default(), Purpose::Look).unwrap_err();
        error.to_string().replace(&here, "")
    };
    for (number, name) in names.iter().enumerate() {
        let other = ["ring.dot", "ring.gml", "small.inet", "small.cch"];
        let other = other[(number + usize::from(number == 3 || number == 2)) % 4];
        let path = folder.path().join(name);
        std::fs::copy(case(other), &path).unwrap();
        page.entry(&format!("{other} as {name}"), refusal(&path));
        std::fs::write(&path, "").unwrap();
        page.entry(&format!("nothing as {name}"), refusal(&path));
    }
    page.check("formats-other-names");
}

#[test]
fn the_command_refuses_with_exit_code_2() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.tsv");
    std::fs::write(&path, "0 1 2\n3 0\n").unwrap();
    let output = arigatoni(&["info", path.to_str().unwrap(), "--format", "matrix"], "");
    assert_eq!(output.status.code(), Some(2));
}

const FILES: [&str; 14] = [
    "as-rel.txt",
    "edges.csv",
    "edges.txt",
    "king.txt",
    "latencies.intra",
    "matrix.tsv",
    "network.xml",
    "ring.dot",
    "ring.gml",
    "small.brite",
    "small.cch",
    "small.inet",
    "small.sndlib",
    "topohub.json",
];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn mutated_files_never_panic(
        name in prop::sample::select(&FILES[..]),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), super::hostile::change()), 1..8),
        fill_gaps in any::<bool>(),
    ) {
        let mut bytes = std::fs::read(case(name)).unwrap();
        let is_matrix = ["king.txt", "matrix.tsv"].contains(&name);
        for (place, change) in changes {
            change.apply(&mut bytes, place);
        }
        let options = ReadOptions { fill_gaps: fill_gaps && is_matrix, ..ReadOptions::default() };
        let _ = load_bytes(bytes.clone(), &options, Purpose::Routes);
        if let Ok(reading) = load_bytes(bytes, &options, Purpose::Look) {
            comes_back(&reading)?;
        }
    }
}

/// Whatever can be written is read again. Lists of links hold no routers without links, and no ends with blanks
/// around them: of those only that reading them does not panic is looked at.
fn comes_back(reading: &Reading) -> Result<(), TestCaseError> {
    for (ending, format) in WRITTEN {
        let Ok(text) = write_as(ending, reading) else {
            continue;
        };
        let options = ReadOptions {
            format: Some(format),
            ..ReadOptions::default()
        };
        let back = load_bytes(text.into_bytes(), &options, Purpose::Look);
        if format == Format::Edges {
            continue;
        }
        prop_assert!(back.is_ok(), "{ending}: {back:?}");
        let sizes = |reading: &Reading| {
            let Graph { routers, links, .. } = &reading.graph;
            (routers.len(), links.len())
        };
        prop_assert_eq!(
            back.map(|back| sizes(&back)),
            Ok(sizes(reading)),
            "{}",
            ending
        );
    }
    Ok(())
}

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
