//! Equally spaced numbers in exact decimal arithmetic: 3 · 0.05 is 0.15.
//!
//! This module does *not* know what the numbers are for.

use serde_json::{Number, Value};

use super::json;

/// Numbers of a range have at most so many digits, so that each one is told apart by an `f64`.
const DIGITS_MAX: u32 = 15;

/// A range has at most so many numbers.
const NUMBERS_MAX: u64 = 1_000_000;

/// The numbers `first + i · step` for i = 0 … count − 1, counted in units of 10^−scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct DecimalRange {
    first: i64,
    step: i64,
    scale: u32,
    count: u64,
}

impl DecimalRange {
    /// The range that ends at `to` exactly, or what is wrong with it.
    pub(super) fn new(from: &Number, to: &Number, step: &Number) -> Result<Self, String> {
        let texts = [from, to, step].map(json::number_text);
        let scale = texts.iter().map(|text| decimals(text)).max().unwrap_or(0);
        let mut scaled = [0; 3];
        for (text, scaled) in texts.iter().zip(&mut scaled) {
            *scaled = scale_up(text, scale).ok_or_else(|| {
                format!(
                    "a range from {from} to {to} in steps of {step} cannot be counted exactly \
                     with {DIGITS_MAX} digits"
                )
            })?;
        }
        let [first, last, step] = scaled;
        let [from_text, to_text, step_text] = &texts;
        if step == 0 {
            return Err("the step is 0".into());
        }
        let distance = last - first;
        if distance % step != 0 || distance / step < 0 {
            return Err(format!(
                "the end {to_text} is not reached from {from_text} in steps of {step_text}"
            ));
        }
        let count = distance.unsigned_abs() / step.unsigned_abs() + 1;
        if count > NUMBERS_MAX {
            return Err(format!(
                "the range has {count} values; an axis has at most {NUMBERS_MAX}"
            ));
        }
        Ok(Self {
            first,
            step,
            scale,
            count,
        })
    }

    /// How many numbers there are, at least 1.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// Number `index` (below the count): an integer where it is one, else the nearest `f64`.
    pub(super) fn get(&self, index: u64) -> Value {
        let mut digits = self.first + index.cast_signed() * self.step;
        let mut scale = self.scale;
        while scale > 0 && digits % 10 == 0 {
            digits /= 10;
            scale -= 1;
        }
        if scale == 0 {
            return digits.into();
        }
        let sign = if digits < 0 { "-" } else { "" };
        let digits = format!(
            "{:0width$}",
            digits.unsigned_abs(),
            width = scale as usize + 1
        );
        let (whole, fraction) = digits.split_at(digits.len() - scale as usize);
        let text = format!("{sign}{whole}.{fraction}");
        text.parse::<f64>().map_or(Value::Null, Value::from)
    }
}

/// How many digits of `text` stand behind the point.
fn decimals(text: &str) -> u32 {
    text.split_once('.')
        .map_or(0, |(_, fraction)| fraction.len() as u32)
}

/// `text` in units of 10^−`scale`, where `scale` is at least its own, unless it is too long.
fn scale_up(text: &str, scale: u32) -> Option<i64> {
    if scale > DIGITS_MAX {
        return None;
    }
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let zeros = "0".repeat(scale as usize - fraction.len());
    let scaled = format!("{whole}{fraction}{zeros}").parse::<i64>().ok()?;
    (scaled.unsigned_abs() < 10_u64.pow(DIGITS_MAX)).then_some(scaled)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(from: &str, to: &str, step: &str) -> Result<Vec<String>, String> {
        let number = |text: &str| serde_json::from_str::<Number>(text).unwrap();
        let range = DecimalRange::new(&number(from), &number(to), &number(step))?;
        Ok((0..range.count())
            .map(|index| range.get(index).to_string())
            .collect())
    }

    #[test]
    fn decimals_are_exact_and_the_end_is_included() {
        let rates = range("0", "1", "0.05").unwrap();
        assert_eq!(rates.len(), 21);
        assert_eq!(rates[..4], ["0", "0.05", "0.1", "0.15"]);
        assert_eq!(rates[7], "0.35");
        assert_eq!(rates[20], "1");
        assert_eq!(range("0.1", "0.3", "1e-1").unwrap(), ["0.1", "0.2", "0.3"]);
        assert_eq!(range("-0.5", "0.5", "0.5").unwrap(), ["-0.5", "0", "0.5"]);
        assert_eq!(range("-0.05", "-0.05", "1").unwrap(), ["-0.05"]);
        assert_eq!(range("3", "1", "-1").unwrap(), ["3", "2", "1"]);
        assert_eq!(
            range("1e3", "2.0e3", "500").unwrap(),
            ["1000", "1500", "2000"]
        );
    }

    #[test]
    fn bad_ranges_say_what_is_wrong() {
        for (from, to, step, expected) in [
            ("0", "1", "0", "the step is 0"),
            (
                "0",
                "1",
                "0.3",
                "the end 1 is not reached from 0 in steps of 0.3",
            ),
            ("1", "0", "0.5", "not reached"),
            ("0", "1", "-0.5", "not reached"),
            ("0", "1", "1e-300", "cannot be counted exactly"),
            ("0", "1e300", "1", "cannot be counted exactly"),
            (
                "0",
                "18446744073709551615",
                "1",
                "cannot be counted exactly",
            ),
            ("0", "1000000", "1", "1000001 values"),
        ] {
            let message = range(from, to, step).unwrap_err();
            assert!(message.contains(expected), "{message}");
        }
    }
}
