//! The standard figures of an allocation study, as data; the figures room draws them.

use crate::measure::{Content, FigureSpec};

/// Where the shipped scenario has the peak of its flash crowd.
const PEAK: &str = "/system/*/applications/0/demand/1/flash/peak_per_s";

fn figure(name: &str, title: &str, y_label: &str, content: Content) -> FigureSpec {
    FigureSpec {
        name: name.into(),
        title: title.into(),
        y_label: y_label.into(),
        // Or else against the first axis of numbers.
        x: PEAK.into(),
        x_required: false,
        x_label: "peak of the flash crowd in requests/s".into(),
        x_percent: false,
        axis_labels: labels(),
        content,
        y_range: None,
    }
}

fn over_time(name: &str, title: &str, y_label: &str, content: Content) -> FigureSpec {
    // Not against an axis of the sweep.
    FigureSpec {
        x: String::new(),
        x_label: "time in s".into(),
        ..figure(name, title, y_label, content)
    }
}

/// A number of each application's overlay.
fn by_application(name: &str, title: &str, y_label: &str, value: &str) -> FigureSpec {
    let content = Content::Course {
        detail: "overlays".into(),
        x: "application".into(),
        value: value.into(),
        by: None,
        beside: Vec::new(),
    };
    FigureSpec {
        x_label: "application".into(),
        ..over_time(name, title, y_label, content)
    }
}

fn curves(name: &str, title: &str, y_label: &str, metric: &str) -> FigureSpec {
    let metric = metric.into();
    figure(name, title, y_label, Content::Curves { metric })
}

fn labels() -> Vec<(String, String)> {
    [
        ("disconnection/rate", "δ"),
        ("nodes/count", "nodes"),
        ("allocation/policy", "policy"),
        ("allocation/epoch_s", "epoch in s"),
        ("allocation/horizon_s", "horizon in s"),
    ]
    .map(|(member, label)| (format!("/system/*/{member}"), label.into()))
    .into_iter()
    .chain([(PEAK.into(), "peak".into())])
    .collect()
}

/// All of them, in the order of the documentation.
pub(super) fn standard() -> Vec<FigureSpec> {
    vec![
        over_time(
            "utility-over-time",
            "Utility over time",
            "utility per s, requests per s",
            Content::Course {
                detail: "times".into(),
                x: "time_s".into(),
                value: "utility".into(),
                by: None,
                beside: vec![
                    ("optimum".into(), "best division (model)".into()),
                    ("demand_per_s".into(), "demand".into()),
                ],
            },
        ),
        over_time(
            "nodes-over-time",
            "Nodes of each application over time",
            "nodes",
            Content::Course {
                detail: "applications".into(),
                x: "time_s".into(),
                value: "nodes".into(),
                by: Some("application".into()),
                beside: Vec::new(),
            },
        ),
        curves("utility", "Utility", "utility per s", "utility"),
        curves(
            "optimum",
            "Utility ÷ that of the best division (model)",
            "utility ÷ optimum",
            "optimum_ratio",
        ),
        curves(
            "violations",
            "Violated service level agreements",
            "share of time and applications",
            "violation_ratio",
        ),
        curves("moved", "Nodes moved", "nodes", "moved"),
        curves(
            "react",
            "Time to master a flash crowd",
            "time in s",
            "react_s",
        ),
        by_application(
            "overlay-delay",
            "Delay of updates in each application's overlay",
            "mean delay ÷ latency of the direct route",
            "delay_ratio",
        ),
        by_application(
            "overlay-cost",
            "Cost of each application's overlay",
            "cost ÷ minimum spanning tree",
            "cost_ratio",
        ),
        curves(
            "update-reach",
            "Updates that reach the nodes of their application",
            "received ÷ due",
            "update_reach",
        ),
    ]
}
