//! What the readers of XML files have in common: entities, and what they say of a file that is no sound XML.
//!
//! It does *not* know elements.

mod entities;

use std::fmt::Display;

use quick_xml::events::BytesRef;

use super::listing::error_at;
use crate::error::{Error, Result};

pub(super) use entities::Entities;

/// The file is no XML: `problem`, at `offset` of `text`.
pub(super) fn unsound(text: &str, offset: usize, problem: impl Display) -> Error {
    error_at(text, offset, format!("this is not sound XML: {problem}"))
}

/// The file ends at `offset` of `text`, and elements are open.
pub(super) fn cut_off(text: &str, offset: usize) -> Error {
    let error = unsound(text, offset, "the file ends before its last element does");
    error.help("the file is cut off: fetch it again")
}

/// The text of a character or an entity that is named at `offset` of `text`.
///
/// # Errors
/// If there is no such entity.
pub(super) fn resolved(
    reference: &BytesRef<'_>,
    entities: &Entities,
    (text, offset): (&str, usize),
) -> Result<String> {
    let name = reference.xml10_content();
    let character = reference.resolve_char_ref().ok().flatten();
    let known = || entities.resolve(&name).map(String::from);
    character.map(String::from).or_else(known).ok_or_else(|| {
        let what = format!(
            "the entity `&{name};` is neither one of XML itself nor a text that the file's DOCTYPE declares"
        );
        error_at(text, offset, what).help("write its text in its place")
    })
}
