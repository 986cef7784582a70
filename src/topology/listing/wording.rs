//! How lengths and names are told to a person.
//!
//! This module does *not* know links.

use super::choice::Lengths;
use crate::topology::options::LengthUnit;

/// Which column tells the lengths, and in which unit, unless that goes without saying.
pub(super) fn chosen(name: &str, lengths: Lengths) -> Option<String> {
    let own = lengths.own_units;
    if lengths.is_plain && own.is_none() {
        return None;
    }
    let unit = lengths.unit.sign();
    if own.is_all() {
        let light = if own.told().any(LengthUnit::is_way) {
            "; light in fibre covers 200,000 km/s"
        } else {
            ""
        };
        return Some(format!(
            "the links' latencies follow from the edges' `{name}`, each in the unit that it tells ({}){light}",
            own.listed()
        ));
    }
    let but = if own.is_none() {
        String::new()
    } else {
        format!(
            ", but for those that tell their own unit ({})",
            own.listed()
        )
    };
    Some(if lengths.unit.is_way() {
        let ms = lengths.unit.in_ms(1.0);
        format!(
            "the links' latencies follow from the edges' `{name}`, in {unit}{but}: light in fibre covers 200,000 km/s, \
             so 1 {unit} takes {ms} ms"
        )
    } else if lengths.is_told {
        format!("the links' latencies are the edges' `{name}`, in {unit}{but}")
    } else {
        format!(
            "the links' latencies are the edges' `{name}`, taken for {unit}{but} (--length-unit, in a scenario \
             \"length_unit\", says otherwise)"
        )
    })
}

/// Names as a sentence has them.
pub(super) fn quoted(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}
