//! The standard figures of an Arigatoni study, after the slides *Virtual Organizations in the
//! Arigatoni Overlay Network*: as data; the figures room draws them.

use crate::measure::{Content, FigureSpec, Series, Source};

/// The axis against which the study is plotted.
const RATE: &str = "/system/*/disconnection/rate";

fn figure(name: &str, title: &str, y_label: &str, content: Content) -> FigureSpec {
    FigureSpec {
        name: name.into(),
        title: title.into(),
        y_label: y_label.into(),
        x: RATE.into(),
        x_label: "disconnection rate δ in %".into(),
        x_percent: true,
        x_required: false,
        axis_labels: labels(),
        content,
        y_range: None,
    }
}

/// Short names of the parameters that are swept most, as the papers write them.
fn labels() -> Vec<(String, String)> {
    [
        ("disconnection/rate", "δ"),
        ("disconnection/units", "units"),
        ("disconnection/mode", "mode"),
        ("services/density", "ρ"),
        ("acceptance_probability", "α"),
        ("requests/instances", "k"),
        ("search", "search"),
        ("gcus_per_broker", "GCUs a broker"),
        ("brokers/placement", "brokers"),
    ]
    .map(|(member, label)| (format!("/system/*/{member}"), label.into()))
    .into()
}

fn ratio(spec: FigureSpec) -> FigureSpec {
    FigureSpec {
        y_range: Some([0.0, 1.0]),
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

/// All of them, in the order of the documentation.
pub(super) fn standard() -> Vec<FigureSpec> {
    let mean = |column: &str| Source::Mean(column.into());
    vec![
        ratio(figure(
            "acceptance",
            "Average acceptance ratio (figure after Cosnard, Liquori, Chand)",
            "accepted ÷ issued requests",
            curves("acceptance_ratio"),
        )),
        ratio(figure(
            "services",
            "Acceptance ratio by service (figure after Cosnard, Liquori, Chand)",
            "accepted ÷ issued requests of a service",
            Content::Spread {
                prefix: "service_ratio".into(),
                over: "services".into(),
            },
        )),
        figure(
            "deviation",
            "Standard deviation of the acceptance ratio (figure after Cosnard, Liquori, Chand)",
            "standard deviation of accepted ÷ issued",
            Content::Series {
                series: vec![
                    series("over services", mean("service_ratio_sd")),
                    series("over requesting colonies", mean("colony_ratio_sd")),
                    series(
                        "over replications",
                        Source::DeviationOverReplications("acceptance_ratio".into()),
                    ),
                ],
            },
        ),
        figure(
            "load",
            "Broker load by depth in the overlay tree (root: 0)",
            "requests handled by a broker ÷ issued by connected GCUs",
            Content::ByGroup {
                detail: "depths".into(),
                by: "depth".into(),
                value: "load_mean".into(),
            },
        ),
        figure(
            "messages",
            "Messages per request",
            "queries, answers, releases, starts per request",
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
