//! A results folder: what lies in it, and putting a study and its pictures into it.
//!
//! The manifest is there from the planning of a sweep on. While the tables are replaced it says
//! that they are not complete, and their hashes are in it afterwards: so tables that are torn, or
//! changed by hand, are known for what they are.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;
use xxhash_rust::xxh3::xxh3_64;

use super::drawing::Style;
use super::inputs::is_plain;
use super::overwriting::PRECISION;
use super::watch::Watch;
use super::writing::Written;
use crate::error::{Error, Result};
use crate::experiment::Experiment;
use crate::measure::{FigureSpec, Table};
use crate::results::{Manifest, SweepResults, csv};
use crate::scenario::Scenario;
use crate::store::{self, Lock};

/// What lies in a results folder besides tables.
pub(super) const FIGURES: &str = "figures";
/// Where the parts of an unfinished sweep lie.
pub(super) const PARTS: &str = "parts";

/// A folder in which results lie or will lie.
#[derive(Debug, Clone)]
pub struct Folder(PathBuf);

impl Folder {
    /// The name of the report of a results folder.
    pub const REPORT: &str = "report.html";
    /// The name of a report that puts another study beside it.
    pub const COMPARISON: &str = "comparison.html";

    /// The folder at `path`.
    pub fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// The results folder that `path` names: the folder itself, or its manifest.
    pub fn named(path: &Path) -> Option<Self> {
        if store::is_folder(path) {
            return Some(Self(path.into()));
        }
        let manifest = path.file_name().is_some_and(|name| name == Manifest::FILE);
        let folder = path.parent().filter(|_| manifest && store::exists(path))?;
        let here = folder.as_os_str().is_empty();
        Some(Self(if here { ".".into() } else { folder.into() }))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Where journals and chunks lie.
    pub fn parts(&self) -> PathBuf {
        self.0.join(PARTS)
    }

    /// Checks that a folder is here, or nothing yet.
    ///
    /// # Errors
    /// If a file is.
    pub fn check_place(&self) -> Result<()> {
        if store::exists(&self.0) && !store::is_folder(&self.0) {
            return Err(
                Error::new("there is a file where the results folder should be")
                    .at(self.0.display())
                    .help("choose another folder with -o DIR"),
            );
        }
        Ok(())
    }

    /// Makes the folder if it is not there, and takes it for this process alone among those that write
    /// tables.
    ///
    /// # Errors
    /// If it cannot be made, or another sweep has it.
    pub fn begin(&self) -> Result<Lock> {
        self.check_place()?;
        store::make_folder(&self.0)?;
        self.lock()
    }

    /// The folder for this process alone among those that write tables.
    ///
    /// # Errors
    /// If another sweep has it, or it cannot be opened.
    pub fn lock(&self) -> Result<Lock> {
        store::lock(&self.0)?.ok_or_else(|| {
            Error::new("another sweep is running in this folder")
                .at(self.0.display())
                .help("wait for it, stop it, or choose another folder with -o DIR")
        })
    }

    /// The manifest for this process alone among those that replace it, for a moment: shards, which
    /// hold no lock of the folder, do that too. `None` if there is no manifest.
    pub(super) fn lock_manifest(&self) -> Result<Option<Lock>> {
        store::lock_file(&self.0.join(Manifest::FILE))
    }

    /// Checks that what `lock` holds is still here: a folder may be moved, and its name taken by another.
    pub(super) fn check_still_here(&self, lock: &Lock) -> Result<()> {
        if lock.is_at(&self.0) {
            return Ok(());
        }
        Err(
            Error::new("the folder was moved or replaced while this process was running in it")
                .at(self.0.display())
                .help(
                    "the finished runs are kept there: the same command resumes them, with -o \
                and the folder's new path",
                ),
        )
    }

    /// Whether pictures lie in it.
    pub(super) fn has_figures(&self) -> bool {
        store::is_folder(&self.0.join(FIGURES))
    }

    /// The error that the folder cannot be used, and what to do.
    pub(super) fn refusal(&self, what: impl Into<String>) -> Error {
        replaceable(Error::new(what).at(self.0.display()))
    }

    /// Whether a sweep is at work in the folder, or has left parts there.
    fn is_begun(&self) -> bool {
        store::is_folder(&self.parts()) || matches!(store::lock(&self.0), Ok(None))
    }

    /// The provenance of the results that are there.
    ///
    /// # Errors
    /// If there are none, or it cannot be understood.
    pub fn manifest(&self) -> Result<Manifest> {
        let path = self.0.join(Manifest::FILE);
        if !store::exists(&path) {
            if store::is_folder(&self.0) && self.is_begun() {
                return Err(Error::new(
                    "a sweep has started here and has not planned its runs yet",
                )
                .at(self.0.display())
                .help(
                    "wait a few seconds; if no process is running, `arigatoni sweep` resumes \
                    it",
                ));
            }
            let what = if store::exists(&self.0) {
                format!("no results are here: there is no {}", Manifest::FILE)
            } else {
                "there is no such folder".into()
            };
            return Err(Error::new(what)
                .at(self.0.display())
                .help("give a folder made by `arigatoni sweep`, such as results/paper-quick"));
        }
        let bytes = store::read(&path)?;
        Manifest::decode(&bytes).map_err(|error| {
            let error = error.at(path.display());
            if store::is_folder(&self.parts()) && Manifest::other_version(&bytes).is_none() {
                error.help(
                    "`arigatoni sweep` with its scenario and -o with this folder says how to save \
                    the finished runs in parts/",
                )
            } else {
                error
            }
        })
    }

    /// The provenance of the results, if there are any.
    ///
    /// # Errors
    /// If it cannot be understood.
    pub fn manifest_if_there(&self) -> Result<Option<Manifest>> {
        if store::exists(&self.0.join(Manifest::FILE)) {
            self.manifest().map(Some)
        } else {
            Ok(None)
        }
    }

    /// Puts the first manifest into the folder; returns false if another process was quicker.
    pub(super) fn create_manifest(&self, manifest: &Manifest) -> Result<bool> {
        store::create(&self.0.join(Manifest::FILE), &manifest.encode())
    }

    /// Where each point stopped, and why, if a precision was asked for and the tables are there.
    ///
    /// # Errors
    /// If the table cannot be read.
    pub fn stops(&self) -> Result<Option<Table>> {
        let path = self.0.join(PRECISION);
        let bytes = store::read_if_there(&path)?;
        let table = bytes.map(|bytes| csv::decode(&bytes).map_err(|e| e.at(path.display())));
        table.transpose()
    }

    /// Removes the pages about former results, which must not pass for ones about these.
    pub(super) fn remove_reports(&self) -> Result<()> {
        if self.has_readme()? {
            store::remove(&self.0.join(Self::README))?;
        }
        [Self::REPORT, Self::COMPARISON]
            .iter()
            .try_for_each(|name| store::remove(&self.0.join(name)))
    }

    /// The Parquet file beside the table `name`.
    pub fn parquet(name: &str) -> String {
        format!("{}.parquet", name.trim_end_matches(".csv"))
    }

    /// Removes the Parquet file of a table of former results.
    pub(super) fn remove_copy(&self, name: &str) -> Result<()> {
        if is_plain(name) {
            store::remove(&self.0.join(Self::parquet(name)))?;
        }
        Ok(())
    }

    /// Replaces the manifest.
    pub(super) fn put_manifest(&self, manifest: &Manifest) -> Result<()> {
        store::replace(&self.0.join(Manifest::FILE), &manifest.encode())
    }

    /// Removes tables of former results.
    pub(super) fn remove_tables(&self, tables: &BTreeMap<String, String>) -> Result<()> {
        tables.keys().try_for_each(|name| {
            // A manifest that was tampered with must not lead us out of the folder.
            let safe = Path::new(name)
                .file_name()
                .is_some_and(|own| own == name.as_str());
            if safe {
                store::remove(&self.0.join(name))
            } else {
                Ok(())
            }
        })
    }

    /// Removes the figures of former results, but those that are named like one of `kept`, which
    /// will be drawn in their place.
    pub(super) fn remove_figures(&self, former: &Manifest, kept: &[FigureSpec]) -> Result<()> {
        // Of a scenario that is not understood no figures are known, and none are ours to remove.
        let Ok(scenario) = reread(&former.scenario) else {
            return Ok(());
        };
        for figure in Experiment::figures(&scenario) {
            if kept.iter().any(|kept| kept.name == figure.name) {
                continue;
            }
            let [svg, png, pdf] = self.pictures(&figure.name);
            [svg, png, pdf]
                .iter()
                .try_for_each(|file| store::remove(file))?;
        }
        Ok(())
    }

    /// Puts tables, figures and at last the manifest into the
    /// folder that `lock` holds; the tables' hashes are entered in the manifest. Returns the reasons
    /// why some figures could not be drawn.
    pub(super) fn put(
        &self,
        tables: Vec<Written>,
        study: &SweepResults,
        figures: &[FigureSpec],
        manifest: &mut Manifest,
        lock: &Lock,
    ) -> Result<Vec<String>> {
        let mut hashes = BTreeMap::new();
        for table in tables {
            self.check_still_here(lock)?;
            hashes.insert(table.name.clone(), table.put()?);
        }
        let mut stale = std::mem::replace(&mut manifest.tables, hashes);
        if stale != manifest.tables {
            self.remove_reports()?;
        }
        for name in stale.keys().chain(manifest.tables.keys()) {
            if stale.get(name) != manifest.tables.get(name) {
                self.remove_copy(name)?;
            }
        }
        stale.retain(|name, _| !manifest.tables.contains_key(name));
        self.remove_tables(&stale)?;
        let unfit = self.put_figures(study, figures, manifest, self, Style::default())?;
        self.check_still_here(lock)?;
        self.put_manifest(manifest)?;
        store::remove_abandoned(&self.0)?;
        if !figures.is_empty() {
            store::remove_abandoned(&self.0.join(FIGURES))?;
        }
        Ok(unfit)
    }

    /// The bytes of the table `name`. If it is not as it was written `watch` is told, with what is `done`
    /// with it all the same.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn table(
        &self,
        name: &str,
        manifest: &Manifest,
        done: &str,
        watch: &mut dyn Watch,
    ) -> Result<Vec<u8>> {
        let path = self.0.join(name);
        let is_lost =
            !manifest.is_baseline() && manifest.tables.contains_key(name) && !store::exists(&path);
        let lost = |error: Error| {
            error.help(
                "it was removed after it was written: `arigatoni sweep` with the same scenario and folder \
                 makes it again",
            )
        };
        let bytes =
            store::read(&path).map_err(|error| if is_lost { lost(error) } else { error })?;
        if let Err(error) = unaltered(manifest, name, &bytes) {
            let error = error.within(self.0.display());
            watch.report(&format!("{error}; it is {done} as it is"));
        }
        Ok(bytes)
    }

    /// Checks that the table of runs is there and has a row: the other tables would be blamed for what it
    /// lacks.
    ///
    /// # Errors
    /// If it is not, or cannot be read.
    pub fn check_runs(&self) -> Result<()> {
        let path = self.0.join(SweepResults::RUNS);
        let Some(bytes) = store::read_if_there(&path)? else {
            return Err(Error::new("there are no tables yet")
                .at(self.0.display())
                .help("finish the sweep, or `merge --partial`"));
        };
        let lines = bytes.split(|byte| *byte == b'\n');
        if lines.skip(1).any(|line| !line.is_empty()) {
            return Ok(());
        }
        Err(Error::new("the table of runs has no rows")
            .at(path.display())
            .help("make the runs with `arigatoni sweep`"))
    }

    /// The study that lies in the folder, with these detail tables. Of tables that are not as they were
    /// written `watch` is told, with what is `done` with them all the same.
    ///
    /// # Errors
    /// If a table cannot be read.
    pub fn study(
        &self,
        details: &[&str],
        manifest: &Manifest,
        done: &str,
        watch: &mut dyn Watch,
    ) -> Result<SweepResults> {
        let mut read = |name: &str| self.table(name, manifest, done, watch);
        let runs = read(SweepResults::RUNS)?;
        // A table without rows was not written.
        let is_written = |name: &str| {
            let file = format!("{name}.csv");
            manifest.tables.contains_key(&file) || store::exists(&self.0.join(file))
        };
        let (written, empty): (Vec<&str>, Vec<&str>) =
            details.iter().partition(|name| is_written(name));
        let tables: Vec<(&str, Vec<u8>)> = written
            .into_iter()
            .map(|name| Ok((name, read(&format!("{name}.csv"))?)))
            .collect::<Result<_>>()?;
        let details: Vec<(&str, &[u8])> = tables
            .iter()
            .map(|(name, bytes)| (*name, bytes.as_slice()))
            .collect();
        let located = |error: Error| error.within(self.0.display());
        let mut study = SweepResults::decode(&runs, &details, &manifest.axes).map_err(located)?;
        let empty = empty.into_iter();
        study
            .details
            .extend(empty.map(|name| (name.to_owned(), Table::default())));
        if store::exists(&self.0.join(SweepResults::FAILURES)) {
            study
                .decode_failures(&read(SweepResults::FAILURES)?)
                .map_err(located)?;
        }
        Ok(study)
    }
}

/// An error of a folder that cannot be used as it is, and what to do.
pub(super) fn replaceable(error: Error) -> Error {
    error.help("choose another folder with -o DIR, or replace what is there with --overwrite")
}

/// Checks that the table `name` has the bytes that the manifest knows.
fn unaltered(manifest: &Manifest, name: &str, bytes: &[u8]) -> Result<()> {
    if manifest.tables.get(name) == Some(&hash(bytes)) {
        Ok(())
    } else {
        Err(Error::new("the table was changed after it was written").at(name))
    }
}

fn hash(bytes: &[u8]) -> String {
    format!("{:016x}", xxh3_64(bytes))
}

/// A scenario as a manifest keeps it, read again.
///
/// # Errors
/// If it is not understood.
pub(super) fn reread(effective: &Value) -> Result<Scenario> {
    Scenario::parse(&effective.to_string(), "the manifest's scenario", &[])
}
