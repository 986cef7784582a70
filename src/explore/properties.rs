//! The properties: what must hold at any time, and what must hold once a world is at rest.
//!
//! Those of the search itself stand here; the others are the system's. They do *not* say how a world came to be as it is.

use super::{Bounds, DEADLOCK, LIVELOCK, NO_PANIC, REST, TIMERS};
use crate::error::{Error, Result, nearest};
use crate::system::{Explorable, Property, Violation};

/// What must hold, by when it must: the names, and the sentences without full stops.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Properties {
    /// At any time.
    pub always: Vec<Property>,
    /// Once nothing is pending and nothing goes wrong any more.
    pub at_rest: Vec<Property>,
    /// What does not have to hold: a search can look for a state in which it does.
    pub goals: Vec<Property>,
}

/// All properties of the system `S`.
pub fn properties<S: Explorable>() -> Properties {
    let [always, at_rest] = S::properties();
    let followed = S::following().map(|it| it.property);
    Properties {
        always: [NO_PANIC, TIMERS, DEADLOCK, LIVELOCK]
            .into_iter()
            .chain(always)
            .collect(),
        at_rest: [REST].into_iter().chain(at_rest).chain(followed).collect(),
        goals: S::goals(),
    }
}

/// Those that are looked for.
#[derive(Debug)]
pub(super) struct Wanted<'w>(Option<&'w [String]>);

impl<'w> Wanted<'w> {
    /// What `bounds` asks for, of `all`.
    ///
    /// # Errors
    /// If there is no property or goal of such a name.
    pub(super) fn of(bounds: &'w Bounds, all: &Properties) -> Result<Self> {
        if let Some(goal) = &bounds.reach {
            check(goal, &mut all.goals.iter(), ("goal", "--reach"))?;
            return Ok(Self(Some(std::slice::from_ref(goal))));
        }
        for name in bounds.properties.iter().flatten() {
            let mut known = all.always.iter().chain(&all.at_rest);
            check(name, &mut known, ("property", "--properties"))?;
        }
        Ok(Self(bounds.properties.as_deref()))
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

/// Checks that `name` is one of those that are `known`.
fn check(
    name: &str,
    known: &mut dyn Iterator<Item = &Property>,
    (what, option): (&str, &str),
) -> Result<()> {
    let known: Vec<&str> = known.map(|(name, _)| *name).collect();
    if known.contains(&name) {
        return Ok(());
    }
    let error = Error::new(format!("there is no {what} `{name}`")).at(option);
    Err(match nearest(name, known) {
        Some(near) => error.help(format!("do you mean `{near}`? --list tells all")),
        None => error.help("--list tells all"),
    })
}
