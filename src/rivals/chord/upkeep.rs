//! What a computer on a ring that is maintained knows of the ring, and how it takes in what it hears.
//!
//! Successors are what must be right; fingers only make look-ups short (Stoica et al. 2003, section IV-E).
//! This module does *not* know messages, nor when anything is asked.

use std::collections::BTreeMap;

use super::listing::{Entries, Listing, Lists};
use super::ring::{Contact, Known, distance};
use crate::discovery::Descriptor;

/// What it knows.
#[derive(Debug)]
pub(super) struct Upkeep {
    me: Contact,
    /// Whether it is on the ring.
    pub(super) joined: bool,
    /// Whether it has begun its rounds.
    pub(super) awake: bool,
    /// Whether its successor may not know yet that it has come without any list.
    pub(super) fresh: bool,
    /// How many computers it has asked in vain to bring it to the ring.
    pub(super) tries: u32,
    pub(super) predecessor: Option<Contact>,
    /// Nearest first, without itself.
    successors: Vec<Contact>,
    /// By power of two: the first node at or after the point at that distance, where this is beyond its
    /// successor.
    fingers: BTreeMap<u32, Contact>,
    /// The power that was looked up last.
    looked_up: u32,
    pub(super) lists: Lists,
    /// The computers that have a copy of all lists whose keys belong to it.
    pub(super) copied: Vec<u32>,
    /// How often its successor has told who is next to it.
    rounds: u32,
}

/// The number of rounds after which it assumes that no node has copies any more: a node that has come back soon
/// after a crash has lost them.
const ROUNDS_OF_COPIES: u32 = 8;

impl Upkeep {
    /// The state of a computer that is not on the ring and knows no other.
    pub(super) fn outside(me: Contact) -> Self {
        Self {
            me,
            joined: false,
            awake: false,
            fresh: true,
            tries: 0,
            predecessor: None,
            successors: Vec::new(),
            fingers: BTreeMap::new(),
            looked_up: 0,
            lists: Lists::new(),
            copied: Vec::new(),
            rounds: 0,
        }
    }

    /// The state of a computer that is on the ring as it was built.
    pub(super) fn built(
        me: Contact,
        predecessor: Option<Contact>,
        (successors, fingers): (Vec<Contact>, impl Iterator<Item = (u32, Contact)>),
        lists: Lists,
    ) -> Self {
        let mut built = Self {
            joined: true,
            fresh: false,
            predecessor,
            successors,
            lists,
            ..Self::outside(me)
        };
        built.fingers = fingers
            .filter(|&(power, _)| built.is_beyond(power))
            .collect();
        built.copied = built.numbers().collect();
        built
    }

    /// Its own number.
    pub(super) fn me(&self) -> u32 {
        self.me.computer
    }

    /// The point at this power of two beyond it.
    fn start(&self, power: u32) -> u64 {
        self.me.point.wrapping_add(1 << power)
    }

    /// Whether that point lies beyond its successor, so that the finger may be another one.
    fn is_beyond(&self, power: u32) -> bool {
        let reach = |it: &Contact| distance(self.me.point, it.point);
        let successor = self.successors.first().map(reach);
        successor.is_some_and(|reach| distance(self.me.point, self.start(power)) > reach)
    }

    pub(super) fn successors(&self) -> &[Contact] {
        &self.successors
    }

    /// The numbers of its successors.
    pub(super) fn numbers(&self) -> impl Iterator<Item = u32> {
        self.successors.iter().map(|it| it.computer)
    }

    /// All its fingers: its successor, and those beyond it; the nearest first, each once.
    pub(super) fn fingers(&self) -> Vec<Contact> {
        let first = self.successors.first();
        let mut all: Vec<Contact> = self.fingers.values().chain(first).copied().collect();
        all.sort_unstable_by_key(|it| distance(self.me.point, it.point));
        all.dedup();
        all
    }

    /// Whom it sends look-ups to, and who holds the keys between it and the next computer.
    pub(super) fn known(&self, replicas: u32) -> Known {
        let contacts = self.fingers.values().chain(&self.successors).copied();
        let mut holders: Vec<u32> = self.numbers().take(replicas as usize).collect();
        if self.joined && holders.len() < replicas as usize {
            holders.push(self.me.computer);
        }
        Known::of(
            self.me.point,
            contacts.collect(),
            self.successors.clone(),
            holders,
        )
    }

    /// These are its next `count` successors, the nearest first, but for itself and those behind it: the list
    /// of its successor goes all the way round on a small ring.
    pub(super) fn follow(&mut self, successors: impl Iterator<Item = Contact>, count: u32) {
        let mut last = None;
        let reach = |it: &Contact| distance(self.me.point, it.point);
        let mut list = Vec::new();
        for it in successors.filter(|it| *it != self.me) {
            if last.is_some_and(|last| reach(&it) <= last) {
                break;
            }
            last = Some(reach(&it));
            list.push(it);
        }
        list.truncate(count as usize);
        self.successors = list;
        let beyond: Vec<u32> = self.fingers.keys().copied().collect();
        for power in beyond {
            if !self.is_beyond(power) {
                self.fingers.remove(&power);
            }
        }
    }

    /// Its successor tells who precedes it, and who follows.
    pub(super) fn stabilise(
        &mut self,
        successor: Contact,
        (predecessor, following): (Option<Contact>, Vec<Contact>),
        count: u32,
    ) {
        let between = |it: &Contact| {
            *it != self.me
                && distance(self.me.point, it.point) < distance(self.me.point, successor.point)
        };
        self.rounds = self.rounds.wrapping_add(1);
        if self.rounds.is_multiple_of(ROUNDS_OF_COPIES) {
            self.copied.clear();
        }
        let nearer = predecessor.filter(between);
        let list = nearer.into_iter().chain([successor]).chain(following);
        self.follow(list, count);
    }

    /// `other` says that it precedes this one; whether that is news.
    pub(super) fn is_preceded_by(&mut self, other: Contact, count: u32) -> bool {
        if self.successors.is_empty() {
            self.follow([other].into_iter(), count);
        }
        let nearer = |known: &Contact| {
            distance(known.point, other.point) < distance(known.point, self.me.point)
        };
        let is_news = self.predecessor.as_ref().is_none_or(nearer);
        if is_news {
            self.predecessor = Some(other);
        }
        is_news
    }

    /// A computer is gone, or seems to be.
    pub(super) fn strike(&mut self, computer: u32) {
        self.fingers.retain(|_, it| it.computer != computer);
        self.successors.retain(|it| it.computer != computer);
        self.copied.retain(|&it| it != computer);
        if self.predecessor.is_some_and(|it| it.computer == computer) {
            self.predecessor = None;
        }
        if self.successors.is_empty() {
            let reach = |it: &&Contact| distance(self.me.point, it.point);
            self.successors
                .extend(self.fingers.values().min_by_key(reach).copied());
        }
    }

    /// The finger to look up next: its power of two, and its point. The longest first; `None`: all are its
    /// successor.
    pub(super) fn next_finger(&mut self) -> Option<(u32, u64)> {
        let next = self.looked_up.checked_sub(1);
        let next = next.filter(|&power| self.is_beyond(power));
        let power = next.or(Some(u64::BITS - 1).filter(|&power| self.is_beyond(power)))?;
        self.looked_up = power;
        Some((power, self.start(power)))
    }

    /// The finger of that power of two is this one.
    pub(super) fn point_to(&mut self, power: u32, finger: Contact) {
        if finger == self.me || !self.is_beyond(power) {
            self.fingers.remove(&power);
        } else {
            self.fingers.insert(power, finger);
        }
    }

    /// The lists whose keys, as `key` tells them, do not lie between `from` and it: those that concern
    /// whoever is at `from` or before; or all others.
    pub(super) fn lists_of(&self, from: u64, own: bool, key: impl Fn(Descriptor) -> u64) -> Lists {
        let width = distance(from, self.me.point);
        let is_own = |key: u64| distance(from, key) <= width;
        let all = self.lists.iter();
        let wanted = all.filter(|&(&service, _)| is_own(key(service)) == own);
        wanted
            .map(|(service, list)| (*service, list.clone()))
            .collect()
    }

    /// Takes lists from another computer.
    pub(super) fn keep(&mut self, lists: impl Iterator<Item = (Descriptor, Entries)>) {
        for (service, list) in lists {
            let kept = self.lists.entry(service).or_default();
            for (computer, state) in list {
                if kept.note(computer, state) {
                    self.copied.clear();
                }
            }
        }
    }

    /// Takes a word into a list. All holders are told it.
    pub(super) fn note(&mut self, listing: Listing) {
        let list = self.lists.entry(listing.service).or_default();
        list.note(listing.computer, listing.state);
    }
}

#[cfg(test)]
mod tests {
    use super::super::listing::OfferVersion;
    use super::*;

    fn at(computer: u32) -> Contact {
        Contact {
            point: u64::from(computer) << 56,
            computer,
        }
    }

    /// Computer 10, which knows 20 and 40.
    fn ten() -> Upkeep {
        let fingers = (0..64).map(|power| (power, at(if power == 63 { 200 } else { 40 })));
        Upkeep::built(
            at(10),
            Some(at(5)),
            (vec![at(20), at(40)], fingers),
            Lists::new(),
        )
    }

    fn successors(upkeep: &Upkeep) -> Vec<u32> {
        upkeep.numbers().collect()
    }

    #[test]
    fn whoever_comes_between_is_the_next_successor() {
        let mut ten = ten();
        ten.stabilise(at(20), (Some(at(15)), vec![at(40), at(50)]), 3);
        assert_eq!(successors(&ten), [15, 20, 40]);
        ten.stabilise(at(15), (Some(at(10)), vec![at(20), at(40)]), 3);
        assert_eq!(successors(&ten), [15, 20, 40]);
        // On a small ring the list comes back to it.
        ten.stabilise(at(15), (Some(at(5)), vec![at(30), at(10), at(15)]), 3);
        assert_eq!(successors(&ten), [15, 30]);
    }

    #[test]
    fn a_predecessor_gives_way_to_a_nearer_one_only() {
        let mut ten = ten();
        assert!(ten.is_preceded_by(at(7), 3) && !ten.is_preceded_by(at(200), 3));
        assert!(!ten.is_preceded_by(at(7), 3) && ten.is_preceded_by(at(9), 3));
        ten.strike(9);
        assert!(ten.predecessor.is_none() && ten.is_preceded_by(at(200), 3));
        let mut alone = Upkeep::outside(at(10));
        assert!(alone.is_preceded_by(at(200), 3));
        assert_eq!(successors(&alone), [200], "two are a ring");
    }

    #[test]
    fn the_nearest_finger_stands_in_for_successors_that_are_gone() {
        let mut ten = ten();
        ten.strike(20);
        ten.strike(40);
        assert_eq!(successors(&ten), [200]);
        ten.strike(200);
        assert!(ten.successors().is_empty());
    }

    #[test]
    fn fingers_are_looked_up_one_after_another_down_to_the_successor() {
        let mut ten = ten();
        // 2⁶⁰ beyond it is 26, and 2⁵⁹ is 18.
        let powers: Vec<u32> = (0..6)
            .filter_map(|_| ten.next_finger())
            .map(|it| it.0)
            .collect();
        assert_eq!(powers, [63, 62, 61, 60, 63, 62]);
        ten.point_to(60, at(40));
        ten.point_to(59, at(20));
        ten.point_to(62, at(10));
        let fingers: Vec<(u32, u32)> = ten
            .fingers
            .iter()
            .map(|(it, to)| (*it, to.computer))
            .collect();
        assert_eq!(fingers, [(60, 40), (61, 40), (63, 200)]);
        assert!(Upkeep::outside(at(10)).next_finger().is_none());
    }

    #[test]
    fn lists_go_to_whom_they_concern() {
        let mut ten = ten();
        let offered = |service, computer| {
            let entry: Entries = [(computer, OfferVersion::new(0, true))].into();
            (Descriptor(service), entry)
        };
        ten.keep((1..20).map(|service| offered(service, 3)));
        let services = |lists: Lists| lists.keys().map(|it| it.0).collect::<Vec<u32>>();
        let key = |service: Descriptor| at(service.0).point;
        assert_eq!(services(ten.lists_of(at(7).point, true, key)), [8, 9, 10]);
        let others: Vec<u32> = (1..=7).chain(11..20).collect();
        assert_eq!(services(ten.lists_of(at(7).point, false, key)), others);
        ten.copied = vec![20];
        ten.keep([offered(3, 3)].into_iter());
        assert_eq!(ten.copied, [20], "it had that");
        ten.keep([offered(3, 4)].into_iter());
        assert!(ten.copied.is_empty());
    }
}
