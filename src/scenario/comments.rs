//! Comments in scenarios, which JSON does not have: `// …` to the end of the line, and `/* … */`.
//!
//! They are blanked, so that every other letter stays on its line and in its column. This module does
//! *not* know JSON but for its strings, in which nothing is a comment.

use std::borrow::Cow;

use crate::error::{Error, Result};

/// `text` with blanks in the place of its comments.
///
/// # Errors
/// If a comment does not end; the error's place is its line.
pub(super) fn blanked(text: &str) -> Result<Cow<'_, str>> {
    if !text.contains("//") && !text.contains("/*") {
        return Ok(text.into());
    }
    let mut blanked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '"' => string(rest),
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => match rest[2..].find("*/") {
                Some(end) => end + 4,
                None => return Err(unended(text, rest)),
            },
            other => other.len_utf8(),
        };
        let (piece, after) = rest.split_at(length);
        if first == '/' && length > 1 {
            let blank = |letter: char| if letter.is_whitespace() { letter } else { ' ' };
            blanked.extend(piece.chars().map(blank));
        } else {
            blanked.push_str(piece);
        }
        rest = after;
    }
    Ok(blanked.into())
}

/// The length of the string with which `text` begins, both quotes included.
fn string(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            b'"' if !escaped => return at + 1,
            b'\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    text.len()
}

fn unended(text: &str, rest: &str) -> Error {
    let before = &text[..text.len() - rest.len()];
    Error::new("the comment that begins here does not end")
        .at(1 + before.matches('\n').count())
        .help("end it with */")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_blanked_and_nothing_else_moves() {
        let cases = [
            ("{\"a\": 1} // x", "{\"a\": 1}     "),
            ("/* é\n */{\"a\": \"// no\"}", "    \n   {\"a\": \"// no\"}"),
            (r#"{"a\"//": "\\"} // b"#, r#"{"a\"//": "\\"}     "#),
            ("{\"/system/*/x\": 1}", "{\"/system/*/x\": 1}"),
            ("1 / 2", "1 / 2"),
            ("\"open // string", "\"open // string"),
        ];
        for (text, expected) in cases {
            assert_eq!(blanked(text).unwrap(), expected, "{text}");
        }
        let error = blanked("{\n\n /* a").unwrap_err().to_string();
        assert!(error.starts_with("3: "), "{error}");
    }
}
