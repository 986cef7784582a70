//! What the parameters of discovery systems that are swept most are called, as the papers write them.

use std::sync::{Arc, LazyLock};

use serde_json::Value;

use super::HEARTBEAT_MEMBER;
use crate::measure::AxisName;

/// All of them, made once: every figure has them.
pub(super) fn all() -> Arc<Vec<AxisName>> {
    static ALL: LazyLock<Arc<Vec<AxisName>>> = LazyLock::new(|| {
        let rooms = [
            services(),
            requests(),
            membership(),
            failures(),
            domains(),
            network(),
        ];
        Arc::new(rooms.concat())
    });
    Arc::clone(&ALL)
}

/// What computers offer, and who is disconnected.
fn services() -> Vec<AxisName> {
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
    ]
}

/// What is asked for.
fn requests() -> Vec<AxisName> {
    let of = AxisName::of;
    vec![
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
    ]
}

/// How brokers search, who comes and goes, and how that is noticed.
fn membership() -> Vec<AxisName> {
    let of = AxisName::of;
    vec![
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
            "probability of migrating",
            "probability of migrating",
        ),
        of(
            "migration/delay_ms",
            "delay before migrating in ms",
            "delay before migrating in ms",
        )
        .usually(0),
        of(
            "return_ms",
            "wait before rejoining in ms",
            "time until a unit without a leader asks to be a member again, in ms",
        )
        .usually(20_000),
        of("detection", "detection", "detection").with_null("by asking"),
        of(
            HEARTBEAT_MEMBER,
            "heartbeat in ms",
            "time between heartbeats in ms",
        ),
        of(
            "detection/timeout_ms",
            "timeout of a heartbeat in ms",
            "timeout of a heartbeat in ms",
        ),
        of(
            "detection/misses",
            "heartbeats missed",
            "heartbeats missed in a row until a unit counts as gone",
        ),
    ]
}

/// How units fail.
fn failures() -> Vec<AxisName> {
    let of = AxisName::of;
    vec![
        of("faults/at", "failures", "failures").usually(Vec::<String>::new()),
        of(
            "faults/gbus/up",
            "time up of a broker",
            "time that a broker is up",
        ),
        of(
            "faults/gbus/down",
            "time down of a broker",
            "time that a broker is down",
        ),
        of(
            "faults/gcus/up",
            "time up of a GCU",
            "time that a GCU is up",
        ),
        of(
            "faults/gcus/down",
            "time down of a GCU",
            "time that a GCU is down",
        ),
    ]
}

/// What crosses colonies and domains.
fn domains() -> Vec<AxisName> {
    let of = AxisName::of;
    vec![
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
    ]
}

/// What becomes of packets.
fn network() -> Vec<AxisName> {
    let of = AxisName::of;
    vec![
        of("loss", "loss", "probability that a packet is lost").at("/network/loss"),
        of("partitions", "partitions", "domains that are cut off")
            .at("/network/partitions")
            .usually(Vec::<String>::new()),
        of("slowdowns", "slowdowns", "links that are slow")
            .at("/network/slowdowns")
            .usually(Vec::<String>::new()),
        of(
            "link_failures/up",
            "time up of a link",
            "time that a link is up",
        )
        .at("/network/link_failures/up"),
        of(
            "link_failures/down",
            "time down of a link",
            "time that a link is down",
        )
        .at("/network/link_failures/down"),
        of(
            "router_failures/up",
            "time up of a router",
            "time that a router is up",
        )
        .at("/network/router_failures/up"),
        of(
            "router_failures/down",
            "time down of a router",
            "time that a router is down",
        )
        .at("/network/router_failures/down"),
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
