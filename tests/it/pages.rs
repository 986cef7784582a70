//! The pages for people: where their links lead.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::shipped;

/// The Markdown pages in a folder, and in the folders below it.
fn pages(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(pages(&path));
        } else if path.extension().is_some_and(|ending| ending == "md") {
            files.push(path);
        }
    }
    files
}

/// The anchor that a heading gets: its letters, digits and hyphens, spaces as hyphens.
fn anchor(heading: &str) -> String {
    let letters = heading.trim_matches(['#', ' ']).chars();
    letters
        .filter(|letter| letter.is_alphanumeric() || " -_".contains(*letter))
        .flat_map(char::to_lowercase)
        .map(|letter| if letter == ' ' { '-' } else { letter })
        .collect()
}

#[test]
fn links_of_pages_lead_somewhere() {
    let root = shipped("");
    let folders = ["docs", "scenarios", "topologies", "benches", "results"];
    let below = folders.iter().flat_map(|folder| pages(&root.join(folder)));
    let names = [
        "README.md",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
    ];
    let mut links_seen = 0;
    for page in names.iter().map(|name| root.join(name)).chain(below) {
        let text = fs::read_to_string(&page).unwrap();
        for link in text.split("](").skip(1) {
            let link = link.split(')').next().unwrap();
            if link.contains("://") {
                continue;
            }
            let (path, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = match path {
                "" => page.clone(),
                path => page.parent().unwrap().join(path),
            };
            assert!(target.exists(), "{}: {link} is not there", page.display());
            if !heading.is_empty() {
                let text = fs::read_to_string(&target).unwrap();
                let mut headings = text.lines().filter(|line| line.starts_with('#'));
                assert!(
                    headings.any(|line| anchor(line) == heading),
                    "{}: {link} leads to no heading",
                    page.display()
                );
            }
            links_seen += 1;
        }
    }
    assert!(links_seen > 30, "the test has lost sight of the links");
}
