//! The folder of journals and sealed chunks.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::finished::Ledger;
use super::part::{Sealing, check_sealed, header, is_of_another, is_whole, record_line, records};
use super::record::Record;
use crate::error::Result;
use crate::store::{self, Draft, Lines};

const SEALED: &str = ".chunk";
const JOURNAL: &str = ".journal";

/// How the names of logs begin and end that `submit` has a batch system write.
const LOG: [&str; 2] = ["slurm-", ".log"];

fn is_log(name: &str) -> bool {
    name.starts_with(LOG[0]) && name.ends_with(LOG[1])
}

/// The folder of a study's journals and sealed chunks. Any number of processes on any number of
/// machines may work in it at once, without a lock.
#[derive(Debug, Clone)]
pub(crate) struct Parts {
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
    /// The parts of `study` in `folder`, which may not exist yet.
    pub(crate) fn new(folder: PathBuf, study: String) -> Self {
        Self {
            folder,
            study,
            known: Known::default(),
        }
    }

    /// Where they are.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Enters all records that are whole in `ledger`; returns what is to be told about the others, a
    /// line each.
    ///
    /// # Errors
    /// If the folder or a file in it cannot be read, or a record cannot be entered.
    pub(crate) fn load(&self, ledger: &mut Ledger) -> Result<Vec<String>> {
        let names = match store::list(&self.folder) {
            // There is nothing yet, or another process has just put it together.
            Err(_) if !store::exists(&self.folder) => return Ok(Vec::new()),
            names => names?,
        };
        let is_part = |name: &&String| name.ends_with(SEALED) || name.ends_with(JOURNAL);
        // What is in a sealed chunk is not looked for in a journal.
        let (chunks, journals): (Vec<_>, Vec<_>) = names
            .iter()
            .filter(is_part)
            .partition(|name| name.ends_with(SEALED));
        let mut complaints = Vec::new();
        for name in chunks.into_iter().chain(journals) {
            complaints.extend(self.load_part(&self.folder.join(name), ledger)?);
        }
        Ok(complaints)
    }

    /// Enters the records of one part; returns what is to be told about it.
    fn load_part(&self, path: &Path, ledger: &mut Ledger) -> Result<Option<String>> {
        let Some(mut lines) = Lines::open(path)? else {
            return Ok(None);
        };
        let sealed = path
            .extension()
            .is_some_and(|ending| SEALED[1..] == *ending);
        let mut first = Vec::new();
        lines.next(&mut first)?;
        let of_another = is_of_another(&first, &self.study);
        lines.rewind()?;
        if sealed && let Err(error) = check_sealed(|line| lines.next(line), &self.study) {
            // What is torn is made again; the runs of another study are somebody's work.
            if !of_another {
                self.known.note(path, lines.length());
            }
            return Ok(Some(error.at(path.display()).to_string()));
        }
        lines.rewind()?;
        if of_another || (!first.is_empty() && !is_whole(&first)) {
            let told = records(|line| lines.next(line), &self.study, |_| Ok(()));
            if !of_another {
                self.known.note(path, lines.length());
            }
            return Ok(told.err().map(|error| error.at(path.display()).to_string()));
        }
        let torn = records(
            |line| lines.next(line),
            &self.study,
            |record| {
                if sealed {
                    ledger.enter_sealed(record)
                } else {
                    ledger.enter(record)
                }
            },
        )?;
        self.known.note(path, lines.length());
        Ok((torn > 0).then(|| {
            format!(
                "{}: dropped {torn} torn record{}; made again if still missing",
                path.display(),
                if torn == 1 { "" } else { "s" }
            )
        }))
    }

    /// Begins a journal of this process.
    ///
    /// # Errors
    /// If the folder or the file cannot be made.
    pub(crate) fn journal(&self) -> Result<Journal> {
        let file = self.in_folder(|| store::Appender::create(&self.folder, JOURNAL))?;
        let mut journal = Journal {
            file,
            length: 0,
            known: self.known.clone(),
        };
        journal.append(&header(&self.study, "journal"))?;
        Ok(journal)
    }

    /// Seals the chunk `name`, which holds these records, and what else a sealed chunk of this name
    /// has.
    ///
    /// # Errors
    /// The first of the records; or if the file cannot be written.
    pub(crate) fn seal(
        &self,
        name: &str,
        records: impl IntoIterator<Item = Result<Record>>,
    ) -> Result<()> {
        let path = self.folder.join(format!("{name}{SEALED}"));
        let mut draft = self.in_folder(|| Draft::new(&path))?;
        let mut sealing = Sealing::default();
        let first = sealing.begin(&self.study, name);
        let mut length = first.len();
        draft.write(first.as_bytes())?;
        let before = self.sealed(&path)?;
        let mut runs = BTreeSet::new();
        let mut add = |record: &Record| {
            let line = sealing.record(record);
            length += line.len();
            draft.write(line.as_bytes())
        };
        for record in records {
            let record = record?;
            add(&record)?;
            if !before.is_empty() {
                runs.insert((record.point, record.replication));
            }
        }
        for record in &before {
            if !runs.contains(&(record.point.clone(), record.replication)) {
                add(record)?;
            }
        }
        let last = sealing.end();
        draft.write(last.as_bytes())?;
        draft.put()?;
        self.known.note(&path, (length + last.len()) as u64);
        Ok(())
    }

    /// The records of the sealed chunk at `path`; none if it is not there, or not sound.
    fn sealed(&self, path: &Path) -> Result<Vec<Record>> {
        let mut found = Vec::new();
        let Some(mut lines) = Lines::open(path)? else {
            return Ok(found);
        };
        if check_sealed(|line| lines.next(line), &self.study).is_ok() {
            lines.rewind()?;
            records(
                |line| lines.next(line),
                &self.study,
                |record| {
                    found.push(record);
                    Ok(())
                },
            )?;
        }
        Ok(found)
    }

    /// Removes what this process has read or written, when the final tables hold it, and the logs of
    /// batch systems. What others have written since stays, and so does a journal whose process lives.
    ///
    /// # Errors
    /// If that is not possible.
    pub(crate) fn remove(&self) -> Result<()> {
        if !store::is_folder(&self.folder) {
            return Ok(());
        }
        for (name, length) in self.known.take() {
            store::remove_if_idle(&self.folder.join(name), length)?;
        }
        for log in store::list(&self.folder)?
            .iter()
            .filter(|name| is_log(name))
        {
            store::remove(&self.folder.join(log))?;
        }
        store::remove_abandoned(&self.folder)?;
        store::remove_empty_folder(&self.folder)
    }

    /// Removes all parts in `folder`, of whatever study; files of other kinds stay.
    ///
    /// # Errors
    /// If that is not possible.
    pub(crate) fn clear(folder: &Path) -> Result<()> {
        if !store::is_folder(folder) {
            return Ok(());
        }
        for name in store::list(folder)? {
            let is_part = name.ends_with(SEALED) || name.ends_with(JOURNAL);
            if is_part || is_log(&name) || store::is_temporary(&name) {
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
}

/// Where a process notes finished runs one by one, until their chunks are sealed.
#[derive(Debug)]
pub(crate) struct Journal {
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
    pub(crate) fn note(&mut self, record: &Record) -> Result<()> {
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
    pub(crate) fn end(self, sealed: bool) -> Result<()> {
        self.known.note(self.file.path(), self.length);
        self.file.end(sealed)
    }
}
