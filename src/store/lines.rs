//! Reading a file of lines that need not fit into memory.

use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Seek};
use std::path::{Path, PathBuf};

use super::unreadable;
use crate::error::Result;

/// The lines of a file, from its beginning.
#[derive(Debug)]
pub(crate) struct Lines {
    path: PathBuf,
    reader: BufReader<File>,
    read: u64,
}

impl Lines {
    /// Those of the file at `path`; `None` if there is no such file.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(crate) fn open(path: &Path) -> Result<Option<Self>> {
        let file = match File::open(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            opened => opened.map_err(|error| unreadable(path, &error))?,
        };
        Ok(Some(Self {
            path: path.into(),
            reader: BufReader::with_capacity(1 << 16, file),
            read: 0,
        }))
    }

    /// Appends the next line, with its end, to `line`; returns whether there was one.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(crate) fn next(&mut self, line: &mut Vec<u8>) -> Result<bool> {
        let read = self.reader.read_until(b'\n', line);
        let read = read.map_err(|error| unreadable(&self.path, &error))?;
        self.read += read as u64;
        Ok(read > 0)
    }

    /// How many bytes were read.
    pub(crate) fn length(&self) -> u64 {
        self.read
    }

    /// Begins again.
    ///
    /// # Errors
    /// If that is not possible.
    pub(crate) fn rewind(&mut self) -> Result<()> {
        self.read = 0;
        let rewound = self.reader.rewind();
        rewound.map_err(|error| unreadable(&self.path, &error))
    }
}
