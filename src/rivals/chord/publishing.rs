//! How the lists follow what computers offer: one whose offers change tells the holders of the lists concerned.
//!
//! For each service that it offers anew, or not any more, a word goes to the key as a look-up does; the key's predecessor
//! passes it to the holders. This module does *not* know how holders give lists to each other.

use super::Chord;
use super::listing::{List, Listing, OfferVersion};
use super::maintenance::say;
use super::message::Ringed;
use super::peer::{Attempt, Awaited};
use super::ring::NextHop;
use super::telling::Telling;
use crate::discovery::{Descriptor, Matcher};
use crate::rivals::given::Given;
use crate::rivals::message::Context;
use crate::rivals::node::Node;

impl Chord {
    /// Tells what the computer offers now and did not when it last told, and the other way round.
    pub(super) fn publish(
        &self,
        given: &Given,
        node: &mut Node<Self>,
        context: &mut Context<'_, Ringed>,
    ) {
        if node.published == node.changes || !Self::takes_part(node) {
            return;
        }
        let (me, now) = (context.me().index(), node.changes);
        let before = std::mem::replace(&mut node.published, now);
        for service in (0..self.world.matching.count()).map(Descriptor) {
            let [was, is] = [before, now].map(|it| self.world.is_offered(service, me, it));
            if was != is {
                let listing = Listing {
                    service,
                    computer: me,
                    state: OfferVersion::new(now, is),
                };
                self.post(given, node, listing, context);
            }
        }
    }

    /// A word comes from another computer: it is taken further, once.
    pub(super) fn posted(
        &self,
        given: &Given,
        node: &mut Node<Self>,
        (from, listing): (u32, Listing),
        context: &mut Context<'_, Ringed>,
    ) {
        if given.silence_timeout.is_some() {
            say(from, Telling::Posting(listing), context);
            if !node.own.pass_word(listing) {
                return;
            }
        }
        self.post(given, node, listing, context);
    }

    /// Takes a word one step further from here: to the holders, or towards them.
    pub(super) fn post(
        &self,
        given: &Given,
        node: &mut Node<Self>,
        listing: Listing,
        context: &mut Context<'_, Ringed>,
    ) {
        match self.way(&node.own.known, listing.service) {
            NextHop::Here(holders) => {
                let holders = holders.to_vec();
                self.post_to(node, listing, &holders, context);
            }
            NextHop::On { next, beyond } => {
                let step = Attempt::new(Awaited::Post(listing), next, beyond);
                self.send(given, node, step, context);
            }
        }
    }

    /// Tells the holders.
    pub(super) fn post_to(
        &self,
        node: &mut Node<Self>,
        listing: Listing,
        holders: &[u32],
        context: &mut Context<'_, Ringed>,
    ) {
        for &holder in holders {
            if holder == context.me().index() {
                self.note(node, listing);
            } else {
                say(holder, Telling::Note(listing), context);
            }
        }
    }

    /// A holder takes a word into its list.
    pub(super) fn note(&self, node: &mut Node<Self>, listing: Listing) {
        let Listing {
            service,
            computer,
            state,
        } = listing;
        if let Some(upkeep) = &mut node.own.upkeep {
            if upkeep.joined {
                upkeep.note(listing);
            }
            return;
        }
        let as_built = || List::of(self.providers(service).iter().copied());
        let list = node.own.lists.entry(service).or_insert_with(as_built);
        list.note(computer, state);
    }
}
