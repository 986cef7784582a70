//! The validated parameters of Arigatoni, beside those of all discovery systems.

/// Arigatoni's own parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Own {
    /// How the complete overlay is built.
    pub start: Start,
    /// The order in which a broker asks its colony.
    pub search: Search,
}

/// How the complete overlay is built.
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
    /// All able ones at once: more messages, but faster.
    Exhaustive,
}
