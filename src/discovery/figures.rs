//! The standard figures of a discovery system, after the slides *Virtual Organizations in the
//! Arigatoni Overlay Network*: as data; the figures room draws them.

mod names;

use crate::measure::{Content, Credit, Domain, FigureSpec, Series, Source};

/// The axis against which the study is plotted.
const RATE: &str = "/system/*/disconnection/rate";
const DENSITY: &str = "/system/*/services/density";
const HEARTBEAT: &str = "/system/*/detection/heartbeat_ms";
const HEARTBEAT_MEMBER: &str = "detection/heartbeat_ms";
const MEASURED: &str = "/system/*/sessions/up/measured";

fn figure(name: &str, title: &str, y_label: &str, content: Content) -> FigureSpec {
    FigureSpec {
        axis_names: names::all(),
        ..FigureSpec::new([name, title, y_label], RATE, content)
    }
}

/// A figure that the slides have as well.
fn theirs(spec: FigureSpec) -> FigureSpec {
    FigureSpec {
        credit: Some(Credit {
            text: "figure after Cosnard, Liquori, Chand".into(),
            x: [0.0, 1.0],
            others: vec![DENSITY.into()],
        }),
        ..spec
    }
}

fn ratio(spec: FigureSpec) -> FigureSpec {
    FigureSpec {
        y_range: Some([0.0, 1.0]),
        domain: Domain::Share,
        ..spec
    }
}

fn curves(metric: &str) -> Content {
    Content::Curves {
        metric: metric.into(),
    }
}

fn series(label: &str, source: Source) -> Series {
    Series {
        label: label.into(),
        source,
    }
}

/// All of them, in the order of the documentation; `messages` are those that are credited to a
/// request.
pub(super) fn standard(messages: &str) -> Vec<FigureSpec> {
    [
        of_requests(messages),
        of_classes(),
        over_times(),
        of_detection(),
        of_overlays(),
    ]
    .concat()
}

/// What became of requests, and what it cost.
fn of_requests(messages: &str) -> Vec<FigureSpec> {
    vec![
        theirs(ratio(figure(
            "acceptance",
            "Average acceptance ratio",
            "accepted ÷ issued requests",
            curves("acceptance_ratio"),
        ))),
        theirs(ratio(figure(
            "services",
            "Acceptance ratio by service",
            "accepted ÷ issued requests of a service",
            Content::BoxPlot {
                prefix: "service_ratio".into(),
                over: "services".into(),
            },
        ))),
        theirs(deviation()),
        load(),
        figure(
            "messages",
            "Messages per request",
            &format!("{messages} per request"),
            curves("messages_per_request"),
        ),
        figure(
            "latency",
            "Discovery latency of accepted requests",
            "mean latency in ms",
            curves("latency_ms_mean"),
        ),
    ]
}

/// What became of the requests of each class of computers, where there are classes.
fn of_classes() -> Vec<FigureSpec> {
    vec![
        ratio(by_class(
            "classes",
            "Acceptance ratio by class of the requester",
            "accepted ÷ issued requests of a class",
            "acceptance_ratio",
        )),
        ratio(by_class(
            "classes-completion",
            "Completion ratio by class of the requester",
            "completed ÷ issued requests of a class",
            "completion_ratio",
        )),
        by_class(
            "classes-latency",
            "Discovery latency of accepted requests by class of the requester",
            "mean latency in ms",
            "latency_ms_mean",
        ),
    ]
}

/// What changes over the time of a run: where units come and go, fail or ride free.
fn over_times() -> Vec<FigureSpec> {
    vec![
        availability(),
        // Where units come and go.
        over_time(
            ["acceptance-over-time", "Acceptance ratio over time"],
            ["over_time", "acceptance_ratio"],
            [
                "availability",
                "availability of the units with sessions or faults",
            ],
        ),
        // Where units fail or watch each other.
        over_time(
            ["healing", "Acceptance ratio and orphans over time"],
            ["healing", "acceptance_ratio"],
            ["orphans_ratio", "share of orphans"],
        ),
        // Where there can be free riders.
        over_time(
            [
                "riders",
                "Acceptance of honest computers and of free riders over time",
            ],
            ["riders", "honest_acceptance_ratio"],
            ["riding_acceptance_ratio", "acceptance of free riders"],
        ),
    ]
}

/// Where leaders and members watch each other.
fn of_detection() -> Vec<FigureSpec> {
    vec![
        heartbeats(
            "heartbeats",
            "Time to detect a failure against upkeep",
            "mean time until a failure is found out, in ms",
            Content::TradeOff {
                x_metric: "upkeep_per_unit_s".into(),
                metric: "detect_ms_mean".into(),
            },
        ),
        heartbeats(
            "suspicions",
            "Wrong suspicions",
            "wrong suspicions in a run",
            curves("suspicions_wrong"),
        ),
        heartbeats(
            "suspicions-upkeep",
            "Wrong suspicions against upkeep",
            "wrong suspicions in a run",
            Content::TradeOff {
                x_metric: "upkeep_per_unit_s".into(),
                metric: "suspicions_wrong".into(),
            },
        ),
    ]
}

/// Where colonies are linked, and where services are constraints.
fn of_overlays() -> Vec<FigureSpec> {
    vec![
        // Where colonies are linked: who rescues whom.
        figure(
            "rescues",
            "Requests that links rescue, by the level up to which the provider is away",
            "rescued ÷ all accepted requests",
            by_group(["rescue_levels", "level", "rescued_share"]),
        ),
        // Where services are constraints.
        figure(
            "summaries-entries",
            "Table size by depth in the overlay tree (root: 0)",
            "entries of a broker's table",
            by_group(["summaries", "depth", "entries_mean"]),
        ),
        figure(
            "summaries-updates",
            "Updates by depth in the overlay tree (root: 0)",
            "updates that the brokers of a depth send",
            by_group(["summaries", "depth", "updates"]),
        ),
    ]
}

/// Of systems whose computers' coming and going was measured.
fn availability() -> FigureSpec {
    let content = Content::Scatter {
        x_metric: "availability".into(),
        metric: "acceptance_ratio".into(),
    };
    ratio(FigureSpec {
        x: MEASURED.into(),
        x_label: Some("availability: share of the time that a computer is up".into()),
        ..figure(
            "acceptance-availability",
            "Acceptance against availability",
            "accepted ÷ issued requests",
            content,
        )
    })
}

/// Acceptance over time: the column `value` of the table `detail`, and beside it another one with its label.
fn over_time(
    [name, title]: [&str; 2],
    [detail, value]: [&str; 2],
    [beside, label]: [&str; 2],
) -> FigureSpec {
    let content = Content::TimeSeries {
        detail: detail.into(),
        x: "time_s".into(),
        intervals: true,
        value: value.into(),
        by: None,
        beside: vec![(beside.into(), label.into())],
    };
    ratio(FigureSpec {
        x_label: Some("time in s".into()),
        ..figure(name, title, "accepted ÷ issued requests", content)
    })
}

/// A curve for each value of a table's column `by`.
fn by_group([detail, by, value]: [&str; 3]) -> Content {
    Content::ByGroup {
        detail: detail.into(),
        by: by.into(),
        value: value.into(),
    }
}

/// Where the time between heartbeats is swept.
fn heartbeats(name: &str, title: &str, y_label: &str, content: Content) -> FigureSpec {
    let x_label = match &content {
        Content::TradeOff { .. } => "messages that are not for requests per unit and second",
        _ => "time between heartbeats in ms",
    };
    FigureSpec {
        x: HEARTBEAT.into(),
        x_required: true,
        x_label: Some(x_label.into()),
        ..figure(name, title, y_label, content)
    }
}

/// What is in a column of the table of classes, where there are some.
fn by_class(name: &str, title: &str, y_label: &str, column: &str) -> FigureSpec {
    figure(name, title, y_label, by_group(["classes", "class", column]))
}

fn deviation() -> FigureSpec {
    let mean = |column: &str| Source::Mean(column.into());
    let over_replications = Source::DeviationOverReplications("acceptance_ratio".into());
    let content = Content::Series {
        series: vec![
            series("over services", mean("service_ratio_sd")),
            series("over requesting colonies", mean("colony_ratio_sd")),
            series("over replications", over_replications),
        ],
    };
    figure(
        "deviation",
        "Standard deviation of the acceptance ratio",
        "standard deviation of accepted ÷ issued",
        content,
    )
}

fn load() -> FigureSpec {
    figure(
        "load",
        "Broker load by depth in the overlay tree (root: 0)",
        "requests handled by a broker ÷ issued by connected GCUs",
        by_group(["depths", "depth", "load_mean"]),
    )
}
