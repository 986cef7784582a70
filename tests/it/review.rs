//! Pages of messages for people to review: what is put in, and below it what is said about it.
//!
//! A test asserts on an error's kind and place; how it is worded lies in `tests/messages/`, where a
//! reader sees all messages of one kind at once. `UPDATE_EXPECT=1 cargo test --test it` writes the pages
//! anew.
//!
//! Tests about one thing share a page: each has a section of its own there, below its heading.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::{Mutex, PoisonError};

use crate::support::shipped;

/// Where the pages lie.
const FOLDER: &str = "tests/messages";

/// One page.
pub(crate) struct Page {
    text: String,
}

impl Page {
    /// A page with this heading.
    pub(crate) fn new(heading: &str) -> Self {
        Self {
            text: format!("{heading}\n"),
        }
    }

    /// What is put in, and what is said about it.
    #[allow(
        clippy::needless_pass_by_value,
        reason = "errors and texts are given alike"
    )]
    pub(crate) fn entry(&mut self, input: &str, message: impl ToString) {
        self.text.push('\n');
        self.text.push_str(input.trim_end());
        self.text.push('\n');
        for line in message.to_string().lines() {
            self.text.push_str(format!("    {line}").trim_end());
            self.text.push('\n');
        }
    }

    /// That the page reads as the one that was reviewed.
    #[track_caller]
    pub(crate) fn check(self, name: &str) {
        let path = shipped(&format!("{FOLDER}/{name}.txt"));
        expect_test::expect_file![path].assert_eq(&self.text);
    }

    /// That this reads as the section of that heading on a page that several tests share.
    #[track_caller]
    pub(crate) fn check_section(self, name: &str) {
        // Tests of one page run at the same time, and each may write its section.
        static WRITING: Mutex<()> = Mutex::new(());
        let (heading, now) = self.text.split_once('\n').unwrap();
        let now = &format!("{}\n", now.trim_matches('\n'));
        assert!(
            !now.lines().any(|line| line.starts_with(SECTION)),
            "{heading}: an entry looks like a heading"
        );
        let path = shipped(&format!("{FOLDER}/{name}.txt"));
        let held = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
        let mut page = sections(&fs::read_to_string(&path).unwrap_or_default());
        let there = page.get(heading).map_or("", String::as_str);
        if there == now {
            return;
        }
        if std::env::var_os("UPDATE_EXPECT").is_none() {
            drop(held);
            panic!(
                "{FOLDER}/{name}.txt, section `{heading}`; UPDATE_EXPECT=1 writes it anew\n\
                 --- there\n{there}\n--- now\n{now}"
            );
        }
        page.insert(heading.to_owned(), now.to_owned());
        let sections = page
            .iter()
            .map(|(heading, text)| format!("{SECTION}{heading}\n\n{text}"));
        fs::write(path, sections.collect::<Vec<_>>().join("\n")).unwrap();
    }
}

/// That texts, each with what it is said of, read as the section of that heading on a page.
#[track_caller]
pub(crate) fn reads(page: &str, heading: &str, entries: &[(&str, &str)]) {
    let mut section = Page::new(heading);
    for (input, text) in entries {
        section.entry(input, text);
    }
    section.check_section(page);
}

/// What the line of a section's heading begins with.
const SECTION: &str = "# ";

/// The sections of a page that tests share, by their headings; none if it is not such a page.
fn sections(page: &str) -> BTreeMap<String, String> {
    let mut sections = BTreeMap::new();
    let page = format!("\n{page}");
    for section in page.split(&format!("\n{SECTION}")).skip(1) {
        let (heading, text) = section.split_once('\n').unwrap();
        let text = text.trim_matches('\n');
        sections.insert(heading.to_owned(), format!("{text}\n"));
    }
    sections
}

/// What is said, whichever build of the program says it, and however busy the machine is.
pub(crate) fn of_any_build(said: &str) -> String {
    let lines = said.lines();
    let is_waiting = |line: &&str| {
        let begins = ["preparing ", "running: "];
        let of_a_search = line.contains(" states, ") && line.contains(" MB of ");
        of_a_search || begins.iter().any(|begin| line.starts_with(begin))
    };
    let lines: Vec<&str> = lines.filter(|line| !is_waiting(line)).collect();
    let said = lines.join("\n");
    let mut parts = said.split("(sources ");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (_, after) = part.split_once(')').expect("the sources end");
        text.push_str("(sources …)");
        text.push_str(after);
    }
    text
}

/// What is said by any build, without how long the work took and how much memory it held.
pub(crate) fn without_times(said: &str) -> String {
    let said = of_any_build(said);
    // How often is told how far a sweep is depends on how busy the machine is.
    let is_under_way = |line: &&str| {
        line.contains(" runs (") && (!line.contains("(100 %)") || line.ends_with(" left"))
    };
    let lines = said.lines().filter(|line| !is_under_way(line));
    let lines = lines.map(|line| {
        let after = |begin: &str| line.find(begin).map(|at| &line[..at + begin.len()]);
        if line.ends_with(" states per second") {
            "… states per second".to_owned()
        } else if line.starts_with("memory_bytes ") {
            "memory_bytes …".to_owned()
        } else if line.contains(" runs (100 %)") {
            format!("{}…", after(" in ").unwrap_or(line))
        } else {
            line.to_owned()
        }
    });
    let mut lines: Vec<String> = lines.collect();
    lines.dedup_by(|one, other| one == other && one.contains(" runs ("));
    lines.join("\n")
}

/// The lines that hold one of these words.
pub(crate) fn lines_with(text: &str, words: &[&str]) -> String {
    let holds = |line: &&str| words.iter().any(|word| line.contains(word));
    text.lines().filter(holds).collect::<Vec<_>>().join("\n")
}

/// A section of a report's page as text: a line for each line of the page that has any.
pub(crate) fn section_of(page: &str, id: &str) -> String {
    let (_, rest) = page
        .split_once(&format!("<section aria-labelledby=\"{id}\">"))
        .unwrap();
    let (section, _) = rest.split_once("</section>").unwrap();
    let here = format!("{}/", shipped("").display()).replace("//", "/");
    let mut lines = Vec::new();
    for line in section.lines() {
        let mut text = String::new();
        for part in line.replace("</dt>", ": ").split('<') {
            text.push_str(part.split_once('>').map_or(part, |(_, after)| after));
        }
        let text = of_any_build(text.trim()).replace(&here, "");
        // Whether there is a commit depends on the build.
        if !text.is_empty() && !text.contains("commit") {
            lines.push(text);
        }
    }
    lines.join("\n")
}

/// Every Rust file of these tests, read.
fn sources() -> String {
    let mut text = String::new();
    let mut folders = vec![shipped("tests/it")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                text.push_str(&fs::read_to_string(path).unwrap());
            }
        }
    }
    text
}

#[test]
fn every_page_belongs_to_a_test() {
    let sources = sources();
    let pages: BTreeSet<String> = fs::read_dir(shipped(FOLDER))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    assert!(!pages.is_empty());
    let is_written = |name: &str| sources.contains(&format!("\"{name}\""));
    for page in pages {
        assert!(is_written(&page), "no test writes {page}.txt");
        let text = fs::read_to_string(shipped(&format!("{FOLDER}/{page}.txt"))).unwrap();
        for heading in self::sections(&text).keys() {
            assert!(
                is_written(heading),
                "{page}.txt: no test writes `{heading}`"
            );
        }
    }
}
