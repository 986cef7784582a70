//! Labels of transitions: a rule and whom it is about; and what a rule makes of a community.
//!
//! It does *not* know the effects of rules.

use std::fmt;

use super::community::{Community, Malformed, pair};
use super::name::Name;
use super::parse::{at_line, broker, computer, name};
use super::premise::Premise;
use super::rules::{Rule, Sort};
use super::scan::Scanner;
use crate::error::fault::Fault;
use crate::error::{Result, nearest};

/// The label of a transition.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Label {
    rule: Rule,
    names: Vec<Name>,
}

/// Why a rule cannot be applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The label.
    pub label: Label,
    /// The premise that does not hold; empty, if a name is unknown.
    pub premise: &'static str,
    /// Why it does not.
    pub why: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            label,
            premise,
            why,
        } = self;
        write!(f, "`{label}` cannot be applied: ")?;
        if !premise.is_empty() {
            write!(f, "its premise `{premise}` does not hold: ")?;
        }
        f.write_str(why)
    }
}

impl std::error::Error for Failure {}

impl Label {
    /// The label of `rule` with these names. A link's names are put in order.
    ///
    /// # Panics
    /// If they are too many or too few.
    pub fn new(rule: Rule, names: &[&Name]) -> Self {
        assert_eq!(names.len(), rule.definition().variables.len(), "{rule:?}");
        let mut names: Vec<Name> = names.iter().map(|name| (*name).clone()).collect();
        if matches!(rule, Rule::Link | Rule::Unlink) {
            let (one, other) = pair(&names[0], &names[1]);
            names = vec![one, other];
        }
        Self { rule, names }
    }

    /// Its rule.
    pub fn rule(&self) -> Rule {
        self.rule
    }

    /// Those that it is about.
    pub fn names(&self) -> &[Name] {
        &self.names
    }

    /// Reads a label: the name of a rule, then the names that it is about.
    ///
    /// # Errors
    /// If `text` is none: with the character at which that shows.
    pub fn parse(text: &str) -> Result<Self> {
        Self::read(text).map_err(|fault| at_line(fault, text))
    }

    pub(super) fn read(text: &str) -> Result<Self, Fault> {
        let mut scanner = Scanner::new(text);
        let word = scanner.next();
        let Some(rule) = Rule::named(word.text) else {
            let fault = word.not("the name of a rule");
            let near = nearest(word.text, Rule::ALL.map(Rule::name));
            let is_time = word
                .text
                .starts_with(|letter: char| letter.is_ascii_digit());
            let others = || {
                if is_time {
                    return "a label begins with its rule; only in `overlay.script` of a scenario a time stands before it: `12.5s leave g5 B3`".into();
                }
                format!("the rules are {}", Rule::ALL.map(Rule::name).join(", "))
            };
            let help = near.map_or_else(others, |near| format!("do you mean `{near}`?"));
            return Err(fault.help(help));
        };
        let form = || format!("its form is `{}`", rule.form());
        let mut names = Vec::new();
        for (_, sort) in rule.definition().variables {
            let word = scanner.next();
            let read = match sort {
                Sort::Computer => computer(word),
                Sort::Broker => broker(word),
                Sort::Individual => name(word, "a computer like `g1` or a broker like `B1`"),
            };
            names.push(read.map_err(|fault| fault.help(form()))?);
        }
        let rest = scanner.peek();
        if !rest.is_end() {
            return Err(rest.not("the end of the label").help(form()));
        }
        Ok(Self::new(rule, &names.iter().collect::<Vec<_>>()))
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.rule.name())?;
        for name in &self.names {
            write!(f, " {name}")?;
        }
        Ok(())
    }
}

impl Community {
    /// What the rule of `label` makes of it.
    ///
    /// # Errors
    /// If a name is unknown, or a premise does not hold: the first one.
    pub fn apply(&self, label: &Label) -> Result<Self, Failure> {
        self.check(label)?;
        let mut next = self.clone();
        let Label { rule, names } = label;
        (rule.definition().effect)(&mut next, names);
        Ok(next)
    }

    /// Changes it by the rule of `label`; it stays as it is if that cannot be applied.
    ///
    /// # Errors
    /// If a name is unknown, or a premise does not hold: the first one.
    pub fn change(&mut self, label: &Label) -> Result<(), Failure> {
        self.check(label)?;
        let Label { rule, names } = label;
        (rule.definition().effect)(self, names);
        Ok(())
    }

    /// Checks that the rule of `label` can be applied to it.
    ///
    /// # Errors
    /// If a name is unknown, or a premise does not hold: the first one.
    pub fn check(&self, label: &Label) -> Result<(), Failure> {
        self.check_all(label, &label.names, label.rule.definition().premises)
    }

    /// Checks that all `names` are there, and that `premises` hold of them; `label` is what is said not to fit.
    pub(super) fn check_all(
        &self,
        label: &Label,
        names: &[Name],
        premises: &[Premise],
    ) -> Result<(), Failure> {
        let failure = |premise, why| Failure {
            label: label.clone(),
            premise,
            why,
        };
        let mut unknown = names.iter().filter(|name| self.get(name).is_none());
        if let Some(unknown) = unknown.next() {
            let Malformed { what, .. } = self.unknown(unknown);
            return Err(failure("", what));
        }
        for premise in premises {
            if let Some(why) = premise.failure(self, names) {
                return Err(failure(premise.name(), why));
            }
        }
        Ok(())
    }
}
