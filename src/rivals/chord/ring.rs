//! The ring: computers and keys at points of a circle of 2⁶⁴.
//!
//! It does *not* know messages, nor who looks for what.

/// A computer and its point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Contact {
    /// Its point on the circle.
    pub point: u64,
    /// Its number.
    pub computer: u32,
}

/// How far one goes clockwise from `from` to `to`, less one: all the way round if they are equal.
#[inline]
pub fn distance(from: u64, to: u64) -> u64 {
    to.wrapping_sub(from).wrapping_sub(1)
}

/// Computers on the circle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ring {
    /// Ascending.
    members: Vec<Contact>,
}

impl Ring {
    /// The ring of these members.
    pub fn of(members: impl Iterator<Item = Contact>) -> Self {
        let mut members: Vec<Contact> = members.collect();
        members.sort_unstable();
        Self { members }
    }

    /// The members, by ascending points.
    pub fn members(&self) -> &[Contact] {
        &self.members
    }

    /// The first `count` members at or after `point`, each once: a key's holders.
    pub fn from(&self, point: u64, count: u32) -> impl Iterator<Item = Contact> {
        let first = self.members.partition_point(|member| member.point < point);
        let all = self.members.len();
        let count = all.min(count as usize);
        (first..first + count).map(move |place| self.members[place % all])
    }

    /// The last member before `point`.
    pub fn before(&self, point: u64) -> Option<Contact> {
        let first = self.members.partition_point(|member| member.point < point);
        let all = self.members.len();
        (all > 0).then(|| self.members[(first + all - 1) % all])
    }

    /// The members that lie half the circle, a quarter, an eighth and so on beyond `of` or next after that,
    /// each once, nearest first, without `of` itself: its fingers.
    pub fn fingers(&self, of: Contact) -> Vec<Contact> {
        let ends = (0..u64::BITS).map(|bit| of.point.wrapping_add(1 << bit));
        let mut fingers: Vec<Contact> = ends.filter_map(|end| self.from(end, 1).next()).collect();
        fingers.retain(|&finger| finger != of);
        fingers.sort_unstable_by_key(|finger| distance(of.point, finger.point));
        fingers.dedup();
        fingers
    }

    /// The `count` members after `of`, without itself.
    pub fn successors(&self, of: Contact, count: u32) -> Vec<Contact> {
        let next = self.from(of.point.wrapping_add(1), count);
        next.filter(|&member| member != of).collect()
    }
}

/// Whom one computer knows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Known {
    /// Its own point.
    point: u64,
    /// Its fingers and successors, each once, nearest first.
    contacts: Vec<Contact>,
    /// Its successors, nearest first.
    successors: Vec<Contact>,
    /// The holders of the keys between it and the next computer.
    holders: Vec<u32>,
}

/// Where a query goes next.
#[derive(Debug, PartialEq, Eq)]
pub enum NextHop<'k> {
    /// Nowhere: the key lies just before these, who hold it.
    Here(&'k [u32]),
    /// Further on.
    On {
        /// To one of these, who precede the key: the nearest to it first.
        next: Vec<u32>,
        /// The holders of the key, as far as they are known: what is left if all of those are silent.
        beyond: Box<[u32]>,
    },
}

impl Known {
    /// The contacts of `me` on `ring`: its fingers, `successors` successors, and `replicas` holders of a key.
    pub fn on(ring: &Ring, me: Contact, successors: u32, replicas: u32) -> Self {
        let mut contacts = ring.fingers(me);
        let successors = ring.successors(me, successors);
        contacts.extend(&successors);
        let holders = ring.from(me.point.wrapping_add(1), replicas);
        let holders = holders.map(|holder| holder.computer).collect();
        Self::of(me.point, contacts, successors, holders)
    }

    /// Whom a computer at `point` knows: `contacts`, among them its `successors`, and the `holders` of the keys
    /// between it and the next computer.
    pub(super) fn of(
        point: u64,
        mut contacts: Vec<Contact>,
        successors: Vec<Contact>,
        holders: Vec<u32>,
    ) -> Self {
        contacts.sort_unstable_by_key(|contact| distance(point, contact.point));
        contacts.dedup();
        Self {
            point,
            contacts,
            successors,
            holders,
        }
    }

    /// The way to `key`, with at most `spare` computers to choose from.
    pub fn way(&self, key: u64, spare: u32) -> NextHop<'_> {
        let far = distance(self.point, key);
        let precedes = |contact: &Contact| distance(self.point, contact.point) < far;
        let before = self.contacts.partition_point(precedes);
        let preceding = self.contacts[..before].iter().rev();
        let next: Vec<u32> = preceding
            .map(|contact| contact.computer)
            .take(spare as usize)
            .collect();
        if next.is_empty() {
            return NextHop::Here(&self.holders);
        }
        let after = self.successors.iter().filter(|it| !precedes(it));
        let beyond = after.map(|it| it.computer).take(self.holders.len());
        NextHop::On {
            next,
            beyond: beyond.collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{RandomStreams, StreamId};

    fn ring(nodes: u32, seed: u64) -> Ring {
        let streams = RandomStreams::new(seed, 0);
        Ring::of((0..nodes).map(|computer| Contact {
            point: streams.bits(StreamId(250), computer.into(), 0),
            computer,
        }))
    }

    /// The first member at or after `point`, by looking at all of them.
    fn holder(ring: &Ring, point: u64) -> Contact {
        let members = ring.members().iter();
        *members
            .min_by_key(|member| member.point.wrapping_sub(point))
            .unwrap()
    }

    #[test]
    fn fingers_are_those_of_the_definition() {
        for nodes in [1, 2, 3, 10, 200] {
            let ring = ring(nodes, 1);
            for &me in ring.members() {
                let fingers = ring.fingers(me);
                let all = (0..64).map(|bit| holder(&ring, me.point.wrapping_add(1 << bit)));
                let mut all: Vec<Contact> = all.filter(|&other| other != me).collect();
                all.dedup();
                assert_eq!(fingers, all, "{nodes}");
            }
        }
    }

    #[test]
    fn from_every_computer_the_way_leads_to_the_keys_predecessor() {
        for (nodes, successors) in [(1, 1), (2, 1), (3, 2), (50, 1), (300, 4)] {
            let ring = ring(nodes, 2);
            let known = |me: Contact| Known::on(&ring, me, successors, 2);
            let point_of = |computer: u32| {
                let mut members = ring.members().iter();
                *members.find(|member| member.computer == computer).unwrap()
            };
            for key in 0..40 {
                let key = RandomStreams::new(3, 0).bits(StreamId(250), key, 1);
                let expected = holder(&ring, key).computer;
                for &start in ring.members() {
                    let (mut at, mut steps) = (start, 0);
                    let found = loop {
                        match known(at).way(key, 1) {
                            NextHop::Here(holders) => break holders.to_vec(),
                            NextHop::On { next, beyond } => {
                                let known = holder(&ring, key).computer;
                                assert!(beyond.first().is_none_or(|&first| first == known));
                                at = point_of(next[0]);
                            }
                        }
                        steps += 1;
                        assert!(steps <= 64, "lost");
                    };
                    assert_eq!(found[0], expected, "{nodes} {start:?} {key}");
                    assert_eq!(found.len(), nodes.min(2) as usize);
                }
            }
        }
    }

    #[test]
    fn a_key_at_a_computer_is_held_by_it() {
        let ring = ring(20, 4);
        for &member in ring.members() {
            assert_eq!(ring.from(member.point, 1).next(), Some(member));
            // Whoever holds a key does not end its own query.
            let known = Known::on(&ring, member, 1, 1);
            assert!(matches!(known.way(member.point, 1), NextHop::On { .. }));
        }
    }
}
