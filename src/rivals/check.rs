//! What rivals refuse in a scenario besides what all discovery systems do.
//!
//! It does *not* know one rival's own parameters.

use crate::discovery::config::{DisconnectionMode, Population, Units, World};
use crate::discovery::{BrokerUnits, Brokers};
use crate::error::{Error, Result};
use crate::parameters::number::BoundedCount;
use crate::system::Underlay;

/// Whether the units that are to be disconnected, or come and go, exist.
///
/// # Errors
/// If they are brokers and no broker is a unit.
pub(super) fn units(brokers: BrokerUnits, config: &World) -> Result<()> {
    if brokers != BrokerUnits::None {
        return Ok(());
    }
    let disconnection = &config.disconnection;
    // "all" is the default, and says nothing as long as nothing is disconnected.
    if disconnection.units == Units::Gbus
        || disconnection.units == Units::All && disconnection.rate.0 > 0.0
    {
        return Err(no_brokers("disconnection"));
    }
    let by_rate = disconnection.mode == DisconnectionMode::Sessions;
    let sessions = config.sessions.as_ref().filter(|_| !by_rate);
    if sessions.is_some_and(|sessions| sessions.units != Some(Units::Gcus)) {
        return Err(no_brokers("sessions"));
    }
    if config
        .faults
        .as_ref()
        .is_some_and(|faults| faults.gbus.is_some())
    {
        return Err(Error::new(NO_BROKERS)
            .at("/system/*/faults/gbus")
            .help("use \"gcus\""));
    }
    Ok(())
}

/// Whether what computers offer stays as it is.
///
/// # Errors
/// If it changes: `why` says what it is that cannot change with it.
pub(super) fn offers_stay(config: &World, why: &str) -> Result<()> {
    if config.services.change.is_none() {
        return Ok(());
    }
    Err(
        Error::new(format!("offers cannot change in this system: {why}"))
            .at("/system/*/services/change")
            .help("use null, or one of the systems arigatoni, central, flooding, random-walk and chord"),
    )
}

const NO_BROKERS: &str = "this system has computers (GCUs) only, and no brokers (GBUs)";

/// `member` is about brokers too.
fn no_brokers(member: &str) -> Error {
    Error::new(NO_BROKERS)
        .at(format!("/system/*/{member}/units"))
        .help("use \"gcus\"")
}

/// How many computers there are; `None`: their number is drawn.
///
/// # Errors
/// If the brokers do not fit `underlay`.
pub(super) fn computers(underlay: &Underlay, config: &World) -> Result<Option<u64>> {
    let Population::Fixed(BoundedCount(each)) = config.gcus_per_broker else {
        return Ok(None);
    };
    let brokers = Brokers::place(underlay, &config.brokers)?;
    Ok(Some(u64::from(each) * brokers.list().len() as u64))
}

/// Checks that there are as many computers as the `member` asks for. Where their number is drawn, all are taken if
/// there are fewer.
///
/// # Errors
/// If there are fewer.
pub(super) fn at_most_all(
    underlay: &Underlay,
    config: &World,
    (member, asked): (&str, u32),
) -> Result<()> {
    match computers(underlay, config)? {
        Some(computers) if u64::from(asked) > computers => Err(Error::new(format!(
            "{asked} {member} are more than the {computers} GCUs"
        ))
        .at(format!("/system/*/{member}"))
        .help(format!("use at most {computers}"))),
        _ => Ok(()),
    }
}
