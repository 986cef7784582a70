//! The examples of the page: each is true, and together they show each rule at work and each premise of each rule.

use std::collections::BTreeSet;

use super::{after, community};
use crate::calculus::{Label, rules};

const PAGE: &str = include_str!("../../../docs/calculus.md");

/// An example: a label, a term, and what comes of it or the premise that does not hold.
pub(super) struct Example {
    pub(super) label: &'static str,
    pub(super) term: &'static str,
    pub(super) outcome: Result<&'static str, &'static str>,
}

pub(super) fn examples() -> Vec<Example> {
    let lines = PAGE.lines().filter_map(|line| line.strip_prefix("    "));
    let read = lines.filter_map(|line| {
        let (label, rest) = line.split_once(" : ")?;
        let (term, outcome) = match rest.split_once(" -> ") {
            Some((term, next)) => (term, Ok(next)),
            None => rest.split_once(" -/ ").map(|(term, it)| (term, Err(it)))?,
        };
        Some(Example {
            label,
            term,
            outcome,
        })
    });
    read.collect()
}

#[test]
fn the_examples_of_the_page_are_true() {
    for Example {
        label,
        term,
        outcome,
    } in examples()
    {
        let outcome = outcome.map(str::to_owned);
        assert_eq!(after(term, label), outcome, "{label} : {term}");
    }
}

/// So a premise that is left out, or two labels that are exchanged, are found.
#[test]
fn each_rule_and_each_of_its_premises_has_an_example() {
    let shown: BTreeSet<(String, &str)> = examples()
        .iter()
        .map(|example| {
            let rule = Label::parse(example.label)
                .unwrap()
                .rule()
                .name()
                .to_owned();
            (rule, example.outcome.err().unwrap_or_default())
        })
        .collect();
    let all = rules();
    assert_eq!(all.len(), 21);
    for rule in all {
        let name = rule.form.split(' ').next().unwrap().to_owned();
        assert!(shown.contains(&(name.clone(), "")), "{name}");
        for premise in rule.premises {
            let premise = premise.split('(').next().unwrap();
            let premise = premise.to_owned();
            let is_shown = shown.iter().any(|(of, it)| *of == name && *it == premise);
            assert!(is_shown, "{name}: {premise}");
        }
    }
}

/// The page lists the premises of each rule as the program does.
#[test]
fn the_page_states_the_premises() {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let page = words(PAGE);
    for rule in rules() {
        let premises = rule.premises.join(", ");
        assert!(page.contains(&premises), "{}: {premises}", rule.form);
        assert!(page.contains(&rule.form), "{}", rule.form);
    }
}

#[test]
fn a_name_that_is_not_there_is_no_premise() {
    let label = Label::parse("join g2 B1").unwrap();
    let failure = community("B1[] | g1").apply(&label).unwrap_err();
    assert_eq!(
        failure.to_string(),
        "`join g2 B1` cannot be applied: there is no `g2` in the community; do you mean `g1`?"
    );
}
