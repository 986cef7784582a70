//! The examples of the page: each is true, and together they show each rule at work and each premise of each rule.

use std::collections::{BTreeMap, BTreeSet};

use expect_test::expect;

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

/// The signs of rendered formulas, and what stands for them in plain text.
const SIGNS: [(&str, &str); 11] = [
    (r"^{\ast}", "*"),
    (r"\mid", "|"),
    (r"\Rightarrow", "=>"),
    (r"\sim", "~"),
    (r"\lfloor", "⌊"),
    (r"\rfloor", "⌋"),
    (r"\lbrace", "{"),
    (r"\rbrace", "}"),
    (r"\dots", "…"),
    (r"\quad", ","),
    (r"\ ", " "),
];

/// A rendered formula in plain text.
fn plain(rendered: &str) -> String {
    let mut words = rendered.split(r"\text{");
    let mut text = words.next().unwrap().to_owned();
    for word in words {
        let (word, rest) = word.split_once('}').unwrap();
        text = text + word + rest;
    }
    let signs = SIGNS.iter();
    signs.fold(text, |text, (sign, plain)| text.replace(sign, plain))
}

fn without_blanks(text: &str) -> String {
    text.split_whitespace().collect()
}

/// A rule that a line shows rendered: its form, then its formula and its premises without blanks.
fn rendered(line: &str) -> Option<(String, [String; 2])> {
    let line = line.strip_prefix(r"$$\dfrac{")?.strip_suffix("}$$")?;
    let (premises, formula) = line.split_once("}{")?;
    let (left, rest) = formula.split_once(r" \xrightarrow{")?;
    let (form, right) = rest.split_once("} ")?;
    let formula = format!("{}→{}", plain(left), plain(right));
    let told = [formula, plain(premises)];
    Some((plain(form), told.map(|text| without_blanks(&text))))
}

#[test]
fn what_the_page_renders_is_what_it_states_in_plain_text() {
    let rendered: BTreeMap<String, [String; 2]> = PAGE.lines().filter_map(rendered).collect();
    let all = rules();
    assert_eq!(rendered.len(), all.len(), "{:?}", rendered.keys());
    for rule in all {
        let begin = format!("\n    {} ", rule.form);
        let (_, behind) = PAGE.split_once(&begin).unwrap();
        let (formula, _) = behind.split_once(&rule.premises[0]).unwrap();
        let stated = [formula, &rule.premises.join(",")].map(without_blanks);
        assert_eq!(rendered.get(&rule.form), Some(&stated), "{}", rule.form);
    }
}

#[test]
fn a_name_that_is_not_there_is_no_premise() {
    let label = Label::parse("join g2 B1").unwrap();
    let failure = community("B1[] | g1").apply(&label).unwrap_err();
    expect!["`join g2 B1` cannot be applied: there is no `g2` in the community; do you mean `g1`?"]
        .assert_eq(&failure.to_string());
}
