//! Files on their way to their place: written beside it under a name that only this program gives,
//! and locked for as long as their process lives.
//!
//! It does *not* know what the bytes mean, nor how a file gets from here to its place.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::place::Place;
use super::{exists, list, remove, trouble};
use crate::error::Result;

/// What the names of temporary files end in. People and other programs use `.tmp`.
pub(super) const ENDING: &str = ".arigatoni-tmp";

/// A new file beside another one, which goes unless it is taken away in time.
#[derive(Debug)]
pub(super) struct Temporary {
    pub(super) path: PathBuf,
    /// Locked, so that it is known whether its process still lives.
    file: File,
}

impl Temporary {
    /// A new file beside `path`.
    fn beside(path: &Path) -> io::Result<Self> {
        let (path, file) = unique(|number| {
            let mut name = path.file_name().unwrap_or_default().to_os_string();
            name.push(format!(".{number}{ENDING}"));
            path.with_file_name(name)
        })?;
        // Where the file system knows no locks, nobody will find it unlocked either.
        let _ = file.try_lock();
        Ok(Self { path, file })
    }

    fn write_synced(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.file.sync_all()
    }
}

/// A file that is written piece by piece, and put into its place when it is whole. Without that
/// it goes. What is no file, such as a pipe, is written to as it is.
pub(crate) struct Draft {
    path: PathBuf,
    going: Going,
    unwritten: Vec<u8>,
}

/// Where the pieces go.
enum Going {
    /// To a file that will replace the one at `target`.
    Beside {
        temporary: Temporary,
        target: PathBuf,
    },
    Straight(Box<dyn Write + Send>),
}

impl Draft {
    /// For the file at `path`, or the one that a link there names.
    ///
    /// # Errors
    /// If nothing can be written there, or beside it.
    pub(crate) fn new(path: &Path) -> Result<Self> {
        let going = Going::to(path).map_err(|error| trouble(path, &error))?;
        Ok(Self {
            path: path.into(),
            going,
            unwritten: Vec::new(),
        })
    }

    /// Appends `bytes`.
    ///
    /// # Errors
    /// If they cannot be written.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        const WRITTEN_BYTES: usize = 1 << 16;
        self.unwritten.extend_from_slice(bytes);
        if self.unwritten.len() >= WRITTEN_BYTES {
            self.flush()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        let written = match &mut self.going {
            Going::Beside { temporary, .. } => temporary.file.write_all(&self.unwritten),
            Going::Straight(open) => open.write_all(&self.unwritten).and_then(|()| open.flush()),
        };
        self.unwritten.clear();
        written.map_err(|error| trouble(&self.path, &error))
    }

    /// Puts the file into its place, where it replaces what is there.
    ///
    /// # Errors
    /// If it cannot be written.
    pub(crate) fn put(mut self) -> Result<()> {
        self.flush()?;
        let Going::Beside { temporary, target } = &self.going else {
            return Ok(());
        };
        let synced = temporary.file.sync_all();
        let put = synced.and_then(|()| fs::rename(&temporary.path, target));
        put.map_err(|error| trouble(&self.path, &error))
    }
}

impl Going {
    fn to(path: &Path) -> io::Result<Self> {
        Ok(match Place::of(path)? {
            Place::File(target) => Self::Beside {
                temporary: Temporary::beside(&target)?,
                target,
            },
            Place::Straight(straight) => Self::Straight(straight.open()?),
        })
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // Gone if it was renamed; else the error that matters is another, and a leftover is harmless.
        let _ = fs::remove_file(&self.path);
    }
}

/// Writes `bytes` to a new file beside `path`, has it put into its place by `put`, and removes what
/// is left of it.
pub(super) fn through<T>(
    path: &Path,
    bytes: &[u8],
    put: impl Fn(&Path) -> io::Result<T>,
) -> io::Result<T> {
    // Between its making and its locking the file may have passed for one of a dead process.
    const ATTEMPTS: u32 = 10;
    let mut attempt = 1;
    loop {
        let mut temporary = Temporary::beside(path)?;
        let done = temporary
            .write_synced(bytes)
            .and_then(|()| put(&temporary.path));
        match done {
            Err(error)
                if error.kind() == ErrorKind::NotFound
                    && attempt < ATTEMPTS
                    && !exists(&temporary.path) =>
            {
                attempt += 1;
            }
            done => return done,
        }
    }
}

/// Removes the temporary files that dead processes have left in the folder at `path`.
pub(crate) fn remove_abandoned(path: &Path) -> Result<()> {
    for name in list(path)?.iter().filter(|name| is_temporary(name)) {
        let path = path.join(name);
        let Ok(file) = File::open(&path) else {
            continue;
        };
        // If the lock can be taken, the process that held it is dead.
        if file.try_lock().is_ok() {
            remove(&path)?;
        }
    }
    Ok(())
}

/// Whether a file of this name is a temporary one of this program, of a process that lives or is
/// dead.
pub(crate) fn is_temporary(name: &str) -> bool {
    let stem = name.strip_suffix(ENDING);
    let number = stem.and_then(|stem| stem.rsplit_once('.'));
    let numbers = number.and_then(|(_, number)| number.split_once('-'));
    let whole = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    numbers.is_some_and(|(process, attempt)| whole(process) && whole(attempt))
}

/// A new file, named from a number that no other file of this kind has: processes on other
/// machines may have the same id.
pub(super) fn unique(name: impl Fn(&str) -> PathBuf) -> io::Result<(PathBuf, File)> {
    let process = std::process::id();
    let mut attempt = 0_u32;
    loop {
        let path = name(&format!("{process}-{attempt}"));
        match File::create_new(&path) {
            Ok(file) => return Ok((path, file)),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => attempt += 1,
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{exists, list};
    use super::*;

    #[test]
    fn only_abandoned_files_of_this_program_go() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let users = [
            "data..tmp",
            "notes.2024-11-28.tmp",
            "runs.csv.1-0.tmp",
            "x.1-.arigatoni-tmp",
        ];
        for name in users {
            fs::write(at(name), "mine").unwrap();
            assert!(!is_temporary(name));
        }
        fs::write(at("runs.csv.17-0.arigatoni-tmp"), "of a dead process").unwrap();
        // The file of a process that lives.
        let kept = through(&at("summary.csv"), b"x", |path| {
            remove_abandoned(folder.path()).unwrap();
            Ok(exists(path))
        });
        assert!(kept.unwrap());
        assert_eq!(list(folder.path()).unwrap(), users);
    }

    #[test]
    fn a_temporary_file_that_is_taken_away_is_written_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        let tries = std::cell::Cell::new(0);
        let put = |temporary: &Path| {
            tries.set(tries.get() + 1);
            if tries.get() < 3 {
                fs::remove_file(temporary)?;
            }
            fs::rename(temporary, &path)
        };
        through(&path, b"whole", put).unwrap();
        assert_eq!(
            (tries.get(), &*fs::read(&path).unwrap()),
            (3, &b"whole"[..])
        );
    }
}
