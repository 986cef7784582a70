//! Reading parameters out of a JSON value: strictly, and so that whatever is wrong is said with its
//! place, in words for a person.
//!
//! A struct comes from an object and nothing else, a word from a string, a list of n from a list of n.
//! What is expected is told by the types that are read; this module does *not* know any of them.

mod failure;
mod variant;

use serde::de::value::{SeqDeserializer, StrDeserializer};
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, SeqAccess,
    Unexpected, Visitor,
};
use serde::{Deserialize, forward_to_deserialize_any};
use serde_json::{Map, Value, map};

pub(crate) use self::failure::KNOWN_HERE;
pub use self::failure::suggest;
use self::failure::{Cause, Failure, NoVariant, PathSegment, Place, Placed, remedy};
use self::variant::{Tagged, Word};
use super::json::{describe, escape};
use super::{Problem, unknown_member};

/// What is expected where an object's only member names what it is.
pub(crate) const ONE_MEMBER: &str = "an object with exactly one member";

/// Reads the value that stands at `pointer`.
///
/// # Errors
/// If it is not what `T` is read from.
pub fn decode<T: DeserializeOwned>(value: &Value, pointer: &str) -> Result<T, Problem> {
    attempt(value, pointer).map_err(|placed| match placed {
        Placed::Problem(problem) => problem,
        Placed::NoVariant(found) => {
            let at = found.pointer.clone();
            found.problem(|word| is_word::<T>(word, &at, value, pointer))
        }
    })
}

/// Reads the value once.
fn attempt<T: DeserializeOwned>(value: &Value, pointer: &str) -> Result<T, Placed> {
    let place = Place {
        around: None,
        step: PathSegment::Root(pointer),
    };
    let node = Node {
        value,
        place: &place,
        or_null: false,
        kind: "",
    };
    T::deserialize(node).map_err(|failure| match failure {
        Failure::Placed(placed) => *placed,
        Failure::Cause(cause) => Placed::Problem(node.problem(cause)),
    })
}

/// Whether this `word` can stand `at` that pointer in a `T` like `value`, which stands at `pointer`.
fn is_word<T: DeserializeOwned>(word: &str, at: &str, value: &Value, pointer: &str) -> bool {
    let mut other = value.clone();
    let there = at.strip_prefix(pointer);
    if let Some(there) = there.and_then(|there| other.pointer_mut(there)) {
        *there = word.into();
    }
    let read = attempt::<T>(&other, pointer);
    !matches!(read, Err(Placed::NoVariant(still)) if still.pointer == at)
}

/// For `deserialize_with` of a member that may be absent, but not null.
///
/// # Errors
/// As of [`decode`].
pub fn present<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}

/// For `deserialize_with`: a path that is not empty.
///
/// # Errors
/// If it is.
pub fn file<'de, D>(deserializer: D) -> Result<String, D::Error>
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

/// A value in its place.
#[derive(Debug, Clone, Copy)]
struct Node<'de, 'p> {
    value: &'de Value,
    place: &'p Place<'p>,
    /// Whether null would do as well.
    or_null: bool,
    /// What the type that is read tells of itself, if anything.
    kind: &'static str,
}

impl Node<'_, '_> {
    /// Adds the place to what went wrong here.
    fn placed<T>(self, read: Result<T, Failure>) -> Result<T, Failure> {
        read.map_err(|failure| match failure {
            Failure::Cause(cause) => {
                Failure::Placed(Box::new(Placed::Problem(self.problem(cause))))
            }
            placed @ Failure::Placed(_) => placed,
        })
    }

    fn fail<T>(self, expected: &str) -> Result<T, Failure> {
        self.placed(Err(Failure::expected(expected)))
    }

    fn problem(self, cause: Cause) -> Problem {
        let pointer = self.place.pointer();
        match cause {
            Cause::Expected(expected) => {
                let or_null = if self.or_null { ", or null" } else { "" };
                let found = describe(self.value);
                let problem = Problem::new(
                    pointer,
                    format!("expected {expected}{or_null}, found {found}"),
                );
                match remedy(self.kind, self.value) {
                    Some(remedy) => problem.help(remedy),
                    None => problem,
                }
            }
            Cause::UnknownVariant(name, known) | Cause::UnknownMember(name, known) => {
                unknown_member(&pointer, &name, known)
            }
            Cause::Missing(name) => {
                let help = format!(
                    "`arigatoni explain {pointer}/{}` describes it",
                    escape(name)
                );
                Problem::new(pointer, format!("the member `{name}` is missing")).help(help)
            }
            Cause::OtherForm => Problem::new(pointer, format!("expected {ONE_MEMBER}")),
            Cause::Other(message) => Problem::new(pointer, message),
        }
    }

    /// The failure that the value is none of these variants.
    fn no_variant<T>(self, variants: &'static [&'static str]) -> Result<T, Failure> {
        Err(Failure::Placed(Box::new(Placed::NoVariant(NoVariant {
            pointer: self.place.pointer(),
            variants,
            or_null: self.or_null,
            found: self.value.clone(),
        }))))
    }
}

impl<'de> Deserializer<'de> for Node<'de, '_> {
    type Error = Failure;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        let read = match self.value {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Number(number) => {
                if let Some(whole) = number.as_u64() {
                    visitor.visit_u64(whole)
                } else if let Some(whole) = number.as_i64() {
                    visitor.visit_i64(whole)
                } else {
                    visitor.visit_f64(number.as_f64().unwrap_or(f64::NAN))
                }
            }
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Array(items) => visitor.visit_seq(Items {
                items: items.iter().enumerate(),
                around: self.place,
            }),
            Value::Object(members) => visitor.visit_map(Members::of(members, self.place)),
        };
        self.placed(read)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        if self.value.is_null() {
            return visitor.visit_none();
        }
        visitor.visit_some(Node {
            or_null: true,
            ..self
        })
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        kind: &'static str,
        visitor: V,
    ) -> Result<V::Value, Failure> {
        let node = Self { kind, ..self };
        node.placed(visitor.visit_newtype_struct(node))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failure> {
        match self.value {
            Value::Object(_) => self.deserialize_any(visitor),
            _ => self.fail("an object"),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failure> {
        let read = match self.value {
            Value::String(word) => visitor.visit_enum(Word(word)),
            Value::Object(members) if members.len() == 1 => {
                visitor.visit_enum(Tagged(Members::of(members, self.place)))
            }
            _ => return self.no_variant(variants),
        };
        match read {
            Err(Failure::Cause(Cause::UnknownVariant(..) | Cause::OtherForm)) => {
                self.no_variant(variants)
            }
            read => self.placed(read),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        match self.value {
            Value::Array(_) => self.deserialize_any(visitor),
            _ => self.fail("a list"),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, Failure> {
        match self.value {
            Value::Array(items) if items.len() == len => return self.deserialize_any(visitor),
            _ => {}
        }
        // Items that are nothing tell what an item is.
        let nothing = SeqDeserializer::new(std::iter::repeat_n((), len));
        let each = match visitor.visit_seq(nothing) {
            Err(Failure::Cause(Cause::Expected(each))) => format!(", each {each}"),
            _ => String::new(),
        };
        self.fail(&format!("a list of {len}{each}"))
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        match self.value {
            Value::Bool(_) => self.deserialize_any(visitor),
            _ => self.fail("true or false"),
        }
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct tuple_struct map identifier ignored_any
    }
}

/// The items of a list.
struct Items<'de, 'p> {
    items: std::iter::Enumerate<std::slice::Iter<'de, Value>>,
    around: &'p Place<'p>,
}

impl<'de> SeqAccess<'de> for Items<'de, '_> {
    type Error = Failure;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Failure> {
        let Some((number, value)) = self.items.next() else {
            return Ok(None);
        };
        let place = Place {
            around: Some(self.around),
            step: PathSegment::Item(number),
        };
        let node = Node {
            value,
            place: &place,
            or_null: false,
            kind: "",
        };
        node.placed(seed.deserialize(node)).map(Some)
    }
}

/// The members of an object.
struct Members<'de, 'p> {
    left: map::Iter<'de>,
    next: Option<(&'de str, &'de Value)>,
    around: &'p Place<'p>,
}

impl<'de, 'p> Members<'de, 'p> {
    fn of(members: &'de Map<String, Value>, around: &'p Place<'p>) -> Self {
        Self {
            left: members.iter(),
            next: None,
            around,
        }
    }
}

impl<'de> MapAccess<'de> for Members<'de, '_> {
    type Error = Failure;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Failure> {
        let Some((name, value)) = self.left.next() else {
            return Ok(None);
        };
        self.next = Some((name, value));
        let name: StrDeserializer<'_, Failure> = name.as_str().into_deserializer();
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Failure> {
        let (name, value) = self.next.take().expect("a name comes before its value");
        let place = Place {
            around: Some(self.around),
            step: PathSegment::Member(name),
        };
        let node = Node {
            value,
            place: &place,
            or_null: false,
            kind: "",
        };
        node.placed(seed.deserialize(node))
    }
}
