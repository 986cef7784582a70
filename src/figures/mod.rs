//! Pictures: what was measured, drawn for people.
//!
//! [`draw`] makes a figure of a study: [`measure`](crate::measure) says how it wants to look,
//! `arrange` finds each point's place in it, `compose` computes the numbers of its `plot`, `chart`
//! lays them out on a [`Canvas`], a sheet to draw on that is written as SVG and as PNG from one
//! display list and needs no font on the machine. This room does *not* know what was simulated, nor
//! does it simulate: every figure is drawn from results alone, and the same results give the same
//! bytes.

mod arrange;
mod axes;
mod backend;
mod bands;
mod beside;
mod canvas;
mod chart;
mod compose;
mod font;
mod given;
mod labels;
mod legend;
mod lookup;
mod names;
mod palette;
mod panel;
mod plot;
mod png;
pub mod sequence;
mod shown;
pub mod states;
mod svg;
mod text;
mod ticks;
mod time_series;
mod topology;

pub use canvas::{Canvas, PRINT_SCALE};
pub use shown::Shown;
pub use topology::draw as draw_topology;

use crate::error::Result;
use crate::measure::FigureSpec;
use crate::results::SweepResults;
use plot::Trouble;

/// A figure in its two encodings.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    /// The SVG document: paths only, so that it needs no fonts.
    pub svg: String,
    /// The PNG file, with 300 dots an inch.
    pub png: Vec<u8>,
}

/// What came of a figure.
#[derive(Debug, Clone, PartialEq)]
pub enum Drawing {
    /// It was drawn.
    Picture(Picture),
    /// The study is sound but this figure cannot show it; the text says why. It follows "the
    /// figure X is not drawn:".
    Unfit(String),
    /// The same, but nobody asked for it: it is a standard figure against an axis that the study
    /// does not sweep.
    Unasked(String),
    /// The study does without what is shown in it (it has no classes, say), and nobody asked for it.
    Absent,
}

/// Draws the figure `spec` of the results `study` of the scenario called `name`.
///
/// A figure has at most 24 curves in a panel, which differ in colour, dash and marker (more than eight
/// long ones in colour alone), and 15 panels; of more, nothing is drawn, but for groups of a detail table, of which the first 24 are.
///
/// Fails if the results lack a column or table that the figure shows, hold a group twice, or a
/// word where a number is plotted.
pub fn draw(spec: &FigureSpec, study: &SweepResults, name: &str) -> Result<Drawing> {
    let plot = match compose::compose(spec, study) {
        Ok(plot) => plot,
        Err(Trouble::Unfit(why)) => return Ok(Drawing::Unfit(why)),
        Err(Trouble::Unasked(why)) => return Ok(Drawing::Unasked(why)),
        Err(Trouble::Absent) => return Ok(Drawing::Absent),
        Err(Trouble::Broken(error)) => return Err(error),
    };
    let canvas = chart::draw(spec, &plot, name)?;
    Ok(Drawing::Picture(Picture {
        svg: canvas.svg(),
        png: canvas.png(PRINT_SCALE),
    }))
}
