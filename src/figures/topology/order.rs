//! The order of routers on a circle in which linked ones are near each other.

/// The maximum number of passes over all pairs.
const PASSES_MAX: usize = 12;

/// Circles with more routers than this keep the order given.
const ROUTERS_MAX: usize = 60;

/// `routers` in an order in which no exchange of two shortens the links among them, their length
/// counted in steps along the circle, squared.
pub(super) fn on_circle(routers: &[usize], neighbours: &[Vec<usize>]) -> Vec<usize> {
    let mut order = routers.to_vec();
    let count = order.len();
    if !(4..=ROUTERS_MAX).contains(&count) {
        return order;
    }
    // Links among the routers, as places in the given list.
    let place = |router: &usize| routers.iter().position(|other| other == router);
    let links: Vec<Vec<usize>> = routers
        .iter()
        .map(|router| neighbours[*router].iter().filter_map(place).collect())
        .collect();
    let mut slot_of: Vec<usize> = (0..count).collect();
    let mut at: Vec<usize> = (0..count).collect();
    for _ in 0..PASSES_MAX {
        let mut improved = false;
        for a in 0..count {
            for b in a + 1..count {
                let pair = [at[a], at[b]];
                let before = cost(&pair, &links, &slot_of);
                (slot_of[pair[0]], slot_of[pair[1]]) = (b, a);
                if cost(&pair, &links, &slot_of) < before {
                    at.swap(a, b);
                    improved = true;
                } else {
                    (slot_of[pair[0]], slot_of[pair[1]]) = (a, b);
                }
            }
        }
        if !improved {
            break;
        }
    }
    for (slot, index) in at.into_iter().enumerate() {
        order[slot] = routers[index];
    }
    order
}

/// The cost of the links of two routers.
fn cost(pair: &[usize; 2], links: &[Vec<usize>], slot_of: &[usize]) -> usize {
    let count = slot_of.len();
    let steps = |a: usize, b: usize| {
        let apart = slot_of[a].abs_diff(slot_of[b]);
        apart.min(count - apart)
    };
    let squares = |router: usize| {
        links[router]
            .iter()
            .map(move |other| steps(router, *other).pow(2))
    };
    pair.iter()
        .map(|router| squares(*router).sum::<usize>())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::on_circle;

    #[test]
    fn a_path_is_unrolled() {
        // 0 - 3 - 1 - 4 - 2 - 5 and back to 0.
        let path = [0, 3, 1, 4, 2, 5];
        let mut neighbours = vec![Vec::new(); 6];
        for (index, router) in path.iter().enumerate() {
            let next = path[(index + 1) % 6];
            neighbours[*router].push(next);
            neighbours[next].push(*router);
        }
        let order = on_circle(&[0, 1, 2, 3, 4, 5], &neighbours);
        assert_eq!(order.len(), 6);
        for (index, router) in order.iter().enumerate() {
            assert!(
                neighbours[*router].contains(&order[(index + 1) % 6]),
                "{order:?}"
            );
        }
    }
}
