//! The files that a command is asked to write: each to a place of its own, and none over what the
//! command reads.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::store;

/// Checks that a file may come to stand at each of `targets`, that no two of them are one file, and that none is
/// one of `inputs`, by whatever paths they are told.
///
/// # Errors
/// Of the first target for which that is not so.
pub(super) fn check<'a>(
    targets: impl IntoIterator<Item = &'a PathBuf>,
    inputs: impl IntoIterator<Item = PathBuf>,
) -> Result<()> {
    let inputs: Vec<PathBuf> = inputs.into_iter().collect();
    let mut before: Vec<&Path> = Vec::new();
    for target in targets {
        if target.as_os_str() == "-" {
            return Err(Error::new("`-` is not the name of a file to write")
                .at("-")
                .help("name a file, such as x.csv; write /dev/stdout for standard output, or ./- for a file that is called -"));
        }
        store::check_target(target)?;
        if before.iter().any(|other| same(other, target)) {
            return Err(Error::new("two outputs cannot be written to one file")
                .at(target.display())
                .help("give each its own file"));
        }
        if inputs.iter().any(|input| same(input, target)) {
            return Err(
                Error::new("the file is read by this command, which would overwrite it")
                    .at(target.display())
                    .help("write to another file"),
            );
        }
        before.push(target);
    }
    Ok(())
}

/// Whether two paths lead to one file; a device is never replaced, and told by its path alone.
fn same(one: &Path, other: &Path) -> bool {
    one == other || store::identity(one).is_some_and(|file| store::identity(other) == Some(file))
}
