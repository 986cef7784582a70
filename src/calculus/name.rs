//! Names of individuals and of administrative domains.
//!
//! It does *not* know what stands in a term, nor where names are used.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

/// The name of a computer (it begins with a lower-case letter) or of a broker (with an upper-case letter).
///
/// Computers come before brokers; among each of them the shorter name is first, and of two names of one length the first one by its
/// bytes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Name(Arc<str>);

/// The word that a tunnel's friend stands behind. No computer has that name.
pub(super) const VIA: &str = "via";

/// Whether a character may stand in a name.
pub(super) fn is_ordinary(char: char) -> bool {
    char.is_ascii_alphanumeric() || char == '_'
}

/// Whether `text` is a name: a letter, then letters, digits and `_`.
fn is_name(text: &str) -> bool {
    text.starts_with(|char: char| char.is_ascii_alphabetic())
        && text.chars().all(is_ordinary)
        && text != VIA
}

impl Name {
    /// The name that `text` is, if it is one.
    pub fn new(text: &str) -> Option<Self> {
        is_name(text).then(|| Self(text.into()))
    }

    /// The computer with this number: `g17`.
    pub fn computer(number: u32) -> Self {
        Self(format!("g{number}").into())
    }

    /// The broker with this number: `B17`.
    pub fn broker(number: u32) -> Self {
        Self(format!("B{number}").into())
    }

    /// Whether it is a broker's.
    pub fn is_broker(&self) -> bool {
        self.0.starts_with(|char: char| char.is_ascii_uppercase())
    }

    /// The name itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Ord for Name {
    fn cmp(&self, other: &Self) -> Ordering {
        let key = |name: &Self| (name.is_broker(), name.0.len());
        key(self)
            .cmp(&key(other))
            .then_with(|| self.0.as_bytes().cmp(other.0.as_bytes()))
    }
}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An administrative domain. Its name is formed like a computer's.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Domain(Arc<str>);

/// The domain of those that nothing else is said of.
const DEFAULT: &str = "d0";

impl Domain {
    /// The domain with the name `text`, if it is one.
    pub fn new(text: &str) -> Option<Self> {
        let is_lower = text.starts_with(|char: char| char.is_ascii_lowercase());
        (is_name(text) && is_lower).then(|| Self(text.into()))
    }

    /// The domain with this number: `d3`.
    pub fn number(number: u32) -> Self {
        Self(format!("d{number}").into())
    }

    /// The domain of those that are in none of the numbered ones: `none`.
    pub fn none() -> Self {
        Self("none".into())
    }
}

impl Default for Domain {
    fn default() -> Self {
        Self(DEFAULT.into())
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
