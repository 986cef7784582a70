//! The columns of a discovery system: the shared ones, then the mechanism's own.
//!
//! They do *not* know what their cells are computed from.

use std::marker::PhantomData;

use super::{Mechanism, rescues};
use crate::measure::{Detail, Metric};

const fn metric(name: &'static str, meaning: &'static str) -> Metric {
    Metric::new(name, meaning)
}

const fn share(name: &'static str, meaning: &'static str) -> Metric {
    Metric::share(name, meaning)
}

/// The shared columns of `runs.csv`, in the order of the cells of `report`.
const METRICS: &[Metric] = &[
    metric("issued", "requests issued"),
    metric("issued_connected", "requests issued by connected GCUs"),
    metric("accepted", "requests for which enough GCUs agreed"),
    share("acceptance_ratio", "accepted ÷ issued"),
    share(
        "acceptance_ratio_connected",
        "accepted ÷ issued by connected GCUs",
    ),
    share(
        "service_ratio_mean",
        "mean over services of accepted ÷ issued",
    ),
    metric("service_ratio_sd", "standard deviation of the same"),
    share("service_ratio_min", "least of the same"),
    share("service_ratio_q1", "lower quartile of the same"),
    share("service_ratio_median", "median of the same"),
    share("service_ratio_q3", "upper quartile of the same"),
    share("service_ratio_max", "greatest of the same"),
    metric("service_ratio_n", "services with at least one request"),
    share(
        "colony_ratio_mean",
        "mean over requesting colonies of accepted ÷ issued",
    ),
    metric("colony_ratio_sd", "standard deviation of the same"),
    share("colony_ratio_min", "least of the same"),
    share("colony_ratio_q1", "lower quartile of the same"),
    share("colony_ratio_median", "median of the same"),
    share("colony_ratio_q3", "upper quartile of the same"),
    share("colony_ratio_max", "greatest of the same"),
    metric("colony_ratio_n", "colonies with at least one request"),
    metric("messages_per_request", "messages for requests ÷ issued"),
    metric(
        "packets_forwarded",
        "links crossed by packets, access links included",
    ),
    metric(
        "latency_ms_mean",
        "mean discovery latency of accepted requests, in ms",
    ),
    metric(
        "latency_ms_p50",
        "median discovery latency, in ms (nearest rank)",
    ),
    metric(
        "latency_ms_p95",
        "95th percentile of the discovery latency, in ms (nearest rank)",
    ),
    metric(
        "latency_ms_p99",
        "99th percentile of the discovery latency, in ms (nearest rank)",
    ),
    metric(
        "hops_mean",
        "mean number of overlay edges to the first provider",
    ),
    metric(
        "load_mean",
        "mean over brokers of requests handled ÷ issued by connected GCUs",
    ),
    metric("load_max", "greatest of the same"),
    metric("deadline_hits", "requests in which a deadline timer fired").as_trouble(),
    metric("events", "inputs handled by GCUs and GBUs"),
    metric(
        "completed",
        "accepted requests that all providers served to the end, as those do that unregister meanwhile",
    ),
    share("completion_ratio", "completed ÷ issued"),
    metric(
        "start_ms_mean",
        "mean time from issue until the first provider begins to serve, of accepted requests of which one does, in ms",
    ),
    share(
        "availability",
        "share of the time that a unit with sessions was up, mean over units",
    ),
    share(
        "enquiries_absent_ratio",
        "enquiries that met an absent GCU ÷ enquiries to GCUs",
    ),
    share(
        "enquiries_wrong_ratio",
        "enquiries that met an absent GCU, or one that did not offer any more what it was asked for ÷ enquiries to GCUs",
    ),
    share(
        "table_error_ratio",
        "share of the time that a leader's table was wrong about a unit with sessions",
    ),
    metric(
        "registrations_per_unit_s",
        "registrations per unit with sessions and second",
    ),
    metric(
        "updates_per_unit_s",
        "updates of summaries and offers per unit with sessions or changing offers and second",
    ),
    metric(
        "findable_ms_mean",
        "mean time from a unit's coming up until its leader lists it, in ms",
    ),
    metric(
        "detect_ms_mean",
        "mean time from a failure until one of those concerned finds it out, in ms",
    ),
    metric("detect_ms_max", "greatest of the same"),
    metric("suspicions", "how often a unit took another for gone"),
    metric("suspicions_wrong", "the same of units that had not crashed"),
    metric(
        "repair_ms_mean",
        "mean time from a failure until all living units are registered and no table lists a dead one, in ms",
    ),
    metric("repair_ms_max", "greatest of the same"),
    share(
        "orphans_ratio",
        "share of the living units that no living broker's table lists, mean over time",
    ),
    metric(
        "upkeep_per_unit_s",
        "messages that are not for requests per unit and second",
    ),
    share(
        "acceptance_before",
        "accepted ÷ issued of requests issued before the first failure",
    ),
    share(
        "acceptance_during",
        "the same while a living unit is not registered, or a table lists a dead one",
    ),
    share("acceptance_after", "the same afterwards"),
    metric("elections_won", "leaders that were elected"),
    metric(
        "elections_failed",
        "how often a candidate asked for votes and was not elected",
    ),
    metric("election_messages", "messages for elections"),
    metric(
        "election_ms_mean",
        "mean time from a leader's failure until another one is elected in its place, in ms",
    ),
    metric(
        "busiest_load",
        "messages for requests that the busiest broker received, or the busiest GCU where no broker takes part ÷ issued by connected GCUs",
    ),
    metric(
        "table_entries",
        "entries of all brokers' tables at the end, where services are constraints",
    ),
    metric(
        "summary_updates",
        "updates of summaries that brokers sent, where services are constraints",
    ),
    share(
        "false_positive_ratio",
        "enquiries of GCUs and subcolonies that met nothing that matches ÷ enquiries, where services are constraints",
    ),
    share(
        "rescued_ratio",
        "accepted requests whose first provider was found over a link between colonies ÷ accepted, where colonies are linked; \
         also those that the tree would have served",
    ),
    metric(
        "broker_wait_ms_mean",
        "mean time that a message waited at a broker until its turn came, where brokers take time, in ms",
    ),
    metric("broker_wait_ms_max", "greatest of the same"),
    metric(
        "broker_drops",
        "messages that found a broker's queue full and were dropped",
    ),
    share(
        "broker_drop_ratio",
        "the same ÷ messages that reached a broker",
    ),
    share(
        "broker_busy_max",
        "share of the time until the last request is issued for which the busiest broker was busy",
    ),
    metric(
        "link_wait_ms_mean",
        "mean time that a packet waited for a link until it was sent, where links have a bandwidth, in ms",
    ),
    metric("link_wait_ms_max", "greatest of the same"),
    metric(
        "link_drops",
        "packets that found a link's queue full and were dropped",
    ),
    share("link_drop_ratio", "the same ÷ packets that reached a link"),
    share(
        "link_busy_max",
        "share of the time until the last request is issued for which the busiest link was busy in one direction",
    ),
    metric(
        "riding_gcus",
        "GCUs that are free riders, where there can be any",
    ),
    share(
        "honest_acceptance_ratio",
        "accepted ÷ issued of the other GCUs",
    ),
    share("riding_acceptance_ratio", "the same of free riders"),
    share(
        "honest_logged_out_ratio",
        "share of the GCUs that are no free riders and were logged out by force, until the last request has ended",
    ),
    share("riding_logged_out_ratio", "the same of free riders"),
    metric(
        "found_out_s_mean",
        "mean time until a free rider is logged out for the first time, of those that are, in s",
    ),
    share(
        "tunnelled_ratio",
        "accepted requests whose first provider was found through a tunnel ÷ accepted, where units have tunnels",
    ),
    metric(
        "checks_per_request",
        "credentials checked ÷ issued, where they are checked",
    ),
    metric("refused_forged", "checks that found a forged credential"),
    metric(
        "refused_expired",
        "checks that found a credential that has expired",
    ),
    metric("refused_revoked", "checks that found a revoked credential"),
    share(
        "refused_ratio",
        "checks that found a credential of one of these three kinds ÷ checks",
    ),
    metric(
        "revocation_s_mean",
        "mean time from the revocation of a credential until it is refused for the first time, of those that are, in s",
    ),
];

/// Broker load by depth in the overlay tree; acceptance over time, where units come and go; what becomes of the
/// requests of each class of GCUs, where there are classes; acceptance by constraint, where there are constraints; and that of
/// honest computers and free riders over time, where there can be any.
const DETAILS: &[Detail] = &[
    Detail {
        name: "depths",
        about: "broker load by depth in the overlay tree",
        columns: &[
            Metric::new(
                "depth",
                "brokers above these brokers in the tree; 0: the root",
            ),
            Metric::new("brokers", "brokers at this depth"),
            Metric::new(
                "load_mean",
                "mean over them of requests handled ÷ issued by connected GCUs",
            ),
            Metric::new("load_max", "greatest of the same"),
        ],
    },
    Detail {
        name: "over_time",
        about: "acceptance over time, where units come and go",
        columns: &[
            Metric::new(
                "time_s",
                "beginning of the interval, from the beginning of the request phase, in s",
            ),
            Metric::new("issued", "requests issued in it"),
            Metric::new("accepted", "how many of them were accepted"),
            Metric::share("acceptance_ratio", "accepted ÷ issued"),
            Metric::share(
                "availability",
                "share of the units with sessions that were up, mean over the interval",
            ),
        ],
    },
    Detail {
        name: "classes",
        about: "what becomes of the requests of each class of GCUs",
        columns: &[
            Metric::new("class", "the class's name"),
            Metric::new("gcus", "GCUs of the class"),
            Metric::new("issued", "requests of theirs"),
            Metric::new("issued_connected", "the same of connected ones"),
            Metric::new("accepted", "how many of their requests were accepted"),
            Metric::share("acceptance_ratio", "accepted ÷ issued"),
            Metric::share(
                "acceptance_ratio_connected",
                "accepted ÷ issued by connected GCUs",
            ),
            Metric::new(
                "completed",
                "accepted requests that all providers served to the end",
            ),
            Metric::share("completion_ratio", "completed ÷ issued"),
            Metric::new(
                "latency_ms_mean",
                "mean discovery latency of accepted requests, in ms",
            ),
            Metric::new(
                "latency_ms_p95",
                "95th percentile of the same, in ms (nearest rank)",
            ),
            Metric::new(
                "provided",
                "instances that they provide to accepted requests of any class",
            ),
        ],
    },
    Detail {
        name: "healing",
        about: "acceptance and orphans over time, where units or the network fail or units watch each other",
        columns: &[
            Metric::new(
                "time_s",
                "beginning of the interval, from the beginning of the request phase, in s",
            ),
            Metric::new("issued", "requests issued in it"),
            Metric::new("accepted", "how many of them were accepted"),
            Metric::share("acceptance_ratio", "accepted ÷ issued"),
            Metric::share(
                "orphans_ratio",
                "share of the living units that no living broker's table lists, mean over the interval",
            ),
        ],
    },
    Detail {
        name: "constraints",
        about: "acceptance by constraint",
        columns: &[
            Metric::new(
                "constraint",
                "the constraint that is asked for, in its canonical text",
            ),
            Metric::new("issued", "requests for it"),
            Metric::new("accepted", "how many of them were accepted"),
            Metric::share("acceptance_ratio", "accepted ÷ issued"),
        ],
    },
    Detail {
        name: "summaries",
        about: "tables of brokers by depth in the overlay tree, where services are constraints",
        columns: &[
            Metric::new(
                "depth",
                "brokers above these brokers in the tree; 0: the root",
            ),
            Metric::new("brokers", "brokers at this depth"),
            Metric::new(
                "entries_mean",
                "mean over them of the entries of a broker's table at the end",
            ),
            Metric::new("entries_max", "greatest of the same"),
            Metric::new("updates", "updates of summaries that they sent"),
        ],
    },
    rescues::BY_DOMAIN,
    rescues::BY_LEVEL,
    Detail {
        name: "riders",
        about: "acceptance of honest GCUs and of free riders over time",
        columns: &[
            Metric::new(
                "time_s",
                "beginning of the interval, from the beginning of the request phase, in s",
            ),
            Metric::new(
                "honest_issued",
                "requests of GCUs that are no free riders, issued in it",
            ),
            Metric::new("honest_accepted", "how many of them were accepted"),
            Metric::share("honest_acceptance_ratio", "the same ÷ issued"),
            Metric::new(
                "honest_logged_out",
                "GCUs that are no free riders and were logged out by force in it",
            ),
            Metric::new("riding_issued", "requests of free riders"),
            Metric::new("riding_accepted", "how many of them were accepted"),
            Metric::share("riding_acceptance_ratio", "the same ÷ issued"),
            Metric::new(
                "riding_logged_out",
                "free riders that were logged out by force in it",
            ),
        ],
    },
];

/// No mechanism has so many columns or tables, shared ones included.
const MOST: usize = 128;

/// The columns of a system with the mechanism `M`.
#[derive(Debug)]
pub(super) struct Joined<M>(PhantomData<M>);

impl<M: Mechanism> Joined<M> {
    const METRICS_ROOM: [Metric; MOST] = join(METRICS, M::METRICS);
    const DETAILS_ROOM: [Detail; MOST] = join(DETAILS, M::DETAILS);

    /// The columns of `runs.csv`.
    pub(super) const METRICS: &'static [Metric] = Self::METRICS_ROOM
        .split_at(METRICS.len() + M::METRICS.len())
        .0;
    /// The detail tables.
    pub(super) const DETAILS: &'static [Detail] = Self::DETAILS_ROOM
        .split_at(DETAILS.len() + M::DETAILS.len())
        .0;
}

/// The items of `shared`, then those of `own`, then any of them.
const fn join<T: Copy>(shared: &[T], own: &[T]) -> [T; MOST] {
    let mut all = [shared[0]; MOST];
    let mut at = 0;
    while at < shared.len() + own.len() {
        all[at] = if at < shared.len() {
            shared[at]
        } else {
            own[at - shared.len()]
        };
        at += 1;
    }
    all
}
