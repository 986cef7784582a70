//! The frame of a page: head, contents, sections, foot.

use std::fmt::Write;

use super::Subject;
use super::facts::Facts;
use super::html::escaped;
use crate::program::Program;
use crate::words::{WRITES, counted};

const STYLE: &str = include_str!("page.css");
const PROGRAM: &str = include_str!("page.js");

/// How each page begins.
pub const BEGINNING: &str = "<!doctype html>";

/// The id, the heading and the HTML of a section.
pub(super) type Section<'a> = (&'a str, &'a str, String);

/// The name of the study.
pub(super) fn name(subject: &Subject<'_>) -> String {
    let name = subject.manifest.scenario["name"].as_str();
    name.unwrap_or(subject.place).to_owned()
}

/// What a reader who reads one sentence reads.
pub(super) fn lede(subject: &Subject<'_>, facts: &Facts, warnings: usize) -> String {
    format!(
        "{}, {} at each point, {} in all; {}.",
        counted(facts.points as u64, "point"),
        facts.replications_told(),
        counted(subject.study.runs.rows.len() as u64, "run"),
        match warnings {
            0 => "no warnings".to_owned(),
            count => counted(count as u64, "warning"),
        }
    )
}

/// The whole page. Sections without HTML are left out.
pub(super) fn document(
    title: &str,
    lede: &str,
    sections: &[Section<'_>],
    program: Program<'_>,
) -> String {
    let (title, lede) = (escaped(title), escaped(lede));
    let mut page = format!(
        "{BEGINNING}\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<link rel=\"icon\" href=\"data:,\">\n\
         <title>{title} · report</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#main\">Skip to the content</a>\n\
         <header><h1>{title}</h1>\n<p class=\"lede\">{lede}</p></header>\n\
         <nav aria-label=\"Contents\"><ul>\n"
    );
    let there = || sections.iter().filter(|(_, _, html)| !html.is_empty());
    for (id, heading, _) in there() {
        let heading = escaped(heading);
        writeln!(page, "<li><a href=\"#{id}\">{heading}</a></li>").expect(WRITES);
    }
    page.push_str("</ul></nav>\n<main id=\"main\">\n");
    for (id, heading, html) in there() {
        let heading = escaped(heading);
        write!(
            page,
            "<section aria-labelledby=\"{id}\">\n<h2 id=\"{id}\">{heading}</h2>\n{html}</section>\n"
        )
        .expect(WRITES);
    }
    let program = escaped(&program.to_string());
    write!(
        page,
        "</main>\n<footer><p>This page was made by {program}. It contains all that it shows and loads \
         nothing.</p></footer>\n<script>\n{PROGRAM}</script>\n</body>\n</html>\n"
    )
    .expect(WRITES);
    page
}
