//! What a computer on the ring keeps: whom it knows, what it has sent, how far its own look-ups are.
//!
//! It does *not* know what is done with it.

use std::collections::BTreeMap;

use super::listing::{Listing, Lists};
use super::ring::Known;
use super::telling::{Purpose, Seek};
use super::upkeep::Upkeep;
use crate::discovery::{Descriptor, RequestId};
use crate::rivals::sought::Sought;
use crate::slab::Slab;
use crate::time::Time;

/// What a computer keeps.
#[derive(Debug, Default)]
pub struct Peer {
    pub(super) known: Known,
    /// What has been sent and is not answered.
    pub(super) sent: Slab<Sent>,
    /// The requests whose look-ups have been here, ascending, where computers may be silent: another
    /// copy comes if somebody was taken for gone too soon.
    pub(super) passed: Vec<RequestId>,
    /// The latest words about lists that have been here, where computers may be silent, for the same reason.
    pub(super) posted: Lists,
    /// When the latest look-ups for the ring were sent that have been here, by seeker and purpose, where computers may
    /// be silent, for the same reason.
    pub(super) sought: BTreeMap<(u32, Purpose), Time>,
    /// On a ring that is not maintained: the lists that it holds and that have changed since the ring was built.
    pub(super) lists: Lists,
    /// What it knows of a ring that is maintained.
    pub(super) upkeep: Option<Box<Upkeep>>,
}

impl Peer {
    /// A look-up for `request` comes; whether it is the first one.
    pub(super) fn pass(&mut self, request: RequestId) -> bool {
        let place = self.passed.binary_search(&request);
        if let Err(place) = place {
            self.passed.insert(place, request);
        }
        place.is_err()
    }

    /// A word about a list comes; whether it is the first one.
    pub(super) fn pass_word(&mut self, listing: Listing) -> bool {
        let list = self.posted.entry(listing.service).or_default();
        list.note(listing.computer, listing.state)
    }

    /// A look-up for the ring comes; whether it is the first one.
    pub(super) fn pass_seek(&mut self, seek: Seek) -> bool {
        let last = self.sought.entry((seek.seeker, seek.purpose));
        let mut is_first = false;
        let last = last.or_insert_with(|| {
            is_first = true;
            seek.at
        });
        is_first |= *last < seek.at;
        *last = seek.at.max(*last);
        is_first
    }
}

/// Something that has been sent where computers may be silent.
#[derive(Debug)]
pub(super) struct Sent {
    /// To whom.
    pub(super) to: u32,
    pub(super) step: Attempt,
}

/// Something that is to be sent to one of several computers.
#[derive(Debug)]
pub(super) struct Attempt {
    pub(super) what: Awaited,
    /// The computers that can be tried, the first one at the end.
    pub(super) spare: Vec<u32>,
    /// The holders of the key, as far as is known, if all of those are silent.
    pub(super) beyond: Box<[u32]>,
}

impl Attempt {
    pub(super) fn new(what: Awaited, mut tried: Vec<u32>, beyond: Box<[u32]>) -> Self {
        tried.reverse();
        Self {
            what,
            spare: tried,
            beyond,
        }
    }
}

/// What has been sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Awaited {
    /// A look-up, as it was before it was sent on.
    Lookup(Sought),
    /// A question to a holder.
    Read(RequestId, Descriptor),
    /// A look-up for the ring.
    Seek(Seek),
    /// A look-up for the ring, sent to somebody who may take its sender there.
    Taker(Seek),
    /// A word about a list.
    Post(Listing),
    /// The question to the successor who is next to it.
    Successor,
    /// The question to the predecessor whether it is there.
    Predecessor,
}

/// What a requester knows of its search.
#[derive(Debug, Default)]
pub struct Search {
    /// Whether it knows who holds the key.
    pub(super) found: bool,
    /// How far it has come, where it asks one computer after another.
    hops: u32,
}

impl Search {
    /// A node names a nearer one after `hops` hops. Returns whether this is news.
    pub(super) fn comes_nearer(&mut self, hops: u32) -> bool {
        let is_news = !self.found && hops > self.hops;
        self.hops = self.hops.max(hops);
        is_news
    }
}
