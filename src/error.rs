//! The one error type: what is wrong, where, and what to do about it.
//!
//! An error here is a message for a person. It does *not* know how it will be shown, nor which
//! program shows it; `main` maps it to an exit code.

pub(crate) mod fault;

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Shorthand for results of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why the program ends without having done its work; decides the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The work is done, but something in it failed: a check, or some runs (exit code 1).
    Failed,
    /// The input cannot be used as it is, or a file cannot be read or written (exit code 2).
    BadInput,
    /// The work has ended before its end, because memory was short (exit code 3).
    Incomplete,
    /// Ctrl-C: what was finished has been kept (exit code 130).
    Interrupted,
    /// SIGTERM: what was finished has been kept (exit code 75).
    Terminated,
}

/// A message for the person who gave the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    kind: Kind,
    what: String,
    place: Option<String>,
    help: Option<String>,
}

impl Error {
    /// An error about bad input; `what` is a sentence without a full stop.
    pub fn new(what: impl Into<String>) -> Self {
        Self {
            kind: Kind::BadInput,
            what: what.into(),
            place: None,
            help: None,
        }
    }

    /// The program ends because of `kind`: the work failed, or was stopped from outside.
    pub fn stopped(kind: Kind, what: impl Into<String>) -> Self {
        Self {
            kind,
            what: what.into(),
            place: None,
            help: None,
        }
    }

    /// Where the trouble is: a file, `file:line`, or `file: /json/pointer`. The innermost place
    /// comes first; a later call wraps it, so that `x.json` and `/seed` read `x.json: /seed`.
    #[must_use]
    pub fn at(mut self, place: impl fmt::Display) -> Self {
        self.place = Some(match self.place {
            None => place.to_string(),
            Some(inner) if inner.starts_with(|c: char| c.is_ascii_digit()) => {
                format!("{place}:{inner}")
            }
            Some(inner) => format!("{place}: {inner}"),
        });
        self
    }

    /// The folder in which the trouble's file is: `runs.csv:5` becomes `results/x/runs.csv:5`.
    #[must_use]
    pub fn within(mut self, folder: impl fmt::Display) -> Self {
        self.place = Some(match self.place {
            None => folder.to_string(),
            Some(inner) => format!("{folder}/{inner}"),
        });
        self
    }

    /// What the reader can do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// What the reader can do about it, unless that has been said.
    #[must_use]
    pub fn or_help(self, help: impl FnOnce() -> String) -> Self {
        if self.help.is_some() {
            self
        } else {
            self.help(help())
        }
    }

    /// The place, what is wrong, and what to do about it, each by itself.
    pub fn into_parts(self) -> (Option<String>, String, Option<String>) {
        (self.place, self.what, self.help)
    }

    /// Why the program ends.
    pub fn kind(&self) -> Kind {
        self.kind
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "{place}: ")?;
        }
        f.write_str(&self.what)?;
        if let Some(help) = &self.help {
            write!(f, "\n  help: {help}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

/// The nearest of `known` to `given` by edit distance, if one is near enough to be meant.
pub fn nearest<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(given, name), name))
        .filter(|(distance, name)| *distance <= 1 + given.len().max(name.len()) / 3)
        .min()
        .map(|(_, name)| name)
}

/// What `make` returns, or the message with which it panicked.
///
/// # Errors
/// If it panicked.
pub(crate) fn caught<T>(make: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(make)).map_err(|panic| {
        let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
        text.unwrap_or_else(|| "it panicked without a message".into())
    })
}

/// What a text that is not the JSON expected has wrong. `serde_json` ends this with the line and the column,
/// which an [`Error`] tells as its place.
pub(crate) fn json_fault(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    text.strip_suffix(&place).unwrap_or(&text).to_owned()
}
