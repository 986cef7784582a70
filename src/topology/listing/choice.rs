//! Which columns of a file tell labels, places and lengths: those that are asked for, or
//! else those whose names are usual.
//!
//! This module does *not* know what is made of the data, nor which names are usual.

use super::Listing;
use super::columns::{Column, ColumnId, Kind};
use super::names;
use super::usual::{
    LATENCIES, LATITUDES, LENGTHS, LONGITUDES, WAYS, WEIGHTS, base_and_unit, is_like_number,
    is_pair, length_of, looks_like_both, looks_like_length, looks_like_place, says,
};
use crate::error::{Error, Result};
use crate::topology::Origin;
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
    /// A pair of columns that could be degrees, though nothing says so.
    pub(super) grid: Option<[String; 2]>,
    /// Columns with longitude and latitude in one datum, which is not read.
    pub(super) both_in_one: Vec<String>,
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
    /// Whether this program wrote them.
    is_own: bool,
    /// Which of its data tell a unit themselves.
    pub(super) own_units: OwnUnits,
}

impl Lengths {
    /// Those that this program wrote.
    fn written(listing: &Listing<'_>, column: ColumnId, unit: LengthUnit) -> Self {
        Self {
            column,
            unit,
            is_told: true,
            is_plain: true,
            is_own: true,
            own_units: OwnUnits::of(listing, column),
        }
    }
}

/// The units that data of a column tell themselves, as `5 ms` does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct OwnUnits {
    /// Whether each of [`LengthUnit::ALL`] is told.
    told: [bool; LengthUnit::ALL.len()],
    /// Whether other data tell none.
    beside_others: bool,
}

impl OwnUnits {
    fn of(listing: &Listing<'_>, number: ColumnId) -> Self {
        let mut units = Self::default();
        for (_, own) in texts(listing, Kind::Edge, number).filter_map(length_of) {
            match own {
                None => units.beside_others = true,
                Some(own) => {
                    for (told, unit) in units.told.iter_mut().zip(LengthUnit::ALL) {
                        *told |= unit == own;
                    }
                }
            }
        }
        units
    }

    /// The units that are told.
    pub(super) fn told(self) -> impl Iterator<Item = LengthUnit> {
        let units = LengthUnit::ALL.into_iter().zip(self.told);
        units.filter(|(_, told)| *told).map(|(unit, _)| unit)
    }

    /// Whether no datum tells its unit.
    pub(super) fn is_none(self) -> bool {
        !self.told.contains(&true)
    }

    /// Whether every datum tells its unit.
    pub(super) fn is_all(self) -> bool {
        !self.is_none() && !self.beside_others
    }

    /// The units that are told, as a sentence has them.
    pub(super) fn listed(self) -> String {
        let signs: Vec<&str> = self.told().map(LengthUnit::sign).collect();
        signs.join(", ")
    }
}

impl Choice {
    pub(super) fn of(listing: &Listing<'_>, origin: Origin, options: &ReadOptions) -> Result<Self> {
        let named = |kind, name| listing.columns.named(kind, name);
        let (label, label_is_name) = label(listing);
        let place = match (origin, &options.place_from) {
            (Origin::Other, Some(asked)) => Some(places_asked(listing, asked)?),
            (Origin::Other, None) => places_known(listing),
            (Origin::Flat { .. } | Origin::TransitStub { .. }, _) => named(Kind::Node, names::X)
                .zip(named(Kind::Node, names::Y))
                .map(<[_; 2]>::from),
        };
        let length = lengths(listing, origin, options)?;
        let policy_weight = named(Kind::Edge, names::POLICY_WEIGHT);
        let used = [length.map(|length| length.column), policy_weight];
        let unused_lengths = names_of(listing, Kind::Edge, |number, column| {
            !used.contains(&Some(number))
                && looks_like_length(&column.name)
                && texts(listing, Kind::Edge, number).any(is_like_number)
        });
        let is_free = |number: ColumnId, column: &Column| {
            column.values > 0 && !place.is_some_and(|place| place.contains(&number))
        };
        let unused_places = names_of(listing, Kind::Node, |number, column| {
            is_free(number, column) && looks_like_place(&column.name)
        });
        let grid = ["x", "y"].map(|axis| {
            let named =
                |number, column: &Column| is_free(number, column) && says(&column.name, &[axis]);
            names_of(listing, Kind::Node, named).into_iter().next()
        });
        let both_in_one = names_of(listing, Kind::Node, |number, column| {
            looks_like_both(&column.name) && texts(listing, Kind::Node, number).any(is_pair)
        });
        Ok(Self {
            label,
            label_is_name,
            place,
            length,
            hyperedge: named(Kind::Node, names::HYPEREDGE),
            policy_weight,
            unused_lengths,
            unused_places,
            grid: match grid {
                [Some(x), Some(y)] => Some([x, y]),
                _ => None,
            },
            both_in_one,
        })
    }

    /// Whether the lengths are those that this program wrote, so that nothing else tells them.
    pub(super) fn has_own_lengths(&self) -> bool {
        self.length.is_some_and(|length| length.is_own)
    }

    /// As what a column is used.
    pub(super) fn used_as(&self, number: ColumnId) -> Option<String> {
        if let Some(length) = self.length.filter(|length| length.column == number) {
            let unit = length.unit.sign();
            let own = length.own_units;
            return Some(if own.is_none() {
                format!("length, in {unit}")
            } else if own.is_all() {
                "length, in the unit that it tells".into()
            } else {
                format!("length, in {unit} or the unit that it tells")
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
    listing: &Listing<'_>,
    kind: Kind,
    mut wanted: impl FnMut(ColumnId, &Column) -> bool,
) -> Vec<String> {
    let columns = listing.columns.of(kind);
    columns
        .filter(|(number, column)| wanted(*number, column))
        .map(|(_, column)| column.name.clone())
        .collect()
}

/// The column that tells labels: `label`, or else `name`, or else the labels of yEd's drawings.
fn label(listing: &Listing<'_>) -> (Option<ColumnId>, bool) {
    let full = |number: &ColumnId| listing.columns.get(*number).values > 0;
    let named = |name| listing.columns.named(Kind::Node, name).filter(full);
    if let Some(label) = named(names::LABEL) {
        return (Some(label), false);
    }
    let drawn = || {
        let mut columns = listing.columns.of(Kind::Node);
        columns
            .find(|(_, column)| column.drawing && column.values > 0)
            .map(|(number, _)| number)
    };
    let name = named(names::NAME).or_else(drawn);
    (name, name.is_some())
}

/// The first pair of columns with data that are called longitude and latitude; before others those of the name that the
/// Topology Zoo uses, and then those of `pos` in JSON, which this program writes.
fn places_known(listing: &Listing<'_>) -> Option<[ColumnId; 2]> {
    let full = || {
        let columns = listing.columns.of(Kind::Node);
        columns.filter(|(_, column)| column.values > 0 || column.default.is_some())
    };
    let called = |wanted: &'static [&'static str], own: &str| {
        let plain = full().find(|(_, column)| column.name.eq_ignore_ascii_case(wanted[0]));
        let own = || full().find(|(_, column)| column.name == own);
        plain
            .or_else(own)
            .or_else(|| full().find(|(_, column)| says(&column.name, wanted)))
    };
    let [longitude, latitude] = [
        called(&LONGITUDES, names::POSITION[0])?,
        called(&LATITUDES, names::POSITION[1])?,
    ];
    Some([longitude.0, latitude.0])
}

/// The columns that were asked for, longitude first; the other way round if their names say so.
fn places_asked(listing: &Listing<'_>, asked: &[String; 2]) -> Result<[ColumnId; 2]> {
    let mut columns = [0; 2];
    for (column, name) in columns.iter_mut().zip(asked) {
        *column = listing
            .columns
            .meant(Kind::Node, name)
            .ok_or_else(|| unknown(listing, Kind::Node, name))?;
    }
    if says(&asked[0], &LATITUDES) && says(&asked[1], &LONGITUDES) {
        columns.reverse();
    }
    Ok(columns)
}

fn unknown(listing: &Listing<'_>, kind: Kind, name: &str) -> Error {
    let known = names_of(listing, kind, |_, column| column.is_worth_telling());
    let word = kind.word();
    Error::new(format!("no {word} has a datum called `{name}`")).help(if known.is_empty() {
        format!("the {word}s of this file have no data")
    } else {
        format!("the {word}s have: {}", known.join(", "))
    })
}

/// The texts that a column of nodes or edges has, the default included.
fn texts<'t>(
    listing: &'t Listing<'_>,
    kind: Kind,
    number: ColumnId,
) -> impl Iterator<Item = &'t str> {
    let elements = match kind {
        Kind::Node => &listing.nodes[..],
        Kind::Edge => &listing.edges[..],
        Kind::Graph => &[],
    };
    let own = elements
        .iter()
        .filter_map(move |element| element.data.own(number));
    let default = listing.columns.get(number).default.as_deref();
    own.chain(default).filter(|text| !text.trim().is_empty())
}

fn lengths(
    listing: &Listing<'_>,
    origin: Origin,
    options: &ReadOptions,
) -> Result<Option<Lengths>> {
    let own = listing.columns.named(Kind::Edge, names::LENGTH);
    if origin != Origin::Other {
        // A graph of GT-ITM has lengths in its grid's unit, which this program wrote.
        return Ok(own.map(|column| Lengths::written(listing, column, LengthUnit::Ms)));
    }
    match options.length_from.as_deref() {
        Some(PLACES) => return Ok(None),
        Some(name) => {
            let column = listing.columns.meant(Kind::Edge, name);
            let column = column.ok_or_else(|| unknown(listing, Kind::Edge, name))?;
            let (unit, is_told) = unit_of(&listing.columns.get(column).name, options);
            return Ok(Some(Lengths {
                column,
                unit,
                is_told,
                is_plain: options.length_unit.is_some(),
                is_own: false,
                own_units: OwnUnits::of(listing, column),
            }));
        }
        None => {}
    }
    let told = listing
        .of_graph(names::LENGTH_UNIT)
        .and_then(LengthUnit::from_word);
    if let (Some(column), Some(unit)) = (own, told) {
        let unit = options.length_unit.unwrap_or(unit);
        return Ok(Some(Lengths::written(listing, column, unit)));
    }
    Ok(usual_lengths(listing, options))
}

/// The column with data that has the most usual name.
fn usual_lengths(listing: &Listing<'_>, options: &ReadOptions) -> Option<Lengths> {
    let families: [&[&str]; 4] = [&LATENCIES, &LENGTHS, &WAYS, &WEIGHTS];
    let columns = || listing.columns.of(Kind::Edge);
    for family in families {
        let rank = |column: &Column| {
            let (base, _) = base_and_unit(&column.name);
            family.iter().position(|name| *name == base)
        };
        let usable = columns().filter(|(number, column)| {
            // What is called a length is meant to be one: text in it is an error, no reason to look
            // elsewhere. A weight may be anything, but not where it has numbers.
            let mut texts = texts(listing, Kind::Edge, *number);
            let is_told = if *family == WEIGHTS {
                texts.any(is_like_number)
            } else {
                texts.next().is_some()
            };
            rank(column).is_some() && is_told
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
                is_own: false,
                own_units: OwnUnits::of(listing, number),
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
