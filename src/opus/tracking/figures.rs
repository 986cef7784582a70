//! The standard figures of a tracking study, as data; the figures room draws them.

use crate::measure::{AxisName, Content, FigureSpec};

/// What is swept, and what stands at the x axis.
#[derive(Clone, Copy)]
enum XAxis {
    /// ε, at the messages that it costs.
    Cost,
    /// The number of nodes.
    Size,
    /// The share that fails.
    Failures,
    /// Nothing: over the time of a run.
    Time,
}

fn figure(name: &str, title: &str, y_label: &str, metric: &str, against: XAxis) -> FigureSpec {
    let (member, x_label) = match against {
        XAxis::Cost => ("tracking/epsilon", Some(MESSAGES)),
        XAxis::Size => ("nodes/count", Some("nodes")),
        XAxis::Failures => ("disconnection/rate", None),
        XAxis::Time => ("tracking/truth/duration_ms", Some("time in s")),
    };
    let metric = metric.to_owned();
    let pairs = |x_metric: &str, metric| Content::TradeOff {
        x_metric: x_metric.into(),
        metric,
    };
    let content = match against {
        XAxis::Cost => pairs("messages_per_node_s", metric),
        XAxis::Size => pairs("nodes", metric),
        XAxis::Failures => Content::Curves { metric },
        XAxis::Time => Content::TimeSeries {
            detail: "samples".into(),
            x: "time_s".into(),
            intervals: false,
            value: metric,
            by: None,
            beside: Vec::new(),
        },
    };
    FigureSpec {
        x_required: true,
        x_label: x_label.map(str::to_owned),
        axis_names: names().into(),
        ..FigureSpec::new(
            [name, title, y_label],
            format!("/system/*/{member}"),
            content,
        )
    }
}

fn names() -> Vec<AxisName> {
    let of = AxisName::of;
    vec![
        AxisName::of_share("disconnection/rate", "δ", "failed nodes δ in %").in_column("delta"),
        of("nodes/count", "nodes", "nodes").in_column("node_count"),
        of("tracking/method", "method", "method"),
        of("tracking/epsilon", "ε", "threshold ε of the delta filter"),
        of("tracking/refresh_ms", "T in ms", "refresh T in ms"),
        of("tracking/cluster", "cluster size", "cluster size"),
        of("tracking/truth/process", "process", "process"),
    ]
}

const MESSAGES: &str = "messages per node and second";
const ERROR: &str = "mean relative error";

/// All of them, in the order of the documentation.
pub(super) fn standard() -> Vec<FigureSpec> {
    use XAxis::{Cost, Failures, Size, Time};
    vec![
        figure(
            "trade",
            "Error of the estimates against their cost",
            ERROR,
            "error_mean",
            Cost,
        ),
        figure(
            "course",
            "Error of the estimates over time",
            ERROR,
            "error_mean",
            Time,
        ),
        figure(
            "recovery",
            "Time from the failures until all estimates stay within the bound",
            "time in s",
            "recover_s",
            Failures,
        ),
        figure(
            "scale-messages",
            "Messages for the estimates",
            MESSAGES,
            "messages_per_node_s",
            Size,
        ),
        figure(
            "scale-busiest",
            "Messages at the busiest node",
            "messages per second, on average",
            "busiest_messages_per_s",
            Size,
        ),
        figure(
            "scale-error",
            "Error of the estimates",
            ERROR,
            "error_mean",
            Size,
        ),
        figure(
            "scale-staleness",
            "Age of the estimates",
            "mean age of the oldest part in s",
            "staleness_s_mean",
            Size,
        ),
    ]
}
