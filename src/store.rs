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
    let mut bytes = Vec::new();
    file.take(INPUT_BYTES_MAX + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| trouble(&error))?;
    if bytes.len() as u64 > INPUT_BYTES_MAX {
        return Err(
            Error::new("the file is larger than 1 GiB, which no input of this program is")
                .at(path.display()),
        );
    }
    Ok(bytes)
}

/// The text of the UTF-8 file at `path`.
pub fn read_text(path: &Path) -> Result<String> {
    String::from_utf8(read(path)?).map_err(|error| {
        let sound = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = sound.split(|&byte| byte == b'\n').count();
        Error::new("the file is not UTF-8 text")
            .at(line)
            .at(path.display())
    })
}

/// Replaces the file at `path` by `bytes`: a reader sees the old file or the new one, whole.
///
/// A device or pipe (`/dev/stdout`) cannot be replaced and is written to as it is.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    let trouble = |error: io::Error| {
        Error::new(format!("the file cannot be written: {}", reason(&error)))
            .at(path.display())
            .help("choose a folder that exists, is writable and has space left")
    };
    if fs::metadata(path).is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir()) {
        return fs::OpenOptions::new()
            .write(true)
            .open(path)
            .and_then(|mut file| file.write_all(bytes))
            .map_err(trouble);
    }
    let temporary = temporary_name(path);
    let written = write_synced(&temporary, bytes).and_then(|()| fs::rename(&temporary, path));
    written.map_err(|error| {
        // The error that matters is the first; a leftover temporary file is harmless.
        let _ = fs::remove_file(&temporary);
        trouble(error)
    })
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

/// Whether nothing lies in the folder at `path`.
pub fn is_empty_folder(path: &Path) -> Result<bool> {
    let entries = fs::read_dir(path).map_err(|error| {
        Error::new(format!("the folder cannot be read: {}", reason(&error))).at(path.display())
    });
    entries.map(|mut entries| entries.next().is_none())
}

/// Makes sure that files can be written in the folder at `path`, before much work is done for it.
pub fn check_writable(path: &Path) -> Result<()> {
    let probe = path.join("probe");
    replace(&probe, b"probe").and_then(|()| remove(&probe))
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

fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// A name beside `path` that no other process uses.
fn temporary_name(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".{}.tmp", std::process::id()));
    path.with_file_name(name)
}

fn reason(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "its folder does not exist".into(),
        ErrorKind::PermissionDenied => "permission is denied".into(),
        ErrorKind::StorageFull => "the disk is full".into(),
        ErrorKind::ReadOnlyFilesystem => "the file system is read-only".into(),
        ErrorKind::NotADirectory | ErrorKind::AlreadyExists => {
            "a file stands where a folder is needed".into()
        }
        ErrorKind::IsADirectory => "a folder stands there".into(),
        _ => error.to_string(),
    }
}
