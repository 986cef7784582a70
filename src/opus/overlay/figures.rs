//! The standard figures of an overlay study, as data; the figures room draws them.

use crate::measure::{AxisName, Content, FigureSpec, Series, Source};

/// What a figure is plotted against.
#[derive(Clone, Copy)]
enum XAxis {
    Goal,
    Failures,
    Size,
    Moves,
}

fn figure(name: &str, title: &str, y_label: &str, metric: &str, against: XAxis) -> FigureSpec {
    let member = match against {
        XAxis::Goal => "overlay/delay_factor",
        XAxis::Failures => "disconnection/rate",
        XAxis::Size => "nodes/count",
        XAxis::Moves => "moving/rate",
    };
    let content = match against {
        XAxis::Goal | XAxis::Failures | XAxis::Moves => Content::Curves {
            metric: metric.into(),
        },
        // From 10 to 10,000: on logarithmic axes.
        XAxis::Size => Content::TradeOff {
            x_metric: "nodes".into(),
            metric: metric.into(),
        },
    };
    FigureSpec {
        x_required: true,
        x_label: matches!(against, XAxis::Size).then(|| "nodes".into()),
        axis_names: names().into(),
        y_range: matches!(against, XAxis::Failures).then_some([0.0, 1.0]),
        ..FigureSpec::new(
            [name, title, y_label],
            format!("/system/*/{member}"),
            content,
        )
    }
}

/// What an overlay costs against how late its packets are, along a curve for each who builds it.
fn trade() -> FigureSpec {
    FigureSpec {
        x_label: Some("mean delay ÷ shortest".into()),
        content: Content::TradeOff {
            x_metric: "stretch_mean".into(),
            metric: "cost_ratio".into(),
        },
        ..figure(
            "trade",
            "Cost of the overlay against delay",
            "cost ÷ minimum spanning tree",
            "",
            XAxis::Goal,
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
        ..figure(name, title, y_label, "", XAxis::Moves)
    }
}

fn names() -> Vec<AxisName> {
    let of = AxisName::of;
    vec![
        AxisName::of_share("disconnection/rate", "δ", "failed nodes δ in %").in_column("delta"),
        AxisName::of_share("moving/rate", "μ", "moved nodes μ in %").in_column("mu"),
        of("nodes/count", "nodes", "nodes").in_column("node_count"),
        of(
            "overlay/delay_factor",
            "delay goal",
            "delay goal ÷ shortest delay",
        ),
        of("overlay/method", "method", "method"),
        of("overlay/redundancy", "r", "trees r"),
        of("overlay/degree_limit", "degree", "most children of a node"),
        AxisName::of_share("overlay/loss", "loss", "lost packets in %"),
    ]
}

/// All of them, in the order of the documentation.
pub(super) fn standard() -> Vec<FigureSpec> {
    let mut figures = vec![trade()];
    figures.extend(built());
    figures.extend(failed());
    figures.extend(grown());
    figures.extend(moved());
    figures
}

/// What the overlay costs and gives, for each delay goal.
fn built() -> [FigureSpec; 3] {
    [
        figure(
            "cost",
            "Cost of the overlay",
            "cost ÷ minimum spanning tree",
            "cost_ratio",
            XAxis::Goal,
        ),
        figure(
            "delay",
            "Delay over the overlay",
            "mean delay ÷ shortest",
            "stretch_mean",
            XAxis::Goal,
        ),
        figure(
            "link-stress",
            "Copies of a packet on a physical link",
            "mean copies on links in use",
            "link_stress_mean",
            XAxis::Goal,
        ),
    ]
}

/// What is left of it when nodes fail.
fn failed() -> [FigureSpec; 4] {
    [
        figure(
            "delivery",
            "Nodes reached right after failures",
            "nodes reached ÷ live nodes",
            "delivery_ratio_failed",
            XAxis::Failures,
        ),
        figure(
            "parents",
            "Parents that nodes keep",
            "mean parents of a node",
            "parents_mean",
            XAxis::Failures,
        ),
        figure(
            "failing-cost",
            "Cost of the overlay as built, before nodes fail",
            "cost ÷ minimum spanning tree",
            "cost_ratio",
            XAxis::Failures,
        ),
        figure(
            "repair",
            "Nodes reached after the repair",
            "nodes reached ÷ live nodes",
            "delivery_ratio_repaired",
            XAxis::Failures,
        ),
    ]
}

/// What it takes to build it, for each number of nodes.
fn grown() -> [FigureSpec; 2] {
    [
        figure(
            "messages",
            "Control messages until the overlay is built",
            "messages per node",
            "messages_per_node",
            XAxis::Size,
        ),
        figure(
            "converge",
            "Time to converge after the last join",
            "time in s",
            "converge_s",
            XAxis::Size,
        ),
    ]
}

/// What becomes of it when nodes move.
fn moved() -> [FigureSpec; 4] {
    [
        adaptation(
            "adaptation-cost",
            "Cost of the overlay when nodes move",
            "cost ÷ LAST tree",
            [
                "cost_ratio_last",
                "moved_cost_ratio_last",
                "adapted_cost_ratio_last",
            ],
            None,
        ),
        adaptation(
            "adaptation-deadline",
            "Nodes beyond the delay goal when nodes move",
            "late nodes ÷ nodes",
            [
                "deadline_miss_ratio",
                "moved_deadline_miss_ratio",
                "adapted_deadline_miss_ratio",
            ],
            Some([0.0, 1.0]),
        ),
        figure(
            "adaptation-messages",
            "Control messages while the overlay adapts",
            "messages per node",
            "adapt_messages_per_node",
            XAxis::Moves,
        ),
        figure(
            "adaptation-time",
            "Time until the overlay has adapted",
            "time in s",
            "adapt_s",
            XAxis::Moves,
        ),
    ]
}
