//! The verbs of `arigatoni topology`, through the program itself.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use super::{KNOWN, known, original, shipped_graph, text};
use crate::review::{Page, reads};

pub(super) fn arigatoni(arguments: &[&str], stdin: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_arigatoni"))
        .arg("topology")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut pipe = child.stdin.take().unwrap();
    let text = stdin.to_string();
    // The program may end before it has read everything.
    let feeder = std::thread::spawn(move || drop(pipe.write_all(text.as_bytes())));
    let output = child.wait_with_output().unwrap();
    feeder.join().unwrap();
    output
}

pub(super) fn stdout(output: &Output) -> String {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub(super) fn error(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(2));
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn distances_are_those_published() {
    for name in KNOWN {
        let published = text(&original(&format!("pairs/{name}.csv")));
        let pairs = published.lines().skip(1).map(|row| {
            let ends: Vec<&str> = row.split(',').take(2).collect();
            ends.join(",") + "\n"
        });
        let pairs: Vec<String> = pairs.collect();
        assert_eq!(pairs.len(), 200);
        let graph = known(name, "gb");
        let output = arigatoni(&["distances", graph.to_str().unwrap()], &pairs.concat());
        assert_eq!(stdout(&output), published, "{name}");
    }
}

#[test]
fn bad_lines_are_errors_with_their_number() {
    let graph = shipped_graph("t100-0.gb");
    let mut page = Page::new("Lines that are no pairs of routers");
    for bad in ["0,100", "0;1", "", "-1,2", "1,2,3", "x,y", "4294967296,0"] {
        let stdin = format!("0,1\n{bad}\n1,2\n");
        let output = arigatoni(&["distances", graph.to_str().unwrap()], &stdin);
        let text = error(&output);
        assert!(text.contains("stdin:2: "), "{text}");
        page.entry(&format!("{bad:?}"), text);
        assert_eq!(String::from_utf8(output.stdout).unwrap().lines().count(), 2);
    }
    page.check_section("topology-texts");
}

#[test]
fn info_tells_the_same_in_a_table_and_in_json() {
    let graph = shipped_graph("ts108x-0.alt");
    let table = stdout(&arigatoni(&["info", graph.to_str().unwrap()], ""));
    let root = format!("{}/", crate::support::shipped("").display()).replace("//", "/");
    reads(
        "topology-texts",
        "A graph as a table",
        &[("info ts108x-0.alt", &table.replace(&root, ""))],
    );
    let text = stdout(&arigatoni(&["info", "--json", graph.to_str().unwrap()], ""));
    let object: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(object["loops"], 3);
    assert_eq!(object["length"]["diameter"], 268.0);
    assert_eq!(object["domains"]["stub_domains"], 24);
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn convert_and_draw_write_whole_files_or_none() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_string();
    let graph = shipped_graph("t100-0.gb").to_str().unwrap().to_string();
    stdout(&arigatoni(&["convert", &graph, &path("x.alt")], ""));
    assert_eq!(
        std::fs::read(path("x.alt")).unwrap(),
        super::bytes(&shipped_graph("t100-0.alt"))
    );
    for ending in ["svg", "png"] {
        let picture = path(&format!("x.{ending}"));
        stdout(&arigatoni(&["draw", &graph, "-o", &picture], ""));
        let first = std::fs::read(&picture).unwrap();
        stdout(&arigatoni(&["draw", &graph, "-o", &picture], ""));
        assert!(
            first == std::fs::read(&picture).unwrap(),
            "the same picture again"
        );
    }
    let svg = std::fs::read_to_string(path("x.svg")).unwrap();
    assert!(
        svg.contains(">t100-0: 100 routers, 187 links</title>"),
        "{}",
        &svg[..600]
    );
    assert!(svg.contains("transit router (4 in 1 domain)"));
    for bad in [
        ["draw", &graph, "-o", &path("x.gif")].as_slice(),
        &["convert", &graph, &path("x.txt")],
        &["convert", &graph, &path("nowhere/x.alt")],
    ] {
        error(&arigatoni(bad, ""));
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 3);
}

#[test]
fn a_reader_that_has_seen_enough_is_no_trouble() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_arigatoni"))
        .args([
            "topology",
            "distances",
            shipped_graph("t100-0.gb").to_str().unwrap(),
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut stdin = child.stdin.take().unwrap();
    // The pipe may break while this is written: that is the point.
    let _ = stdin.write_all("0,1\n".repeat(20_000).as_bytes());
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    assert!(
        output.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
