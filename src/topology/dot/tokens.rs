//! The pieces of which a DOT file consists.
//!
//! This module does *not* know what they mean.

/// One piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// A name, a number, or a text in quotes or angle brackets.
    Name(String),
    /// One of `{ } [ ] ; , = :`.
    Mark(char),
    /// `--` or `->`.
    Line,
    /// The end of the file.
    End,
}

impl Token {
    /// Whether it is a word of the language, whatever its case.
    pub(super) fn is_word(&self, word: &str) -> bool {
        matches!(self, Self::Name(name) if name.eq_ignore_ascii_case(word))
    }
}

/// The pieces of a text, one after the other.
#[derive(Debug, Clone)]
pub(super) struct Tokens<'a> {
    text: &'a str,
    /// Where the piece that was read last begins, and where it ends.
    start: usize,
    end: usize,
}

impl<'a> Tokens<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        Self {
            text,
            start: 0,
            end: 0,
        }
    }

    /// Where the piece that was read last begins.
    pub(super) fn at(&self) -> usize {
        self.start
    }

    /// The next piece, which stays to be read.
    pub(super) fn peek(&self) -> Result<Token, &'static str> {
        self.clone().next()
    }

    /// The next piece, or why there is none.
    pub(super) fn next(&mut self) -> Result<Token, &'static str> {
        self.skip()?;
        self.start = self.end;
        let rest = &self.text[self.start..];
        let Some(first) = rest.chars().next() else {
            return Ok(Token::End);
        };
        let (length, token) = match first {
            '{' | '}' | '[' | ']' | ';' | ',' | '=' | ':' => (1, Token::Mark(first)),
            '"' => quoted(rest)?,
            '<' => bracketed(rest)?,
            _ if rest.starts_with("--") || rest.starts_with("->") => (2, Token::Line),
            _ => {
                let is_of_name = |letter: char| letter.is_alphanumeric() || "_.".contains(letter);
                let sign = usize::from(first == '-');
                let end = rest[sign..].find(|letter| !is_of_name(letter));
                let length = end.map_or(rest.len(), |end| end + sign);
                if length == sign {
                    return Err("a character that DOT does not have here");
                }
                (length, Token::Name(rest[..length].into()))
            }
        };
        self.end = self.start + length;
        Ok(token)
    }

    /// Goes on behind blanks and comments.
    fn skip(&mut self) -> Result<(), &'static str> {
        loop {
            let rest = &self.text[self.end..];
            let trimmed = rest.trim_start();
            self.end += rest.len() - trimmed.len();
            if trimmed.starts_with("//") || trimmed.starts_with('#') {
                self.end += trimmed.find('\n').unwrap_or(trimmed.len());
            } else if let Some(comment) = trimmed.strip_prefix("/*") {
                let Some(length) = comment.find("*/") else {
                    self.start = self.end;
                    return Err("this comment does not end");
                };
                self.end += length + 4;
            } else {
                return Ok(());
            }
        }
    }
}

/// A text in quotes, with its length in the file.
fn quoted(rest: &str) -> Result<(usize, Token), &'static str> {
    let mut text = String::new();
    let mut letters = rest.char_indices().skip(1);
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return Ok((at + 1, Token::Name(text))),
            '\\' => match letters.next() {
                Some((_, escaped @ ('"' | '\\'))) => text.push(escaped),
                Some((_, 'n')) => text.push('\n'),
                // A line that goes on in the next one.
                Some((_, '\n')) => {}
                Some((_, other)) => text.extend(['\\', other]),
                None => break,
            },
            _ => text.push(letter),
        }
    }
    Err("this text in quotes does not end")
}

/// A text in angle brackets, which may hold others.
fn bracketed(rest: &str) -> Result<(usize, Token), &'static str> {
    let mut depth = 0_usize;
    for (at, letter) in rest.char_indices() {
        match letter {
            '<' => depth += 1,
            '>' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Ok((at + 1, Token::Name(rest[1..at].into())));
        }
    }
    Err("this text in angle brackets does not end")
}
