//! The systems that a scenario can name.
//!
//! A program that adds one of its own calls [`register`] before it reads a scenario.

use std::sync::{Arc, PoisonError, RwLock};

use schemars::{Schema, SchemaGenerator};
use serde_json::Value;

use super::{Configured, Of, standard};
use crate::measure::Metric;
use crate::parameters::{Parameters, Problem};
use crate::program;
use crate::system::{Explorable, NamedExport, System, exports as exports_of};

/// A system with its parameters, or what is wrong between these.
pub type Chosen = Result<Arc<dyn Configured>, Problem>;

/// A system, or several that share their parameters, by the name that a scenario gives it.
#[derive(Debug, Clone, Copy)]
pub struct Family {
    /// The name.
    pub name: &'static str,
    /// What it is, in a sentence.
    pub about: &'static str,
    /// Its parameters, an object at a pointer, with the defaults of what is left out.
    pub complete: fn(&Value, &str) -> Result<Value, Problem>,
    /// Its parameters in a normal form, which is equal for parameters that mean the same.
    pub effective: fn(&Value, &str) -> Result<Value, Problem>,
    /// The system with its parameters, if these fit each other.
    pub configure: fn(&Value, &str) -> Chosen,
    /// The JSON Schema of its parameters.
    pub schema: fn(&mut SchemaGenerator) -> Schema,
    /// What it can export.
    pub exports: fn() -> Vec<NamedExport>,
    /// What it measures.
    pub metrics: fn() -> Vec<Metric>,
}

impl Family {
    /// The family of the system `S`.
    pub fn of<S: System + 'static>() -> Self
    where
        S::Config: Parameters,
    {
        Self {
            name: S::NAME,
            about: S::ABOUT,
            complete: |value, pointer| Ok(S::Config::read(value, pointer)?.write()),
            effective: |value, pointer| Ok(S::Config::read(value, pointer)?.effective().write()),
            configure: |value, pointer| Ok(Arc::new(configured::<S>(value, pointer)?)),
            schema: S::Config::schema,
            exports: || exports_of::<S>().collect(),
            metrics: || {
                let all = S::METRICS.iter().copied();
                all.filter(|metric| !S::is_absent(metric.name)).collect()
            },
        }
    }

    /// The family of the system `S`, all histories of whose small worlds can be visited.
    pub fn of_explorable<S: System + Explorable + 'static>() -> Self
    where
        S::Config: Parameters,
    {
        Self {
            configure: |value, pointer| Ok(Arc::new(configured::<S>(value, pointer)?.explorable())),
            ..Self::of::<S>()
        }
    }
}

/// The system `S` with its parameters, if these fit each other.
fn configured<S: System + 'static>(value: &Value, pointer: &str) -> Result<Of<S>, Problem>
where
    S::Config: Parameters,
{
    let config = S::Config::read(value, pointer)?;
    config.check(pointer)?;
    Ok(Of::new(S::NAME, config.write(), config))
}

/// What was added to the systems of this package.
static ADDED: RwLock<Vec<Family>> = RwLock::new(Vec::new());

/// Lets scenarios name the system `S`, from now on and in the whole program. Results are then those of this
/// very executable: one that was built again is another program, and does not resume its sweeps.
///
/// # Panics
/// If a system of this name is known already.
pub fn register<S: System + 'static>()
where
    S::Config: Parameters,
{
    add(Family::of::<S>());
}

/// Registers a system all histories of whose small worlds can be visited.
///
/// # Panics
/// As of [`register`].
pub fn register_explorable<S: System + Explorable + 'static>()
where
    S::Config: Parameters,
{
    add(Family::of_explorable::<S>());
}

fn add(family: Family) {
    assert!(
        find(family.name).is_none(),
        "there is a system `{}` already",
        family.name
    );
    program::extend();
    let mut added = ADDED.write().unwrap_or_else(PoisonError::into_inner);
    added.push(family);
}

/// Every system that a scenario can name: those of this package, then what was added.
pub fn families() -> Vec<Family> {
    let added = ADDED.read().unwrap_or_else(PoisonError::into_inner);
    let own = standard::families();
    own.into_iter().chain(added.iter().copied()).collect()
}

/// The system of that name.
pub fn find(name: &str) -> Option<Family> {
    families().into_iter().find(|family| family.name == name)
}

/// The metrics of this name: of each that means something of its own the systems that measure it.
pub fn metrics_named(name: &str) -> Vec<(Metric, Vec<&'static str>)> {
    let mut all: Vec<(Metric, Vec<&'static str>)> = Vec::new();
    for family in families() {
        let own = (family.metrics)().into_iter();
        for metric in own.filter(|metric| metric.name == name) {
            match all
                .iter_mut()
                .find(|(known, _)| known.meaning == metric.meaning)
            {
                Some((_, systems)) if systems.contains(&family.name) => {}
                Some((_, systems)) => systems.push(family.name),
                None => all.push((metric, vec![family.name])),
            }
        }
    }
    all
}

/// What the systems can export; a name once, though several systems may have it.
pub fn exports() -> Vec<NamedExport> {
    let mut all: Vec<NamedExport> = Vec::new();
    for export in families().into_iter().flat_map(|family| (family.exports)()) {
        if all.iter().all(|known| known.0 != export.0) {
            all.push(export);
        }
    }
    all
}

/// What an export of this name is: each text once, with the first system that has it.
pub fn exports_named(name: &str) -> Vec<(&'static str, &'static str)> {
    let mut all: Vec<(&'static str, &'static str)> = Vec::new();
    for family in families() {
        let own = (family.exports)().into_iter();
        for (_, about) in own.filter(|(export, _)| *export == name) {
            if all.iter().all(|(_, known)| *known != about) {
                all.push((family.name, about));
            }
        }
    }
    all
}
