//! Where bytes go that are written to a path: into a file, which can be replaced, or directly into something that
//! is not a file.
//!
//! It does *not* know what is written, nor how a file is replaced.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::trouble;
use crate::error::{Error, Result};

/// Longer chains of links are left to the operating system, which refuses them.
const LINKS_MAX: u32 = 40;

/// Where bytes go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// A file that is there, or can be made there, or a folder; its path is no link.
    File(PathBuf),
    /// Anything else.
    Straight(Straight),
}

impl Place {
    /// The place of `path`, all links followed.
    ///
    /// # Errors
    /// If a link cannot be read, or links form a circle.
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        let mut path = path.to_path_buf();
        for _ in 0..LINKS_MAX {
            if let Some(open) = open_file(&path) {
                return Ok(Self::Straight(open));
            }
            match fs::symlink_metadata(&path) {
                Ok(found) if found.is_symlink() => {
                    let folder = path.parent().unwrap_or(Path::new(""));
                    path = folder.join(fs::read_link(&path)?);
                }
                Ok(found) if found.is_file() || found.is_dir() => return Ok(Self::File(path)),
                Ok(_) => return Ok(Self::Straight(Straight::Special(path))),
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Self::File(path)),
                Err(error) => return Err(error),
            }
        }
        fs::metadata(&path).map(|_| Self::File(path))
    }
}

/// What is no file, and is written to as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Straight {
    /// A pipe or a device.
    Special(PathBuf),
    /// What this process, or another, has open: of this path.
    Open(PathBuf),
    /// The standard output of this process.
    Stdout,
    /// Its standard error.
    Stderr,
}

impl Straight {
    /// Ready to be written to.
    ///
    /// # Errors
    /// If it cannot be opened.
    pub(super) fn open(&self) -> io::Result<Box<dyn Write + Send>> {
        Ok(match self {
            Self::Special(path) => Box::new(OpenOptions::new().write(true).open(path)?),
            // What was written to the file before stays.
            Self::Open(path) => Box::new(OpenOptions::new().append(true).open(path)?),
            // Opened a second time, a file would be written from its beginning.
            Self::Stdout => Box::new(io::stdout()),
            Self::Stderr => Box::new(io::stderr()),
        })
    }
}

/// The open file that `path` stands for: Linux shows each as a link, which leads to a file that must
/// not be replaced.
fn open_file(path: &Path) -> Option<Straight> {
    let folder = fs::canonicalize(path.parent()?).ok()?;
    let is_open = folder.starts_with("/proc") && folder.ends_with("fd");
    if !is_open && folder != Path::new("/dev/fd") {
        return None;
    }
    let own = Path::new("/proc/self/fd");
    let is_own = !is_open || fs::canonicalize(own).is_ok_and(|own| own == folder);
    Some(match path.file_name()?.to_str() {
        Some("1") if is_own => Straight::Stdout,
        Some("2") if is_own => Straight::Stderr,
        _ => Straight::Open(path.into()),
    })
}

/// The one name of the file that is at `path`, or would come to stand there: two paths lead to one
/// file if they have the same. `None` for what is no file (a folder, a device, a pipe), and where
/// the folder does not exist.
pub(crate) fn identity(path: &Path) -> Option<PathBuf> {
    let Ok(Place::File(path)) = Place::of(path) else {
        return None;
    };
    if let Ok(found) = fs::canonicalize(&path) {
        return found.is_file().then_some(found);
    }
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    Some(fs::canonicalize(folder).ok()?.join(path.file_name()?))
}

/// Makes sure that a file may come to stand at `path`: its folder is there, and no folder is in its
/// place.
pub(crate) fn check_target(path: &Path) -> Result<()> {
    let Place::File(file) = Place::of(path).map_err(|error| trouble(path, &error))? else {
        return Ok(());
    };
    let folder = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    if folder.is_some_and(|folder| !folder.is_dir()) {
        return Err(
            Error::new("the file cannot be written: its folder does not exist")
                .at(path.display())
                .help("make the folder first, or choose another"),
        );
    }
    if file.is_dir() {
        return Err(
            Error::new("the file cannot be written: there is a folder of this name")
                .at(path.display())
                .help("choose another name"),
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn links_are_followed_to_the_file_that_they_name() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        symlink("there", at("relative")).unwrap();
        symlink(at("relative"), at("absolute")).unwrap();
        symlink("round", at("round")).unwrap();
        let there = Place::File(at("there"));
        for made in [false, true] {
            assert_eq!(Place::of(&at("absolute")).unwrap(), there, "{made}");
            fs::write(at("there"), "x").unwrap();
        }
        assert!(Place::of(&at("round")).is_err());
        let null = Path::new("/dev/null");
        symlink(null, at("null")).unwrap();
        assert_eq!(
            Place::of(&at("null")).unwrap(),
            Place::Straight(Straight::Special(null.to_path_buf()))
        );
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_is_open_is_no_file_to_be_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("link");
        for (open, place) in [
            ("/proc/self/fd/1", Straight::Stdout),
            ("/dev/fd/2", Straight::Stderr),
            ("/proc/self/fd/7", Straight::Open("/proc/self/fd/7".into())),
        ] {
            symlink(open, &link).unwrap();
            assert_eq!(Place::of(&link).unwrap(), Place::Straight(place));
            fs::remove_file(&link).unwrap();
        }
    }
}
