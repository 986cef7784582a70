//! The files from which runs are made, kept beside their results: so that a folder can be repeated
//! wherever it is copied, and whatever becomes of the files themselves.
//!
//! A copy is packed, and named by the hash of its bytes, so that it is the same whoever makes it and
//! wherever the file lay, and is made once. This module does *not* know what is in the files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::xxh3_64;

use super::folder::Folder;
use crate::error::{Error, Result};
use crate::experiment::{self, Experiment};
use crate::results::Manifest;
use crate::topology::graphbase;
use crate::{packing, store};

/// Where the copies lie in a results folder.
pub(super) const INPUTS: &str = "inputs";

/// Longer endings of files tell no format.
const ENDING_CHARS_MAX: usize = 16;

/// What a file of a generated graph would be called; the ending tells its format.
const GENERATED: &str = "graph.gb";

/// The files of which copies are to be kept.
#[derive(Debug)]
pub(super) struct Inputs(Vec<Input>);

#[derive(Debug)]
struct Input {
    /// The path that the scenario writes, or the source of a generated graph.
    source: String,
    /// The name of the copy.
    name: String,
    from: From,
}

/// What is copied.
#[derive(Debug)]
enum From {
    File(PathBuf),
    Text(String),
}

impl Inputs {
    /// Those of an experiment; nothing is written yet.
    pub(super) fn of(experiment: &Experiment) -> Result<Self> {
        let mut inputs = Vec::new();
        for (source, file) in experiment.inputs() {
            inputs.push(Input {
                name: name_of(&source, &experiment::read(&file)?),
                source,
                from: From::File(file),
            });
        }
        for (source, graph) in experiment.generated() {
            let text = graphbase::write(graph)?;
            inputs.push(Input {
                source,
                name: name_of(GENERATED, text.as_bytes()),
                from: From::Text(text),
            });
        }
        Ok(Self(inputs))
    }

    /// The names of the copies.
    pub(super) fn names(&self) -> BTreeSet<String> {
        self.0.iter().map(|input| input.name.clone()).collect()
    }

    /// Puts the copies that are not there yet into `folder`; returns their names, by what they are
    /// copies of.
    pub(super) fn put(&self, folder: &Folder) -> Result<BTreeMap<String, String>> {
        let inputs = folder.path().join(INPUTS);
        for input in &self.0 {
            let copy = inputs.join(&input.name);
            if store::exists(&copy) {
                continue;
            }
            store::make_folder(&inputs)?;
            let bytes = match &input.from {
                From::File(file) => experiment::read(file)?,
                From::Text(text) => text.clone().into_bytes(),
            };
            store::replace(&copy, &packing::packed(&bytes))?;
        }
        let named = self.0.iter();
        Ok(named
            .map(|input| (input.source.clone(), input.name.clone()))
            .collect())
    }
}

impl Folder {
    /// Where the copies of inputs are that the `manifest` tells, by what they are copies of.
    ///
    /// # Errors
    /// If one is not what it was, which its name tells.
    pub fn inputs(&self, manifest: &Manifest) -> Result<BTreeMap<String, PathBuf>> {
        let inputs = self.path().join(INPUTS);
        let copies = manifest.inputs.iter();
        // A manifest that was tampered with must not lead out of the folder.
        let copies = copies.filter(|(_, name)| is_plain(name));
        let copies = copies.map(|(source, name)| {
            let copy = inputs.join(name);
            if store::exists(&copy) {
                check_unaltered(&copy, name)?;
            }
            Ok((source.clone(), copy))
        });
        copies.collect()
    }
}

/// Checks that the file at `copy` has the bytes of which `name` has the hash.
fn check_unaltered(copy: &Path, name: &str) -> Result<()> {
    let hash = xxh3_64(&experiment::read(copy)?);
    if name.starts_with(&hash_name(hash)) {
        return Ok(());
    }
    Err(
        Error::new("this copy was changed: the runs were made with another file")
            .at(copy.display())
            .help("put it back, or give the scenario file itself"),
    )
}

/// What the name of a copy with this hash begins with.
fn hash_name(hash: u64) -> String {
    format!("{hash:016x}.")
}

/// Removes the copies that the `former` manifest of `folder` tells and the one of `now` does not: a
/// scenario that has moved may call the same graph by another name.
pub(super) fn remove_unused(folder: &Folder, former: &Manifest, now: &Manifest) -> Result<()> {
    let used: BTreeSet<&String> = now.inputs.values().collect();
    for name in former.inputs.values() {
        if is_plain(name) && !used.contains(name) {
            store::remove(&folder.path().join(INPUTS).join(name))?;
        }
    }
    Ok(())
}

/// Whether a name is that of a file in the folder itself.
pub(super) fn is_plain(name: &str) -> bool {
    Path::new(name).file_name().is_some_and(|own| own == name)
}

/// What the copy of the file at `path` with these bytes is called: `0123456789abcdef.gb.gz`. The ending
/// tells the format of a graph.
fn name_of(path: &str, bytes: &[u8]) -> String {
    let path = Path::new(path);
    let unpacked = match path.extension() {
        Some(ending) if ending.eq_ignore_ascii_case("gz") => path.with_extension(""),
        _ => path.to_owned(),
    };
    let ending = unpacked.extension().unwrap_or_default().to_string_lossy();
    let usual = |c: char| c.is_ascii_alphanumeric();
    let hash = hash_name(xxh3_64(bytes));
    if (1..=ENDING_CHARS_MAX).contains(&ending.len()) && ending.chars().all(usual) {
        format!("{hash}{ending}.gz")
    } else {
        format!("{hash}gz")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_are_named_by_what_is_in_them() {
        let name = |path: &str| name_of(path, b"bytes");
        let hash = format!("{:016x}", xxh3_64(b"bytes"));
        for path in ["../a/t100-0.gb", "other.gb", "t100-0.gb.gz", "t100-0.gb.GZ"] {
            assert_eq!(name(path), format!("{hash}.gb.gz"));
        }
        let long = format!("a.{}", "x".repeat(300));
        for path in ["no ending", "a.b\n/c", "a.\u{e9}", "a.b\nc", &long] {
            assert_eq!(name(path), format!("{hash}.gz"), "{path:?}");
        }
        assert_ne!(name_of("a.gb", b"1"), name_of("a.gb", b"2"));
    }
}
