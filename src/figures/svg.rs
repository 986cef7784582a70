//! A display list as an SVG 1.1 document, of paths alone or with its texts as texts.
//!
//! Coordinates are written relative to the last point in hundredths of a logical pixel, counted
//! in integers, so that rounding never adds up and the bytes depend on nothing but the list.

use std::collections::BTreeMap;
use std::fmt::Write;

use tiny_skia::{Path, PathSegment, Point};

use super::canvas::{Across, Colour, Paint, Stroke, TextStyle, Turn};
use super::font;

use crate::words::WRITES;

/// The fonts of texts, the one that outlines are of first.
const FONTS: &str = "DejaVu Sans, Verdana, sans-serif";

/// A text of the display list, whose outline one of its items is.
#[derive(Debug, Clone)]
pub(super) struct Written {
    pub(super) text: String,
    /// Where its anchor is.
    pub(super) at: (f32, f32),
    pub(super) style: TextStyle,
}

pub(super) fn encode(
    (width, height): (f32, f32),
    scale: f32,
    words: Option<[&str; 2]>,
    items: &[(Path, Paint)],
    texts: Option<&BTreeMap<usize, Option<Written>>>,
) -> String {
    let (across, down) = (width * scale, height * scale);
    let mut svg = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" width="{across}" height="{down}" viewBox="0 0 {width} {height}" "#
    );
    match words.map(|words| words.map(escaped)) {
        Some([title, description]) => write!(
            svg,
            r#"role="img" aria-labelledby="title desc">
<title id="title">{title}</title>
<desc id="desc">{description}</desc>
"#
        )
        .expect(WRITES),
        None => svg.push_str("aria-hidden=\"true\" focusable=\"false\">\n"),
    }
    write!(
        svg,
        r##"<rect width="{width}" height="{height}" fill="#ffffff"/>
<g fill="none" stroke-linejoin="round">
"##
    )
    .expect(WRITES);
    for (i, (path, paint)) in items.iter().enumerate() {
        match texts.and_then(|texts| texts.get(&i)) {
            None => {}
            Some(seam_or_text) => {
                if let Some(written) = seam_or_text {
                    text_element(&mut svg, written);
                }
                continue;
            }
        }
        svg.push_str("<path ");
        match paint {
            Paint::Fill(colour) => colour_attributes(&mut svg, "fill", *colour),
            Paint::Stroke(stroke) => stroke_attributes(&mut svg, stroke),
        }
        svg.push_str(" d=\"");
        path_data(&mut svg, path);
        svg.push_str("\"/>\n");
    }
    svg.push_str("</g>\n</svg>\n");
    svg
}

/// A text as an element. Its seam is drawn below it.
fn text_element(svg: &mut String, written: &Written) {
    let (Written { text, at, style }, text_down) = (written, font::baseline(&written.style));
    let turn = match style.turn {
        Turn::None => 0,
        Turn::Up => -90,
        Turn::Downward => 90,
        Turn::Over => 180,
    };
    let anchor = match style.across {
        Across::Left => "start",
        Across::Middle => "middle",
        Across::Right => "end",
    };
    svg.push_str("<text transform=\"translate(");
    number(svg, hundredths(at.0));
    svg.push(' ');
    number(svg, hundredths(at.1));
    if turn == 0 {
        svg.push_str(")\" y=\"");
    } else {
        write!(svg, ") rotate({turn})\" y=\"").expect(WRITES);
    }
    number(svg, hundredths(text_down));
    svg.push_str("\" font-size=\"");
    number(svg, hundredths(style.size));
    write!(svg, "\" font-family=\"{FONTS}\" text-anchor=\"{anchor}\" ").expect(WRITES);
    if style.bold {
        svg.push_str("font-weight=\"bold\" ");
    }
    colour_attributes(svg, "fill", style.colour);
    if let Some(width) = style.halo {
        svg.push_str(" paint-order=\"stroke\" ");
        stroke_attributes(svg, &Stroke::new(Colour::WHITE, 2.0 * width));
    }
    writeln!(svg, ">{}</text>", escaped(text)).expect(WRITES);
}

fn colour_attributes(svg: &mut String, kind: &str, colour: Colour) {
    let [red, green, blue] = colour.rgb;
    write!(svg, "{kind}=\"#{red:02x}{green:02x}{blue:02x}\"").expect(WRITES);
    if colour.opacity < 1.0 {
        write!(svg, " {kind}-opacity=\"").expect(WRITES);
        number(svg, hundredths(colour.opacity));
        svg.push('"');
    }
}

fn stroke_attributes(svg: &mut String, stroke: &Stroke) {
    colour_attributes(svg, "stroke", stroke.colour);
    svg.push_str(" stroke-width=\"");
    number(svg, hundredths(stroke.width));
    svg.push('"');
    if stroke.dash.len() >= 2 && stroke.dash.len().is_multiple_of(2) {
        svg.push_str(" stroke-dasharray=\"");
        for (i, &length) in stroke.dash.iter().enumerate() {
            if i > 0 {
                svg.push(' ');
            }
            number(svg, hundredths(length));
        }
        svg.push('"');
    }
}

/// The `d` attribute: an absolute move to the first point, all else relative.
fn path_data(svg: &mut String, path: &Path) {
    let mut now = (0, 0);
    let mut start = now;
    for segment in path.segments() {
        let (command, points): (char, &[Point]) = match &segment {
            PathSegment::MoveTo(p) => ('m', &[*p]),
            PathSegment::LineTo(p) => ('l', &[*p]),
            PathSegment::QuadTo(c, p) => ('q', &[*c, *p]),
            PathSegment::CubicTo(c, d, p) => ('c', &[*c, *d, *p]),
            PathSegment::Close => ('z', &[]),
        };
        svg.push(command);
        let from = now;
        for (i, point) in points.iter().enumerate() {
            now = (hundredths(point.x), hundredths(point.y));
            let (dx, dy) = (now.0 - from.0, now.1 - from.1);
            if i > 0 && dx >= 0 {
                svg.push(' ');
            }
            number(svg, dx);
            if dy >= 0 {
                svg.push(' ');
            }
            number(svg, dy);
        }
        match command {
            'm' => start = now,
            'z' => now = start,
            _ => {}
        }
    }
}

fn hundredths(value: f32) -> i64 {
    (f64::from(value) * 100.0).round() as i64
}

/// A number of hundredths as a decimal without needless zeros.
fn number(svg: &mut String, hundredths: i64) {
    if hundredths < 0 {
        svg.push('-');
    }
    let (whole, part) = (hundredths.abs() / 100, hundredths.abs() % 100);
    if whole > 0 || part == 0 {
        write!(svg, "{whole}").expect(WRITES);
    }
    match part {
        0 => {}
        _ if part % 10 == 0 => write!(svg, ".{}", part / 10).expect(WRITES),
        _ => write!(svg, ".{part:02}").expect(WRITES),
    }
}

/// `text` as XML character data; what XML cannot hold is replaced.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => escaped.push(' '),
            _ => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_no_needless_digits() {
        let text = |value| {
            let mut svg = String::new();
            number(&mut svg, value);
            svg
        };
        assert_eq!(
            [0, 5, -5, 50, 100, -1230, 123_456].map(text),
            ["0", ".05", "-.05", ".5", "1", "-12.3", "1234.56"]
        );
    }

    #[test]
    fn markup_in_titles_is_escaped_and_control_characters_are_gone() {
        assert_eq!(escaped("a<b> & \u{0}ρ"), "a&lt;b&gt; &amp;  ρ");
    }
}
