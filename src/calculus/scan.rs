//! The words of terms and labels.
//!
//! ASCII white space may stand between words, and a comment from `#` to the end of its line. It does *not* know what words mean.

use std::ops::Range;

use super::name::is_ordinary;
use crate::error::fault::{CHARS_REPEATED, Fault};

/// A line without its comment.
pub(crate) fn uncommented(line: &str) -> &str {
    line.split('#').next().unwrap_or_default()
}

/// A word: a name, or one of the signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Word<'t> {
    pub(super) text: &'t str,
    /// The byte at which it begins.
    pub(super) start: usize,
}

impl Word<'_> {
    /// Its bytes.
    pub(super) fn range(self) -> Range<usize> {
        self.start..self.start + self.text.len()
    }

    /// Whether it is the end of the text.
    pub(super) fn is_end(self) -> bool {
        self.text.is_empty()
    }

    /// Whether it could be a name.
    pub(super) fn is_ordinary(self) -> bool {
        self.text.starts_with(is_ordinary)
    }

    /// The error that something else should stand here.
    pub(super) fn not(self, expected: &str) -> Fault {
        let found = if self.is_end() {
            "the end".into()
        } else {
            let text: String = self.text.chars().take(CHARS_REPEATED).collect();
            format!("`{}`", text.escape_debug())
        };
        Fault::new(self.range(), format!("expected {expected}, found {found}"))
    }
}

/// The words of a text one after another.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scanner<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Scanner<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, at: 0 }
    }

    /// The next word, which stays next; at the end an empty one.
    pub(super) fn peek(&self) -> Word<'t> {
        let mut start = self.at;
        loop {
            let rest = &self.text[start..];
            let blank = rest.len() - rest.trim_ascii_start().len();
            start += blank;
            let rest = &self.text[start..];
            if !rest.starts_with('#') {
                break;
            }
            start += rest.find('\n').unwrap_or(rest.len());
        }
        let rest = &self.text[start..];
        let mut chars = rest.chars();
        let length = match chars.next() {
            None => 0,
            Some(char) if is_ordinary(char) => {
                rest.find(|char| !is_ordinary(char)).unwrap_or(rest.len())
            }
            Some('=') if rest.starts_with("=>") => 2,
            Some(char) => char.len_utf8(),
        };
        let text = &rest[..length];
        Word { text, start }
    }

    /// The next word.
    pub(super) fn next(&mut self) -> Word<'t> {
        let word = self.peek();
        self.at = word.range().end;
        word
    }

    /// Goes on behind `sign`, if it is next.
    pub(super) fn take(&mut self, sign: &str) -> bool {
        let is_next = self.peek().text == sign;
        if is_next {
            self.next();
        }
        is_next
    }
}
