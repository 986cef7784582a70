//! What is wrong with a text, and with which characters of it.
//!
//! It does *not* know the language, nor where the text came from.

use std::ops::Range;

use super::Error;

/// As much of a piece of the text as a message repeats, in characters.
pub(crate) const CHARS_REPEATED: usize = 60;

/// As much of the text as is shown, in characters.
const CHARS_SHOWN: usize = 72;

/// Whether a reader would not see a character: a control character, or one that only says how others are written
/// (Unicode's category `Cf`).
pub(crate) fn is_invisible(char: char) -> bool {
    let is_format = matches!(
        char,
        '\u{ad}'
            | '\u{600}'..='\u{605}'
            | '\u{61c}'
            | '\u{6dd}'
            | '\u{70f}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    );
    char.is_control() || is_format
}

/// What is wrong with a text.
#[derive(Debug)]
pub(crate) struct Fault {
    /// The bytes that are marked, in their order; the last of these ranges is where the fault is.
    pub(crate) marks: Vec<Range<usize>>,
    pub(crate) what: String,
    pub(crate) help: Option<String>,
}

impl Fault {
    /// A fault of the bytes `at`; an empty range is the place before its start.
    pub(crate) fn new(at: Range<usize>, what: impl Into<String>) -> Self {
        Self {
            marks: vec![at],
            what: what.into(),
            help: None,
        }
    }

    /// What the reader can do about it.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The error of a fault in `text`: its place is the character, counted from 1, and the text is shown
    /// with carets below what is wrong.
    pub(crate) fn error(self, text: &str) -> Error {
        let index = |byte: usize| text[..byte].chars().count();
        let marks = self.marks.iter();
        let marks: Vec<Range<usize>> = marks
            .map(|mark| (index(mark.start), index(mark.end)))
            .map(|(start, end)| start..end.max(start + 1))
            .collect();
        let place = marks.last().map_or(0, |mark| mark.start);
        let mut what = self.what;
        if !text.trim().is_empty() {
            what = format!("{what}\n{}", shown(text, &marks, place));
        }
        let mut error = Error::new(what);
        if let Some(help) = self.help {
            error = error.help(help);
        }
        error.at(format_args!("character {}", place + 1))
    }
}

/// The text around a character, and a line that marks some of its characters.
fn shown(text: &str, marks: &[Range<usize>], place: usize) -> String {
    let chars: Vec<char> = text.chars().collect();
    let first = if chars.len() <= CHARS_SHOWN {
        0
    } else {
        place.saturating_sub(CHARS_SHOWN / 2)
    };
    let last = chars.len().min(first + CHARS_SHOWN);
    let mut line = String::from(if first > 0 { "…" } else { "" });
    let mut carets = String::from(if first > 0 { " " } else { "" });
    // A character that is not seen would move those behind it.
    line.extend(chars[first..last].iter().map(|&char| match char {
        char if is_invisible(char) => char::REPLACEMENT_CHARACTER,
        char => char,
    }));
    if last < chars.len() {
        line.push('…');
    }
    carets.extend((first..=last).map(|index| {
        let is_marked = marks.iter().any(|mark| mark.contains(&index));
        if is_marked { '^' } else { ' ' }
    }));
    format!("    {line}\n    {}", carets.trim_end())
}
