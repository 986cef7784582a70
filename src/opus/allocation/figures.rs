//! The standard figures of an allocation study, as data; the figures room draws them.

use crate::measure::{AxisName, Content, Domain, FigureSpec, Series, Source};

/// Where the shipped scenario has the peak of its flash crowd.
const PEAK: &str = "/system/*/applications/0/demand/1/flash/peak_per_s";

/// Where the shipped scenario has the target of its application with a quorum.
const TARGET: &str = "/system/*/applications/0/sla/availability";

fn figure(name: &str, title: &str, y_label: &str, content: Content) -> FigureSpec {
    FigureSpec {
        axis_names: names().into(),
        // Or else against the first axis of numbers.
        ..FigureSpec::new([name, title, y_label], PEAK, content)
    }
}

/// A column of the table `detail` over the time of a run, with further curves `beside`.
fn over_time(
    (name, title, y_label): (&str, &str, &str),
    [detail, value]: [&str; 2],
    by: Option<&str>,
    beside: &[(&str, &str)],
) -> FigureSpec {
    let own = |(column, label): &(&str, &str)| ((*column).to_owned(), (*label).to_owned());
    let content = Content::TimeSeries {
        detail: detail.into(),
        x: "time_s".into(),
        // Of trees alone there are rows of instants.
        intervals: detail != "trees",
        value: value.into(),
        by: by.map(str::to_owned),
        beside: beside.iter().map(own).collect(),
    };
    // Not against an axis of the sweep.
    FigureSpec {
        x: String::new(),
        x_label: Some("time in s".into()),
        ..figure(name, title, y_label, content)
    }
}

/// A number of each application, in the table `detail`.
fn by_application(
    name: &str,
    title: &str,
    y_label: &str,
    [detail, value]: [&str; 2],
) -> FigureSpec {
    let content = Content::Categorical {
        detail: detail.into(),
        place: "application".into(),
        value: value.into(),
    };
    FigureSpec {
        x: String::new(),
        x_label: Some("application".into()),
        ..figure(name, title, y_label, content)
    }
}

fn curves(name: &str, title: &str, y_label: &str, metric: &str) -> FigureSpec {
    let metric = metric.into();
    figure(name, title, y_label, Content::Curves { metric })
}

fn names() -> Vec<AxisName> {
    let of = AxisName::of;
    vec![
        AxisName::of_share("disconnection/rate", "δ", "disconnection rate δ in %")
            .in_column("delta"),
        of("nodes/count", "nodes", "nodes").in_column("node_count"),
        of("allocation/policy", "policy", "policy"),
        of("allocation/epoch_s", "epoch in s", "epoch in s"),
        of("allocation/horizon_s", "horizon in s", "horizon in s"),
        of(
            "peak_per_s",
            "peak",
            "peak of the flash crowd in requests/s",
        )
        .at(PEAK),
        of("sla/availability", "target", "target of the availability").at(TARGET),
        of(
            "applications/*/sla/quorum",
            "quorum",
            "replicas of a quorum",
        ),
        of(
            "failures/mean_up_s",
            "mean time up in s",
            "mean time that a node is up in s",
        ),
        of(
            "failures/mean_down_s",
            "mean time down in s",
            "mean time that a node is down in s",
        ),
        of("sessions/up", "time up", "time that a node is up"),
        of("sessions/down", "time down", "time that a node is down"),
        of(
            "domain_failures/up",
            "time up of a domain",
            "time that a domain is up",
        ),
        of(
            "domain_failures/down",
            "time down of a domain",
            "time that a domain is down",
        ),
    ]
}

/// All of them, in the order of the documentation.
pub(super) fn standard() -> Vec<FigureSpec> {
    let mut figures = Vec::from(courses());
    figures.extend(summaries());
    figures.extend(overlays());
    figures.extend(replicas());
    figures
}

/// Over the time of a run.
fn courses() -> [FigureSpec; 2] {
    [
        over_time(
            (
                "utility-over-time",
                "Utility over time",
                "utility per s, requests per s",
            ),
            ["times", "utility"],
            None,
            &[
                ("optimum", "best allocation (model)"),
                ("demand_per_s", "demand"),
            ],
        ),
        over_time(
            (
                "nodes-over-time",
                "Nodes of each application over time",
                "nodes",
            ),
            ["shares", "nodes"],
            Some("application"),
            &[],
        ),
    ]
}

/// What a run came to.
fn summaries() -> [FigureSpec; 5] {
    let optimum = curves(
        "optimum",
        "Utility ÷ that of the best allocation (model; it knows the future)",
        "utility ÷ optimum",
        "optimum_ratio",
    );
    [
        curves("utility", "Utility", "utility per s", "utility"),
        // It can be above 1: the model knows less than the run.
        FigureSpec {
            y_range: Some([0.0, 1.0]),
            ..optimum
        },
        curves(
            "violations",
            "Violated service level agreements",
            "fraction of time bins and applications",
            "violation_ratio",
        ),
        curves(
            "reassignments",
            "Nodes reassigned",
            "nodes",
            "reassignments",
        ),
        curves(
            "react",
            "Time to recover from a flash crowd, in the runs that do",
            "time in s",
            "react_s",
        ),
    ]
}

/// What the applications' overlays are worth.
fn overlays() -> [FigureSpec; 6] {
    [
        over_time(
            (
                "delay-over-time",
                "Delay of updates over time, of those published then",
                "mean delay ÷ latency of the direct route",
            ),
            ["deliveries", "stretch"],
            None,
            &[],
        ),
        over_time(
            (
                "cost-over-time",
                "Cost of the applications' overlays over time",
                "cost ÷ minimum spanning tree",
            ),
            ["trees", "cost_ratio"],
            None,
            &[],
        ),
        FigureSpec {
            y_range: Some([0.0, 1.0]),
            domain: Domain::Share,
            ..over_time(
                (
                    "attached-over-time",
                    "Nodes with a path to the publisher in every tree over time",
                    "with a path ÷ nodes that serve",
                ),
                ["trees", "attached_ratio"],
                None,
                &[],
            )
        },
        by_application(
            "overlay-delay",
            "Delay of updates in each application's overlay",
            "mean delay ÷ latency of the direct route",
            ["overlays", "stretch"],
        ),
        by_application(
            "overlay-cost",
            "Cost of each application's overlay",
            "cost ÷ minimum spanning tree",
            ["overlays", "cost_ratio"],
        ),
        curves(
            "update-delivery",
            "Updates that reach the nodes of their application",
            "received ÷ due",
            "update_delivery_ratio",
        ),
    ]
}

/// What the targets of applications with a quorum take, and how every agreement was kept.
fn replicas() -> [FigureSpec; 3] {
    let series = [
        ("by the laws of failure", "up_ratio_expected"),
        ("measured", "up_ratio"),
        ("the target", "up_ratio_target"),
    ]
    .map(|(label, metric)| Series {
        label: label.into(),
        source: Source::Mean(metric.into()),
    });
    let content = Content::Series {
        series: series.into(),
    };
    let against_target = |spec: FigureSpec| FigureSpec {
        x: TARGET.into(),
        ..spec
    };
    let available = against_target(figure(
        "availability",
        "Availability of applications with a quorum",
        "fraction of the time with enough replicas",
        content,
    ));
    [
        available,
        against_target(curves(
            "replicas-needed",
            "Nodes kept as replicas",
            "nodes",
            "replica_nodes",
        )),
        by_application(
            "agreements",
            "Requests served in time, by application",
            "requests served in time ÷ issued",
            ["agreements", "in_time_ratio"],
        ),
    ]
}
