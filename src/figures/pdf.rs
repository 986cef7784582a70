//! A display list as a PDF file of one page: paths only, so that it needs no fonts.
//!
//! The same list gives the same bytes: the file names no time and no program.

use std::collections::BTreeMap;
use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use pdf_writer::types::{LineCapStyle, LineJoinStyle};
use pdf_writer::{Content, Filter, Finish, Name, Pdf, Rect, Ref, TextStr};
use tiny_skia::{Path, PathSegment, Point};

use super::canvas::{Colour, PX_PER_INCH, Paint, Stroke};

/// Points an inch.
const PT_PER_INCH: f32 = 72.0;

/// The objects of the file.
const CATALOG: Ref = Ref::new(1);
const PAGES: Ref = Ref::new(2);
const PAGE: Ref = Ref::new(3);
const CONTENT: Ref = Ref::new(4);
const INFO: Ref = Ref::new(5);
/// The first of those of opacities.
const OPACITIES: i32 = 6;

/// A sheet of `width` × `height` logical pixels, printed `scale` times as large, as a PDF file.
pub(super) fn encode(
    (width, height): (f32, f32),
    scale: f32,
    title: &str,
    items: &[(Path, Paint)],
) -> Vec<u8> {
    let per_px = scale * PT_PER_INCH / PX_PER_INCH;
    let mut content = Content::new();
    // Upwards is positive in PDF.
    content.transform([per_px, 0.0, 0.0, -per_px, 0.0, height * per_px]);
    content.set_line_join(LineJoinStyle::RoundJoin);
    content.set_line_cap(LineCapStyle::ButtCap);
    let mut opacities = Opacities::default();
    for (path, paint) in items {
        match paint {
            Paint::Fill(colour) => {
                let [r, g, b] = shares(*colour);
                content.set_parameters(Name(opacities.name(colour.opacity).as_bytes()));
                content.set_fill_rgb(r, g, b);
                draw(&mut content, path);
                content.fill_nonzero();
            }
            Paint::Stroke(stroke) => {
                set_stroke(&mut content, stroke);
                content.set_parameters(Name(opacities.name(stroke.colour.opacity).as_bytes()));
                draw(&mut content, path);
                content.stroke();
            }
        }
    }
    let packed = packed(&content.finish());

    let mut pdf = Pdf::new();
    pdf.catalog(CATALOG).pages(PAGES);
    pdf.pages(PAGES).kids([PAGE]).count(1);
    pdf.document_info(INFO).title(TextStr(title));
    let mut page = pdf.page(PAGE);
    page.parent(PAGES);
    page.media_box(Rect::new(0.0, 0.0, width * per_px, height * per_px));
    page.contents(CONTENT);
    let mut resources = page.resources();
    let mut states = resources.ext_g_states();
    for (number, _) in opacities.known() {
        let name = format!("o{number}");
        states.pair(Name(name.as_bytes()), Ref::new(OPACITIES + number));
    }
    states.finish();
    resources.finish();
    page.finish();
    pdf.stream(CONTENT, &packed).filter(Filter::FlateDecode);
    for (number, opacity) in opacities.known() {
        let mut state = pdf.ext_graphics(Ref::new(OPACITIES + number));
        state.non_stroking_alpha(opacity).stroking_alpha(opacity);
    }
    pdf.finish()
}

/// The opacities that occur, in hundredths, each with its number.
#[derive(Default)]
struct Opacities(BTreeMap<u32, i32>);

impl Opacities {
    /// The name of an opacity.
    fn name(&mut self, opacity: f32) -> String {
        let hundredths = (opacity.clamp(0.0, 1.0) * 100.0).round() as u32;
        // There are at most 101.
        let next = i32::try_from(self.0.len()).unwrap_or(i32::MAX);
        format!("o{}", self.0.entry(hundredths).or_insert(next))
    }

    fn known(&self) -> impl Iterator<Item = (i32, f32)> {
        self.0
            .iter()
            .map(|(&hundredths, &number)| (number, hundredths as f32 / 100.0))
    }
}

fn shares(colour: Colour) -> [f32; 3] {
    colour.rgb.map(|part| f32::from(part) / 255.0)
}

fn set_stroke(content: &mut Content, stroke: &Stroke) {
    let [r, g, b] = shares(stroke.colour);
    content.set_stroke_rgb(r, g, b);
    content.set_line_width(stroke.width);
    let is_dashed = stroke.dash.len() >= 2 && stroke.dash.len().is_multiple_of(2);
    let dash = if is_dashed { &stroke.dash[..] } else { &[] };
    content.set_dash_pattern(dash.iter().copied(), 0.0);
}

/// Adds a path to the page; curves of the second degree become ones of the third, the same curves.
fn draw(content: &mut Content, path: &Path) {
    let mut now = Point::zero();
    for segment in path.segments() {
        match segment {
            PathSegment::MoveTo(p) => {
                content.move_to(hundredths(p.x), hundredths(p.y));
                now = p;
            }
            PathSegment::LineTo(p) => {
                content.line_to(hundredths(p.x), hundredths(p.y));
                now = p;
            }
            PathSegment::QuadTo(c, p) => {
                let third = |from: Point| {
                    let [x, y] =
                        [(from.x, c.x), (from.y, c.y)].map(|(a, b)| a + (b - a) * 2.0 / 3.0);
                    [hundredths(x), hundredths(y)]
                };
                let ([x1, y1], [x2, y2]) = (third(now), third(p));
                content.cubic_to(x1, y1, x2, y2, hundredths(p.x), hundredths(p.y));
                now = p;
            }
            PathSegment::CubicTo(first, second, p) => {
                let [x1, y1] = [first.x, first.y].map(hundredths);
                let [x2, y2] = [second.x, second.y].map(hundredths);
                content.cubic_to(x1, y1, x2, y2, hundredths(p.x), hundredths(p.y));
                now = p;
            }
            PathSegment::Close => {
                content.close_path();
            }
        }
    }
}

/// A coordinate in hundredths of a logical pixel, which make a file small.
fn hundredths(value: f32) -> f32 {
    (value * 100.0).round() / 100.0
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let sound = "memory takes any bytes";
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect(sound);
    encoder.finish().expect(sound)
}
