//! The integration tests: one binary, one module a room.
#![allow(
    clippy::disallowed_methods,
    reason = "tests read and write files of their own"
)]

mod alarms;
mod arigatoni;
mod begun;
mod calculus;
mod check;
mod command;
mod command_line;
mod constrained;
mod constraint;
mod cores;
mod described;
mod discovery;
mod disks;
mod domains;
mod dots;
mod durability;
mod environment;
mod expected;
mod explore;
mod failures;
mod figures;
mod fingerprints;
mod folders;
mod guide;
mod limits;
mod load;
mod lossy;
mod messages;
mod names;
mod newcomer;
mod notes;
mod opus;
mod origins;
mod outages;
mod pages;
mod parquet;
mod precision;
mod random;
mod rates;
mod rates_in_time;
mod renamed;
mod report;
mod review;
mod riders;
mod rivals;
mod salvage;
mod scenario;
mod scenario_help;
mod sessions;
mod shards;
mod side_by_side;
mod statistics;
mod support;
mod swarm;
mod systems;
mod theory;
mod tidy;
mod tiny;
mod topology;
mod workload;
