//! From the records of a GraphBase file to a graph: every arc list ends, counts are true, every
//! arc has its mate, and the links come in order of creation.
//!
//! The original reader checks none of this. This module does *not* know how records are spelt.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::error::{Error, Result};
use crate::topology::{Domain, Graph, Link, Origin, Router, RouterId};

/// The records of a file. References are within bounds, integers within ± 2⁵³.
pub(super) struct Records {
    /// The line of the graph's own record.
    pub(super) line: usize,
    pub(super) id: String,
    pub(super) routers: i64,
    pub(super) arcs_listed: i64,
    pub(super) origin: Origin,
    pub(super) vertices: Vec<Vertex>,
    pub(super) arcs: Vec<Arc>,
}

pub(super) struct Vertex {
    pub(super) line: usize,
    pub(super) label: String,
    pub(super) first: Option<u32>,
    pub(super) position: [f64; 2],
}

pub(super) struct Arc {
    pub(super) line: usize,
    pub(super) tip: Option<u32>,
    pub(super) next: Option<u32>,
    pub(super) length: i64,
    pub(super) weight: i64,
}

/// An arc as it was met in a list, in the order by which mates find each other.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Met {
    /// The lower and the higher end.
    ends: [u32; 2],
    length: i64,
    weight: u32,
    /// Whether the arc is in the list of the higher end (of a loop: never).
    from_higher: bool,
    /// When it was met on the walk through all lists.
    step: u32,
    arc: u32,
}

/// The graph that the records make.
pub(super) fn assemble(records: Records) -> Result<Graph> {
    let routers = checked_router_count(&records)?;
    let lists = Lists::walk(&records, routers)?;
    let (links, link_of_arc) = pair(&records, lists.met)?;
    let order = creation_order(&lists.starts, &lists.arcs, &links, &link_of_arc);
    let links = order
        .into_iter()
        .map(|link| {
            let met = links[link as usize];
            Link {
                ends: met.ends.map(RouterId),
                length: met.length as f64,
                weight: met.weight,
            }
        })
        .collect();
    let routers = records
        .vertices
        .into_iter()
        .take(routers)
        .map(|vertex| Router {
            domain: Domain::from_label(&vertex.label),
            label: vertex.label,
            position: Some(vertex.position),
        });
    Ok(Graph {
        id: records.id,
        origin: records.origin,
        routers: routers.collect(),
        links,
        loops_unlisted: 0,
        latencies: None,
    })
}

/// The number of routers, which the graph's record must not overstate nor understate.
fn checked_router_count(records: &Records) -> Result<usize> {
    let stated = records.routers;
    let available = records.vertices.len();
    if stated < 1 || stated as usize > available {
        return Err(Error::new(format!(
            "the graph's record says {stated} vertices, but there are {available} vertex records"
        ))
        .at(records.line)
        .help("a graph has at least one vertex, and a record for each"));
    }
    let routers = stated as usize;
    for vertex in &records.vertices[routers..] {
        if vertex.first.is_some() {
            return Err(Error::new(format!(
                "the graph's record says {stated} vertices, but this spare one beyond them has \
                 arcs"
            ))
            .at(vertex.line));
        }
    }
    Ok(routers)
}

/// The arc lists of all routers, one after another.
struct Lists {
    /// Where the list of each router begins in `arcs`, and where the last one ends.
    starts: Vec<u32>,
    arcs: Vec<u32>,
    met: Vec<Met>,
}

impl Lists {
    fn walk(records: &Records, routers: usize) -> Result<Self> {
        let mut seen = vec![false; records.arcs.len()];
        let mut lists = Self {
            starts: vec![0],
            arcs: Vec::new(),
            met: Vec::new(),
        };
        for (router, vertex) in records.vertices[..routers].iter().enumerate() {
            let mut next = vertex.first;
            while let Some(number) = next {
                let arc = &records.arcs[number as usize];
                if std::mem::replace(&mut seen[number as usize], true) {
                    return Err(Error::new(format!(
                        "the arc list of vertex {router} ({}) does not end: it comes to arc \
                         A{number}, which a list has held before",
                        vertex.label
                    ))
                    .at(arc.line)
                    .help("the file is damaged: fetch or generate it again"));
                }
                let step = lists.arcs.len() as u32;
                lists
                    .met
                    .push(meet(arc, number, router as u32, routers, step)?);
                lists.arcs.push(number);
                next = arc.next;
            }
            lists.starts.push(lists.arcs.len() as u32);
        }
        let listed = lists.arcs.len();
        if usize::try_from(records.arcs_listed) != Ok(listed) {
            return Err(Error::new(format!(
                "the graph's record says {} arcs, but the vertices' lists hold {listed}",
                records.arcs_listed
            ))
            .at(records.line)
            .help("an arc counts once in each direction"));
        }
        Ok(lists)
    }
}

fn meet(arc: &Arc, number: u32, router: u32, routers: usize, step: u32) -> Result<Met> {
    let trouble = |what: String| Error::new(format!("arc A{number} {what}")).at(arc.line);
    let Some(tip) = arc.tip else {
        return Err(trouble("is in a list but leads nowhere".into()));
    };
    if tip as usize >= routers {
        return Err(trouble(format!(
            "leads to vertex V{tip}, but the graph's record says that there are {routers}"
        )));
    }
    if arc.length < 0 {
        return Err(trouble(format!("has the negative length {}", arc.length)));
    }
    let Ok(weight) = u32::try_from(arc.weight) else {
        return Err(trouble(format!(
            "has the policy weight {}, which is not in 0 … 2^32 − 1",
            arc.weight
        )));
    };
    Ok(Met {
        ends: [router.min(tip), router.max(tip)],
        length: arc.length,
        weight,
        from_higher: router > tip,
        step,
        arc: number,
    })
}

/// Joins every arc with its mate. Links come by the lower of their two arc numbers.
///
/// The second result gives the link of each arc in a list.
fn pair(records: &Records, mut met: Vec<Met>) -> Result<(Vec<Met>, Vec<u32>)> {
    met.sort_unstable();
    let mut pairs: Vec<(Met, u32)> = Vec::with_capacity(met.len() / 2);
    for group in met.chunk_by(|a, b| (a.ends, a.length, a.weight) == (b.ends, b.length, b.weight)) {
        if group[0].ends[0] == group[0].ends[1] {
            if group.len() % 2 == 1 {
                return Err(without_mate(records, group[group.len() - 1]));
            }
            pairs.extend(group.chunks_exact(2).map(|pair| (pair[0], pair[1].arc)));
            continue;
        }
        let (lower, higher) = group.split_at(group.partition_point(|met| !met.from_higher));
        let longer = if lower.len() > higher.len() {
            lower
        } else {
            higher
        };
        if lower.len() != higher.len() {
            return Err(without_mate(records, longer[lower.len().min(higher.len())]));
        }
        pairs.extend(lower.iter().zip(higher).map(|(&arc, mate)| (arc, mate.arc)));
    }
    pairs.sort_unstable_by_key(|(met, mate)| met.arc.min(*mate));
    let mut link_of_arc = vec![u32::MAX; records.arcs.len()];
    for (link, (met, mate)) in pairs.iter().enumerate() {
        link_of_arc[met.arc as usize] = link as u32;
        link_of_arc[*mate as usize] = link as u32;
    }
    Ok((pairs.into_iter().map(|(met, _)| met).collect(), link_of_arc))
}

fn without_mate(records: &Records, met: Met) -> Error {
    let [mut from, mut to] = met.ends;
    if met.from_higher {
        std::mem::swap(&mut from, &mut to);
    }
    Error::new(format!(
        "arc A{} from vertex V{from} to V{to} has no mate: no arc leads back with the same length \
         and policy weight",
        met.arc
    ))
    .at(records.arcs[met.arc as usize].line)
    .help("a link is a pair of equal arcs, one in each direction")
}

/// The links in an order in which creating them, each put at the head of both its lists, gives
/// the lists of the file; of several such orders, the one that follows the arc numbers.
///
/// The original's files number their arcs in that very order. Lists that no order could have
/// made are legal in a file; then the arc numbers alone decide.
fn creation_order(starts: &[u32], arcs: &[u32], links: &[Met], link_of_arc: &[u32]) -> Vec<u32> {
    let by_number: Vec<u32> = (0..links.len() as u32).collect();
    let link = |arc: &u32| link_of_arc[*arc as usize];
    // (older, newer), for neighbours in a list.
    let mut failovers: Vec<(u32, u32)> = Vec::new();
    for range in starts.windows(2) {
        let list = &arcs[range[0] as usize..range[1] as usize];
        let pairs = list.windows(2).map(|pair| (link(&pair[1]), link(&pair[0])));
        failovers.extend(pairs.filter(|(older, newer)| older != newer));
    }
    if failovers.iter().all(|(older, newer)| older < newer) {
        return by_number;
    }
    failovers.sort_unstable();
    let mut waits_for = vec![0_u32; links.len()];
    for (_, newer) in &failovers {
        waits_for[*newer as usize] += 1;
    }
    let free = by_number
        .iter()
        .filter(|link| waits_for[**link as usize] == 0);
    let mut ready: BinaryHeap<Reverse<u32>> = free.copied().map(Reverse).collect();
    let mut order = Vec::with_capacity(links.len());
    while let Some(Reverse(older)) = ready.pop() {
        order.push(older);
        let first = failovers.partition_point(|(link, _)| *link < older);
        for (_, newer) in failovers[first..]
            .iter()
            .take_while(|(link, _)| *link == older)
        {
            waits_for[*newer as usize] -= 1;
            if waits_for[*newer as usize] == 0 {
                ready.push(Reverse(*newer));
            }
        }
    }
    if order.len() == links.len() {
        order
    } else {
        by_number
    }
}
