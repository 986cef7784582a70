//! Operations on sets, against the points that are in them.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::naive::{Point, attributes, clauses, constraints, satisfying, text};

/// The least box that has all these points: for each coordinate the words, or the numbers in between.
fn is_in_box(points: &[Point], point: Point) -> bool {
    let between = |at: usize| {
        let numbers = || points.iter().map(|(_, numbers)| numbers[at]);
        numbers().min() <= Some(point.1[at]) && Some(point.1[at]) <= numbers().max()
    };
    points.iter().any(|(word, _)| *word == point.0) && between(0) && between(1)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_text_is_read_unless_no_point_satisfies_it(clauses in clauses()) {
        let (text, points) = (text(&clauses), satisfying(&clauses));
        match attributes().parse(&text) {
            Ok(_) => prop_assert!(!points.is_empty(), "{}", text),
            Err(error) => prop_assert!(points.is_empty(), "{}", error),
        }
    }

    #[test]
    fn the_canonical_text_means_the_same((one, points) in constraints(), (other, others) in constraints()) {
        let attributes = attributes();
        let texts = [&one, &other].map(|constraint| attributes.text(constraint));
        let again = attributes.parse(&texts[0]).unwrap();
        prop_assert_eq!(&again, &one);
        prop_assert_eq!(&attributes.text(&again), &texts[0]);
        prop_assert_eq!(points == others, one == other);
        prop_assert_eq!(one == other, texts[0] == texts[1]);
        prop_assert_eq!(one == other, one.cmp(&other).is_eq());
    }

    #[test]
    fn matching_and_covering_are_those_of_points((one, points) in constraints(), (other, others) in constraints()) {
        let set: BTreeSet<_> = points.iter().collect();
        let both = others.iter().filter(|point| set.contains(point)).count();
        prop_assert_eq!(one.matches(&other), both > 0);
        prop_assert_eq!(other.matches(&one), both > 0);
        prop_assert_eq!(one.covers(&other), both == others.len());
        prop_assert!(one.covers(&one));
        let intersection = one.intersection(&other);
        prop_assert_eq!(intersection.is_some(), both > 0);
        prop_assert_eq!(&intersection, &other.intersection(&one));
        if let Some(intersection) = intersection {
            prop_assert!(one.covers(&intersection) && other.covers(&intersection));
            prop_assert!(attributes().parse(&attributes().text(&intersection)).unwrap() == intersection);
        }
        prop_assert_eq!(one.distance(&other).to_bits(), other.distance(&one).to_bits());
        prop_assert!((0.0..=3.0).contains(&one.distance(&other)));
    }

    #[test]
    fn covering_is_transitive(
        (one, _) in constraints(), (other, _) in constraints(), (third, _) in constraints(),
    ) {
        let (wide, wider) = (one.hull(&other), one.hull(&other).hull(&third));
        prop_assert!(wider.covers(&wide) && wide.covers(&one) && wider.covers(&one));
        if one.covers(&other) && other.covers(&third) {
            prop_assert!(one.covers(&third));
        }
        if one.covers(&other) && other.covers(&one) {
            prop_assert_eq!(one, other);
        }
    }

    #[test]
    fn the_hull_is_the_least_that_covers_both(
        (one, points) in constraints(), (other, others) in constraints(), (third, thirds) in constraints(),
    ) {
        let hull = one.hull(&other);
        prop_assert_eq!(&hull, &other.hull(&one));
        prop_assert!(hull.covers(&one) && hull.covers(&other));
        let all = [points, others].concat();
        let covers = all.iter().all(|point| thirds.contains(point));
        prop_assert_eq!(third.covers(&hull), covers);
        let meets = thirds.iter().any(|&point| is_in_box(&all, point));
        prop_assert_eq!(hull.matches(&third), meets);
        let text = attributes().text(&hull);
        prop_assert_eq!(hull.is_everything(), text.is_empty());
        if !text.is_empty() {
            prop_assert_eq!(attributes().parse(&text).unwrap(), hull);
        }
    }
}
