//! Faults planted in the rules: each makes an example of the page false.

use super::community;
use super::examples::{Example, examples};
use crate::calculus::Label;
use crate::calculus::planted::Fault;

/// Whether the rules with `fault` do what the page says of `example`.
fn holds(fault: Fault, example: &Example) -> bool {
    let mut now = community(example.term);
    let label = Label::parse(example.label).unwrap();
    let changed = fault.change(&mut now, &label);
    match (changed, example.outcome) {
        (Ok(()), Ok(next)) => now.to_string() == next,
        (Err(failure), Err(premise)) => failure.premise == premise,
        _ => false,
    }
}

#[test]
fn each_fault_of_the_rules_makes_an_example_false() {
    let examples = examples();
    let all = Fault::all();
    assert!(all.len() > 100, "{}", all.len());
    let unseen: Vec<String> = all
        .into_iter()
        .filter(|fault| examples.iter().all(|example| holds(*fault, example)))
        .map(|fault| fault.to_string())
        .collect();
    assert!(unseen.is_empty(), "{unseen:?}");
}
