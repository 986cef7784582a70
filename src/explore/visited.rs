//! The states that have been visited: their hashes, and the state from which each was reached first.
//!
//! It counts the bytes that it holds. It does *not* know what a state is.

/// No state.
const NONE: u32 = u32::MAX;
/// States in one block.
const BLOCK: usize = 1 << 16;
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
    /// In blocks, so that nothing is copied as they become more.
    blocks: Vec<Vec<Node>>,
    len: u32,
    /// The states by their hashes: a table with open places.
    table: Vec<u32>,
}

impl Visited {
    pub(super) fn new() -> Self {
        Self {
            blocks: Vec::new(),
            len: 0,
            table: vec![NONE; FIRST],
        }
    }

    /// The bytes that are held.
    pub(super) fn bytes(&self) -> u64 {
        let nodes = self.blocks.len() * BLOCK * size_of::<Node>();
        (nodes + self.table.len() * size_of::<u32>()) as u64
    }

    /// The bytes that are held for a moment while one more is entered, beyond those that are held now.
    pub(super) fn bytes_ahead(&self) -> u64 {
        let mut more = 0;
        if (self.len as usize).is_multiple_of(BLOCK) {
            more += BLOCK * size_of::<Node>();
        }
        if self.is_crowded() {
            more += 2 * self.table.len() * size_of::<u32>();
        }
        more as u64
    }

    /// Whether three of four places are taken.
    fn is_crowded(&self) -> bool {
        (self.len as usize + 1) * 4 > self.table.len() * 3
    }

    /// Enters a state reached from `parent`; its number, unless it has been visited before.
    pub(super) fn enter(&mut self, hash: u128, parent: Option<u32>) -> Option<u32> {
        let hash = [(hash >> 64) as u64, hash as u64];
        if self.is_crowded() {
            self.grow();
        }
        let mut place = self.place(hash);
        while self.table[place] != NONE {
            if self.node(self.table[place]).hash == hash {
                return None;
            }
            place = (place + 1) & (self.table.len() - 1);
        }
        let number = self.len;
        self.table[place] = number;
        let parent = parent.unwrap_or(NONE);
        if (number as usize).is_multiple_of(BLOCK) {
            self.blocks.push(Vec::with_capacity(BLOCK));
        }
        let last = self.blocks.last_mut().expect("there is one");
        last.push(Node { hash, parent });
        self.len += 1;
        Some(number)
    }

    fn node(&self, number: u32) -> &Node {
        &self.blocks[number as usize / BLOCK][number as usize % BLOCK]
    }

    /// The first place of a hash.
    fn place(&self, hash: [u64; 2]) -> usize {
        hash[1] as usize & (self.table.len() - 1)
    }

    fn grow(&mut self) {
        self.table = vec![NONE; 2 * self.table.len()];
        for number in 0..self.len {
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
            let Node { hash, parent } = *self.node(number);
            way.push(u128::from(hash[0]) << 64 | u128::from(hash[1]));
            number = parent;
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
            assert_eq!(visited.enter(hash(number), parent), Some(number));
            assert_eq!(visited.enter(hash(number / 2), None), None);
        }
        let way = [7, 1007, 2007].map(hash);
        assert_eq!(visited.way(2007), way);
        assert!(visited.bytes() < 5_000_000);
    }
}
