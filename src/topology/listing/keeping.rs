//! What a graph has no place for of a file, and the account of what was used.
//!
//! This module does *not* decide what is used.

use super::Listing;
use super::choice::Choice;
use super::columns::{Column, ColumnId, Data, Kind};
use super::links::Links;
use super::names;
use crate::topology::Origin;
use crate::topology::reading::{self, Kept, KeptColumn};

/// The columns of a kind of element, and as what each is used.
pub(super) fn account(listing: &Listing<'_>, choice: &Choice, kind: Kind) -> Vec<reading::Column> {
    let columns = listing
        .columns
        .of(kind)
        .filter(|(_, column)| column.is_worth_telling());
    columns
        .map(|(number, column)| reading::Column {
            name: column.name.clone(),
            values: if column.default.is_some() {
                match kind {
                    Kind::Graph => 1,
                    Kind::Node => listing.nodes.len(),
                    Kind::Edge => listing.edges.len(),
                }
            } else {
                column.values
            },
            used_as: choice.used_as(number),
        })
        .collect()
}

/// What this program writes itself at the elements of a kind, whatever is kept besides.
pub(super) const fn own_names(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Graph => &[
            names::ID,
            names::METHOD,
            names::SCALE,
            names::TRANSIT_DIAMETER,
            names::STUB_DIAMETER,
            names::TOP_DIAMETER,
            names::LOOPS_UNLISTED,
            names::LENGTH_UNIT,
        ],
        Kind::Node => &[names::LABEL, names::LONGITUDE, names::LATITUDE],
        Kind::Edge => &[names::LENGTH, names::POLICY_WEIGHT],
    }
}

/// What is written beside a graph that was read from this file, so that nothing is lost.
pub(super) fn kept(listing: &Listing<'_>, choice: &Choice, links: &Links, origin: Origin) -> Kept {
    let mut kept = Kept {
        ids: listing
            .nodes
            .iter()
            .map(|node| node.names[0].clone())
            .collect(),
        graph_id: listing.id.clone(),
        ..Kept::default()
    };
    // Graphs of GT-ITM are numbered, and everything about them is known.
    if origin != Origin::Other {
        let numbered = (0..)
            .zip(&kept.ids)
            .all(|(number, id): (u32, _)| *id == number.to_string());
        if numbered {
            kept.ids.clear();
        }
    }
    if links.unmeasured().any(|none| none) {
        kept.unmeasured = links.unmeasured().collect();
    }
    let mut new_number = vec![
        None;
        Kind::ALL
            .iter()
            .map(|kind| listing.columns.of(*kind).count())
            .sum()
    ];
    for kind in Kind::ALL {
        for (number, column) in listing.columns.of(kind) {
            if let Some(name) = name_kept(column, number, choice, origin) {
                new_number[number as usize] = Some(kept.columns.len() as u32);
                kept.columns.push(KeptColumn {
                    place: kind.word(),
                    name,
                    kind: column.value_type.clone(),
                    default: column.default.clone(),
                });
            }
        }
    }
    let data = |data: &Data| -> Vec<(u32, String)> {
        let all = data.all();
        all.filter_map(|(column, text)| Some((new_number[column as usize]?, text.into())))
            .collect()
    };
    if !kept.columns.is_empty() {
        kept.graph = data(&listing.data);
        kept.nodes = listing.nodes.iter().map(|node| data(&node.data)).collect();
        kept.edges = links
            .edge_of
            .iter()
            .map(|edge| data(&listing.edges[*edge].data))
            .collect();
    }
    kept
}

/// The name under which a column is kept, if it is: not what is written anyway.
fn name_kept(column: &Column, number: ColumnId, choice: &Choice, origin: Origin) -> Option<String> {
    let own = own_names(column.kind);
    let places: &[&str] = match (origin, column.kind) {
        (Origin::Flat { .. } | Origin::TransitStub { .. }, Kind::Node) => &[names::X, names::Y],
        _ => &[],
    };
    let is_own = own
        .iter()
        .chain(places)
        .any(|name| column.name.eq_ignore_ascii_case(name));
    if column.structured || !column.is_worth_telling() {
        return None;
    }
    if !is_own {
        return Some(column.name.clone());
    }
    let is_written = column.kind == Kind::Graph || choice.used_as(number).is_some();
    let is_empty = column.values == 0 && column.default.is_none();
    (!is_written && !is_empty).then(|| format!("{}_given", column.name))
}
