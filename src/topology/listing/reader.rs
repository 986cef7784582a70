//! From a listing to a graph.

use super::choice::Choice;
use super::columns::Kind;
use super::coordinates::{Coordinates, on_plane};
use super::keeping::{account, kept};
use super::labels::{make_distinct, repeated};
use super::links::{Links, Source};
use super::wording::quoted;
use super::{Listing, names, tiers};
use crate::error::{Error, Result};
use crate::topology::components::Components;
use crate::topology::faults::{Faults, Remedy, listed, nodes};
use crate::topology::options::ReadOptions;
use crate::topology::reading::{Account, Kept, Reading};
use crate::topology::{Domain, Graph, Link, Origin, Router, RouterId};

/// Reads a graph, and what is wrong with it that an option would make good. If the largest part
/// alone is wanted, the graph is still whole, but what is outside that part is no fault.
pub(in crate::topology) fn read(
    listing: &Listing<'_>,
    options: &ReadOptions,
) -> Result<(Reading, Faults)> {
    if listing.nodes.is_empty() {
        return Err(Error::new("the graph has no nodes").at(1));
    }
    let origin = origin(listing)?;
    let mut choice = Choice::of(listing, origin, options)?;
    let places = Coordinates::of(listing, &choice, origin, options)?;
    let mut routers = routers(listing, &choice, &places);
    let links = Links::of(listing, &choice, (&routers, origin), options)?;
    tiers::tell(listing, (&links.all, &links.edge_of), &mut routers);
    let judged = judged(&routers, &links.all, options);
    let mut faults = Faults::default();
    let mut notes = listing.notes.clone();
    notes.extend(name_apart(
        listing,
        &choice,
        (&mut routers, &judged),
        options,
        &mut faults,
    )?);
    links.tell(
        listing,
        &choice,
        (&routers, &mut notes, &mut faults),
        options,
    );
    tell_wrong_places(listing, &places, &links, (&mut notes, &mut faults));
    let known = (listing, &choice, &places);
    let (routed, telling) = ((&routers[..], &judged[..]), (&mut notes, &mut faults));
    tell_measured(known, routed, &links, options, telling);
    let on_plane = on_plane(listing, &choice, &places);
    choice.place = choice
        .place
        .filter(|_| places.of_nodes.iter().any(Option::is_some));
    let kept = Kept {
        on_plane,
        ..kept(listing, &choice, &links, origin)
    };
    let reading = Reading {
        graph: Graph {
            id: graph_id(listing),
            origin,
            routers,
            links: links.all,
            loops_unlisted: loops_unlisted(listing)?,
            latencies: None,
        },
        kept,
        account: Account {
            nodes: account(listing, &choice, Kind::Node),
            edges: account(listing, &choice, Kind::Edge),
            notes,
        },
    };
    Ok((reading, faults))
}

/// What the graph is called by its data.
fn graph_id(listing: &Listing<'_>) -> String {
    let id = [names::ID, names::NETWORK].into_iter().find_map(|name| {
        let column = listing.columns.named(Kind::Graph, name)?;
        listing.data.get_whole(&listing.columns, column)
    });
    id.unwrap_or_default().into()
}

/// GT-ITM's numbers, in files that this program wrote.
fn origin(listing: &Listing<'_>) -> Result<Origin> {
    let number = |name: &str| {
        let text = listing.of_graph(name).unwrap_or_default();
        text.parse().map_err(|_| {
            Error::new(format!("the graph's `{name}` is `{text}`, not an integer")).at(1)
        })
    };
    match listing.of_graph(names::METHOD) {
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

fn loops_unlisted(listing: &Listing<'_>) -> Result<u32> {
    let text = listing.of_graph(names::LOOPS_UNLISTED);
    text.map_or(Ok(0), |text| {
        text.parse().map_err(|_| {
            let name = names::LOOPS_UNLISTED;
            Error::new(format!("the graph's `{name}` is `{text}`, not a count")).at(1)
        })
    })
}

/// The routers; the id stands in for a label that is not there.
fn routers(listing: &Listing<'_>, choice: &Choice, places: &Coordinates) -> Vec<Router> {
    let of_node = listing.nodes.iter().zip(&places.of_nodes);
    let router = of_node.map(|(node, position)| {
        let told = choice
            .label
            .filter(|column| node.data.get(&listing.columns, *column).is_some());
        let label = told.and_then(|column| node.data.get_whole(&listing.columns, column));
        let label = label.unwrap_or(&node.names[0]).to_string();
        Router {
            domain: Domain::from_label(&label),
            label,
            position: *position,
        }
    });
    router.collect()
}

/// The routers that must be in order: all, or those of the largest part.
fn judged(routers: &[Router], links: &[Link], options: &ReadOptions) -> Vec<bool> {
    if options.largest_component {
        Components::among(routers.len(), links).in_largest()
    } else {
        vec![true; routers.len()]
    }
}

/// Tells equal labels apart if that is asked for, or if nobody called them labels; what is to be known.
fn name_apart(
    listing: &Listing<'_>,
    choice: &Choice,
    (routers, judged): (&mut [Router], &[bool]),
    options: &ReadOptions,
    faults: &mut Faults,
) -> Result<Option<String>> {
    let is_silent = options.rename_duplicates || !choice.label_is_name;
    let note = (!is_silent).then(|| alike(routers, judged)).flatten();
    let rename = options.rename_duplicates || choice.label_is_name;
    make_distinct(listing, routers, judged, rename, faults)?;
    Ok(note)
}

/// The sentence that names occur twice, which nobody called labels.
fn alike(routers: &[Router], judged: &[bool]) -> Option<String> {
    let alike = repeated(routers, judged).len();
    (alike > 0).then(|| {
        format!(
            "{} have the name of another: their ids are added to it",
            nodes(alike)
        )
    })
}

/// What should be places and is none: a fault where latencies follow from places.
fn tell_wrong_places(
    listing: &Listing<'_>,
    places: &Coordinates,
    links: &Links,
    (notes, faults): (&mut Vec<String>, &mut Faults),
) {
    let follows = |source: &Source| {
        matches!(
            source,
            Source::Coordinates | Source::Default | Source::Nowhere
        )
    };
    if links.sources.iter().any(follows) {
        places.wrong.tell(listing, Remedy::OtherPlace, faults);
    } else if let Some((line, what)) = places.wrong.told(listing) {
        notes.push(format!("{what} (line {line}): such nodes have no place"));
    }
}

/// The sentence that nodes are at places that cannot be.
fn not_on_earth(
    listing: &Listing<'_>,
    choice: &Choice,
    places: &Coordinates,
    routers: &[Router],
) -> Option<String> {
    let names = choice.place?;
    let names = names.map(|column| listing.columns.get(column).name.clone());
    let (first, [east, north]) = *places.astray.first()?;
    let (count, names) = (nodes(places.astray.len()), quoted(&names));
    Some(if places.are_no_degrees {
        format!(
            "the nodes' {names} are not degrees, and not used as places: {count} would not be on the earth, such as {} \
             at longitude {east}, latitude {north}",
            listed(&[first], routers)
        )
    } else {
        let astray: Vec<u32> = places.astray.iter().map(|(node, _)| *node).collect();
        format!(
            "{count} are not on the earth by their {names}, as if they told none: {}",
            listed(&astray, routers)
        )
    })
}

/// Columns that could have told something and are not used, unless this program wrote the file and says
/// all itself.
fn tell_unused(choice: &Choice, notes: &mut Vec<String>) {
    if choice.has_own_lengths() {
        return;
    }
    if !choice.unused_lengths.is_empty() {
        notes.push(format!(
            "the edges' {} may tell lengths and are not used: choose with --length-from (in a scenario \"length_from\")",
            quoted(&choice.unused_lengths)
        ));
    }
    if !choice.unused_places.is_empty() {
        notes.push(format!(
            "the nodes' {} may tell places and are not used: choose with --place-from LONGITUDE,LATITUDE (in a scenario \"place_from\")",
            quoted(&choice.unused_places)
        ));
    }
}

/// The nodes that stand for a link of more than two ends.
fn hyperedges(listing: &Listing<'_>, choice: &Choice) -> Vec<u32> {
    let is_one = |number: &u32| {
        let node = &listing.nodes[*number as usize];
        let mark = choice
            .hyperedge
            .and_then(|column| node.data.get(&listing.columns, column));
        mark.is_some_and(|mark| !["0", "false", "False"].contains(&mark))
    };
    (0..listing.nodes.len() as u32).filter(is_one).collect()
}

/// What is missing for lengths, and what could tell it; or what is told and not used.
fn tell_measured(
    (listing, choice, places): (&Listing<'_>, &Choice, &Coordinates),
    (routers, judged): (&[Router], &[bool]),
    links: &Links,
    options: &ReadOptions,
    (notes, faults): (&mut Vec<String>, &mut Faults),
) {
    let known = (listing, choice, places);
    let is_measured = options.default_latency_ms.is_some()
        || check_measured(known, (routers, judged), links, faults);
    let astray = not_on_earth(listing, choice, places, routers);
    if is_measured {
        notes.extend(astray);
        tell_unused(choice, notes);
    } else {
        if let Some(what) = astray {
            faults.add(what, Remedy::DegreesFrom);
        }
        tell_what_could(choice, places, faults);
    }
}

/// Whether links have lengths, and join no more than two routers, where `judged`; else that is a fault.
fn check_measured(
    (listing, choice, places): (&Listing<'_>, &Choice, &Coordinates),
    (routers, judged): (&[Router], &[bool]),
    links: &Links,
    faults: &mut Faults,
) -> bool {
    // The ends of links whose lengths the file does not tell.
    let mut guessed = vec![false; routers.len()];
    let mut unplaced = vec![false; routers.len()];
    let mut linked = vec![false; routers.len()];
    for (link, source) in links.all.iter().zip(&links.sources) {
        for end in link.ends.map(RouterId::index) {
            linked[end] = true;
            guessed[end] |= *source != Source::Edge;
            unplaced[end] |= *source == Source::Nowhere && routers[end].position.is_none();
        }
    }
    let pick = |wanted: &dyn Fn(usize) -> bool| -> Vec<u32> {
        let numbers = 0..routers.len();
        numbers
            .filter(|number| judged[*number] && wanted(*number))
            .map(|number| number as u32)
            .collect()
    };
    let mut is_hyperedge = vec![false; routers.len()];
    for number in hyperedges(listing, choice) {
        is_hyperedge[number as usize] = true;
    }
    let hyperedges = pick(&|number| is_hyperedge[number] && (guessed[number] || !linked[number]));
    if !hyperedges.is_empty() {
        let what = format!(
            "hyperedges, links of more than two ends, stand in the place of {}: {}",
            nodes(hyperedges.len()),
            listed(&hyperedges, routers)
        );
        faults.add(what, Remedy::DefaultLatency);
    }
    // What is wrong with the data of places is told where it stands.
    let unplaced =
        pick(&|number| unplaced[number] && !is_hyperedge[number] && !places.is_wrong[number]);
    if !unplaced.is_empty() {
        let what = format!(
            "no coordinates tell the latency of the links of {}: {}",
            nodes(unplaced.len()),
            listed(&unplaced, routers)
        );
        match links.not_finite.told(listing) {
            Some((line, why)) => {
                faults.add_at(line, format!("{why}, and {what}"), Remedy::DefaultLatency);
            }
            None => faults.add(what, Remedy::DefaultLatency),
        }
    }
    hyperedges.is_empty() && unplaced.is_empty()
}

/// Columns that could tell the lengths that are missing.
fn tell_what_could(choice: &Choice, places: &Coordinates, faults: &mut Faults) {
    let lengths = &choice.unused_lengths;
    if !lengths.is_empty() {
        let what = format!("the edges' {} may tell lengths", quoted(lengths));
        // One alone is named; among several people choose.
        let named = if lengths.len() == 1 {
            &lengths[..]
        } else {
            &[]
        };
        faults.add_naming(what, Remedy::LengthFrom, named);
    }
    if choice.place.is_some() && !places.are_no_degrees {
        return;
    }
    if let Some(grid @ [x, y]) = &choice.grid {
        let what = format!("the nodes' `{x}` and `{y}` are not taken for degrees");
        faults.add_naming(what, Remedy::PlaceFrom, grid);
    } else if !choice.both_in_one.is_empty() {
        let names = quoted(&choice.both_in_one);
        let what = format!(
            "the nodes' {names} may tell places, but two numbers in one datum are not read"
        );
        faults.add(what, Remedy::SplitPlaces);
    }
}
