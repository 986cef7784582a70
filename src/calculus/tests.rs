//! Terms, congruence and rules by hand and by chance.

mod examples;
mod faults;
mod laws;
mod terms;

use super::{Community, Label};

/// The community of a text.
fn community(text: &str) -> Community {
    Community::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// What comes of a label, in words: the text of a community, or the premise that does not hold.
fn after(text: &str, label: &str) -> Result<String, &'static str> {
    let label = Label::parse(label).unwrap_or_else(|error| panic!("{label}: {error}"));
    let applied = community(text).apply(&label);
    applied
        .map(|next| next.to_string())
        .map_err(|failure| failure.premise)
}
