//! The standard figures of a discovery system, after the slides *Virtual Organizations in the
//! Arigatoni Overlay Network*: as data; the figures room draws them.

use serde_json::Value;

use crate::measure::{AxisName, Content, Credit, Domain, FigureSpec, Series, Source};

/// The axis against which the study is plotted.
const RATE: &str = "/system/*/disconnection/rate";
const DENSITY: &str = "/system/*/services/density";
const HEARTBEAT: &str = "/system/*/detection/heartbeat_ms";
const HEARTBEAT_MEMBER: &str = "detection/heartbeat_ms";
const MEASURED: &str = "/system/*/sessions/up/measured";

fn figure(name: &str, title: &str, y_label: &str, content: Content) -> FigureSpec {
    FigureSpec {
        axis_names: names(),
        ..FigureSpec::new([name, title, y_label], RATE, content)
    }
}

/// What the parameters are called that are swept most, as the papers write them.
#[expect(clippy::too_many_lines, reason = "a list")]
fn names() -> Vec<AxisName> {
    let of = AxisName::of;
    vec![
        AxisName::of_share("disconnection/rate", "δ", "disconnection rate δ in %")
            .in_column("delta"),
        of("disconnection/units", "units", "units"),
        of("disconnection/mode", "mode", "mode"),
        of("services/density", "ρ", "density ρ of a service"),
        of("services/constraints/summary", "summary", "summary"),
        of(
            "services/constraints/summary/merge",
            "hulls",
            "hulls that a broker tells at most",
        ),
        of("acceptance_probability", "α", "acceptance probability α").in_column("alpha"),
        of("requests/count", "requests", "requests").in_column("requests"),
        of("requests/instances", "k", "instances k of a request"),
        of(
            "classes/0/share",
            "share of the first class",
            "share of the GCUs of the first class",
        )
        .in_column("share_of_first_class"),
        of(
            "classes/1/share",
            "share of the second class",
            "share of the GCUs of the second class",
        )
        .in_column("share_of_second_class"),
        of("requests/at_least", "at least", "instances that are enough"),
        of("requests/distinct", "distinct", "distinct").usually(true),
        of("requests/all", "parts", "parts of a request")
            .with_items("part", "parts")
            .in_column("parts"),
        of("requests/same", "one GCU for all", "one GCU for all parts").usually(false),
        of(
            "services/instances",
            "instances of a GCU",
            "instances of a GCU",
        )
        .in_column("instances_of_a_gcu"),
        of("requests/rate_per_s", "requests per s", "requests per s"),
        of(
            "requests/for_s",
            "request phase in s",
            "length of the request phase in s",
        )
        .usually(Value::Null),
        of(
            "requests/deadline_ms",
            "deadline in ms",
            "deadline of a request in ms",
        )
        .usually(600_000),
        of("search", "search", "search"),
        of("slots", "slots", "slots of a GCU").with_null("unlimited"),
        of("gcus_per_broker", "GCUs per broker", "GCUs per broker"),
        of("brokers/placement", "brokers", "brokers").in_column("brokers"),
        of("sessions/up", "sessions", "sessions"),
        of("sessions/down", "absences", "absences"),
        of("sessions/up/measured", "measured", "measured system"),
        of("sessions/up/family", "fit", "family of the fit"),
        of("migration", "migration", "migration").with_null("to its leader"),
        of("migration/to", "migration to", "where units migrate"),
        of("election", "election", "election").usually(false),
        of(
            "migration/probability",
            "probability",
            "probability of migrating",
        ),
        of("detection", "detection", "detection").with_null("by asking"),
        of(
            HEARTBEAT_MEMBER,
            "heartbeat in ms",
            "time between heartbeats in ms",
        ),
        of("detection/misses", "misses", "misses"),
        of("faults/at", "failures", "failures").usually(Vec::<String>::new()),
        of("colony_links", "links", "links between colonies").with_null("none"),
        of("colony_links/count", "links", "links between colonies"),
        of("tunnels", "tunnels", "tunnels into other domains").with_null("none"),
        of("tunnels/share", "tunnelled", "GCUs with a tunnel ÷ all"),
        of(
            "tunnels/kind",
            "tunnels through",
            "what tunnels lead through",
        ),
        of(
            "tunnels/home",
            "own colony too",
            "registered with the own colony too",
        )
        .usually(true),
        of(
            "tunnels/colonies",
            "tunnelled colonies",
            "colonies with a tunnel ÷ all",
        )
        .usually(0),
        of("firewall", "firewall", "firewall between domains").usually(false),
        of("trust/forged", "forged", "forged credentials ÷ all").usually(0),
        of("trust/expired", "expired", "expired credentials ÷ all").usually(0),
        of("trust/revoked", "revoked", "revoked credentials ÷ all").usually(0),
        of(
            "trust/check_ms",
            "check in ms",
            "time to check a credential in ms",
        )
        .usually(0),
        of(
            "trust/revocation_s",
            "revocation in s",
            "time between lists of revoked credentials in s",
        )
        .usually(0),
        of("loss", "loss", "probability that a packet is lost").at("/network/loss"),
        of(
            "bandwidth_mbps",
            "Mbit/s of a link",
            "bandwidth of a link in Mbit/s",
        )
        .at("/network/bandwidth_mbps")
        .usually(Value::Null),
        of(
            "queue_packets",
            "packets before a link at most",
            "packets that wait for a link at most",
        )
        .at("/network/queue_packets")
        .usually(Value::Null),
    ]
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
#[expect(clippy::too_many_lines, reason = "a list")]
pub(super) fn standard(messages: &str) -> Vec<FigureSpec> {
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
        availability(),
        over_time(),
        healing(),
        riders(),
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
        rescues(),
        summaries(
            "summaries-entries",
            "Table size by depth in the overlay tree (root: 0)",
            "entries of a broker's table",
            "entries_mean",
        ),
        summaries(
            "summaries-updates",
            "Updates by depth in the overlay tree (root: 0)",
            "updates that the brokers of a depth send",
            "updates",
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

/// Where units come and go.
fn over_time() -> FigureSpec {
    let content = Content::TimeSeries {
        detail: "over_time".into(),
        x: "time_s".into(),
        value: "acceptance_ratio".into(),
        by: None,
        beside: vec![("availability".into(), "availability".into())],
    };
    ratio(FigureSpec {
        x_label: Some("time in s".into()),
        ..figure(
            "acceptance-over-time",
            "Acceptance ratio over time",
            "accepted ÷ issued requests",
            content,
        )
    })
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

/// Where services are constraints: a column of the table by depth.
fn summaries(name: &str, title: &str, y_label: &str, column: &str) -> FigureSpec {
    let content = Content::ByGroup {
        detail: "summaries".into(),
        by: "depth".into(),
        value: column.into(),
    };
    figure(name, title, y_label, content)
}

/// Where colonies are linked: who rescues whom.
fn rescues() -> FigureSpec {
    let content = Content::ByGroup {
        detail: "rescue_levels".into(),
        by: "level".into(),
        value: "rescued_share".into(),
    };
    figure(
        "rescues",
        "Requests that links rescue, by the level up to which the provider is away",
        "rescued ÷ all accepted requests",
        content,
    )
}

/// Where units fail or watch each other.
fn healing() -> FigureSpec {
    let content = Content::TimeSeries {
        detail: "healing".into(),
        x: "time_s".into(),
        value: "acceptance_ratio".into(),
        by: None,
        beside: vec![("orphans_ratio".into(), "share of orphans".into())],
    };
    ratio(FigureSpec {
        x_label: Some("time in s".into()),
        ..figure(
            "healing",
            "Acceptance ratio and orphans over time",
            "accepted ÷ issued requests",
            content,
        )
    })
}

/// Where there can be free riders.
fn riders() -> FigureSpec {
    let content = Content::TimeSeries {
        detail: "riders".into(),
        x: "time_s".into(),
        value: "honest_acceptance_ratio".into(),
        by: None,
        beside: vec![(
            "riding_acceptance_ratio".into(),
            "acceptance of free riders".into(),
        )],
    };
    ratio(FigureSpec {
        x_label: Some("time in s".into()),
        ..figure(
            "riders",
            "Acceptance of honest computers and of free riders over time",
            "accepted ÷ issued requests",
            content,
        )
    })
}

/// What is in a column of the table of classes, where there are some.
fn by_class(name: &str, title: &str, y_label: &str, column: &str) -> FigureSpec {
    let content = Content::ByGroup {
        detail: "classes".into(),
        by: "class".into(),
        value: column.into(),
    };
    figure(name, title, y_label, content)
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
    let content = Content::ByGroup {
        detail: "depths".into(),
        by: "depth".into(),
        value: "load_mean".into(),
    };
    figure(
        "load",
        "Broker load by depth in the overlay tree (root: 0)",
        "requests handled by a broker ÷ issued by connected GCUs",
        content,
    )
}
