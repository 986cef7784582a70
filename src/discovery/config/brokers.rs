//! Where the brokers are placed, as a scenario writes it.
//!
//! The doc comments are the descriptions in the JSON Schema. They do *not* know the graph.

use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::discovery::brokers::Listed;
use crate::error;
use crate::parameters::law::LawSpec;
use crate::parameters::number::{BoundedCount, NonNegative, QueueLength, RouterNumber};
use crate::parameters::{self, Problem, ReadFile, members};
use crate::random::law;
use crate::topology::RouterId;

members! {
    /// Where the brokers (GBUs) are placed.
    pub struct Brokers {
        /// Which routers carry a broker, and which broker leads which.
        pub placement: Placement = Placement::EveryRouter;
        /// The number of the root broker's router; null: the one that the file of the placement names, else
        /// the transit router of least eccentricity.
        pub root: Option<RouterNumber> = None;
        /// How long a broker takes over each message that reaches it, in seconds, at most a day: a distribution. It
        /// handles one at a time, in the order of arrival.
        pub service_s: LawSpec = LawSpec::Constant(NonNegative(0.0));
        /// How many messages wait at a broker at most, besides the one that it handles; null: any number. Without
        /// `service_s` none waits.
        pub queue: Option<QueueLength> = None;
    }
}

impl Brokers {
    /// How long a broker takes over a message; `None`: no time.
    ///
    /// # Panics
    /// If the parameters have not been checked.
    pub fn service(&self) -> Option<law::Law> {
        let law = self
            .service_s
            .validate("")
            .expect("the parameters are checked");
        (law.mean_s() > 0.0).then_some(law)
    }

    /// How many messages wait at a broker at most; `None`: any number.
    pub fn queue(&self) -> Option<u32> {
        self.queue.map(|queue| queue.0)
    }

    /// Whether messages are dropped that find too many others waiting.
    pub fn drop_messages(&self) -> bool {
        self.queue.is_some() && self.service().is_some()
    }

    /// The first of the members about the time that brokers take that is not as by default.
    pub fn taking_time(&self) -> Option<&'static str> {
        let served = self.service().map(|_| "service_s");
        served.or(self.queue.map(|_| "queue"))
    }

    /// Whether the law has a mean; the object stands at `pointer`.
    pub(super) fn check(&self, pointer: &str) -> Result<(), Problem> {
        let needed = "it is not known how long brokers are busy";
        let place = format!("{pointer}/service_s");
        self.service_s.validate_with_mean(&place, needed).map(drop)
    }

    /// The router of the root broker, if it is chosen.
    pub fn root(&self) -> Option<RouterId> {
        self.root.map(|RouterNumber(number)| RouterId(number))
    }

    /// Has the file that it names read by `read`; whether it names one.
    ///
    /// # Errors
    /// If it cannot be read, or does not list a tree.
    pub(super) fn supply(&mut self, read: ReadFile<'_>) -> error::Result<bool> {
        let Placement::File(file) = &mut self.placement else {
            return Ok(false);
        };
        let listed = read(Path::new(&file.path))
            .and_then(|text| Listed::parse(&text).map_err(|error| error.at(&file.path)));
        let listed = listed.map_err(|error| error.at("/system/*/brokers/placement/file"))?;
        file.listed = Some(Arc::new(listed));
        Ok(true)
    }
}

/// Which routers carry a broker, and which broker leads which.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Placement {
    /// One broker on each router; the super-broker of each is on the next router towards the root.
    EveryRouter,
    /// One broker for each transit domain and one for each stub domain.
    Domains,
    /// One broker on each router, in a balanced tree in which each leads at most so many others; the
    /// routers nearest to the root come first.
    Tree(BoundedCount),
    /// Those that a file lists in lines of `router,parent_router`; the second cell of the root is empty.
    File(BrokerFile),
}

/// A file that lists brokers.
#[derive(Debug, Clone, PartialEq)]
pub struct BrokerFile {
    /// Its path, as written.
    pub path: String,
    /// What it lists, once it has been read.
    pub listed: Option<Arc<Listed>>,
}

impl Serialize for BrokerFile {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.path.serialize(to)
    }
}

impl<'de> Deserialize<'de> for BrokerFile {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let path = parameters::file(from)?;
        Ok(Self { path, listed: None })
    }
}

impl JsonSchema for BrokerFile {
    fn schema_name() -> Cow<'static, str> {
        "BrokerFile".into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "minLength": 1})
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use serde_json::json;

    use super::*;
    use crate::parameters::decode;

    #[test]
    fn what_is_no_placement_is_told_what_is_one() {
        let refused = [
            json!({"tree": 3, "file": "x"}),
            json!({}),
            json!(null),
            json!("tree"),
            json!("ring"),
            json!({"ring": 3}),
            json!({"tree": 0}),
        ]
        .map(|written| {
            let problem = decode::<Placement>(&written, "/p").unwrap_err();
            format!("{}: {}", problem.pointer, problem.what)
        });
        expect![[r#"
            /p: expected "every-router", "domains", {"tree": …} or {"file": …}, found an object with 2 members
            /p: expected "every-router", "domains", {"tree": …} or {"file": …}, found an empty object
            /p: expected "every-router", "domains", {"tree": …} or {"file": …}, found null
            /p: expected "every-router", "domains", {"tree": …} or {"file": …}, found the string "tree"
            /p: expected "every-router", "domains", {"tree": …} or {"file": …}, found the string "ring"
            /p/ring: there is no member "ring"
            /p/tree: expected a whole number from 1 to 1000000, found 0"#]].assert_eq(&refused.join("\n"));
        for written in [json!("domains"), json!({"tree": 3}), json!({"file": "x"})] {
            let placement: Placement = decode(&written, "").unwrap();
            assert_eq!(serde_json::to_value(placement).unwrap(), written);
        }
    }
}
