//! A canvas as a backend of `plotters`.
//!
//! `plotters` counts in integers; a unit here is 1/100 of a logical pixel, so that nothing snaps
//! to visible steps. Sizes of letters and widths of lines that are given to `plotters` are in the
//! same unit. Bitmaps, which no figure uses, are drawn dot by dot by `plotters` itself.

use std::convert::Infallible;

use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
    FontStyle, FontTransform,
};

use super::canvas::{Across, Canvas, Colour, Down, Point, Stroke, TextStyle, Turn};

/// How many of `plotters`' units make a logical pixel.
pub(super) const UNITS_PER_PX: f32 = 100.0;

type Drawn = Result<(), DrawingErrorKind<Infallible>>;

impl DrawingBackend for &mut Canvas {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        let (width, height) = self.size();
        (
            (width * UNITS_PER_PX) as u32,
            (height * UNITS_PER_PX) as u32,
        )
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
    }

    fn draw_pixel(&mut self, point: BackendCoord, color: BackendColor) -> Drawn {
        self.draw_rect(point, (point.0 + 1, point.1 + 1), &color, true)
    }

    fn draw_line<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
    ) -> Drawn {
        self.line(px(from), px(to), &stroke(style));
        Ok(())
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        upper_left: BackendCoord,
        bottom_right: BackendCoord,
        style: &S,
        fill: bool,
    ) -> Drawn {
        let (inside, outline) = paint(style, fill);
        self.rectangle(px(upper_left), px(bottom_right), inside, outline.as_ref());
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn {
        let points: Vec<Point> = path.into_iter().map(px).collect();
        self.polyline(&points, &stroke(style));
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        center: BackendCoord,
        radius: u32,
        style: &S,
        fill: bool,
    ) -> Drawn {
        let (inside, outline) = paint(style, fill);
        let radius = radius as f32 / UNITS_PER_PX;
        self.circle(px(center), radius, inside, outline.as_ref());
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        vert: I,
        style: &S,
    ) -> Drawn {
        let points: Vec<Point> = vert.into_iter().map(px).collect();
        self.polygon(&points, Some(colour(style.color())), None);
        Ok(())
    }

    fn draw_text<TStyle: BackendTextStyle>(
        &mut self,
        text: &str,
        style: &TStyle,
        pos: BackendCoord,
    ) -> Drawn {
        self.text(text, px(pos), &text_style(style));
        Ok(())
    }

    fn estimate_text_size<TStyle: BackendTextStyle>(
        &self,
        text: &str,
        style: &TStyle,
    ) -> Result<(u32, u32), DrawingErrorKind<Infallible>> {
        let width = Canvas::text_width(text, &text_style(style)) * UNITS_PER_PX;
        Ok((width.ceil() as u32, style.size().ceil() as u32))
    }
}

fn px((x, y): BackendCoord) -> Point {
    (x as f32 / UNITS_PER_PX, y as f32 / UNITS_PER_PX)
}

fn colour(color: BackendColor) -> Colour {
    let (red, green, blue) = color.rgb;
    Colour {
        rgb: [red, green, blue],
        opacity: color.alpha as f32,
    }
}

fn stroke<S: BackendStyle>(style: &S) -> Stroke {
    let width = style.stroke_width() as f32 / UNITS_PER_PX;
    Stroke::new(colour(style.color()), width)
}

fn paint<S: BackendStyle>(style: &S, fill: bool) -> (Option<Colour>, Option<Stroke>) {
    if fill {
        (Some(colour(style.color())), None)
    } else {
        (None, Some(stroke(style)))
    }
}

fn text_style<S: BackendTextStyle>(style: &S) -> TextStyle {
    let anchor = style.anchor();
    TextStyle {
        size: style.size() as f32 / UNITS_PER_PX,
        colour: colour(style.color()),
        bold: matches!(style.style(), FontStyle::Bold),
        across: match anchor.h_pos {
            HPos::Left => Across::Left,
            HPos::Center => Across::Middle,
            HPos::Right => Across::Right,
        },
        down: match anchor.v_pos {
            VPos::Top => Down::Top,
            VPos::Center => Down::Middle,
            VPos::Bottom => Down::Bottom,
        },
        turn: match style.transform() {
            FontTransform::None => Turn::None,
            FontTransform::Rotate90 => Turn::Downward,
            FontTransform::Rotate180 => Turn::Over,
            FontTransform::Rotate270 => Turn::Up,
        },
        halo: None,
    }
}
