//! The validated parameters of Arigatoni, beside those of all discovery systems.

/// Arigatoni's own parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Own {
    /// How the fully connected overlay comes about.
    pub start: Start,
    /// The order in which a broker asks its colony.
    pub search: Search,
}

/// How the fully connected overlay comes about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// The routing tables are built at once.
    Direct,
    /// Every unit registers by messages. Ends in the same tables.
    Messages,
}

/// The order in which a broker asks its colony (resource discovery protocol).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Search {
    /// One by one in random order: fewer messages, slower.
    Selective,
    /// Everybody able at once: more messages, quicker.
    Exhaustive,
}
