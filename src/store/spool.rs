//! Rows of this process alone that would take too much memory: written down, and read back one by
//! one.
//!
//! The file has no name, so nobody else can change it, and it is gone with its process.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use super::{make_folder, reason, temporary};
use crate::error::{Error, Result};

/// As many bytes are written at a time.
const WRITTEN_BYTES: usize = 1 << 16;

/// A file without a name that grows.
#[derive(Debug)]
pub(crate) struct Spool {
    /// Where it lies, for messages.
    folder: PathBuf,
    file: File,
    written: u64,
    unwritten: Vec<u8>,
}

impl Spool {
    /// A new one on the disk of `folder`, which is made if it is not there.
    ///
    /// # Errors
    /// If it cannot be made.
    pub(crate) fn new(folder: &Path) -> Result<Self> {
        make_folder(folder)?;
        let make = || -> io::Result<File> {
            let (path, _) = temporary::unique(|number| {
                folder.join(format!("spool.{number}{}", temporary::ENDING))
            })?;
            let file = File::options().read(true).write(true).open(&path)?;
            fs::remove_file(&path)?;
            Ok(file)
        };
        Ok(Self {
            folder: folder.into(),
            file: make().map_err(|error| unkept(folder, &error))?,
            written: 0,
            unwritten: Vec::new(),
        })
    }

    /// Appends `bytes`; returns where they are.
    ///
    /// # Errors
    /// If they cannot be written.
    pub(crate) fn append(&mut self, bytes: &[u8]) -> Result<u64> {
        if self.unwritten.len() >= WRITTEN_BYTES {
            let written = self.file.write_all(&self.unwritten);
            written.map_err(|error| unkept(&self.folder, &error))?;
            self.written += self.unwritten.len() as u64;
            self.unwritten.clear();
        }
        let place = self.written + self.unwritten.len() as u64;
        self.unwritten.extend_from_slice(bytes);
        Ok(place)
    }

    /// The `length` bytes that were appended at `place`.
    ///
    /// # Errors
    /// If they cannot be read.
    pub(crate) fn read(&self, place: u64, length: usize) -> Result<Vec<u8>> {
        if let Some(behind) = place.checked_sub(self.written) {
            let from = behind as usize;
            return Ok(self.unwritten[from..from + length].to_vec());
        }
        let mut bytes = vec![0; length];
        let read = self.file.read_exact_at(&mut bytes, place);
        read.map_err(|error| unkept(&self.folder, &error))?;
        Ok(bytes)
    }
}

fn unkept(folder: &Path, error: &io::Error) -> Error {
    Error::new(format!(
        "the results of runs cannot be kept in the folder: {}",
        reason(error)
    ))
    .at(folder.display())
    .help("choose a folder that is writable and has space left")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_appended_is_read_back_wherever_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = Spool::new(folder.path()).unwrap();
        let row = |i: usize| format!("{i}").repeat(1 + i % 50);
        let places: Vec<u64> = (0..20_000)
            .map(|i| spool.append(row(i).as_bytes()).unwrap())
            .collect();
        assert!(spool.written > 0 && !spool.unwritten.is_empty());
        for (i, &place) in places.iter().enumerate().rev() {
            let read = spool.read(place, row(i).len()).unwrap();
            assert_eq!(read, row(i).as_bytes());
        }
        assert!(super::super::list(folder.path()).unwrap().is_empty());
    }
}
