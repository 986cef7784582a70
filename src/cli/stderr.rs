//! Messages on stderr.

use std::borrow::Cow;
use std::fmt::Display;
use std::io::Write;
use std::time::Duration;

use crate::study::Watch;

/// Prints `text` and a line break on stderr.
///
/// Where that cannot be written (a full disk, a reader who has gone) the words are lost and nothing
/// else: `eprintln!` would panic, and another exit code would hide what has come of the work.
pub(super) fn print_stderr(text: impl Display) {
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

/// Writes `line` over the last one on a terminal, where `end` follows it; elsewhere as a line of its own. Stderr may be
/// closed, which must not stop the work.
pub(super) fn rewrite(line: &str, is_terminal: bool, end: &str) {
    let (begin, end) = if is_terminal {
        ("\r\x1b[K", end)
    } else {
        ("", "\n")
    };
    let line = harmless(line);
    let mut stderr = std::io::stderr().lock();
    let _ = write!(stderr, "{begin}{line}{end}").and_then(|()| stderr.flush());
}

/// How long it will take until `left` more things are done, of which `made` have been made in the time `elapsed`: the end
/// of a sentence, empty if that cannot be said or none is left.
pub(super) fn about_left(made: u64, left: u64, elapsed: Duration) -> String {
    if made == 0 || left == 0 {
        return String::new();
    }
    let time = elapsed.mul_f64(left as f64 / made as f64);
    format!(", about {} left", clock(time))
}

/// A duration as a person says it.
pub(super) fn clock(duration: Duration) -> String {
    let s = duration.as_secs();
    match s {
        0..60 => format!("{:.1} s", duration.as_secs_f64()),
        60..3600 => format!("{} min {:02} s", s / 60, s % 60),
        _ => format!("{} h {:02} min", s / 3600, s / 60 % 60),
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
