//! The lines of a text file with their places in it, and the fields of a line.
//!
//! This module does *not* know what a line means.

use std::borrow::Cow;

/// One line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line<'a> {
    /// Where it begins in the file, in bytes.
    pub(super) offset: usize,
    /// Its number, from 1.
    pub(super) number: usize,
    /// What it says, without blanks at its end.
    pub(super) text: &'a str,
}

/// The lines of a text, without blank ones and comments.
#[derive(Debug, Clone)]
pub(super) struct Lines<'a> {
    text: &'a str,
    offset: usize,
    number: usize,
    /// What a line that is a comment begins with.
    comments: &'static [char],
}

impl<'a> Lines<'a> {
    /// Those of `text`, where lines that begin with one of `comments` do not count.
    pub(super) fn of(text: &'a str, comments: &'static [char]) -> Self {
        Self {
            text,
            offset: 0,
            number: 0,
            comments,
        }
    }

    /// The number of the line that was read last; 1 before the first.
    pub(super) fn number(&self) -> usize {
        self.number.max(1)
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = Line<'a>;

    fn next(&mut self) -> Option<Line<'a>> {
        while self.offset < self.text.len() {
            let offset = self.offset;
            let rest = &self.text[offset..];
            let length = rest.find('\n').map_or(rest.len(), |end| end + 1);
            self.offset += length;
            self.number += 1;
            let text = rest[..length].trim_end();
            let is_comment = text.trim_start().starts_with(self.comments);
            if !text.is_empty() && !is_comment {
                let number = self.number;
                return Some(Line {
                    offset,
                    number,
                    text,
                });
            }
        }
        None
    }
}

/// What stands between the fields of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Separator {
    Tab,
    Semicolon,
    Comma,
    Blanks,
}

impl Separator {
    /// The separator of a table, found from one of its lines.
    pub(super) fn of(line: &str) -> Self {
        let marks = [
            ('\t', Self::Tab),
            (';', Self::Semicolon),
            (',', Self::Comma),
        ];
        let found = marks.into_iter().find(|(mark, _)| line.contains(*mark));
        found.map_or(Self::Blanks, |(_, separator)| separator)
    }

    /// The fields of a line, without blanks around them; a field may stand in quotes.
    pub(super) fn split(self, line: &str) -> Vec<Cow<'_, str>> {
        let mark = match self {
            Self::Tab => b'\t',
            Self::Semicolon => b';',
            Self::Comma => b',',
            Self::Blanks => return line.split_whitespace().map(Cow::Borrowed).collect(),
        };
        if !line.contains('"') {
            let fields = line.split(char::from(mark)).map(str::trim);
            return fields.map(Cow::Borrowed).collect();
        }
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .delimiter(mark)
            .trim(csv::Trim::All)
            .buffer_capacity(line.len().max(1))
            .from_reader(line.as_bytes());
        let record = reader.records().next().and_then(Result::ok);
        let fields = record.iter().flatten();
        fields.map(|field| Cow::Owned(field.to_owned())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_know_where_they_are() {
        let lines = Lines::of("a \r\n\n# no\n  b", &['#']);
        let told: Vec<_> = lines
            .map(|line| (line.offset, line.number, line.text))
            .collect();
        assert_eq!(told, [(0, 1, "a"), (10, 4, "  b")]);
    }

    #[test]
    fn fields_stand_between_marks_or_blanks() {
        let split = |line: &'static str| Separator::of(line).split(line);
        assert_eq!(split("a, b ,,1"), ["a", "b", "", "1"]);
        assert_eq!(split("a b  1"), ["a", "b", "1"]);
        assert_eq!(
            split("New York, NY\tBoston\t3"),
            ["New York, NY", "Boston", "3"]
        );
        assert_eq!(
            split("\"New York, NY\",Boston,3"),
            ["New York, NY", "Boston", "3"]
        );
    }
}
