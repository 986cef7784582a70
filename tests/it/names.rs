//! The names of metrics and tables, of every system.

use std::collections::BTreeSet;

use arigatoni::arigatoni::Arigatoni;
use arigatoni::opus::allocation::Allocation;
use arigatoni::opus::overlay::Dissemination;
use arigatoni::opus::tracking::TrackingStudy;
use arigatoni::system::System;

/// `run --json` gives metrics and tables in one object, and two members of its own.
fn are_different<S: System>() {
    let metrics = S::METRICS.iter().map(|metric| metric.name);
    let tables = S::DETAILS.iter().map(|detail| detail.name);
    let mut seen = BTreeSet::new();
    for name in metrics.chain(tables).chain(["fingerprint", "steady"]) {
        assert!(seen.insert(name), "`{name}` is told twice");
    }
}

#[test]
fn no_metric_is_named_like_a_table() {
    are_different::<Arigatoni>();
    are_different::<Dissemination>();
    are_different::<Allocation>();
    are_different::<TrackingStudy>();
}
