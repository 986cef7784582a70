//! The only room that touches the file system: reads inputs, replaces results atomically.
//!
//! It does *not* know what the bytes mean.
#![allow(
    clippy::disallowed_methods,
    reason = "this is the room that other rooms are sent to"
)]

mod appender;
mod lines;
mod memory;
pub(crate) mod misspelt;
mod place;
mod spool;
mod temporary;

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

pub(crate) use appender::Appender;
pub(crate) use lines::Lines;
pub(crate) use memory::{memory_had, memory_there};
use place::Place;
pub(crate) use place::{check_target, identity};
pub(crate) use spool::Spool;
pub(crate) use temporary::{Draft, is_temporary, remove_abandoned};

use crate::error::{Error, Result};

/// Inputs larger than this are refused before they are read.
const INPUT_BYTES_MAX: u64 = 1 << 30;

/// The bytes of the file at `path`.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    let file = File::open(path).map_err(|error| unreadable(path, &error))?;
    let bytes = read_bounded(file).map_err(|error| unreadable(path, &error))?;
    bytes.ok_or_else(|| {
        Error::new("the file is larger than 1 GiB, the limit of inputs").at(path.display())
    })
}

/// All bytes of `source`; `None`: there are more than an input may have.
fn read_bounded(source: impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    source.take(INPUT_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= INPUT_BYTES_MAX).then_some(bytes))
}

/// What standard input is called in messages.
pub(crate) const STDIN: &str = "standard input";

/// The bytes of standard input, to its end.
pub(crate) fn read_stdin() -> Result<Vec<u8>> {
    let bytes = read_bounded(io::stdin().lock())
        .map_err(|error| Error::new(format!("it cannot be read: {error}")).at(STDIN))?;
    bytes.ok_or_else(|| Error::new("it is larger than 1 GiB, the limit of inputs").at(STDIN))
}

fn unreadable(path: &Path, error: &io::Error) -> Error {
    let what = match error.kind() {
        ErrorKind::NotFound => "there is no such file".into(),
        ErrorKind::PermissionDenied => "permission to read the file is denied".into(),
        ErrorKind::IsADirectory => "this is a folder, not a file".into(),
        _ => format!("the file cannot be read: {error}"),
    };
    Error::new(what).at(path.display())
}

/// Like [`read`], but `None` if there is no such file: another process may have removed it.
pub(crate) fn read_if_there(path: &Path) -> Result<Option<Vec<u8>>> {
    match read(path) {
        Err(_) if !exists(path) => Ok(None),
        found => found.map(Some),
    }
}

/// The text of the UTF-8 file at `path`.
pub(crate) fn read_text(path: &Path) -> Result<String> {
    text(read(path)?).map_err(|error| error.at(path.display()))
}

/// `bytes`, which are UTF-8.
///
/// # Errors
/// If they are not, with the line.
pub(crate) fn text(bytes: Vec<u8>) -> Result<String> {
    String::from_utf8(bytes).map_err(|error| {
        let sound = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = sound.split(|&byte| byte == b'\n').count();
        Error::new("this is not UTF-8 text").at(line)
    })
}

/// Replaces the file at `path`, or the one that a link there names, by `bytes`: a reader sees the old
/// file or the new one, whole.
///
/// A device, a pipe or what is open (`/dev/stdout`) cannot be replaced and is written to as it is. That
/// nobody reads any more (`| head`) is no trouble.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    let replaced = Place::of(path).and_then(|place| match place {
        Place::File(file) => {
            temporary::through(&file, bytes, |temporary| fs::rename(temporary, &file))
        }
        Place::Straight(straight) => {
            let mut open = straight.open()?;
            match open.write_all(bytes).and_then(|()| open.flush()) {
                Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
                written => written,
            }
        }
    });
    replaced.map_err(|error| trouble(path, &error))
}

/// Like [`replace`], but only if nothing is at `path`; returns whether that was so. Of several
/// processes that try at once, on whatever machines, one succeeds.
pub(crate) fn create(path: &Path, bytes: &[u8]) -> Result<bool> {
    create_with(path, bytes, |from, to| fs::hard_link(from, to))
}

fn create_with(
    path: &Path,
    bytes: &[u8],
    link: impl Fn(&Path, &Path) -> io::Result<()>,
) -> Result<bool> {
    // A hard link, unlike a renaming, fails where something is; also on network file systems.
    let put = |temporary: &Path| match link(temporary, path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        // Each file system without hard links has an error of its own for it.
        Err(_) => rename_if_free(temporary, path),
    };
    temporary::through(path, bytes, put).map_err(|error| trouble(path, &error))
}

/// Renames `from` to `to` if nothing is there; returns whether that was so. A file beside it, which
/// goes again, keeps out others that try the same.
fn rename_if_free(from: &Path, to: &Path) -> io::Result<bool> {
    let mut name = to.file_name().unwrap_or_default().to_os_string();
    name.push(".0-0.arigatoni-tmp");
    let place = to.with_file_name(name);
    let mut options = fs::OpenOptions::new();
    let file = options
        .write(true)
        .create(true)
        .truncate(false)
        .open(&place)?;
    wait_for(&file)?;
    // A process that has waited finds the file of the one before; it does not matter that its own is gone.
    let free = !exists(to);
    let renamed = if free { fs::rename(from, to) } else { Ok(()) };
    let _ = fs::remove_file(&place);
    renamed.map(|()| free)
}

fn trouble(path: &Path, error: &io::Error) -> Error {
    Error::new(format!("the file cannot be written: {}", reason(error)))
        .at(path.display())
        .help("choose a folder that exists, is writable and has space left")
}

/// Held as long as it lives; the operating system frees it when the process dies.
#[derive(Debug)]
pub struct Lock(File);

impl Lock {
    /// Whether what is locked is what is at `path` now: it may have been moved or replaced.
    pub fn is_at(&self, path: &Path) -> bool {
        is_same(&self.0, path)
    }
}

fn is_same(file: &File, path: &Path) -> bool {
    let identity = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
    let [there, here] = [file.metadata(), fs::metadata(path)].map(|m| m.map(identity));
    matches!((there, here), (Ok(there), Ok(here)) if there == here)
}

/// Locks the folder at `path` for this process; `None` if another one has it. Where the file
/// system knows no locks, everyone gets one.
pub(crate) fn lock(path: &Path) -> Result<Option<Lock>> {
    let file = File::open(path).map_err(|error| {
        Error::new(format!("the folder cannot be opened: {}", reason(&error))).at(path.display())
    })?;
    match file.try_lock() {
        Err(fs::TryLockError::WouldBlock) => Ok(None),
        Ok(()) | Err(fs::TryLockError::Error(_)) => Ok(Some(Lock(file))),
    }
}

/// Locks the file at `path` for this process, also if it is replaced meanwhile; waits for others.
/// `None` if there is no such file. Where the file system knows no locks, everyone gets one.
pub(crate) fn lock_file(path: &Path) -> Result<Option<Lock>> {
    let trouble = |error: io::Error| {
        Error::new(format!("the file cannot be locked: {}", reason(&error))).at(path.display())
    };
    loop {
        let file = match File::open(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            opened => opened.map_err(trouble)?,
        };
        wait_for(&file).map_err(trouble)?;
        if is_same(&file, path) {
            return Ok(Some(Lock(file)));
        }
    }
}

/// Locks a file as soon as nobody else has it. Where the file system knows no locks, at once.
fn wait_for(file: &File) -> io::Result<()> {
    loop {
        match file.lock() {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            // Deadlocks do not occur: nobody who waits for a file holds another one.
            Ok(()) | Err(_) => return Ok(()),
        }
    }
}

/// The names of what lies in the folder at `path`, in ascending order; names that are not UTF-8
/// are none of ours and are left out.
pub(crate) fn list(path: &Path) -> Result<Vec<String>> {
    let trouble = |error: io::Error| {
        Error::new(format!("the folder cannot be read: {}", reason(&error))).at(path.display())
    };
    let mut names = Vec::new();
    for entry in fs::read_dir(path).map_err(trouble)? {
        if let Ok(name) = entry.map_err(trouble)?.file_name().into_string() {
            names.push(name);
        }
    }
    names.sort_unstable();
    Ok(names)
}

/// Removes the folder at `path` if it exists and nothing is in it.
pub(crate) fn remove_empty_folder(path: &Path) -> Result<()> {
    match fs::remove_dir(path) {
        Err(error)
            if !matches!(
                error.kind(),
                ErrorKind::NotFound | ErrorKind::DirectoryNotEmpty
            ) =>
        {
            Err(
                Error::new(format!("the folder cannot be removed: {}", reason(&error)))
                    .at(path.display()),
            )
        }
        _ => Ok(()),
    }
}

/// Removes the file at `path` if it has `length` bytes and no process works on it; returns whether
/// it is gone.
pub(crate) fn remove_if_idle(path: &Path, length: u64) -> Result<bool> {
    let Ok(file) = File::open(path) else {
        return Ok(!exists(path));
    };
    let idle = !matches!(file.try_lock(), Err(fs::TryLockError::WouldBlock));
    if !idle || !file.metadata().is_ok_and(|found| found.len() == length) {
        return Ok(false);
    }
    remove(path).map(|()| true)
}

/// The absolute path of `path`, which need not exist; that of the empty path, as the parent of a
/// bare file name is, is the current folder.
pub(crate) fn absolute(path: &Path) -> PathBuf {
    let path = if path.as_os_str().is_empty() {
        Path::new(".")
    } else {
        path
    };
    std::path::absolute(path).unwrap_or_else(|_| path.into())
}

/// Whether what is at `path` is neither a file nor a folder: a pipe or a device, which may have nothing to
/// read for ever.
pub(crate) fn is_special(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir())
}

/// Brings to the disk what files the folder at `path` has: before what they replace is removed, so
/// that a power cut cannot undo the one and keep the other. Some file systems do that by themselves
/// and know no way to ask for it.
pub(crate) fn sync_folder(path: &Path) -> Result<()> {
    match File::open(path).and_then(|folder| folder.sync_all()) {
        Err(error)
            if !matches!(
                error.kind(),
                ErrorKind::InvalidInput | ErrorKind::Unsupported
            ) =>
        {
            Err(trouble(path, &error))
        }
        _ => Ok(()),
    }
}

/// Makes the folder `path` and its parents, unless they exist.
pub(crate) fn make_folder(path: &Path) -> Result<()> {
    fs::create_dir_all(path).map_err(|error| {
        Error::new(format!("the folder cannot be made: {}", reason(&error)))
            .at(path.display())
            .help("choose another folder with -o DIR")
    })
}

/// Whether something is at `path`.
pub(crate) fn exists(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// Whether a folder is at `path`.
pub(crate) fn is_folder(path: &Path) -> bool {
    path.is_dir()
}

/// Removes the file at `path` if it exists.
pub(crate) fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(Error::new(format!(
            "the file cannot be removed: {}",
            reason(&error)
        ))
        .at(path.display())),
        _ => Ok(()),
    }
}

fn reason(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "its folder does not exist".into(),
        ErrorKind::PermissionDenied => "permission is denied".into(),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "the disk is full".into(),
        ErrorKind::FileTooLarge => "the file would be larger than the system allows".into(),
        ErrorKind::ReadOnlyFilesystem => "the file system is read-only".into(),
        ErrorKind::NotADirectory | ErrorKind::AlreadyExists => {
            "there is a file where a folder is needed".into()
        }
        ErrorKind::IsADirectory => "there is a folder of this name".into(),
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests;
