//! What a check found, as JUnit XML for CI servers.

use std::fmt::Write;

use super::compare::place;
use super::verdict::{by, short_of, sureness};
use crate::program::Program;
use crate::study::Verdict;
use crate::words::counted;

/// JUnit XML: a test case a metric.
pub(super) fn junit(verdict: &Verdict) -> String {
    let mut names: Vec<&str> = Vec::new();
    for row in &verdict.comparison.rows {
        if !names.contains(&&*row.metric) {
            names.push(&row.metric);
        }
    }
    let suspects = verdict.suspects();
    let mut cases = String::new();
    let mut failures = 0;
    let class = escape(&verdict.name);
    let mut case = |name: &str, trouble: &[String]| {
        let name = escape(name);
        let _ = write!(cases, "  <testcase classname=\"{class}\" name=\"{name}\"");
        if trouble.is_empty() {
            cases.push_str("/>\n");
            return;
        }
        failures += 1;
        let (first, all) = (escape(&trouble[0]), escape(&trouble.join("\n")));
        let _ = write!(
            cases,
            ">\n    <failure message=\"{first}\">{all}</failure>\n  </testcase>\n"
        );
    };
    for name in &names {
        let trouble: Vec<String> = suspects
            .iter()
            .filter(|row| row.metric == *name)
            .map(|row| {
                format!(
                    "{}: {}, {}",
                    place(row, &verdict.comparison.axes),
                    by(row),
                    sureness(verdict, row)
                )
            })
            .collect();
        case(name, &trouble);
    }
    let count = |n: usize, what: &str, did: &str| {
        (n > 0).then(|| format!("{} {did}", counted(n as u64, what)))
    };
    let failed = count(verdict.failures, "run", "failed");
    case("all runs succeed", &failed.into_iter().collect::<Vec<_>>());
    let missed = count(verdict.missed(), "point", "did not reach it");
    let short = short_of(verdict).filter(|_| missed.is_some());
    let missed = missed.into_iter().chain(short);
    case("the precision is reached", &missed.collect::<Vec<_>>());
    let tests = names.len() + 2;
    let properties = properties(verdict);
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <testsuite name=\"arigatoni check {class}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\">\n\
         {properties}{cases}</testsuite>\n"
    )
}

/// Which program checked, and which other one made the baseline, if one did.
fn properties(verdict: &Verdict) -> String {
    let made_by = verdict.other_program.as_deref();
    let made_by = made_by.map(|there| ("baseline made by another program", there.to_owned()));
    let all = [("program", Program::this().to_string())];
    let mut text = String::from("  <properties>\n");
    for (name, value) in all.into_iter().chain(made_by) {
        let value = escape(&value);
        let _ = writeln!(text, "    <property name=\"{name}\" value=\"{value}\"/>");
    }
    text + "  </properties>\n"
}

/// `text` as XML has it in an attribute or between tags.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' => escaped.push_str("&#10;"),
            c if c.is_control() => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}
