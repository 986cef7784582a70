//! The scenario file as serde sees it, member for member, with the defaults.
//!
//! The doc comments here are the descriptions in the JSON Schema, so they speak to the author of a
//! scenario. This module does *not* know what the members mean together: `run` and `sweep` check that.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Number, Value};

use super::check::Check;
use super::chosen::Chosen;
use super::precision::Precision;
use super::reading::number;
use super::topology::Topology;
use crate::parameters::number::{Name, Replications, Seed, Version};
use crate::simulation::network::Conditions;

/// A scenario of the Arigatoni simulator: one experiment, with its sweep and replications. Only
/// `version`, `name` and `topology` are required.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Arigatoni scenario")]
pub(super) struct File {
    /// The schema of this file, for editors; the simulator ignores it.
    #[serde(rename = "$schema", default, skip_serializing)]
    pub(super) schema: Option<String>,
    /// The version of this format.
    pub(super) version: Version,
    /// The scenario's name; the results are written to `results/NAME`.
    pub(super) name: Name,
    /// The seed of all draws.
    #[serde(default = "default_seed")]
    pub(super) seed: Seed,
    /// The number of runs at each point of the sweep, each with different random draws.
    #[serde(default = "default_replications")]
    pub(super) replications: Replications,
    /// How narrow the confidence interval of one metric must be: replications are added at each point
    /// until it is reached, and `replications` is ignored. Null: the number of replications is
    /// `replications`.
    #[serde(default)]
    pub(super) precision: Option<Precision>,
    /// The underlay.
    pub(super) topology: Topology,
    /// How packets travel over the underlay.
    #[serde(default)]
    pub(super) network: Conditions,
    /// The simulated system and its parameters; an object with exactly one system.
    #[serde(default)]
    pub(super) system: Chosen,
    /// What is varied.
    #[serde(default)]
    pub(super) sweep: Sweep,
    /// The changes that the command `check` accepts. No result depends on it.
    #[serde(default)]
    pub(super) check: Check,
    /// Whether what theory says is put beside what is simulated, where a closed form or an exact computation is known.
    #[serde(default)]
    pub(super) theory: bool,
    /// Figures that are drawn in addition to those of the system.
    #[serde(default)]
    pub(super) figures: Vec<Figure>,
    /// The names of the system's figures that are not drawn, as they say nothing here.
    #[serde(default)]
    pub(super) omit_figures: Vec<String>,
}

fn default_seed() -> Seed {
    Seed(1)
}

fn default_replications() -> Replications {
    Replications(1)
}

/// The sweep. Without axes there is one point, the scenario itself.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Sweep {
    /// The values of each varied member, keyed by JSON Pointer. The pointer segment `*` stands for the
    /// chosen system. The points are all combinations of the values; the first axis varies slowest.
    pub(super) axes: Axes,
    /// Groups of axes, named by their pointers, that vary together; all axes of a group have the same
    /// number of values.
    pub(super) zip: Vec<Vec<String>>,
    /// What figures call the values of an axis, keyed by its pointer: a label for each value, in their order. The
    /// labels of an axis that varies together with others stand for the values of all of them. No result depends
    /// on it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "by_pointer::<Vec<String>>")]
    pub(super) labels: BTreeMap<String, Vec<String>>,
}

/// The axes in the order of the file.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Axes(pub(super) Vec<(String, Axis)>);

/// The values of one axis: a list, or a range.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum Axis {
    /// Any values, each once.
    List(#[schemars(extend("minItems" = 1))] Vec<Value>),
    /// Equally spaced numbers.
    Range(Range),
}

/// The numbers `from`, `from + step`, … up to `to`, which must be one of them; computed as decimals,
/// without rounding errors.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Range {
    /// The first number.
    #[serde(deserialize_with = "number")]
    #[schemars(with = "f64")]
    pub(super) from: Number,
    /// The last number.
    #[serde(deserialize_with = "number")]
    #[schemars(with = "f64")]
    pub(super) to: Number,
    /// The distance between two neighbours; negative if `to` is below `from`.
    #[serde(deserialize_with = "number")]
    #[schemars(with = "f64")]
    pub(super) step: Number,
}

/// A figure that is drawn in addition to those of the system: the mean of a metric over the
/// replications with its 95 % band against a swept quantity, one curve for each value of the other
/// axes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Figure {
    /// The name of its files, without extension.
    pub(super) name: Name,
    /// The column of `runs.csv` that is plotted.
    pub(super) metric: String,
    /// The title; null: the label of the y axis.
    #[serde(default)]
    pub(super) title: Option<String>,
    /// The pointer of the axis to plot against; null: the disconnection rate if it is swept, or else the first axis of
    /// numbers, or else that of the most words, which become categories.
    #[serde(default)]
    pub(super) x: Option<String>,
    /// The label of the x axis, with its unit; null: the label that the system's figures use.
    #[serde(default)]
    pub(super) x_label: Option<String>,
    /// The label of the y axis, with its unit; null: the metric's name.
    #[serde(default)]
    pub(super) y_label: Option<String>,
    /// Whether the y axis is logarithmic, without the values that are not above 0; null: where the x axis is
    /// logarithmic and the values span two decades.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) logarithmic: Option<bool>,
    /// What the curves are to be compared with: published points, a closed form.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) references: Vec<Reference>,
}

/// Points known from elsewhere.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Reference {
    /// What the legend calls it.
    pub(super) label: String,
    /// The points: an x and a y each, as the axes show them.
    pub(super) points: Vec<[f64; 2]>,
    /// Whether a line joins the points; else each is marked.
    #[serde(default)]
    pub(super) joined: bool,
}

impl<'de> Deserialize<'de> for Axes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AxesVisitor;
        impl<'de> Visitor<'de> for AxesVisitor {
            type Value = Axes;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of axes, keyed by JSON Pointer")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Axes, A::Error> {
                let mut axes = Vec::new();
                while let Some(axis) = map.next_entry()? {
                    axes.push(axis);
                }
                Ok(Axes(axes))
            }
        }
        deserializer.deserialize_any(AxesVisitor)
    }
}

impl Serialize for Axes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(pointer, axis)| (pointer, axis)))
    }
}

impl JsonSchema for Axes {
    fn schema_name() -> Cow<'static, str> {
        "Axes".into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        by_pointer::<Axis>(generator)
    }
}

/// An object of `T`s, keyed by JSON Pointer.
fn by_pointer<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "patternProperties": {"^/": generator.subschema_for::<T>()},
        "additionalProperties": false,
    })
}

impl<'de> Deserialize<'de> for Axis {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AxisVisitor;
        impl<'de> Visitor<'de> for AxisVisitor {
            type Value = Axis;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of values or a range {\"from\", \"to\", \"step\"}")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Axis, A::Error> {
                let mut values = Vec::new();
                while let Some(value) = list.next_element()? {
                    values.push(value);
                }
                Ok(Axis::List(values))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Axis, A::Error> {
                Range::deserialize(MapAccessDeserializer::new(map)).map(Axis::Range)
            }
        }
        deserializer.deserialize_any(AxisVisitor)
    }
}
