//! How nodes are divided among applications: pure functions of what each would be worth.
//!
//! A utility table tells an application's utility by its number of nodes, the last entry standing
//! for all larger numbers. This module does *not* know demand, nodes or time, nor where a table
//! comes from.

/// How much two neighbouring gains may rise, relative to the table's largest entry, and the table
/// still count as concave: roundings.
const ROUNDING: f64 = 1e-12;

/// How many times as much as other nodes the nodes of a floor are worth.
const FIRST: f64 = 1e3;

/// The utility in `table` of `nodes` nodes.
#[inline]
pub(super) fn utility(table: &[f64], nodes: u32) -> f64 {
    table[(nodes as usize).min(table.len() - 1)]
}

/// The total utility of a division.
pub(super) fn total(tables: &[Vec<f64>], division: &[u32]) -> f64 {
    let each = tables.iter().zip(division);
    each.map(|(table, nodes)| utility(table, *nodes)).sum()
}

/// Equal shares; the first applications get one more where it does not come out even.
pub(super) fn equal(applications: usize, nodes: u32) -> Vec<u32> {
    let count = applications as u32;
    (0..count)
        .map(|application| nodes / count + u32::from(application < nodes % count))
        .collect()
}

/// Makes an application's first nodes, up to its floor, worth more in the tables than whatever others could gain.
/// So no application gets less than its floor while another gets more than its own.
pub(super) fn with_floors(tables: &mut [Vec<f64>], floors: &[u32]) {
    let rises = tables.iter().flat_map(|table| table.windows(2));
    let steepest = rises.fold(1.0_f64, |most, pair| most.max((pair[1] - pair[0]).abs()));
    for (table, &floor) in tables.iter_mut().zip(floors) {
        let last = table[table.len() - 1];
        table.resize(table.len().max(floor as usize + 1), last);
        for (nodes, entry) in (0..).zip(table) {
            *entry += FIRST * steepest * f64::from(floor.min(nodes));
        }
    }
}

/// Shares in proportion to `loads` (≥ 0), rounded by largest remainder, ties to the lower number.
/// Without any load: equal shares.
pub(super) fn proportional(loads: &[f64], nodes: u32) -> Vec<u32> {
    let sum: f64 = loads.iter().sum();
    if sum <= 0.0 {
        return equal(loads.len(), nodes);
    }
    let exact = |load: &f64| load / sum * f64::from(nodes);
    let mut shares: Vec<u32> = loads.iter().map(|load| exact(load) as u32).collect();
    let mut order: Vec<usize> = (0..loads.len()).collect();
    let remainder = |i: usize| exact(&loads[i]) - f64::from(shares[i]);
    order.sort_by(|&a, &b| remainder(b).total_cmp(&remainder(a)).then(a.cmp(&b)));
    let left = nodes.saturating_sub(shares.iter().sum());
    for &i in order.iter().cycle().take(left as usize) {
        shares[i] += 1;
    }
    shares
}

/// A step up an application's utility: a number of additional nodes, and what each of them gains.
struct Increment {
    gain: f64,
    application: usize,
    nodes: u32,
}

/// Greedily by marginal utility (Fox: *Discrete optimization via marginal analysis*, 1966): always the
/// step with the largest gain a node. Where a table is not concave, a step is as long as it must
/// be for the gain to be largest (the table's upper hull). A step that does not fit is cut short, or left out so that
/// smaller steps of others find room: whichever is worth more in the end. Nodes that gain nothing are left over.
///
/// The optimum if all tables are concave, never above it otherwise, and never below what the steps are worth that fit.
/// Takes O(entries · log entries).
pub(super) fn greedy(tables: &[Vec<f64>], nodes: u32) -> Vec<u32> {
    let steps = steps(tables);
    let (division, whole) = climb(tables, nodes, &steps);
    if whole {
        return division;
    }
    let other = fill(tables, nodes, skip(tables.len(), nodes, &steps));
    if total(tables, &other) > total(tables, &division) {
        other
    } else {
        division
    }
}

/// Takes the steps that fit as a whole. After one that does not, an application gets no further ones.
fn skip(applications: usize, nodes: u32, steps: &[Increment]) -> Vec<u32> {
    let mut division = vec![0; applications];
    let mut done = vec![false; applications];
    let mut left = nodes;
    for step in steps {
        let fits = step.nodes <= left && !done[step.application];
        done[step.application] |= !fits;
        if fits {
            division[step.application] += step.nodes;
            left -= step.nodes;
        }
    }
    division
}

/// Gives the nodes that are left to whom they bring most, as long as they bring anything.
fn fill(tables: &[Vec<f64>], nodes: u32, mut division: Vec<u32>) -> Vec<u32> {
    loop {
        let left = nodes - division.iter().sum::<u32>();
        let offers = tables.iter().zip(&division).map(|(table, &own)| {
            let more = best_within(table, own, left);
            (utility(table, own + more) - utility(table, own), more)
        });
        // The first of those that bring most.
        let (mut best, mut given) = ((0.0, 0), 0);
        for (application, offer) in offers.enumerate() {
            if offer.0 > best.0 {
                (best, given) = (offer, application);
            }
        }
        if best.1 == 0 {
            return division;
        }
        division[given] += best.1;
    }
}

/// The steps on the upper hulls of all tables that gain something, the largest gain first.
fn steps(tables: &[Vec<f64>]) -> Vec<Increment> {
    let mut steps: Vec<Increment> = Vec::new();
    for (application, table) in tables.iter().enumerate() {
        let hull = upper_hull(table);
        steps.extend(hull.windows(2).map(|pair| Increment {
            gain: slope(table, pair[0], pair[1]),
            application,
            nodes: pair[1] - pair[0],
        }));
    }
    steps.retain(|step| step.gain > 0.0);
    // Stable: steps of one application stay in order.
    steps.sort_by(|a, b| b.gain.total_cmp(&a.gain));
    steps
}

/// Takes the steps, and whether all that were reached were taken whole: then the division lies on the
/// upper hull of every table, and no other is better.
fn climb(tables: &[Vec<f64>], nodes: u32, steps: &[Increment]) -> (Vec<u32>, bool) {
    let mut division = vec![0; tables.len()];
    let mut cut = vec![false; tables.len()];
    let mut left = nodes;
    for step in steps {
        let own = &mut division[step.application];
        if cut[step.application] || left == 0 {
            continue;
        }
        let taken = if step.nodes <= left {
            step.nodes
        } else {
            cut[step.application] = true;
            best_within(&tables[step.application], *own, left)
        };
        *own += taken;
        left -= taken;
    }
    (division, !cut.contains(&true))
}

/// How many of `left` more nodes bring most to who has `own`; the fewest of them.
fn best_within(table: &[f64], own: u32, left: u32) -> u32 {
    let mut best = 0;
    for more in 1..=left {
        if utility(table, own + more) > utility(table, own + best) {
            best = more;
        }
    }
    best
}

/// The corners of the upper hull of (n, table[n]), collinear points included, ascending.
fn upper_hull(table: &[f64]) -> Vec<u32> {
    let mut hull: Vec<u32> = Vec::with_capacity(table.len());
    for n in 0..table.len() as u32 {
        while let [.., a, b] = hull[..] {
            if slope(table, a, b) >= slope(table, b, n) {
                break;
            }
            hull.pop();
        }
        hull.push(n);
    }
    hull
}

fn slope(table: &[f64], from: u32, to: u32) -> f64 {
    (table[to as usize] - table[from as usize]) / f64::from(to - from)
}

/// The exact optimum. Where the greedy division can be seen to be one, that; else by dynamic
/// programming.
pub(super) fn optimum(tables: &[Vec<f64>], nodes: u32) -> Vec<u32> {
    match climb(tables, nodes, &steps(tables)) {
        (division, true) => division,
        (_, false) => by_programming(tables, nodes),
    }
}

/// The exact optimum, by dynamic programming over the applications: the best utility of the first
/// of them with i nodes, for all i. Nodes that gain nothing are left over.
///
/// One application is added in O(`nodes` · log `nodes`) if its table is concave, or if all before
/// are; else in O(`nodes` · entries). Concave ones are added first.
pub(super) fn by_programming(tables: &[Vec<f64>], nodes: u32) -> Vec<u32> {
    let mut order: Vec<usize> = (0..tables.len()).collect();
    order.sort_by_key(|&application| !is_concave(&tables[application]));
    let mut best = vec![0.0; nodes as usize + 1];
    let mut whole_concave = true;
    let mut choices: Vec<(usize, Vec<u32>)> = Vec::with_capacity(tables.len());
    for application in order {
        let table = &tables[application];
        let concave = is_concave(table);
        let (next, choice) = if concave {
            by_halves(&best, |own| utility(table, own), false)
        } else if whole_concave {
            let spread: Vec<f64> = (0..=nodes).map(|own| utility(table, own)).collect();
            by_halves(&spread, |others| best[others as usize], true)
        } else {
            by_trial(&best, table)
        };
        whole_concave &= concave;
        best = next;
        choices.push((application, choice));
    }
    let mut division = vec![0; tables.len()];
    let mut left = nodes;
    for (application, choice) in choices.into_iter().rev() {
        let own = choice[left as usize];
        division[application] = own;
        left -= own;
    }
    division
}

/// Whether gains never rise, those beyond the last entry, which are 0, included.
fn is_concave(table: &[f64]) -> bool {
    let largest = table
        .iter()
        .fold(0.0_f64, |most, entry| most.max(entry.abs()));
    let gains = table.windows(2).map(|pair| pair[1] - pair[0]);
    let mut last = f64::INFINITY;
    gains.chain([0.0]).all(|gain| {
        let falls = gain <= last + ROUNDING * largest;
        last = gain;
        falls
    })
}

/// For all i the greatest `first[k]` + `second(i − k)`, where `second` is concave, and how many nodes
/// the new application gets: i − k, or k if it is the `first`.
///
/// The best k never falls as i rises (total monotonicity), so the best for the middle i halves the
/// candidates of both sides.
fn by_halves(first: &[f64], second: impl Fn(u32) -> f64, new_first: bool) -> (Vec<f64>, Vec<u32>) {
    let size = first.len();
    let (mut best, mut choice) = (vec![0.0; size], vec![0; size]);
    let mut pending = vec![(0, size, 0, size - 1)];
    while let Some((from, to, low, high)) = pending.pop() {
        if from >= to {
            continue;
        }
        let middle = usize::midpoint(from, to);
        let value = |k: usize| first[k] + second((middle - k) as u32);
        let (mut at, mut most) = (low, value(low));
        for k in low + 1..=high.min(middle) {
            let other = value(k);
            if other > most {
                (at, most) = (k, other);
            }
        }
        best[middle] = most;
        choice[middle] = if new_first { at } else { middle - at } as u32;
        pending.push((from, middle, low, at));
        pending.push((middle + 1, to, at, high));
    }
    (best, choice)
}

/// The greatest sums found by trying every number of nodes: `best[i − own]` + `table[own]`.
fn by_trial(best: &[f64], table: &[f64]) -> (Vec<f64>, Vec<u32>) {
    let trial = |i: usize| {
        let last = i.min(table.len() - 1);
        (0..=last).fold((f64::NEG_INFINITY, 0), |(most, at), own| {
            let other = best[i - own] + table[own];
            if other > most {
                (other, own as u32)
            } else {
                (most, at)
            }
        })
    };
    (0..best.len()).map(trial).unzip()
}

#[cfg(test)]
pub(super) mod tests;
