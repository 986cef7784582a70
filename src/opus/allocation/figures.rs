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

fn curves(name: &str, title: &str, y_label: &str, metric: &str) -> FigureSpec {
    let metric = metric.into();
    figure(name, title, y_label, Content::Curves { metric })
}

fn labels() -> Vec<(String, String)> {
    [
        ("disconnection/rate", "δ"),
        ("nodes/count", "nodes"),
        ("allocation/policy", "policy"),
        ("allocation/epoch_ms", "epoch in ms"),
        ("allocation/horizon_ms", "horizon in ms"),
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
            "Utility ÷ that of the best division",
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
        over_time(
            "updates-over-time",
            "Updates that reach the nodes of their application, over time",
            "received ÷ due",
            Content::Course {
                detail: "updates".into(),
                x: "time_s".into(),
                value: "reach".into(),
                by: None,
                beside: Vec::new(),
            },
        ),
        curves(
            "update-reach",
            "Updates that reach the nodes of their application",
            "received ÷ due",
            "update_reach",
        ),
    ]
}
