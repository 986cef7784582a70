//! The names of metrics and tables, of every system.

use std::collections::BTreeSet;

use arigatoni::arigatoni::Arigatoni;
use arigatoni::opus::allocation::Allocation;
use arigatoni::opus::overlay::Dissemination;
use arigatoni::opus::tracking::TrackingStudy;
use arigatoni::system::System;

/// `run --json` gives metrics and tables in one object, with two members of its own.
fn are_different<S: System>() {
    let metrics = S::METRICS.iter().map(|metric| metric.name.to_string());
    let tables = S::DETAILS.iter().map(|detail| detail.name.to_owned());
    let own = ["fingerprint", "steady"].map(str::to_owned);
    let mut seen = BTreeSet::new();
    for name in metrics.chain(tables).chain(own) {
        assert!(seen.insert(name.clone()), "`{name}` is told twice");
    }
}

#[test]
fn nothing_is_told_twice_in_one_object() {
    are_different::<Arigatoni>();
    are_different::<Dissemination>();
    are_different::<Allocation>();
    are_different::<TrackingStudy>();
}
