//! Lists, summaries and drawn constraints.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;

use proptest::prelude::*;

use super::naive::constraints;
use crate::constraint::{
    Attributes, Change, Constraint, Covering, Drawn, Interner, Merging, Random,
};
use crate::parameters::decode_text;
use crate::random::RandomStreams;

/// What comes and goes: constraints, and the numbers of those that come (true) or go.
fn history() -> impl Strategy<Value = (Vec<Constraint>, Vec<(usize, bool)>)> {
    let constraint = constraints().prop_map(|(constraint, _)| constraint);
    let list = prop::collection::vec(constraint, 1..12);
    list.prop_flat_map(|list| {
        let step = (0..list.len(), prop::bool::weighted(0.6));
        (Just(list), prop::collection::vec(step, 0..60))
    })
}

/// Follows the changes of a summary: nothing is added that was there, or withdrawn that was not.
fn follow<T: Ord>(summary: &mut BTreeSet<T>, change: Change<T>) {
    for gone in change.withdrawn {
        assert!(summary.remove(&gone));
    }
    for new in change.added {
        assert!(summary.insert(new));
    }
}

/// Counts what is present; returns whether a constraint came that was absent, or the last of it went.
fn count<T: Ord>(present: &mut BTreeMap<T, u32>, what: T, comes: bool) -> bool {
    let count = present.remove(&what).unwrap_or(0);
    let next = if comes {
        count + 1
    } else {
        count.saturating_sub(1)
    };
    if next > 0 {
        present.insert(what, next);
    }
    (count == 0) != (next == 0)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_list_knows_what_matches_and_covers((list, _) in history()) {
        let mut interner = Interner::default();
        let ids: Vec<_> = list.iter().map(|constraint| interner.intern(constraint.clone())).collect();
        let interned = interner.finish();
        prop_assert_eq!(interned.len(), list.iter().collect::<BTreeSet<_>>().len());
        for (one, &id) in list.iter().zip(&ids) {
            prop_assert_eq!(interned.get(id), one);
            let matching: BTreeSet<_> = interned.matching(id).collect();
            for (other, &other_id) in list.iter().zip(&ids) {
                prop_assert_eq!(id == other_id, one == other);
                prop_assert_eq!(interned.matches(id, other_id), one.matches(other));
                prop_assert_eq!(matching.contains(&other_id), one.matches(other));
                prop_assert_eq!(interned.covers(id, other_id), one.covers(other));
            }
        }
    }

    #[test]
    fn covering_keeps_what_no_other_covers((list, history) in history()) {
        let mut interner = Interner::default();
        let ids: Vec<_> = list.iter().map(|constraint| interner.intern(constraint.clone())).collect();
        let list = interner.finish();
        let (mut covering, mut followed) = (Covering::default(), BTreeSet::new());
        let mut present = BTreeMap::new();
        for (index, comes) in history {
            let id = ids[index];
            let is_new = count(&mut present, id, comes);
            let change = if comes { covering.insert(&list, id) } else { covering.remove(&list, id) };
            // Never more updates than with the exact summary.
            prop_assert!(is_new || change.is_nothing());
            follow(&mut followed, change);
            let is_covered = |id| present.keys().any(|&other| other != id && list.covers(other, id));
            let expected = present.keys().copied().filter(|&id| !is_covered(id));
            prop_assert_eq!(&expected.collect::<BTreeSet<_>>(), &followed);
            prop_assert_eq!(covering.summary().collect::<BTreeSet<_>>(), followed.clone());
        }
    }

    #[test]
    fn merging_loses_nothing_and_stays_small((list, history) in history(), most in 1_usize..5) {
        let mut merging = Merging::new(NonZeroUsize::new(most).unwrap());
        let (mut followed, mut present) = (BTreeSet::new(), BTreeMap::new());
        for (index, comes) in history {
            let constraint = &list[index];
            count(&mut present, constraint.clone(), comes);
            let change = if comes {
                merging.insert(constraint.clone())
            } else {
                merging.remove(constraint)
            };
            follow(&mut followed, change);
            let summary: Vec<&Constraint> = merging.summary().collect();
            prop_assert!(summary.iter().copied().eq(&followed));
            prop_assert!(summary.len() <= most);
            prop_assert_eq!(summary.is_empty(), present.is_empty());
            for (at, one) in summary.iter().enumerate() {
                prop_assert!(!summary.iter().enumerate().any(|(by, other)| by != at && other.covers(one)));
            }
            for one in present.keys() {
                prop_assert!(summary.iter().any(|hull| hull.covers(one)));
            }
            // What is asked for and present is never missed.
            for request in &list {
                let is_there = present.keys().any(|offer| offer.matches(request));
                prop_assert!(!is_there || summary.iter().any(|hull| hull.matches(request)));
            }
        }
    }
}

#[test]
fn the_most_alike_are_merged() {
    let attributes = Attributes::from_json(r#"{"Type": ["CPU", "MEM"], "Time": "s"}"#).unwrap();
    let mut merging = Merging::new(NonZeroUsize::new(2).unwrap());
    for text in ["[Time<10]", "[Type=CPU] & [Time<1000]", "[Time<12]"] {
        merging.insert(attributes.parse(text).unwrap());
    }
    let texts = |merging: &Merging| {
        let texts = merging.summary().map(|hull| attributes.text(hull));
        texts.collect::<BTreeSet<_>>()
    };
    let expected = ["[Time<12s]", "[Time<1000s] & [Type=CPU]"].map(str::to_owned);
    assert_eq!(texts(&merging), BTreeSet::from(expected));
    merging.remove(&attributes.parse("[Time<12]").unwrap());
    let expected = ["[Time<10s]", "[Time<1000s] & [Type=CPU]"].map(str::to_owned);
    assert_eq!(texts(&merging), BTreeSet::from(expected));
}

fn declared() -> Attributes {
    Attributes::from_json(r#"{"Type": ["a", "b", "c", "d", "e"], "Time": "s", "Cores": null}"#)
        .unwrap()
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn selectivity_is_the_probability_of_a_match() {
    let (attributes, streams) = (declared(), RandomStreams::new(11, 0));
    let drawn = |selectivity: f64, clauses: usize| {
        let json = format!(
            r#"{{"selectivity": {selectivity}, "clauses": {clauses},
                 "ranges": {{"Time": ["-1min", "1.5ks"], "Cores": ["1", "64"]}}}}"#
        );
        let random: Random = decode_text(&json).unwrap();
        random.validate(&attributes, "").unwrap()
    };
    let requests = drawn(0.0, 3);
    let n = 20_000;
    for (selectivity, clauses, expected) in [
        (0.2, 3, 0.008),
        (0.4, 2, 0.16),
        (0.8, 1, 0.8),
        (0.0, 1, 0.0673),
    ] {
        let offers = drawn(selectivity, clauses);
        let matches = (0..n).filter(|&index| {
            let offer = offers.constraint(streams, Drawn::OFFERED, index);
            // A text takes ten times as long as a match.
            if index < n / 10 {
                let text = attributes.text(&offer);
                assert_eq!(attributes.parse(&text).unwrap(), offer, "{text}");
            }
            offer.matches(&requests.constraint(streams, Drawn::REQUESTED, index))
        });
        let share = matches.count() as f64 / f64::from(n);
        let error = (expected * (1.0 - expected) / f64::from(n)).sqrt();
        assert!(
            (share - expected).abs() < 4.0 * error,
            "{selectivity} {clauses}: {share}"
        );
    }
}

#[test]
fn what_is_drawn_must_fit_the_attributes() {
    for (json, pointer) in [
        (r#"{"ranges": {"Tim": ["0", "1"]}}"#, "/r/ranges/Tim"),
        (r#"{"ranges": {"Type": ["0", "1"]}}"#, "/r/ranges/Type"),
        (r#"{"ranges": {"Time": ["0", "1B"]}}"#, "/r/ranges/Time/1"),
        (r#"{"ranges": {"Time": ["1", "1000ms"]}}"#, "/r/ranges/Time"),
        (r#"{"clauses": 2}"#, "/r/clauses"),
    ] {
        let random: Random = decode_text(json).unwrap();
        assert_eq!(
            random.validate(&declared(), "/r").unwrap_err().pointer,
            pointer
        );
    }
    let random: Random = decode_text("{}").unwrap();
    assert!(random.validate(&declared(), "").is_ok());
}
