//! Messages on stderr.

use std::borrow::Cow;
use std::fmt::Display;
use std::io::Write;

use crate::study::Watch;

/// Prints `text` and a line break on stderr.
///
/// Where that cannot be written (a full disk, a reader who has gone) the words are lost and nothing
/// else: `eprintln!` would panic, and another exit code would hide what has come of the work.
pub fn print_stderr(text: impl Display) {
    let line = format!("{}\n", harmless(&text.to_string()));
    let _ = std::io::stderr().write_all(line.as_bytes());
}

/// Says on stderr what should be known of a study.
#[derive(Debug)]
pub(super) struct Stderr;

impl Watch for Stderr {
    fn report(&mut self, note: &str) {
        print_stderr(note);
    }
}

/// `text` with its control characters written out, as `\u{1b}`: a file's name or a text in a file must
/// not move a terminal's cursor, rename its window or turn the direction of writing.
pub(super) fn harmless(text: &str) -> Cow<'_, str> {
    let harmful = |c: char| {
        (c.is_control() && c != '\n' && c != '\t')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if !text.contains(harmful) {
        return text.into();
    }
    let mut written = String::with_capacity(text.len());
    for c in text.chars() {
        if harmful(c) {
            written.extend(c.escape_unicode());
        } else {
            written.push(c);
        }
    }
    written.into()
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn control_characters_are_written_out() {
        assert_eq!(harmless("a\tb\nµ"), "a\tb\nµ");
        assert_eq!(harmless("a\u{1b}]0;x\u{7}\r"), r"a\u{1b}]0;x\u{7}\u{d}");
        assert_eq!(harmless("a\u{9b}\u{202e}"), r"a\u{9b}\u{202e}");
    }
}
