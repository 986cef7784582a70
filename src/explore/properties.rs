//! The properties: what must hold at any time, and what must hold once a world is at rest.
//!
//! Those of the search itself stand here; the others are the system's. They do *not* say how a world came to be as it is.

use super::{DEADLOCK, NO_PANIC, REST, TIMERS};
use crate::error::{Error, Result, nearest};
use crate::system::{Explorable, Observed, Property, Violation};

/// What must hold, by when it must: the names, and the sentences without full stops.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Properties {
    /// At any time.
    pub always: Vec<Property>,
    /// Once nothing is pending and nothing goes wrong any more.
    pub at_rest: Vec<Property>,
}

/// All properties of a system that is explored like this.
pub fn properties<S: Observed>(how: &Explorable<S>) -> Properties {
    let [always, at_rest] = (how.properties)();
    let followed = how.following.as_ref().map(|it| it.property);
    Properties {
        always: [NO_PANIC, TIMERS, DEADLOCK]
            .into_iter()
            .chain(always)
            .collect(),
        at_rest: [REST].into_iter().chain(at_rest).chain(followed).collect(),
    }
}

/// Those that are checked.
#[derive(Debug)]
pub(super) struct Wanted<'w>(Option<&'w [String]>);

impl<'w> Wanted<'w> {
    /// Those of `all` with these names; `None`: all of them.
    ///
    /// # Errors
    /// If there is no property of one of the names.
    pub(super) fn of(names: Option<&'w [String]>, all: &Properties) -> Result<Self> {
        let known = || all.always.iter().chain(&all.at_rest).map(|(name, _)| *name);
        for name in names.into_iter().flatten() {
            if !known().any(|known| known == name) {
                let error = Error::new(format!("there is no property `{name}`")).at("--properties");
                return Err(match nearest(name, known()) {
                    Some(near) => error.help(format!("do you mean `{near}`? --list tells all")),
                    None => error.help("--list tells all"),
                });
            }
        }
        Ok(Self(names))
    }

    /// Whether a property is one of them.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.is_none_or(|names| names.iter().any(|it| it == name))
    }

    /// The first violation of one of them.
    pub(super) fn first(&self, violations: Vec<Violation>) -> Option<Violation> {
        let mut all = violations.into_iter();
        all.find(|violation| self.has(violation.name))
    }
}
