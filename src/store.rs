//! The only room that touches the file system: reads inputs, replaces results atomically.
//!
//! It does *not* know what the bytes mean.
#![allow(
    clippy::disallowed_methods,
    reason = "this is the room that other rooms are sent to"
)]

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{self, SyncSender};
use std::thread::JoinHandle;

use crate::error::{Error, Result};

/// Inputs larger than this are refused before they are read.
const INPUT_BYTES_MAX: u64 = 1 << 30;

/// The bytes of the file at `path`.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    let trouble = |error: &io::Error| {
        let error_text = match error.kind() {
            ErrorKind::NotFound => "there is no such file".into(),
            ErrorKind::PermissionDenied => "permission to read the file is denied".into(),
            ErrorKind::IsADirectory => "this is a folder, not a file".into(),
            _ => format!("the file cannot be read: {error}"),
        };
        Error::new(error_text).at(path.display())
    };
    let file = File::open(path).map_err(|error| trouble(&error))?;
    let bytes = read_bounded(file).map_err(|error| trouble(&error))?;
    bytes.ok_or_else(|| {
        Error::new("the file is larger than 1 GiB, which no input of this program is")
            .at(path.display())
    })
}

/// All bytes of `source`; `None`: there are more than an input may have.
fn read_bounded(source: impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    source.take(INPUT_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= INPUT_BYTES_MAX).then_some(bytes))
}

/// What standard input is called in messages.
pub const STDIN: &str = "standard input";

/// The bytes of standard input, to its end.
pub fn read_stdin() -> Result<Vec<u8>> {
    let bytes = read_bounded(io::stdin().lock())
        .map_err(|error| Error::new(format!("it cannot be read: {error}")).at(STDIN))?;
    bytes.ok_or_else(|| {
        Error::new("it is larger than 1 GiB, which no input of this program is").at(STDIN)
    })
}

/// Like [`read`], but `None` if there is no such file: another process may have removed it.
pub fn read_if_there(path: &Path) -> Result<Option<Vec<u8>>> {
    if exists(path) {
        read(path).map(Some)
    } else {
        Ok(None)
    }
}

/// The text of the UTF-8 file at `path`.
pub fn read_text(path: &Path) -> Result<String> {
    text(read(path)?).map_err(|error| error.at(path.display()))
}

/// `bytes`, which are UTF-8.
///
/// # Errors
/// If they are not, with the line.
pub fn text(bytes: Vec<u8>) -> Result<String> {
    String::from_utf8(bytes).map_err(|error| {
        let sound = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = sound.split(|&byte| byte == b'\n').count();
        Error::new("this is not UTF-8 text").at(line)
    })
}

/// Replaces the file at `path` by `bytes`: a reader sees the old file or the new one, whole.
///
/// A device or pipe (`/dev/stdout`) cannot be replaced and is written to as it is. That nobody reads
/// any more (`| head`) is no trouble.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    let trouble = |error: io::Error| trouble(path, &error);
    if fs::metadata(path).is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir()) {
        let file = fs::OpenOptions::new().write(true).open(path);
        let written = file.and_then(|mut file| file.write_all(bytes));
        return match written {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(trouble(error)),
            _ => Ok(()),
        };
    }
    let (temporary, file) = temporary_beside(path).map_err(trouble)?;
    let written = write_synced(file, bytes).and_then(|()| fs::rename(&temporary, path));
    written.map_err(|error| {
        // The error that matters is the first; a leftover temporary file is harmless.
        let _ = fs::remove_file(&temporary);
        trouble(error)
    })
}

/// Like [`replace`], but only if nothing is at `path`; returns whether that was so. Of several
/// processes that try at once, on whatever machines, one succeeds.
pub fn create(path: &Path, bytes: &[u8]) -> Result<bool> {
    let (temporary, file) = temporary_beside(path).map_err(|error| trouble(path, &error))?;
    // A hard link, unlike a renaming, fails where something is; also on network file systems.
    let linked = write_synced(file, bytes).and_then(|()| fs::hard_link(&temporary, path));
    let _ = fs::remove_file(&temporary);
    match linked {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(trouble(path, &error)),
    }
}

fn trouble(path: &Path, error: &io::Error) -> Error {
    Error::new(format!("the file cannot be written: {}", reason(error)))
        .at(path.display())
        .help("choose a folder that exists, is writable and has space left")
}

/// A file of this process alone that grows, and is brought to the disk in the background.
#[derive(Debug)]
pub struct Appender {
    path: PathBuf,
    file: Arc<File>,
    /// Whether the last line may be torn.
    torn: bool,
    wake: SyncSender<()>,
    syncer: JoinHandle<io::Result<()>>,
}

impl Appender {
    /// Makes a new file in `folder`, under a name of its own that ends in `ending`.
    pub fn create(folder: &Path, ending: &str) -> Result<Self> {
        let (path, file) = unique(|name| folder.join(format!("{name}{ending}")))
            .map_err(|error| trouble(folder, &error))?;
        let file = Arc::new(file);
        let (wake, woken) = mpsc::sync_channel(1);
        let synced = Arc::clone(&file);
        let syncer = std::thread::spawn(move || {
            for () in woken {
                synced.sync_data()?;
            }
            Ok(())
        });
        Ok(Self {
            path,
            file,
            torn: false,
            wake,
            syncer,
        })
    }

    /// Appends a line. When this returns, the death of the process does not lose it; moments
    /// later a power cut does not either.
    pub fn append(&mut self, line: &[u8]) -> Result<()> {
        let mut file = &*self.file;
        let written = if self.torn {
            file.write_all(b"\n").and_then(|()| file.write_all(line))
        } else {
            file.write_all(line)
        };
        self.torn = written.is_err();
        written.map_err(|error| trouble(&self.path, &error))?;
        // If the channel is full the syncer will see this line as well.
        let _ = self.wake.try_send(());
        Ok(())
    }

    /// Brings everything to the disk, or with `remove` removes the file.
    pub fn end(self, remove: bool) -> Result<()> {
        drop(self.wake);
        let synced = self.syncer.join().unwrap_or(Ok(()));
        if remove {
            if let Some(folder) = self.path.parent() {
                sync_folder(folder)?;
            }
            return self::remove(&self.path);
        }
        synced
            .and_then(|()| self.file.sync_data())
            .map_err(|error| trouble(&self.path, &error))
    }
}

/// Held as long as it lives; the operating system frees it when the process dies.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "holds the lock")] Option<File>);

/// Locks the folder at `path` for this process; `None` if another one has it. Where the file
/// system knows no locks, everyone gets one.
pub fn lock(path: &Path) -> Result<Option<Lock>> {
    let file = File::open(path).map_err(|error| {
        Error::new(format!("the folder cannot be opened: {}", reason(&error))).at(path.display())
    })?;
    match file.try_lock() {
        Ok(()) => Ok(Some(Lock(Some(file)))),
        Err(fs::TryLockError::WouldBlock) => Ok(None),
        Err(fs::TryLockError::Error(_)) => Ok(Some(Lock(None))),
    }
}

/// The names of what lies in the folder at `path`, in ascending order; names that are not UTF-8
/// are none of ours and are left out.
pub fn list(path: &Path) -> Result<Vec<String>> {
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

/// Removes the folder at `path` with everything in it, if it exists.
pub fn remove_folder(path: &Path) -> Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(Error::new(format!(
            "the folder cannot be removed: {}",
            reason(&error)
        ))
        .at(path.display())),
        _ => Ok(()),
    }
}

/// Removes the temporary files that died processes have left in the folder at `path`.
pub fn remove_temporaries(path: &Path) -> Result<()> {
    for name in list(path)? {
        if is_temporary(&name) {
            remove(&path.join(&name))?;
        }
    }
    Ok(())
}

/// Whether a file of this name is a temporary one, of a process that lives or has died.
pub fn is_temporary(name: &str) -> bool {
    let stem = name.strip_suffix(TEMPORARY);
    let numbers = stem.and_then(|stem| stem.rsplit_once('.'));
    numbers.is_some_and(|(_, numbers)| {
        let mut bytes = numbers.bytes();
        bytes.all(|byte| byte.is_ascii_digit() || byte == b'-')
    })
}

/// The absolute path of `path`, which need not exist; that of the empty path, as the parent of a
/// bare file name is, is the current folder.
pub fn absolute(path: &Path) -> PathBuf {
    let path = if path.as_os_str().is_empty() {
        Path::new(".")
    } else {
        path
    };
    std::path::absolute(path).unwrap_or_else(|_| path.into())
}

/// The one name of the file that is at `path`, or would come to stand there: two paths lead to one
/// file if they have the same. `None` for what is no file (a folder, a device, a pipe), and where
/// the folder does not exist.
pub fn identity(path: &Path) -> Option<PathBuf> {
    if let Ok(found) = fs::canonicalize(path) {
        return found.is_file().then_some(found);
    }
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    Some(fs::canonicalize(folder).ok()?.join(path.file_name()?))
}

/// How many bytes of memory this process can still get: what the system says is available, and at
/// most what the process's limit allows. `None` where that cannot be read, as on other systems than
/// Linux.
pub fn memory_there() -> Option<f64> {
    let text = |path: &str| fs::read_to_string(path).ok();
    memory_of(
        &text("/proc/meminfo")?,
        &text("/proc/self/limits").unwrap_or_default(),
    )
}

/// The same, of the texts of `meminfo` and `limits` in `/proc`.
fn memory_of(system: &str, limits: &str) -> Option<f64> {
    let number = |text: &str, after: &str| -> Option<f64> {
        let line = text.lines().find_map(|line| line.strip_prefix(after))?;
        line.split_whitespace().next()?.parse().ok()
    };
    let available = 1024.0 * number(system, "MemAvailable:")?;
    // `unlimited` is no number.
    Some(match number(limits, "Max address space") {
        Some(limit) => available.min(limit),
        None => available,
    })
}

/// Makes sure that a file may come to stand at `path`: its folder is there, and no folder is in its
/// place.
pub fn check_target(path: &Path) -> Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    if folder.is_some_and(|folder| !folder.is_dir()) {
        return Err(
            Error::new("the file cannot be written: its folder does not exist")
                .at(path.display())
                .help("make the folder first, or choose another"),
        );
    }
    if path.is_dir() {
        return Err(
            Error::new("the file cannot be written: a folder stands there")
                .at(path.display())
                .help("choose another name"),
        );
    }
    Ok(())
}

/// Brings to the disk what files the folder at `path` has: before what they replace is removed, so
/// that a power cut cannot undo the one and keep the other. Some file systems do that by themselves
/// and know no way to ask for it.
pub fn sync_folder(path: &Path) -> Result<()> {
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
pub fn make_folder(path: &Path) -> Result<()> {
    fs::create_dir_all(path).map_err(|error| {
        Error::new(format!("the folder cannot be made: {}", reason(&error)))
            .at(path.display())
            .help("choose another folder with -o DIR")
    })
}

/// Whether something is at `path`.
pub fn exists(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// Whether a folder is at `path`.
pub fn is_folder(path: &Path) -> bool {
    path.is_dir()
}

/// Removes the file at `path` if it exists.
pub fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(Error::new(format!(
            "the file cannot be removed: {}",
            reason(&error)
        ))
        .at(path.display())),
        _ => Ok(()),
    }
}

fn write_synced(mut file: File, bytes: &[u8]) -> io::Result<()> {
    file.write_all(bytes)?;
    file.sync_all()
}

/// What the names of temporary files end in.
const TEMPORARY: &str = ".tmp";

/// A new file beside `path`.
fn temporary_beside(path: &Path) -> io::Result<(PathBuf, File)> {
    unique(|number| {
        let mut name = path.file_name().unwrap_or_default().to_os_string();
        name.push(format!(".{number}{TEMPORARY}"));
        path.with_file_name(name)
    })
}

/// A new file, named from a number that no other file of this kind has: processes on other
/// machines may have the same id.
fn unique(name: impl Fn(&str) -> PathBuf) -> io::Result<(PathBuf, File)> {
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

fn reason(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "its folder does not exist".into(),
        ErrorKind::PermissionDenied => "permission is denied".into(),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "the disk is full".into(),
        ErrorKind::FileTooLarge => "the file would be larger than the system allows".into(),
        ErrorKind::ReadOnlyFilesystem => "the file system is read-only".into(),
        ErrorKind::NotADirectory | ErrorKind::AlreadyExists => {
            "a file stands where a folder is needed".into()
        }
        ErrorKind::IsADirectory => "a folder stands there".into(),
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_memory_that_is_there_is_the_least_that_is_told() {
        let system = "MemTotal:       24684100 kB\nMemAvailable:   18957964 kB\n";
        let limits = "Max open files            20000                20000                files\n\
                      Max address space         LIMIT            unlimited            bytes\n";
        let of = |limit: &str| memory_of(system, &limits.replace("LIMIT", limit));
        assert_eq!(of("unlimited"), Some(18_957_964.0 * 1024.0));
        assert_eq!(of("4096000000"), Some(4_096_000_000.0));
        assert_eq!(memory_of(system, ""), of("unlimited"));
        assert_eq!(memory_of("", limits), None);
    }
}
