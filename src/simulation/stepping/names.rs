//! What inputs and messages are called in a schedule.
//!
//! It does *not* know what they mean.

use serde_json::Value;

use super::MessageOf;
use crate::system::{Observed, content};
use crate::time::Span;
use crate::unit::{Input, Protocol};

/// What an input from outside is called.
pub fn input_name<S: Observed>(input: &Input<S::Protocol>) -> String {
    match input {
        Input::Start => "start".into(),
        Input::Command(command) => content::<S>(command).0,
        Input::Message { message, .. } => message_name::<S>(message),
        Input::Timer(timer) => content::<S>(timer).0,
    }
}

/// What a message is called; if it carries another one in a member `message`, what that is called as well.
pub fn message_name<S: Observed>(message: &MessageOf<S>) -> String {
    let (name, fields) = content::<S>(message);
    let fields: Option<Value> = serde_json::from_str(&fields).ok();
    let carried = fields.as_ref().and_then(|fields| fields.get("message"));
    let carried = carried.and_then(|carried| match carried {
        Value::String(name) => Some(name),
        Value::Object(members) => members.keys().next(),
        _ => None,
    });
    carried.map_or(name.clone(), |carried| format!("{name} {carried}"))
}

/// What tells messages apart if the time that they leave is not counted.
pub fn timeless<S: Observed>(message: &MessageOf<S>) -> String {
    let mut message = message.clone();
    if let Some(left) = S::Protocol::time_left(&mut message) {
        *left = Span::ZERO;
    }
    format!("{message:?}")
}
