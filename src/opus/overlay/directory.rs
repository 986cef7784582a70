//! Something kept of each of some nodes, by number.
//!
//! For a few dozen nodes that are looked up more often than they come and go: the numbers lie
//! together, ascending, and are searched without touching what is kept beside them. This module does
//! *not* know what is kept.

/// A map from the numbers of nodes.
#[derive(Debug)]
pub(super) struct Directory<T> {
    /// Ascending.
    nodes: Vec<u32>,
    /// In the order of the nodes.
    kept: Vec<T>,
}

impl<T> Default for Directory<T> {
    fn default() -> Self {
        Self {
            nodes: Vec::new(),
            kept: Vec::new(),
        }
    }
}

impl<T> Directory<T> {
    /// Where `node` is, or would be put in.
    #[inline]
    fn place(&self, node: u32) -> Result<usize, usize> {
        self.nodes.binary_search(&node)
    }

    /// What is kept of `node`.
    #[inline]
    pub(super) fn get(&self, node: u32) -> Option<&T> {
        let place = self.place(node).ok()?;
        Some(&self.kept[place])
    }

    /// Mutable access to what is kept of `node`.
    #[inline]
    pub(super) fn get_mut(&mut self, node: u32) -> Option<&mut T> {
        let place = self.place(node).ok()?;
        Some(&mut self.kept[place])
    }

    /// Puts `node` in: `kept` is kept of it from now on.
    pub(super) fn put(&mut self, node: u32, kept: T) {
        match self.place(node) {
            Ok(place) => self.kept[place] = kept,
            Err(place) => {
                self.nodes.insert(place, node);
                self.kept.insert(place, kept);
            }
        }
    }

    /// What is kept of `node`: what `make` makes, if it has not been there.
    pub(super) fn get_or_insert_with(&mut self, node: u32, make: impl FnOnce() -> T) -> &mut T {
        let place = self.place(node).unwrap_or_else(|place| {
            self.nodes.insert(place, node);
            self.kept.insert(place, make());
            place
        });
        &mut self.kept[place]
    }

    /// Takes `node` out. Returns what was kept of it.
    pub(super) fn remove(&mut self, node: u32) -> Option<T> {
        let place = self.place(node).ok()?;
        self.nodes.remove(place);
        Some(self.kept.remove(place))
    }

    /// Takes out all but those of whom `keep` says so.
    pub(super) fn retain(&mut self, mut keep: impl FnMut(u32, &T) -> bool) {
        let mut count = 0;
        for place in 0..self.nodes.len() {
            if keep(self.nodes[place], &self.kept[place]) {
                if count < place {
                    self.nodes.swap(count, place);
                    self.kept.swap(count, place);
                }
                count += 1;
            }
        }
        self.nodes.truncate(count);
        self.kept.truncate(count);
    }

    /// All nodes, ascending, with what is kept of them.
    #[inline]
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, &T)> {
        self.nodes.iter().copied().zip(&self.kept)
    }

    /// What is kept of each, to be changed.
    pub(super) fn values_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.kept.iter_mut()
    }
}

impl<T> FromIterator<(u32, T)> for Directory<T> {
    /// If several values are given for one node, the last one is kept.
    fn from_iter<I: IntoIterator<Item = (u32, T)>>(all: I) -> Self {
        let mut directory = Self::default();
        for (node, kept) in all {
            directory.put(node, kept);
        }
        directory
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// Whatever is done to a directory, it answers like a map of the library.
    #[test]
    fn a_directory_is_a_map() {
        let (mut directory, mut map) = (Directory::default(), BTreeMap::new());
        let mut state = 7_u64;
        for step in 0..20_000_u64 {
            state = state.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(step);
            let node = (state >> 40) as u32 % 60;
            match state >> 33 & 7 {
                0 | 1 => {
                    directory.put(node, step);
                    map.insert(node, step);
                }
                2 => {
                    let kept = *directory.get_or_insert_with(node, || step);
                    assert_eq!(kept, *map.entry(node).or_insert(step));
                }
                3 | 4 => assert_eq!(directory.remove(node), map.remove(&node)),
                5 => {
                    let both = [directory.get_mut(node), map.get_mut(&node)];
                    for kept in both.into_iter().flatten() {
                        *kept += 1;
                    }
                }
                6 if step % 16 == 0 => {
                    let keep = |other: u32, kept: &u64| (kept + u64::from(other)) & 3 > 0;
                    directory.retain(keep);
                    map.retain(|node, kept| keep(*node, kept));
                }
                _ => {
                    for kept in directory.values_mut().chain(map.values_mut()) {
                        *kept += 1;
                    }
                }
            }
            assert_eq!(directory.get(node), map.get(&node));
            let all = map.iter().map(|(node, kept)| (*node, kept));
            assert!(directory.iter().eq(all), "after step {step}");
        }
        let copied: Directory<u64> = map.iter().map(|(node, kept)| (*node, *kept)).collect();
        assert_eq!(copied.nodes, directory.nodes);
    }
}
