//! The systems of this package.
//!
//! This is the one place that knows them all.

use std::sync::Arc;

use schemars::JsonSchema;
use serde_json::Value;

use super::{Chosen, Family, Of};
use crate::arigatoni::Arigatoni;
use crate::opus;
use crate::opus::allocation::Allocation;
use crate::opus::config::Config;
use crate::opus::overlay::Dissemination;
use crate::opus::parameters::Opus;
use crate::opus::tracking::TrackingStudy;
use crate::parameters::decode;
use crate::rivals::{self, Central, Chord, Flooding, RandomWalk};
use crate::system;

/// All of them.
pub(super) fn families() -> [Family; 6] {
    let opus = Family {
        name: opus::NAME,
        about: opus::ABOUT,
        complete: |value, pointer| Ok(decode::<Opus>(value, pointer)?.write()),
        configure: configure_opus,
        schema: Opus::json_schema,
        exports: || {
            let overlay = system::exports::<Dissemination>();
            let allocation = system::exports::<Allocation>();
            let tracking = system::exports::<TrackingStudy>();
            overlay.chain(allocation).chain(tracking).collect()
        },
    };
    [
        Family::of::<Arigatoni>(),
        opus,
        Family::of::<rivals::System<Central>>(),
        Family::of::<rivals::System<Flooding>>(),
        Family::of::<rivals::System<RandomWalk>>(),
        Family::of::<rivals::System<Chord>>(),
    ]
}

/// The study of Opus that its parameters choose: each is a system.
fn configure_opus(value: &Value, pointer: &str) -> Chosen {
    let members: Opus = decode(value, pointer)?;
    let name = opus::NAME;
    let written = members.write();
    Ok(match members.validate()? {
        Config::Overlay(config) => Arc::new(Of::<Dissemination>::new(name, written, config)),
        Config::Allocation(config) => Arc::new(Of::<Allocation>::new(name, written, *config)),
        Config::Tracking(config) => Arc::new(Of::<TrackingStudy>::new(name, written, config)),
    })
}
