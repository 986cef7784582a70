//! The standard figures of a tracking study, as data; the figures room draws them.

use crate::measure::{Content, FigureSpec};

/// What a figure is plotted against.
#[derive(Clone, Copy)]
enum Against {
    Epsilon,
    Size,
    Failures,
}

fn figure(name: &str, title: &str, y_label: &str, metric: &str, against: Against) -> FigureSpec {
    let (member, x_label) = match against {
        Against::Epsilon => ("tracking/epsilon", "ε in %"),
        Against::Size => ("nodes/count", "nodes"),
        Against::Failures => ("disconnection/rate", "failed nodes δ in %"),
    };
    FigureSpec {
        name: name.into(),
        title: title.into(),
        y_label: y_label.into(),
        x: format!("/system/*/{member}"),
        x_required: true,
        x_label: x_label.into(),
        x_percent: !matches!(against, Against::Size),
        axis_labels: labels(),
        content: Content::Curves {
            metric: metric.into(),
        },
        y_range: None,
    }
}

fn labels() -> Vec<(String, String)> {
    [
        ("disconnection/rate", "δ"),
        ("nodes/count", "nodes"),
        ("tracking/method", "method"),
        ("tracking/epsilon", "ε"),
        ("tracking/refresh_ms", "T in ms"),
        ("tracking/cluster", "cluster size"),
        ("tracking/truth/process", "process"),
    ]
    .map(|(member, label)| (format!("/system/*/{member}"), label.into()))
    .into()
}

/// All of them, in the order of the documentation.
pub(super) fn standard() -> Vec<FigureSpec> {
    use Against::{Epsilon, Failures, Size};
    let error = "mean relative error";
    let messages = "messages per node and second";
    vec![
        figure(
            "error",
            "Error of the estimates",
            error,
            "error_mean",
            Epsilon,
        ),
        figure(
            "overhead",
            "Messages for the estimates",
            messages,
            "messages_per_node_s",
            Epsilon,
        ),
        figure(
            "scale-error",
            "Error of the estimates",
            error,
            "error_mean",
            Size,
        ),
        figure(
            "scale-messages",
            "Messages for the estimates",
            messages,
            "messages_per_node_s",
            Size,
        ),
        figure(
            "scale-busiest",
            "Messages at the busiest node",
            "messages per second",
            "busiest_messages_per_s",
            Size,
        ),
        figure(
            "scale-age",
            "Age of the estimates",
            "mean age of the oldest part in s",
            "age_s_mean",
            Size,
        ),
        figure(
            "recovery",
            "Time until the estimates are right again",
            "time in s",
            "recover_s",
            Failures,
        ),
    ]
}
