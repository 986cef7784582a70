//! How curves are told apart: by colour, by dash and by marker at once.
//!
//! The colours suit readers with any kind of colour vision, and each has a lightness of its own,
//! so that a copy in shades of grey keeps them apart. Curves that follow a number run through a
//! sequence from dark to light (viridis, by S. van der Walt and N. Smith, without its lightest
//! end), and so do more words than there are colours for; up to four others take P. Tol's
//! high-contrast colours, up to seven those of P. Tol and of M. Okabe and K. Ito that are farthest
//! apart. What the curves are to be compared with is black and grey, without markers.

use super::canvas::{Canvas, Colour, Point, Stroke};

/// The number of curves that can be told apart: no two have dash and marker in common.
pub(super) const CURVES_MAX: usize = 24;

/// Nearly black, for what belongs to no curve: axes and text.
pub(super) const INK: Colour = Colour::hex(0x22_22_22);
/// For captions.
pub(super) const SOFT_INK: Colour = Colour::hex(0x55_55_55);
/// Dark blue, for what charts of histories and of states are about: messages, and states.
pub(super) const MAIN: Colour = Colour::hex(0x1f_4e_79);
/// Dark red, for what stands out in them: lost messages, and steps back.
pub(super) const STRIKING: Colour = Colour::hex(0xb3_1b_1b);
/// For times behind the grid, lighter than it.
pub(super) const SHADE: Colour = Colour::hex(0xf2_f2_f2);
/// For the grid behind the data.
pub(super) const GRID: Colour = Colour::hex(0xe4_e4_e4);

/// P. Tol, *Colour schemes*, SRON technical note 09-002, the high-contrast scheme.
const HIGH_CONTRAST: [Colour; 4] = [
    Colour::hex(0x00_44_88),
    Colour::hex(0xbb_55_66),
    Colour::hex(0xdd_aa_33),
    Colour::hex(0x00_00_00),
];

/// Of Tol's schemes *muted* and *bright* and of Okabe's and Ito's *Color universal design* (2008)
/// those seven with at least 5 of lightness between any two whose least distance (CIE Lab, in normal
/// vision and in each kind of dichromacy) is the greatest; neighbours far apart.
const QUALITATIVE: [Colour; 7] = [
    Colour::hex(0x33_22_88),
    Colour::hex(0xd5_5e_00),
    Colour::hex(0x56_b4_e9),
    Colour::hex(0x11_77_33),
    Colour::hex(0x88_22_55),
    Colour::hex(0xcc_bb_44),
    Colour::hex(0xcc_79_a7),
];

/// For what the curves are compared with.
const REFERENCES: [Colour; 2] = [Colour::hex(0x00_00_00), Colour::hex(0x8a_8a_8a)];

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
    /// Around another marker at the same place.
    Frame,
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

/// The number of curves of one colour that can be told apart by dash and marker.
pub(super) const MARKED_MAX: usize = MARKERS.len();

/// What marks points that are known from elsewhere.
pub(super) const MARKS: [Marker; 3] = [
    Marker::HollowCircle,
    Marker::HollowSquare,
    Marker::HollowTriangle,
];

/// How one curve is drawn.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Look {
    pub(super) colour: Colour,
    pub(super) dash: &'static [f32],
    /// The line's width in logical pixels.
    pub(super) width: f32,
    /// What marks the points, if anything does.
    pub(super) marker: Option<Marker>,
    /// Whether a line joins the points.
    pub(super) joined: bool,
    /// Whether points stand beside those of other curves at the same place.
    pub(super) beside: bool,
    /// Of curves that coincide, each marks the points that leave its place when they are divided
    /// by their number.
    pub(super) twins: [usize; 2],
    /// How dense the curve's band is.
    pub(super) shade: f32,
}

impl Look {
    /// This look with markers that stay visible together with another curve's at the same place.
    pub(super) fn framed(self) -> Self {
        Self {
            marker: Some(Marker::Frame),
            ..self
        }
    }

    /// This look with a solid line and small markers, in front of boxes.
    pub(super) fn before_boxes(self) -> Self {
        Self {
            dash: &[],
            marker: Some(Marker::Dot),
            ..self
        }
    }

    /// The look of the thin line that the curve is to be compared with.
    pub(super) fn thin(&self) -> Self {
        Self {
            dash: &[],
            width: 0.7,
            marker: None,
            ..self.clone()
        }
    }

    /// This look in the colour of text.
    pub(super) fn dark(self) -> Self {
        Self {
            colour: INK,
            ..self
        }
    }

    /// The curve's line.
    pub(super) fn stroke(&self) -> Stroke {
        Stroke::new(self.colour, self.width).dashed(self.dash)
    }

    /// The bar at a point that stands alone.
    pub(super) fn bar(&self) -> Stroke {
        Stroke::new(self.colour, 0.9)
    }

    /// The colour of the curve's band.
    pub(super) fn band(&self) -> Colour {
        self.colour.opacity(self.shade)
    }

    /// Marks the point `at`.
    pub(super) fn mark(&self, canvas: &mut Canvas, at: Point) {
        if let Some(marker) = self.marker {
            marker.draw(canvas, at, self.colour);
        }
    }
}

/// The looks of `count` curves, the last `references` of which are there to be compared with;
/// `ordered` if the others follow a number.
///
/// Curves that are all combinations of two axes, whose places `pairs` tells, have the colour of their place on
/// the first, and the dash and the marker of that on the second.
pub(super) fn looks(
    count: usize,
    references: usize,
    ordered: bool,
    pairs: &[[usize; 2]],
) -> Vec<Look> {
    let own = count - references.min(count);
    let colours = pairs
        .iter()
        .map(|[first, _]| first + 1)
        .max()
        .unwrap_or(own);
    let look = |i: usize| {
        let reference = i.checked_sub(own);
        let [first, second] = pairs.get(i).copied().unwrap_or([i, i]);
        Look {
            colour: match reference {
                Some(place) => REFERENCES[place % REFERENCES.len()],
                None => colour(first, colours, ordered, references == 0),
            },
            dash: DASHES[reference.unwrap_or(second) % DASHES.len()],
            marker: reference
                .is_none()
                .then_some(MARKERS[second % MARKERS.len()]),
            width: 1.6,
            joined: true,
            beside: false,
            twins: [0, 1],
            shade: if count <= 6 { 0.2 } else { 0.12 },
        }
    };
    (0..count).map(look).collect()
}

/// The colour of curve `i` of `count`; of words none is black unless that is `free`.
fn colour(i: usize, count: usize, ordered: bool, free: bool) -> Colour {
    let contrasts = HIGH_CONTRAST.len() - usize::from(!free);
    if count == 1 || !ordered && count <= contrasts {
        HIGH_CONTRAST[i]
    } else if !ordered && count <= QUALITATIVE.len() {
        QUALITATIVE[i]
    } else {
        // A few curves are distinct without the lightest colours.
        let end = (0.35 + 0.13 * count as f32).min(1.0);
        sequence(end * i as f32 / (count - 1) as f32)
    }
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
            Self::Frame => {
                let (from, to) = ((x - 4.2, y - 4.2), (x + 4.2, y + 4.2));
                canvas.rectangle(from, to, None, Some(&Stroke::new(colour, 1.3)));
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

    /// How light the colour is on white paper: CIE L*, from 0 (black) to 100 (white).
    fn lightness(colour: Colour) -> f64 {
        let linear = |channel: u8| {
            let value = f64::from(channel) / 255.0;
            if value <= 0.040_45 {
                value / 12.92
            } else {
                libm::pow((value + 0.055) / 1.055, 2.4)
            }
        };
        let [red, green, blue] = colour.rgb.map(linear);
        let luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
        if luminance <= 216.0 / 24389.0 {
            luminance * 24389.0 / 27.0
        } else {
            116.0 * libm::cbrt(luminance) - 16.0
        }
    }

    #[test]
    fn no_two_curves_share_dash_and_marker() {
        let looks = looks(CURVES_MAX, 0, true, &[]);
        assert_eq!(looks.len(), CURVES_MAX);
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
                let mut lightness: Vec<f64> = looks(count, 0, ordered, &[])
                    .iter()
                    .map(|look| lightness(look.colour))
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
    fn words_are_no_sequence_and_what_they_are_compared_with_is_no_colour() {
        let lightness = |looks: &[Look]| -> Vec<f64> {
            looks.iter().map(|look| lightness(look.colour)).collect()
        };
        for count in 2..=7 {
            assert!(
                !lightness(&looks(count, 0, false, &[])).is_sorted() || count < 4,
                "{count}"
            );
            let both = looks(count + 2, 2, false, &[]);
            let (own, references) = both.split_at(count);
            let is_grey = |look: &Look| look.colour.rgb.windows(2).all(|two| two[0] == two[1]);
            assert!(!own.iter().any(is_grey), "{count}");
            assert!(
                references
                    .iter()
                    .all(|look| is_grey(look) && look.marker.is_none())
            );
            assert_ne!(references[0].colour, references[1].colour);
        }
    }

    #[test]
    fn an_ordered_sequence_goes_from_dark_to_light() {
        let lightness: Vec<f64> = looks(8, 0, true, &[])
            .iter()
            .map(|look| lightness(look.colour))
            .collect();
        assert!(lightness.is_sorted(), "{lightness:?}");
    }
}
