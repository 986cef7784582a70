//! How a figure is laid out on its sheet: its width, its columns, whether it says its title and caption.
//!
//! It does *not* know what stands in the panels.

use super::canvas::PX_PER_INCH;
use super::categories::PLACE_MIN;
use super::plot::{Panel, Plot};
use crate::error::{Error, Result};

/// How many times as large as it is drawn a figure of a chosen width is printed: tick labels, of 7.5 pt
/// on a sheet of the usual width, are then printed in 8 pt.
const PRINTED: f32 = 16.0 / 15.0;
/// A panel beside another one is at least so wide, in logical pixels.
const PANEL_BESIDE_MIN: f32 = 130.0;
/// What lies beside the places of categories: margins, and the labels of the y axis.
const BESIDE_PLACES: f32 = 60.0;
/// A panel at all.
const PANEL_MIN: f32 = 80.0;
/// The least height of a panel, and its greatest height as a share of its width, where the width is
/// chosen.
const HEIGHT_MIN: f32 = 100.0;
const HEIGHT_SHARE: f32 = 0.75;

/// The number of categorical points in one panel from which on the panel has a row of its own.
const PLACES_WIDE: usize = 40;

/// How a figure is laid out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Layout {
    /// The width of the sheet in inches, in which tick labels are printed in 8 pt; `None`: as wide as
    /// the panels need.
    pub width_in: Option<f32>,
    /// Whether the title stands above the panels.
    pub title: bool,
    /// Whether the caption stands below them.
    pub caption: bool,
}

impl Default for Layout {
    /// With title and caption, as wide as the panels need.
    fn default() -> Self {
        Self {
            width_in: None,
            title: true,
            caption: true,
        }
    }
}

/// The sheet and its panels, in logical pixels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Format {
    /// How many panels a row has.
    pub(super) columns: usize,
    /// The width of the sheet.
    pub(super) width: f32,
    /// The height of a panel.
    pub(super) height: f32,
    /// How many times as large the sheet is printed.
    pub(super) scale: f32,
}

impl Layout {
    /// The sheet for `plot`.
    pub(super) fn format(self, plot: &Plot) -> Format {
        let (columns, width, height) = usual(plot);
        let [usual_width, height] = [width, height].map(|inches| inches * PX_PER_INCH);
        let Some(width_in) = self.width_in else {
            return Format {
                columns,
                width: usual_width,
                height,
                scale: 1.0,
            };
        };
        let width = width_in * PX_PER_INCH / PRINTED;
        let places = PLACE_MIN * plot.categories.len() as f32;
        let fitting = (width / PANEL_BESIDE_MIN.max(places + BESIDE_PLACES)) as usize;
        let columns = columns.min(fitting).max(1);
        let most = HEIGHT_SHARE * width / columns as f32;
        Format {
            columns,
            width,
            height: height.min(most).max(HEIGHT_MIN),
            scale: PRINTED,
        }
    }

    /// Checks that the sheet can hold the figure `name`: `spare` logical pixels are left beside the widest
    /// entry of the legend or beside the names of categories, and a panel is `panel` wide.
    ///
    /// # Errors
    /// If it is too narrow, with the least width that would do.
    pub(super) fn check(self, name: &str, format: Format, spare: f32, panel: f32) -> Result<()> {
        let Some(width_in) = self.width_in else {
            return Ok(());
        };
        let missing = (-spare).max(PANEL_MIN - panel);
        if missing <= 0.0 {
            return Ok(());
        }
        let least = (format.width + missing) * format.scale / PX_PER_INCH;
        let least = (f64::from(least) * 10.0).ceil() / 10.0;
        Err(Error::new(format!(
            "{width_in} in are too narrow for the figure {name}"
        ))
        .help(format!("it needs at least {least} in")))
    }
}

/// The number of columns, and the width of the sheet and the height of a panel in inches, where no width
/// is chosen. Where the panels follow two axes and more, a row has one panel for each value of the last.
fn usual(plot: &Plot) -> (usize, f32, f32) {
    let count = plot.panels.len();
    let points = |panel: &Panel| panel.curves.iter().map(Vec::len).sum::<usize>();
    let most = plot.panels.iter().map(points).max().unwrap_or(0);
    if plot.places && most >= PLACES_WIDE && (2..=5).contains(&count) {
        return (1, 8.5, 1.6);
    }
    let columns = match (count, plot.last_axis) {
        (_, Some(values @ 2..=5)) => values,
        (0 | 1, _) => 1,
        (2 | 4, _) => 2,
        // Two or three full rows.
        (7 | 8 | 10.., _) => 4,
        _ => 3,
    };
    let columns = match plot.categories.len() {
        0..=8 => columns,
        9..=12 => columns.min(3),
        _ => columns.min(2),
    };
    match columns {
        1 => (columns, 6.5, 3.5),
        2 if count <= 4 => (columns, 7.5, 2.7),
        2 => (columns, 7.5, 2.0),
        3 => (columns, 8.5, 2.2),
        4 => (columns, 10.0, 2.0),
        _ => (columns, 13.0, 2.0),
    }
}
