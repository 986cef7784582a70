//! How long a request may take, and how rare updates may be.
//!
//! This module does *not* know how long one takes in a run: that is drawn.

use super::{Application, SECONDS_MAX};
use crate::parameters::Problem;

impl Application {
    /// No request, and no time between two updates, is longer than can be simulated.
    pub(super) fn check_seconds(&self, pointer: &str, capacity: f64) -> Result<(), Problem> {
        let work_s = self.work.0 / capacity;
        if work_s > SECONDS_MAX {
            let what = format!(
                "a request takes {work_s:.1e} s (`work` ÷ the nodes' `capacity`), more than the \
                 {SECONDS_MAX:.0e} s that can be simulated"
            );
            return Err(Problem::new(format!("{pointer}/work"), what)
                .help("lower it, or raise /system/opus/nodes/capacity"));
        }
        if let Some(goal) = &self.overlay {
            let apart_s = 1.0 / goal.updates_per_s.0;
            if apart_s > SECONDS_MAX {
                let what = format!(
                    "{apart_s:.1e} s lie between two updates (1 ÷ `updates_per_s`), more than \
                     the {SECONDS_MAX:.0e} s that can be simulated"
                );
                let pointer = format!("{pointer}/overlay/updates_per_s");
                return Err(Problem::new(pointer, what).help("raise it"));
            }
        }
        Ok(())
    }
}
