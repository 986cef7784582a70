//! Numbers with multipliers and units, as they are written in a clause.
//!
//! `-?digits[.digits]`, then a multiplier, then a unit, without blanks. This module does *not* know clauses
//! and attributes.

use super::scan::Token;
use crate::decimal::Decimal;
use crate::error::fault::{CHARS_REPEATED, Fault};
use crate::parameters::json::one_line;

/// What a unit measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Dimension {
    Time,
    Size,
    Frequency,
}

/// A unit: `factor` · 10^`power` of what its dimension is measured in.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Unit {
    pub(super) name: &'static str,
    pub(super) dimension: Dimension,
    factor: u64,
    power: i64,
}

/// All units.
pub(super) static UNITS: [Unit; 9] = [
    Unit::new("ns", Dimension::Time, 1, -9),
    Unit::new("us", Dimension::Time, 1, -6),
    Unit::new("ms", Dimension::Time, 1, -3),
    Unit::new("s", Dimension::Time, 1, 0),
    Unit::new("min", Dimension::Time, 60, 0),
    Unit::new("h", Dimension::Time, 60 * 60, 0),
    Unit::new("d", Dimension::Time, 24 * 60 * 60, 0),
    Unit::new("B", Dimension::Size, 1, 0),
    Unit::new("Hz", Dimension::Frequency, 1, 0),
];

/// Multipliers: name, factor, power of ten. None is the end of another with a unit, so a number can be
/// read in one way only.
const MULTIPLIERS: [(&str, u64, i64); 9] = [
    ("", 1, 0),
    ("k", 1, 3),
    ("M", 1, 6),
    ("G", 1, 9),
    ("T", 1, 12),
    ("Ki", 1 << 10, 0),
    ("Mi", 1 << 20, 0),
    ("Gi", 1 << 30, 0),
    ("Ti", 1 << 40, 0),
];

impl Unit {
    const fn new(name: &'static str, dimension: Dimension, factor: u64, power: i64) -> Self {
        Self {
            name,
            dimension,
            factor,
            power,
        }
    }

    /// The unit of this name.
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        UNITS.iter().find(|unit| unit.name == name)
    }

    /// Whether every decimal number of another unit of its dimension is a decimal number of this one, so
    /// that an attribute can be declared in it: 1 s is no decimal number of minutes.
    pub(super) fn is_base(&self) -> bool {
        self.factor == 1
    }

    /// The unit in which the dimension is measured where nobody has declared one.
    pub(super) fn base(&self) -> &'static Self {
        let mut alike = UNITS.iter().filter(|unit| unit.dimension == self.dimension);
        alike
            .find(|unit| (unit.factor, unit.power) == (1, 0))
            .expect("each dimension has such a unit")
    }

    /// The units that measure the same, as a list in words.
    fn alike(&self) -> String {
        let alike = UNITS.iter().filter(|unit| unit.dimension == self.dimension);
        alike.map(|unit| unit.name).collect::<Vec<_>>().join(" ")
    }
}

/// A number as it is written.
pub(super) struct Written {
    number: Decimal,
    multiplier: (u64, i64),
    /// The unit, and the byte of the value at which it begins.
    pub(super) unit: Option<(&'static Unit, usize)>,
}

/// A fault of a value: the byte at which it begins, what it is, and what to do about it.
type Misread = (usize, String, Option<String>);

/// Takes a value apart.
pub(super) fn split(value: &str) -> Result<Written, Misread> {
    let unsigned = value.strip_prefix('-').unwrap_or(value);
    let (whole, rest) = digits(unsigned);
    let at = |rest: &str| value.len() - rest.len();
    if whole.is_empty() {
        let help = "a number is written like 2, -0.5, 2k or 1.5Gi";
        return Err((at(unsigned), "expected a number".into(), Some(help.into())));
    }
    let (fraction, suffix) = match rest.strip_prefix('.') {
        None => ("", rest),
        Some(behind) => match digits(behind) {
            ("", _) => return Err((at(behind), "expected a digit after the point".into(), None)),
            both => both,
        },
    };
    let read = MULTIPLIERS.iter().find_map(|&(name, factor, power)| {
        let unit = suffix.strip_prefix(name)?;
        let named = Unit::named(unit);
        let is_read = unit.is_empty() || named.is_some();
        is_read.then(|| ((factor, power), named.map(|named| (named, at(unit)))))
    });
    let (multiplier, unit) = read.ok_or_else(|| not_a_suffix(at(suffix), suffix))?;
    Ok(Written {
        number: Decimal::new(unsigned.len() < value.len(), whole, fraction),
        multiplier,
        unit,
    })
}

/// The digits with which a text begins, and what follows.
fn digits(text: &str) -> (&str, &str) {
    let end = text.find(|char: char| !char.is_ascii_digit());
    text.split_at(end.unwrap_or(text.len()))
}

/// The error that what follows a number is neither a multiplier nor a unit.
fn not_a_suffix(at: usize, suffix: &str) -> Misread {
    let shown = one_line(suffix, CHARS_REPEATED);
    let what = format!("`{shown}` is neither a multiplier nor a unit");
    let help = match suffix.as_bytes() {
        [b'e' | b'E', b'0'..=b'9' | b'+' | b'-', ..] => {
            "numbers have no exponents: write 1k or 1000 instead of 1e3".into()
        }
        [b',', ..] => "decimals have a point".into(),
        [b'K', ..] => "k is 1000, Ki is 1024".into(),
        _ => {
            let units: Vec<&str> = UNITS.iter().map(|unit| unit.name).collect();
            let units = units.join(" ");
            format!("the multipliers are k M G T Ki Mi Gi Ti, the units are {units}")
        }
    };
    (at, what, Some(help))
}

/// Whether a text begins like a number, so that it is no word where nobody has declared it as one.
fn begins_like_a_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+', '.']).unwrap_or(text);
    unsigned.starts_with(|char: char| char.is_ascii_digit())
}

/// Checks that a value which begins like a number is one.
pub(super) fn check(value: Token<'_>) -> Result<(), Fault> {
    if begins_like_a_number(value.text) {
        written(value)?;
    }
    Ok(())
}

/// The value, taken apart.
fn written(value: Token<'_>) -> Result<Written, Fault> {
    split(value.text).map_err(|(at, what, help)| {
        let fault = Fault::new(value.start + at..value.range().end, what);
        match help {
            Some(help) => fault.help(help),
            None => fault,
        }
    })
}

/// The number that a value is, in the unit `base` of its attribute.
pub(super) fn read(
    value: Token<'_>,
    attribute: &str,
    base: Option<&Unit>,
) -> Result<Decimal, Fault> {
    let end = value.range().end;
    let written = written(value)?;
    let (mut factor, mut power) = written.multiplier;
    if let Some((unit, at)) = written.unit {
        let marked = value.start + at..end;
        let name = unit.name;
        let Some(base) = base else {
            let what = format!("`{name}` is a unit, but {attribute} is declared without one");
            return Err(Fault::new(marked, what).help("leave it out"));
        };
        if base.dimension != unit.dimension {
            let what = format!("`{name}` is no unit of {attribute}");
            let help = format!("the units of {attribute} are {}", base.alike());
            return Err(Fault::new(marked, what).help(help));
        }
        factor *= unit.factor;
        power += unit.power - base.power;
    }
    Ok(written.number.times(factor, power))
}
