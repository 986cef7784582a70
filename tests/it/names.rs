//! The names of metrics and tables, of every system.

use std::collections::BTreeSet;

use arigatoni::arigatoni::Arigatoni;
use arigatoni::opus::allocation::Allocation;
use arigatoni::opus::overlay::Dissemination;
use arigatoni::opus::tracking::TrackingStudy;
use arigatoni::system::System;

/// `run --json` gives metrics and tables in one object, with two members of its own; a table that is
/// named like a metric is called `NAME_table` there.
fn are_different<S: System>() {
    let metrics: BTreeSet<String> = S::METRICS
        .iter()
        .map(|metric| metric.name.to_string())
        .collect();
    assert_eq!(metrics.len(), S::METRICS.len());
    let mut seen = metrics.clone();
    let tables = S::DETAILS.iter().map(|detail| {
        if metrics.contains(detail.name) {
            format!("{}_table", detail.name)
        } else {
            detail.name.to_owned()
        }
    });
    for name in tables.chain(["fingerprint", "steady"].map(str::to_owned)) {
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
