//! Saying something on stderr.

use std::fmt::Display;
use std::io::Write;

/// Says `text` on stderr, a line.
///
/// Where that cannot be written (a full disk, a reader who has gone) the words are lost and nothing
/// else: `eprintln!` would panic, and another exit code would hide what has come of the work.
pub fn tell(text: impl Display) {
    let line = format!("{text}\n");
    let _ = std::io::stderr().write_all(line.as_bytes());
}
