//! Two studies beside each other: what differs, and the figures of both.

use std::fmt::Write;

use super::facts::Facts;
use super::html::{SOUND, escaped, list, paragraph, table};
use super::pictures::figure;
use super::{Subject, document, provenance, warnings};

/// What a comparison of two studies found, in words.
#[derive(Debug)]
pub struct Differences {
    /// In what the scenarios differ, and how the runs are paired, a line each.
    pub notes: Vec<String>,
    /// The columns of the table of differences.
    pub columns: Vec<String>,
    /// Its rows: for each metric, over all points and at each one, both means, the difference with its
    /// interval, and the verdict.
    pub rows: Vec<Vec<String>>,
    /// How many of the first columns are no numbers.
    pub words: usize,
}

/// The page of two studies, as the bytes of an HTML document.
pub fn comparison(sides: [&Subject<'_>; 2], differences: &Differences) -> String {
    let [a, b] = sides;
    let title = format!("{} and {}", document::name(a), document::name(b));
    let lede = format!("A is {}, B is {}.", a.place, b.place);
    let facts = sides.map(Facts::of);
    let mut what = list(differences.notes.iter().map(|note| escaped(note)));
    what.push_str(&halves(["A", "B"].map(|side| {
        let (subject, facts) = if side == "A" {
            (a, &facts[0])
        } else {
            (b, &facts[1])
        };
        format!("<h3>{side}</h3>\n{}", provenance::what(subject, facts))
    })));
    let warned = [0, 1].map(|side| {
        let warnings = warnings::of(sides[side], &facts[side]);
        let head = ["A", "B"][side];
        format!("<h3>{head}</h3>\n{}", warnings::section(&warnings))
    });
    let label = "Differences B − A, by metric and point";
    let sections = [
        (
            "differences",
            "Differences",
            table(
                label,
                &differences.columns,
                &differences.rows,
                differences.words,
            ),
        ),
        ("figures", "Figures", figures(sides)),
        ("what", "What was run", what),
        ("warnings", "Warnings", halves(warned)),
    ];
    document::document(&title, &lede, &sections, b.program)
}

/// Two pieces beside each other where there is room.
fn halves([one, other]: [String; 2]) -> String {
    format!("<div class=\"halves\"><div>{one}</div>\n<div>{other}</div></div>\n")
}

/// The figures of both, those of one name beside each other.
fn figures([a, b]: [&Subject<'_>; 2]) -> String {
    let find = |subject: &Subject<'_>, side: &str, name: &str| {
        let found = subject.figures.iter().find(|(own, _)| own == name);
        match found {
            Some((_, sheet)) => {
                let id = format!("{}-{name}", side.to_lowercase());
                figure(sheet, &id, &format!("{side}: "))
            }
            None => paragraph(&format!("{side} does not have this figure.")),
        }
    };
    let of_a = a.figures.iter().map(|(name, _)| name);
    let only_b = b.figures.iter().map(|(name, _)| name);
    let only_b = only_b.filter(|name| a.figures.iter().all(|(own, _)| own != *name));
    let mut html = String::new();
    for name in of_a.chain(only_b) {
        let sides = halves([find(a, "A", name), find(b, "B", name)]);
        write!(html, "<h3 class=\"pair\">{}</h3>\n{sides}", escaped(name)).expect(SOUND);
    }
    if html.is_empty() {
        return paragraph("Neither has a figure.");
    }
    html
}
