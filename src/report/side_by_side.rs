//! Two studies beside each other: what differs, and the figures of both.

use super::facts::Facts;
use super::html::{escaped, list, paragraph, table};
use super::pictures::figure;
use super::{Subject, document, provenance, warnings};
use crate::words::counted;

/// What a comparison of two studies found, in words.
#[derive(Debug)]
pub struct Differences {
    /// The members of the scenarios that differ, each with both values.
    pub members: Vec<String>,
    /// What else differs, and how the runs are paired, a sentence each.
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
    let title = title(sides);
    let lede = format!(
        "A is {}, B is {}; {}.",
        a.place,
        b.place,
        in_short(&differences.members)
    );
    let facts = sides.map(Facts::of);
    let what = halves(["A", "B"].map(|side| {
        let (subject, facts) = if side == "A" {
            (a, &facts[0])
        } else {
            (b, &facts[1])
        };
        format!("<h3>{side}</h3>\n{}", provenance::what(subject, facts))
    }));
    let warned = [0, 1].map(|side| {
        let warnings = warnings::of(sides[side], &facts[side]);
        let head = ["A", "B"][side];
        format!("<h3>{head}</h3>\n{}", warnings::section(&warnings))
    });
    let label = "Differences B − A, by metric and point";
    let sections = [
        (
            "between",
            "In what the studies differ",
            between(differences),
        ),
        (
            "differences",
            "Differences of the results",
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

/// What the page is called: the names of both studies, or their places where the names are one.
fn title(sides: [&Subject<'_>; 2]) -> String {
    let [a, b] = sides.map(document::name);
    if a == b {
        return format!("{a}: {} and {}", sides[0].place, sides[1].place);
    }
    format!("{a} and {b}")
}

/// In what two scenarios differ, in a clause.
fn in_short(members: &[String]) -> String {
    match members {
        [] => "the scenarios are the same".into(),
        [only] => format!("the scenarios differ in {only}"),
        more => format!("the scenarios differ in {} members", more.len()),
    }
}

/// The section about what differs before any run.
fn between(differences: &Differences) -> String {
    let members = &differences.members;
    let mut html = if members.is_empty() {
        paragraph("The scenarios are the same.")
    } else {
        let shown = members.iter().take(MEMBERS_SHOWN);
        let rest = members.len().saturating_sub(MEMBERS_SHOWN);
        let rest = (rest > 0).then(|| format!("and {}", counted(rest as u64, "more member")));
        let listed = shown.cloned().chain(rest).map(|line| escaped(&line));
        paragraph("Members of the scenarios:") + &list(listed)
    };
    html.push_str(&list(differences.notes.iter().map(|note| escaped(note))));
    html
}

/// The maximum number of differing members that are listed: the scenarios are further below.
const MEMBERS_SHOWN: usize = 40;

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
            None => paragraph(&format!("{side} does not have the figure `{name}`.")),
        }
    };
    let of_a = a.figures.iter().map(|(name, _)| name);
    let only_b = b.figures.iter().map(|(name, _)| name);
    let only_b = only_b.filter(|name| a.figures.iter().all(|(own, _)| own != *name));
    let mut html = String::new();
    for name in of_a.chain(only_b) {
        html.push_str(&halves([find(a, "A", name), find(b, "B", name)]));
    }
    if html.is_empty() {
        return paragraph("Neither has a figure.");
    }
    html
}
