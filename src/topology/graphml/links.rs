//! The links of a GraphML file and their lengths: as its edges tell them, else the latency between
//! two places, else the default.
//!
//! This module does *not* know which columns tell them.

use std::collections::BTreeMap;

use super::choice::{Choice, Lengths, OwnUnits, length_of};
use super::geography::{MS_PER_KM, latency_ms};
use super::tree::{Element, Tree};
use super::wrong::Wrong;
use crate::error::{Error, Result};
use crate::topology::faults::{Faults, Remedy};
use crate::topology::graph::{Link, Origin, Router, RouterId};
use crate::topology::options::{LengthUnit, ReadOptions};

/// So many pairs of unequal arcs are named.
const NAMED_MAX: usize = 3;

/// The links of a file.
#[derive(Default)]
pub(super) struct Links {
    pub(super) all: Vec<Link>,
    /// The edge that each link is, by its number in the file: the first of two arcs.
    pub(super) edge_of: Vec<usize>,
    /// Whether each link has no known length.
    pub(super) unmeasured: Vec<bool>,
    /// Whether the edge tells each link's length.
    pub(super) given: Vec<bool>,
    /// How many links are two arcs of the file.
    pub(super) paired: usize,
    /// Arcs that differ from their mates: the link, its length and the other.
    unequal: Vec<(usize, [f64; 2])>,
    /// How many edges tell a length that is infinite, or `nan`.
    not_finite: usize,
    /// What edges tell and is no length.
    wrong: Wrong,
    /// How many links, loops left out, have the latency between their ends, or the default.
    computed: usize,
    by_default: usize,
}

impl Links {
    pub(super) fn of(
        tree: &Tree<'_>,
        choice: &Choice,
        (routers, origin): (&[Router], Origin),
        options: &ReadOptions,
    ) -> Result<Self> {
        let mut links = Self::default();
        let lengths = links.take_edges(tree, choice)?;
        let numbered = links.all.iter_mut().zip(lengths);
        for ((link, length), edge) in numbered.zip(&links.edge_of) {
            let known = match length {
                Some(length) => Some(length),
                None if origin != Origin::Other => {
                    let what = "a link of a graph made by GT-ITM has no length";
                    return Err(tree.error(tree.edges[*edge].offset, what));
                }
                // A loop has no length, wherever it is.
                None if link.ends[0] == link.ends[1] => Some(0.0),
                None => {
                    let [from, to] = link.ends.map(|end| routers[end.index()].position);
                    let computed = from.zip(to).map(|(from, to)| latency_ms(from, to));
                    links.computed += usize::from(computed.is_some());
                    links.by_default +=
                        usize::from(computed.is_none() && options.default_latency_ms.is_some());
                    computed.or(options.default_latency_ms)
                }
            };
            link.length = known.unwrap_or(0.0);
            links.given.push(length.is_some());
            links.unmeasured.push(known.is_none());
        }
        Ok(links)
    }

    /// Makes a link of each edge, one of two arcs that lead there and back; their lengths as told.
    fn take_edges(&mut self, tree: &Tree<'_>, choice: &Choice) -> Result<Vec<Option<f64>>> {
        let numbers = numbers_of_nodes(tree)?;
        let mut told = Vec::with_capacity(tree.edges.len());
        for edge in &tree.edges {
            told.push((
                ends(tree, edge, &numbers)?,
                self.length(tree, edge, choice.length),
            ));
        }
        let mates = mates(&tree.edges, &told);
        // The link that an edge has become, by the edge's number.
        let mut link_of = vec![usize::MAX; tree.edges.len()];
        let mut lengths: Vec<Option<f64>> = Vec::with_capacity(tree.edges.len());
        for (number, (edge, &(ends, length))) in tree.edges.iter().zip(&told).enumerate() {
            if let Some(mate) = mates[number] {
                let link = link_of[mate];
                self.pair(link, &mut lengths[link], length);
                continue;
            }
            link_of[number] = self.all.len();
            let weight = match choice.policy_weight {
                Some(column) => weight(tree, edge, column)?,
                None => 0,
            };
            self.all.push(Link {
                ends,
                length: 0.0,
                weight,
            });
            self.edge_of.push(number);
            lengths.push(length);
        }
        Ok(lengths)
    }

    /// Two arcs are one link: the shorter, as of parallel links.
    fn pair(&mut self, link: usize, there: &mut Option<f64>, back: Option<f64>) {
        self.paired += 1;
        if let (Some(one), Some(other)) = (*there, back)
            && one.to_bits() != other.to_bits()
        {
            self.unequal.push((link, [one, other]));
        }
        *there = match (*there, back) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
    }

    /// The length that an edge tells, in milliseconds or the graph's own unit.
    fn length(&mut self, tree: &Tree<'_>, edge: &Element, lengths: Option<Lengths>) -> Option<f64> {
        let Lengths { column, unit, .. } = lengths?;
        let text = edge.data.get(&tree.columns, column)?;
        let name = &tree.columns.get(column).name;
        let Some((number, own_unit)) = length_of(text) else {
            let what = format!("`{name}` is `{text}`, not a number");
            self.wrong.add(edge.offset, what);
            return None;
        };
        if !number.is_finite() {
            self.not_finite += 1;
            return None;
        }
        if number < 0.0 {
            let what = format!("`{name}` is {text}, and no link has a length below 0");
            self.wrong.add(edge.offset, what);
            return None;
        }
        Some(own_unit.unwrap_or(unit).in_ms(number))
    }

    /// What should be known of the lengths, and what is wrong with them.
    pub(super) fn tell(
        &self,
        tree: &Tree<'_>,
        choice: &Choice,
        (routers, notes, faults): (&[Router], &mut Vec<String>, &mut Faults),
        options: &ReadOptions,
    ) {
        if let Some(lengths) = choice.length {
            let name = &tree.columns.get(lengths.column).name;
            notes.extend(chosen(name, lengths));
            match self.not_finite {
                0 => {}
                1 => notes.push(format!(
                    "1 edge has no finite `{name}`: it counts as having none"
                )),
                many => notes.push(format!(
                    "{many} edges have no finite `{name}`: they count as having none"
                )),
            }
            if self.wrong.is_empty() {
                self.tell_mixture(name, lengths, notes, faults);
            }
            self.wrong.tell(tree, Remedy::OtherLength, faults);
            notes.extend(self.doubts(name, lengths, routers));
        }
        if self.by_default > 0
            && let Some(latency) = options.default_latency_ms
        {
            let told = self.all.len() - self.by_default;
            notes.push(format!(
                "{} have the default latency, {latency} ms; {told} have their own",
                links(self.by_default)
            ));
        }
        if !choice.unused_lengths.is_empty() {
            notes.push(format!(
                "the edges' {} may tell lengths and are not used: choose with --length-from (in a scenario \"length_from\")",
                quoted(&choice.unused_lengths)
            ));
        }
        if let Some(unit) = options.length_unit.filter(|_| choice.length.is_none()) {
            notes.push(format!(
                "the unit of lengths, {}, has no effect: no data of edges are taken for lengths",
                unit.sign()
            ));
        }
        notes.extend(self.unequal_arcs(routers));
    }

    /// Lengths that are told beside lengths that are computed.
    fn tell_mixture(
        &self,
        name: &str,
        lengths: Lengths,
        notes: &mut Vec<String>,
        faults: &mut Faults,
    ) {
        let is_link = |link: &Link| link.ends[0] != link.ends[1];
        let given = self.all.iter().zip(&self.given);
        let given = given
            .filter(|(link, given)| **given && is_link(link))
            .count();
        if given == 0 || self.computed == 0 {
            return;
        }
        let both = format!(
            "the edges' `{name}` tells the lengths of {}, and those of {} are latencies between places, in ms",
            links(given),
            links(self.computed)
        );
        if lengths.is_told {
            notes.push(both);
        } else {
            let what = format!("{both}; in which unit `{name}` is, nothing tells");
            faults.add(what, Remedy::LengthUnit);
        }
    }

    /// What speaks against the unit, where both the length and the places of the ends are known.
    fn doubts(&self, name: &str, lengths: Lengths, routers: &[Router]) -> Option<String> {
        let told = self
            .all
            .iter()
            .zip(&self.given)
            .filter(|(_, given)| **given);
        let ratios = told.filter_map(|(link, _)| {
            let [from, to] = link.ends.map(|end| routers[end.index()].position);
            let light = latency_ms(from?, to?);
            (light > 0.05 && link.length > 0.0).then(|| link.length / light)
        });
        let mut ratios: Vec<f64> = ratios.collect();
        ratios.sort_by(f64::total_cmp);
        let middle = *ratios.get(ratios.len() / 2)?;
        let as_km = middle * MS_PER_KM;
        let unit = lengths.unit;
        let looks_like_km = unit == LengthUnit::Ms && (0.8..3.0).contains(&as_km);
        if looks_like_km && !lengths.is_told {
            return Some(format!(
                "`{name}` is taken for ms, but its numbers are like those of the ways between the nodes in km: \
                 if they are km, say --length-unit km (in a scenario \"length_unit\": \"km\")"
            ));
        }
        (!(0.5..100.0).contains(&middle)).then(|| {
            format!(
                "by `{name}`, taken for {}, a link takes {middle:.2} times what light in fibre takes between its \
                 places (the middle of {}): check the unit (--length-unit, in a scenario \"length_unit\")",
                unit.sign(),
                links(ratios.len())
            )
        })
    }

    fn unequal_arcs(&self, routers: &[Router]) -> Option<String> {
        let label = |end: RouterId| routers[end.index()].label.as_str();
        let named = self
            .unequal
            .iter()
            .take(NAMED_MAX)
            .map(|(link, [one, other])| {
                let [from, to] = self.all[*link].ends.map(label);
                format!("{from} to {to} {one}, back {other}")
            });
        let named: Vec<String> = named.collect();
        let count = self.unequal.len();
        let more = if count > NAMED_MAX {
            format!("; and {} more", count - NAMED_MAX)
        } else {
            String::new()
        };
        (count > 0).then(|| {
            format!(
                "a link has one length, and {} by direction: the shorter is kept ({}{more})",
                if count == 1 {
                    "1 link differs".into()
                } else {
                    format!("{count} links differ")
                },
                named.join("; ")
            )
        })
    }
}

/// Which column tells the lengths, and in which unit, unless that goes without saying.
fn chosen(name: &str, lengths: Lengths) -> Option<String> {
    if lengths.is_plain && lengths.own_units == OwnUnits::None {
        return None;
    }
    let unit = lengths.unit.sign();
    let own = lengths.own_units;
    if own == OwnUnits::All {
        return Some(format!(
            "the links' latencies follow from the edges' `{name}`, each in the unit that it tells; light in fibre \
             covers 200,000 km/s"
        ));
    }
    let but = if own == OwnUnits::Some {
        ", but for those that tell their own unit"
    } else {
        ""
    };
    Some(if lengths.unit.is_way() {
        let ms = lengths.unit.in_ms(1.0);
        format!(
            "the links' latencies follow from the edges' `{name}`, in {unit}{but}: light in fibre covers 200,000 km/s, \
             so 1 {unit} takes {ms} ms"
        )
    } else if lengths.is_told {
        format!("the links' latencies are the edges' `{name}`, in {unit}{but}")
    } else {
        format!(
            "the links' latencies are the edges' `{name}`, taken for {unit}{but} (--length-unit, in a scenario \
             \"length_unit\", says otherwise)"
        )
    })
}

/// Names as a sentence has them.
pub(super) fn quoted(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}

fn links(count: usize) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} link{ending}")
}

/// For each edge that is the second of two arcs there and back, the number of the first. Of several arcs
/// between two nodes those of one length belong together, and then those that come first.
fn mates(edges: &[Element], told: &[([RouterId; 2], Option<f64>)]) -> Vec<Option<usize>> {
    // Arcs without a mate, by their ends, those to the higher end first.
    let mut single: BTreeMap<[RouterId; 2], [Vec<usize>; 2]> = BTreeMap::new();
    for (number, (edge, (ends, _))) in edges.iter().zip(told).enumerate() {
        let [from, to] = *ends;
        if edge.directed && from != to {
            let arcs = single.entry([from.min(to), from.max(to)]).or_default();
            arcs[usize::from(from > to)].push(number);
        }
    }
    let mut mates = vec![None; edges.len()];
    let bits = |number: usize| told[number].1.map(f64::to_bits);
    for [there, back] in single.values_mut() {
        for of_one_length in [true, false] {
            there.retain(|&one| {
                let fits = |&other: &usize| !of_one_length || bits(other) == bits(one);
                let Some(place) = back.iter().position(fits) else {
                    return true;
                };
                let other = back.remove(place);
                mates[one.max(other)] = Some(one.min(other));
                false
            });
        }
    }
    mates
}

/// The nodes' numbers by their ids.
fn numbers_of_nodes<'t>(tree: &'t Tree<'_>) -> Result<BTreeMap<&'t str, u32>> {
    let mut numbers = BTreeMap::new();
    for (number, node) in (0..).zip(&tree.nodes) {
        if numbers.insert(node.names[0].as_str(), number).is_some() {
            let what = format!("a second node has the id `{}`", node.names[0]);
            return Err(tree.error(node.offset, what));
        }
    }
    Ok(numbers)
}

fn ends(tree: &Tree<'_>, edge: &Element, numbers: &BTreeMap<&str, u32>) -> Result<[RouterId; 2]> {
    let end = |index: usize| -> Result<RouterId, Error> {
        let name = edge.names[index].as_str();
        let number = numbers.get(name).copied().map(RouterId);
        number.ok_or_else(|| {
            tree.error(
                edge.offset,
                format!("the edge leads to node `{name}`, which there is not"),
            )
        })
    };
    Ok([end(0)?, end(1)?])
}

/// A policy weight: an integer from 0 below 2³²; 0 if it is not there.
fn weight(tree: &Tree<'_>, element: &Element, column: super::columns::ColumnId) -> Result<u32> {
    let Some(text) = element.data.get(&tree.columns, column) else {
        return Ok(0);
    };
    text.parse().map_err(|_| {
        let name = &tree.columns.get(column).name;
        let what = format!("`{name}` is `{text}`, not an integer from 0 below 2^32");
        tree.error(element.offset, what)
    })
}
