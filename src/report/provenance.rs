//! Where results come from, and how anybody makes them again.

use serde_json::Value;

use super::Subject;
use super::facts::Facts;
use super::html::{escaped, facts as fact_list, paragraph};
use crate::figures::constants_in_words;
use crate::results::{Build, Machine};
use crate::words::{counted, duration};

/// The maximum number of values of an axis that are written out; of more, only the first and the last are.
const VALUES_SHOWN: usize = 12;

/// The section about what was run.
pub(super) fn what(subject: &Subject<'_>, facts: &Facts) -> String {
    let manifest = subject.manifest;
    let mut html = fact_list(&[
        ("system", Some(systems(&manifest.scenario))),
        ("networks", Some(networks(subject))),
        ("swept", Some(axes(subject).join("; "))),
        (
            "the same at all points",
            Some(constants_in_words(&manifest.constants)),
        ),
        (
            "seed",
            manifest.scenario.get("seed").map(ToString::to_string),
        ),
        ("replications", Some(facts.replications_told())),
        ("only the points", Some(manifest.filters.join(", "))),
    ]);
    html.push_str(&procedure(subject));
    html.push_str(&origin(subject));
    let scenario = escaped(&format!("{:#}", manifest.scenario));
    html.push_str("<details><summary>The whole scenario, with all defaults</summary>\n");
    let label = escaped(&format!("scenario of {}", subject.place));
    let opening = format!(
        "<pre class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{label}\"><code>"
    );
    html.push_str(&opening);
    html.push_str(&scenario);
    html.push_str("</code></pre></details>\n");
    html
}

/// How the runs went.
fn procedure(subject: &Subject<'_>) -> String {
    let Some(method) = &subject.manifest.method else {
        return String::new();
    };
    fact_list(&[
        ("run type", Some(method.run_type.clone())),
        ("a run begins", Some(method.initial_state.clone())),
        ("a run ends", Some(method.end.clone())),
        ("transient", Some(method.transient.clone())),
        ("stopping rule", Some(method.stopping_rule.clone())),
        ("random numbers", Some(method.random_generator.clone())),
    ])
}

/// What made the results, when and where.
fn origin(subject: &Subject<'_>) -> String {
    let manifest = subject.manifest;
    let known = (!manifest.is_baseline()).then(|| manifest.program().to_string());
    let build = |build: &Build| format!("{}, {}, {}", build.rustc, build.target, build.profile);
    fact_list(&[
        ("program", known),
        ("commit", manifest.commit.clone()),
        ("digest of the sources", manifest.sources.clone()),
        ("build", manifest.build.as_ref().map(build)),
        (
            "command",
            manifest.command.as_ref().map(|words| words.join(" ")),
        ),
        ("begun", manifest.started.clone()),
        ("ended", manifest.ended.clone()),
        ("took", took(subject)),
        ("machine", manifest.machine.as_ref().map(machine)),
        (
            "threads",
            manifest.threads.map(|threads| threads.to_string()),
        ),
        ("study", manifest.study.clone()),
    ])
}

/// The names of the systems: of the scenario, and of an axis `/system`.
fn systems(scenario: &Value) -> String {
    let name = |system: &Value| {
        let members = system.as_object();
        members.map(|members| members.keys().cloned().collect::<Vec<_>>().join(", "))
    };
    let axis = scenario.pointer("/sweep/axes/~1system");
    let listed = axis.and_then(Value::as_array).into_iter().flatten();
    let mut names: Vec<String> = listed.filter_map(name).collect();
    if names.is_empty() {
        names.extend(scenario.get("system").and_then(name));
    }
    names.dedup();
    names.join(", ")
}

/// The underlays.
pub(super) fn networks(subject: &Subject<'_>) -> String {
    let names = subject.networks;
    if names.is_empty() && !subject.manifest.is_baseline() {
        return "generated anew for each replication".into();
    }
    names.join("; ")
}

/// Each axis with its values.
pub(super) fn axes(subject: &Subject<'_>) -> Vec<String> {
    let points = subject.study.points();
    let axes = subject.study.axes.iter().enumerate();
    axes.map(|(i, axis)| {
        let mut values: Vec<String> = Vec::new();
        for point in &points {
            let value = subject.names.at(point.values).swap_remove(i);
            if !values.contains(&value) {
                values.push(value);
            }
        }
        let told = match &values[..] {
            [first, .., last] if values.len() > VALUES_SHOWN => {
                format!("{first} … {last} ({} values)", values.len())
            }
            all => all.join(", "),
        };
        format!("{} ({}) = {told}", axis.column, axis.pointer)
    })
    .collect()
}

/// How long the work took, from its plan to its tables.
fn took(subject: &Subject<'_>) -> Option<String> {
    let seconds = |time: Option<&String>| {
        let time = humantime::parse_rfc3339(time?).ok()?;
        time.duration_since(std::time::UNIX_EPOCH).ok()
    };
    let manifest = subject.manifest;
    let [started, ended] = [&manifest.started, &manifest.ended].map(|time| seconds(time.as_ref()));
    let took = ended?.checked_sub(started?)?;
    // Times are whole seconds.
    Some(match took.as_secs() {
        0 => "less than 1 s".into(),
        seconds => duration(seconds as f64),
    })
}

fn machine(machine: &Machine) -> String {
    let cores = machine.cores.map(|cores| counted(cores.into(), "core"));
    let parts = [
        machine.processor.clone(),
        cores,
        Some(machine.architecture.clone()),
        Some(match &machine.os_release {
            Some(release) => format!("{} {release}", machine.os),
            None => machine.os.clone(),
        }),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// The section about making the results again.
pub(super) fn reproduce(subject: &Subject<'_>) -> String {
    let (manifest, place) = (subject.manifest, subject.place);
    let word = word(place);
    if manifest.is_baseline() {
        let scenario = "This is a baseline, which holds no input files. With the scenario that it was made from, this \
            command repeats all runs and compares:";
        return paragraph(scenario)
            + &command(&format!("arigatoni check SCENARIO --baseline {word}"));
    }
    let mut html = paragraph(
        "The folder holds the scenario and copies of the files that it names. This command repeats all \
         runs and compares their fingerprints and numbers:",
    );
    html.push_str(&command(&format!("arigatoni check {word}")));
    html.push_str(&paragraph(if manifest.is_partial() {
        "This one makes all runs, also those that are missing here, and writes them to another folder:"
    } else {
        "This one writes the same bytes to another folder:"
    }));
    html.push_str(&command(&format!("arigatoni sweep {word} -o again")));
    if let Some(commit) = &manifest.commit {
        html.push_str(&paragraph(match manifest.modified {
            Some(true) => {
                "The program was built from this commit with changes that the commit does not have:"
            }
            _ => "The program was built from this commit:",
        }));
        html.push_str(&command(&format!(
            "git checkout {commit} && cargo build --release --locked"
        )));
    }
    html
}

/// A path as a word of a shell.
fn word(path: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "/._-+=,:".contains(letter);
    if !path.is_empty() && path.chars().all(plain) {
        return path.to_owned();
    }
    format!("'{}'", path.replace('\'', r"'\''"))
}

fn command(text: &str) -> String {
    let text = escaped(text);
    format!(
        "<pre class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{text}\"><code>{text}</code></pre>\n"
    )
}
