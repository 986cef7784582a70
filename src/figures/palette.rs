//! How curves are told apart: by colour, by dash and by marker at once.
//!
//! The colours suit readers with any kind of colour vision, and each has a lightness of its own,
//! so that a copy in shades of grey keeps them apart. Curves that follow a number run through a
//! sequence from dark to light (viridis, by S. van der Walt and N. Smith, without its lightest
//! end); up to four others take P. Tol's high-contrast colours.

use super::canvas::{Canvas, Colour, Point, Stroke};

/// So many curves can be told apart: no two have dash and marker in common.
pub(super) const CURVES_MAX: usize = 24;

/// Nearly black, for what belongs to no curve: axes and text.
pub(super) const INK: Colour = Colour::hex(0x22_22_22);
/// For captions.
pub(super) const SOFT_INK: Colour = Colour::hex(0x55_55_55);
/// For the grid behind the data.
pub(super) const GRID: Colour = Colour::hex(0xe4_e4_e4);

/// P. Tol, *Colour schemes*, SRON technical note 09-002, the high-contrast scheme.
const HIGH_CONTRAST: [Colour; 4] = [
    Colour::hex(0x00_44_88),
    Colour::hex(0xbb_55_66),
    Colour::hex(0xdd_aa_33),
    Colour::hex(0x00_00_00),
];

/// Viridis at 0, 0.1, … 0.8.
const VIRIDIS: [Colour; 9] = [
    Colour::hex(0x44_01_54),
    Colour::hex(0x48_24_75),
    Colour::hex(0x41_44_87),
    Colour::hex(0x35_5f_8d),
    Colour::hex(0x2a_78_8e),
    Colour::hex(0x21_91_8c),
    Colour::hex(0x22_a8_84),
    Colour::hex(0x44_bf_70),
    Colour::hex(0x7a_d1_51),
];

/// Lengths of dash and gap in turn, in logical pixels. 5 patterns: prime to the 8 markers, so the
/// pairs repeat only after 40 curves.
const DASHES: [&[f32]; 5] = [
    &[],
    &[7.0, 2.5],
    &[2.0, 2.0],
    &[8.0, 2.0, 2.0, 2.0],
    &[4.0, 2.0],
];

/// The shape that marks the points of a curve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Marker {
    Circle,
    Square,
    Triangle,
    Diamond,
    Down,
    HollowCircle,
    HollowSquare,
    HollowTriangle,
    /// Small, for the line in front of boxes.
    Dot,
}

const MARKERS: [Marker; 8] = [
    Marker::Circle,
    Marker::Square,
    Marker::Triangle,
    Marker::Diamond,
    Marker::Down,
    Marker::HollowCircle,
    Marker::HollowSquare,
    Marker::HollowTriangle,
];

/// How one curve is drawn.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Look {
    pub(super) colour: Colour,
    pub(super) dash: &'static [f32],
    pub(super) marker: Marker,
    /// Of curves that coincide, each marks the points that leave its place when they are divided
    /// by their number.
    pub(super) twins: [usize; 2],
    /// How dense the curve's band is.
    pub(super) shade: f32,
}

impl Look {
    /// The same look with a solid line and small markers, in front of boxes.
    pub(super) fn before_boxes(self) -> Self {
        Self {
            dash: &[],
            marker: Marker::Dot,
            ..self
        }
    }

    /// The curve's line.
    pub(super) fn stroke(&self) -> Stroke {
        Stroke::new(self.colour, 1.6).dashed(self.dash)
    }

    /// The colour of the curve's band.
    pub(super) fn band(&self) -> Colour {
        self.colour.opacity(self.shade)
    }

    /// Marks the point `at`.
    pub(super) fn mark(&self, canvas: &mut Canvas, at: Point) {
        self.marker.draw(canvas, at, self.colour);
    }
}

/// The looks of `count` curves; `ordered` if they follow a number.
pub(super) fn looks(count: usize, ordered: bool) -> Vec<Look> {
    let colour = |i: usize| {
        if count <= HIGH_CONTRAST.len() && (!ordered || count == 1) {
            HIGH_CONTRAST[i]
        } else {
            // Few curves need not go to the light end.
            let end = (0.35 + 0.13 * count as f32).min(1.0);
            sequence(end * i as f32 / (count - 1) as f32)
        }
    };
    (0..count)
        .map(|i| Look {
            colour: colour(i),
            dash: DASHES[i % DASHES.len()],
            marker: MARKERS[i % MARKERS.len()],
            twins: [0, 1],
            shade: if count <= 6 { 0.2 } else { 0.12 },
        })
        .collect()
}

/// The colour at `share` (0 to 1) of the sequence, linear between its neighbours.
fn sequence(share: f32) -> Colour {
    let place = share * (VIRIDIS.len() - 1) as f32;
    let below = (place as usize).min(VIRIDIS.len() - 2);
    let weight = place - below as f32;
    let (from, to) = (VIRIDIS[below].rgb, VIRIDIS[below + 1].rgb);
    let mix =
        |i: usize| (f32::from(from[i]) * (1.0 - weight) + f32::from(to[i]) * weight).round() as u8;
    Colour {
        rgb: [mix(0), mix(1), mix(2)],
        opacity: 1.0,
    }
}

impl Marker {
    fn draw(self, canvas: &mut Canvas, (x, y): Point, colour: Colour) {
        let seam = Stroke::new(Colour::WHITE, 0.6);
        let line = Stroke::new(colour, 1.1);
        let (fill, outline) = match self {
            Self::HollowCircle | Self::HollowSquare | Self::HollowTriangle => {
                (Colour::WHITE, &line)
            }
            _ => (colour, &seam),
        };
        let corners: &[Point] = match self {
            Self::Circle | Self::HollowCircle => {
                canvas.circle((x, y), 2.8, Some(fill), Some(outline));
                return;
            }
            Self::Dot => {
                canvas.circle((x, y), 1.5, Some(fill), None);
                return;
            }
            Self::Square | Self::HollowSquare => {
                &[(-2.5, -2.5), (2.5, -2.5), (2.5, 2.5), (-2.5, 2.5)]
            }
            Self::Triangle | Self::HollowTriangle => &[(0.0, -3.4), (3.2, 2.2), (-3.2, 2.2)],
            Self::Diamond => &[(0.0, -3.6), (3.2, 0.0), (0.0, 3.6), (-3.2, 0.0)],
            Self::Down => &[(0.0, 3.4), (3.2, -2.2), (-3.2, -2.2)],
        };
        let corners: Vec<Point> = corners.iter().map(|(dx, dy)| (x + dx, y + dy)).collect();
        canvas.polygon(&corners, Some(fill), Some(outline));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_curves_share_dash_and_marker() {
        let looks = looks(CURVES_MAX, true);
        for (i, look) in looks.iter().enumerate() {
            for other in &looks[..i] {
                assert!((look.dash, look.marker) != (other.dash, other.marker));
            }
        }
    }

    #[test]
    fn colours_differ_in_lightness_and_stand_out_from_paper() {
        for count in 1..=12 {
            for ordered in [false, true] {
                let mut lightness: Vec<f64> = looks(count, ordered)
                    .iter()
                    .map(|look| look.colour.lightness())
                    .collect();
                lightness.sort_by(f64::total_cmp);
                assert!(lightness[count - 1] < 80.0, "{lightness:?}");
                assert!(
                    lightness.windows(2).all(|pair| pair[1] - pair[0] > 4.0),
                    "{count}: {lightness:?}"
                );
            }
        }
    }

    #[test]
    fn an_ordered_sequence_goes_from_dark_to_light() {
        let lightness: Vec<f64> = looks(8, true)
            .iter()
            .map(|look| look.colour.lightness())
            .collect();
        assert!(lightness.is_sorted(), "{lightness:?}");
    }
}
