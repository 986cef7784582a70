//! Asking: a computer's own requests, from their issue to their end.
//!
//! Who might serve is found in one of two ways. A mechanism *lists* computers, which are asked in random
//! order, as many at a time as agreements are missing; or computers that its query has reached *offer*
//! themselves. Either way a request ends once: with as many instances as it asked for, or, when nobody is
//! left to ask or its deadline has come, with those that it has, if they are enough. This module does *not* know how a mechanism
//! finds anybody.

mod parts;

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::given::Given;
use super::message::{Context, Message, Reminder, Said, Wanted, end};
use crate::discovery::parts::Together;
use crate::discovery::{Observation, Providers, RequestId, RequestOutcome, gcu};
use crate::slab::Slab;
use crate::unit::UnitId;

/// The requests of one computer; `T` is what its mechanism keeps of each.
#[derive(Debug)]
pub struct Asking<T> {
    open: Slab<Asked<T>>,
    enquiries: Slab<Enquiry>,
    /// The requests with several parts, once it has made one.
    together: Option<Box<Together>>,
}

/// A request that is open.
#[derive(Debug)]
pub struct Asked<T> {
    /// What is asked for.
    pub wanted: Wanted,
    /// The providers that have agreed, once for each instance, in order of arrival.
    pub agreed: Providers,
    /// How many of them are enough, if nobody else can be found.
    enough: u32,
    /// Whether computers have been listed: that happens once.
    listed: bool,
    /// Whom it has not asked yet, the first in the random order on top.
    candidates: BinaryHeap<Reverse<(u64, u32)>>,
    /// For how many instances enquiries are not answered yet.
    outstanding: u32,
    /// What the mechanism keeps.
    pub own: T,
}

impl<T> Asked<T> {
    fn missing(&self) -> u32 {
        self.wanted.instances - self.agreed.len() as u32
    }
}

/// A computer that is being asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Enquiry {
    request: RequestId,
    computer: UnitId,
    /// For how many instances.
    wanted: u32,
}

impl<T> Default for Asking<T> {
    fn default() -> Self {
        Self {
            open: Slab::default(),
            enquiries: Slab::default(),
            together: None,
        }
    }
}

impl<T> Asking<T> {
    /// Opens a request, of which the mechanism keeps `own`.
    pub fn open<S: Said>(
        &mut self,
        wanted: Wanted,
        own: T,
        given: &Given,
        context: &mut Context<'_, S>,
    ) {
        let slot = self.open.insert(Asked {
            wanted,
            agreed: Providers::new(),
            enough: given.enough(wanted.request, wanted.instances),
            listed: false,
            candidates: BinaryHeap::new(),
            outstanding: 0,
            own,
        });
        context.arm(Reminder::Deadline { slot }, given.deadline);
    }

    /// The request, if it is open.
    pub fn at_mut(&mut self, request: RequestId) -> Option<&mut Asked<T>> {
        let slot = self.slot_of(request)?;
        self.open.at_mut(slot)
    }

    /// These computers might serve `request`: asks them, but not itself. A second list, a copy of the
    /// first, changes nothing.
    pub fn list<S: Said>(
        &mut self,
        request: RequestId,
        computers: impl Iterator<Item = u32>,
        given: &Given,
        context: &mut Context<'_, S>,
    ) {
        let me = context.me();
        if let Some(asked) = self.at_mut(request).filter(|asked| !asked.listed) {
            asked.listed = true;
            let others = computers.filter(|&id| gcu(id) != me);
            let ranked = others.map(|id| Reverse((given.world.rank(id, request), id)));
            asked.candidates = ranked.collect();
            self.go_on(request, given, context);
        }
    }

    /// How many requests and enquiries are open.
    pub fn open_count(&self) -> usize {
        self.open.len() + self.enquiries.len()
    }

    /// A computer that was asked answers.
    pub(super) fn take_answer<S: Said>(
        &mut self,
        from: UnitId,
        (request, instances): (RequestId, u32),
        given: &Given,
        context: &mut Context<'_, S>,
    ) {
        let is = |enquiry: &Enquiry| (enquiry.request, enquiry.computer) == (request, from);
        let slot = self.enquiries.iter().find(|(_, kept)| is(kept));
        if let Some((slot, _)) = slot {
            self.heard(slot, given, context);
            if instances > 0 {
                self.take_offer(from, (request, instances), context);
            }
            self.go_on(request, given, context);
        } else {
            // It was taken for gone, or the request has ended.
            self.decline(from, (request, instances), context);
        }
    }

    /// A computer agrees to give some instances.
    pub(super) fn take_offer<S: Said>(
        &mut self,
        from: UnitId,
        (request, instances): (RequestId, u32),
        context: &mut Context<'_, S>,
    ) {
        let Some(asked) = self.at_mut(request) else {
            self.decline(from, (request, instances), context);
            return;
        };
        if asked.agreed.contains(&from) {
            return;
        }
        let used = instances.min(asked.missing());
        asked.agreed.extend((0..used).map(|_| from));
        let is_full = asked.missing() == 0;
        release(from, (request, instances - used), context);
        if is_full {
            self.settle(request, context);
        }
    }

    /// The computer that was asked in `slot` is silent: it counts as refusing.
    pub(super) fn give_up<S: Said>(
        &mut self,
        slot: u32,
        given: &Given,
        context: &mut Context<'_, S>,
    ) {
        if let Some(Enquiry { request, .. }) = self.heard(slot, given, context) {
            self.go_on(request, given, context);
        }
    }

    /// The deadline of the request in `slot` has come.
    pub(super) fn deadline<S: Said>(&mut self, slot: u32, context: &mut Context<'_, S>) {
        if let Some(asked) = self.open.at(slot) {
            let request = asked.wanted.request;
            context.emit(Observation::DeadlineHit { request });
            self.settle(request, context);
        }
    }

    /// Nobody else is needed for `request`, or can be found: it ends with those that have agreed, or, if
    /// they are too few, without any. So does the request of which it is a part, once all parts have.
    pub fn settle<S: Said>(&mut self, request: RequestId, context: &mut Context<'_, S>) {
        let Some(Asked { agreed, enough, .. }) = self.close(request, context) else {
            return;
        };
        let is_enough = agreed.len() >= enough as usize;
        if !is_enough {
            release_all(request, &agreed, context);
        }
        match (self.has_parts(request), is_enough) {
            (true, true) => self.part_found((request, agreed), context),
            (true, false) => self.part_failed(request, context),
            (false, false) => end(request, RequestOutcome::Rejected, context),
            (false, true) => {
                start(request, &agreed, context);
                context.emit(Observation::Ended {
                    request,
                    outcome: RequestOutcome::Accepted,
                    providers: agreed,
                });
            }
        }
    }

    /// Asks as many as are missing; ends the request when nobody is left.
    fn go_on<S: Said>(&mut self, request: RequestId, given: &Given, context: &mut Context<'_, S>) {
        let Some(slot) = self.slot_of(request) else {
            return;
        };
        let Some(asked) = self.open.at_mut(slot) else {
            return;
        };
        while asked.outstanding < asked.missing()
            && let Some(Reverse((_, id))) = asked.candidates.pop()
        {
            let missing = asked.missing() - asked.outstanding;
            let wanted = missing.min(given.instances_each);
            asked.outstanding += wanted;
            let computer = gcu(id);
            let enquiry = Enquiry {
                request,
                computer,
                wanted,
            };
            let slot = self.enquiries.insert(enquiry);
            let demand = asked.wanted.demand;
            let enquiry = Message::Enquiry {
                request,
                demand,
                wanted,
            };
            context.send(computer, enquiry);
            if let Some(silence) = given.silence_timeout {
                context.arm(Reminder::AnswerTimeout { slot }, silence.timeout);
            }
        }
        if asked.outstanding == 0 {
            self.settle(request, context);
        }
    }

    /// Does not need what `from` gives for `request`, unless it is one of those that have agreed.
    fn decline<S: Said>(
        &mut self,
        from: UnitId,
        (request, instances): (RequestId, u32),
        context: &mut Context<'_, S>,
    ) {
        let asked = self.at_mut(request);
        if asked.is_none_or(|asked| !asked.agreed.contains(&from)) {
            release(from, (request, instances), context);
        }
    }

    /// Stops waiting for the computer that was asked in `slot`.
    fn heard<S: Said>(
        &mut self,
        slot: u32,
        given: &Given,
        context: &mut Context<'_, S>,
    ) -> Option<Enquiry> {
        let enquiry = self.enquiries.remove(slot)?;
        if given.silence_timeout.is_some() {
            context.disarm(Reminder::AnswerTimeout { slot });
        }
        if let Some(asked) = self.at_mut(enquiry.request) {
            asked.outstanding -= enquiry.wanted;
        }
        Some(enquiry)
    }

    /// Ends the business of `request`, of which nothing is awaited any more.
    fn close<S: Said>(
        &mut self,
        request: RequestId,
        context: &mut Context<'_, S>,
    ) -> Option<Asked<T>> {
        let slot = self.slot_of(request)?;
        let asked = self.open.remove(slot)?;
        context.disarm(Reminder::Deadline { slot });
        if asked.outstanding > 0 {
            let open = self.enquiries.iter();
            let open = open.filter(|(_, enquiry)| enquiry.request == request);
            let slots: Vec<u32> = open.map(|(slot, _)| slot).collect();
            for slot in slots {
                self.enquiries.remove(slot);
                context.disarm(Reminder::AnswerTimeout { slot });
            }
        }
        Some(asked)
    }

    fn slot_of(&self, request: RequestId) -> Option<u32> {
        let mut open = self.open.iter();
        let found = open.find(|(_, asked)| asked.wanted.request == request);
        found.map(|(slot, _)| slot)
    }
}

/// Returns instances that `from` gives and that are not needed.
fn release<S: Said>(
    from: UnitId,
    (request, instances): (RequestId, u32),
    context: &mut Context<'_, S>,
) {
    for _ in 0..instances {
        context.send(from, Message::Release { request });
    }
}

/// Does not need any of these for `request`.
fn release_all<S: Said>(request: RequestId, agreed: &[UnitId], context: &mut Context<'_, S>) {
    for &provider in agreed {
        context.send(provider, Message::Release { request });
    }
}

/// Lets these start to serve `request`.
fn start<S: Said>(request: RequestId, agreed: &[UnitId], context: &mut Context<'_, S>) {
    for &provider in agreed {
        context.send(provider, Message::Start { request });
    }
}
