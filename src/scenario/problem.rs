//! What is wrong at one place of a JSON document, and the translation of serde's messages into
//! it.
//!
//! [`Source`] adds from which line of the file or which argument the trouble came. This module does
//! *not* know what the members mean.

use serde_json::Value;
use serde_path_to_error::{Path, Segment};

use super::assignment::{self, Assignment};
use super::file::File;
use super::json;
use super::reading::{ONE_MEMBER, object};
use crate::error::{self, Error, Result};

/// Pointers are cut in messages after so many characters.
const POINTER_CHARS_MAX: usize = 200;

/// What is wrong with the value at a JSON Pointer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    /// Where.
    pub(super) pointer: String,
    /// What: a sentence without a full stop.
    pub(super) what: String,
    /// What to do about it.
    pub(super) help: Option<String>,
}

impl Problem {
    /// A problem with the value at `pointer`.
    pub(super) fn new(pointer: impl Into<String>, what: impl Into<String>) -> Self {
        Self {
            pointer: pointer.into(),
            what: what.into(),
            help: None,
        }
    }

    /// What the reader can do about it.
    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// That nothing is at `pointer` (with or without `*`), with what was probably meant instead.
    pub(super) fn unknown_pointer(pointer: &str, document: &Value) -> Self {
        let problem = Self::new(pointer, "there is no such member");
        let resolved = assignment::resolve(pointer, document);
        if let Some(null) = null_around(&resolved, document) {
            let null = json::one_line(null, POINTER_CHARS_MAX);
            return problem.help(format!("`{null}` is null here: set it to an object first"));
        }
        if let Some(system) = other_system(&resolved, document) {
            return problem.help(format!("the system of this scenario is `{system}`"));
        }
        let known = json::pointers(document);
        let mut known: Vec<&str> = known.iter().map(String::as_str).collect();
        known.sort_by_key(|pointer| pointer.len());
        match json::meant(&resolved, &known) {
            Some(meant) => problem.help(format!("did you mean `{meant}`?")),
            None => problem.help("`arigatoni schema` lists the members"),
        }
    }
}

/// The part of `pointer` that leads to a null in `document`, if it goes on from there.
fn null_around<'a>(pointer: &'a str, document: &Value) -> Option<&'a str> {
    let ends = pointer.match_indices('/').map(|(at, _)| &pointer[..at]);
    ends.skip(1)
        .find(|around| document.pointer(around).is_some_and(Value::is_null))
}

/// The system of `document`, if `pointer` leads to a member of another one: it has none of that name
/// itself, and is not the one that is named, misspelt.
fn other_system<'a>(pointer: &str, document: &'a Value) -> Option<&'a String> {
    let segments = json::segments(pointer);
    let (Some("system"), [_, named, inside @ ..]) =
        (segments.first().map(String::as_str), &*segments)
    else {
        return None;
    };
    let system = assignment::only_name(document.get("system")?)?;
    let here = std::iter::once(system).chain(inside);
    let here = here.fold("/system".to_string(), |at, name| {
        format!("{at}/{}", json::escape(name))
    });
    let is_misspelt = error::nearest(named, [system.as_str()]).is_some();
    (!is_misspelt && document.pointer(&here).is_none()).then_some(system)
}

/// Reads the document, every number of which must be within its limits.
pub(super) fn read(document: &Value) -> Result<File, Problem> {
    check_version(document)?;
    let mut track = serde_path_to_error::Track::new();
    let deserializer = serde_path_to_error::Deserializer::new(document, &mut track);
    object(deserializer).map_err(|error: serde_json::Error| {
        translate(&error.to_string(), &pointer(&track.path()), document)
    })
}

/// A file of another version is said to be one before its other members are looked at.
fn check_version(document: &Value) -> Result<(), Problem> {
    match document.get("version") {
        Some(value @ Value::Number(version)) if version.as_f64() != Some(1.0) => {
            let version = json::describe(value);
            Err(Problem::new(
                "/version",
                format!("the file has version {version}, but this program reads version 1"),
            )
            .help(
                "use the version of the program for which the file was written, or see \
            `arigatoni schema`",
            ))
        }
        _ => Ok(()),
    }
}

fn pointer(path: &Path) -> String {
    path.iter().fold(String::new(), |pointer, segment| {
        let name = match segment {
            Segment::Seq { index } => index.to_string(),
            Segment::Map { key } => json::escape(key),
            Segment::Enum { variant } => json::escape(variant),
            Segment::Unknown => "?".into(),
        };
        format!("{pointer}/{name}")
    })
}

/// Says in our words what serde said about the value at `pointer`.
fn translate(message: &str, pointer: &str, document: &Value) -> Problem {
    let found = document.pointer(pointer);
    if let Some(rest) = message.strip_prefix("missing field ") {
        // The name is one of ours.
        return Problem::new(pointer, format!("the member {rest} is missing"))
            .help("`arigatoni schema` describes it");
    }
    let is_variant = message.starts_with("unknown variant ");
    if message.starts_with("unknown field ") || is_variant && names_variant(pointer) {
        let name = json::segments(pointer).pop().unwrap_or_default();
        let what = format!("there is no member {}", json::shortened(&name));
        return suggest(Problem::new(pointer, what), &name, message);
    }
    if let (true, Some(Value::String(word))) = (is_variant, found) {
        let expected = known(message).join(", ");
        let found = json::shortened(word);
        let what = format!("expected one of the words {expected}, found {found}");
        return suggest(Problem::new(pointer, what), word, message);
    }
    match (message.rsplit_once(", expected "), found) {
        (Some((_, expected)), Some(found)) => {
            let expected = match expected {
                "enum" | "fewer elements in map" => ONE_MEMBER,
                "a sequence" => "a list",
                "a boolean" => "true or false",
                other => other,
            };
            let told = format!("expected {expected}, found {}", json::describe(found));
            let problem = Problem::new(pointer, told);
            match remedy(expected, found) {
                Some(remedy) => problem.help(remedy),
                None => problem,
            }
        }
        _ => Problem::new(pointer, message),
    }
}

/// What was probably meant by a value that is no such number: a share in per cent, or a decimal with a
/// comma.
fn remedy(expected: &str, found: &Value) -> Option<String> {
    let expected = expected.trim_end_matches(", or null");
    match found {
        Value::Number(number) => {
            let share = ["a number from 0 to 1", "a number above 0 and at most 1"];
            let percent = number
                .as_f64()
                .filter(|percent| (1.0..=100.0).contains(percent));
            let percent = percent.filter(|_| share.contains(&expected))?;
            // Read as decimals: dividing gives 1.1 % many digits.
            let share: f64 = format!("{percent}e-2").parse().ok()?;
            Some(format!("{percent} % is {share}"))
        }
        Value::String(text) if expected.starts_with("a number") => {
            let decimal = text.replacen(',', ".", 1);
            let number = decimal != *text && decimal.parse::<f64>().is_ok();
            number.then(|| format!("decimals have a point: {decimal}"))
        }
        _ => None,
    }
}

/// Whether the last segment of `pointer` is the name of an enum's variant.
fn names_variant(pointer: &str) -> bool {
    matches!(pointer.rsplit_once('/'), Some(("/system", _)))
}

/// The names that serde lists in its `message`.
fn known(message: &str) -> Vec<&str> {
    let (_, list) = message.rsplit_once("`, expected ").unwrap_or_default();
    list.split('`').skip(1).step_by(2).collect()
}

/// Adds the nearest of the names that serde lists in its `message`, or all of them.
fn suggest(problem: Problem, given: &str, message: &str) -> Problem {
    let known = known(message);
    match json::meant(given, &known) {
        Some(meant) => problem.help(format!("did you mean `{meant}`?")),
        None if known.is_empty() => problem,
        None => problem.help(format!("known here: {}", known.join(", "))),
    }
}

/// Where a scenario came from, for its errors.
#[derive(Debug, Clone)]
pub(super) struct Source {
    /// What errors call the file.
    pub(super) origin: String,
    /// The file.
    pub(super) text: String,
    /// What has replaced members of it; each with its pointer without `*`.
    pub(super) overrides: Vec<(String, Assignment)>,
}

impl Source {
    /// The error of a problem in the effective document.
    pub(super) fn error(&self, problem: Problem) -> Error {
        let pointer = problem.pointer.clone();
        let overridden = self.overriding(&pointer);
        let known = overridden.map_or("", |(pointer, _)| pointer);
        self.locate(error_at(problem, known), &pointer)
    }

    /// The override that has brought what is at `pointer`.
    fn overriding(&self, pointer: &str) -> Option<&(String, Assignment)> {
        self.overrides
            .iter()
            .rfind(|(overridden, _)| json::is_within(pointer, overridden))
    }

    /// Adds to an error the override or else the line of the file that `pointer` comes from.
    pub(super) fn locate(&self, error: Error, pointer: &str) -> Error {
        if let Some((_, assignment)) = self.overriding(pointer) {
            return error.at(format!("--set {assignment}"));
        }
        error.at(json::line(&self.text, pointer)).at(&self.origin)
    }
}

/// The error of a problem, with its pointer unless that is what is `known` anyway.
pub(super) fn error_at(problem: Problem, known: &str) -> Error {
    let mut error = Error::new(problem.what);
    if let Some(help) = problem.help {
        error = error.help(help);
    }
    if problem.pointer == known {
        error
    } else {
        error.at(json::one_line(&problem.pointer, POINTER_CHARS_MAX))
    }
}
