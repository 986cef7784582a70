//! The standard figures of an overlay study, as data; the figures room draws them.

use crate::measure::{Content, FigureSpec};

/// What a figure is plotted against.
#[derive(Clone, Copy)]
enum Against {
    Goal,
    Failures,
    Size,
}

fn figure(name: &str, title: &str, y_label: &str, metric: &str, against: Against) -> FigureSpec {
    let (member, x_label) = match against {
        Against::Goal => ("overlay/delay_factor", "delay goal ÷ shortest delay"),
        Against::Failures => ("disconnection/rate", "failed nodes δ in %"),
        Against::Size => ("nodes/count", "nodes"),
    };
    FigureSpec {
        name: name.into(),
        title: title.into(),
        y_label: y_label.into(),
        x: format!("/system/*/{member}"),
        x_required: true,
        x_label: x_label.into(),
        x_percent: matches!(against, Against::Failures),
        axis_labels: labels(),
        content: match against {
            Against::Goal | Against::Failures => Content::Curves {
                metric: metric.into(),
            },
            // From 10 to 10,000: on logarithmic axes.
            Against::Size => Content::Against {
                x_metric: "nodes".into(),
                metric: metric.into(),
            },
        },
        y_range: matches!(against, Against::Failures).then_some([0.0, 1.0]),
    }
}

fn labels() -> Vec<(String, String)> {
    [
        ("disconnection/rate", "δ"),
        ("nodes/count", "nodes"),
        ("overlay/delay_factor", "delay goal"),
        ("overlay/method", "method"),
        ("overlay/redundancy", "r"),
        ("overlay/degree_limit", "degree"),
        ("overlay/loss", "loss"),
    ]
    .map(|(member, label)| (format!("/system/*/{member}"), label.into()))
    .into()
}

/// All of them, in the order of the documentation.
pub(super) fn standard() -> Vec<FigureSpec> {
    use Against::{Failures, Goal, Size};
    vec![
        figure(
            "cost",
            "Cost of the overlay",
            "cost ÷ minimum spanning tree",
            "cost_ratio",
            Goal,
        ),
        figure(
            "delay",
            "Delay over the overlay",
            "mean delay ÷ shortest",
            "delay_ratio_mean",
            Goal,
        ),
        figure(
            "copies",
            "Copies of a packet on a physical link",
            "mean copies on links in use",
            "copies_mean",
            Goal,
        ),
        figure(
            "reach",
            "Nodes reached right after failures",
            "nodes reached ÷ nodes left",
            "reach_failed",
            Failures,
        ),
        figure(
            "repair",
            "Nodes reached after the repair",
            "nodes reached ÷ nodes left",
            "reach_repaired",
            Failures,
        ),
        figure(
            "messages",
            "Control messages until the overlay stands",
            "messages per node",
            "messages_per_node",
            Size,
        ),
        figure(
            "converge",
            "Time to converge after the last join",
            "time in s",
            "converge_s",
            Size,
        ),
    ]
}
