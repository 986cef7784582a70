//! Exact decimals of any length.
//!
//! They are compared, scaled by a whole factor and printed. The decimals of crates have a largest length, at which
//! a constraint would change its meaning. This module does *not* know units, nor how a number is written in a
//! constraint.

use std::cmp::Ordering;
use std::fmt;

/// The number ±0.d₁d₂d₃… · 10^point. Its first and its last digit are not 0, so equal numbers have equal
/// fields; 0 has no digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Decimal {
    is_negative: bool,
    digits: Box<[u8]>,
    point: i64,
    /// The bits of [`Self::near`], which follows from the rest and saves most comparisons of digits.
    near: u64,
}

impl Decimal {
    /// The number that is written as `whole.fraction`; both hold ASCII digits only.
    pub(crate) fn new(is_negative: bool, whole: &str, fraction: &str) -> Self {
        let digits = whole.bytes().chain(fraction.bytes());
        let digits = digits.map(|digit| digit - b'0').collect();
        Self::normal(is_negative, digits, length(whole.as_bytes()))
    }

    /// The number that `text` is, written plainly: digits, perhaps a sign, perhaps a point.
    pub(crate) fn plain(text: &str) -> Self {
        let unsigned = text.strip_prefix('-');
        let digits = unsigned.unwrap_or(text);
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        Self::new(unsigned.is_some(), whole, fraction)
    }

    /// `units` · 10^−`scale`.
    pub(crate) fn of_units(units: i128, scale: u32) -> Self {
        let digits = units.unsigned_abs().to_string();
        Self::new(units < 0, &digits, "").times(1, -i64::from(scale))
    }

    /// The number in units of 10^−`scale`, if it is a whole number of them with at most `digits_max`
    /// digits.
    pub(crate) fn units(&self, scale: u32, digits_max: u32) -> Option<i128> {
        if self.digits.is_empty() {
            return Some(0);
        }
        let length = usize::try_from((self.point + i64::from(scale)).max(0)).ok()?;
        if length > digits_max as usize || length < self.digits.len() {
            return None;
        }
        let padded = self.digits.iter().chain(std::iter::repeat(&0)).take(length);
        let units = padded.fold(0, |units: i128, &digit| units * 10 + i128::from(digit));
        Some(if self.is_negative { -units } else { units })
    }

    /// How many digits stand behind the point.
    pub(crate) fn scale(&self) -> u32 {
        u32::try_from(length(&self.digits) - self.point).unwrap_or(0)
    }

    /// The number times `factor` (below 10¹⁸) times 10^`power`.
    pub(crate) fn times(&self, factor: u64, power: i64) -> Self {
        let mut product = Vec::with_capacity(self.digits.len() + 20);
        let mut carry = 0;
        for &digit in self.digits.iter().rev() {
            let sum = u64::from(digit) * factor + carry;
            product.push((sum % 10) as u8);
            carry = sum / 10;
        }
        while carry > 0 {
            product.push((carry % 10) as u8);
            carry /= 10;
        }
        product.reverse();
        let longer = length(&product) - length(&self.digits);
        Self::normal(self.is_negative, product, self.point + longer + power)
    }

    fn normal(is_negative: bool, mut digits: Vec<u8>, point: i64) -> Self {
        let given = length(&digits);
        let first = digits.iter().position(|&digit| digit != 0);
        digits.drain(..first.unwrap_or(digits.len()));
        let zeros = given - length(&digits);
        while digits.last() == Some(&0) {
            digits.pop();
        }
        let is_zero = digits.is_empty();
        let is_negative = is_negative && !is_zero;
        let point = if is_zero { 0 } else { point - zeros };
        Self {
            near: near(is_negative, &digits, point).to_bits(),
            is_negative,
            digits: digits.into(),
            point,
        }
    }

    /// A number near this one: of two decimals the greater never has the lesser one.
    pub(crate) fn near(&self) -> f64 {
        f64::from_bits(self.near)
    }
}

/// The `f64` that is nearest to the first digits, of which it can hold 17.
fn near(is_negative: bool, digits: &[u8], point: i64) -> f64 {
    let digits: String = digits.iter().take(20).map(|&d| digit(d)).collect();
    let sign = if is_negative { "-" } else { "" };
    let text = format!("{sign}0.{digits}0e{point}");
    text.parse().unwrap_or(0.0)
}

/// How many digits there are.
fn length(digits: &[u8]) -> i64 {
    digits.len().cast_signed() as i64
}

fn digit(digit: u8) -> char {
    char::from(b'0' + digit)
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        if let Some(order @ (Ordering::Less | Ordering::Greater)) =
            self.near().partial_cmp(&other.near())
        {
            return order;
        }
        let sign = |number: &Self| match (number.digits.is_empty(), number.is_negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        };
        let by_size = || {
            let points = self.point.cmp(&other.point);
            points.then_with(|| self.digits.cmp(&other.digits))
        };
        sign(self).cmp(&sign(other)).then_with(|| {
            if self.is_negative {
                by_size().reverse()
            } else {
                by_size()
            }
        })
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Plain: no exponent, no zeros that are not needed.
impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits: String = self.digits.iter().map(|&d| digit(d)).collect();
        if self.is_negative {
            f.write_str("-")?;
        }
        let length = length(digits.as_bytes());
        let zeros = |count: i64| "0".repeat(usize::try_from(count).unwrap_or(0));
        if digits.is_empty() {
            f.write_str("0")
        } else if self.point <= 0 {
            write!(f, "0.{}{digits}", zeros(-self.point))
        } else if self.point >= length {
            write!(f, "{digits}{}", zeros(self.point - length))
        } else {
            let (whole, fraction) = digits.split_at(self.point as usize);
            write!(f, "{whole}.{fraction}")
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn number(text: &str) -> Decimal {
        Decimal::plain(text)
    }

    #[test]
    fn numbers_print_plainly() {
        for (written, printed) in [
            ("0", "0"),
            ("-0.00", "0"),
            ("007", "7"),
            ("1200", "1200"),
            ("-1.50", "-1.5"),
            ("0.0010", "0.001"),
            ("120.04", "120.04"),
            (
                "100000000000000000000000000000000000001",
                "100000000000000000000000000000000000001",
            ),
        ] {
            assert_eq!(number(written).to_string(), printed);
        }
        assert_eq!(number("1.5").times(86400, -9).to_string(), "0.0001296");
        assert_eq!(number("25").times(4, 2).to_string(), "10000");
        assert_eq!(number("0").times(1024, 5), number("0"));
    }

    #[test]
    fn units_are_counted_if_they_are_whole_and_few() {
        for (text, units) in [
            ("0", Some(0)),
            ("-0.0", Some(0)),
            ("12.5", Some(125_000)),
            ("-0.0001", Some(-1)),
            ("0.00001", None),
            ("100", None),
        ] {
            assert_eq!(number(text).units(4, 6), units, "{text}");
        }
        assert_eq!(number("0").units(20, 6), Some(0));
    }

    #[test]
    fn a_digit_far_behind_the_point_counts() {
        let ends = [1, 2].map(|last| number(&format!("0.{}{last}", "0".repeat(50_000))));
        assert!(ends[0] < ends[1] && ends[0] > number("0"));
        assert!(number("-0.1") < number("-0.01"));
    }

    #[test]
    fn numbers_beyond_those_of_a_float_are_in_order() {
        let [thousand, thousand_and_one] = [1000, 1001].map(|zeros| "0".repeat(zeros));
        let texts = [
            format!("-1{thousand_and_one}"),
            format!("-1{thousand}"),
            format!("-0.{thousand}1"),
            "0".into(),
            format!("0.{thousand_and_one}1"),
            format!("0.{thousand}1"),
            "0.1234567890123456789012345".into(),
            "0.1234567890123456789012346".into(),
            format!("1{thousand}"),
            format!("1{thousand_and_one}"),
        ];
        let numbers = texts.map(|text| number(&text));
        assert!(numbers.is_sorted_by(|one, other| one < other));
    }

    proptest! {
        #[test]
        fn numbers_are_those_of_whole_arithmetic(
            a in -1_000_000_000_i128..1_000_000_000,
            b in -1_000_000_000_i128..1_000_000_000,
            scales in (0_u32..6, 0_u32..6),
            factor in 0_u64..1_000_000_000_000,
        ) {
            let (one, other) = (Decimal::of_units(a, scales.0), Decimal::of_units(b, scales.1));
            let [x, y] = [a * 10_i128.pow(6 - scales.0), b * 10_i128.pow(6 - scales.1)];
            prop_assert_eq!(one.cmp(&other), x.cmp(&y));
            prop_assert_eq!(one == other, x == y);
            prop_assert_eq!(one.units(6, 20), Some(x));
            prop_assert_eq!(&number(&one.to_string()), &one);
            prop_assert_eq!(one.times(factor, 0), Decimal::of_units(a * i128::from(factor), scales.0));
            let near = a as f64 / f64::from(10_u32.pow(scales.0));
            prop_assert_eq!(one.near().to_bits(), near.to_bits());
        }
    }
}
