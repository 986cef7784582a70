//! The names of the categories on an x axis, below their places.
//!
//! It does *not* know what the categories are.

use super::canvas::{Across, Canvas, Down, TextStyle, Turn};
use super::palette::INK;
use super::panel::{PanelLayout, TICK_LENGTH, TICK_SIZE};
use super::text::{balanced, wrapped};
use super::ticks::Axis;

/// The least width of a place, in logical pixels: that of a turned line.
pub(super) const PLACE_MIN: f32 = 13.0;
/// The gap between two names.
const GAP: f32 = 6.0;
const LINE: f32 = 12.0;
/// A name that would need more lines is turned.
const LINES_MAX: usize = 3;
/// The maximum length of a line of a rotated name, in logical pixels.
const TURNED: f32 = 110.0;

const NAME: TextStyle = TextStyle {
    colour: INK,
    ..TextStyle::new(TICK_SIZE).anchored(Across::Middle, Down::Top)
};
const TURNED_NAME: TextStyle = TextStyle {
    turn: Turn::Up,
    ..NAME.anchored(Across::Right, Down::Middle)
};

/// The names as they are written: below each other's sides, or turned where they are too long.
pub(super) struct CategoryNames {
    lines: Vec<Vec<String>>,
    turned: bool,
}

impl CategoryNames {
    /// The `names`, with places that are so wide.
    pub(super) fn new(names: &[String], place: f32) -> Self {
        let room = place - GAP;
        let upright = || names.iter().map(|name| balanced(name, room, &NAME));
        let fits = |lines: &Vec<String>| lines.len() <= LINES_MAX && widest(lines) <= room;
        if upright().all(|lines| fits(&lines)) {
            return Self {
                lines: upright().collect(),
                turned: false,
            };
        }
        let most = (place / LINE).max(1.0) as usize;
        let turned = |name: &String| {
            let mut lines = wrapped(name, TURNED, &NAME);
            if lines.len() > most {
                lines.truncate(most);
                lines[most - 1].push('…');
            }
            lines
        };
        Self {
            lines: names.iter().map(turned).collect(),
            turned: true,
        }
    }

    /// How much room they take below the axis.
    pub(super) fn height(&self) -> f32 {
        if self.turned {
            let lengths = self.lines.iter().map(|lines| widest(lines));
            return lengths.fold(0.0, f32::max);
        }
        let most = self.lines.iter().map(Vec::len).max().unwrap_or(0);
        most as f32 * LINE
    }

    /// Writes them below the panel at `place`.
    pub(super) fn draw(&self, canvas: &mut Canvas, place: &PanelLayout, x: &Axis) {
        let top = place.corner.1 + place.size.1 + 2.0 * TICK_LENGTH;
        for (i, lines) in self.lines.iter().enumerate() {
            let middle = place.corner.0 + x.share_at(i as f64) as f32 * place.size.0;
            for (line, text) in lines.iter().enumerate() {
                let down = line as f32 * LINE;
                if self.turned {
                    let first = middle - (lines.len() - 1) as f32 * LINE / 2.0;
                    canvas.text(text, (first + down, top), &TURNED_NAME);
                } else {
                    canvas.text(text, (middle, top + down), &NAME);
                }
            }
        }
    }
}

/// The width of the widest line.
fn widest(lines: &[String]) -> f32 {
    let widths = lines.iter().map(|line| Canvas::text_width(line, &NAME));
    widths.fold(0.0, f32::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_upright_where_they_fit_and_are_turned_elsewhere() {
        let names = ["to the nearest broker", "to none"].map(str::to_owned);
        let wide = CategoryNames::new(&names, 90.0);
        assert!(!wide.turned);
        assert_eq!(wide.lines[0].join(" "), names[0]);
        assert!(wide.lines[0].len() > 1 && widest(&wide.lines[0]) <= 84.0);
        assert!((wide.height() - wide.lines[0].len() as f32 * LINE).abs() < 1e-6);
        let narrow = CategoryNames::new(&names, PLACE_MIN);
        assert!(narrow.turned && narrow.lines.iter().all(|lines| lines.len() == 1));
        assert!(narrow.height() <= TURNED + 20.0);
        let long = ["a name that is so long that it has no end that could be seen".to_owned()];
        let long = CategoryNames::new(&long, PLACE_MIN);
        assert!(long.lines[0][0].ends_with('…'), "{:?}", long.lines);
    }
}
