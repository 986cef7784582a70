//! Text to outlines, with an embedded font (DejaVu Sans 2.37), so that pictures need no font.
//!
//! The font comes with the crate `dejavu`; its licence, that of Bitstream Vera and Arev, allows it
//! to be embedded and passed on with this program.
//!
//! Letters are set one after another with pair kerning, from left to right; a character that the
//! font lacks shows as its empty box. This module does *not* break lines.

use tiny_skia::{Path, PathBuilder};
use ttf_parser::{Face, GlyphId, OutlineBuilder};

use super::canvas::{Across, Down, Point, TextStyle, Turn};

/// The height of capitals and the depth of descenders, as shares of the em (DejaVu Sans).
pub(super) const CAPITALS: f32 = 0.73;
const DESCENDERS: f32 = 0.24;

/// The outline of `text` with its anchor at `at`; none if there is nothing to see.
pub(super) fn outline(text: &str, at: Point, style: &TextStyle) -> Option<Path> {
    let face = face(style.bold);
    let scale = style.size / f32::from(face.units_per_em());
    let shift_across = match style.across {
        Across::Left => 0.0,
        Across::Middle => -width(text, style) / 2.0,
        Across::Right => -width(text, style),
    };
    let shift_down = match style.down {
        Down::Top => CAPITALS * style.size,
        Down::Middle => CAPITALS * style.size / 2.0,
        Down::Baseline => 0.0,
        Down::Bottom => -DESCENDERS * style.size,
    };
    let mut pen = Pen {
        builder: PathBuilder::new(),
        at,
        turn: style.turn,
        scale,
        origin: (shift_across, shift_down),
    };
    for (glyph, advance) in glyphs(text, &face) {
        face.outline_glyph(glyph, &mut pen);
        pen.origin.0 += advance * scale;
    }
    pen.builder.finish()
}

/// How wide `text` is, in logical pixels.
pub(super) fn width(text: &str, style: &TextStyle) -> f32 {
    let face = face(style.bold);
    let units: f32 = glyphs(text, &face).map(|(_, advance)| advance).sum();
    units * style.size / f32::from(face.units_per_em())
}

fn face(bold: bool) -> Face<'static> {
    let bytes = if bold {
        dejavu::sans::bold()
    } else {
        dejavu::sans::regular()
    };
    Face::parse(bytes, 0).expect("the embedded font is a sound one")
}

/// The glyphs of `text` and how far each moves the next one on, in font units.
fn glyphs(text: &str, face: &Face<'_>) -> impl Iterator<Item = (GlyphId, f32)> {
    let mut glyphs = text
        .chars()
        .map(|letter| face.glyph_index(letter).unwrap_or(GlyphId(0)))
        .peekable();
    std::iter::from_fn(move || {
        let glyph = glyphs.next()?;
        let advance = f32::from(face.glyph_hor_advance(glyph).unwrap_or(0));
        let kerning = glyphs.peek().map_or(0, |&next| kerning(face, glyph, next));
        Some((glyph, advance + f32::from(kerning)))
    })
}

fn kerning(face: &Face<'_>, left: GlyphId, right: GlyphId) -> i16 {
    let Some(table) = face.tables().kern else {
        return 0;
    };
    table
        .subtables
        .into_iter()
        .filter(|subtable| subtable.horizontal && !subtable.variable)
        .find_map(|subtable| subtable.glyphs_kerning(left, right))
        .unwrap_or(0)
}

/// Draws glyphs, given in font units with y upwards, at a place and in a direction of the sheet.
struct Pen {
    builder: PathBuilder,
    at: Point,
    turn: Turn,
    scale: f32,
    /// The glyph's origin in the text's own frame, relative to the anchor.
    origin: Point,
}

impl Pen {
    fn place(&self, x: f32, y: f32) -> Point {
        let (across, down) = (
            self.origin.0 + x * self.scale,
            self.origin.1 - y * self.scale,
        );
        let (dx, dy) = match self.turn {
            Turn::None => (across, down),
            Turn::Up => (down, -across),
            Turn::Downward => (-down, across),
            Turn::Over => (-across, -down),
        };
        (self.at.0 + dx, self.at.1 + dy)
    }
}

impl OutlineBuilder for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.place(x, y);
        self.builder.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.place(x, y);
        self.builder.line_to(x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let ((x1, y1), (x, y)) = (self.place(x1, y1), self.place(x, y));
        self.builder.quad_to(x1, y1, x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let ((x1, y1), (x2, y2), (x, y)) =
            (self.place(x1, y1), self.place(x2, y2), self.place(x, y));
        self.builder.cubic_to(x1, y1, x2, y2, x, y);
    }

    fn close(&mut self) {
        self.builder.close();
    }
}
