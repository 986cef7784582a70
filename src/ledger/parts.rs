//! The folder of journals and sealed chunks.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::part::{header, is_of_another, read_journal, read_sealed, record_line, seal};
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
    known: Known,
}

/// The lengths of the files whose records this process knows, by their names.
#[derive(Debug, Clone, Default)]
struct Known(Arc<Mutex<BTreeMap<String, u64>>>);

impl Known {
    fn note(&self, path: &Path, length: u64) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let mut files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        files.insert(name.into_owned(), length);
    }

    fn take(&self) -> BTreeMap<String, u64> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Parts {
    /// The parts of `study` in `folder`, which need not exist yet.
    pub fn new(folder: PathBuf, study: String) -> Self {
        Self {
            folder,
            study,
            known: Known::default(),
        }
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
        let names = match store::list(&self.folder) {
            // There is nothing yet, or another process has just put it together.
            Err(_) if !store::exists(&self.folder) => return Ok((ledger, complaints)),
            names => names?,
        };
        for name in names {
            let path = self.folder.join(&name);
            let is_sealed = name.ends_with(SEALED);
            if !is_sealed && !name.ends_with(JOURNAL) {
                continue;
            }
            let Some(bytes) = store::read_if_there(&path)? else {
                continue;
            };
            let read = if is_sealed {
                read_sealed(&bytes, &self.study).map(|records| (records, 0))
            } else {
                read_journal(&bytes, &self.study).map(|part| (part.records, part.torn))
            };
            match read {
                Err(error) => {
                    // What is torn is made again; the runs of another study are somebody's work.
                    if !is_of_another(&bytes, &self.study) {
                        self.known.note(&path, bytes.len() as u64);
                    }
                    complaints.push(error.at(path.display()).to_string());
                }
                Ok((records, torn)) => {
                    self.known.note(&path, bytes.len() as u64);
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
        let file = self.in_folder(|| store::Appender::create(&self.folder, JOURNAL))?;
        let mut journal = Journal {
            file,
            length: 0,
            known: self.known.clone(),
        };
        journal.append(&header(&self.study, "journal"))?;
        Ok(journal)
    }

    /// Seals the chunk `name`, which holds these records.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn seal(&self, name: &str, records: impl IntoIterator<Item = Record>) -> Result<()> {
        let bytes = seal(&self.study, name, records);
        let path = self.path_of(name);
        self.in_folder(|| store::replace(&path, &bytes))?;
        self.known.note(&path, bytes.len() as u64);
        Ok(())
    }

    /// Removes what this process has read or written, when the final tables hold it. What others
    /// have written since stays, and so does a journal whose process lives.
    ///
    /// # Errors
    /// If that is not possible.
    pub fn remove(&self) -> Result<()> {
        if !store::is_folder(&self.folder) {
            return Ok(());
        }
        for (name, length) in self.known.take() {
            store::remove_if_idle(&self.folder.join(name), length)?;
        }
        store::remove_abandoned(&self.folder)?;
        store::remove_empty_folder(&self.folder)
    }

    /// Removes all parts in `folder`, of whatever study; files of other kinds stay.
    ///
    /// # Errors
    /// If that is not possible.
    pub fn clear(folder: &Path) -> Result<()> {
        if !store::is_folder(folder) {
            return Ok(());
        }
        for name in store::list(folder)? {
            if name.ends_with(SEALED) || name.ends_with(JOURNAL) || store::is_temporary(&name) {
                store::remove(&folder.join(name))?;
            }
        }
        store::remove_empty_folder(folder)
    }

    /// Makes the folder and, in it, what `make` makes; another process may remove it empty meanwhile.
    fn in_folder<T>(&self, make: impl Fn() -> Result<T>) -> Result<T> {
        loop {
            store::make_folder(&self.folder)?;
            match make() {
                Err(_) if !store::exists(&self.folder) => {}
                made => return made,
            }
        }
    }

    fn path_of(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}{SEALED}"))
    }
}

/// Where a process notes finished runs one by one, until their chunks are sealed.
#[derive(Debug)]
pub struct Journal {
    file: store::Appender,
    length: u64,
    known: Known,
}

impl Journal {
    /// Notes a finished run: from now on the death of this process does not lose it, and from
    /// moments later a power cut does not either.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn note(&mut self, record: &Record) -> Result<()> {
        self.append(&record_line(record))
    }

    fn append(&mut self, line: &str) -> Result<()> {
        self.length += line.len() as u64;
        self.file.append(line.as_bytes())
    }

    /// Ends the journal; `sealed`: all of its records are in sealed chunks, so it may go.
    ///
    /// # Errors
    /// If it could not be brought to the disk.
    pub fn end(self, sealed: bool) -> Result<()> {
        self.known.note(self.file.path(), self.length);
        self.file.end(sealed)
    }
}
