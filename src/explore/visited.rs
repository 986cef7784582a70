//! The states that have been visited: their hashes, and the state from which each was reached first.
//!
//! It counts the bytes that it holds. It does *not* know what a state is.

use super::blocks::Blocks;

/// No state.
const NONE: u32 = u32::MAX;
/// Places of the first table.
const FIRST: usize = 1 << 12;

/// A visited state.
#[derive(Debug, Clone, Copy)]
struct Node {
    hash: [u64; 2],
    parent: u32,
}

/// All of them, by number in the order of their discovery.
#[derive(Debug)]
pub(super) struct Visited {
    nodes: Blocks<Node>,
    /// The states by their hashes: a table with open places.
    table: Vec<u32>,
}

impl Visited {
    pub(super) fn new() -> Self {
        Self {
            nodes: Blocks::default(),
            table: vec![NONE; FIRST],
        }
    }

    /// The bytes that are held.
    pub(super) fn bytes(&self) -> u64 {
        self.nodes.bytes() + (self.table.len() * size_of::<u32>()) as u64
    }

    /// The bytes that are held for a moment while one more is entered, beyond those that are held now.
    pub(super) fn bytes_ahead(&self) -> u64 {
        let more = self.nodes.bytes_ahead(1);
        if self.is_crowded() {
            more + (2 * self.table.len() * size_of::<u32>()) as u64
        } else {
            more
        }
    }

    /// Whether three of four places are taken.
    fn is_crowded(&self) -> bool {
        (self.nodes.len() + 1) * 4 > self.table.len() * 3
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Enters a state reached from `parent`; its number.
    ///
    /// # Errors
    /// If it has been visited before: its number.
    pub(super) fn enter(&mut self, hash: u128, parent: Option<u32>) -> Result<u32, u32> {
        let hash = [(hash >> 64) as u64, hash as u64];
        if self.is_crowded() {
            self.grow();
        }
        let mut place = self.place(hash);
        while self.table[place] != NONE {
            if self.node(self.table[place]).hash == hash {
                return Err(self.table[place]);
            }
            place = (place + 1) & (self.table.len() - 1);
        }
        let number = self.nodes.len() as u32;
        self.table[place] = number;
        let parent = parent.unwrap_or(NONE);
        self.nodes.push(Node { hash, parent });
        Ok(number)
    }

    fn node(&self, number: u32) -> &Node {
        self.nodes.at(number as usize)
    }

    /// The hash of a state.
    pub(super) fn hash(&self, number: u32) -> u128 {
        let [high, low] = self.node(number).hash;
        u128::from(high) << 64 | u128::from(low)
    }

    /// The first place of a hash.
    fn place(&self, hash: [u64; 2]) -> usize {
        hash[1] as usize & (self.table.len() - 1)
    }

    fn grow(&mut self) {
        self.table = vec![NONE; 2 * self.table.len()];
        for number in 0..self.nodes.len() as u32 {
            let mut place = self.place(self.node(number).hash);
            while self.table[place] != NONE {
                place = (place + 1) & (self.table.len() - 1);
            }
            self.table[place] = number;
        }
    }

    /// The hashes of the states on the way from the first one to `number`, both included.
    pub(super) fn way(&self, mut number: u32) -> Vec<u128> {
        let mut way = Vec::new();
        while number != NONE {
            way.push(self.hash(number));
            number = self.node(number).parent;
        }
        way.reverse();
        way
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_entered_once_and_knows_its_way() {
        let mut visited = Visited::new();
        let hash = |number: u32| u128::from(number).wrapping_mul(0x1234_5678_9ABC_DEF1_0001);
        for number in 0..100_000_u32 {
            let parent = number.checked_sub(1000);
            assert!(visited.bytes() + visited.bytes_ahead() > 0);
            assert_eq!(visited.enter(hash(number), parent), Ok(number));
            assert_eq!(visited.enter(hash(number / 2), None), Err(number / 2));
        }
        let way = [7, 1007, 2007].map(hash);
        assert_eq!(visited.way(2007), way);
        assert!(visited.bytes() < 5_000_000);
    }
}
