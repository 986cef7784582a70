//! Numbers and names that carry their range in their type: reading one
//! checks it, and the JSON Schema states it.
//!
//! A type is told by its range and its unit; its comment says what it was made for. This module does *not*
//! know which member has it.

mod bare;
mod name;

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub use self::bare::{BareReal, BareWhole};
pub use self::name::Name;
use crate::time::Span;

/// Every whole number up to this one is an `f64`.
const EXACT_MAX: f64 = 9_007_199_254_740_992.0;

/// A whole number within limits.
pub trait Whole: Sized {
    /// The least value allowed.
    const MIN: u64;
    /// The greatest value allowed.
    const MAX: u64;
    /// Wraps a value that lies within the limits.
    fn new(value: u64) -> Self;
}

/// A real number within limits.
pub trait Real: Sized {
    /// The least value allowed, or its lower bound if [`Self::OPEN`].
    const MIN: f64;
    /// Whether [`Self::MIN`] itself is excluded.
    const OPEN: bool;
    /// The greatest value allowed.
    const MAX: f64;
    /// Wraps a value that lies within the limits.
    fn new(value: f64) -> Self;

    /// Wraps a value if it lies within the limits.
    fn within(value: f64) -> Option<Self> {
        let is_within = (Self::MIN..=Self::MAX).contains(&value);
        // Adding 0 turns −0 into 0.
        (is_within && !(Self::OPEN && value <= Self::MIN)).then(|| Self::new(value + 0.0))
    }
}

/// Makes a type of a whole number within limits.
macro_rules! whole {
    ($(#[doc = $doc:literal])* $name:ident($inner:ty): $min:literal ..= $max:expr) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
        pub struct $name(pub $inner);

        impl $crate::parameters::number::Whole for $name {
            const MIN: u64 = $min;
            const MAX: u64 = $max as u64;
            fn new(value: u64) -> Self {
                Self(value as $inner)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::parameters::number::whole_number(deserializer)
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
            fn inline_schema() -> bool {
                true
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                use $crate::parameters::number::Whole;
                schemars::json_schema!({
                    "type": "integer", "minimum": Self::MIN, "maximum": Self::MAX
                })
            }
        }
    };
}

macro_rules! real {
    ($(#[doc = $doc:literal])* $name:ident: $open:literal $min:literal ..= $max:literal) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone, Copy, PartialEq)]
        pub struct $name(pub f64);

        impl Real for $name {
            const MIN: f64 = $min;
            const OPEN: bool = $open;
            const MAX: f64 = $max;
            fn new(value: f64) -> Self {
                Self(value)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                real_number(deserializer)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serialize_real(self.0, serializer)
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }
            fn inline_schema() -> bool {
                true
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                let minimum = if Self::OPEN { "exclusiveMinimum" } else { "minimum" };
                json_schema!({
                    "type": "number",
                    minimum: canonical(Self::MIN),
                    "maximum": canonical(Self::MAX),
                })
            }
        }
    };
}

pub(crate) use whole;

whole! {
    /// The version of the file format.
    Version(u32): 1..=1
}
whole! {
    /// The seed of all draws.
    Seed(u64): 0..=u64::MAX
}
whole! {
    /// How many replications a scenario has.
    Replications(u32): 1..=crate::random::REPLICATIONS_MAX - 1
}
whole! {
    /// The number of a router, from 0.
    RouterNumber(u32): 0..=u32::MAX - 1
}
whole! {
    /// A count of requests, instances or slots.
    Count(u32): 1..=u32::MAX
}
whole! {
    /// A count of things that may be absent.
    Sites(u32): 0..=1_000_000
}
whole! {
    /// A seed of GT-ITM's generator, of which 31 bits count.
    GtItmSeed(u32): 0..=2_147_483_647
}
whole! {
    /// The number of a service, from 0.
    ServiceNumber(u32): 0..=999_999
}
whole! {
    /// A count of services, or of the GCUs of one broker.
    BoundedCount(u32): 1..=1_000_000
}
whole! {
    /// How often something is tried again.
    Repeats(u32): 0..=16
}
whole! {
    /// A small count.
    SmallCount(u32): 1..=64
}
whole! {
    /// How many wait at most.
    QueueLength(u32): 0..=1_000_000_000
}
real! {
    /// A bandwidth in Mbit/s: a kbit/s at least.
    Bandwidth: false 0.001..=1_000_000_000.0
}
real! {
    /// A probability, a rate or a density.
    Fraction: false 0.0..=1.0
}
real! {
    /// The confidence of an interval.
    Confidence: true 0.0..=0.9999
}
real! {
    /// A factor or a frequency.
    Positive: true 0.0..=1_000_000_000.0
}
real! {
    /// An amount of anything.
    NonNegative: false 0.0..=1_000_000_000.0
}
real! {
    /// A value that can be negative.
    Signed: false -1_000_000_000.0..=1_000_000_000.0
}
real! {
    /// A period in seconds: a nanosecond at least, at most 115 days.
    Period: false 1e-9..=10_000_000.0
}
real! {
    /// A length of time in seconds, at most three years.
    DurationS: true 0.0..=100_000_000.0
}
real! {
    /// A factor that only enlarges.
    Enlargement: false 1.0..=1_000_000_000.0
}
real! {
    /// A period in milliseconds: a nanosecond at least, at most 11 days.
    PeriodMs: false 1e-6..=1_000_000_000.0
}
real! {
    /// How long something is waited for that is then tried again, in milliseconds: a millisecond at
    /// least, at most 11 days.
    PauseMs: false 1.0..=1_000_000_000.0
}
real! {
    /// A probability that is not 0.
    Probability: true 0.0..=1.0
}
real! {
    /// A parameter of a law that only scales.
    Factor: false 0.0..=1_000_000.0
}
real! {
    /// The mean of small counts that are 2 at least.
    Degree: false 2.0..=64.0
}
real! {
    /// The mean of a Poisson distribution that is not always 0.
    Mean: true 0.0..=1_000_000.0
}
real! {
    /// The latency of an access link in milliseconds, at most 11 days.
    LatencyMs: false 0.0..=1_000_000_000.0
}
real! {
    /// A length of time in milliseconds, at most what `Span::from_ms` takes.
    DurationMs: false 0.0..=1_000_000_000_000.0
}

/// Converts numbers of milliseconds to spans.
macro_rules! milliseconds {
    ($($name:ident),*) => {$(
        impl $name {
            /// The number as a span of time.
            pub fn span(self) -> Span {
                span(self.0)
            }
        }
    )*};
}

milliseconds!(LatencyMs, DurationMs, PeriodMs, PauseMs);

impl Period {
    /// The number as a span of time.
    pub fn span(self) -> Span {
        seconds(self.0)
    }
}

/// The span of `s` seconds, a number within the limits of [`NonNegative`] or [`Period`].
///
/// # Panics
/// If it is not within them.
pub fn seconds(s: f64) -> Span {
    span(s * 1e3)
}

impl DurationS {
    /// The number as a span of time.
    pub fn span(self) -> Span {
        Span::from_ns((self.0 * 1e9).round() as u64)
    }
}

/// The span of `ms`, a number within the limits of [`DurationMs`].
///
/// # Panics
/// If it is not within them.
pub fn span(ms: f64) -> Span {
    Span::from_ms(ms).expect("the limits of a duration are those of a span")
}

/// Reads a whole number within the limits of its type.
pub fn whole_number<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Whole,
{
    deserializer.deserialize_newtype_struct(WHOLE, WholeVisitor(PhantomData))
}

/// The beginning of a type's name that is a help line: what to write in place of a value that cannot be read.
pub(crate) const HELP: &str = "help: ";

/// Reads a whole number within its limits; where it cannot be read, `help`, which begins with [`HELP`], says what to write.
///
/// # Errors
/// If it is none.
pub(crate) fn whole_number_or<'de, D, T>(help: &'static str, from: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Whole,
{
    debug_assert!(help.starts_with(HELP), "{help}");
    from.deserialize_newtype_struct(help, WholeVisitor(PhantomData))
}

/// Reads a whole number (also one that is written like `1e3`).
struct WholeVisitor<T>(PhantomData<T>);

impl<'de, T: Whole> Visitor<'de> for WholeVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if T::MIN == T::MAX {
            write!(f, "the number {}", T::MIN)
        } else {
            write!(f, "a whole number from {} to {}", T::MIN, T::MAX)
        }
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<T, D::Error> {
        inner.deserialize_any(self)
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<T, E> {
        if (T::MIN..=T::MAX).contains(&value) {
            Ok(T::new(value))
        } else {
            Err(E::invalid_value(Unexpected::Unsigned(value), &self))
        }
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<T, E> {
        match u64::try_from(value) {
            Ok(value) => self.visit_u64(value),
            Err(_) => Err(E::invalid_value(Unexpected::Signed(value), &self)),
        }
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<T, E> {
        if value.fract() == 0.0 && (0.0..=EXACT_MAX).contains(&value) {
            self.visit_u64(value as u64)
        } else {
            Err(E::invalid_value(Unexpected::Float(value), &self))
        }
    }
}

/// The kind of types of whole numbers, which they give to a deserializer as the name of a newtype. The kind decides
/// what was probably meant by a value that is not such a number.
pub(super) const WHOLE: &str = "whole number";
/// The kind of types of real numbers, as [`WHOLE`] is of whole ones.
pub(super) const REAL: &str = "real number";
/// The kind of types whose values are fractions, as [`WHOLE`] is of whole numbers.
pub(super) const FRACTION: &str = "fraction";

/// Reads a real number within the limits of its type.
fn real_number<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Real,
{
    let is_fraction = T::MIN >= 0.0 && T::MAX <= 1.0;
    let kind = if is_fraction { FRACTION } else { REAL };
    deserializer.deserialize_newtype_struct(kind, RealVisitor(PhantomData))
}

/// Reads a real number.
struct RealVisitor<T>(PhantomData<T>);

impl<'de, T: Real> Visitor<'de> for RealVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if T::OPEN {
            write!(f, "a number above {} and at most {}", T::MIN, T::MAX)
        } else {
            write!(f, "a number from {} to {}", T::MIN, T::MAX)
        }
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<T, D::Error> {
        inner.deserialize_any(self)
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<T, E> {
        self.visit_f64(value as f64)
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<T, E> {
        self.visit_f64(value as f64)
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<T, E> {
        T::within(value).ok_or_else(|| E::invalid_value(Unexpected::Float(value), &self))
    }
}

/// A real number as the shortest JSON number: whole ones without a fraction, so that `1` and
/// `1.0` are one spelling.
fn canonical(value: f64) -> serde_json::Value {
    if value.fract() == 0.0 && value.abs() <= EXACT_MAX {
        (value as i64).into()
    } else {
        value.into()
    }
}

fn serialize_real<S: Serializer>(value: f64, serializer: S) -> Result<S::Ok, S::Error> {
    canonical(value).serialize(serializer)
}
