//! Axis ranges and tick marks at round numbers.

use std::ops::Range;

use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};

/// The part of an axis that is drawn, and its tick marks.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Axis {
    /// The least and the greatest number on the axis.
    pub(super) range: [f64; 2],
    /// Where the tick marks stand, ascending.
    pub(super) ticks: Vec<f64>,
    /// The distance of two tick marks.
    step: f64,
}

/// The share of the axis that is left empty at each end, so that no mark is cut off.
const PADDING: f64 = 0.03;

impl Axis {
    /// An axis that shows exactly `low` … `high` (and a margin) with at most `ticks_max` marks.
    /// `low` < `high`, and their difference is a finite number.
    pub(super) fn exact([low, high]: [f64; 2], ticks_max: usize) -> Self {
        let step = round_step((high - low) / ticks_max.max(2) as f64);
        let first = (low / step - 1e-9).ceil();
        let count = ((high / step + 1e-9).floor() - first).clamp(0.0, 1000.0) as usize;
        let margin = PADDING * (high - low);
        Self {
            range: [low - margin, high + margin],
            // Adding 0 turns −0 into 0.
            ticks: (0..=count)
                .map(|i| (first + i as f64) * step + 0.0)
                .collect(),
            step,
        }
    }

    /// An axis that shows `low` … `high`, widened to the next tick marks, and to 0 if that is not
    /// far away.
    pub(super) fn rounded([low, high]: [f64; 2], ticks_max: usize) -> Self {
        let low = if low >= 0.0 && low < 0.7 * high {
            0.0
        } else {
            low
        };
        let step = round_step((high - low) / ticks_max.max(2) as f64);
        let low = (low / step + 1e-9).floor() * step;
        let high = (high / step - 1e-9).ceil() * step;
        Self::exact([low, high], ticks_max)
    }

    /// The text at the tick mark `value`: as many decimals as the steps need, and thin spaces
    /// between groups of three digits from 10 000 on.
    pub(super) fn label(&self, value: f64) -> String {
        let magnitude = self.range[0].abs().max(self.range[1].abs());
        if magnitude >= 1e12 || self.step < 1e-9 {
            return format!("{value:e}").replace('-', "−");
        }
        let decimals = (-libm::floor(libm::log10(self.step) + 1e-9)).max(0.0) as usize;
        let text = format!("{:.decimals$}", value.abs());
        let (whole, part) = text.split_at(text.find('.').unwrap_or(text.len()));
        let mut label = String::from(if value < 0.0 { "−" } else { "" });
        for (i, digit) in whole.chars().enumerate() {
            if i > 0 && (whole.len() - i).is_multiple_of(3) && whole.len() > 4 {
                label.push('\u{2009}');
            }
            label.push(digit);
        }
        label + part
    }
}

impl Ranged for Axis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, (from, to): (i32, i32)) -> i32 {
        let [low, high] = self.range;
        from + ((value - low) / (high - low) * f64::from(to - from)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, _: Hint) -> Vec<f64> {
        self.ticks.clone()
    }

    fn range(&self) -> Range<f64> {
        self.range[0]..self.range[1]
    }
}

impl ValueFormatter<f64> for Axis {
    fn format_ext(&self, value: &f64) -> String {
        self.label(*value)
    }
}

/// The least of 1, 2 and 5 times a power of ten that is not below `least` (above 0, finite).
fn round_step(least: f64) -> f64 {
    let power = libm::pow(10.0, libm::floor(libm::log10(least)));
    [1.0, 2.0, 5.0]
        .map(|factor| factor * power)
        .into_iter()
        .find(|step| *step >= least * (1.0 - 1e-9))
        .unwrap_or(10.0 * power)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(axis: &Axis) -> Vec<String> {
        axis.ticks.iter().map(|&tick| axis.label(tick)).collect()
    }

    #[test]
    fn ticks_stand_at_round_numbers() {
        let share = Axis::exact([0.0, 1.0], 6);
        assert_eq!(labels(&share), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert!(share.range[0] < 0.0 && share.range[1] > 1.0);
        let percent = Axis::exact([0.0, 100.0], 5);
        assert_eq!(labels(&percent), ["0", "20", "40", "60", "80", "100"]);
        let odd = Axis::exact([0.01, 0.2], 4);
        assert_eq!(labels(&odd), ["0.05", "0.10", "0.15", "0.20"]);
        let signed = Axis::exact([-30.0, 30.0], 6);
        assert_eq!(
            labels(&signed),
            ["−30", "−20", "−10", "0", "10", "20", "30"]
        );
    }

    #[test]
    fn a_rounded_axis_ends_at_ticks_and_takes_zero_in_when_it_is_near() {
        let counts = Axis::rounded([2.0, 37_000.0], 5);
        assert_eq!(
            labels(&counts),
            [
                "0",
                "10\u{2009}000",
                "20\u{2009}000",
                "30\u{2009}000",
                "40\u{2009}000"
            ]
        );
        let far = Axis::rounded([101.3, 104.0], 4);
        assert_eq!(labels(&far), ["101", "102", "103", "104"]);
        assert!(far.range[0] < 101.0 && far.range[1] > 104.0);
    }

    #[test]
    fn numbers_of_any_size_give_few_and_short_labels() {
        for [low, high] in [
            [0.0, 1e-300],
            [-1e300, 1e300],
            [1e300, 1.000_001e300],
            [5.0, 5.0 + 1e-14],
        ] {
            for axis in [Axis::exact([low, high], 6), Axis::rounded([low, high], 6)] {
                assert!(axis.ticks.len() <= 12, "{axis:?}");
                assert!(labels(&axis).iter().all(|l| l.len() < 30), "{axis:?}");
            }
        }
    }
}
