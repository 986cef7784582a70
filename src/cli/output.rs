//! Writing to stdout, where a reader may have gone.

use std::io::{ErrorKind, IsTerminal, Write};
use std::str::FromStr;

use super::stderr::{harmless, print_stderr};
use crate::error::{Error, Result};

/// Says on stderr what could not be done, a line each.
pub(super) fn complain(reasons: &[String]) {
    for reason in reasons {
        print_stderr(reason);
    }
}

/// Writes `bytes` to stdout. That nobody reads any more (`| head`) is no trouble. What a terminal would
/// obey is written out there; a file or another program gets the bytes as they are.
pub(super) fn print(bytes: &[u8]) -> Result<()> {
    offer(bytes).map(drop)
}

/// Prints one part of many. Returns whether anybody still reads.
pub(super) fn offer(bytes: &[u8]) -> Result<bool> {
    let stdout = std::io::stdout();
    match str::from_utf8(bytes) {
        Ok(text) if stdout.is_terminal() => write(harmless(text).as_bytes()),
        _ => write(bytes),
    }
}

fn write(bytes: &[u8]) -> Result<bool> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(Error::new(format!("stdout cannot be written: {error}"))),
    }
}

/// Reads a share between 0 and 1, both excluded.
pub(super) fn share(text: &str) -> Result<f64> {
    let share = text
        .parse()
        .ok()
        .filter(|&share: &f64| share > 0.0 && share < 1.0);
    share.ok_or_else(|| Error::new("give a number between 0 and 1, such as 0.05"))
}

/// Reads a number that is not negative.
pub(super) fn tolerance(text: &str) -> Result<f64> {
    let number = text.parse().ok();
    let number = number.filter(|&number: &f64| number >= 0.0 && number.is_finite());
    number.ok_or_else(|| Error::new("give a fraction of the mean, such as 0.001, or 0"))
}

/// Reads a whole number that is not negative.
pub(super) fn whole<T: TryFrom<u64>>(text: &str) -> Result<T> {
    let number: Option<u64> = text.parse().ok();
    let number = number.and_then(|number| T::try_from(number).ok());
    number.ok_or_else(|| Error::new("give a whole number from 0 on that is not too large"))
}

/// Reads a whole number that counts something.
pub(super) fn positive<T: FromStr>(text: &str) -> Result<T> {
    let number = text.parse().ok();
    number.ok_or_else(|| Error::new("give a whole number from 1 on that is not too large"))
}

/// Rows of equally many cells as aligned lines.
pub(super) fn columns(rows: &[Vec<String>]) -> String {
    let count = rows.first().map_or(0, Vec::len);
    let widths: Vec<usize> = (0..count)
        .map(|i| {
            rows.iter()
                .map(|row| row[i].chars().count())
                .max()
                .unwrap_or(0)
        })
        .collect();
    let mut text = String::new();
    for row in rows {
        let cells: Vec<String> = row
            .iter()
            .zip(&widths)
            .map(|(cell, &width)| format!("{cell:width$}"))
            .collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    text
}
