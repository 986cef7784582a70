//! `sweep --overwrite`: what in a folder is results and goes, and what is not and stays.
//!
//! Everything is looked at before the first file is removed. Results are known by their names: the
//! tables that the manifest lists, those that every sweep writes, and those that the scenarios of
//! the folder and of the command would write; so what a killed process or a full disk has left
//! without a manifest, or with one that lists nothing yet, can be replaced too.

use std::collections::BTreeSet;

use serde_json::Value;

use super::folder::{FIGURES, Folder, PARTS, reread};
use super::inputs::{INPUTS, Inputs, is_plain};
use crate::error::{Error, Result};
use crate::experiment::{self, Experiment};
use crate::ledger::Parts;
use crate::results::{Manifest, SweepResults};
use crate::scenario::Scenario;
use crate::store;

/// The table of a sweep with a precision.
pub(super) const PRECISION: &str = "precision.csv";

/// How many entries of a folder are named in a message.
const NAMED_MAX: usize = 3;

/// What of a folder goes.
#[derive(Debug)]
pub(super) struct Clearing<'f> {
    folder: &'f Folder,
    tables: BTreeSet<String>,
    /// Names of pictures, without their endings.
    figures: BTreeSet<String>,
    /// Names of copies of inputs that are of no more use.
    inputs: BTreeSet<String>,
}

impl<'f> Clearing<'f> {
    /// What of `folder` goes for the results of `scenario`, which are made from `inputs`; nothing is
    /// removed yet.
    ///
    /// # Errors
    /// If there is no manifest to tell that the folder is one of results, and something lies there
    /// that is none; or if a folder has the name of a file that would be removed.
    pub(super) fn plan(folder: &'f Folder, scenario: &Scenario, inputs: &Inputs) -> Result<Self> {
        let mut clearing = Self {
            folder,
            tables: tables_of(scenario),
            figures: BTreeSet::new(),
            inputs: BTreeSet::new(),
        };
        if !store::exists(folder.path()) {
            return Ok(clearing);
        }
        let former = former(folder)?;
        if let Some(former) = &former {
            let listed = former.get("tables").and_then(Value::as_object);
            let listed = listed.into_iter().flat_map(|tables| tables.keys());
            // A manifest that was tampered with must not lead out of the folder.
            clearing
                .tables
                .extend(listed.filter(|name| is_plain(name)).cloned());
            let copies = former.get("inputs").and_then(Value::as_object);
            let copies = copies.into_iter().flat_map(|copies| copies.values());
            let copies = copies.filter_map(Value::as_str);
            // The new results may be made from the copies of the former ones.
            let (copies, used) = (copies.filter(|name| is_plain(name)), inputs.names());
            clearing.inputs = copies.map(str::to_owned).collect();
            clearing.inputs.retain(|name| !used.contains(name));
            if let Ok(scenario) = reread(&former["scenario"]) {
                clearing.tables.append(&mut tables_of(&scenario));
                clearing.figures = figures_of(&scenario);
            }
        }
        if let (None, Some(told)) = (former, told(&folder.foreign(&clearing.tables)?)) {
            let what = format!("the folder is not known as a results folder, and {told} there too");
            return Err(Error::new(what)
                .at(folder.path().display())
                .help("move the other files away, or choose another folder with -o DIR"));
        }
        let is_folder = |name: &&String| store::is_folder(&folder.path().join(name));
        if let Some(name) = clearing.tables.iter().find(is_folder) {
            return Err(Error::new("there is a folder where a table should be")
                .at(folder.path().join(name).display())
                .help("move it away, or choose another folder with -o DIR"));
        }
        Ok(clearing)
    }

    /// Removes the results; the manifest goes last, so that a process that is killed meanwhile leaves
    /// a folder that is known for what it is.
    pub(super) fn carry_out(self) -> Result<()> {
        let path = self.folder.path();
        // A shard that is about to extend what is there must not bring it back.
        let _alone = self.folder.lock_manifest()?;
        for name in &self.figures {
            let files = self.folder.pictures(name);
            files.iter().try_for_each(|file| store::remove(file))?;
        }
        for name in &self.tables {
            store::remove(&path.join(name))?;
            self.folder.remove_copy(name)?;
        }
        for name in &self.inputs {
            store::remove(&path.join(INPUTS).join(name))?;
        }
        self.folder.remove_reports()?;
        Parts::clear(&self.folder.parts())?;
        store::remove(&path.join(Manifest::FILE))
    }
}

/// What the folder's manifest says, also that of another version; `None` if there is none that is
/// understood.
fn former(folder: &Folder) -> Result<Option<Value>> {
    let bytes = store::read_if_there(&folder.path().join(Manifest::FILE))?;
    let parsed = bytes.and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
    // `manifest.json` is the name of other programs' files too.
    let ours = |value: &Value| {
        ["version", "scenario", "tables"]
            .iter()
            .all(|member| value.get(member).is_some())
    };
    Ok(parsed.filter(ours))
}

/// The tables that a sweep of `scenario` may write.
pub(super) fn tables_of(scenario: &Scenario) -> BTreeSet<String> {
    let details = experiment::columns(scenario).details;
    let details = details.iter().map(|detail| format!("{}.csv", detail.name));
    let always = [
        SweepResults::RUNS,
        SweepResults::SUMMARY,
        SweepResults::FAILURES,
        PRECISION,
    ];
    details.chain(always.map(str::to_owned)).collect()
}

fn figures_of(scenario: &Scenario) -> BTreeSet<String> {
    let figures = Experiment::figures(scenario).into_iter();
    figures.map(|figure| figure.name).collect()
}

/// `a, b and 3 more lie`: the first of some names, to be told; `None` without names.
pub(super) fn told(names: &[String]) -> Option<String> {
    let shown = names.iter().take(NAMED_MAX).map(String::as_str);
    let shown = shown.collect::<Vec<_>>().join(", ");
    match names.len() {
        0 => None,
        1 => Some(format!("{shown} lies")),
        2..=NAMED_MAX => Some(format!("{shown} lie")),
        all => Some(format!("{shown} and {} more lie", all - NAMED_MAX)),
    }
}

impl Folder {
    /// What lies in the folder and is neither the manifest, nor pictures, parts or copies of inputs, nor
    /// one of `tables`.
    fn foreign(&self, tables: &BTreeSet<String>) -> Result<Vec<String>> {
        let mut names = store::list(self.path())?;
        let is_described = self.has_readme()?;
        names.retain(|name| {
            let ours = if store::is_folder(&self.path().join(name)) {
                [FIGURES, INPUTS, PARTS].contains(&name.as_str())
            } else {
                // A temporary file may be the plan that another shard is about to make.
                let made = [Manifest::FILE, Folder::REPORT, Folder::COMPARISON];
                made.contains(&name.as_str())
                    || is_described && name == Folder::README
                    || store::is_temporary(name)
                    || tables.contains(name)
                    || tables.iter().any(|table| Folder::parquet(table) == *name)
            };
            !ours
        });
        Ok(names)
    }

    /// Checks that the folder, which has no manifest, holds nothing: neither what is not ours, nor tables whose
    /// manifest is gone.
    pub(super) fn check_unused(&self, scenario: &Scenario) -> Result<()> {
        if !store::exists(self.path()) {
            return Ok(());
        }
        let tables = tables_of(scenario);
        let foreign = self.foreign(&tables)?;
        if let Some(told) = told(&foreign) {
            let what = format!("the folder is not empty and holds no results: {told} there");
            return Err(Error::new(what)
                .at(self.path().display())
                .help("choose another folder with -o DIR, or move the other files away"));
        }
        let mut left = store::list(self.path())?;
        left.retain(|name| tables.contains(name));
        match told(&left) {
            None => Ok(()),
            Some(told) => Err(self.refusal(format!("{told} there without a {}", Manifest::FILE))),
        }
    }
}
