//! Which columns of a GraphML file tell labels, places and lengths: those that are asked for, or
//! else those whose names are usual.
//!
//! This module does *not* know what is made of the data.

use super::columns::{Column, ColumnId, Kind};
use super::names;
use super::tree::Tree;
use crate::error::{Error, Result};
use crate::topology::graph::Origin;
use crate::topology::options::{LengthUnit, PLACES, ReadOptions};

/// The columns that are used.
pub(super) struct Choice {
    pub(super) label: Option<ColumnId>,
    /// Whether labels that occur twice are told apart without being asked: nobody called the
    /// column a label.
    pub(super) label_is_name: bool,
    /// Longitude and latitude, or x and y.
    pub(super) place: Option<[ColumnId; 2]>,
    pub(super) length: Option<Lengths>,
    pub(super) hyperedge: Option<ColumnId>,
    pub(super) policy_weight: Option<ColumnId>,
    /// Columns that could have told lengths and are not used.
    pub(super) unused_lengths: Vec<String>,
    /// Columns that could have told places and are not used.
    pub(super) unused_places: Vec<String>,
}

/// Where lengths come from.
#[derive(Clone, Copy)]
pub(super) struct Lengths {
    pub(super) column: ColumnId,
    pub(super) unit: LengthUnit,
    /// Whether the unit is told (by an option, by the name, by this program), and not a guess.
    pub(super) is_told: bool,
    /// Whether column and unit need no word: they were asked for, or are this program's own.
    pub(super) is_plain: bool,
    /// Which of its data tell a unit themselves.
    pub(super) own_units: OwnUnits,
}

/// Which data of a column tell their own unit, as `5 ms` does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OwnUnits {
    None,
    Some,
    All,
}

impl Choice {
    pub(super) fn of(tree: &Tree<'_>, origin: Origin, options: &ReadOptions) -> Result<Self> {
        let named = |kind, name| tree.columns.named(kind, name);
        let (label, label_is_name) = label(tree);
        let place = match (origin, &options.place_from) {
            (Origin::Other, Some(asked)) => Some(places_asked(tree, asked)?),
            (Origin::Other, None) => places_known(tree),
            (Origin::Flat { .. } | Origin::TransitStub { .. }, _) => named(Kind::Node, names::X)
                .zip(named(Kind::Node, names::Y))
                .map(<[_; 2]>::from),
        };
        let length = lengths(tree, origin, options)?.map(|length| Lengths {
            own_units: own_units(tree, length.column),
            ..length
        });
        let used = length.map(|length| length.column);
        // In files that this program wrote, all is said.
        let is_own = tree.of_graph(names::LENGTH_UNIT).is_some();
        let unused_lengths = names_of(tree, Kind::Edge, |number, column| {
            !is_own
                && Some(number) != used
                && looks_like_length(&column.name)
                && tells_length(tree, number)
        });
        let unused_places = names_of(tree, Kind::Node, |number, column| {
            !is_own
                && !place.is_some_and(|place| place.contains(&number))
                && looks_like_place(&column.name)
                && column.values > 0
        });
        Ok(Self {
            label,
            label_is_name,
            place,
            length,
            hyperedge: named(Kind::Node, names::HYPEREDGE),
            policy_weight: named(Kind::Edge, names::POLICY_WEIGHT),
            unused_lengths,
            unused_places,
        })
    }

    /// As what a column is used.
    pub(super) fn used_as(&self, number: ColumnId) -> Option<String> {
        if let Some(length) = self.length.filter(|length| length.column == number) {
            let unit = length.unit.sign();
            return Some(match length.own_units {
                OwnUnits::None => format!("length, in {unit}"),
                OwnUnits::Some => format!("length, in {unit} or the unit that it tells"),
                OwnUnits::All => "length, in the unit that it tells".into(),
            });
        }
        let [longitude, latitude] = self.place.map_or([None; 2], |place| place.map(Some));
        let uses = [
            (self.label, "label"),
            (longitude, "place: longitude"),
            (latitude, "place: latitude"),
            (self.hyperedge, "mark of hyperedges"),
            (self.policy_weight, "policy weight"),
        ];
        let used = uses.into_iter().find(|(column, _)| *column == Some(number));
        used.map(|(_, used)| used.into())
    }
}

fn names_of(
    tree: &Tree<'_>,
    kind: Kind,
    mut wanted: impl FnMut(ColumnId, &Column) -> bool,
) -> Vec<String> {
    let columns = tree.columns.of(kind);
    columns
        .filter(|(number, column)| wanted(*number, column))
        .map(|(_, column)| column.name.clone())
        .collect()
}

/// The column that tells labels: `label`, or else `name`, or else the labels of yEd's drawings.
fn label(tree: &Tree<'_>) -> (Option<ColumnId>, bool) {
    let full = |number: &ColumnId| tree.columns.get(*number).values > 0;
    let named = |name| tree.columns.named(Kind::Node, name).filter(full);
    if let Some(label) = named(names::LABEL) {
        return (Some(label), false);
    }
    let drawn = || {
        let mut columns = tree.columns.of(Kind::Node);
        columns
            .find(|(_, column)| column.drawing && column.values > 0)
            .map(|(number, _)| number)
    };
    let name = named(names::NAME).or_else(drawn);
    (name, name.is_some())
}

/// The words of a name, in small letters: `geoLat`, `geo_lat` and `Geo Lat` have the same.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before_small = false;
    for letter in name.chars() {
        let ends = !letter.is_alphanumeric() || (letter.is_uppercase() && before_small);
        if ends && words.last().is_some_and(|word| !word.is_empty()) {
            words.push(String::new());
        }
        before_small = letter.is_lowercase();
        if let Some(word) = words.last_mut()
            && letter.is_alphanumeric()
        {
            word.extend(letter.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

const LONGITUDES: [&str; 4] = ["longitude", "lon", "lng", "long"];
const LATITUDES: [&str; 2] = ["latitude", "lat"];

/// Whether a name says one of `wanted`, and otherwise only what places are called.
fn says(name: &str, wanted: &[&str]) -> bool {
    let besides = [
        "geo", "gps", "pos", "position", "coord", "node", "deg", "degrees", "wgs84",
    ];
    let words = words(name);
    let (hits, others): (Vec<_>, Vec<_>) = words
        .iter()
        .partition(|word| wanted.contains(&word.as_str()));
    hits.len() == 1 && others.iter().all(|word| besides.contains(&word.as_str()))
}

fn looks_like_place(name: &str) -> bool {
    says(name, &LONGITUDES) || says(name, &LATITUDES)
}

/// The first pair of columns with data that are called longitude and latitude.
fn places_known(tree: &Tree<'_>) -> Option<[ColumnId; 2]> {
    let full = || {
        let columns = tree.columns.of(Kind::Node);
        columns.filter(|(_, column)| column.values > 0 || column.default.is_some())
    };
    let called = |wanted: &'static [&'static str]| {
        // The name that the Topology Zoo uses goes before others.
        let plain = full().find(|(_, column)| column.name.eq_ignore_ascii_case(wanted[0]));
        plain.or_else(|| full().find(|(_, column)| says(&column.name, wanted)))
    };
    let [longitude, latitude] = [called(&LONGITUDES)?, called(&LATITUDES)?];
    Some([longitude.0, latitude.0])
}

/// The columns that were asked for, longitude first; the other way round if their names say so.
fn places_asked(tree: &Tree<'_>, asked: &[String; 2]) -> Result<[ColumnId; 2]> {
    let mut columns = [0; 2];
    for (column, name) in columns.iter_mut().zip(asked) {
        *column = tree
            .columns
            .meant(Kind::Node, name)
            .ok_or_else(|| unknown(tree, Kind::Node, name))?;
    }
    if says(&asked[0], &LATITUDES) && says(&asked[1], &LONGITUDES) {
        columns.reverse();
    }
    Ok(columns)
}

fn unknown(tree: &Tree<'_>, kind: Kind, name: &str) -> Error {
    let known = names_of(tree, kind, |_, column| column.is_worth_telling());
    let word = kind.word();
    Error::new(format!("no {word} has a datum called `{name}`")).help(if known.is_empty() {
        format!("the {word}s of this file have no data")
    } else {
        format!("the {word}s have: {}", known.join(", "))
    })
}

/// The names that latencies have, most usual first, then lengths of no certain unit, then ways.
const LATENCIES: [&str; 12] = [
    "latency",
    "delay",
    "linklatency",
    "linkdelay",
    "edgelatency",
    "edgedelay",
    "propagationdelay",
    "propagationlatency",
    "propdelay",
    "onewaydelay",
    "onewaylatency",
    "owd",
];
const LENGTHS: [&str; 4] = ["length", "len", "linklength", "edgelength"];
const WAYS: [&str; 6] = [
    "dist",
    "distance",
    "linkdistance",
    "edgedistance",
    "geodistance",
    "haversine",
];
const WEIGHTS: [&str; 1] = ["weight"];

/// A name without the unit at its end, and that unit.
fn base_and_unit(name: &str) -> (String, Option<LengthUnit>) {
    let mut words = words(name);
    let unit = words.last().and_then(|word| LengthUnit::from_word(word));
    if words.len() > 1 && unit.is_some() {
        words.pop();
        return (words.concat(), unit);
    }
    (words.concat(), None)
}

fn looks_like_length(name: &str) -> bool {
    let (base, unit) = base_and_unit(name);
    let parts = ["latenc", "delay", "dist", "length", "rtt", "ping"];
    let whole = [
        "len", "weight", "cost", "metric", "km", "ms", "miles", "meters", "metres", "owd", "igp",
        "ospf", "isis", "time", "duration", "dur", "dly", "w", "d", "value",
    ];
    unit.is_some_and(|unit| unit != LengthUnit::M && unit != LengthUnit::S)
        || parts.iter().any(|part| base.contains(part))
        || words(name)
            .iter()
            .any(|word| whole.contains(&word.as_str()))
}

/// The texts that a column of edges has, the default included.
fn texts<'t>(tree: &'t Tree<'_>, number: ColumnId) -> impl Iterator<Item = &'t str> {
    let own = tree.edges.iter();
    let own = own.filter_map(move |edge| edge.data.0.get(&number));
    let default = tree.columns.get(number).default.as_deref();
    own.map(String::as_str)
        .chain(default)
        .filter(|text| !text.trim().is_empty())
}

/// Whether any datum of a column of edges can be read as a length.
fn tells_length(tree: &Tree<'_>, number: ColumnId) -> bool {
    texts(tree, number).any(|text| length_of(text).is_some())
}

fn own_units(tree: &Tree<'_>, number: ColumnId) -> OwnUnits {
    let tell = texts(tree, number).filter_map(length_of);
    let (with, without): (Vec<_>, Vec<_>) = tell.partition(|(_, unit)| unit.is_some());
    match (with.is_empty(), without.is_empty()) {
        (true, _) => OwnUnits::None,
        (false, false) => OwnUnits::Some,
        (false, true) => OwnUnits::All,
    }
}

/// A length as a datum tells it, with its unit if it tells that: `12.5`, `5ms`, `40 km`. May be
/// negative, infinite or no number (`nan`).
pub(super) fn length_of(text: &str) -> Option<(f64, Option<LengthUnit>)> {
    let text = text.trim();
    if let Ok(number) = text.parse() {
        return Some((number, None));
    }
    let digits = text.trim_end_matches(|letter: char| letter.is_alphabetic());
    let unit = LengthUnit::from_word(&text[digits.len()..].to_lowercase())?;
    Some((digits.trim_end().parse().ok()?, Some(unit)))
}

fn lengths(tree: &Tree<'_>, origin: Origin, options: &ReadOptions) -> Result<Option<Lengths>> {
    let own = tree.columns.named(Kind::Edge, names::LENGTH);
    if origin != Origin::Other {
        // A graph of GT-ITM has lengths in its grid's unit, which this program wrote.
        return Ok(own.map(|column| Lengths {
            column,
            unit: LengthUnit::Ms,
            is_told: true,
            is_plain: true,
            own_units: OwnUnits::None,
        }));
    }
    match options.length_from.as_deref() {
        Some(PLACES) => return Ok(None),
        Some(name) => {
            let column = tree.columns.meant(Kind::Edge, name);
            let column = column.ok_or_else(|| unknown(tree, Kind::Edge, name))?;
            let (unit, is_told) = unit_of(&tree.columns.get(column).name, options);
            return Ok(Some(Lengths {
                column,
                unit,
                is_told,
                is_plain: options.length_unit.is_some(),
                own_units: OwnUnits::None,
            }));
        }
        None => {}
    }
    let told = tree
        .of_graph(names::LENGTH_UNIT)
        .and_then(LengthUnit::from_word);
    if let (Some(column), Some(unit)) = (own, told) {
        return Ok(Some(Lengths {
            column,
            unit: options.length_unit.unwrap_or(unit),
            is_told: true,
            is_plain: true,
            own_units: OwnUnits::None,
        }));
    }
    Ok(usual_lengths(tree, options))
}

/// The column with data that has the most usual name.
fn usual_lengths(tree: &Tree<'_>, options: &ReadOptions) -> Option<Lengths> {
    let families: [&[&str]; 4] = [&LATENCIES, &LENGTHS, &WAYS, &WEIGHTS];
    let columns = || tree.columns.of(Kind::Edge);
    for family in families {
        let rank = |column: &Column| {
            let (base, _) = base_and_unit(&column.name);
            family.iter().position(|name| *name == base)
        };
        let usable = columns().filter(|(number, column)| {
            // What is called `length` or a latency is meant to be one: text in it is an error, not a
            // reason to look elsewhere. So is text among the numbers of the others.
            let plain = column.name.eq_ignore_ascii_case(names::LENGTH) || *family == LATENCIES;
            let told = plain && (column.values > 0 || column.default.is_some());
            rank(column).is_some() && (told || tells_length(tree, *number))
        });
        if let Some((number, column)) =
            usable.min_by_key(|(number, column)| (rank(column), *number))
        {
            let (unit, is_told) = unit_of(&column.name, options);
            return Some(Lengths {
                column: number,
                unit,
                is_told,
                is_plain: column.name.eq_ignore_ascii_case(names::LENGTH) && !unit.is_way(),
                own_units: OwnUnits::None,
            });
        }
    }
    None
}

/// The unit of a column, and whether that is told: by an option, or by the name.
fn unit_of(name: &str, options: &ReadOptions) -> (LengthUnit, bool) {
    let (base, unit) = base_and_unit(name);
    match options.length_unit.or(unit) {
        Some(unit) => (unit, true),
        // As topohub writes it.
        None if WAYS.contains(&base.as_str()) => (LengthUnit::Km, true),
        None => (LengthUnit::Ms, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_units_and_places() {
        let unit = |name| base_and_unit(name);
        assert_eq!(unit("latency_ms"), ("latency".into(), Some(LengthUnit::Ms)));
        assert_eq!(
            unit("distanceKm"),
            ("distance".into(), Some(LengthUnit::Km))
        );
        assert_eq!(unit("Length (mi)"), ("length".into(), Some(LengthUnit::Mi)));
        assert_eq!(unit("link-delay"), ("linkdelay".into(), None));
        assert_eq!(unit("m"), ("m".into(), None));
        for name in ["Longitude", "lon", "geo_lng", "nodeLong", "LON_deg"] {
            assert!(says(name, &LONGITUDES), "{name}");
        }
        for name in ["x", "along", "long_name", "lat_lon"] {
            assert!(!says(name, &LONGITUDES), "{name}");
        }
    }

    #[test]
    fn data_may_tell_their_unit() {
        assert_eq!(length_of(" 12.5 "), Some((12.5, None)));
        assert_eq!(length_of("5ms"), Some((5.0, Some(LengthUnit::Ms))));
        assert_eq!(length_of("40 KM"), Some((40.0, Some(LengthUnit::Km))));
        assert!(length_of("NaN").unwrap().0.is_nan());
        for text in ["", "far", "5 apples", "ms", "1e"] {
            assert_eq!(length_of(text), None, "{text}");
        }
    }
}
