//! Tables as CSV bytes, and back.
//!
//! The one number format of compared files lives here: a count in decimal digits; a real number in
//! the shortest decimal that reads back as the same `f64`, without an exponent, as Rust's
//! `Display` writes it (no library's release can change it); a fingerprint as `x` and 16 hexadecimal
//! digits (without a letter in front some would read as numbers, `55163e9650811271` as infinity), in
//! the column `fingerprint` and nowhere else; an absent value as an empty cell. A text is written as it is, unless it would read back as something else (`0.5`, the empty text): then
//! as a JSON string. Lines end with a line feed.
//!
//! This module does *not* know what the columns mean, nor any file's name: the places in its
//! errors begin with the line.

use csv::{ErrorKind, ReaderBuilder, StringRecord, Writer};

use crate::error::{Error, Result};
use crate::measure::{Cell, Table};

/// The column whose cells are fingerprints.
pub const FINGERPRINT: &str = "fingerprint";

/// `table` as the bytes of a CSV file.
///
/// # Panics
/// If a row does not have one cell for each column.
pub fn encode(table: &Table) -> Vec<u8> {
    let mut writer = Writer::from_writer(Vec::new());
    let sound = "memory takes every row that has one cell a column";
    if !table.columns.is_empty() {
        writer.write_record(&table.columns).expect(sound);
    }
    let mut record = Vec::with_capacity(table.columns.len());
    for row in &table.rows {
        record.clear();
        record.extend(row.iter().map(cell_text));
        writer.write_record(&record).expect(sound);
    }
    writer.into_inner().expect(sound)
}

/// The table in the CSV file with these `bytes`. Errors name the line and the column.
pub fn decode(bytes: &[u8]) -> Result<Table> {
    decode_with_lines(bytes).map(|(table, _)| table)
}

/// The table in a CSV file, and the line on which each row begins.
pub(super) fn decode_with_lines(bytes: &[u8]) -> Result<(Table, Vec<u64>)> {
    let mut reader = ReaderBuilder::new().from_reader(bytes);
    let columns: Vec<String> = match reader.headers() {
        Ok(names) => names.iter().map(str::to_owned).collect(),
        Err(error) => return Err(trouble(&error, &[])),
    };
    check_names(&columns)?;
    let mut table = Table {
        columns,
        rows: Vec::new(),
    };
    let mut lines = Vec::new();
    let mut record = StringRecord::new();
    while reader
        .read_record(&mut record)
        .map_err(|error| trouble(&error, &table.columns))?
    {
        let line = record.position().map_or(0, csv::Position::line);
        let row: Result<Vec<Cell>> = table
            .columns
            .iter()
            .zip(&record)
            .map(|(column, text)| cell_of_column(column, text).map_err(|error| error.at(line)))
            .collect();
        table.rows.push(row?);
        lines.push(line);
    }
    Ok((table, lines))
}

/// The cells of some rows of a table with these `columns`, given without the first line.
pub fn decode_rows(columns: &[String], bytes: &[u8]) -> Result<Vec<Vec<Cell>>> {
    let mut reader = ReaderBuilder::new().has_headers(false).from_reader(bytes);
    let mut rows = Vec::new();
    let mut record = StringRecord::new();
    while reader
        .read_record(&mut record)
        .map_err(|error| trouble(&error, columns))?
    {
        let cells = columns.iter().zip(&record);
        let cells = cells.map(|(column, text)| cell_of_column(column, text));
        rows.push(cells.collect::<Result<_>>()?);
    }
    Ok(rows)
}

/// The text of a cell, as in the file but without CSV's quotes.
pub fn cell_text(cell: &Cell) -> String {
    match cell {
        Cell::Absent => String::new(),
        Cell::Count(count) => count.to_string(),
        Cell::Real(real) => real.to_string(),
        Cell::Fingerprint(bits) => format!("x{bits:016x}"),
        Cell::Text(text) => match cell_from_text(text) {
            Cell::Text(same) if same == *text => same,
            _ => json_string(text),
        },
    }
}

/// The cell that `text` stands for, outside of the column of fingerprints.
pub fn cell_from_text(text: &str) -> Cell {
    if text.is_empty() {
        return Cell::Absent;
    }
    if text.starts_with('"')
        && let Ok(quoted) = serde_json::from_str(text)
    {
        return Cell::Text(quoted);
    }
    number(text).unwrap_or_else(|| Cell::Text(text.to_owned()))
}

/// A count or a finite real number; words such as `inf` are none.
pub(super) fn number(text: &str) -> Option<Cell> {
    if text.bytes().all(|byte| byte.is_ascii_digit())
        && let Ok(count) = text.parse()
    {
        return Some(Cell::Count(count));
    }
    let numeric = |byte: u8| byte.is_ascii_digit() || b"+-.eE".contains(&byte);
    text.bytes()
        .all(numeric)
        .then(|| text.parse().ok())
        .flatten()
        .filter(|real: &f64| real.is_finite())
        .map(Cell::Real)
}

/// `text` as a JSON string, in quotes.
pub(super) fn json_string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn cell_of_column(column: &str, text: &str) -> Result<Cell> {
    if column != FINGERPRINT || text.is_empty() {
        return Ok(cell_from_text(text));
    }
    fingerprint(text).map(Cell::Fingerprint).ok_or_else(|| {
        Error::new(format!(
            "column `{FINGERPRINT}`: `{}` is not `x` and 16 hexadecimal digits",
            excerpt(text)
        ))
    })
}

/// The fingerprint that `text` stands for: `x` and 16 hexadecimal digits, or, as tables of earlier
/// versions have it, the digits alone.
pub(crate) fn fingerprint(text: &str) -> Option<u64> {
    let digits = text.strip_prefix('x').unwrap_or(text);
    let sound = digits.len() == 16 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    sound
        .then(|| u64::from_str_radix(digits, 16).ok())
        .flatten()
}

fn check_names(columns: &[String]) -> Result<()> {
    if columns.is_empty() {
        return Err(Error::new("the file is empty; its first line must name the columns").at(1));
    }
    let mut sorted: Vec<&String> = columns.iter().collect();
    sorted.sort_unstable();
    match sorted.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => {
            Err(Error::new(format!("two columns are called `{}`", excerpt(pair[0]))).at(1))
        }
        None => Ok(()),
    }
}

fn trouble(error: &csv::Error, columns: &[String]) -> Error {
    let line = error.position().map_or(1, csv::Position::line);
    let what = match error.kind() {
        ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => {
            format!("the row has {len} cells, but the first line names {expected_len} columns")
        }
        ErrorKind::Utf8 { err, .. } => match columns.get(err.field()) {
            Some(column) => format!("column `{}`: the cell is not UTF-8 text", excerpt(column)),
            None => "the line is not UTF-8 text".into(),
        },
        _ => format!("the line cannot be read: {error}"),
    };
    Error::new(what).at(line)
}

/// The beginning of a text that comes from a file, short enough for a message.
pub(super) fn excerpt(text: &str) -> String {
    const LENGTH_MAX: usize = 60;
    match text.char_indices().nth(LENGTH_MAX) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}
