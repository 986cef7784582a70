//! Why a graph cannot be generated, and which of its parameters are to blame.
//!
//! It does *not* know where those parameters were written: the spec file's reader adds the line.

use crate::error::Error;
use crate::parameters::Problem;

/// The group of parameters that is to blame; a line of a spec file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ParameterGroup {
    /// The three counts of a transit-stub graph: stub domains a transit router, extra links.
    Counts,
    /// The graph of transit domains.
    Top,
    /// The transit domains.
    Transit,
    /// The stub domains.
    Stub,
    /// The one line of a flat graph.
    Flat,
}

impl ParameterGroup {
    /// What the part describes, as the subject of a sentence.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Counts => "the transit-stub graph",
            Self::Top => "the graph of transit domains",
            Self::Transit => "a transit domain",
            Self::Stub => "a stub domain",
            Self::Flat => "the flat graph",
        }
    }
}

/// A graph that will not be generated.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) part: ParameterGroup,
    /// The one parameter of a scenario that is to blame, if it is one.
    pub(super) member: Option<&'static str>,
    pub(super) error: Error,
}

impl Refusal {
    pub(super) fn new(
        part: ParameterGroup,
        what: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self {
            part,
            member: None,
            error: Error::new(what).help(help),
        }
    }

    /// This refusal, with `member` as the one to blame.
    pub(super) fn of(self, member: &'static str) -> Self {
        let member = Some(member);
        Self { member, ..self }
    }

    /// This refusal as a problem of a scenario, whose parameters stand in an object at `pointer`.
    pub(super) fn problem(self, pointer: &str) -> Problem {
        let place = match self.member {
            Some(member) => format!("{pointer}/{member}"),
            None => pointer.to_owned(),
        };
        Problem::within(place, self.error)
    }
}
