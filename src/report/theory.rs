//! What theory says of the numbers of a study, where the scenario asks for it.
//!
//! It does *not* know any theory.

use super::Subject;
use super::facts::{Facts, place};
use super::html::{paragraph, table};
use super::warnings::capital;
use crate::statistics::{Agreement, disagreements, told};
use crate::words::brief;

/// The section; empty if theory was not asked for.
pub(super) fn section(subject: &Subject<'_>, facts: &Facts) -> String {
    let Some(all) = &facts.theory else {
        return String::new();
    };
    let (agreement, _) = told(
        all,
        &|point| place(subject, point, ""),
        subject.beyond_theory,
    );
    let mut html = paragraph(&format!("{}.", capital(&agreement)));
    if all.is_empty() {
        return html;
    }
    let wrong = disagreements(all);
    let mut quantities: Vec<&str> = Vec::new();
    for one in all {
        if !quantities.contains(&&*one.quantity) {
            quantities.push(&one.quantity);
        }
    }
    let rows: Vec<Vec<String>> = quantities
        .into_iter()
        .map(|quantity| row(subject, quantity, all, &wrong))
        .collect();
    let columns = [
        "quantity",
        "points",
        "disagreeing",
        "least likely at",
        "observed",
        "expected",
        "p of that point alone",
    ];
    html.push_str(&table(
        "What is observed and what theory expects",
        &columns.map(str::to_owned),
        &rows,
        1,
    ));
    html.push_str(&disagreeing(subject, &wrong));
    html
}

/// All that disagree; nothing if none does.
fn disagreeing(subject: &Subject<'_>, wrong: &[(&Agreement, f64)]) -> String {
    if wrong.is_empty() {
        return String::new();
    }
    let cells = |(one, p): &(&Agreement, f64)| {
        vec![
            one.quantity.clone(),
            place(subject, &one.point, ""),
            brief(one.observed),
            brief(one.expected),
            brief(*p),
        ]
    };
    let rows: Vec<Vec<String>> = wrong.iter().map(cells).collect();
    let columns = ["quantity", "at", "observed", "expected", "p, adjusted"];
    let columns = columns.map(str::to_owned);
    table("What disagrees", &columns, &rows, 2)
}

/// A quantity: at how many points it is known, where it agrees least.
fn row(
    subject: &Subject<'_>,
    quantity: &str,
    all: &[Agreement],
    wrong: &[(&Agreement, f64)],
) -> Vec<String> {
    let own = || all.iter().filter(|one| one.quantity == quantity);
    let judged = own().filter_map(|one| Some((one, one.p?)));
    let worst = judged.min_by(|one, other| one.1.total_cmp(&other.1));
    let wrong = wrong.iter().filter(|(one, _)| one.quantity == quantity);
    let mut row = vec![
        quantity.to_owned(),
        own().count().to_string(),
        wrong.count().to_string(),
    ];
    row.extend(match worst {
        None => [const { String::new() }; 4],
        Some((one, p)) => [
            place(subject, &one.point, ""),
            brief(one.observed),
            brief(one.expected),
            brief(p),
        ],
    });
    row
}
