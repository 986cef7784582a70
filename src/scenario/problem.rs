//! Reading a scenario's document, and the errors that what is wrong in it becomes.
//!
//! [`Source`] adds from which line of the file or which argument the trouble came. This module does
//! *not* know what the members mean.

use serde_json::Value;

use super::assignment::{self, Assignment};
use super::explained::names_at;
use super::file::File;
use super::json;
use super::run::{self, RunConfig};
use super::{elsewhere, schema};
use crate::error::{self, Error, Result};
use crate::parameters::{POINTER_CHARS_MAX, Problem, decode};

/// The error that nothing is at `pointer` (with or without `*`), with what was probably meant instead.
pub(super) fn unknown_pointer(pointer: &str, document: &Value) -> Problem {
    let problem = Problem::new(pointer, "there is no such member");
    let resolved = assignment::resolve(pointer, document);
    if let Some(null) = null_around(&resolved, document) {
        let null = json::one_line(null, POINTER_CHARS_MAX);
        return problem.help(format!("`{null}` is null here: set it to an object first"));
    }
    if let Some(system) = other_system(&resolved, document) {
        return problem.help(format!("the system of this scenario is `{system}`"));
    }
    if let Some(help) = form(&resolved, document).or_else(|| unescaped_axis(&resolved, document)) {
        return problem.help(help);
    }
    let known = json::pointers(document);
    let mut known: Vec<&str> = known.iter().map(String::as_str).collect();
    known.sort_by_key(|pointer| pointer.len());
    let meant = json::meant(&resolved, &known);
    let (wrong, name) = resolved.rsplit_once('/').unwrap_or_default();
    let parts = meant.and_then(|meant| meant.rsplit_once('/'));
    let is_near =
        |(around, last): (&str, &str)| around == wrong && error::nearest(name, [last]).is_some();
    let longer = elsewhere::longer(name, wrong).map(|longer| format!("{wrong}/{longer}"));
    let is_longer = longer.is_some() && !parts.is_some_and(is_near);
    let meant = longer.as_deref().filter(|_| is_longer).or(meant);
    let asked = meant.map(|meant| format!("did you mean `{meant}`?"));
    // The exact name elsewhere is likelier than one elsewhere that is spelled like it.
    let place = match parts {
        Some((_, last)) if last == name && !is_longer => None,
        _ => elsewhere::place(name, wrong, document),
    };
    problem.help(match (asked, place) {
        (Some(asked), None) => asked,
        (Some(asked), Some(place)) if is_longer || parts.is_some_and(is_near) => {
            format!("{asked} {place}")
        }
        (_, Some(place)) => place,
        (None, None) => "`arigatoni schema` lists the members".into(),
    })
}

/// How to set a member that the object around it can have, but only in another form than it has in `document`.
fn form(pointer: &str, document: &Value) -> Option<String> {
    let (around, name) = pointer.rsplit_once('/')?;
    let is_object = document.pointer(around).is_some_and(Value::is_object);
    if around.is_empty() || !is_object {
        return None;
    }
    let schema = schema();
    let name = json::segments(&format!("/{name}")).pop()?;
    names_at(&schema, around).contains(&&*name).then(|| {
        format!(
            "`{around}` has another form here: set it whole, as in `--set '{around}={{\"{name}\": …}}'`"
        )
    })
}

/// How to write the pointer of an axis that stands in another pointer as it is.
fn unescaped_axis(pointer: &str, document: &Value) -> Option<String> {
    const AXES: &str = "/sweep/axes";
    let inside = pointer.strip_prefix(AXES)?.strip_prefix('/')?;
    let wanted = assignment::resolve(&inside.replace("~1", "/"), document);
    let axes = document.pointer(AXES)?.as_object()?;
    let axis = axes.keys().find(|axis| {
        let axis = assignment::resolve(axis, document);
        axis == wanted || axis.strip_prefix('/') == Some(&wanted)
    })?;
    Some(format!(
        "in a pointer a name has `~1` for each `/` in it: `{AXES}/{}`",
        json::escape(axis)
    ))
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
    read_file(document).map_err(|problem| elsewhere::hint(problem, document))
}

/// The run that a `document` describes in which no default is left out.
pub(super) fn run_of(document: &Value) -> Result<RunConfig, Problem> {
    let run = decode(document, "").and_then(|file: File| run::validate(&file));
    run.map_err(|problem| elsewhere::hint(problem, document))
}

fn read_file(document: &Value) -> Result<File, Problem> {
    check_version(document)?;
    let mut file: File = decode(document, "")?;
    file.topology.complete()?;
    file.system.complete()?;
    Ok(file)
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
pub(super) fn error_at(mut problem: Problem, known: &str) -> Error {
    if problem.pointer == known {
        problem.pointer.clear();
    }
    problem.error()
}
