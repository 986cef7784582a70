//! Divisions against each other, against brute force, and by hand.

use super::*;
use proptest::collection::vec;
use proptest::prelude::*;

/// Tables whose gains fall: the optimum needs no search.
pub(in crate::opus::allocation) fn concave() -> impl Strategy<Value = Vec<Vec<f64>>> {
    let table = vec(0_u32..1000, 0..30).prop_map(|mut gains| {
        gains.sort_unstable_by(|a, b| b.cmp(a));
        let mut sum = 0.0;
        let rest = gains.iter().map(|gain| {
            sum += f64::from(*gain) / 7.0;
            sum
        });
        [0.0].into_iter().chain(rest).collect::<Vec<f64>>()
    });
    vec(table, 1..7)
}

pub(in crate::opus::allocation) fn any_tables(
    entries: usize,
    applications: usize,
) -> impl Strategy<Value = Vec<Vec<f64>>> {
    let table = vec(
        (-500_i32..1000).prop_map(|entry| f64::from(entry) / 7.0),
        1..entries,
    );
    vec(table, 1..applications)
}

pub(in crate::opus::allocation) fn sum(division: &[u32]) -> u32 {
    division.iter().sum()
}

/// The best total, by trying every division.
fn by_force(tables: &[Vec<f64>], nodes: u32) -> f64 {
    let Some((first, rest)) = tables.split_first() else {
        return 0.0;
    };
    (0..=nodes)
        .map(|own| utility(first, own) + by_force(rest, nodes - own))
        .fold(f64::NEG_INFINITY, f64::max)
}

proptest! {
    #[test]
    fn greedy_is_the_optimum_for_concave_utilities(tables in concave(), nodes in 0_u32..80) {
        let (greedy, optimum) = (greedy(&tables, nodes), by_programming(&tables, nodes));
        prop_assert!(sum(&greedy) <= nodes && sum(&optimum) <= nodes);
        let (a, b) = (total(&tables, &greedy), total(&tables, &optimum));
        prop_assert!((a - b).abs() < 1e-9, "{a} {b}");
    }

    #[test]
    fn greedy_is_bounded_by_the_optimum_otherwise(
        tables in any_tables(25, 8), nodes in 0_u32..60,
    ) {
        let (greedy, optimum) = (greedy(&tables, nodes), optimum(&tables, nodes));
        prop_assert!(sum(&greedy) <= nodes && sum(&optimum) <= nodes);
        prop_assert!(total(&tables, &greedy) <= total(&tables, &optimum) + 1e-9);
        prop_assert!(total(&tables, &greedy) >= total(&tables, &vec![0; tables.len()]) - 1e-9);
    }

    #[test]
    fn the_optimum_is_what_trying_everything_finds(
        odd in any_tables(6, 3), even in concave(), nodes in 0_u32..9,
    ) {
        let tables: Vec<Vec<f64>> = odd.into_iter().chain(even.into_iter().take(2)).collect();
        let best = by_force(&tables, nodes);
        for division in [optimum(&tables, nodes), by_programming(&tables, nodes)] {
            let found = total(&tables, &division);
            prop_assert!((best - found).abs() < 1e-9, "{best} {found}");
        }
    }

    #[test]
    fn shares_add_up_and_follow_the_loads(loads in vec(0.0..100.0, 1..12), nodes in 0_u32..500) {
        for shares in [proportional(&loads, nodes), equal(loads.len(), nodes)] {
            prop_assert_eq!(sum(&shares), nodes);
        }
        let shares = proportional(&loads, nodes);
        prop_assert_eq!(shares.len(), loads.len());
        let all: f64 = loads.iter().sum();
        for (share, load) in shares.iter().zip(&loads) {
            let exact = load / all * f64::from(nodes);
            prop_assert!(all == 0.0 || (f64::from(*share) - exact).abs() <= 1.0);
        }
    }
}

/// What the steps of all hulls are worth up to the first that does not fit, by code of its own.
pub(in crate::opus::allocation) fn plain_hull_greedy(tables: &[Vec<f64>], nodes: u32) -> f64 {
    let mut own = vec![0; tables.len()];
    let mut left = nodes as usize;
    loop {
        // From where an application is, the farthest of the points with the steepest way there.
        let steepest = |application: usize| {
            let (table, from): (&Vec<f64>, usize) = (&tables[application], own[application]);
            let slope = |to: usize| (table[to] - table[from]) / (to - from) as f64;
            let best = (from + 1..table.len())
                .max_by(|&a, &b| slope(a).total_cmp(&slope(b)).then(b.cmp(&a)))?;
            Some((slope(best), application, best - from))
        };
        let best = (0..tables.len())
            .filter_map(steepest)
            .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
        let Some((_, application, step)) = best.filter(|best| best.0 > 0.0) else {
            break;
        };
        if step > left {
            break;
        }
        own[application] += step;
        left -= step;
    }
    tables.iter().zip(own).map(|(table, own)| table[own]).sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn greedy_lies_between_the_plain_hull_greedy_and_the_optimum(
        tables in any_tables(25, 8), nodes in 0_u32..80,
    ) {
        let [low, own, high] = [
            plain_hull_greedy(&tables, nodes),
            total(&tables, &greedy(&tables, nodes)),
            total(&tables, &by_programming(&tables, nodes)),
        ];
        prop_assert!(low <= own + 1e-9 && own <= high + 1e-9, "{} {} {}", low, own, high);
    }
}

#[test]
fn nobody_gets_less_than_its_floor() {
    let mut tables = vec![
        vec![0.0, 1.0, 2.0, 3.0],
        vec![0.0, 9.0, 18.0, 27.0, 36.0, 45.0],
    ];
    assert_eq!(greedy(&tables, 5), [0, 5]);
    with_floors(&mut tables, &[2, 1]);
    assert_eq!(greedy(&tables, 5), [2, 3]);
    assert_eq!(greedy(&tables, 2), [1, 1]);
}

#[test]
fn a_step_that_does_not_fit_leaves_room_for_smaller_ones() {
    // Nearly as steep as the other's, but with two nodes it is worth next to nothing.
    let steep = vec![0.0, 0.0, 1.0, 30.0];
    let flat = vec![0.0, 9.0, 18.0];
    assert_eq!(greedy(&[steep, flat], 2), [0, 2]);
}

#[test]
fn a_step_that_pays_only_as_a_whole_is_taken_as_a_whole() {
    let steep = vec![0.0, 0.0, 0.0, 30.0];
    let flat = vec![0.0, 5.0, 9.0, 12.0];
    assert_eq!(greedy(&[steep.clone(), flat.clone()], 4), [3, 1]);
    assert_eq!(greedy(&[steep.clone(), flat.clone()], 2), [0, 2]);
    assert_eq!(optimum(&[steep, flat], 3), [3, 0]);
}
