//! Which nodes are moved towards a division, and which moves do not pay: pure functions.
//!
//! This module does *not* know demand, nodes or time, nor how the division was found.

use super::divide::utility;

/// What moving a node costs, and what it must bring.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rule<'a> {
    /// The time in which a move must pay, in s.
    pub horizon_s: f64,
    /// The utility that a move costs.
    pub cost: f64,
    /// By application, how long a node that is moved to it serves nobody, in s.
    pub delays_s: &'a [f64],
    /// By application, up to how many nodes it gets them whether or not the moves pay.
    pub floors: &'a [u32],
}

/// A node is to be moved; from nowhere, if it serves nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Move {
    /// The application that it leaves.
    pub from: Option<usize>,
    /// The application that it goes to.
    pub to: usize,
}

/// The moves that lead from the division `present`, with `spare` nodes that serve nobody, towards
/// `target`: those with the greatest gain over the loss first. With a rule, only as many as bring
/// most within the horizon, and none if none pays, but for those up to a floor: a gain counts from the end of the delay on, a
/// loss at once.
///
/// A node that its application can spare stays unless another needs it.
pub(super) fn towards(
    tables: &[Vec<f64>],
    present: &[u32],
    spare: u32,
    target: &[u32],
    rule: Option<Rule<'_>>,
) -> Vec<Move> {
    let (mut division, mut spare) = (present.to_vec(), spare);
    let mut moves = Vec::new();
    let (mut net, mut best, mut kept) = (0.0, 0.0, 0);
    // The utility a node of going from what there is to what is aimed at.
    let pull = |division: &[u32], i: usize| {
        let change = utility(&tables[i], target[i]) - utility(&tables[i], division[i]);
        change / (f64::from(target[i]) - f64::from(division[i]))
    };
    let all = 0..tables.len();
    loop {
        let needy = all.clone().filter(|&i| division[i] < target[i]);
        let to = needy.max_by(|&a, &b| {
            let pulls = pull(&division, a).total_cmp(&pull(&division, b));
            pulls.then(b.cmp(&a))
        });
        let rich = all.clone().filter(|&i| division[i] > target[i]);
        let from = rich.min_by(|&a, &b| {
            let pulls = pull(&division, a).total_cmp(&pull(&division, b));
            pulls.then(a.cmp(&b))
        });
        let Some(to) = to.filter(|_| spare > 0 || from.is_some()) else {
            break;
        };
        let from = from.filter(|_| spare == 0);
        let step = |i: usize, nodes: u32| utility(&tables[i], nodes);
        let gain = step(to, division[to] + 1) - step(to, division[to]);
        division[to] += 1;
        let mut loss = 0.0;
        match from {
            Some(from) => {
                loss = step(from, division[from]) - step(from, division[from] - 1);
                division[from] -= 1;
            }
            None => spare -= 1,
        }
        moves.push(Move { from, to });
        if let Some(rule) = rule {
            let paid_s = (rule.horizon_s - rule.delays_s[to]).max(0.0);
            net += gain * paid_s - loss * rule.horizon_s - rule.cost;
        }
        // Moves up to a floor come first: those before the last of them are owed as well.
        let owed = |rule: Rule<'_>| division[to] <= rule.floors[to];
        if rule.is_none_or(owed) || net > best {
            (best, kept) = (net, moves.len());
        }
    }
    moves.truncate(kept);
    moves
}

#[cfg(test)]
mod tests {
    use super::super::divide::tests::{any_tables, concave, plain_hull_greedy, sum};
    use super::super::divide::{by_programming, equal, greedy, total};
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;

    /// The division after `moves`.
    fn after(moves: &[Move], mut division: Vec<u32>) -> Vec<u32> {
        for step in moves {
            division[step.to] += 1;
            if let Some(from) = step.from {
                division[from] -= 1;
            }
        }
        division
    }

    /// Applications that want a number of nodes at once, and jagged ones; more nodes do no harm.
    fn services() -> impl Strategy<Value = Vec<Vec<f64>>> {
        let steps = (1_usize..25, 1_u32..1000).prop_map(|(nodes, worth)| {
            let mut table = vec![0.0; nodes];
            table.push(f64::from(worth) / 7.0);
            table
        });
        let rising = |mut table: Vec<f64>| {
            let mut most = f64::NEG_INFINITY;
            for entry in &mut table {
                most = most.max(*entry);
                *entry = most;
            }
            table
        };
        (any_tables(25, 5), vec(steps, 0..4))
            .prop_map(move |(jagged, steps)| jagged.into_iter().map(rising).chain(steps).collect())
    }

    /// The division that a service whose demand stays comes to from equal shares, by as many divisions as it takes.
    fn comes_to(tables: &[Vec<f64>], nodes: u32, target: &[u32], rule: Rule<'_>) -> Vec<u32> {
        let mut division = equal(tables.len(), nodes);
        for _ in 0..100 {
            let spare = nodes - sum(&division);
            let moves = towards(tables, &division, spare, target, Some(rule));
            if moves.is_empty() {
                return division;
            }
            division = after(&moves, division);
        }
        panic!("{tables:?}: nodes move for ever");
    }

    /// What the rest of the moves to `target` costs within the horizon, a second: more than it brings.
    fn unpaid(
        tables: &[Vec<f64>],
        mut division: Vec<u32>,
        nodes: u32,
        target: &[u32],
        rule: Rule<'_>,
    ) -> f64 {
        let spare = nodes - sum(&division);
        let rest = towards(tables, &division, spare, target, None);
        let mut lost = 0.0;
        for step in &rest {
            let (table, own) = (&tables[step.to], division[step.to]);
            let gain = utility(table, own + 1) - utility(table, own);
            lost += gain * rule.delays_s[step.to] + rule.cost;
            division = after(&[*step], division);
        }
        lost / rule.horizon_s
    }

    /// Whatever the agreements, a service is below the hull greedy by no more than what its last moves would cost.
    #[test]
    fn a_thousand_services_come_to_no_less_than_the_hull_greedy_but_for_what_does_not_pay() {
        let mut runner = TestRunner::deterministic();
        let drawn = (services(), 1_u32..60, 0.0..20.0_f64, 0.0..20.0_f64);
        // The least of what they come to ÷ hull greedy and ÷ optimum, where moving is free and as scenarios have it.
        let mut least = [[f64::INFINITY; 2]; 2];
        for _ in 0..1000 {
            let (tables, nodes, delay_s, cost) = drawn.new_tree(&mut runner).unwrap().current();
            let target = greedy(&tables, nodes);
            let hull = plain_hull_greedy(&tables, nodes);
            let best = total(&tables, &by_programming(&tables, nodes));
            for (at, (delay_s, cost)) in [(0.0, 0.0), (10.0, 0.0), (delay_s, cost)]
                .into_iter()
                .enumerate()
            {
                let delays_s = vec![delay_s; tables.len()];
                let rule = Rule {
                    horizon_s: 300.0,
                    cost,
                    delays_s: &delays_s,
                    floors: &vec![0; tables.len()],
                };
                let division = comes_to(&tables, nodes, &target, rule);
                let own = total(&tables, &division);
                let tolerance = unpaid(&tables, division, nodes, &target, rule);
                assert!(own <= best + 1e-9, "{own} {best}");
                assert!(own >= hull - tolerance - 1e-9, "{own} {hull} {tolerance}");
                if at < 2 && hull > 1.0 {
                    let [of_hull, of_best] = &mut least[at];
                    *of_hull = of_hull.min(own / hull);
                    *of_best = of_best.min(own / best);
                }
            }
        }
        assert!(least[0][0] >= 1.0 - 1e-9, "{least:?}");
        // As `docs/opus/allocation.md` says.
        assert!(least[0][1] > 0.79 && least[1][0] > 1.0 - 1e-9, "{least:?}");
    }

    proptest! {
        #[test]
        fn moves_lead_to_the_target_and_under_a_rule_only_where_they_pay(
            tables in concave(), seed in vec(0_u32..12, 7), spare in 0_u32..5, cost in 0.0..300.0,
        ) {
            let present = &seed[..tables.len()];
            let nodes = sum(present) + spare;
            let target = greedy(&tables, nodes);
            let after = |moves: &[Move]| total(&tables, &after(moves, present.to_vec()));
            let free = towards(&tables, present, spare, &target, None);
            prop_assert!((after(&free) - total(&tables, &target)).abs() < 1e-9);
            let delays_s = vec![2.0; tables.len()];
            let rule = Rule { horizon_s: 10.0, cost, delays_s: &delays_s, floors: &[0; 7] };
            let paid = towards(&tables, present, spare, &target, Some(rule));
            let gain = after(&paid) - after(&[]);
            prop_assert!(paid.len() <= free.len() && gain >= -1e-9);
            prop_assert!(gain * 10.0 >= cost * paid.len() as f64 - 1e-6);
        }
    }

    #[test]
    fn a_move_that_does_not_pay_within_the_horizon_is_left_out() {
        let tables = [vec![0.0, 10.0, 11.0], vec![0.0, 10.0, 18.0]];
        let rule = |horizon_s, cost| {
            let delays_s = &[1.0, 1.0];
            Some(Rule {
                horizon_s,
                cost,
                delays_s,
                floors: &[0, 0],
            })
        };
        let move_one = Move {
            from: Some(0),
            to: 1,
        };
        let found = |rule| towards(&tables, &[2, 1], 0, &[1, 2], rule);
        // It gains 8 a second from 1 s on and loses 1 a second.
        assert_eq!(found(None), [move_one]);
        assert_eq!(found(rule(5.0, 26.9)), [move_one]);
        assert_eq!(found(rule(5.0, 27.1)), []);
        assert_eq!(found(rule(1.0, 0.0)), []);
    }

    #[test]
    fn a_move_up_to_a_floor_is_made_whether_or_not_it_pays() {
        let tables = [vec![0.0, 3.0, 4.0, 4.5, 4.75], vec![0.0, 10.0, 10.5, 10.75]];
        // The delay is longer than the horizon.
        let rule = |floors| Rule {
            horizon_s: 5.0,
            cost: 1.0,
            delays_s: &[9.0, 9.0],
            floors,
        };
        let found = |floors| towards(&tables, &[4, 0], 0, &[1, 3], Some(rule(floors))).len();
        assert_eq!([found(&[0, 0]), found(&[1, 2]), found(&[1, 3])], [0, 2, 3]);
    }
}
