//! Two objects of parameters in one: the members of both stand side by side.
//!
//! This module does *not* know what either says.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value};

use super::{Parameters, Problem, unknown_member};

/// The members of two objects in one object; those of the first come first.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Beside<A, B>(pub A, pub B);

impl<A: Parameters, B: Parameters> Parameters for Beside<A, B> {
    fn read(value: &Value, pointer: &str) -> Result<Self, Problem> {
        let Value::Object(members) = value else {
            return Ok(Self(A::read(value, pointer)?, B::default()));
        };
        let (first, second) = (names::<A>(), names::<B>());
        let twice = second.iter().find(|name| first.contains(name));
        assert_eq!(twice, None, "a member stands in both objects");
        let mut split = [Map::new(), Map::new()];
        for (name, value) in members {
            let is_second = second.contains(name);
            if !is_second && !first.contains(name) {
                let known: Vec<&str> = first.iter().chain(&second).map(String::as_str).collect();
                return Err(unknown_member(pointer, name, &known));
            }
            split[usize::from(is_second)].insert(name.clone(), value.clone());
        }
        let [first, second] = split.map(Value::Object);
        Ok(Self(A::read(&first, pointer)?, B::read(&second, pointer)?))
    }

    fn write(&self) -> Value {
        let mut all = self.0.write();
        if let (Value::Object(all), Value::Object(second)) = (&mut all, self.1.write()) {
            all.extend(second);
        }
        all
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        let mut all = A::schema(generator);
        let mut second = B::schema(generator);
        if let (Some(Value::Object(all)), Some(Value::Object(second))) =
            (all.get_mut("properties"), second.get_mut("properties"))
        {
            all.append(second);
        }
        all
    }

    fn effective(&self) -> Self {
        Self(self.0.effective(), self.1.effective())
    }

    fn check(&self, pointer: &str) -> Result<(), Problem> {
        self.0.check(pointer)?;
        self.1.check(pointer)
    }
}

/// The schema has the name and the description of the first object's.
impl<A: Parameters + JsonSchema, B: Parameters> JsonSchema for Beside<A, B> {
    fn schema_name() -> Cow<'static, str> {
        A::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Self::schema(generator)
    }
}

/// The names of an object's members.
pub fn names<P: Parameters>() -> Vec<String> {
    match P::default().write() {
        Value::Object(members) => members.into_iter().map(|(name, _)| name).collect(),
        _ => Vec::new(),
    }
}
