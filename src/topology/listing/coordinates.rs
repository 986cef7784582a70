//! Where the nodes of a GraphML file are.
//!
//! This module does *not* know links.

use super::choice::Choice;
use super::columns::{ColumnId, Kind};
use super::wrong::Wrong;
use super::{Element, Listing};
use crate::error::{Error, Result};
use crate::topology::Origin;
use crate::topology::options::ReadOptions;

/// The nodes' places, and those that the file tells and that cannot be.
pub(super) struct Coordinates {
    /// Where each node is, if that is known.
    pub(super) of_nodes: Vec<Option<[f64; 2]>>,
    /// Nodes at places that are not on the earth, and these places.
    pub(super) astray: Vec<(u32, [f64; 2])>,
    /// Whether so many coordinates are out of range that the columns do not hold degrees, and none of them is
    /// used.
    pub(super) are_no_degrees: bool,
    /// What the columns tell and is no number: such nodes have no place.
    pub(super) wrong: Wrong,
    /// Whether each node has such data.
    pub(super) is_wrong: Vec<bool>,
}

impl Coordinates {
    pub(super) fn of(
        listing: &Listing<'_>,
        choice: &Choice,
        origin: Origin,
        options: &ReadOptions,
    ) -> Result<Self> {
        let mut places = Self {
            of_nodes: vec![None; listing.nodes.len()],
            astray: Vec::new(),
            are_no_degrees: false,
            wrong: Wrong::default(),
            is_wrong: vec![false; listing.nodes.len()],
        };
        let Some(columns) = choice.place else {
            return Ok(places);
        };
        let mut told = 0;
        for (number, node) in listing.nodes.iter().enumerate() {
            let before = places.wrong.count();
            let [east, north] =
                columns.map(|column| number_in(listing, node, column, &mut places.wrong));
            places.is_wrong[number] = places.wrong.count() > before;
            let Some([east, north]) = east.zip(north).map(<[f64; 2]>::from) else {
                continue;
            };
            told += 1;
            if origin != Origin::Other || (east.abs() <= 360.0 && north.abs() <= 90.0) {
                places.of_nodes[number] = Some([east, north]);
            } else if options.place_from.is_some() {
                let what = format!(
                    "node {} is at longitude {east}, latitude {north}: not on the earth",
                    node.names[0]
                );
                return Err(listing
                    .error(node.offset, what)
                    .help("name columns that hold degrees, longitude first"));
            } else {
                places.astray.push((number as u32, [east, north]));
            }
        }
        // The positions of nodes in a graph of GT-ITM are exact.
        if let Some((line, what)) = places
            .wrong
            .told(listing)
            .filter(|_| origin != Origin::Other)
        {
            return Err(Error::new(what).at(line));
        }
        if places.astray.len() * 4 > told {
            places.are_no_degrees = true;
            places.of_nodes.fill(None);
        }
        Ok(places)
    }
}

/// Where the nodes are on a plane, by data called `x` and `y` or by places that are no degrees (topohub's `pos` of
/// synthetic graphs), if nothing tells where on the earth any is.
pub(super) fn on_plane(
    listing: &Listing<'_>,
    choice: &Choice,
    places: &Coordinates,
) -> Vec<Option<[f64; 2]>> {
    let is_on_earth = places.of_nodes.iter().any(Option::is_some);
    let columns = match &choice.grid {
        _ if is_on_earth => return Vec::new(),
        Some(grid) => grid
            .each_ref()
            .map(|name| listing.columns.meant(Kind::Node, name)),
        None if places.are_no_degrees => {
            choice.place.map_or([None; 2], |columns| columns.map(Some))
        }
        None => return Vec::new(),
    };
    let number = |element: &Element, column: Option<ColumnId>| -> Option<f64> {
        let number: f64 = element.data.get(&listing.columns, column?)?.parse().ok()?;
        Some(number).filter(|number| number.is_finite())
    };
    let place = |node: &Element| -> Option<[f64; 2]> {
        Some([number(node, columns[0])?, number(node, columns[1])?])
    };
    let of_nodes: Vec<Option<[f64; 2]>> = listing.nodes.iter().map(place).collect();
    if of_nodes.iter().any(Option::is_some) {
        of_nodes
    } else {
        Vec::new()
    }
}

/// A datum that should be a number, if it is there and is one; what is not finite is not there.
fn number_in(
    listing: &Listing<'_>,
    element: &Element,
    column: ColumnId,
    wrong: &mut Wrong,
) -> Option<f64> {
    let text = element.data.get(&listing.columns, column)?;
    let number: Option<f64> = text.parse().ok();
    if number.is_none() {
        let name = &listing.columns.get(column).name;
        wrong.add(
            element.offset,
            format!("`{name}` is `{text}`, not a number"),
        );
    }
    number.filter(|number| number.is_finite())
}
