//! A central directory: it sits on the root's router and knows who offers what.
//!
//! Computers register there, and a request is one question to it. The directory is no broker: it asks
//! nobody, and it does not notice a computer that crashes. This module does *not* know what becomes of
//! those that it lists.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;
use smallvec::SmallVec;

use super::finder::Finder;
use super::given::Given;
use super::message::{Context, Message, OWN, Reminder, Said, Wanted};
use super::node::Node;
use crate::discovery::theory::{Reach, beyond_loss};
use crate::discovery::{
    BrokerUnits, Descriptor, Matcher, MemberChange, Observation, RequestId, World, gbu,
};
use crate::fingerprint::{Encode, Encoder};
use crate::parameters::NoMembers;
use crate::slab::Slab;
use crate::unit::UnitId;

/// The directory.
const DIRECTORY: UnitId = gbu(0);

/// What computers and the directory say.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Directed {
    /// To the directory: who serves this?
    Question {
        /// The request.
        request: RequestId,
        /// What is asked for.
        demand: Descriptor,
    },
    /// From it: these are registered for it (ascending).
    List {
        /// The request.
        request: RequestId,
        /// The registered computers.
        computers: Box<[u32]>,
    },
    /// To it: this is what I offer now (ascending).
    Register {
        /// How often I have told you so: the last word counts.
        number: u32,
        /// The offers.
        offers: Box<[Descriptor]>,
    },
    /// To it: I offer nothing any more.
    Unregister {
        /// How often I have told you what I offer.
        number: u32,
    },
    /// To it: I am there as before, but this is what I offer now (ascending).
    Update {
        /// How often I have told you so.
        number: u32,
        /// The offers.
        offers: Box<[Descriptor]>,
    },
}

impl Said for Directed {
    fn request(&self) -> Option<RequestId> {
        match self {
            Self::Question { request, .. } | Self::List { request, .. } => Some(*request),
            Self::Register { .. } | Self::Unregister { .. } | Self::Update { .. } => None,
        }
    }

    fn hops(&self) -> Option<u32> {
        matches!(self, Self::List { .. }).then_some(1)
    }

    fn is_sent_once(&self) -> bool {
        false
    }

    fn is_query(&self) -> bool {
        matches!(self, Self::Question { .. })
    }

    fn is_update(&self) -> bool {
        matches!(self, Self::Update { .. })
    }
}

impl Encode for Directed {
    fn encode(&self, to: &mut Encoder) {
        match self {
            Self::Question { request, demand } => {
                to.u8(OWN);
                to.u32(request.0);
                to.u32(demand.0);
            }
            Self::List { request, computers } => {
                to.u8(OWN + 1);
                to.u32(request.0);
                to.list(computers.iter().copied());
            }
            Self::Register { number, offers } => {
                to.u8(OWN + 2);
                to.u32(*number);
                to.list(offers.iter().map(|offer| offer.0));
            }
            Self::Unregister { number } => {
                to.u8(OWN + 3);
                to.u32(*number);
            }
            Self::Update { number, offers } => {
                to.u8(OWN + 4);
                to.u32(*number);
                to.list(offers.iter().map(|offer| offer.0));
            }
        }
    }
}

/// One directory for all.
#[derive(Debug, Clone)]
pub struct Central {
    world: Arc<World>,
}

/// The computers that are registered for each offer.
#[derive(Debug, Default)]
pub struct Directory {
    /// Ascending, each once.
    registered: BTreeMap<Descriptor, Vec<u32>>,
    /// The number of the last word of each computer that has said something: others that are overtaken
    /// on their way are too late.
    heard: BTreeMap<u32, u32>,
}

impl Directory {
    /// Adds `computer`.
    fn register(&mut self, computer: u32, offers: impl IntoIterator<Item = Descriptor>) {
        for offer in offers {
            let registered = self.registered.entry(offer).or_default();
            if let Err(place) = registered.binary_search(&computer) {
                registered.insert(place, computer);
            }
        }
    }

    /// The computer says what it offers, as its word of that `number`; whether that is news.
    fn take(&mut self, computer: u32, number: u32, offers: &[Descriptor]) -> bool {
        let heard = self.heard.entry(computer).or_default();
        if number <= *heard {
            return false;
        }
        *heard = number;
        for registered in self.registered.values_mut() {
            if let Ok(place) = registered.binary_search(&computer) {
                registered.remove(place);
            }
        }
        self.register(computer, offers.iter().copied());
        true
    }

    /// The computers that can serve `demand` and all that goes with it, ascending, each once.
    fn able_all(
        &self,
        matcher: &impl Matcher,
        demand: Descriptor,
        also: &[Descriptor],
    ) -> Box<[u32]> {
        let mut able = self.able(matcher, demand);
        for demand in also {
            let others = self.able(matcher, *demand);
            able.retain(|computer| others.binary_search(computer).is_ok());
        }
        able.into()
    }

    /// The computers that can serve `demand`, ascending, each once.
    fn able(&self, matcher: &impl Matcher, demand: Descriptor) -> Vec<u32> {
        let serving: SmallVec<[Descriptor; 4]> = matcher.serving(demand).collect();
        let lists = serving
            .iter()
            .filter_map(|offer| self.registered.get(offer));
        let mut able: Vec<u32> = lists.flatten().copied().collect();
        if serving.len() > 1 {
            able.sort_unstable();
            able.dedup();
        }
        able
    }
}

/// The questions of a computer that the directory has not answered yet, where it could be gone.
#[derive(Debug, Default)]
pub struct Waiting {
    questions: Slab<RequestId>,
}

/// The directory's list has changed.
fn emit_change(member: UnitId, change: MemberChange, context: &mut Context<'_, Directed>) {
    context.emit(Observation::Member { member, change });
}

impl Central {
    /// What the computer `node` of that `id` offers, and which word of its that is.
    fn declare(&self, node: &mut Node<Self>, id: u32) -> (u32, Box<[Descriptor]>) {
        node.told += 1;
        let offers = self.world.offers_after(id, node.changes);
        (node.told, offers.collect())
    }
}

/// The directory knows everybody who is there.
impl Reach for Central {
    fn level(&mut self, _: u32, _: u32) -> Option<u32> {
        Some(0)
    }
}

impl Finder for Central {
    type Said = Directed;
    type Config = NoMembers;
    type Computer = Waiting;
    type Broker = Directory;
    type Search = ();

    const NAME: &'static str = "central";
    const ABOUT: &'static str =
        "A central directory: computers (GCUs) register there, and ask it who serves.";
    const BROKERS: BrokerUnits = BrokerUnits::Root;

    fn new(world: &Arc<World>, _: &NoMembers) -> Self {
        Self {
            world: Arc::clone(world),
        }
    }

    fn computer(&self, _: u32) -> Waiting {
        Waiting::default()
    }

    fn beyond_theory(_: &NoMembers, loss: f64) -> Option<Vec<&'static str>> {
        Some(beyond_loss(loss > 0.0))
    }

    fn theory(&self, loss: f64) -> Option<Box<dyn Reach + '_>> {
        (loss == 0.0).then(|| Box::new(self.clone()) as Box<dyn Reach>)
    }

    fn broker(&self, _: u32) -> Directory {
        let mut directory = Directory::default();
        for id in 0..self.world.population.len() {
            directory.register(id, self.world.population.offers(id));
        }
        directory
    }

    fn seek(
        &self,
        given: &Given,
        node: &mut Node<Self>,
        wanted: Wanted,
        context: &mut Context<'_, Directed>,
    ) {
        let Wanted {
            request, demand, ..
        } = wanted;
        node.asking.open(wanted, (), given, context);
        let question = Directed::Question { request, demand };
        context.send(DIRECTORY, Message::Own(question));
        if let Some(silence) = given.silence_timeout {
            let slot = node.own.questions.insert(request);
            context.arm(Reminder::StepTimeout { slot }, silence.timeout);
        }
    }

    fn hear(
        &self,
        given: &Given,
        node: &mut Node<Self>,
        (from, said): (UnitId, Directed),
        context: &mut Context<'_, Directed>,
    ) {
        // Nothing else is said to a computer, and only the directory's word counts.
        let Directed::List { request, computers } = said else {
            return;
        };
        if from != DIRECTORY {
            return;
        }
        let questions = &mut node.own.questions;
        let answered = questions.iter().find(|(_, asked)| **asked == request);
        if let Some((slot, _)) = answered {
            questions.remove(slot);
            context.disarm(Reminder::StepTimeout { slot });
        }
        let computers = computers.into_iter();
        node.asking.list(request, computers, given, context);
    }

    fn silence(
        &self,
        _: &Given,
        node: &mut Node<Self>,
        slot: u32,
        context: &mut Context<'_, Directed>,
    ) {
        if let Some(request) = node.own.questions.remove(slot) {
            node.asking.settle(request, context);
        }
    }

    fn awaited(waiting: &Waiting) -> usize {
        waiting.questions.len()
    }

    fn join(&self, _: &Given, node: &mut Node<Self>, context: &mut Context<'_, Directed>) {
        let (number, offers) = self.declare(node, context.me().index());
        let register = Directed::Register { number, offers };
        context.send(DIRECTORY, Message::Own(register));
    }

    fn leave(&self, _: &Given, node: &mut Node<Self>, context: &mut Context<'_, Directed>) {
        node.told += 1;
        let unregister = Directed::Unregister { number: node.told };
        context.send(DIRECTORY, Message::Own(unregister));
    }

    fn change(&self, _: &Given, node: &mut Node<Self>, context: &mut Context<'_, Directed>) {
        let (number, offers) = self.declare(node, context.me().index());
        let update = Directed::Update { number, offers };
        context.send(DIRECTORY, Message::Own(update));
    }

    fn broker_hears(
        &self,
        given: &Given,
        directory: &mut Directory,
        (from, said): (UnitId, Directed),
        context: &mut Context<'_, Directed>,
    ) {
        match said {
            Directed::Question { request, demand } => {
                let world = &given.world;
                let computers = directory.able_all(&world.matching, demand, &world.also);
                let list = Directed::List { request, computers };
                context.send(from, Message::Own(list));
            }
            Directed::Register { number, offers } => {
                if directory.take(from.index(), number, &offers) {
                    emit_change(from, MemberChange::Registered, context);
                }
            }
            Directed::Unregister { number } => {
                if directory.take(from.index(), number, &[]) {
                    emit_change(from, MemberChange::Left, context);
                }
            }
            Directed::Update { number, offers } => {
                directory.take(from.index(), number, &offers);
            }
            Directed::List { .. } => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discovery::SameService;

    #[test]
    fn the_last_word_of_a_computer_counts() {
        let mut directory = Directory::default();
        let able = |directory: &Directory, offer| {
            directory.able(&SameService { services: 9 }, Descriptor(offer))
        };
        let offers =
            |list: &[u32]| -> Vec<Descriptor> { list.iter().copied().map(Descriptor).collect() };
        directory.register(2, offers(&[1, 4]));
        directory.register(5, offers(&[4]));
        assert!(directory.take(2, 2, &offers(&[3, 4])));
        assert!(!directory.take(2, 1, &offers(&[1])), "it is overtaken");
        assert!(!directory.take(2, 2, &offers(&[1])), "it has come twice");
        let listed = [1, 3, 4].map(|offer| able(&directory, offer));
        assert_eq!(listed, [vec![], vec![2], vec![2, 5]]);
        assert!(directory.take(2, 3, &[]) && directory.take(5, 1, &offers(&[1])));
        let listed = [1, 3, 4].map(|offer| able(&directory, offer));
        assert_eq!(listed, [vec![5], vec![], vec![]]);
    }
}
