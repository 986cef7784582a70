//! Pages of messages for people to review: what is put in, and below it what is said about it.
//!
//! A test asserts on an error's kind and place; how it is worded lies in `tests/messages/`, where a
//! reader sees all messages of one kind at once. `UPDATE_EXPECT=1 cargo test --test it` writes the pages
//! anew.

use std::collections::BTreeSet;
use std::fs;

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
}

/// What is said, whichever build of the program says it, and however busy the machine is.
pub(crate) fn of_any_build(said: &str) -> String {
    let lines = said.lines();
    let lines: Vec<&str> = lines.filter(|it| !it.starts_with("preparing ")).collect();
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
    for page in pages {
        let named = format!("\"{page}\"");
        assert!(sources.contains(&named), "no test writes {page}.txt");
    }
}
