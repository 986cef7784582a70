//! Specs that the original refuses, on which it aborts, and for which it runs for ever.

use super::{exact, refusal};
use crate::review::Page;

/// Each spec is refused on account of the line, and what to do about it is said.
fn check(heading: &str, name: &str, cases: &[(&str, usize)]) {
    let mut page = Page::new(heading);
    for (lines, line) in cases {
        let error = refusal(lines);
        let (place, _, help) = error.clone().into_parts();
        let place = place.unwrap_or_default();
        let told = place.split(':').next().unwrap();
        assert_eq!(told, line.to_string(), "{lines}: {error}");
        assert!(help.is_some(), "{lines}: {error}");
        page.entry(lines, error);
    }
    page.check(name);
}

const ABORTS: &[(&str, usize)] = &[
    ("ts 1 1 / 1 0 0 / 9 9 3 1 / 1 9 3 1 / 1 9 3 1", 2),
    (
        "ts 1 1 / 0 0 0 / 2 9 3 1 / 90 9 3 1 / 9223372036854775807 9 3 1",
        2,
    ),
    ("ts 1 3 / 2 0 0 / 7 9 3 1 / 4 9 3 1 / 2 9 3 1", 2),
];

const NOWHERE_TO_GO: &[(&str, usize)] = &[
    ("ts 1 1 / 3 1 0 / 1 9 3 1 / 1 9 3 1 / 99 9 3 1", 2),
    ("ts 1 1 / 1 0 1 / 1 9 3 1 / 1 9 3 1 / 99 9 3 1", 2),
    ("ts 1 1 / 0 1 0 / 4 9 3 1 / 40 9 3 1 / 2 9 3 1", 2),
    ("ts 1 1 / 0 0 1 / 4 9 3 1 / 40 9 3 1 / 2 9 3 1", 2),
];

const NEVER_CONNECTED: &[(&str, usize)] = &[
    ("geo 1 1 / 5 9 1 1 0", 2),
    ("geo 1 1 / 5 9 2 1 0", 2),
    ("geo 1 1 / 5 9 2 1 1e-9", 2),
    ("geo 1 1 / 5 9 5 1 1 0", 2),
    ("geo 1 1 / 5 9 5 1 0 1", 2),
    ("geo 1 1 / 5 9 6 1 0 0.07", 2),
    ("ts 1 1 / 3 0 0 / 1 9 3 1 / 4 9 3 1 / 8 9 2 1 0", 5),
    ("ts 1 1 / 3 0 0 / 1 9 3 1 / 4 9 2 1 0 / 8 9 3 1", 4),
    ("ts 1 1 / 3 0 0 / 3 9 2 1 0 / 4 9 3 1 / 8 9 3 1", 3),
    ("geo 1 1 / 5 9 3 0", 2),
    ("ts 1 1 / 3 0 0 / 1 9 3 1 / 4 9 3 1 / 8 9 3 0", 5),
    // Limits of attempts, the original's and ours.
    ("geo 1 1 / 40 99 3 0.01", 2),
    ("ts 1 1 / 3 0 0 / 30 9 3 0.01 / 20 9 3 1 / 20 9 3 1", 3),
    ("ts 1 1 / 3 0 0 / 1 9 3 1 / 40 9 3 0.01 / 8 9 3 1", 4),
    ("ts 1 1 / 9 0 0 / 2 9 3 1 / 40 9 3 1 / 2 9 3 .04", 5),
    ("ts 1 1 / 3 0 0 / 1 9 3 1 / 4 9 3 1 / 40 9 3 0.01", 5),
];

const TOO_LARGE: &[(&str, usize)] = &[
    ("geo 1 1 / 5 2 3 1", 2),
    ("geo 1 1 / 100001 9999 3 1", 2),
    ("geo 1 1 / 9223372036854775807 9999 3 1", 2),
    ("geo 1 1 / 10 4294967296 3 1", 2),
    ("geo 1 1 / 6000 100 3 1", 2),
    ("ts 1 1 / 9 0 0 / 999 9 3 1 / 999 9 3 1 / 999 9 3 1", 2),
    (
        "ts 1 1 / 9223372036854775807 0 0 / 9223372036854775807 9 3 1 / 9 9 3 1 / 9 9 3 1",
        2,
    ),
    ("ts 1 1 / 3 0 99999999 / 1 9 3 1 / 4 9 3 1 / 8 9 3 1", 2),
    (
        "ts 1 1 / 3 9223372036854775807 9223372036854775807 / 1 9 3 1 / 4 9 3 1 / 8 9 3 1",
        2,
    ),
];

#[test]
fn what_the_original_aborts_on_is_refused() {
    check("Specs on which the original aborts", "spec-aborts", ABORTS);
}

#[test]
fn extra_links_without_a_place_are_refused() {
    check(
        "Specs with extra links that have no place",
        "spec-extra-links",
        NOWHERE_TO_GO,
    );
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn domains_that_are_never_connected_are_refused() {
    check(
        "Specs of domains that are never connected",
        "spec-never-connected",
        NEVER_CONNECTED,
    );
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn what_does_not_fit_is_refused() {
    check(
        "Specs of graphs that do not fit",
        "spec-too-large",
        TOO_LARGE,
    );
}

#[test]
fn a_later_graph_that_fails_is_named() {
    let cases = [("ts 99 3 / 2 0 0 / 6 9 3 1 / 4 9 3 1 / 2 9 3 1", 2)];
    check(
        "A spec of many graphs, one of which fails",
        "spec-later-graph",
        &cases,
    );
}

#[test]
fn a_domain_of_one_router_needs_no_link() {
    // The transit law links nothing, but the first transit domain happens to have one router.
    let lines = |seed: i64| format!("ts 1 {seed} / 3 0 0 / 2 9 3 1 / 2 9 2 1 0 / 20 9 3 1");
    let lone = (1..20).filter(|&seed| exact(&lines(seed)).is_ok()).count();
    assert!((1..19).contains(&lone), "{lone}");
}
