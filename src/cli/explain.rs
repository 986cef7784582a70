//! `arigatoni explain`: what a member of the scenario, or a metric, means.

use clap::Args;
use serde_json::Value;

use super::output;
use crate::error::{Error, Result, nearest};
use crate::measure::Metric;
use crate::results::present_name;
use crate::scenario::{self, Explained};
use crate::systems;

/// Explain a member of the scenario (its meaning, unit, range, default and its own members) or a metric.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  arigatoni explain /system/arigatoni/requests/rate_per_s\n  \
                        arigatoni explain rate_per_s\n  \
                        arigatoni explain acceptance_ratio\n  \
                        arigatoni explain /topology    (`arigatoni schema` has everything, for programs)"
)]
pub(super) struct Arguments {
    /// The member's JSON Pointer, in which `*` stands for any system; or its name, or that of a metric, if nothing
    /// else is called so. Default: the whole scenario.
    #[arg(default_value = "")]
    pointer: String,
}

pub(super) fn run(arguments: &Arguments) -> Result<()> {
    let (schema, given) = (scenario::schema(), &*arguments.pointer);
    if given.is_empty() || given.starts_with('/') {
        let explained = scenario::explain(&schema, given)?;
        return output::print(text(given, &explained).as_bytes());
    }
    let members = scenario::members_named(&schema, given);
    let metrics = systems::metrics_named(given);
    match (&members[..], &metrics[..]) {
        ([], []) => Err(unknown(given, &schema)),
        ([pointer], []) => {
            let explained = scenario::explain(&schema, pointer)?;
            output::print(text(pointer, &explained).as_bytes())
        }
        ([], metrics) => {
            let texts: Vec<String> = metrics.iter().map(of_metric).collect();
            output::print(texts.concat().as_bytes())
        }
        (members, metrics) => Err(several(given, members, metrics)),
    }
}

/// The error that nothing is called `name`, with what is probably meant.
fn unknown(name: &str, schema: &Value) -> Error {
    let families = systems::families();
    let metrics = families.iter().flat_map(|family| (family.metrics)());
    let mut known = scenario::member_names(schema);
    known.extend(metrics.map(|metric| metric.name.to_owned()));
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let error = Error::new(format!(
        "no member of the scenario and no metric is called `{}`",
        name.escape_debug()
    ));
    if let Some(present) = present_name(name, known.iter().copied()) {
        return error.help(format!("the metric is called `{present}` now"));
    }
    match nearest(name, known) {
        Some(near) => error.help(format!("did you mean `{near}`?")),
        None => error.help(
            "give a name, or a JSON Pointer such as /system/arigatoni/requests; `arigatoni explain` without one \
             lists the outermost members",
        ),
    }
}

/// The error that several things are called `name`.
fn several(name: &str, members: &[String], metrics: &[(Metric, Vec<&str>)]) -> Error {
    let shown = members.iter().take(CANDIDATES_SHOWN);
    let mut told: Vec<String> = shown.map(|pointer| format!("`{pointer}`")).collect();
    if members.len() > CANDIDATES_SHOWN {
        told.push(format!("{} more", members.len() - CANDIDATES_SHOWN));
    }
    let error = Error::new(match metrics {
        [] => format!("several members are called `{name}`"),
        _ => format!("a metric and members of the scenario are called `{name}`"),
    });
    let metric = metrics
        .iter()
        .map(|(metric, _)| format!("the metric is: {}", metric.meaning));
    let help = format!("the members are {}", told.join(", "));
    let help: Vec<String> = metric.chain([help]).collect();
    error.help(help.join("; "))
}

/// The maximum number of members of one name that are listed.
const CANDIDATES_SHOWN: usize = 12;

/// What a metric is.
fn of_metric((metric, systems): &(Metric, Vec<&str>)) -> String {
    let mut facts = vec![
        vec!["  a metric of".to_owned(), systems.join(", ")],
        vec!["  column of".to_owned(), "runs.csv, summary.csv".to_owned()],
    ];
    if let Some(unit) = metric.unit() {
        facts.push(vec!["  unit".into(), unit.into()]);
    }
    format!(
        "{}\n  {}\n{}",
        metric.name,
        metric.meaning,
        output::columns(&facts)
    )
}

fn text(pointer: &str, explained: &Explained) -> String {
    let mut text = String::new();
    let mut line = |line: &str| {
        text.push_str(line.trim_end());
        text.push('\n');
    };
    line(if pointer.is_empty() {
        "the scenario"
    } else {
        pointer
    });
    for meaning in &explained.meaning {
        line(&format!("  {meaning}"));
    }
    facts(pointer, explained, &mut line);
    if let Some(items) = &explained.items {
        line("  items");
        let mut inside = |text: &str| line(&format!("  {text}"));
        for meaning in &items.meaning {
            inside(&format!("  {meaning}"));
        }
        facts("", items, &mut inside);
    }
    text
}

/// What a member, or an item, can be, and the members that it has itself.
fn facts(pointer: &str, explained: &Explained, mut line: &mut dyn FnMut(&str)) {
    let mut facts = Vec::new();
    match &explained.kinds[..] {
        [] => {}
        [kind] => facts.push(vec!["  value".to_owned(), kind.clone()]),
        kinds => {
            let first = std::iter::once("  value, one of").chain(std::iter::repeat(""));
            facts.extend(
                first
                    .zip(kinds)
                    .map(|(name, kind)| vec![name.to_owned(), kind.clone()]),
            );
        }
    }
    if let Some(unit) = explained.unit {
        facts.push(vec!["  unit".into(), unit.into()]);
    }
    let default = explained.default.as_deref().unwrap_or("none");
    if !pointer.is_empty() {
        facts.push(vec!["  default".into(), default.into()]);
    }
    output::columns(&facts).lines().for_each(&mut line);
    if !explained.members.is_empty() {
        line("  members");
        let rows: Vec<Vec<String>> = explained
            .members
            .iter()
            .map(|(name, meaning)| vec![format!("    {name}"), meaning.clone()])
            .collect();
        output::columns(&rows).lines().for_each(&mut line);
    }
}
