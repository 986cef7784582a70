//! The bytes of journals and sealed chunks.
//!
//! Each line is `CHECKSUM TEXT`: 16 hexadecimal digits, the XXH3 of the text. The first text is
//! `arigatoni-runs 1 STUDY NAME`, then comes one record a line, and in a sealed chunk at last
//! `end ROWS CHECKSUM`, the checksum being that of all bytes before the line. `STUDY` is the hash
//! of what the manifest says is simulated, so a chunk of another study is known for one.

use std::fmt::Write;

use xxhash_rust::xxh3::xxh3_64;

use super::record::Record;
use crate::error::{Error, Result};

/// What the first line begins with.
const FIRST: &str = "arigatoni-runs 1";

/// What was found in a journal.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Part {
    /// The records that are whole.
    pub records: Vec<Record>,
    /// How many lines were torn or corrupted; those runs are made again.
    pub torn: u64,
}

/// `text` as a line of a part.
fn line(text: &str) -> String {
    format!("{:016x} {text}\n", xxh3_64(text.as_bytes()))
}

/// The text of a line, if it is whole.
fn text(line: &[u8]) -> Option<&str> {
    let line = std::str::from_utf8(line).ok()?;
    let (checksum, text) = line.split_once(' ')?;
    let sound = checksum == format!("{:016x}", xxh3_64(text.as_bytes()));
    sound.then_some(text)
}

/// The first line of the part `name` of `study`.
pub(super) fn header(study: &str, name: &str) -> String {
    line(&format!("{FIRST} {study} {name}"))
}

/// The line of a record.
pub(super) fn record_line(record: &Record) -> String {
    line(&record.encode())
}

/// The bytes of the sealed chunk `name` of `study` with these records.
pub fn seal(study: &str, name: &str, records: impl IntoIterator<Item = Record>) -> Vec<u8> {
    let mut bytes = header(study, name);
    let mut rows = 0;
    for record in records {
        bytes.push_str(&record_line(&record));
        rows += 1;
    }
    let mut end = String::new();
    write!(end, "end {rows} {:016x}", xxh3_64(bytes.as_bytes())).expect("a string takes any text");
    bytes.push_str(&line(&end));
    bytes.into_bytes()
}

/// The study that a part's first line names, if it is whole.
fn study_of(bytes: &[u8]) -> Option<&str> {
    let first = bytes.split(|&b| b == b'\n').next()?;
    let rest = text(first)?.strip_prefix(FIRST)?;
    rest.split_whitespace().next()
}

/// Whether the part with these `bytes` is of another study.
pub(super) fn is_of_another(bytes: &[u8], study: &str) -> bool {
    study_of(bytes).is_some_and(|found| found != study)
}

fn check_header(bytes: &[u8], study: &str) -> Result<()> {
    match study_of(bytes) {
        Some(found) if found == study => Ok(()),
        Some(found) => Err(Error::new(format!(
            "these are runs of another study ({found}; this one is {study}), which do not count"
        ))),
        None => Err(Error::new(
            "the first line is torn, or that of another version; its runs are made again",
        )),
    }
}

/// The records of the sealed chunk with these `bytes`.
///
/// # Errors
/// If it is of another study, or any byte of it is not as it was written.
pub fn read_sealed(bytes: &[u8], study: &str) -> Result<Vec<Record>> {
    check_header(bytes, study)?;
    let corrupted =
        || Error::new("the chunk is corrupted: its checksum does not fit; its runs are made again");
    let body = bytes.strip_suffix(b"\n").ok_or_else(corrupted)?;
    let last = body
        .iter()
        .rposition(|&b| b == b'\n')
        .ok_or_else(corrupted)?;
    let (before, end) = (&bytes[..=last], &body[last + 1..]);
    let mut lines = before.split(|&b| b == b'\n').skip(1);
    let records: Option<Vec<Record>> = lines
        .by_ref()
        .filter(|line| !line.is_empty())
        .map(|line| Record::decode(text(line)?).ok())
        .collect();
    let records = records.ok_or_else(corrupted)?;
    let expected = format!("end {} {:016x}", records.len(), xxh3_64(before));
    if text(end) != Some(&expected) {
        return Err(corrupted());
    }
    Ok(records)
}

/// The records of a journal that are whole: what was being written when its process died, or the
/// disk was full, is not.
///
/// # Errors
/// If it is of another study.
pub fn read_journal(bytes: &[u8], study: &str) -> Result<Part> {
    let mut part = Part::default();
    if bytes.is_empty() {
        return Ok(part);
    }
    check_header(bytes, study)?;
    let lines = bytes.split(|&b| b == b'\n').skip(1);
    for line in lines.filter(|line| !line.is_empty()) {
        match text(line).map(Record::decode) {
            Some(Ok(record)) => part.records.push(record),
            _ => part.torn += 1,
        }
    }
    Ok(part)
}
