//! Exchanges of messages that go round for ever: ways from a state back to it on which messages arrive and nothing
//! else happens.
//!
//! Everything else that can happen is bounded, so these are the only ways back. It does *not* know what a state is.

use super::blocks::Blocks;

/// No state.
const NONE: u32 = u32::MAX;

/// The steps by which messages arrive, of states in the order of their numbers.
#[derive(Debug, Default)]
pub(super) struct Arrivals {
    /// For each state, how many steps those before it have.
    begins: Blocks<u32>,
    /// The states to which the steps lead.
    to: Blocks<u32>,
}

/// A way back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Round {
    /// The state at which it begins and ends.
    pub(super) state: u32,
    /// The states on the way, the last one is `state`.
    pub(super) way: Vec<u32>,
}

impl Arrivals {
    /// From now on the steps of the next state are added.
    pub(super) fn begin(&mut self) {
        self.begins.push(self.to.len() as u32);
    }

    /// Adds a step to the state `to`.
    pub(super) fn add(&mut self, to: u32) {
        self.to.push(to);
    }

    /// The bytes that are held.
    pub(super) fn bytes(&self) -> u64 {
        self.begins.bytes() + self.to.bytes()
    }

    /// The additional bytes that are needed while one more state and step are added, and then a way back is
    /// searched for among `states` states.
    pub(super) fn bytes_ahead(&self, states: usize) -> u64 {
        Self::search_bytes(states) + self.begins.bytes_ahead(1) + self.to.bytes_ahead(1)
    }

    /// The bytes that are held, besides those, while a way back is looked for.
    pub(super) fn search_bytes(states: usize) -> u64 {
        (3 * size_of::<u32>() * states) as u64
    }

    /// The states to which a state's steps lead.
    fn of(&self, state: u32) -> impl Iterator<Item = u32> {
        let begin = |state: usize| (state < self.begins.len()).then(|| *self.begins.at(state));
        let end = self.to.len() as u32;
        let first = begin(state as usize).unwrap_or(end);
        let last = begin(state as usize + 1).unwrap_or(end);
        (first..last).map(|step| *self.to.at(step as usize))
    }

    /// A way back among `states` states: a shortest one through its first state. `None`: there is none.
    pub(super) fn round(&self, states: usize) -> Option<Round> {
        let (mut left, mut todo) = self.count(states);
        // Whatever no step leads to is on no way back.
        while let Some(state) = todo.pop() {
            for to in self.of(state) {
                left[to as usize] -= 1;
                if left[to as usize] == 0 {
                    todo.push(to);
                }
            }
        }
        let first = left.iter().position(|steps| *steps > 0)? as u32;
        let mut before = todo;
        before.resize(states, NONE);
        let remains = (0..states as u32).filter(|state| left[*state as usize] > 0);
        for state in remains {
            let to = self.of(state);
            for to in to.filter(|to| left[*to as usize] > 0) {
                let before = &mut before[to as usize];
                *before = (*before).min(state);
            }
        }
        let state = least_on_round(&before, first);
        let way = self.shortest(state, &left, before);
        Some(Round { state, way })
    }

    /// How many steps lead to each state, and the states to which none does.
    fn count(&self, states: usize) -> (Vec<u32>, Vec<u32>) {
        let mut steps = vec![0; states];
        for step in 0..self.to.len() {
            steps[*self.to.at(step) as usize] += 1;
        }
        let mut none = Vec::with_capacity(states);
        none.extend((0..states as u32).filter(|state| steps[*state as usize] == 0));
        (steps, none)
    }

    /// A shortest way from `state` back to it through states that are `left`.
    fn shortest(&self, state: u32, left: &[u32], mut before: Vec<u32>) -> Vec<u32> {
        before.fill(NONE);
        let mut queue = Vec::with_capacity(left.len());
        queue.push(state);
        let mut at = 0;
        while before[state as usize] == NONE {
            let from = queue[at];
            at += 1;
            for to in self.of(from) {
                if left[to as usize] > 0 && before[to as usize] == NONE {
                    before[to as usize] = from;
                    queue.push(to);
                }
            }
        }
        let mut way = vec![state];
        let mut last = before[state as usize];
        while last != state {
            way.push(last);
            last = before[last as usize];
        }
        way.reverse();
        way
    }
}

/// Going back from `first`, the least state through which one comes again and again.
fn least_on_round(before: &[u32], first: u32) -> u32 {
    let back = |state: u32| before[state as usize];
    // The one that goes twice as fast is on the cycle when both meet.
    let (mut slow, mut fast) = (back(first), back(back(first)));
    while slow != fast {
        (slow, fast) = (back(slow), back(back(fast)));
    }
    let (mut least, mut state) = (slow, back(slow));
    while state != slow {
        least = least.min(state);
        state = back(state);
    }
    least
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrivals(steps: &[&[u32]]) -> Arrivals {
        let mut all = Arrivals::default();
        for to in steps {
            all.begin();
            to.iter().for_each(|to| all.add(*to));
        }
        all
    }

    #[test]
    fn a_way_back_is_found_if_there_is_one() {
        let none = arrivals(&[&[1, 2], &[3], &[3], &[]]);
        assert_eq!(none.round(4), None);
        // What a way back leads to is not on it; of the states 4 and 5 no steps are known.
        let round = arrivals(&[&[1], &[2, 4], &[3, 5], &[1, 0, 2]]);
        let round = round.round(6).unwrap();
        assert_eq!((round.state, round.way), (0, vec![1, 2, 3, 0]));
        let itself = arrivals(&[&[1], &[2], &[2]]).round(3).unwrap();
        assert_eq!((itself.state, itself.way), (2, vec![2]));
        let behind = arrivals(&[&[3], &[], &[4], &[4], &[3, 1]]);
        let behind = behind.round(5).unwrap();
        assert_eq!((behind.state, behind.way), (3, vec![4, 3]));
    }
}
