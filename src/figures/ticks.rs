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
    /// Whether equal ratios are equally far apart; the range is above 0 then.
    logarithmic: bool,
    /// Whether the tick marks have no labels, since others write names there.
    silent: bool,
}

/// The share of the axis that is left empty at each end, so that no mark is cut off.
const PADDING: f64 = 0.03;

/// 0 (or 1, for a share) is near if the data begins at less than this fraction of the distance at which it ends.
const NEAR: f64 = 0.7;

/// A logarithmic axis whose ends are nearer to each other than this ratio has its marks at equal
/// distances: hardly any power of ten, or 2 or 5 times one, would lie on it.
const NARROW: f64 = 3.0;

impl Axis {
    /// An axis that shows exactly `low` … `high` (and a margin) with at most `ticks_max` marks; with more if
    /// fewer than two would lie on it.
    /// `low` < `high`, and their difference is a finite number.
    pub(super) fn exact([low, high]: [f64; 2], ticks_max: usize) -> Self {
        let marks = |step: f64| {
            let first = (low / step - 1e-9).ceil();
            (first, (high / step + 1e-9).floor() - first)
        };
        let mut step = round_step((high - low) / ticks_max.max(2) as f64);
        // One mark tells no scale. The next smaller step is at least 2.5 times smaller or half as large.
        for _ in 0..2 {
            if marks(step).1 < 1.0 {
                step = round_step(step / 2.5);
            }
        }
        let (first, beyond) = marks(step);
        let count = beyond.clamp(0.0, 1000.0) as usize;
        let margin = PADDING * (high - low);
        Self {
            range: [low - margin, high + margin],
            // Adding 0 turns −0 into 0.
            ticks: (0..=count)
                .map(|i| (first + i as f64) * step + 0.0)
                .collect(),
            step,
            logarithmic: false,
            silent: false,
        }
    }

    /// An axis of names, which are whole numbers from `low` to `high`, with a place for each.
    pub(super) fn places([low, high]: [f64; 2], ticks_max: usize) -> Self {
        let step = round_step(((high - low) / ticks_max.max(2) as f64).max(1.0));
        let first = (low / step).ceil();
        let count = ((high / step).floor() - first).clamp(0.0, 1000.0) as usize;
        Self {
            range: [low - 0.5, high + 0.5],
            ticks: (0..=count).map(|i| (first + i as f64) * step).collect(),
            step,
            logarithmic: false,
            silent: false,
        }
    }

    /// An axis of `count` categories, with a place for each.
    pub(super) fn categories(count: usize) -> Self {
        let last = count.saturating_sub(1) as f64;
        Self {
            silent: true,
            ..Self::places([0.0, last], count)
        }
    }

    /// A logarithmic axis that shows `low` … `high`, 0 < `low` < `high`, widened to the next tick marks,
    /// which stand at powers of ten, or at 1, 2 and 5 times these if there are few. Where `high` is
    /// less than three times `low`, marks stand at equal distances, and nothing is widened.
    pub(super) fn logarithmic([low, high]: [f64; 2], ticks_max: usize) -> Self {
        if high < NARROW * low {
            let margin = libm::pow(high / low, PADDING);
            return Self {
                range: [low / margin, high * margin],
                logarithmic: true,
                ..Self::exact([low, high], ticks_max)
            };
        }
        let power = |value: f64| libm::floor(libm::log10(value) + 1e-9);
        let (first, last) = (power(low), power(high) + 1.0);
        let marks = |factors: &[f64], every: usize| -> Vec<f64> {
            let powers = (0..=(last - first) as usize).step_by(every);
            let powers = powers.map(|i| libm::pow(10.0, first + i as f64));
            let marks: Vec<f64> = powers
                .flat_map(|power| factors.iter().map(move |f| f * power))
                .collect();
            let before = marks.iter().rposition(|tick| *tick <= low * (1.0 + 1e-9));
            let after = marks.iter().position(|tick| *tick >= high * (1.0 - 1e-9));
            let ends = before.unwrap_or(0)..=after.unwrap_or(marks.len() - 1);
            marks[ends].to_vec()
        };
        let few = marks(&[1.0, 2.0, 5.0], 1);
        let ticks = if few.len() <= ticks_max.max(2) {
            few
        } else {
            let decades = (last - first) as usize;
            marks(&[1.0], decades.div_ceil(ticks_max.max(2)).max(1))
        };
        let range = [ticks[0].min(low), ticks[ticks.len() - 1].max(high)];
        let margin = libm::pow(range[1] / range[0], PADDING);
        Self {
            range: [range[0] / margin, range[1] * margin],
            step: ticks[0],
            ticks,
            logarithmic: true,
            silent: false,
        }
    }

    /// An axis that shows `low` … `high`, widened to the next tick marks, and to 0 if that is not
    /// far away.
    pub(super) fn rounded(range: [f64; 2], ticks_max: usize) -> Self {
        Self::exact(widened(range, ticks_max), ticks_max)
    }

    /// An axis for a share: it does not extend below 0 or above 1, and ends at 1 if that is not far away.
    pub(super) fn share([low, high]: [f64; 2], ticks_max: usize) -> Self {
        let (low, high) = (low.max(0.0), high.min(1.0));
        let rest = [1.0 - high, 1.0 - low];
        let high = if rest[0] < NEAR * rest[1] { 1.0 } else { high };
        let [low, high] = widened([low, high], ticks_max);
        Self::exact([low.max(0.0), high.min(1.0)], ticks_max)
    }

    /// Which share of the axis lies before `value`.
    pub(super) fn share_at(&self, value: f64) -> f64 {
        let [low, high] = self.range;
        if self.logarithmic {
            libm::log(value.max(low) / low) / libm::log(high / low)
        } else {
            (value - low) / (high - low)
        }
    }

    /// The text at the tick mark `value`: as many decimals as the steps need, and thin spaces
    /// between groups of three digits from 10 000 on.
    pub(super) fn label(&self, value: f64) -> String {
        if self.silent {
            return String::new();
        }
        let magnitude = self.range[0].abs().max(self.range[1].abs());
        if magnitude >= 1e12 || self.step < 1e-9 {
            return format!("{value:e}").replace('-', "−");
        }
        // Powers of ten have the decimals that each needs.
        let powers = self.logarithmic && self.ticks.first() == Some(&self.step);
        let step = if powers { value } else { self.step };
        let decimals = (-libm::floor(libm::log10(step) + 1e-9)).max(0.0) as usize;
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
        from + (self.share_at(*value) * f64::from(to - from)).round() as i32
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

/// `low` … `high`, widened to the next tick marks, and to 0 if that is not far away.
fn widened([low, high]: [f64; 2], ticks_max: usize) -> [f64; 2] {
    let is_near = low >= 0.0 && low < NEAR * high;
    let low = if is_near { 0.0 } else { low };
    let step = round_step((high - low) / ticks_max.max(2) as f64);
    [
        (low / step + 1e-9).floor() * step,
        (high / step - 1e-9).ceil() * step,
    ]
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
        // One mark would tell no scale.
        let few = Axis::exact([0.1, 0.9], 2);
        assert_eq!(labels(&few), ["0.2", "0.4", "0.6", "0.8"]);
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
    fn an_axis_of_a_share_goes_no_farther_than_that() {
        let ends = |low, high| {
            let labels = labels(&Axis::share([low, high], 5));
            format!("{} to {}", labels[0], labels[labels.len() - 1])
        };
        assert_eq!(ends(0.02, 0.9), "0.0 to 1.0");
        assert_eq!(ends(0.05, 0.22), "0.00 to 0.25", "far from 1");
        assert_eq!(ends(0.9, 1.1), "0.90 to 1.00");
        let high = Axis::share([0.9973, 1.0001], 5);
        assert_eq!(labels(&high)[0], "0.997");
        assert!(high.range[1] < 1.001, "{high:?}");
    }

    #[test]
    fn an_axis_of_names_has_its_ticks_at_whole_numbers() {
        assert_eq!(labels(&Axis::places([0.0, 1.0], 10)), ["0", "1"]);
        assert_eq!(labels(&Axis::places([3.0, 3.0], 10)), ["3"]);
        assert_eq!(Axis::categories(5).ticks, [0.0, 1.0, 2.0, 3.0, 4.0]);
        assert_eq!(
            labels(&Axis::places([0.0, 19.0], 6)),
            ["0", "5", "10", "15"]
        );
    }

    #[test]
    fn a_logarithmic_axis_has_its_ticks_at_powers_of_ten_and_equal_ratios_equally_far_apart() {
        let wide = Axis::logarithmic([0.3, 700.0], 6);
        assert_eq!(labels(&wide), ["0.1", "1", "10", "100", "1000"]);
        let narrow = Axis::logarithmic([0.013, 0.08], 6);
        assert_eq!(labels(&narrow), ["0.01", "0.02", "0.05", "0.1"]);
        let sparse = Axis::logarithmic([1e-9, 1e9], 6);
        assert!(sparse.ticks.len() <= 8, "{sparse:?}");
        let at = |value| wide.map(&value, (0, 100_000));
        assert!((at(10.0) - at(1.0) - (at(100.0) - at(10.0))).abs() <= 1);
        assert!(at(0.1) > 0 && at(1000.0) < 100_000, "a margin is left");
        assert_eq!(
            at(0.0),
            at(wide.range[0]),
            "what is not above 0 ends at the axis"
        );
        let ends = Axis::logarithmic([10.0, 1000.0], 3);
        assert_eq!(labels(&ends), ["10", "100", "1000"], "no wider than needed");
        let close = Axis::logarithmic([1.0, 1.87], 6);
        assert_eq!(labels(&close), ["1.0", "1.2", "1.4", "1.6", "1.8"]);
        let at = |value| close.map(&value, (0, 100_000));
        assert!(at(1.2) - at(1.0) > at(1.8) - at(1.6) + 1000, "{close:?}");
        assert_eq!(
            labels(&Axis::logarithmic([9.0, 11.0], 6)),
            ["9.0", "9.5", "10.0", "10.5", "11.0"]
        );
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
