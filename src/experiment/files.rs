//! Where the files are that a scenario names.
//!
//! This module does *not* know what is in them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::packing;
use crate::store;

/// Where the files are that a scenario names: relative paths start at a folder, but for files of
/// which a copy is kept elsewhere, as results folders do.
#[derive(Debug, Clone)]
pub struct Files {
    folder: PathBuf,
    copies: Option<BTreeMap<String, PathBuf>>,
}

impl From<&Path> for Files {
    /// The files of a scenario in this folder.
    fn from(folder: &Path) -> Self {
        Self {
            folder: folder.into(),
            copies: None,
        }
    }
}

impl From<&PathBuf> for Files {
    fn from(folder: &PathBuf) -> Self {
        folder.as_path().into()
    }
}

impl Files {
    /// The files of a scenario of which `copies` are kept, by the paths that the scenario writes. What
    /// is not among them is looked for from `folder`.
    pub fn kept(folder: &Path, copies: BTreeMap<String, PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            copies: Some(copies),
        }
    }

    /// Where the file at `path`, as written in the scenario by the member `who`, is.
    ///
    /// # Errors
    /// If no file is there.
    pub fn find(&self, path: &Path, who: &str) -> Result<PathBuf> {
        let copies = self.copies.as_ref();
        let copy = copies.and_then(|copies| copies.get(&*path.to_string_lossy()));
        let file = copy.cloned().unwrap_or_else(|| self.folder.join(path));
        if store::is_special(&file) {
            return Err(Error::new("this is a pipe or a device, not a file")
                .at(file.display())
                .help(format!(
                    "write what it gives to a file first: what {who} names is read more than once"
                )));
        }
        if store::exists(&file) {
            return Ok(file);
        }
        let help = if path.is_absolute() {
            format!("{who} names it")
        } else {
            let from = if self.copies.is_some() {
                "these results have no copy of it; its path is relative to their folder"
            } else {
                "a path relative to the scenario's folder"
            };
            let folder = store::absolute(&self.folder);
            format!(
                "{who} names {}, {from}, {}",
                path.display(),
                folder.display()
            )
        };
        // As the scenario would write it.
        let meant = store::misspelt::file(&file);
        let meant = meant.and_then(|meant| Some(path.with_file_name(meant.file_name()?)));
        let help = match meant {
            Some(meant) => format!("{help}; did you mean {}?", meant.display()),
            None => help,
        };
        Err(Error::new("there is no such file")
            .at(file.display())
            .help(help))
    }
}

/// The bytes of a file that was [found](Files::find), unpacked.
///
/// # Errors
/// If it cannot be read, or is damaged.
pub fn read(file: &Path) -> Result<Vec<u8>> {
    packing::unpacked(store::read(file)?).map_err(|error| error.at(file.display()))
}
