//! Pictures that a command is asked to write.
//!
//! It does *not* know what they show.

use std::path::Path;

use crate::error::Result;
use crate::figures::{Canvas, PRINT_SCALE};
use crate::store;

/// Writes a picture to `path`: PNG if the name ends in `.png`, else SVG.
pub(super) fn save(path: &Path, picture: &Canvas) -> Result<()> {
    let is_png = path
        .extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("png"));
    if is_png {
        store::replace(path, &picture.png(PRINT_SCALE))
    } else {
        store::replace(path, picture.svg().as_bytes())
    }
}
