//! What units, messages, commands and timers are called when people read of them.
//!
//! This module does *not* know where it is written.

use serde::Serialize;
use serde_json::Value;

use super::Model;
use crate::unit::UnitId;

/// What a unit is called: `gcu/17`.
pub fn unit_name<S: Model>(unit: UnitId) -> String {
    let kind = S::KINDS.get(usize::from(unit.kind())).unwrap_or(&"unit");
    format!("{kind}/{}", unit.index())
}

/// The name of a command, message or timer, and its fields as JSON, if it has any.
///
/// # Panics
/// If it is not plain data.
pub fn content<S: Model>(said: &impl Serialize) -> (String, String) {
    let value = serde_json::to_value(said).expect("protocols consist of plain data");
    let (what, mut fields) = match value {
        Value::String(what) => (what, Value::Null),
        Value::Object(members) if members.len() == 1 => {
            members.into_iter().next().expect("there is one")
        }
        fields => (String::new(), fields),
    };
    call_units::<S>(&mut fields);
    let fields = if fields.is_null() {
        String::new()
    } else {
        fields.to_string()
    };
    (what, fields)
}

/// Calls the units in `value` what they are called. Protocols have no texts of their own, so that
/// every text that reads like a unit is one.
fn call_units<S: Model>(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Ok(unit) = text.parse() {
                *text = unit_name::<S>(unit);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(call_units::<S>),
        Value::Object(members) => members.values_mut().for_each(call_units::<S>),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
