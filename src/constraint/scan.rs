//! The grammar: a text is clauses `[attribute operator value]`, joined by `&`.
//!
//! Blanks may stand between all of these. This module does *not* know attributes, words and numbers.

use std::fmt;
use std::ops::Range;

use crate::error::fault::{Fault, is_invisible};

/// The characters of the grammar, and those that look like its operators.
const SPECIAL: &str = "[]&=!<>≤≥≠";

/// Whether a character may stand in the name of an attribute and in a value.
pub(super) fn is_ordinary(char: char) -> bool {
    !char.is_whitespace() && !is_invisible(char) && !SPECIAL.contains(char)
}

/// The relation of a clause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    Differs,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

impl Operator {
    /// All, longer ones before those that they begin with.
    const ALL: [Self; 6] = [
        Self::Differs,
        Self::AtMost,
        Self::AtLeast,
        Self::Equal,
        Self::Less,
        Self::Greater,
    ];

    fn text(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::Differs => "!=",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::Greater => ">",
            Self::AtLeast => ">=",
        }
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

/// A piece of the text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token<'t> {
    pub(super) text: &'t str,
    /// The byte at which it begins.
    pub(super) start: usize,
}

impl Token<'_> {
    /// Its bytes.
    pub(super) fn range(self) -> Range<usize> {
        self.start..self.start + self.text.len()
    }
}

/// A clause as it is written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clause<'t> {
    /// All of it, with its brackets.
    pub(super) whole: Token<'t>,
    pub(super) name: Token<'t>,
    pub(super) operator: Operator,
    /// The operator's characters.
    pub(super) relation: Token<'t>,
    pub(super) value: Token<'t>,
}

/// The clauses of a text, at least one.
pub(super) fn scan(text: &str) -> Result<Vec<Clause<'_>>, Fault> {
    let mut scanner = Scanner { text, at: 0 };
    let mut clauses = Vec::new();
    loop {
        scanner.skip_blanks();
        if scanner.rest().starts_with('&') && !clauses.is_empty() {
            return Err(scanner.expected("`[`").help("one `&` joins two clauses"));
        }
        clauses.push(scanner.clause()?);
        scanner.skip_blanks();
        if scanner.rest().is_empty() {
            return Ok(clauses);
        }
        if !scanner.take("&") {
            let fault = scanner.expected("`&` or the end");
            let is_clause = scanner.rest().starts_with('[');
            return Err(if is_clause {
                fault.help("clauses are joined by `&`")
            } else {
                fault
            });
        }
    }
}

struct Scanner<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Scanner<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn skip_blanks(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    /// Goes on behind `word`, if it is next.
    fn take(&mut self, word: &str) -> bool {
        let is_next = self.rest().starts_with(word);
        if is_next {
            self.at += word.len();
        }
        is_next
    }

    /// The piece from `start` up to here.
    fn since(&self, start: usize) -> Token<'t> {
        Token {
            text: &self.text[start..self.at],
            start,
        }
    }

    fn clause(&mut self) -> Result<Clause<'t>, Fault> {
        let start = self.at;
        if !self.take("[") {
            let fault = self.expected("`[`");
            return Err(fault.help("a clause is written like [Type=CPU] or [Time>10s]"));
        }
        let name = self.ordinary("the name of an attribute")?;
        let operator_start = self.at;
        let operator = self.operator()?;
        let relation = self.since(operator_start);
        let value = self.ordinary("a value")?;
        if !self.take("]") {
            let fault = self.expected("`]`");
            let is_more = self.rest().starts_with(is_ordinary);
            return Err(if is_more {
                fault.help("there are no blanks in a value")
            } else {
                fault
            });
        }
        Ok(Clause {
            whole: self.since(start),
            name,
            operator,
            relation,
            value,
        })
    }

    /// A name or a value, with the blanks around it.
    fn ordinary(&mut self, what: &str) -> Result<Token<'t>, Fault> {
        self.skip_blanks();
        let start = self.at;
        let rest = self.rest();
        self.at += rest.find(|char| !is_ordinary(char)).unwrap_or(rest.len());
        let token = self.since(start);
        if token.text.is_empty() {
            return Err(self.expected(what));
        }
        self.skip_blanks();
        Ok(token)
    }

    fn operator(&mut self) -> Result<Operator, Fault> {
        for (wrong, right) in [
            ("==", "="),
            ("=<", "<="),
            ("=>", ">="),
            ("<>", "!="),
            ("≤", "<="),
            ("≥", ">="),
            ("≠", "!="),
        ] {
            if self.rest().starts_with(wrong) {
                let fault = Fault::new(
                    self.at..self.at + wrong.len(),
                    format!("`{wrong}` is no operator"),
                );
                return Err(fault.help(format!("write `{right}`")));
            }
        }
        let found = Operator::ALL
            .into_iter()
            .find(|operator| self.take(operator.text()));
        found.ok_or_else(|| self.expected("one of the operators = != < <= > >="))
    }

    /// The error that something else stands here.
    fn expected(&self, what: &str) -> Fault {
        let found = self.rest().chars().next();
        let text = found.map_or_else(|| "the end".into(), |char| format!("`{}`", shown(char)));
        let end = self.at + found.map_or(0, char::len_utf8);
        Fault::new(self.at..end, format!("expected {what}, found {text}"))
    }
}

/// A character in words.
fn shown(char: char) -> String {
    if is_invisible(char) {
        char.escape_unicode().to_string()
    } else {
        char.to_string()
    }
}
