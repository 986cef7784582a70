//! Faults planted in the rules, for tests: a premise is left out, two rules that stand side by side are exchanged, a rule does
//! nothing.
//!
//! It does *not* know who finds them.

use std::fmt;

use super::premise::Premise;
use super::{Community, Failure, Label, Name, Rule};

/// A fault in the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fault {
    /// The rule does without its premise at this place.
    Without(Rule, usize),
    /// Each of the two has the premises and the effect of the other one.
    Exchanged(Rule, Rule),
    /// The rule changes nothing.
    Inert(Rule),
}

impl Fault {
    /// All of them.
    pub(crate) fn all() -> Vec<Self> {
        let without = Rule::ALL.into_iter().flat_map(|rule| {
            let count = rule.definition().premises.len();
            (0..count).map(move |place| Self::Without(rule, place))
        });
        let exchanged = Rule::ALL
            .windows(2)
            .map(|pair| Self::Exchanged(pair[0], pair[1]));
        let inert = Rule::ALL.into_iter().map(Self::Inert);
        without.chain(exchanged).chain(inert).collect()
    }

    /// Changes `community` by `label`, as the rules do that have this fault.
    pub(crate) fn change(self, community: &mut Community, label: &Label) -> Result<(), Failure> {
        let rule = self.instead_of(label.rule());
        let definition = rule.definition();
        let names = label.names();
        // A rule about more names has the first ones again.
        let names: Vec<Name> = names
            .iter()
            .cycle()
            .take(definition.variables.len())
            .cloned()
            .collect();
        let premises = definition.premises.iter().enumerate();
        let premises = premises.filter(|(place, _)| self != Self::Without(rule, *place));
        let premises: Vec<Premise> = premises.map(|(_, premise)| *premise).collect();
        community.check_all(label, &names, &premises)?;
        if self != Self::Inert(rule) {
            (definition.effect)(community, &names);
        }
        Ok(())
    }

    /// The rule whose premises and effect `rule` has.
    fn instead_of(self, rule: Rule) -> Rule {
        match self {
            Self::Exchanged(one, other) if rule == one => other,
            Self::Exchanged(one, other) if rule == other => one,
            _ => rule,
        }
    }

    /// Whether labels of `rule` are taken otherwise.
    pub(crate) fn concerns(self, rule: Rule) -> bool {
        match self {
            Self::Without(of, _) | Self::Inert(of) => of == rule,
            Self::Exchanged(one, other) => [one, other].contains(&rule),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Without(rule, place) => {
                let definition = rule.definition();
                let premise = definition.premises[*place].text(definition.variables);
                write!(f, "{} without {premise}", rule.name())
            }
            Self::Exchanged(one, other) => write!(f, "{} for {}", one.name(), other.name()),
            Self::Inert(rule) => write!(f, "{} changes nothing", rule.name()),
        }
    }
}
