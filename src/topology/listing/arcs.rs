//! Which arcs of a GraphML file are one link: those that lead there and back.
//!
//! This module does *not* know what an arc's length is, only which ones have the same.

use std::collections::BTreeMap;

use super::Element;
use crate::topology::RouterId;

/// For each edge that is the second of two arcs there and back, the number of the first. Of several arcs
/// between two nodes those of one length belong together, and then those that come first.
pub(super) fn mates(
    edges: &[Element],
    ends: impl Fn(usize) -> [RouterId; 2],
    length: impl Fn(usize) -> Option<u64>,
) -> Vec<Option<usize>> {
    // Arcs without a mate, by their ends, those to the higher end first.
    let mut single: BTreeMap<[RouterId; 2], [Vec<usize>; 2]> = BTreeMap::new();
    for (number, edge) in edges.iter().enumerate() {
        let [from, to] = ends(number);
        if edge.directed && from != to {
            let arcs = single.entry([from.min(to), from.max(to)]).or_default();
            arcs[usize::from(from > to)].push(number);
        }
    }
    let mut mates = vec![None; edges.len()];
    let mut is_paired = vec![false; edges.len()];
    let mut pair = |one: usize, other: usize, is_paired: &mut [bool]| {
        mates[one.max(other)] = Some(one.min(other));
        is_paired[one] = true;
        is_paired[other] = true;
    };
    for [there, back] in single.values() {
        let mut of_length: BTreeMap<Option<u64>, Vec<usize>> = BTreeMap::new();
        for other in back.iter().rev() {
            of_length.entry(length(*other)).or_default().push(*other);
        }
        for one in there {
            let alike = of_length.get_mut(&length(*one)).and_then(Vec::pop);
            if let Some(other) = alike {
                pair(*one, other, &mut is_paired);
            }
        }
        let left = |arcs: &[usize]| -> Vec<usize> {
            let arcs = arcs.iter().copied();
            arcs.filter(|number| !is_paired[*number]).collect()
        };
        let [there, back] = [left(there), left(back)];
        for (one, other) in there.into_iter().zip(back) {
            pair(one, other, &mut is_paired);
        }
    }
    mates
}
