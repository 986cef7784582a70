//! A sheet to draw on: a display list of filled and stroked paths, in logical pixels.
//!
//! Text becomes glyph outlines at once, so the list holds nothing but paths, and its two
//! encodings, SVG and PNG, look the same on a machine without any font. Coordinates are logical
//! pixels of 1/96 inch, x to the right and y downwards. A canvas can also serve as a backend of
//! `plotters`, in units of 1/[`UNITS_PER_PX`] pixel.
//!
//! It does *not* know charts, axes or legends, nor any file. Shapes that are not finite are left
//! out.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use tiny_skia::{Path, PathBuilder};

use super::svg::Written;
use super::{font, pdf, png, svg};

pub(super) use super::backend::UNITS_PER_PX;

/// Logical pixels an inch, as in CSS.
pub(super) const PX_PER_INCH: f32 = 96.0;

/// The scale of a PNG for print: 300 dots an inch.
pub const PRINT_SCALE: f32 = 300.0 / PX_PER_INCH;

/// The maximum width and height of a canvas, in logical pixels; the minimum is 1.
const SIDE_MAX: f32 = 8192.0;

/// A point of the sheet (x, y), in logical pixels.
pub(super) type Point = (f32, f32);

/// An opaque or translucent colour.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Colour {
    /// Red, green and blue (sRGB).
    pub rgb: [u8; 3],
    /// 1 is opaque, 0 invisible.
    pub opacity: f32,
}

impl Colour {
    /// Black.
    pub(crate) const BLACK: Self = Self::hex(0x00_00_00);
    /// White, the colour of the sheet.
    pub(crate) const WHITE: Self = Self::hex(0xff_ff_ff);

    /// The opaque colour written `0xRRGGBB`.
    pub(crate) const fn hex(rgb: u32) -> Self {
        Self {
            rgb: [(rgb >> 16) as u8, (rgb >> 8) as u8, rgb as u8],
            opacity: 1.0,
        }
    }

    /// This colour with another opacity.
    pub(crate) const fn opacity(self, opacity: f32) -> Self {
        Self { opacity, ..self }
    }
}

/// How a line is drawn. Joins are round; ends are cut off flat.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Stroke {
    /// The line's colour.
    pub colour: Colour,
    /// The line's width in logical pixels.
    pub width: f32,
    /// Lengths of dash and gap in turn, in logical pixels; empty for a solid line. An odd number
    /// of lengths counts as solid.
    pub dash: Vec<f32>,
}

impl Stroke {
    /// A solid line.
    pub(crate) const fn new(colour: Colour, width: f32) -> Self {
        Self {
            colour,
            width,
            dash: Vec::new(),
        }
    }

    /// This line with dashes.
    #[must_use]
    pub(crate) fn dashed(self, dash: &[f32]) -> Self {
        Self {
            dash: dash.to_vec(),
            ..self
        }
    }
}

/// Which point of a text sits at the given place, across.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Across {
    /// The left end.
    Left,
    /// The middle.
    Middle,
    /// The right end.
    Right,
}

/// Which point of a text sits at the given place, down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Down {
    /// The top of the capitals.
    Top,
    /// Half the height of the capitals.
    Middle,
    /// The line on which the letters stand.
    Baseline,
    /// The lowest descender.
    Bottom,
}

/// The direction of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    /// From left to right.
    None,
    /// From bottom to top.
    Up,
    /// From top to bottom.
    Downward,
    /// Upside down.
    Over,
}

/// How a text is set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct TextStyle {
    /// The em, in logical pixels; capitals are 0.73 of it high.
    pub size: f32,
    /// The letters' colour.
    pub colour: Colour,
    /// Bold letters.
    pub bold: bool,
    /// The anchor across, in the text's own direction.
    pub across: Across,
    /// The anchor down, in the text's own direction.
    pub down: Down,
    /// The text's direction, around its anchor.
    pub turn: Turn,
    /// The width of a white seam around the letters, so that they can be read on top of lines.
    pub halo: Option<f32>,
}

impl TextStyle {
    /// Black text of `size`, anchored at the left end of its baseline.
    pub(crate) const fn new(size: f32) -> Self {
        Self {
            size,
            colour: Colour::BLACK,
            bold: false,
            across: Across::Left,
            down: Down::Baseline,
            turn: Turn::None,
            halo: None,
        }
    }

    /// This style, anchored elsewhere.
    pub(crate) const fn anchored(self, across: Across, down: Down) -> Self {
        Self {
            across,
            down,
            ..self
        }
    }
}

/// What is done with a path.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Paint {
    /// Its inside is filled (non-zero winding).
    Fill(Colour),
    /// It is drawn as a line.
    Stroke(Stroke),
}

/// A sheet of paper with what has been drawn on it so far.
#[derive(Debug, Clone)]
pub struct Canvas {
    width: f32,
    height: f32,
    title: String,
    description: String,
    /// How many times as large as drawn the sheet is printed.
    scale: f32,
    items: Vec<(Path, Paint)>,
    /// The items that are texts, by their numbers; `None`: the seam of the text behind it.
    texts: BTreeMap<usize, Option<Written>>,
}

impl Canvas {
    /// A white sheet of `width` × `height` logical pixels (rounded to whole ones, and to at most
    /// 8192). `title` and `description` say in words what it shows, to those who cannot see it.
    pub(crate) fn new(width: f32, height: f32, title: &str, description: &str) -> Self {
        Self {
            width: side(width),
            height: side(height),
            title: title.into(),
            description: description.into(),
            scale: 1.0,
            items: Vec::new(),
            texts: BTreeMap::new(),
        }
    }

    /// This sheet, printed enlarged by the factor `scale`.
    #[must_use]
    pub(super) fn scaled(self, scale: f32) -> Self {
        Self { scale, ..self }
    }

    /// The sheet's width and height in logical pixels.
    pub(crate) fn size(&self) -> (f32, f32) {
        (self.width, self.height)
    }

    /// Fills `path`.
    pub(crate) fn fill(&mut self, path: Path, colour: Colour) {
        if colour.opacity > 0.0 {
            self.items.push((path, Paint::Fill(colour)));
        }
    }

    /// Draws `path` as a line.
    pub(crate) fn stroke(&mut self, path: Path, stroke: &Stroke) {
        if stroke.colour.opacity > 0.0 && stroke.width > 0.0 {
            self.items.push((path, Paint::Stroke(stroke.clone())));
        }
    }

    /// Fills and draws `path`, whichever is given; the line lies on top.
    pub(crate) fn shape(
        &mut self,
        path: Option<Path>,
        fill: Option<Colour>,
        outline: Option<&Stroke>,
    ) {
        let Some(path) = path else { return };
        if let Some(colour) = fill {
            self.fill(path.clone(), colour);
        }
        if let Some(stroke) = outline {
            self.stroke(path, stroke);
        }
    }

    /// A straight line.
    pub(crate) fn line(&mut self, from: Point, to: Point, stroke: &Stroke) {
        self.polyline(&[from, to], stroke);
    }

    /// A line through `points`.
    pub(crate) fn polyline(&mut self, points: &[Point], stroke: &Stroke) {
        self.shape(path_through(points, false), None, Some(stroke));
    }

    /// A closed shape with corners at `points`.
    pub(crate) fn polygon(
        &mut self,
        points: &[Point],
        fill: Option<Colour>,
        outline: Option<&Stroke>,
    ) {
        self.shape(path_through(points, true), fill, outline);
    }

    /// A rectangle given by two opposite corners.
    pub(crate) fn rectangle(
        &mut self,
        (x0, y0): Point,
        (x1, y1): Point,
        fill: Option<Colour>,
        outline: Option<&Stroke>,
    ) {
        self.polygon(&[(x0, y0), (x1, y0), (x1, y1), (x0, y1)], fill, outline);
    }

    /// A circle.
    pub(crate) fn circle(
        &mut self,
        centre: Point,
        radius: f32,
        fill: Option<Colour>,
        outline: Option<&Stroke>,
    ) {
        self.shape(circle(centre, radius), fill, outline);
    }

    /// One line of text whose anchor is `at`.
    pub(crate) fn text(&mut self, text: &str, at: Point, style: &TextStyle) {
        let Some(path) = font::outline(text, at, style) else {
            return;
        };
        if let Some(width) = style.halo {
            self.texts.insert(self.items.len(), None);
            let seam = Stroke::new(Colour::WHITE, 2.0 * width);
            self.stroke(path.clone(), &seam);
        }
        let written = Written {
            text: text.into(),
            at,
            style: *style,
        };
        self.texts.insert(self.items.len(), Some(written));
        self.fill(path, style.colour);
    }

    /// How wide `text` would be, in logical pixels.
    pub(crate) fn text_width(text: &str, style: &TextStyle) -> f32 {
        font::width(text, style)
    }

    /// The sheet as an SVG document: paths only, no text elements and no fonts.
    pub fn svg(&self) -> String {
        self.as_svg(true, false)
    }

    /// The sheet as an SVG document whose texts are text elements, to be edited and searched. Where the font is
    /// missing, another one is used.
    pub fn svg_with_text(&self) -> String {
        self.as_svg(true, true)
    }

    /// The sheet as SVG to be embedded in an HTML page that has its description beside it. It is hidden from
    /// screen readers and has no title.
    pub fn inline_svg(&self) -> String {
        self.as_svg(false, false)
    }

    fn as_svg(&self, is_described: bool, has_text: bool) -> String {
        let words = [&*self.title, &self.description];
        svg::encode(
            (self.width, self.height),
            self.scale,
            is_described.then_some(words),
            &self.items,
            has_text.then_some(&self.texts),
        )
    }

    /// The sheet as a PDF file of one page: paths only.
    pub fn pdf(&self) -> Vec<u8> {
        pdf::encode(
            (self.width, self.height),
            self.scale,
            &self.title,
            &self.items,
        )
    }

    /// The sheet as a PNG file with `scale` dots for a logical pixel ([`PRINT_SCALE`] for print),
    /// less where the picture would have more than 2²⁶ dots. The resolution is noted in the file.
    pub fn png(&self, scale: f32) -> Vec<u8> {
        png::encode((self.width, self.height), scale * self.scale, &self.items)
    }
}

/// A length that a side can have; 1 for what is not a number.
fn side(length: f32) -> f32 {
    if length.is_nan() {
        return 1.0;
    }
    length.round().clamp(1.0, SIDE_MAX)
}

/// The path from point to point, if there are two at least and all are finite.
pub(super) fn path_through(points: &[Point], closed: bool) -> Option<Path> {
    let (&(x, y), rest) = points.split_first()?;
    if rest.is_empty() {
        return None;
    }
    let mut builder = PathBuilder::with_capacity(points.len() + 1, points.len());
    builder.move_to(x, y);
    for &(x, y) in rest {
        builder.line_to(x, y);
    }
    if closed {
        builder.close();
    }
    builder.finish()
}

/// A circle of four cubic curves, exact to 0.03 % of the radius.
pub(super) fn circle((x, y): Point, radius: f32) -> Option<Path> {
    const HANDLE: f32 = 0.552_284_8;
    let (r, h) = (radius, radius * HANDLE);
    let mut builder = PathBuilder::new();
    builder.move_to(x + r, y);
    builder.cubic_to(x + r, y + h, x + h, y + r, x, y + r);
    builder.cubic_to(x - h, y + r, x - r, y + h, x - r, y);
    builder.cubic_to(x - r, y - h, x - h, y - r, x, y - r);
    builder.cubic_to(x + h, y - r, x + r, y - h, x + r, y);
    builder.close();
    builder.finish()
}
