//! The figures of a results folder, drawn into it.
//!
//! It does *not* know what a figure shows.

use std::path::{Path, PathBuf};

use super::folder::{FIGURES, Folder};
use crate::error::{Error, Result};
use crate::figures::{self, About, Drawing, Layout, PRINT_SCALE, Sheet};
use crate::measure::FigureSpec;
use crate::results::{Manifest, SweepResults};
use crate::store;

/// How figures are drawn.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Style {
    /// How each is laid out on its sheet.
    pub layout: Layout,
    /// Whether there is a PDF file of each beside SVG and PNG.
    pub pdf: bool,
    /// Whether the text of SVG files is text, and not outlines that need no font.
    pub svg_text: bool,
}

impl Folder {
    /// The files of a figure: SVG, PNG, PDF.
    pub(super) fn pictures(&self, name: &str) -> [PathBuf; 3] {
        let folder = self.path().join(FIGURES);
        ["svg", "png", "pdf"].map(|ending| folder.join(format!("{name}.{ending}")))
    }

    /// Draws the figures of a study, which lies in `results` and whose `manifest` is told, into the folder's
    /// `figures/`. Returns the reasons why some could not be drawn.
    ///
    /// # Errors
    /// If a figure does not fit its sheet, and then nothing is drawn; or if a picture cannot be written.
    pub fn put_figures(
        &self,
        study: &SweepResults,
        figures: &[FigureSpec],
        manifest: &Manifest,
        results: &Folder,
        style: Style,
    ) -> Result<Vec<String>> {
        if figures.is_empty() {
            return Ok(Vec::new());
        }
        let constants = figures::constants_in_words(&manifest.constants);
        let about = About {
            name: manifest.scenario["name"].as_str().unwrap_or_default(),
            constants: &constants,
        };
        let sheet = |spec: &FigureSpec| {
            let drawing = figures::sheet(spec, study, about, style.layout);
            drawing.map_err(|error| located(error, &spec.name, results.path()))
        };
        let drawings: Vec<Drawing<Sheet>> = figures.iter().map(sheet).collect::<Result<_>>()?;
        store::make_folder(&self.path().join(FIGURES))?;
        let mut unfit: Vec<(String, Vec<&str>)> = Vec::new();
        let (mut unasked, mut any) = (Vec::new(), false);
        for (spec, drawing) in figures.iter().zip(drawings) {
            match drawing {
                Drawing::Picture(sheet) => {
                    self.put_picture(&spec.name, &sheet, style)?;
                    any = true;
                    continue;
                }
                Drawing::Unfit(why) => note(&mut unfit, why, &spec.name),
                Drawing::Unasked(why) => note(&mut unasked, why, &spec.name),
                Drawing::Absent => {}
            }
            // A picture of former results must not pass for one of these.
            let files = self.pictures(&spec.name);
            files.iter().try_for_each(|file| store::remove(file))?;
        }
        // What nobody asked for is news only if there is no other.
        if !any && unfit.is_empty() {
            unfit.append(&mut unasked);
        }
        let told = unfit.into_iter().map(|(why, names)| match &names[..] {
            [name] => format!("figure {name} is not drawn: {why}"),
            names => format!("figures {} are not drawn: {why}", names.join(", ")),
        });
        Ok(told.collect())
    }

    fn put_picture(&self, name: &str, sheet: &Sheet, style: Style) -> Result<()> {
        let [svg, png, pdf] = self.pictures(name);
        let canvas = &sheet.canvas;
        let text = if style.svg_text {
            canvas.svg_with_text()
        } else {
            canvas.svg()
        };
        store::replace(&svg, text.as_bytes())?;
        store::replace(&png, &canvas.png(PRINT_SCALE))?;
        if style.pdf {
            return store::replace(&pdf, &canvas.pdf());
        }
        // One of another style would not show the same.
        store::remove(&pdf)
    }
}

/// Notes that the figure `name` is not drawn, and why, beside those of the same reason.
fn note<'a>(unfit: &mut Vec<(String, Vec<&'a str>)>, why: String, name: &'a str) {
    match unfit.iter_mut().find(|(reason, _)| *reason == why) {
        Some((_, names)) => names.push(name),
        None => unfit.push((why, vec![name])),
    }
}

/// An error in a table of the folder at `results`, with the `figure` that shows what is wrong; another error
/// as it is.
fn located(error: Error, figure: &str, results: &Path) -> Error {
    let (place, what, help) = error.into_parts();
    let located = match place {
        Some(place) => Error::new(format!("figure {figure}: {what}"))
            .at(place)
            .within(results.display()),
        None => Error::new(what),
    };
    match help {
        Some(help) => located.help(help),
        None => located,
    }
}
