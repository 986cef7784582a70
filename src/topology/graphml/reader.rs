//! From a GraphML file to a graph.

use std::collections::BTreeMap;

use super::geography::latency_ms;
use super::names;
use super::tree::{Element, Tree};
use crate::error::{Error, Result};
use crate::topology::faults::{Faults, Remedy, listed};
use crate::topology::files::ReadOptions;
use crate::topology::graph::{Domain, Graph, Link, Origin, Router, RouterId};
use crate::topology::parts::{Parts, keep};

/// So often ids are added to labels that are still alike: more than any sensible file needs.
const RENAMING_ROUNDS_MAX: usize = 4;

/// Reads a GraphML file with one graph. Errors name the line or the nodes.
///
/// Edges are links whether the file calls them directed or not. A link's length is its datum
/// `length`; without it, its latency in milliseconds from the coordinates of its ends
/// ([`latency_ms`]). Nodes without coordinates, nodes that stand for hyperedges and labels that
/// occur twice are errors unless `options` says what to do. A graph that is not connected is none.
pub fn parse(bytes: &[u8], options: &ReadOptions) -> Result<Graph> {
    let (graph, faults) = read(bytes, options)?;
    faults.check()?;
    Ok(if options.largest_component {
        let kept = Parts::of(&graph).in_largest();
        keep(graph, &kept)
    } else {
        graph
    })
}

/// Reads a graph, and what is wrong with it that an option would make good. If the largest part
/// alone is wanted, the graph is still whole, but what is outside that part is no fault.
pub(in crate::topology) fn read(bytes: &[u8], options: &ReadOptions) -> Result<(Graph, Faults)> {
    let tree = Tree::parse(bytes)?;
    if tree.nodes.is_empty() {
        return Err(Error::new("the graph has no nodes").at(1));
    }
    let origin = origin(&tree)?;
    let numbers = numbers_of_nodes(&tree)?;
    let mut routers = Vec::with_capacity(tree.nodes.len());
    for node in &tree.nodes {
        routers.push(router(&tree, node, origin)?);
    }
    let mut links = Vec::with_capacity(tree.edges.len());
    let mut unmeasured = Vec::new();
    for edge in &tree.edges {
        let ends = ends(&tree, edge, &numbers)?;
        let length = length(&tree, edge, ends, (&routers, origin))?.or(options.default_latency_ms);
        if length.is_none() {
            unmeasured.push(ends);
        }
        links.push(Link {
            ends,
            length: length.unwrap_or(0.0),
            weight: integer(&tree, edge, names::POLICY_WEIGHT)?.unwrap_or(0),
        });
    }
    let id = [names::ID, names::NETWORK]
        .into_iter()
        .find_map(|name| tree.data.get_whole(name));
    let mut graph = Graph {
        id: id.unwrap_or_default().into(),
        origin,
        routers,
        links,
        loops_unlisted: loops_unlisted(&tree)?,
    };
    let judged = if options.largest_component {
        Parts::of(&graph).in_largest()
    } else {
        vec![true; graph.routers.len()]
    };
    let mut faults = Faults::default();
    make_labels_distinct(&tree, &mut graph.routers, &judged, options, &mut faults)?;
    if options.default_latency_ms.is_none() {
        check_measured(&tree, &graph.routers, &judged, &unmeasured, &mut faults);
    }
    Ok((graph, faults))
}

/// GT-ITM's numbers, in files that this program wrote.
fn origin(tree: &Tree<'_>) -> Result<Origin> {
    let number = |name: &str| {
        let text = tree.data.get(name).unwrap_or_default();
        text.parse().map_err(|_| {
            Error::new(format!("the graph's `{name}` is `{text}`, not an integer")).at(1)
        })
    };
    match tree.data.get(names::METHOD) {
        None => Ok(Origin::Other),
        Some("geo") => Ok(Origin::Flat {
            scale: number(names::SCALE)?,
        }),
        Some("ts") => Ok(Origin::TransitStub {
            scale: number(names::SCALE)?,
            transit_diameter: number(names::TRANSIT_DIAMETER)?,
            stub_diameter: number(names::STUB_DIAMETER)?,
            top_diameter: number(names::TOP_DIAMETER)?,
        }),
        Some(method) => Err(Error::new(format!(
            "the graph's `{}` is `{method}`, not ts or geo",
            names::METHOD
        ))
        .at(1)),
    }
}

fn loops_unlisted(tree: &Tree<'_>) -> Result<u32> {
    let text = tree.data.get(names::LOOPS_UNLISTED);
    text.map_or(Ok(0), |text| {
        text.parse().map_err(|_| {
            let name = names::LOOPS_UNLISTED;
            Error::new(format!("the graph's `{name}` is `{text}`, not a count")).at(1)
        })
    })
}

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

fn router(tree: &Tree<'_>, node: &Element, origin: Origin) -> Result<Router> {
    let named = node
        .data
        .get(names::LABEL)
        .and_then(|_| node.data.get_whole(names::LABEL));
    let label = named.unwrap_or(&node.names[0]).to_string();
    let pair = |x: &str, y: &str| -> Result<Option<[f64; 2]>> {
        Ok(number(tree, node, x)?
            .zip(number(tree, node, y)?)
            .map(|(x, y)| [x, y]))
    };
    let position = match origin {
        Origin::Other => pair(names::LONGITUDE, names::LATITUDE)?,
        Origin::Flat { .. } | Origin::TransitStub { .. } => pair(names::X, names::Y)?,
    };
    match position {
        Some([east, north])
            if origin == Origin::Other && (east.abs() > 360.0 || north.abs() > 90.0) =>
        {
            Err(tree.error(
                node.offset,
                format!("node {label} is at longitude {east}, latitude {north}: not on the earth"),
            ))
        }
        _ => Ok(Router {
            domain: Domain::from_label(&label),
            label,
            position,
        }),
    }
}

/// A link's length: as it is told, or the latency between two places on the earth.
fn length(
    tree: &Tree<'_>,
    edge: &Element,
    ends: [RouterId; 2],
    (routers, origin): (&[Router], Origin),
) -> Result<Option<f64>> {
    match number(tree, edge, names::LENGTH)? {
        Some(length) if length < 0.0 => {
            Err(tree.error(edge.offset, format!("the link has the length {length}")))
        }
        None if origin != Origin::Other => Err(tree.error(
            edge.offset,
            "a link of a graph made by GT-ITM has no length",
        )),
        // A loop has no length, wherever it is.
        None if ends[0] == ends[1] => Ok(Some(0.0)),
        None => {
            let [from, to] = ends.map(|end| routers[end.index()].position);
            Ok(from.zip(to).map(|(from, to)| latency_ms(from, to)))
        }
        told => Ok(told),
    }
}

fn ends(tree: &Tree<'_>, edge: &Element, numbers: &BTreeMap<&str, u32>) -> Result<[RouterId; 2]> {
    let end = |index: usize| {
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

/// A datum that must be a finite number, if it is there.
fn number(tree: &Tree<'_>, element: &Element, name: &str) -> Result<Option<f64>> {
    let Some(text) = element.data.get(name) else {
        return Ok(None);
    };
    let number: Option<f64> = text.parse().ok().filter(|number: &f64| number.is_finite());
    let number = number.ok_or_else(|| {
        tree.error(
            element.offset,
            format!("`{name}` is `{text}`, not a number"),
        )
    });
    number.map(Some)
}

/// A datum that must be an integer from 0 below 2³², if it is there.
fn integer(tree: &Tree<'_>, element: &Element, name: &str) -> Result<Option<u32>> {
    let Some(text) = element.data.get(name) else {
        return Ok(None);
    };
    let what = || format!("`{name}` is `{text}`, not an integer from 0 below 2^32");
    text.parse()
        .map(Some)
        .map_err(|_| tree.error(element.offset, what()))
}

/// The nodes that stand for a link of more than two ends.
fn hyperedges(tree: &Tree<'_>) -> impl Iterator<Item = u32> {
    let is_one = |node: &Element| {
        let mark = node.data.get(names::HYPEREDGE);
        mark.is_some_and(|mark| !["0", "false", "False"].contains(&mark))
    };
    (0..)
        .zip(&tree.nodes)
        .filter(move |(_, node)| is_one(node))
        .map(|(number, _)| number)
}

/// Links have lengths, and join no more than two routers, where `judged`.
fn check_measured(
    tree: &Tree<'_>,
    routers: &[Router],
    judged: &[bool],
    unmeasured: &[[RouterId; 2]],
    faults: &mut Faults,
) {
    let is_judged = |number: &u32| judged[*number as usize];
    let hyperedges: Vec<u32> = hyperedges(tree).filter(is_judged).collect();
    if !hyperedges.is_empty() {
        let what = format!(
            "hyperedges, links of more than two ends, stand in the place of {}: {}",
            nodes(hyperedges.len()),
            listed(&hyperedges, routers)
        );
        faults.add(what, Remedy::DefaultLatency);
    }
    let ends = unmeasured.iter().flatten();
    let mut unplaced: Vec<u32> = ends
        .filter(|end| routers[end.index()].position.is_none())
        .map(|end| end.0)
        .filter(is_judged)
        .filter(|number| hyperedges.binary_search(number).is_err())
        .collect();
    unplaced.sort_unstable();
    unplaced.dedup();
    if !unplaced.is_empty() {
        let what = format!(
            "no coordinates tell the latency of the links of {}: {}",
            nodes(unplaced.len()),
            listed(&unplaced, routers)
        );
        faults.add(what, Remedy::DefaultLatency);
    }
}

fn nodes(count: usize) -> String {
    if count == 1 {
        "1 node".into()
    } else {
        format!("{count} nodes")
    }
}

/// Among the routers `judged`, adds the nodes' ids to labels that occur twice if the options say
/// so; without that they are a fault.
fn make_labels_distinct(
    tree: &Tree<'_>,
    routers: &mut [Router],
    judged: &[bool],
    options: &ReadOptions,
    faults: &mut Faults,
) -> Result<()> {
    let mut repeated = with_repeated_labels(routers, judged);
    let rounds = if options.rename_duplicates {
        // Some other label may read like a new one.
        RENAMING_ROUNDS_MAX
    } else {
        0
    };
    for _ in 0..rounds {
        for number in repeated {
            let router = &mut routers[number as usize];
            let id = &tree.nodes[number as usize].names[0];
            router.label = format!("{} ({id})", router.label);
            router.domain = Domain::None;
        }
        repeated = with_repeated_labels(routers, judged);
    }
    if repeated.is_empty() {
        return Ok(());
    }
    let more = if options.rename_duplicates {
        " even with the ids"
    } else {
        ""
    };
    let what = format!(
        "labels occur more than once{more}, at {}: {}",
        nodes(repeated.len()),
        listed(&repeated, routers)
    );
    if options.rename_duplicates {
        return Err(Error::new(what).help("change these labels in the file"));
    }
    faults.add(what, Remedy::RenameDuplicates);
    Ok(())
}

fn with_repeated_labels(routers: &[Router], judged: &[bool]) -> Vec<u32> {
    let mut with_label: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    for ((number, router), judged) in (0..).zip(routers).zip(judged) {
        if *judged {
            with_label.entry(&router.label).or_default().push(number);
        }
    }
    let repeated = with_label.into_values().filter(|numbers| numbers.len() > 1);
    let mut repeated: Vec<u32> = repeated.flatten().collect();
    repeated.sort_unstable();
    repeated
}
