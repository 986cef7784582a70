//! The beginning of a file as text, behind its first comments.
//!
//! This module does *not* know any format.

use std::borrow::Cow;

use encoding_rs::Encoding;

/// The number of bytes of a file that are looked at, behind the comments with which it begins.
pub(super) const HEAD_BYTES: usize = 4096;

pub(super) fn is_blank(letter: char) -> bool {
    letter == '\u{feff}' || letter.is_whitespace()
}

/// Bytes as text, in whatever encoding; what is none is replaced.
pub(super) fn decoded(bytes: &[u8]) -> Cow<'_, str> {
    match Encoding::for_bom(bytes) {
        Some((encoding, length)) => encoding.decode_without_bom_handling(&bytes[length..]).0,
        // Two bytes a character: without its zeros the text of the formats is readable.
        None if bytes.get(..2).is_some_and(|first| first.contains(&0)) => {
            String::from_utf8_lossy(bytes).replace('\0', "").into()
        }
        None => String::from_utf8_lossy(bytes),
    }
}

/// The beginning of a file behind its first comments, and whether it is all that there is. It has at least
/// [`HEAD_BYTES`] and two whole lines, if the file has: what CAIDA says before the first relation and the names of a
/// matrix may be longer than that.
pub(super) fn behind_comments(bytes: &[u8]) -> (String, bool) {
    let mut size = HEAD_BYTES;
    loop {
        let is_whole = size >= bytes.len();
        let text = decoded(&bytes[..bytes.len().min(size)]);
        let mut rest = text.trim_start_matches(is_blank);
        while rest.starts_with(['#', '%']) {
            let end = rest.find('\n').unwrap_or(rest.len());
            rest = rest[end..].trim_start_matches(is_blank);
        }
        // One line may be all of a file of JSON or XML.
        let is_table = !rest.starts_with(['<', '{', '[']);
        let has_rows = !is_table || rest.matches('\n').nth(1).is_some();
        if is_whole || (rest.len() >= HEAD_BYTES && has_rows) {
            return (rest.into(), is_whole);
        }
        size *= 4;
    }
}

/// What of a text is looked at as a table: its first [`HEAD_BYTES`] bytes, or two lines if they are longer.
pub(super) fn rows(text: &str) -> &str {
    let two = text.match_indices('\n').nth(1).map_or(0, |(at, _)| at + 1);
    up_to(text, HEAD_BYTES.max(two))
}

/// The first `bytes` of a text, or fewer if a character would be cut.
pub(super) fn up_to(text: &str, bytes: usize) -> &str {
    let mut end = bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
