//! The bytes of journals and sealed chunks.
//!
//! Each line is `CHECKSUM TEXT`: 16 hexadecimal digits, the XXH3 of the text. The first text is
//! `arigatoni-runs 1 STUDY NAME`, then comes one record a line, and in a sealed chunk at last
//! `end ROWS CHECKSUM`, the checksum being that of all bytes before the line. `STUDY` is the hash
//! of what the manifest says is simulated, so a chunk of another study is known for one.

use xxhash_rust::xxh3::{Xxh3, xxh3_64};

use super::record::Record;
use crate::error::{Error, Result};

/// What the first line begins with.
const FIRST: &str = "arigatoni-runs 1";

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

/// The lines of a sealed chunk, made one after another.
#[derive(Default)]
pub(super) struct Sealing {
    rows: u64,
    checksum: Xxh3,
}

impl Sealing {
    /// The first line.
    pub(super) fn begin(&mut self, study: &str, name: &str) -> String {
        let line = header(study, name);
        self.checksum.update(line.as_bytes());
        line
    }

    /// The line of the next record.
    pub(super) fn record(&mut self, record: &Record) -> String {
        let line = record_line(record);
        self.checksum.update(line.as_bytes());
        self.rows += 1;
        line
    }

    /// The last line.
    pub(super) fn end(&self) -> String {
        line(&self.last())
    }

    fn last(&self) -> String {
        format!("end {} {:016x}", self.rows, self.checksum.digest())
    }
}

/// The study that a part's first line names, if it is whole.
fn study_of(first: &[u8]) -> Option<&str> {
    let first = first.strip_suffix(b"\n").unwrap_or(first);
    let rest = text(first)?.strip_prefix(FIRST)?;
    rest.split_whitespace().next()
}

/// Whether the part that begins with the line `first` is of another study.
pub(super) fn is_of_another(first: &[u8], study: &str) -> bool {
    study_of(first).is_some_and(|found| found != study)
}

/// Whether `first` is the first line of a part, as it was written.
pub(super) fn is_whole(first: &[u8]) -> bool {
    study_of(first).is_some()
}

fn check_header(first: &[u8], study: &str) -> Result<()> {
    match study_of(first) {
        Some(found) if found == study => Ok(()),
        Some(found) => Err(Error::new(format!(
            "these are runs of another study ({found}; this one is {study}); they are ignored"
        ))),
        None => Err(Error::new(
            "the first line is incomplete, or that of another version; its runs are repeated",
        )),
    }
}

/// Checks that a part is a sealed chunk of `study`, every byte as it was written. `next` appends the next line,
/// with its end, and says whether there is one.
///
/// # Errors
/// If it is not.
pub(super) fn check_sealed(
    mut next: impl FnMut(&mut Vec<u8>) -> Result<bool>,
    study: &str,
) -> Result<()> {
    let corrupted =
        || Error::new("the chunk is corrupted: its checksum does not match; its runs are repeated");
    let mut line = Vec::new();
    next(&mut line)?;
    check_header(&line, study)?;
    let mut sealing = Sealing::default();
    sealing.checksum.update(&line);
    let (mut before, mut whole) = (Vec::new(), true);
    loop {
        line.clear();
        if !next(&mut line)? {
            break;
        }
        if !before.is_empty() {
            whole &= text(before.strip_suffix(b"\n").unwrap_or_default()).is_some();
            sealing.checksum.update(&before);
            sealing.rows += 1;
        }
        std::mem::swap(&mut before, &mut line);
    }
    let end = before.strip_suffix(b"\n").and_then(text);
    if whole && end == Some(&sealing.last()) {
        Ok(())
    } else {
        Err(corrupted())
    }
}

/// Hands the records of a part that are whole to `found`; of a chunk that was found to be sound these
/// are all. Returns how many lines are none: what was being written when its process died, or the
/// disk was full. `next` as of [`check_sealed`].
///
/// # Errors
/// If it is of another study; the first error of `found`.
pub(super) fn records(
    mut next: impl FnMut(&mut Vec<u8>) -> Result<bool>,
    study: &str,
    mut found: impl FnMut(Record) -> Result<()>,
) -> Result<u64> {
    let (mut line, mut torn) = (Vec::new(), 0);
    if !next(&mut line)? {
        return Ok(0);
    }
    check_header(&line, study)?;
    loop {
        line.clear();
        if !next(&mut line)? {
            return Ok(torn);
        }
        let line = line.strip_suffix(b"\n").unwrap_or(&line);
        match text(line) {
            _ if line.is_empty() => {}
            Some(text) if text.starts_with("end ") => {}
            text => match text.map(Record::decode) {
                Some(Ok(record)) => found(record)?,
                _ => torn += 1,
            },
        }
    }
}
