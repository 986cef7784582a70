//! `arigatoni explain`: what a member of the scenario means.

use clap::Args;

use super::output;
use crate::error::Result;
use crate::scenario::{self, Explained};

/// Explain a member of the scenario: its meaning, unit, range, default and its own members.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  arigatoni explain /system/arigatoni/requests/rate_per_s\n  \
                        arigatoni explain /topology    (`arigatoni schema` has everything, for programs)"
)]
pub(super) struct Arguments {
    /// The member's JSON Pointer; `*` stands for any system. Default: the whole scenario.
    #[arg(default_value = "")]
    pointer: String,
}

pub(super) fn run(arguments: &Arguments) -> Result<()> {
    let explained = scenario::explain(&scenario::schema(), &arguments.pointer)?;
    output::print(text(&arguments.pointer, &explained).as_bytes())
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
