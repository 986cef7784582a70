//! Specs that the original refuses, on which it aborts, and for which it runs for ever.

use super::{exact, refusal};

/// Each spec is refused, on account of the line, with a text that holds the reason.
fn check(cases: &[(&str, usize, &str)]) {
    for (lines, line, reason) in cases {
        let error = refusal(lines);
        assert!(error.contains(reason), "{lines}: {error}");
        assert!(error.starts_with(&format!("{line}:")), "{lines}: {error}");
        assert!(error.contains("\n  help: "), "{lines}: {error}");
    }
}

#[rustfmt::skip]
const ABORTS: &[(&str, usize, &str)] = &[
    ("ts 1 1 / 1 0 0 / 9 9 3 1 / 1 9 3 1 / 1 9 3 1", 2, "do not fit into it (the original aborts)"),
    ("ts 1 1 / 0 0 0 / 2 9 3 1 / 90 9 3 1 / 9223372036854775807 9 3 1", 2, "do not fit"),
    ("ts 1 3 / 2 0 0 / 7 9 3 1 / 4 9 3 1 / 2 9 3 1", 2,
     "outside the graph's square of side 106 (the original aborts)"),
];

#[rustfmt::skip]
const NOWHERE_TO_GO: &[(&str, usize, &str)] = &[
    ("ts 1 1 / 3 1 0 / 1 9 3 1 / 1 9 3 1 / 99 9 3 1", 2, "only one transit router"),
    ("ts 1 1 / 1 0 1 / 1 9 3 1 / 1 9 3 1 / 99 9 3 1", 2, "not two of them"),
    ("ts 1 1 / 0 1 0 / 4 9 3 1 / 40 9 3 1 / 2 9 3 1", 2, "no stub domain"),
    ("ts 1 1 / 0 0 1 / 4 9 3 1 / 40 9 3 1 / 2 9 3 1", 2, "not two of them"),
];

#[rustfmt::skip]
const NEVER_CONNECTED: &[(&str, usize, &str)] = &[
    ("geo 1 1 / 5 9 1 1 0", 2, "probability 0"),
    ("geo 1 1 / 5 9 2 1 0", 2, "probability 0"),
    ("geo 1 1 / 5 9 2 1 1e-9", 2, "probability 0"),
    ("geo 1 1 / 5 9 5 1 1 0", 2, "gamma above 0"),
    ("geo 1 1 / 5 9 5 1 0 1", 2, "probability 0"),
    ("geo 1 1 / 5 9 6 1 0 0.07", 2, "probability 0"),
    ("ts 1 1 / 3 0 0 / 1 9 3 1 / 4 9 3 1 / 8 9 2 1 0", 5, "a stub domain has"),
    ("ts 1 1 / 3 0 0 / 1 9 3 1 / 4 9 2 1 0 / 8 9 3 1", 4, "a transit domain has"),
    ("ts 1 1 / 3 0 0 / 3 9 2 1 0 / 4 9 3 1 / 8 9 3 1", 3, "graph of transit domains has"),
    ("geo 1 1 / 5 9 3 0", 2, "alpha"),
    ("ts 1 1 / 3 0 0 / 1 9 3 1 / 4 9 3 1 / 8 9 3 0", 5, "alpha"),
    // Limits of attempts, the original's and ours.
    ("geo 1 1 / 40 99 3 0.01", 2, "100000 draws (the original would go on for ever)"),
    ("ts 1 1 / 3 0 0 / 30 9 3 0.01 / 20 9 3 1 / 20 9 3 1", 3, "100 draws (the original gives up"),
    ("ts 1 1 / 3 0 0 / 1 9 3 1 / 40 9 3 0.01 / 8 9 3 1", 4, "101 draws (the original gives up"),
    ("ts 1 1 / 9 0 0 / 2 9 3 1 / 40 9 3 1 / 2 9 3 .04", 5, "stub law) of 40 routers was not connected in any of 101"),
    ("ts 1 1 / 3 0 0 / 1 9 3 1 / 4 9 3 1 / 40 9 3 0.01", 5, "100000 draws"),
];

#[rustfmt::skip]
const TOO_LARGE: &[(&str, usize, &str)] = &[
    ("geo 1 1 / 5 2 3 1", 2, "5 routers do not fit on a grid of 2 × 2"),
    ("geo 1 1 / 100001 9999 3 1", 2, "100000"),
    ("geo 1 1 / 9223372036854775807 9999 3 1", 2, "100000"),
    ("geo 1 1 / 10 4294967296 3 1", 2, "scale"),
    ("geo 1 1 / 6000 100 3 1", 2, "16777216 links"),
    ("ts 1 1 / 9 0 0 / 999 9 3 1 / 999 9 3 1 / 999 9 3 1", 2, "1000000"),
    ("ts 1 1 / 9223372036854775807 0 0 / 9223372036854775807 9 3 1 / 9 9 3 1 / 9 9 3 1", 2,
     "more than the 1000000"),
    ("ts 1 1 / 3 0 99999999 / 1 9 3 1 / 4 9 3 1 / 8 9 3 1", 2, "16777216 links"),
    ("ts 1 1 / 3 9223372036854775807 9223372036854775807 / 1 9 3 1 / 4 9 3 1 / 8 9 3 1", 2,
     "16777216 links"),
];

#[test]
fn what_the_original_aborts_on_is_refused() {
    check(ABORTS);
}

#[test]
fn extra_links_without_a_place_are_refused() {
    check(NOWHERE_TO_GO);
}

#[test]
fn domains_that_are_never_connected_are_refused() {
    check(NEVER_CONNECTED);
}

#[test]
fn what_does_not_fit_is_refused() {
    check(TOO_LARGE);
}

#[test]
fn a_later_graph_that_fails_is_named() {
    let error = refusal("ts 99 3 / 2 0 0 / 6 9 3 1 / 4 9 3 1 / 2 9 3 1");
    assert!(error.starts_with("2: graph "), "{error}");
}

#[test]
fn a_domain_of_one_router_needs_no_link() {
    // The transit law links nothing, but the first transit domain happens to have one router.
    let lines = |seed: i64| format!("ts 1 {seed} / 3 0 0 / 2 9 3 1 / 2 9 2 1 0 / 20 9 3 1");
    let lone = (1..20).filter(|&seed| exact(&lines(seed)).is_ok()).count();
    assert!((1..19).contains(&lone), "{lone}");
}
