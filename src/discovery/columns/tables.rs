//! The further tables of a discovery system, before the mechanism's own.
//!
//! They do *not* know what their cells are computed from.

use crate::discovery::rescues;
use crate::measure::{Detail, Metric};

const TIME: Metric = Metric::new(
    "time_s",
    "beginning of the interval, from the beginning of the request phase, in s",
);
const ACCEPTED: Metric = Metric::new("accepted", "how many of them were accepted");
const ACCEPTANCE: Metric = Metric::share("acceptance_ratio", "accepted ÷ issued");
const DEPTH: Metric = Metric::new(
    "depth",
    "brokers above these brokers in the tree; 0: the root",
);
const BROKERS: Metric = Metric::new("brokers", "brokers at this depth");

/// The tables.
pub(in crate::discovery) const DETAILS: &[Detail] = &[
    Detail {
        name: "depths",
        about: "broker load by depth in the overlay tree",
        columns: &[
            DEPTH,
            BROKERS,
            Metric::new(
                "load_mean",
                "mean over them of requests handled ÷ issued by connected GCUs",
            ),
            Metric::new(
                "load_max",
                "greatest over them of requests handled ÷ issued by connected GCUs",
            ),
        ],
    },
    Detail {
        name: "over_time",
        about: "acceptance over time, where units come and go",
        columns: &[
            TIME,
            Metric::new("issued", "requests issued in it"),
            ACCEPTED,
            ACCEPTANCE,
            Metric::share(
                "availability",
                "share of the units with sessions or faults that were up, mean over the interval",
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
            Metric::new("issued_connected", "requests of connected ones"),
            Metric::new("accepted", "how many of their requests were accepted"),
            ACCEPTANCE,
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
                "95th percentile of the discovery latency, in ms (nearest rank)",
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
            TIME,
            Metric::new("issued", "requests issued in it"),
            ACCEPTED,
            ACCEPTANCE,
            Metric::share(
                "orphans_ratio",
                "share of the living units that are not in the table of their leader, mean over the interval",
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
            ACCEPTED,
            ACCEPTANCE,
        ],
    },
    Detail {
        name: "summaries",
        about: "tables of brokers by depth in the overlay tree, where services are constraints",
        columns: &[
            DEPTH,
            BROKERS,
            Metric::new(
                "entries_mean",
                "mean over them of the entries of a broker's table at the end",
            ),
            Metric::new(
                "entries_max",
                "greatest over them of the entries of a broker's table at the end",
            ),
            Metric::new("updates", "updates of summaries that they sent"),
        ],
    },
    rescues::BY_DOMAIN,
    rescues::BY_LEVEL,
    Detail {
        name: "riders",
        about: "acceptance of honest GCUs and of free riders over time",
        columns: &[
            TIME,
            Metric::new(
                "honest_issued",
                "requests of GCUs that are no free riders, issued in it",
            ),
            Metric::new("honest_accepted", "how many of them were accepted"),
            Metric::share(
                "honest_acceptance_ratio",
                "accepted ÷ issued of GCUs that are no free riders",
            ),
            Metric::new(
                "honest_logged_out",
                "GCUs that are no free riders and were logged out by force in it",
            ),
            Metric::new("riding_issued", "requests of free riders"),
            Metric::new("riding_accepted", "how many of them were accepted"),
            Metric::share(
                "riding_acceptance_ratio",
                "accepted ÷ issued of free riders",
            ),
            Metric::new(
                "riding_logged_out",
                "free riders that were logged out by force in it",
            ),
        ],
    },
];
