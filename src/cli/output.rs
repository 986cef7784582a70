//! Writing to stdout, where a reader may have gone.

use std::io::{ErrorKind, Write};

use crate::error::{Error, Result};

/// Says on stderr what could not be done, a line each.
pub(super) fn complain(reasons: &[String]) {
    for reason in reasons {
        eprintln!("{reason}");
    }
}

/// Writes `bytes` to stdout. That nobody reads any more (`| head`) is no trouble.
pub(super) fn print(bytes: &[u8]) -> Result<()> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Error::new(format!("stdout cannot be written: {error}")))
        }
        _ => Ok(()),
    }
}
