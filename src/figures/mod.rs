//! Pictures: what was measured, drawn for people.
//!
//! [`draw`] makes a figure of a study: [`measure`](crate::measure) says how it wants to look,
//! `arrange` finds each point's place in it, `compose` computes the numbers of its `plot`, `chart`
//! lays them out on a [`Canvas`], a sheet to draw on that is written as SVG and as PNG from one
//! display list and needs no font on the machine. This room does *not* know what was simulated, nor
//! does it simulate: every figure is drawn from results alone, and the same results give the same
//! bytes.

mod across;
mod arrange;
mod axes;
mod backend;
mod bands;
mod beside;
mod canvas;
mod categories;
mod chart;
mod compose;
mod constants;
mod font;
mod given;
mod labels;
mod layout;
mod legend;
mod lookup;
mod names;
mod pairs;
mod palette;
mod panel;
mod pdf;
mod plot;
mod png;
mod point_names;
pub mod sequence;
mod sheet;
mod shown;
pub mod states;
mod svg;
mod symbols;
mod text;
mod ticks;
mod time_series;
mod topology;

pub use canvas::{Canvas, PRINT_SCALE};
pub use constants::constants_in_words;
pub use layout::Layout;
pub use point_names::PointNames;
pub use sheet::{PlottedPoint, Sheet};
pub use shown::Shown;
pub use topology::draw as draw_topology;

use crate::error::Result;
use crate::measure::FigureSpec;
use crate::results::SweepResults;
use plot::{Plot, Trouble};

/// A figure in its two encodings.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    /// The SVG document: paths only, so that it needs no fonts.
    pub svg: String,
    /// The PNG file, with 300 dots an inch.
    pub png: Vec<u8>,
}

/// What captions say of a study as a whole.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// The scenario's name.
    pub name: &'a str,
    /// What is the same at all points, in words; empty: nothing is said of it.
    pub constants: &'a str,
}

impl<'a> About<'a> {
    /// A study of which only the name is said.
    pub fn named(name: &'a str) -> Self {
        Self {
            name,
            constants: "",
        }
    }
}

/// What came of a figure.
#[derive(Debug, Clone, PartialEq)]
pub enum Drawing<T = Picture> {
    /// It was drawn.
    Picture(T),
    /// The study is sound but this figure cannot show it; the text says why. It follows "the
    /// figure X is not drawn:".
    Unfit(String),
    /// This figure cannot show the study, but nobody asked for it: it is a standard figure against an axis that
    /// the study does not sweep.
    Unasked(String),
    /// The study lacks what the figure shows (it has no classes, for example), and nobody asked for it.
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
    Ok(
        match sheet(spec, study, About::named(name), Layout::default())? {
            Drawing::Picture(sheet) => Drawing::Picture(Picture {
                svg: sheet.canvas.svg(),
                png: sheet.canvas.png(PRINT_SCALE),
            }),
            Drawing::Unfit(why) => Drawing::Unfit(why),
            Drawing::Unasked(why) => Drawing::Unasked(why),
            Drawing::Absent => Drawing::Absent,
        },
    )
}

/// Draws a figure as a sheet that can be encoded in several ways, with the values of its points.
///
/// Fails as [`draw`] does, and if the layout is too narrow for the figure.
pub fn sheet(
    spec: &FigureSpec,
    study: &SweepResults,
    about: About<'_>,
    layout: Layout,
) -> Result<Drawing<Sheet>> {
    match composed(spec, study)? {
        Drawing::Picture(plot) => chart::draw(spec, &plot, about, layout).map(Drawing::Picture),
        Drawing::Unfit(why) => Ok(Drawing::Unfit(why)),
        Drawing::Unasked(why) => Ok(Drawing::Unasked(why)),
        Drawing::Absent => Ok(Drawing::Absent),
    }
}

/// A figure of two studies, each given with its figure, on two sheets with one scale of the y axis; `None`: one of them
/// cannot be drawn.
///
/// Fails as [`sheet`] does.
pub fn sheets_alike(
    sides: [(&FigureSpec, &SweepResults, About<'_>); 2],
    layout: Layout,
) -> Result<Option<[Sheet; 2]>> {
    let [(a, in_a, about_a), (b, in_b, about_b)] = sides;
    let (Drawing::Picture(mut one), Drawing::Picture(mut other)) =
        (composed(a, in_a)?, composed(b, in_b)?)
    else {
        return Ok(None);
    };
    let logarithmic = one.logarithmic[1] && other.logarithmic[1];
    let ends = [&one, &other].map(axes::y_extent);
    (one.also, other.also) = (ends[1], ends[0]);
    (one.logarithmic[1], other.logarithmic[1]) = (logarithmic, logarithmic);
    let one = chart::draw(a, &one, about_a, layout)?;
    let other = chart::draw(b, &other, about_b, layout)?;
    Ok(Some([one, other]))
}

fn composed(spec: &FigureSpec, study: &SweepResults) -> Result<Drawing<Plot>> {
    match compose::compose(spec, study) {
        Ok(plot) => Ok(Drawing::Picture(plot)),
        Err(Trouble::Unfit(why)) => Ok(Drawing::Unfit(why)),
        Err(Trouble::Unasked(why)) => Ok(Drawing::Unasked(why)),
        Err(Trouble::Absent) => Ok(Drawing::Absent),
        Err(Trouble::Broken(error)) => Err(error),
    }
}
