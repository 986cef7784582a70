//! Text to outlines, with an embedded font (DejaVu Sans 2.37), so that pictures need no font.
//!
//! The font comes with the crate `dejavu`; its licence, that of Bitstream Vera and Arev, allows it
//! to be embedded and passed on with this program.
//!
//! Letters are set one after another with pair kerning, from left to right; a character that the
//! font lacks shows as its empty box. This module does *not* break lines.

use skrifa::instance::{LocationRef, Size};
use skrifa::metrics::GlyphMetrics;
use skrifa::outline::{DrawSettings, OutlineGlyphCollection, OutlinePen};
use skrifa::raw::TableProvider;
use skrifa::raw::tables::kern::SubtableKind;
use skrifa::{FontRef, GlyphId, MetadataProvider};
use tiny_skia::{Path, PathBuilder};

use super::canvas::{Across, Down, Point, TextStyle, Turn};

/// The height of capitals and the depth of descenders, as shares of the em (DejaVu Sans).
pub(super) const CAPITALS: f32 = 0.73;
const DESCENDERS: f32 = 0.24;

/// One of the two embedded fonts, unscaled: all numbers are in its own units.
struct Face {
    font: FontRef<'static>,
    metrics: GlyphMetrics<'static>,
    outlines: OutlineGlyphCollection<'static>,
    kerning: Option<SubtableKind<'static>>,
    units_per_em: f32,
}

/// The outline of `text` with its anchor at `at`; none if there is nothing to see.
pub(super) fn outline(text: &str, at: Point, style: &TextStyle) -> Option<Path> {
    let face = Face::of(style);
    let scale = style.size / face.units_per_em;
    let shift_across = match style.across {
        Across::Left => 0.0,
        Across::Middle => -width(text, style) / 2.0,
        Across::Right => -width(text, style),
    };
    let shift_down = baseline(style);
    let mut pen = Pen {
        builder: PathBuilder::new(),
        at,
        turn: style.turn,
        scale,
        origin: (shift_across, shift_down),
    };
    for (glyph, advance) in face.glyphs(text) {
        face.draw(glyph, &mut pen);
        pen.origin.0 += advance * scale;
    }
    pen.builder.finish()
}

/// How far the line on which the letters stand is below the anchor, in the text's own direction.
pub(super) fn baseline(style: &TextStyle) -> f32 {
    match style.down {
        Down::Top => CAPITALS * style.size,
        Down::Middle => CAPITALS * style.size / 2.0,
        Down::Baseline => 0.0,
        Down::Bottom => -DESCENDERS * style.size,
    }
}

/// How wide `text` is, in logical pixels.
pub(super) fn width(text: &str, style: &TextStyle) -> f32 {
    let face = Face::of(style);
    let units: f32 = face.glyphs(text).map(|(_, advance)| advance).sum();
    units * style.size / face.units_per_em
}

impl Face {
    fn of(style: &TextStyle) -> Self {
        let bytes = if style.bold {
            dejavu::sans::bold()
        } else {
            dejavu::sans::regular()
        };
        let font = FontRef::new(bytes).expect("the embedded font is a sound one");
        let (size, location) = (Size::unscaled(), LocationRef::default());
        Self {
            kerning: pairs(&font),
            units_per_em: font.metrics(size, location).units_per_em.into(),
            metrics: font.glyph_metrics(size, location),
            outlines: font.outline_glyphs(),
            font,
        }
    }

    /// The glyphs of `text` and how far each moves the next one on.
    fn glyphs(&self, text: &str) -> impl Iterator<Item = (GlyphId, f32)> {
        let letters = self.font.charmap();
        let mut glyphs = text
            .chars()
            .map(move |letter| letters.map(letter).unwrap_or(GlyphId::NOTDEF))
            .peekable();
        std::iter::from_fn(move || {
            let glyph = glyphs.next()?;
            let advance = self.metrics.advance_width(glyph).unwrap_or(0.0);
            let kerning = glyphs.peek().map_or(0, |&next| self.kerning(glyph, next));
            Some((glyph, advance + kerning as f32))
        })
    }

    fn kerning(&self, left: GlyphId, right: GlyphId) -> i32 {
        match &self.kerning {
            Some(SubtableKind::Format0(pairs)) => pairs.kerning(left, right).unwrap_or(0),
            _ => 0,
        }
    }

    /// Draws a glyph; one without an outline, such as a space, draws nothing.
    fn draw(&self, glyph: GlyphId, pen: &mut Pen) {
        if let Some(outline) = self.outlines.get(glyph) {
            let settings = DrawSettings::unhinted(Size::unscaled(), LocationRef::default());
            outline
                .draw(settings, pen)
                .expect("the embedded font's outlines are sound");
        }
    }
}

/// The font's one table of horizontal kerning.
fn pairs<'a>(font: &FontRef<'a>) -> Option<SubtableKind<'a>> {
    let tables = font.kern().ok()?.subtables();
    let mut tables = tables.filter_map(Result::ok);
    tables
        .find(skrifa::raw::tables::kern::Subtable::is_horizontal)?
        .kind()
        .ok()
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

impl OutlinePen for Pen {
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
