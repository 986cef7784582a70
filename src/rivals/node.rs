//! A computer of a rival: what it is told and hears, for its requests, its agreements and its mechanism.
//!
//! It does *not* know how providers are found.

use super::asking::{Asked, Asking};
use super::delivery::Delivery;
use super::finder::Finder;
use super::given::Given;
use super::message::{Context, Message, Reminder, RivalProtocol, Wanted, end};
use crate::discovery::parts::queries;
use crate::discovery::{Command, Descriptor, HeldSlots, Observation, RequestId, RequestOutcome};
use crate::unit::{Input, UnitId};

/// A computer.
#[derive(Debug)]
pub struct Node<F: Finder> {
    /// Whether it takes part: it has not left.
    pub connected: bool,
    /// How often what it offers has changed.
    pub changes: u32,
    /// How often it has told somebody what it offers: it remembers that after a crash, so that it is known
    /// what is news.
    pub told: u32,
    /// After how many changes it last told of what had changed, where it tells nothing else.
    pub published: u32,
    /// Its requests.
    pub asking: Asking<F::Search>,
    /// Its agreements.
    pub serving: HeldSlots,
    /// What the mechanism keeps.
    pub own: F::Computer,
    /// Where packets get lost: what it has said and heard.
    pub(super) delivery: Option<Box<Delivery<F::Said>>>,
}

impl<F: Finder> Default for Node<F> {
    fn default() -> Self {
        Self {
            connected: true,
            changes: 0,
            told: 0,
            published: 0,
            asking: Asking::default(),
            serving: HeldSlots::default(),
            own: F::Computer::default(),
            delivery: None,
        }
    }
}

impl<F: Finder> Node<F> {
    /// A query for `demand` has reached this computer for the first time, over this many edges. It offers
    /// itself to the `requester`, if it is able, has room and is willing. Returns with how many instances.
    pub fn offer(
        &mut self,
        given: &Given,
        requester: UnitId,
        (request, demand, hops): (RequestId, Descriptor, u32),
        context: &mut Context<'_, F::Said>,
    ) -> u32 {
        context.emit(Observation::Reached { request });
        let wanted = Wanted {
            request,
            demand,
            instances: given.instances_each,
        };
        let instances = self.agree(wanted, given, context).unwrap_or(0);
        if instances > 0 {
            let offer = Message::Offer {
                request,
                instances,
                hops,
            };
            context.send(requester, offer);
        }
        instances
    }

    /// Agrees to give what is wanted, or some of it; `None`: it has agreed before. One that has left never
    /// does.
    fn agree(
        &mut self,
        wanted: Wanted,
        given: &Given,
        context: &mut Context<'_, F::Said>,
    ) -> Option<u32> {
        if self.connected {
            self.serving.agree(wanted, self.changes, given, context)
        } else {
            Some(0)
        }
    }

    /// The request, if it is open.
    pub fn asked(&mut self, request: RequestId) -> Option<&mut Asked<F::Search>> {
        self.asking.at_mut(request)
    }

    fn hear(
        &mut self,
        (given, finder): (&Given, &F),
        (from, message): (UnitId, Message<F::Said>),
        context: &mut Context<'_, F::Said>,
    ) {
        match message {
            Message::Enquiry {
                request,
                demand,
                wanted,
            } => {
                context.emit(Observation::Reached { request });
                if self.changes > 0 && !given.is_able(context.me().index(), self.changes, demand) {
                    context.emit(Observation::NotOffered);
                }
                let wanted = Wanted {
                    request,
                    demand,
                    instances: wanted,
                };
                if let Some(instances) = self.agree(wanted, given, context) {
                    context.send(from, Message::Answer { request, instances });
                }
            }
            Message::Answer { request, instances } => {
                let answer = (request, instances);
                self.asking.take_answer(from, answer, given, context);
            }
            Message::Offer {
                request, instances, ..
            } => {
                self.asking.take_offer(from, (request, instances), context);
                finder.offered(self, request, context);
            }
            // A service that has begun goes on: a requester releases nobody whom it has told to start, so this is
            // about a second copy of the agreement.
            Message::Release { request } => {
                let slot = self.serving.waiting(request);
                self.serving.release(slot, context);
            }
            Message::Start { request } => {
                let slot = self.serving.waiting(request);
                let lasts = given.world.service_time_of(context.me().index());
                self.serving.begin(slot, lasts, context);
            }
            Message::Own(said) => finder.hear(given, self, (from, said), context),
            // Its delivery has opened and taken all of them.
            Message::Letter(_) | Message::Received { .. } => {}
        }
    }

    /// Seeks all parts of the request whose first query is `first`, until one of them fails. Who is away seeks none.
    fn seek_all(
        &mut self,
        (given, finder): (&Given, &F),
        first: RequestId,
        context: &mut Context<'_, F::Said>,
    ) {
        if !self.connected {
            end(first, RequestOutcome::Local, context);
            return;
        }
        let parts = &given.world.parts;
        self.asking.begin_all(first, parts);
        for (request, part) in queries(first, &**parts) {
            if !self.asking.has_parts(request) {
                return;
            }
            let wanted = Wanted {
                request,
                demand: part.demand,
                instances: part.instances,
            };
            finder.seek(given, self, wanted, context);
        }
    }

    /// Is told something.
    fn command(
        &mut self,
        (given, finder): (&Given, &F),
        command: Command,
        context: &mut Context<'_, F::Said>,
    ) {
        match command {
            Command::Issue {
                request,
                demand,
                instances,
            } => {
                let wanted = Wanted {
                    request,
                    demand,
                    instances,
                };
                if self.connected {
                    finder.seek(given, self, wanted, context);
                } else {
                    end(request, RequestOutcome::Local, context);
                }
            }
            Command::IssueAll { request } => self.seek_all((given, finder), request, context),
            Command::Leave => {
                if std::mem::take(&mut self.connected) {
                    finder.leave(given, self, context);
                }
            }
            Command::Join => {
                if !std::mem::replace(&mut self.connected, true) {
                    finder.join(given, self, context);
                }
            }
            Command::Change { number } => {
                self.changes = number;
                if self.connected {
                    finder.change(given, self, context);
                }
            }
            // A computer that is away watches no other.
            Command::Watch => {
                if self.connected {
                    finder.watch(given, self, context);
                }
            }
            Command::Unwatch => finder.unwatch(given, self, context),
            // There are no colonies, and everybody is trusted.
            Command::Link { .. }
            | Command::Unlink { .. }
            | Command::Revoke { .. }
            | Command::Settle { .. }
            | Command::Expel { .. }
            | Command::OpenTunnel
            | Command::CloseTunnel => {}
        }
    }

    /// Handles an input.
    pub(super) fn act(
        &mut self,
        (given, finder): (&Given, &F),
        input: Input<RivalProtocol<F::Said>>,
        context: &mut Context<'_, F::Said>,
    ) {
        match input {
            Input::Start => finder.join(given, self, context),
            Input::Command(command) => self.command((given, finder), command, context),
            Input::Message { from, message } => {
                self.hear((given, finder), (from, message), context);
            }
            Input::Timer(reminder) => match reminder {
                Reminder::Deadline { slot } => self.asking.deadline(slot, context),
                Reminder::AnswerTimeout { slot } => self.asking.give_up(slot, given, context),
                Reminder::Served { slot } => self.serving.served(slot, context),
                Reminder::StepTimeout { slot } => finder.silence(given, self, slot, context),
                Reminder::Round { slot } => finder.round(given, self, slot, context),
                // Its delivery has seen to it.
                Reminder::SendAgain { .. } => {}
            },
        }
    }

    /// How much of what it has said is not acknowledged.
    pub(super) fn kept(&self) -> usize {
        let delivery = self.delivery.as_deref();
        delivery.map_or(0, Delivery::kept)
    }
}
