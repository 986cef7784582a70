//! The columns of a discovery system: the shared ones, then the mechanism's own.
//!
//! They do *not* know what their cells are computed from.

mod tables;

use std::marker::PhantomData;

use super::{BrokerUnits, Mechanism};
use crate::measure::Metric;
pub(super) use tables::DETAILS;

/// A shared column, and of what it tells.
type Column = (Metric, Of);

/// Of what a column tells.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    /// Of requests, computers or the network, which all systems have.
    All,
    /// Of brokers, leaders and their tables.
    Brokers,
    /// Of elections, links, tunnels, credentials or free riders, which only overlays of colonies have.
    Colonies,
}

const fn metric(name: &'static str, meaning: &'static str) -> Column {
    (Metric::new(name, meaning), Of::All)
}

const fn share(name: &'static str, meaning: &'static str) -> Column {
    (Metric::share(name, meaning), Of::All)
}

const fn brokers(name: &'static str, meaning: &'static str) -> Column {
    (Metric::new(name, meaning), Of::Brokers)
}

const fn brokers_share(name: &'static str, meaning: &'static str) -> Column {
    (Metric::share(name, meaning), Of::Brokers)
}

const fn colonies(name: &'static str, meaning: &'static str) -> Column {
    (Metric::new(name, meaning), Of::Colonies)
}

const fn colonies_share(name: &'static str, meaning: &'static str) -> Column {
    (Metric::share(name, meaning), Of::Colonies)
}

/// The shared columns of `runs.csv`.
const COLUMNS: &[Column] = &[
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
    metric(
        "service_ratio_sd",
        "standard deviation over services of accepted ÷ issued",
    ),
    share(
        "service_ratio_min",
        "least over services of accepted ÷ issued",
    ),
    share(
        "service_ratio_q1",
        "lower quartile over services of accepted ÷ issued",
    ),
    share(
        "service_ratio_median",
        "median over services of accepted ÷ issued",
    ),
    share(
        "service_ratio_q3",
        "upper quartile over services of accepted ÷ issued",
    ),
    share(
        "service_ratio_max",
        "greatest over services of accepted ÷ issued",
    ),
    metric("service_ratio_n", "services with at least one request"),
    share(
        "colony_ratio_mean",
        "mean over requesting colonies of accepted ÷ issued",
    ),
    metric(
        "colony_ratio_sd",
        "standard deviation over requesting colonies of accepted ÷ issued",
    ),
    share(
        "colony_ratio_min",
        "least over requesting colonies of accepted ÷ issued",
    ),
    share(
        "colony_ratio_q1",
        "lower quartile over requesting colonies of accepted ÷ issued",
    ),
    share(
        "colony_ratio_median",
        "median over requesting colonies of accepted ÷ issued",
    ),
    share(
        "colony_ratio_q3",
        "upper quartile over requesting colonies of accepted ÷ issued",
    ),
    share(
        "colony_ratio_max",
        "greatest over requesting colonies of accepted ÷ issued",
    ),
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
    brokers(
        "load_mean",
        "mean over brokers of requests handled ÷ issued by connected GCUs",
    ),
    brokers(
        "load_max",
        "greatest over brokers of requests handled ÷ issued by connected GCUs",
    ),
    (
        Metric::new("deadline_hits", "requests in which a deadline timer fired").as_trouble(),
        Of::All,
    ),
    metric("events", "inputs handled by GCUs and GBUs"),
    metric(
        "completed",
        "accepted requests that all providers served to the end, as those do that unregister meanwhile",
    ),
    share("completion_ratio", "completed ÷ issued"),
    metric(
        "start_ms_mean",
        "mean time from issue until the first provider begins to serve, of accepted requests of which one does, in ms; \
         less latency_ms_mean: how long a start message takes",
    ),
    share(
        "availability",
        "share of the time that a unit with sessions or faults was up, mean over these units",
    ),
    share(
        "enquiries_absent_ratio",
        "enquiries that met an absent GCU ÷ enquiries to GCUs",
    ),
    share(
        "enquiries_wrong_ratio",
        "enquiries that met an absent GCU, or one that did not offer any more what it was asked for ÷ enquiries to GCUs",
    ),
    brokers_share(
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
    brokers(
        "findable_ms_mean",
        "mean time from a unit's coming up until its leader lists it, in ms",
    ),
    brokers(
        "detect_ms_mean",
        "mean time from a crash until a unit that has been up since takes the crashed one for gone, of all that do, in ms",
    ),
    brokers("detect_ms_max", "the longest of these times, in ms"),
    brokers("suspicions", "how often a unit took another for gone"),
    brokers(
        "suspicions_wrong",
        "how often a unit took another for gone that had not crashed",
    ),
    brokers(
        "repair_ms_mean",
        "mean length of the periods in which the overlay was broken, of those that have ended: until each living unit is in the table of its leader and in no other, and all tables are up to date, in ms",
    ),
    brokers(
        "repair_ms_max",
        "length of the longest of these periods, in ms",
    ),
    brokers_share(
        "orphans_ratio",
        "share of the living units that are not in the table of their leader, mean over time",
    ),
    metric(
        "upkeep_per_unit_s",
        "messages that are not for requests, and do not confirm that one of those has come, per unit and second",
    ),
    brokers_share(
        "acceptance_before",
        "accepted ÷ issued of the requests issued before the first failure",
    ),
    brokers_share(
        "acceptance_during",
        "accepted ÷ issued of the requests issued after the first failure while the overlay was broken or something of the network was down",
    ),
    brokers_share(
        "acceptance_after",
        "accepted ÷ issued of the requests issued after the first failure while nothing was broken or down",
    ),
    colonies("elections_won", "leaders that were elected"),
    colonies(
        "elections_failed",
        "how often a candidate asked for votes and was not elected",
    ),
    colonies("election_messages", "messages for elections"),
    colonies(
        "election_ms_mean",
        "mean time from a leader's failure until another one is elected in its place, in ms",
    ),
    metric(
        "busiest_load",
        "messages for requests that the busiest broker received, or the busiest GCU where no broker takes part ÷ issued by connected GCUs",
    ),
    brokers(
        "table_entries",
        "entries of all brokers' tables at the end, where services are constraints",
    ),
    brokers(
        "summary_updates",
        "updates of summaries that brokers sent, where services are constraints",
    ),
    brokers_share(
        "false_positive_ratio",
        "enquiries of GCUs and subcolonies that met nothing that matches ÷ enquiries, where services are constraints",
    ),
    colonies_share(
        "rescued_ratio",
        "accepted requests whose first provider was found over a link between colonies ÷ accepted, where colonies are linked; \
         also those that the tree would have served",
    ),
    brokers(
        "broker_wait_ms_mean",
        "mean time that a message waited at a broker until its turn came, where brokers take time, in ms",
    ),
    brokers(
        "broker_wait_ms_max",
        "longest time that a message waited at a broker until its turn came, where brokers take time, in ms",
    ),
    brokers(
        "broker_drops",
        "messages that found a broker's queue full and were dropped",
    ),
    brokers_share(
        "broker_drop_ratio",
        "messages that found a broker's queue full and were dropped ÷ messages that reached a broker",
    ),
    brokers_share(
        "broker_busy_max",
        "share of the time until the last request is issued for which the busiest broker was busy",
    ),
    metric(
        "link_wait_ms_mean",
        "mean time that a packet waited for a link until it was sent, where links have a bandwidth, in ms",
    ),
    metric(
        "link_wait_ms_max",
        "longest time that a packet waited for a link until it was sent, where links have a bandwidth, in ms",
    ),
    metric(
        "link_drops",
        "packets that found a link's queue full and were dropped",
    ),
    share(
        "link_drop_ratio",
        "packets that found a link's queue full and were dropped ÷ packets that reached a link",
    ),
    share(
        "link_busy_max",
        "share of the time until the last request is issued for which the busiest link was busy in one direction",
    ),
    colonies(
        "riding_gcus",
        "GCUs that are free riders, where there can be any",
    ),
    colonies_share(
        "honest_acceptance_ratio",
        "accepted ÷ issued of the GCUs that are no free riders, where there can be any",
    ),
    colonies_share(
        "riding_acceptance_ratio",
        "accepted ÷ issued of free riders",
    ),
    colonies_share(
        "honest_logged_out_ratio",
        "share of the GCUs that are no free riders and were logged out by force, until the last request has ended",
    ),
    colonies_share(
        "riding_logged_out_ratio",
        "share of the free riders that were logged out by force, until the last request has ended",
    ),
    colonies(
        "found_out_s_mean",
        "mean time until a free rider is logged out for the first time, of those that are, in s",
    ),
    colonies_share(
        "tunnelled_ratio",
        "accepted requests whose first provider was found through a tunnel ÷ accepted, where units have tunnels",
    ),
    colonies(
        "checks_per_request",
        "credentials checked ÷ issued, where they are checked",
    ),
    colonies("refused_forged", "checks that found a forged credential"),
    colonies(
        "refused_expired",
        "checks that found a credential that has expired",
    ),
    colonies("refused_revoked", "checks that found a revoked credential"),
    colonies_share(
        "refused_ratio",
        "checks that found a forged, expired or revoked credential ÷ checks",
    ),
    colonies(
        "revocation_s_mean",
        "mean time from the revocation of a credential until it is refused for the first time, of those that are, in s",
    ),
];

/// The metrics of the shared columns.
const METRICS: &[Metric] = &metrics();

const fn metrics() -> [Metric; COLUMNS.len()] {
    let mut metrics = [COLUMNS[0].0; COLUMNS.len()];
    let mut at = 0;
    while at < COLUMNS.len() {
        metrics[at] = COLUMNS[at].0;
        at += 1;
    }
    metrics
}

/// Whether the shared column `name` never has a value where these brokers are units.
pub(super) fn is_absent(brokers: BrokerUnits, name: &str) -> bool {
    let mut columns = COLUMNS.iter();
    let column = columns.find(|(metric, _)| metric.name == name);
    column.is_some_and(|(_, of)| match brokers {
        BrokerUnits::Every => false,
        BrokerUnits::Root => *of == Of::Colonies,
        BrokerUnits::None => *of != Of::All,
    })
}

/// Every mechanism has fewer columns than this, shared ones included.
const MOST: usize = 128;

/// The columns of a system with the mechanism `M`.
#[derive(Debug)]
pub(super) struct Joined<M>(PhantomData<M>);

impl<M: Mechanism> Joined<M> {
    const METRICS_ROOM: [Metric; MOST] = join(METRICS, M::METRICS);

    /// The columns of `runs.csv`.
    pub(super) const METRICS: &'static [Metric] = Self::METRICS_ROOM
        .split_at(METRICS.len() + M::METRICS.len())
        .0;
}

/// The columns of `shared`, then those of `own`, then any of them.
const fn join(shared: &[Metric], own: &[Metric]) -> [Metric; MOST] {
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
