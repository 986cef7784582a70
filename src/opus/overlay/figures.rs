//! The standard figures of an overlay study, as data; the figures room draws them.

use crate::measure::{Content, FigureSpec, Series, Source};

/// What a figure is plotted against.
#[derive(Clone, Copy)]
enum Against {
    Goal,
    Failures,
    Size,
    Moves,
}

fn figure(name: &str, title: &str, y_label: &str, metric: &str, against: Against) -> FigureSpec {
    let (member, x_label) = match against {
        Against::Goal => ("overlay/delay_factor", "delay goal ÷ shortest delay"),
        Against::Failures => ("disconnection/rate", "failed nodes δ in %"),
        Against::Size => ("nodes/count", "nodes"),
        Against::Moves => ("moving/rate", "moved nodes μ in %"),
    };
    FigureSpec {
        name: name.into(),
        title: title.into(),
        y_label: y_label.into(),
        x: format!("/system/*/{member}"),
        x_required: true,
        x_label: x_label.into(),
        x_percent: matches!(against, Against::Failures | Against::Moves),
        axis_labels: labels(),
        content: match against {
            Against::Goal | Against::Failures | Against::Moves => Content::Curves {
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

/// What an overlay costs against how late its packets are, along a curve for each who builds it.
fn trade() -> FigureSpec {
    FigureSpec {
        x_label: "mean delay ÷ shortest".into(),
        content: Content::Against {
            x_metric: "delay_ratio_mean".into(),
            metric: "cost_ratio".into(),
        },
        ..figure(
            "trade",
            "Cost of the overlay against delay",
            "cost ÷ minimum spanning tree",
            "",
            Against::Goal,
        )
    }
}

/// What an overlay that was built at given latencies comes to when they change: `metrics` as it was
/// built, right after the moves, and once it has adapted. Those who move come to sit anywhere, so the
/// first is also what an overlay comes to that is built anew.
fn adaptation(
    name: &str,
    title: &str,
    y_label: &str,
    metrics: [&str; 3],
    y_range: Option<[f64; 2]>,
) -> FigureSpec {
    let labels = ["as built", "after the moves", "adapted"];
    let series = labels.iter().zip(metrics).map(|(label, metric)| Series {
        label: (*label).into(),
        source: Source::Mean(metric.into()),
    });
    FigureSpec {
        content: Content::Series {
            series: series.collect(),
        },
        y_range,
        ..figure(name, title, y_label, "", Against::Moves)
    }
}

fn labels() -> Vec<(String, String)> {
    [
        ("disconnection/rate", "δ"),
        ("moving/rate", "μ"),
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
    use Against::{Failures, Goal, Moves, Size};
    vec![
        trade(),
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
        adaptation(
            "adaptation-cost",
            "Cost of the overlay when nodes move",
            "cost ÷ light tree",
            [
                "cost_ratio_light",
                "moved_cost_ratio_light",
                "adapted_cost_ratio_light",
            ],
            None,
        ),
        adaptation(
            "adaptation-late",
            "Nodes beyond the delay goal when nodes move",
            "late nodes ÷ nodes",
            ["late_ratio", "moved_late_ratio", "adapted_late_ratio"],
            Some([0.0, 1.0]),
        ),
        figure(
            "adaptation-messages",
            "Control messages while the overlay adapts",
            "messages per node",
            "adapt_messages_per_node",
            Moves,
        ),
        figure(
            "adaptation-time",
            "Time until the overlay has adapted",
            "time in s",
            "adapt_s",
            Moves,
        ),
    ]
}
