//! The files from which runs are made, kept beside their results: so that a folder can be repeated
//! wherever it is copied, and whatever becomes of the files themselves.
//!
//! A copy is packed, and named by the file and the hash of its bytes, so that it is the same whoever
//! makes it, and is made once. This module does *not* know what is in the files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::xxh3_64;

use super::folder::Folder;
use crate::error::Result;
use crate::experiment::{self, Experiment};
use crate::results::Manifest;
use crate::topology::graphbase;
use crate::{packing, store};

/// Where the copies lie in a results folder.
pub(super) const INPUTS: &str = "inputs";

/// Longer names of files are cut, so that those of copies are not too long for any file system.
const STEM_CHARS_MAX: usize = 60;

/// What the copies of generated graphs are called.
const GENERATED: &str = "transit_stub.gb";

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

/// Where the copies are that the manifest of `folder` tells, by what they are copies of.
pub(super) fn kept(folder: &Folder, manifest: &Manifest) -> BTreeMap<String, PathBuf> {
    let inputs = folder.path().join(INPUTS);
    let copies = manifest.inputs.iter();
    // A manifest that was tampered with must not lead out of the folder.
    let copies = copies.filter(|(_, name)| is_plain(name));
    copies
        .map(|(source, name)| (source.clone(), inputs.join(name)))
        .collect()
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

/// What the copy of the file at `path` with these bytes is called: `t100-0-0123456789abcdef.gb.gz`.
fn name_of(path: &str, bytes: &[u8]) -> String {
    let path = Path::new(path);
    let unpacked = match path.extension() {
        Some(ending) if ending.eq_ignore_ascii_case("gz") => path.with_extension(""),
        _ => path.to_owned(),
    };
    let plain = |text: Option<&std::ffi::OsStr>| -> String {
        let text = text.unwrap_or_default().to_string_lossy();
        let kept = |c: char| {
            if c.is_ascii_alphanumeric() || "-_.".contains(c) {
                c
            } else {
                '_'
            }
        };
        text.chars().take(STEM_CHARS_MAX).map(kept).collect()
    };
    let (stem, hash) = (plain(unpacked.file_stem()), xxh3_64(bytes));
    match plain(unpacked.extension()) {
        ending if ending.is_empty() => format!("{stem}-{hash:016x}.gz"),
        ending => format!("{stem}-{hash:016x}.{ending}.gz"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_are_named_by_the_file_and_its_bytes() {
        let name = |path: &str| name_of(path, b"bytes");
        let hash = format!("{:016x}", xxh3_64(b"bytes"));
        assert_eq!(name("../a/t100-0.gb"), format!("t100-0-{hash}.gb.gz"));
        assert_eq!(name("t100-0.gb.gz"), name("t100-0.gb"));
        assert_eq!(name("no ending"), format!("no_ending-{hash}.gz"));
        assert_eq!(name("a\n/../b\u{e9}.csv"), format!("b_-{hash}.csv.gz"));
        let long = "x".repeat(300);
        assert!(name(&format!("{long}.{long}")).len() < 150);
        assert_ne!(name_of("a.gb", b"1"), name_of("a.gb", b"2"));
    }
}
