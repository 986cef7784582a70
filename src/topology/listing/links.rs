//! The links of a GraphML file and their lengths: as its edges tell them, else the latency between
//! two places, else the default.
//!
//! This module does *not* know which columns tell them.

use std::collections::BTreeMap;

use super::arcs::mates;
use super::choice::{Choice, Lengths};
use super::geography::{MS_PER_KM, latency_ms};
use super::usual::length_of;
use super::wording::chosen;
use super::wrong::Wrong;
use super::{Element, Listing};
use crate::error::{Error, Result};
use crate::parameters::number::LatencyMs;
use crate::topology::faults::{Faults, Remedy};
use crate::topology::options::{LengthUnit, ReadOptions};
use crate::topology::{Link, Origin, Router, RouterId};
use crate::words::counted;

/// The maximum number of pairs of unequal arcs that are named.
const NAMED_MAX: usize = 3;

/// What an edge tells of its length.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Told {
    /// In milliseconds or the graph's own unit.
    Length(f64),
    Nothing,
    /// What is no length.
    Wrong,
}

impl Told {
    /// What two arcs of one length have in common.
    fn bits(self) -> Option<u64> {
        match self {
            Self::Length(length) => Some(length.to_bits()),
            Self::Nothing | Self::Wrong => None,
        }
    }
}

/// Where the length of a link is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// The edge tells it.
    Edge,
    /// It is a loop, which has none.
    Loop,
    /// The places of the ends.
    Coordinates,
    /// [`ReadOptions::default_latency_ms`].
    Default,
    /// Nowhere: it is not known.
    Nowhere,
    /// What the edge tells is no length, and nothing takes its place.
    Wrong,
}

/// The links of a file.
#[derive(Default)]
pub(super) struct Links {
    pub(super) all: Vec<Link>,
    /// The edge that each link is, by its number in the file: the first of two arcs.
    pub(super) edge_of: Vec<usize>,
    /// Where the length of each link is from.
    pub(super) sources: Vec<Source>,
    /// Arcs that differ from their mates: the link, its length and the other.
    unequal: Vec<(usize, [f64; 2])>,
    /// How many edges tell a length that is infinite, or `nan`.
    pub(super) not_finite: Wrong,
    /// What edges tell and is no length.
    wrong: Wrong,
}

impl Links {
    pub(super) fn of(
        listing: &Listing<'_>,
        choice: &Choice,
        (routers, origin): (&[Router], Origin),
        options: &ReadOptions,
    ) -> Result<Self> {
        let mut links = Self::default();
        let lengths = links.take_edges(listing, choice, options.rtt)?;
        // The lengths of a graph of GT-ITM are exact.
        if let Some((line, what)) = links
            .wrong
            .told(listing)
            .filter(|_| origin != Origin::Other)
        {
            return Err(Error::new(what).at(line));
        }
        let numbered = links.all.iter_mut().zip(lengths);
        for ((link, told), edge) in numbered.zip(&links.edge_of) {
            let is_loop = link.ends[0] == link.ends[1];
            let (source, length) = match told {
                Told::Length(length) => (Source::Edge, length),
                Told::Wrong => (Source::Wrong, 0.0),
                Told::Nothing if origin != Origin::Other => {
                    let what = "a link of a graph made by GT-ITM has no length";
                    return Err(listing.error(listing.edges[*edge].offset, what));
                }
                // Wherever it is.
                Told::Nothing if is_loop => (Source::Loop, 0.0),
                Told::Nothing => {
                    let [from, to] = link.ends.map(|end| routers[end.index()].position);
                    let computed = from.zip(to).map(|(from, to)| latency_ms(from, to));
                    match (
                        computed,
                        options.default_latency_ms.map(|latency| latency.0),
                    ) {
                        (Some(latency), _) => (Source::Coordinates, latency),
                        (None, Some(latency)) => (Source::Default, latency),
                        (None, None) => (Source::Nowhere, 0.0),
                    }
                }
            };
            link.length = length;
            links.sources.push(source);
        }
        Ok(links)
    }

    /// How many links have their length from there.
    fn count(&self, source: Source) -> usize {
        let sources = self.sources.iter();
        sources.filter(|other| **other == source).count()
    }

    /// Whether each link has no known length.
    pub(super) fn unmeasured(&self) -> impl Iterator<Item = bool> {
        let sources = self.sources.iter();
        sources.map(|source| matches!(source, Source::Nowhere | Source::Wrong))
    }

    /// Makes a link of each edge, one of two arcs that lead there and back; their lengths as told.
    fn take_edges(
        &mut self,
        listing: &Listing<'_>,
        choice: &Choice,
        rtt: bool,
    ) -> Result<Vec<Told>> {
        let numbers = numbers_of_nodes(listing)?;
        let mut told = Vec::with_capacity(listing.edges.len());
        for edge in &listing.edges {
            told.push((
                ends(listing, edge, &numbers)?,
                self.length(listing, edge, choice.length, rtt),
            ));
        }
        let mates = mates(
            &listing.edges,
            |edge| told[edge].0,
            |edge| told[edge].1.bits(),
        );
        // The link that an edge has become, by the edge's number.
        let mut link_of = vec![usize::MAX; listing.edges.len()];
        let mut lengths: Vec<Told> = Vec::with_capacity(listing.edges.len());
        for (number, (edge, &(ends, length))) in listing.edges.iter().zip(&told).enumerate() {
            if let Some(mate) = mates[number] {
                let link = link_of[mate];
                self.pair(link, &mut lengths[link], length);
                continue;
            }
            link_of[number] = self.all.len();
            let weight = match choice.policy_weight {
                Some(column) => weight(listing, edge, column)?,
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
    fn pair(&mut self, link: usize, there: &mut Told, back: Told) {
        *there = match (*there, back) {
            (Told::Length(one), Told::Length(other)) => {
                if one.to_bits() != other.to_bits() {
                    self.unequal.push((link, [one, other]));
                }
                Told::Length(one.min(other))
            }
            (Told::Wrong, _) | (_, Told::Wrong) => Told::Wrong,
            (Told::Nothing, other) | (other, Told::Nothing) => other,
        };
    }

    /// What an edge tells of its length.
    fn length(
        &mut self,
        listing: &Listing<'_>,
        edge: &Element,
        lengths: Option<Lengths>,
        rtt: bool,
    ) -> Told {
        let Some(Lengths { column, unit, .. }) = lengths else {
            return Told::Nothing;
        };
        let Some(text) = edge.data.get(&listing.columns, column) else {
            return Told::Nothing;
        };
        let name = &listing.columns.get(column).name;
        let Some((number, own_unit)) = length_of(text) else {
            let what = format!("`{name}` is `{text}`, not a number");
            self.wrong.add(edge.offset, what);
            return Told::Wrong;
        };
        if !number.is_finite() {
            let what = format!("`{name}` is `{text}`, which is no latency");
            self.not_finite.add(edge.offset, what);
            return Told::Nothing;
        }
        if number < 0.0 {
            let what = format!("`{name}` is {text}, and no link has a length below 0");
            self.wrong.add(edge.offset, what);
            return Told::Wrong;
        }
        let unit = own_unit.unwrap_or(unit);
        let share = if rtt && !unit.is_way() { 0.5 } else { 1.0 };
        Told::Length(unit.in_ms(number) * share)
    }

    /// What should be known of the lengths, and what is wrong with them.
    pub(super) fn tell(
        &self,
        listing: &Listing<'_>,
        choice: &Choice,
        (routers, notes, faults): (&[Router], &mut Vec<String>, &mut Faults),
        options: &ReadOptions,
    ) {
        if let Some(lengths) = choice.length {
            let name = &listing.columns.get(lengths.column).name;
            notes.extend(chosen(name, lengths));
            if options.rtt {
                notes.push(format!("`{name}` tells round trips: half of each is used"));
            }
            match self.not_finite.count() {
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
            self.wrong.tell(listing, Remedy::OtherLength, faults);
            notes.extend(self.doubts(name, lengths, routers));
        }
        let by_default = self.count(Source::Default);
        if by_default > 0
            && let Some(LatencyMs(latency)) = options.default_latency_ms
        {
            let told = self.all.len() - by_default;
            notes.push(format!(
                "{} have the default latency, {latency} ms; {told} have their own",
                counted(by_default as u64, "link")
            ));
        }
        let idle = match choice.length {
            None => Some("no data of edges are taken for lengths"),
            Some(length) => length
                .own_units
                .is_all()
                .then_some("every datum tells its own unit"),
        };
        if let (Some(unit), Some(why)) = (options.length_unit, idle) {
            notes.push(format!(
                "the unit of lengths, {}, has no effect: {why}",
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
        let given = self.all.iter().zip(&self.sources);
        let given = given
            .filter(|(link, source)| **source == Source::Edge && is_link(link))
            .count();
        let computed = self.count(Source::Coordinates);
        if given == 0 || computed == 0 {
            return;
        }
        let both = format!(
            "the edges' `{name}` tells the lengths of {}, and those of {} are latencies between places, in ms",
            counted(given as u64, "link"),
            counted(computed as u64, "link")
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
            .zip(&self.sources)
            .filter(|(_, source)| **source == Source::Edge);
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
        let looks_like_km =
            unit == LengthUnit::Ms && lengths.own_units.is_none() && (0.8..3.0).contains(&as_km);
        if looks_like_km && !lengths.is_told {
            return Some(format!(
                "`{name}` is taken for ms, but its numbers are like those of the ways between the nodes in km: \
                 if they are km, say --length-unit km (in a scenario \"length_unit\": \"km\")"
            ));
        }
        let unit = if lengths.own_units.is_none() {
            format!("taken for {}", unit.sign())
        } else {
            format!("which tells units itself ({})", lengths.own_units.listed())
        };
        let check = if lengths.own_units.is_all() {
            "check the units in the file"
        } else {
            "check the unit (--length-unit, in a scenario \"length_unit\")"
        };
        (!(0.5..100.0).contains(&middle)).then(|| {
            format!(
                "by `{name}`, {unit}, a link takes {middle:.2} times what light in fibre takes between its \
                 places (the middle of {}): {check}",
                counted(ratios.len() as u64, "link")
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

/// The nodes' numbers by their ids.
fn numbers_of_nodes<'t>(listing: &'t Listing<'_>) -> Result<BTreeMap<&'t str, u32>> {
    let mut numbers = BTreeMap::new();
    for (number, node) in (0..).zip(&listing.nodes) {
        if numbers.insert(node.names[0].as_str(), number).is_some() {
            let what = format!("a second node has the id `{}`", node.names[0]);
            return Err(listing
                .error(node.offset, what)
                .help("give each node an id of its own"));
        }
    }
    Ok(numbers)
}

fn ends(
    listing: &Listing<'_>,
    edge: &Element,
    numbers: &BTreeMap<&str, u32>,
) -> Result<[RouterId; 2]> {
    let end = |index: usize| -> Result<RouterId, Error> {
        let name = edge.names[index].as_str();
        let number = numbers.get(name).copied().map(RouterId);
        number.ok_or_else(|| {
            listing
                .error(
                    edge.offset,
                    format!("the edge leads to node `{name}`, which there is not"),
                )
                .help("add the node, or correct the edge")
        })
    };
    Ok([end(0)?, end(1)?])
}

/// A policy weight: an integer from 0 below 2³²; 0 if it is not there.
fn weight(
    listing: &Listing<'_>,
    element: &Element,
    column: super::columns::ColumnId,
) -> Result<u32> {
    let Some(text) = element.data.get(&listing.columns, column) else {
        return Ok(0);
    };
    text.parse().map_err(|_| {
        let name = &listing.columns.get(column).name;
        let what = format!("`{name}` is `{text}`, not an integer from 0 below 2^32");
        listing.error(element.offset, what)
    })
}
