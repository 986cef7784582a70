//! Invariants: what must hold of a system once it has come to rest, each with a name and a sentence.
//!
//! A room that knows a part of a system's state lists what must hold of it. This module does *not*
//! know any of them, nor who checks them.

use std::fmt;

/// What must hold of a view `V` of a system's state.
#[derive(Debug)]
pub struct Invariant<V> {
    /// What it is called: `slots`.
    pub name: &'static str,
    /// What must hold, as a sentence without a full stop.
    pub sentence: &'static str,
    /// Each case in which it does not hold, in a sentence without a full stop.
    pub check: fn(&V) -> Vec<String>,
}

/// An invariant that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// What the invariant is called.
    pub name: &'static str,
    /// What must hold.
    pub sentence: &'static str,
    /// Each case in which it does not hold.
    pub cases: Vec<String>,
}

/// The maximum number of cases of one violation that are printed.
const CASES_PRINTED_MAX: usize = 3;

/// The invariants that do not hold of `view`, in their order.
pub fn violations<V>(invariants: &[Invariant<V>], view: &V) -> Vec<Violation> {
    let broken = invariants.iter().filter_map(|invariant| {
        let cases = (invariant.check)(view);
        let (name, sentence) = (invariant.name, invariant.sentence);
        (!cases.is_empty()).then_some(Violation {
            name,
            sentence,
            cases,
        })
    });
    broken.collect()
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.sentence)?;
        for case in self.cases.iter().take(CASES_PRINTED_MAX) {
            write!(f, "\n  but {case}")?;
        }
        match self.cases.len().saturating_sub(CASES_PRINTED_MAX) {
            0 => Ok(()),
            more => write!(f, "\n  and {more} more"),
        }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    /// Two invariants of a list of numbers.
    fn invariants() -> [Invariant<Vec<u32>>; 2] {
        let large = |numbers: &Vec<u32>| {
            let large = numbers.iter().filter(|number| **number > 9);
            large.map(|number| format!("{number} is there")).collect()
        };
        [
            Invariant {
                name: "some",
                sentence: "the list is not empty",
                check: |numbers| {
                    numbers
                        .is_empty()
                        .then(|| "it is".into())
                        .into_iter()
                        .collect()
                },
            },
            Invariant {
                name: "small",
                sentence: "no number has two digits",
                check: large,
            },
        ]
    }

    #[test]
    fn what_does_not_hold_is_named_with_its_cases() {
        assert_eq!(violations(&invariants(), &vec![1]), []);
        let empty = violations(&invariants(), &Vec::new());
        expect![[r#"
            some: the list is not empty
              but it is"#]]
        .assert_eq(&empty[0].to_string());
        let broken = violations(&invariants(), &vec![10, 2, 11, 12, 13, 14]);
        assert_eq!((broken.len(), broken[0].cases.len()), (1, 5));
        expect![[r#"
            small: no number has two digits
              but 10 is there
              but 11 is there
              but 12 is there
              and 2 more"#]]
        .assert_eq(&broken[0].to_string());
    }
}
