//! The folder of journals and sealed chunks.

use std::path::{Path, PathBuf};

use super::part::{header, read_journal, read_sealed, record_line, seal};
use super::record::{Ledger, Record};
use crate::error::Result;
use crate::store;

const SEALED: &str = ".chunk";
const JOURNAL: &str = ".journal";

/// The folder of a study's journals and sealed chunks. Any number of processes on any number of
/// machines may work in it at once, without a lock.
#[derive(Debug, Clone)]
pub struct Parts {
    folder: PathBuf,
    study: String,
}

impl Parts {
    /// The parts of `study` in `folder`, which need not exist yet.
    pub fn new(folder: PathBuf, study: String) -> Self {
        Self { folder, study }
    }

    /// Where they are.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// All records that are whole, and what is to be told about the others, a line each.
    ///
    /// # Errors
    /// If the folder or a file in it cannot be read.
    pub fn load(&self) -> Result<(Ledger, Vec<String>)> {
        let (mut ledger, mut complaints) = (Ledger::default(), Vec::new());
        if !store::is_folder(&self.folder) {
            return Ok((ledger, complaints));
        }
        for name in store::list(&self.folder)? {
            let path = self.folder.join(&name);
            let read = if name.ends_with(SEALED) {
                let Some(bytes) = store::read_if_there(&path)? else {
                    continue;
                };
                read_sealed(&bytes, &self.study).map(|records| (records, 0))
            } else if name.ends_with(JOURNAL) {
                let Some(bytes) = store::read_if_there(&path)? else {
                    continue;
                };
                read_journal(&bytes, &self.study).map(|part| (part.records, part.torn))
            } else {
                continue;
            };
            match read {
                Err(error) => complaints.push(error.at(path.display()).to_string()),
                Ok((records, torn)) => {
                    if torn > 0 {
                        complaints.push(format!(
                            "{}: dropped {torn} torn record{}; made again if still missing",
                            path.display(),
                            if torn == 1 { "" } else { "s" }
                        ));
                    }
                    for record in records {
                        ledger.enter(record);
                    }
                }
            }
        }
        Ok((ledger, complaints))
    }

    /// Begins a journal of this process.
    ///
    /// # Errors
    /// If the folder or the file cannot be made.
    pub fn journal(&self) -> Result<Journal> {
        store::make_folder(&self.folder)?;
        let mut file = store::Appender::create(&self.folder, JOURNAL)?;
        file.append(header(&self.study, "journal").as_bytes())?;
        Ok(Journal { file })
    }

    /// Seals the chunk `name`, which holds these records.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn seal(&self, name: &str, records: impl IntoIterator<Item = Record>) -> Result<()> {
        store::make_folder(&self.folder)?;
        let bytes = seal(&self.study, name, records);
        store::replace(&self.path_of(name), &bytes)
    }

    /// Removes everything, when the final tables hold it.
    ///
    /// # Errors
    /// If that is not possible.
    pub fn remove(&self) -> Result<()> {
        store::remove_folder(&self.folder)
    }

    fn path_of(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}{SEALED}"))
    }
}

/// Where a process notes finished runs one by one, until their chunks are sealed.
#[derive(Debug)]
pub struct Journal {
    file: store::Appender,
}

impl Journal {
    /// Notes a finished run: from now on the death of this process does not lose it, and from
    /// moments later a power cut does not either.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn note(&mut self, record: &Record) -> Result<()> {
        self.file.append(record_line(record).as_bytes())
    }

    /// Ends the journal; `sealed`: all of its records are in sealed chunks, so it may go.
    ///
    /// # Errors
    /// If it could not be brought to the disk.
    pub fn end(self, sealed: bool) -> Result<()> {
        self.file.end(sealed)
    }
}
