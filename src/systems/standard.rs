//! The systems of this package, as a scenario's parameters choose them.
//!
//! This is the one place that tells them apart.

use std::sync::Arc;

use super::{Configured, Of};
use crate::arigatoni::{self, Arigatoni};
use crate::opus::allocation::Allocation;
use crate::opus::config::Config;
use crate::opus::overlay::Dissemination;
use crate::opus::tracking::TrackingStudy;

/// Arigatoni.
pub fn arigatoni(config: &arigatoni::Config) -> Arc<dyn Configured> {
    Arc::new(Of::<Arigatoni>(config.clone()))
}

/// The study of Opus that `config` chooses: each is a system.
pub fn opus(config: &Config) -> Arc<dyn Configured> {
    match config.clone() {
        Config::Overlay(config) => Arc::new(Of::<Dissemination>(config)),
        Config::Allocation(config) => Arc::new(Of::<Allocation>(*config)),
        Config::Tracking(config) => Arc::new(Of::<TrackingStudy>(config)),
    }
}
