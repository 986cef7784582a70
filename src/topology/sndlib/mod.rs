//! Networks of SNDlib, in its native format and in XML. Coordinates are taken for longitude and latitude
//! unless the file says that they are pixels. Capacities are kept; demands are not read.
//!
//! This module does *not* know what data mean ([`super::listing`]).

mod native;
mod xml;

use super::listing::Listing;
use crate::error::Result;

/// What is told of a node's place.
const GEOGRAPHICAL: [&str; 2] = ["longitude", "latitude"];

/// What is told of a node's place on a picture.
const PIXELS: [&str; 2] = ["x", "y"];

/// The nodes and links of a file.
pub(super) fn list(text: &str) -> Result<Listing<'_>> {
    if text.trim_start().starts_with('<') {
        xml::list(text)
    } else {
        native::list(text)
    }
}
