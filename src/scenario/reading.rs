//! Ways to read members that are stricter, and fail more clearly, than what serde derives.
//!
//! This module does *not* know any member.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::{MapAccessDeserializer, StringDeserializer};
use serde::de::{self, MapAccess, SeqAccess, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Number, Value};

/// For `deserialize_with`: an object, and not a list of its members' values, which the derived
/// code alone would take as well.
pub(super) fn object<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    deserializer.deserialize_any(ObjectVisitor("an object", PhantomData))
}

/// For `deserialize_with` of a member that may be absent, but not null: an [`object`].
pub(super) fn object_present<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    object(deserializer).map(Some)
}

/// For `deserialize_with`: an [`object`], or null.
pub(super) fn object_or_null<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    struct OrNull<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for OrNull<T> {
        type Value = Option<T>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object, or null")
        }
        fn visit_none<E: de::Error>(self) -> Result<Self::Value, E> {
            Ok(None)
        }
        fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
            Ok(None)
        }
        fn visit_some<D: Deserializer<'de>>(self, value: D) -> Result<Self::Value, D::Error> {
            let visitor = ObjectVisitor("an object, or null", PhantomData);
            value.deserialize_any(visitor).map(Some)
        }
    }

    deserializer.deserialize_option(OrNull(PhantomData))
}

/// For `deserialize_with`: a list of [`object`]s.
pub(super) fn objects<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    struct Object<T>(T);

    impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            object(deserializer).map(Self)
        }
    }

    let list = Vec::<Object<T>>::deserialize(deserializer)?;
    Ok(list.into_iter().map(|Object(item)| item).collect())
}

/// For `deserialize_with`: an enum written as an object whose only member names the variant.
pub(super) fn tagged<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    deserializer.deserialize_any(ObjectVisitor(ONE_MEMBER, PhantomData))
}

/// What is expected where an enum stands.
pub(super) const ONE_MEMBER: &str = "an object with exactly one member";

struct ObjectVisitor<T>(&'static str, PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = T;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map))
    }
}

/// For `deserialize_with`: an enum of words, written as a string and in no other way.
pub(super) fn word<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    let word = String::deserialize(deserializer)?;
    T::deserialize(StringDeserializer::new(word))
}

/// For `deserialize_with`: a [`word`], or null.
pub(super) fn word_or_null<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    let word = Option::<String>::deserialize(deserializer)?;
    let read = |word| T::deserialize(StringDeserializer::new(word));
    word.map(read).transpose()
}

/// For `deserialize_with` of a member that may be absent: a [`file`].
pub(super) fn path<'de, D>(deserializer: D) -> Result<Option<String>, D::Error>
where
    D: Deserializer<'de>,
{
    file(deserializer).map(Some)
}

/// For `deserialize_with`: a path that is not empty.
pub(super) fn file<'de, D>(deserializer: D) -> Result<String, D::Error>
where
    D: Deserializer<'de>,
{
    let path = String::deserialize(deserializer)?;
    if path.is_empty() {
        let given = Unexpected::Str(&path);
        return Err(de::Error::invalid_value(given, &"the path of a file"));
    }
    Ok(path)
}

/// For `deserialize_with` of a member that may be absent, but not null.
pub(super) fn present<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}

/// For `deserialize_with`: any number, as it is.
pub(super) fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Number, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Number(number) => Ok(number),
        _ => Err(de::Error::invalid_type(
            Unexpected::Other("something else"),
            &"a number",
        )),
    }
}

/// For `deserialize_with`: a list of exactly two.
pub(super) fn pair<'de, D, T>(deserializer: D) -> Result<[T; 2], D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    struct Pair<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for Pair<T> {
        type Value = [T; 2];
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list of two numbers, like [1, 5]")
        }
        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<[T; 2], A::Error> {
            let mut values = Vec::new();
            while let Some(value) = list.next_element()? {
                values.push(value);
            }
            let length = values.len();
            values
                .try_into()
                .map_err(|_: Vec<T>| de::Error::invalid_length(length, &self))
        }
    }

    deserializer.deserialize_any(Pair(PhantomData))
}
