//! The systems of this package.
//!
//! This is the one place that knows them all.

use std::sync::Arc;

use serde_json::Value;

use super::{Chosen, Family, Of};
use crate::arigatoni::Arigatoni;
use crate::opus;
use crate::opus::allocation::Allocation;
use crate::opus::config::{Opus, Study};
use crate::opus::overlay::Dissemination;
use crate::opus::tracking::TrackingStudy;
use crate::parameters::{Parameters, Plain};
use crate::rivals::{self, Central, Chord, Flooding, RandomWalk, Synapse};
use crate::system::{self, Observed};

/// All of them.
pub(super) fn families() -> [Family; 7] {
    let opus = Family {
        name: opus::NAME,
        about: opus::ABOUT,
        complete: |value, pointer| Ok(Opus::read(value, pointer)?.write()),
        effective: |value, pointer| Ok(Plain::effective(&Opus::read(value, pointer)?).write()),
        configure: configure_opus,
        schema: Opus::schema,
        exports: || {
            let overlay = system::exports::<Dissemination>();
            let allocation = system::exports::<Allocation>();
            let tracking = system::exports::<TrackingStudy>();
            overlay.chain(allocation).chain(tracking).collect()
        },
        metrics: || {
            let (overlay, allocation) = (Dissemination::METRICS, Allocation::METRICS);
            [overlay, allocation, TrackingStudy::METRICS].concat()
        },
    };
    [
        Family::of_explorable::<Arigatoni>(),
        opus,
        Family::of::<rivals::System<Central>>(),
        Family::of::<rivals::System<Flooding>>(),
        Family::of::<rivals::System<RandomWalk>>(),
        Family::of::<rivals::System<Chord>>(),
        Family::of::<rivals::System<Synapse>>(),
    ]
}

/// The study of Opus that its parameters choose: each is a system.
fn configure_opus(value: &Value, pointer: &str) -> Chosen {
    let config = Opus::read(value, pointer)?;
    Plain::check(&config, pointer)?;
    let (name, written) = (opus::NAME, config.write());
    Ok(match config.study {
        Study::Overlay => Arc::new(Of::<Dissemination>::new(name, written, config)),
        Study::Allocation => Arc::new(Of::<Allocation>::new(name, written, config)),
        Study::Tracking => Arc::new(Of::<TrackingStudy>::new(name, written, config)),
    })
}
