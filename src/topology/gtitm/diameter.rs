//! The diameter of a domain: a breadth-first search from each of its routers, many at once.
//!
//! It does *not* know where routers lie.

/// The largest number of links on a shortest path between two routers that are connected, where each
/// router has these `neighbours`.
pub(super) fn diameter(neighbours: &[Vec<u32>]) -> u32 {
    let mut search = Search::new(neighbours);
    let sources = (0..neighbours.len()).step_by(Search::SOURCES_MAX);
    let farthest = sources.map(|first| search.farthest(first));
    farthest.max().unwrap_or(0)
}

/// A breadth-first search from many routers at once, a bit for each: between routers that are
/// few links apart, as in most domains, it takes little longer than a search from one of them.
struct Search<'a> {
    neighbours: &'a [Vec<u32>],
    /// From which sources each router has been reached.
    seen: Vec<u128>,
    /// From which of them in as many links as have been taken, and none fewer.
    reached: Vec<u128>,
    /// From which sources each router is reached in one link more.
    coming: Vec<u128>,
    /// Routers for which `reached` tells of any source.
    front: Vec<u32>,
    /// Routers for which `coming` tells of any source.
    touched: Vec<u32>,
    /// Routers that may not have been reached from every source.
    open: Vec<u32>,
}

impl<'a> Search<'a> {
    const SOURCES_MAX: usize = u128::BITS as usize;

    fn new(neighbours: &'a [Vec<u32>]) -> Self {
        let none = || vec![0; neighbours.len()];
        Self {
            neighbours,
            seen: none(),
            reached: none(),
            coming: none(),
            front: Vec::new(),
            touched: Vec::new(),
            open: Vec::new(),
        }
    }

    /// The largest number of links on a shortest path from one of the routers from `first` on, as
    /// many of them as fit.
    fn farthest(&mut self, first: usize) -> u32 {
        let count = self.neighbours.len();
        let sources = first..count.min(first + Self::SOURCES_MAX);
        self.seen.fill(0);
        self.open.clear();
        self.open.extend(0..count as u32);
        let mut all = 0;
        for source in sources {
            let bit = 1 << (source - first);
            (self.seen[source], self.reached[source]) = (bit, bit);
            self.front.push(source as u32);
            all |= bit;
        }
        let mut links = 0;
        loop {
            // Where most routers have news, it is shorter to ask who lacks any.
            if self.front.len() >= self.open.len() / 2 {
                self.ask(all);
            } else {
                self.tell();
            }
            self.arrive();
            if self.front.is_empty() {
                return links;
            }
            links += 1;
        }
    }

    /// Lets every router of the front tell its neighbours.
    fn tell(&mut self) {
        for router in self.front.drain(..) {
            let from = std::mem::take(&mut self.reached[router as usize]);
            for &neighbour in &self.neighbours[router as usize] {
                let coming = &mut self.coming[neighbour as usize];
                if *coming == 0 {
                    self.touched.push(neighbour);
                }
                *coming |= from;
            }
        }
    }

    /// Lets every router that has not been reached from `all` sources ask its neighbours, until it
    /// knows enough.
    fn ask(&mut self, all: u128) {
        let seen = &self.seen;
        self.open.retain(|&router| seen[router as usize] != all);
        for &router in &self.open {
            let wanted = all & !seen[router as usize];
            let mut from = 0;
            for &neighbour in &self.neighbours[router as usize] {
                from |= self.reached[neighbour as usize];
                if from & wanted == wanted {
                    break;
                }
            }
            if from != 0 {
                self.coming[router as usize] = from;
                self.touched.push(router);
            }
        }
        for router in self.front.drain(..) {
            self.reached[router as usize] = 0;
        }
    }

    /// Makes those the front that are reached from any source for the first time.
    fn arrive(&mut self) {
        for router in self.touched.drain(..) {
            let seen = &mut self.seen[router as usize];
            let fresh = std::mem::take(&mut self.coming[router as usize]) & !*seen;
            if fresh != 0 {
                *seen |= fresh;
                self.reached[router as usize] = fresh;
                self.front.push(router);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::*;
    use crate::topology::gtitm::random::Flip;

    /// By a search from one router after another.
    fn diameter_plainly(neighbours: &[Vec<u32>]) -> u32 {
        let mut farthest = 0;
        for source in 0..neighbours.len() {
            let mut distances = vec![None; neighbours.len()];
            distances[source] = Some(0);
            let mut queue = VecDeque::from([source]);
            while let Some(router) = queue.pop_front() {
                let distance = distances[router].unwrap();
                farthest = farthest.max(distance);
                for &neighbour in &neighbours[router] {
                    let known = &mut distances[neighbour as usize];
                    if known.is_none() {
                        *known = Some(distance + 1);
                        queue.push_back(neighbour as usize);
                    }
                }
            }
        }
        farthest
    }

    #[test]
    fn the_diameter_is_that_of_single_searches() {
        let mut flip = Flip::new(11);
        for n in [1, 2, 3, 127, 128, 129, 300] {
            for extra in [0, 1, n / 8, n, 4 * n, 60 * n] {
                // A path, and some links across.
                let mut neighbours = vec![Vec::new(); n];
                let mut link = |u: usize, v: usize| {
                    neighbours[u].push(v as u32);
                    neighbours[v].push(u as u32);
                };
                (1..n).for_each(|router| link(router - 1, router));
                (0..extra).for_each(|_| link(flip.below(n), flip.below(n)));
                let plainly = diameter_plainly(&neighbours);
                assert_eq!(diameter(&neighbours), plainly, "{n} {extra}");
            }
        }
    }

    #[test]
    fn routers_that_are_not_connected_do_not_count() {
        let neighbours = [vec![1], vec![0, 2], vec![1], vec![4], vec![3], vec![]];
        assert_eq!(diameter(&neighbours), 2);
        assert_eq!(diameter(&[]), 0);
    }
}
