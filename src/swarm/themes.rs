//! Themes: worlds that are made so that what must hold under some conditions only is asked of them.
//!
//! Drawn member by member, hardly any world meets all of its conditions. This module does *not* know what must hold.

use serde_json::Value;

use super::draw::Draw;
use super::{healing, search};

/// What a world is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    /// It is asked that the overlay heals.
    Healing,
    /// It is asked that all orders of search accept the same requests.
    Search,
}

impl Theme {
    /// All of them.
    pub(super) const ALL: [Self; 2] = [Self::Healing, Self::Search];

    /// The system that it is about.
    pub(super) const SYSTEM: &'static str = "arigatoni";

    /// What its draws are keyed by: no member is called so.
    pub(super) const fn pointer(self) -> &'static str {
        match self {
            Self::Healing => "/healing",
            Self::Search => "/search",
        }
    }

    /// The share of the system's worlds that are given this theme, if no earlier theme was drawn.
    pub(super) const fn share(self) -> f64 {
        match self {
            Self::Healing => 0.2,
            Self::Search => 0.05,
        }
    }

    /// Without this member no world has it.
    pub(super) const fn needs(self) -> &'static str {
        match self {
            Self::Healing => healing::DETECTION,
            Self::Search => search::SEARCH,
        }
    }

    /// Lets a world have what the theme needs; of this the member at a pointer may be given or not.
    pub(super) fn ask(self, world: &mut Value, draw: &mut Draw, may_have: &dyn Fn(&str) -> bool) {
        match self {
            Self::Healing => healing::ask(world, draw, may_have),
            Self::Search => search::ask(world, may_have),
        }
    }
}
