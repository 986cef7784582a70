//! How long functions are. Clippy counts as well, but takes `/*` inside a string, as in `"/system/*/slots"`, for the
//! beginning of a comment, and does not see what comes behind it.

use std::fs;

/// How many lines of code there may be between the braces of a function.
const LINES_MAX: usize = 60;

/// The code without comments, with a letter for each literal of one line; lines stay lines.
fn bare(text: &str) -> String {
    let mut bare = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => comment(rest),
            'r' | '"' | '\'' => literal(rest, bare.chars().last()),
            _ => 0,
        };
        let (skipped, after) = rest.split_at(length.max(first.len_utf8()));
        if length == 0 {
            bare.push(first);
        } else {
            let is_code = first != '/';
            let lines = skipped.split('\n').map(|_| if is_code { "x" } else { "" });
            bare.push_str(&lines.collect::<Vec<_>>().join("\n"));
        }
        rest = after;
    }
    bare
}

/// How long the comment is with which `text` begins; others may lie in it.
fn comment(text: &str) -> usize {
    let mut depth = 0;
    for at in 0..text.len() {
        match text.get(at..at + 2) {
            Some("/*") => depth += 1,
            Some("*/") if depth == 1 => return at + 2,
            Some("*/") => depth -= 1,
            _ => {}
        }
    }
    text.len()
}

/// How long the literal is with which `text` begins, behind `before`: 0 if it is none, as of a lifetime.
fn literal(text: &str, before: Option<char>) -> usize {
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    if let Some(raw) = text.strip_prefix('r') {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        // `b` may stand before it.
        let is_raw =
            raw[hashes..].starts_with('"') && before.is_none_or(|it| !is_word(it) || it == 'b');
        let end = format!("\"{}", "#".repeat(hashes));
        let inside = is_raw.then(|| raw[hashes + 1..].find(&end).expect("it ends"));
        return inside.map_or(0, |inside| 1 + hashes + 1 + inside + end.len());
    }
    if let Some(escaped) = text.strip_prefix("'\\") {
        let end = escaped.char_indices().skip(1).find(|(_, it)| *it == '\'');
        return end.map_or(0, |(end, _)| 2 + end + 1);
    }
    let quote = text.chars().next();
    let mut letters = text.char_indices().skip(1);
    let mut read = 0;
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' => _ = letters.next(),
            _ if Some(letter) == quote => return at + 1,
            _ if quote == Some('\'') && read > 0 => return 0,
            _ => {}
        }
        read += 1;
    }
    0
}

/// Each function of a file: its name, its line, and how many lines of code are between its braces.
fn functions(text: &str) -> Vec<(String, usize, usize)> {
    let text = bare(text);
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    let mut found = Vec::new();
    for (at, _) in text.match_indices("fn ") {
        let name: String = text[at + 3..]
            .chars()
            .take_while(|&it| is_word(it))
            .collect();
        if name.is_empty() || text[..at].ends_with(is_word) {
            continue;
        }
        let Some(body) = body(&text[at..]) else {
            continue;
        };
        let lines = body.lines().filter(|line| !line.trim().is_empty()).count();
        found.push((name, 1 + text[..at].matches('\n').count(), lines));
    }
    found
}

/// What is between the braces of the function with which `text` begins, unless it has none.
fn body(text: &str) -> Option<&str> {
    let (mut depth, mut begin) = (0, None);
    for (at, letter) in text.char_indices() {
        match letter {
            ';' if depth == 0 => return None,
            '{' if depth == 0 => {
                begin = Some(at + 1);
                depth = 1;
            }
            '(' | '[' | '{' => depth += 1,
            '}' if depth == 1 => return begin.map(|begin| &text[begin..at]),
            ')' | ']' | '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

#[test]
fn functions_are_counted_without_comments_and_blanks() {
    let text = r##"
/// A fn that is none.
fn one<'a>(of: &'a [u8; 3]) -> &'a str {
    // A brace: {

    let (brace, quote) = ('{', '\''); /* { */
    "/system/*/slots {" /* of
    two { lines */
}
trait Two {
    fn none(&self);
    fn raw(&self) -> String {
        r#"
            } "
        "#.into()
    }
}
"##;
    let counted = functions(text);
    assert_eq!(
        counted,
        [("one".to_owned(), 3, 2), ("raw".to_owned(), 12, 3)]
    );
}

#[test]
fn functions_fit_a_screen() {
    let mut seen = 0;
    let mut long = Vec::new();
    for path in super::all_files() {
        for (name, line, lines) in functions(&fs::read_to_string(&path).unwrap()) {
            seen += 1;
            if lines > LINES_MAX {
                long.push(format!(
                    "{}:{line}: {name} has {lines} lines",
                    path.display()
                ));
            }
        }
    }
    assert!(
        seen > 5000,
        "{seen}: the test has lost sight of the functions"
    );
    assert!(long.is_empty(), "more than {LINES_MAX} lines: {long:#?}");
}
