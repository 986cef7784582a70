//! Small pieces of HTML.

use std::fmt::Write;

use crate::words::WRITES;

/// `text` as character data, also within the quotes of an attribute.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\u{0}'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' => escaped.push('\u{fffd}'),
            _ => escaped.push(letter),
        }
    }
    escaped
}

/// A list of names and their values; rows without a value are left out.
pub(super) fn facts(rows: &[(&str, Option<String>)]) -> String {
    let mut list = String::from("<dl class=\"facts\">\n");
    for (name, value) in rows {
        if let Some(value) = value.as_deref().filter(|value| !value.is_empty()) {
            let (name, value) = (escaped(name), escaped(value));
            writeln!(list, "<div><dt>{name}</dt><dd>{value}</dd></div>").expect(WRITES);
        }
    }
    list.push_str("</dl>\n");
    list
}

/// A printed page holds no more rows: longer tables are cut between pages.
const ROWS_ON_A_PAGE: usize = 40;

/// A table that scrolls by itself where it is too wide, called `label`, and that a click on a column
/// sorts. The first `words` columns are no numbers.
pub(super) fn table(label: &str, columns: &[String], rows: &[Vec<String>], words: usize) -> String {
    let label = escaped(label);
    let class = if rows.len() > ROWS_ON_A_PAGE {
        "sortable long"
    } else {
        "sortable"
    };
    let mut table = format!(
        "<div class=\"scroll\" role=\"region\" aria-label=\"{label}\" tabindex=\"0\">\n\
         <table class=\"{class}\"><caption>{label}</caption>\n<thead><tr>"
    );
    for (i, column) in columns.iter().enumerate() {
        let class = if i < words { "word" } else { "number" };
        let column = escaped(column);
        write!(
            table,
            "<th scope=\"col\" class=\"{class}\"><button type=\"button\">{column}</button></th>"
        )
        .expect(WRITES);
    }
    table.push_str("</tr></thead>\n<tbody>\n");
    for row in rows {
        table.push_str("<tr>");
        for (i, cell) in row.iter().enumerate() {
            let class = if i < words { "word" } else { "number" };
            write!(table, "<td class=\"{class}\">{}</td>", escaped(cell)).expect(WRITES);
        }
        table.push_str("</tr>\n");
    }
    table.push_str("</tbody></table></div>\n");
    table
}

/// Data for the page's own program.
pub(super) fn data(class: &str, value: &serde_json::Value) -> String {
    // Nothing in it can end the element.
    let text = value.to_string().replace('<', "\\u003c");
    format!("<script type=\"application/json\" class=\"{class}\">{text}</script>\n")
}

/// A list of items that are HTML already.
pub(super) fn list(items: impl IntoIterator<Item = String>) -> String {
    let mut html = String::from("<ul>\n");
    for item in items {
        writeln!(html, "<li>{item}</li>").expect(WRITES);
    }
    html.push_str("</ul>\n");
    html
}

/// A paragraph of plain text.
pub(super) fn paragraph(text: &str) -> String {
    format!("<p>{}</p>\n", escaped(text))
}
