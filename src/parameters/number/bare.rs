//! Members that are bare numbers in the program, where these may also come from elsewhere, within other
//! limits than a scenario's.
//!
//! `#[serde(with = "BareWhole::<BoundedCount>")]` and `#[schemars(with = "BoundedCount")]` give such a member the limits
//! of a type. This module does *not* know which member it is.

use std::marker::PhantomData;

use serde::{Deserializer, Serialize, Serializer};

use super::{Real, Whole, canonical, real_number, whole_number};

/// A whole number that is read within the limits of `T`.
#[derive(Debug)]
pub struct BareWhole<T>(u64, PhantomData<T>);

impl<T: Whole> Whole for BareWhole<T> {
    const MIN: u64 = T::MIN;
    const MAX: u64 = T::MAX;
    fn new(value: u64) -> Self {
        Self(value, PhantomData)
    }
}

impl<T: Whole> BareWhole<T> {
    /// Reads it.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
        whole_number::<D, Self>(from).map(|number| number.0)
    }

    /// Writes it.
    pub fn serialize<S: Serializer>(value: &u64, to: S) -> Result<S::Ok, S::Error> {
        value.serialize(to)
    }
}

/// A real number that is read within the limits of `T`.
#[derive(Debug)]
pub struct BareReal<T>(f64, PhantomData<T>);

impl<T: Real> Real for BareReal<T> {
    const MIN: f64 = T::MIN;
    const OPEN: bool = T::OPEN;
    const MAX: f64 = T::MAX;
    fn new(value: f64) -> Self {
        Self(value, PhantomData)
    }
}

impl<T: Real> BareReal<T> {
    /// Reads it.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
        real_number::<D, Self>(from).map(|number| number.0)
    }

    /// Writes it.
    pub fn serialize<S: Serializer>(value: &f64, to: S) -> Result<S::Ok, S::Error> {
        canonical(*value).serialize(to)
    }
}
