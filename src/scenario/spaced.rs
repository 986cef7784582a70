//! Equally spaced numbers, counted as decimals: 3 · 0.05 is 0.15.
//!
//! This module does *not* know what the numbers are for.

use serde_json::{Number, Value};

use super::json;
use crate::decimal::Decimal;

/// The maximum number of digits of the numbers of a range, so that an `f64` tells them apart.
const DIGITS_MAX: u32 = 15;

/// The maximum number of numbers in a range.
const NUMBERS_MAX: u64 = 1_000_000;

/// The numbers `first + i · step` for i = 0 … count − 1, counted in units of 10^−scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spaced {
    first: i128,
    step: i128,
    scale: u32,
    count: u64,
}

impl Spaced {
    /// The numbers that end at `to` exactly, or what is wrong with them.
    pub(super) fn new(from: &Number, to: &Number, step: &Number) -> Result<Self, String> {
        let texts = [from, to, step].map(json::number_text);
        let numbers = texts.each_ref().map(|text| Decimal::plain(text));
        let scale = numbers.iter().map(Decimal::scale).max().unwrap_or(0);
        let [Some(first), Some(last), Some(spacing)] =
            numbers.map(|number| number.units(scale, DIGITS_MAX))
        else {
            return Err(format!(
                "a range from {from} to {to} in steps of {step} cannot be counted exactly with \
                 {DIGITS_MAX} digits"
            ));
        };
        if spacing == 0 {
            return Err("the step is 0".into());
        }
        let distance = last - first;
        if distance % spacing != 0 || distance / spacing < 0 {
            let [from, to, step] = texts;
            return Err(format!(
                "the end {to} is not reached from {from} in steps of {step}"
            ));
        }
        let count = (distance / spacing) as u64 + 1;
        if count > NUMBERS_MAX {
            return Err(format!(
                "the range has {count} values; an axis has at most {NUMBERS_MAX}"
            ));
        }
        Ok(Self {
            first,
            step: spacing,
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
        let number = Decimal::of_units(self.first + i128::from(index) * self.step, self.scale);
        let text = number.to_string();
        let whole = text.parse::<i64>().map(Value::from);
        whole.unwrap_or_else(|_| text.parse::<f64>().map_or(Value::Null, Value::from))
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    fn range(from: &str, to: &str, step: &str) -> Result<Vec<String>, String> {
        let number = |text: &str| serde_json::from_str::<Number>(text).unwrap();
        let range = Spaced::new(&number(from), &number(to), &number(step))?;
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
        let refused = [
            ("0", "1", "0"),
            ("0", "1", "0.3"),
            ("1", "0", "0.5"),
            ("0", "1", "-0.5"),
            ("0", "1", "1e-300"),
            ("0", "1e300", "1"),
            ("0", "18446744073709551615", "1"),
            ("0", "1000000", "1"),
        ]
        .map(|(from, to, step)| range(from, to, step).unwrap_err());
        expect![[r#"
            the step is 0
            the end 1 is not reached from 0 in steps of 0.3
            the end 0 is not reached from 1 in steps of 0.5
            the end 1 is not reached from 0 in steps of -0.5
            a range from 0 to 1 in steps of 1e-300 cannot be counted exactly with 15 digits
            a range from 0 to 1e+300 in steps of 1 cannot be counted exactly with 15 digits
            a range from 0 to 18446744073709551615 in steps of 1 cannot be counted exactly with 15 digits
            the range has 1000001 values; an axis has at most 1000000"#]].assert_eq(&refused.join("\n"));
    }
}
