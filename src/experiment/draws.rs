//! Whether what replications draw fits their systems, asked before the first run.
//!
//! It does *not* know what is drawn.

use super::underlays::Underlays;
use crate::error::{Error, Result};
use crate::random::RandomStreams;
use crate::scenario::RunConfig;
use crate::systems::Setting;

/// The error, which concerns this replication only.
fn in_replication(replication: u32, error: Error) -> Error {
    let (place, what, help) = error.into_parts();
    let mut error = Error::new(format!("in replication {replication}: {what}"));
    if let Some(place) = place {
        error = error.at(place);
    }
    if let Some(help) = help {
        error = error.help(help);
    }
    error
}

/// What each replication of `run` draws fits its system.
pub(super) fn check(underlays: &Underlays, run: &RunConfig, replications: u32) -> Result<()> {
    if !run.system.depends_on_draws() {
        return Ok(());
    }
    for replication in 0..replications {
        let underlay = underlays.of(run, replication)?;
        let setting = Setting {
            underlay: &underlay,
            streams: RandomStreams::new(run.seed, replication),
            conditions: &run.network,
        };
        let checked = run.system.check_draws(setting);
        checked.map_err(|error| in_replication(replication, error))?;
    }
    Ok(())
}
