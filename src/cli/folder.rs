//! A results folder: may it be used, and putting a study and its pictures into it.
//!
//! The manifest is removed before anything else is replaced and written after everything else, so
//! a folder that was left half-written has none.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::error::{Error, Result};
use crate::figures::{self, Drawing};
use crate::measure::FigureSpec;
use crate::results::{Manifest, Study};
use crate::scenario::Scenario;
use crate::statistics;
use crate::store;

/// A folder in which results lie or will lie.
#[derive(Debug)]
pub(super) struct Folder(PathBuf);

impl Folder {
    /// The folder at `path`.
    pub(super) fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// Makes the folder ready for the results of `scenario` at the points picked by `filters`, or
    /// says why it cannot be used. With `overwrite`, the results of another scenario may go.
    pub(super) fn claim(
        &self,
        scenario: &Scenario,
        filters: &[String],
        overwrite: bool,
    ) -> Result<()> {
        if store::exists(&self.0) && !store::is_folder(&self.0) {
            return Err(
                Error::new("a file stands where the results folder should be")
                    .at(self.0.display())
                    .help("choose another folder with -o DIR"),
            );
        }
        if store::exists(&self.0) && !overwrite {
            self.check_former(scenario, filters)?;
        }
        store::make_folder(&self.0.join("figures"))?;
        store::check_writable(&self.0)
    }

    fn check_former(&self, scenario: &Scenario, filters: &[String]) -> Result<()> {
        let refuse = |what: &str| {
            Error::new(what).at(self.0.display()).help(
                "choose another folder with -o DIR, or replace what is there with --overwrite",
            )
        };
        if !store::exists(&self.0.join(Manifest::FILE)) {
            return if store::is_empty_folder(&self.0)? {
                Ok(())
            } else {
                Err(refuse(
                    "the folder is not empty and holds no complete results",
                ))
            };
        }
        let former = self.manifest()?;
        let same =
            reread(&former.scenario).is_ok_and(|former| former.identity() == scenario.identity());
        if !same {
            return Err(refuse("the folder holds the results of another scenario"));
        }
        if former.filters != filters {
            return Err(refuse(
                "the folder holds the results of other points (--filter)",
            ));
        }
        Ok(())
    }

    /// The provenance of the results that are there.
    pub(super) fn manifest(&self) -> Result<Manifest> {
        let path = self.0.join(Manifest::FILE);
        Manifest::decode(&store::read(&path)?).map_err(|error| error.at(path.display()))
    }

    /// Puts a study into the folder, its tables first, then its figures, then the manifest.
    /// Returns the reasons why some figures could not be drawn.
    pub(super) fn put(
        &self,
        study: &Study,
        figures: &[FigureSpec],
        manifest: &Manifest,
    ) -> Result<Vec<String>> {
        store::remove(&self.0.join(Manifest::FILE))?;
        let summary = statistics::summary(study);
        for (name, bytes) in study.encode(&summary) {
            store::replace(&self.0.join(name), &bytes)?;
        }
        let name = manifest.scenario["name"].as_str().unwrap_or_default();
        let unfit = self.put_figures(study, figures, name)?;
        store::replace(&self.0.join(Manifest::FILE), &manifest.encode())?;
        Ok(unfit)
    }

    /// Draws the figures of a study into the folder's `figures/`. Returns the reasons why some
    /// could not be drawn.
    pub(super) fn put_figures(
        &self,
        study: &Study,
        figures: &[FigureSpec],
        name: &str,
    ) -> Result<Vec<String>> {
        let folder = self.0.join("figures");
        store::make_folder(&folder)?;
        let mut unfit = Vec::new();
        for spec in figures {
            let [svg, png] = ["svg", "png"].map(|e| folder.join(format!("{}.{e}", spec.name)));
            match figures::draw(spec, study, name)? {
                Drawing::Picture(picture) => {
                    store::replace(&svg, picture.svg.as_bytes())?;
                    store::replace(&png, &picture.png)?;
                }
                Drawing::Unfit(why) => {
                    // A picture of former results must not pass for one of these.
                    store::remove(&svg)?;
                    store::remove(&png)?;
                    unfit.push(format!("figure {} is not drawn: {why}", spec.name));
                }
            }
        }
        Ok(unfit)
    }

    /// The study that lies in the folder, with these detail tables.
    pub(super) fn study(&self, details: &[&str]) -> Result<Study> {
        let read = |name: &str| store::read(&self.0.join(format!("{name}.csv")));
        let runs = read("runs")?;
        let tables: Vec<(&str, Vec<u8>)> = details
            .iter()
            .map(|&name| Ok((name, read(name)?)))
            .collect::<Result<_>>()?;
        let details: Vec<(&str, &[u8])> = tables
            .iter()
            .map(|(name, bytes)| (*name, bytes.as_slice()))
            .collect();
        Study::decode(&runs, &details).map_err(|error| error.at(self.0.display()))
    }
}

/// A scenario as a manifest keeps it, read again.
pub(super) fn reread(effective: &Value) -> Result<Scenario> {
    Scenario::parse(&effective.to_string(), "the manifest's scenario", &[])
}
