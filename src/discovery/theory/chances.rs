//! Probabilities that theories need.
//!
//! They do *not* know what happens with them.

/// The probability that at least `count` of independent events happen, each of which has one of these `chances`.
///
/// Events are added one after another, and only the probabilities of fewer than `count` are kept: O(events × count).
pub fn at_least(count: u32, chances: impl IntoIterator<Item = f64>) -> f64 {
    let mut fewer = vec![0.0; count as usize];
    let Some(none) = fewer.first_mut() else {
        return 1.0;
    };
    *none = 1.0;
    for chance in chances {
        for number in (1..fewer.len()).rev() {
            fewer[number] += (fewer[number - 1] - fewer[number]) * chance;
        }
        fewer[0] *= 1.0 - chance;
    }
    // Rounding may leave a little less than nothing.
    (1.0 - fewer.iter().sum::<f64>()).clamp(0.0, 1.0)
}

/// What lies beyond this probability does not count.
const NEGLIGIBLE: f64 = 1e-15;

/// What the first customers of a queue find.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Found {
    /// How many others each of them finds, on average over them.
    pub others: f64,
    /// How many of them find anybody, and wait.
    pub waiting: f64,
}

/// What each of the first `customers` of an M/M/1 queue finds, if the first one
/// finds nobody: exactly, for any load.
///
/// Between two arrivals each customer who is there leaves before the next arrival with the chance
/// µ ÷ (λ + µ), one after another (Kleinrock, *Queueing Systems*, volume 1, 1975, chapter 3: the embedded chain).
pub fn found_by_first(customers: u32, arrivals: f64, services: f64) -> Found {
    let leaves = services / (arrivals + services);
    // The probability of finding each number of others.
    let mut finds = vec![1.0];
    let (mut sum, mut waiting) = (0.0, 0.0);
    for _ in 0..customers {
        sum += (0_u32..)
            .zip(&finds)
            .map(|(number, chance)| f64::from(number) * chance)
            .sum::<f64>();
        waiting += 1.0 - finds[0];
        // One more is there now, and some leave.
        let mut next = vec![0.0; finds.len() + 1];
        let mut above = 0.0;
        for number in (1..next.len()).rev() {
            above = above * leaves + finds[number - 1];
            next[number] = above * (1.0 - leaves);
        }
        next[0] = above * leaves;
        while next.last().is_some_and(|&last| last < NEGLIGIBLE) {
            next.pop();
        }
        finds = next;
    }
    Found {
        others: sum / f64::from(customers),
        waiting,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_least_agrees_with_the_binomial() {
        let close = |one: f64, other: f64| assert!((one - other).abs() < 1e-12, "{one} {other}");
        close(at_least(1, [0.75; 3]), 1.0 - libm::pow(0.25, 3.0));
        close(at_least(3, [0.75; 3]), libm::pow(0.75, 3.0));
        close(at_least(2, [0.5; 4]), 11.0 / 16.0);
        close(at_least(2, [0.2, 0.5, 1.0]), 1.0 - 0.8 * 0.5);
        close(at_least(0, []), 1.0);
        close(at_least(1, []), 0.0);
        close(at_least(4, [1.0; 3]), 0.0);
    }

    #[test]
    fn a_long_queue_is_the_queue_in_steady_state() {
        let found = found_by_first(200_000, 30.0, 100.0).others;
        assert!((found - 0.3 / 0.7).abs() < 1e-5, "{found}");
    }

    /// The first finds nobody, the second the first if it has not left, and so on.
    #[test]
    fn the_first_customers_find_few() {
        let close = |one: f64, other: f64| assert!((one - other).abs() < 1e-12, "{one} {other}");
        close(found_by_first(1, 1.0, 1.0).others, 0.0);
        close(found_by_first(2, 1.0, 1.0).others, 0.25);
        close(found_by_first(2, 1.0, 1.0).waiting, 0.5);
        // Before the third comes, of two both stay with the chance 1/2 and one with 1/4; of one it stays with 1/2.
        let third = 2.0 * (0.5 * 0.5) + (0.5 * 0.25 + 0.5 * 0.5);
        close(found_by_first(3, 1.0, 1.0).others, (0.5 + third) / 3.0);
        // Twice as many come as can be served: the queue grows.
        let found = found_by_first(2_000, 200.0, 100.0).others;
        assert!((found / 500.0 - 1.0).abs() < 0.05, "{found}");
    }
}
