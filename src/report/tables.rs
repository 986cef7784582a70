//! The means of all metrics with their intervals, one metric at a time, and what the metrics mean.

use serde_json::{Value, json};

use super::Subject;
use super::facts::{Facts, Row, called};
use super::html::{data, escaped, paragraph, table};
use crate::statistics::THEORY;
use crate::words::brief;

/// The section of tables: the one of the first metric is there, and the page's program shows the others.
pub(super) fn section(subject: &Subject<'_>, facts: &Facts) -> String {
    let metrics = facts.metrics();
    let headline = facts.headline(subject);
    let Some(&first) = headline.first().or(metrics.first()) else {
        return paragraph("There are no runs, hence no means.");
    };
    let others = metrics.iter().filter(|metric| !headline.contains(metric));
    let option = |metric: &&str| {
        let chosen = if *metric == first { " selected" } else { "" };
        let (name, label) = (escaped(metric), escaped(&called(subject, metric)));
        format!("<option value=\"{name}\"{chosen}>{label}</option>")
    };
    let group = |label: &str, options: String| {
        format!("<optgroup label=\"{label}\">{options}</optgroup>\n")
    };
    let mut html = String::from(
        "<p class=\"chooser\"><label for=\"metric\">Metric</label> <select id=\"metric\">\n",
    );
    html.push_str(&group(
        "shown in figures",
        headline.iter().map(option).collect(),
    ));
    html.push_str(&group("others", others.map(option).collect()));
    html.push_str("</select></p>\n<p id=\"meaning\"></p>\n<div id=\"table\">");
    html.push_str(&means("Means with 95 % intervals", first, subject, facts));
    html.push_str(
        "</div>\n<noscript><p>summary.csv has the other metrics; this page shows them where scripts may run.</p></noscript>\n",
    );
    html.push_str(&on_paper(first, subject, facts));
    html.push_str(&data("summary", &values(subject, facts, &metrics)));
    html
}

/// The table of a metric.
fn means(label: &str, metric: &str, subject: &Subject<'_>, facts: &Facts) -> String {
    let rows = facts.rows.iter().filter(|row| row.metric == metric);
    let rows: Vec<Vec<String>> = rows.map(|row| cells(row, subject, facts)).collect();
    let axes = subject.study.axes.len();
    table(label, &columns(subject, facts), &rows, axes)
}

/// The tables of the metrics that the scenario's own figures show, for paper, on which none can be chosen; that of the
/// `first` metric is there already.
fn on_paper(first: &str, subject: &Subject<'_>, facts: &Facts) -> String {
    let mut own = facts.metrics();
    own.retain(|metric| *metric != first && subject.own.iter().any(|name| name == metric));
    let table = |metric: &&str| {
        let label = format!("Means with 95 % intervals: {}", called(subject, metric));
        means(&label, metric, subject, facts)
    };
    let tables: String = own.iter().map(table).collect();
    if tables.is_empty() {
        return tables;
    }
    format!("<div class=\"paper\">\n{tables}</div>\n")
}

fn columns(subject: &Subject<'_>, facts: &Facts) -> Vec<String> {
    let axes = subject.study.axes.iter().map(|axis| axis.column.clone());
    let own = ["mean", "interval from", "to", "standard deviation", "n"].into_iter();
    let own = own.chain(facts.theory.as_ref().map(|_| THEORY));
    axes.chain(own.map(str::to_owned)).collect()
}

/// The texts of a row.
fn cells(row: &Row, subject: &Subject<'_>, facts: &Facts) -> Vec<String> {
    let mut cells = subject.names.at(&row.point);
    cells.extend(numbers(row, facts));
    cells
}

/// The texts of its numbers; empty where there is none.
fn numbers(row: &Row, facts: &Facts) -> Vec<String> {
    let text = |number: Option<f64>| number.map_or_else(String::new, brief);
    let end = |i: usize| text(row.interval.map(|ends| ends[i]));
    let mut numbers = vec![
        text(row.mean),
        end(0),
        end(1),
        text(row.sd),
        row.n.to_string(),
    ];
    numbers.extend(facts.theory.as_ref().map(|_| text(row.theory)));
    numbers
}

/// For the page's program: the points, and the numbers of each metric at each point.
fn values(subject: &Subject<'_>, facts: &Facts, metrics: &[&str]) -> Value {
    let count = metrics.len().max(1);
    let points: Vec<Vec<String>> = facts
        .rows
        .iter()
        .step_by(count)
        .map(|row| subject.names.at(&row.point))
        .collect();
    let metric = |(i, name): (usize, &&str)| {
        let rows = facts.rows.iter().skip(i).step_by(count);
        let meaning = subject.metrics.iter().find(|metric| metric.name == *name);
        json!({
            "name": name, "meaning": meaning.map(|metric| metric.meaning),
            "rows": rows.map(|row| numbers(row, facts)).collect::<Vec<_>>(),
        })
    };
    json!({
        "axes": subject.study.axes.len(), "points": points,
        "metrics": metrics.iter().enumerate().map(metric).collect::<Vec<_>>(),
    })
}
