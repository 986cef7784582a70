//! What a rival must say: how a computer finds providers, and nothing else.
//!
//! [`Rival`] makes a discovery mechanism of it: issuing, being disconnected, asking and serving are the
//! same for all. This module does *not* know any rival.

use std::fmt::{self, Debug};
use std::sync::Arc;

use super::asking::{Asked, Asking};
use super::delivery::Delivery;
use super::given::Given;
use super::invariants::{Overlay, invariants};
use super::message::{Context, Message, Reminder, RivalProtocol, Said, Wanted, end};
use super::record::{self, Record};
use super::serving::Serving;
use crate::discovery::config::Config;
use crate::discovery::{
    BrokerUnits, Brokers, Command, Descriptor, Discovery, InputOf, Mechanism, Observation,
    RequestId, RequestOutcome, World,
};
use crate::error::Result;
use crate::measure::Metric;
use crate::parameters::Parameters;
use crate::system::{Export, Report, Totals, Underlay, Violation, violations};
use crate::unit::{Input, UnitId};

/// How providers are found.
///
/// A computer that wants something opens a request in [`Self::seek`]. Then the mechanism lists
/// computers ([`Asking::list`]), or its query reaches some, which offer themselves ([`Node::offer`]); it
/// says with [`Asking::reject`] that nobody can be found. A deadline that ends the request in any case is
/// not its affair.
pub trait Finder: Clone + Debug + Send + Sized + 'static {
    /// What its units say.
    type Said: Said;
    /// Its own parameters.
    type Config: Parameters;
    /// What a computer keeps, besides its requests and agreements.
    type Computer: Debug + Default + Send;
    /// What a broker keeps.
    type Broker: Debug + Default + Send;
    /// What a computer keeps of an open request.
    type Search: Debug + Send;

    /// What a scenario calls it.
    const NAME: &'static str;
    /// What it is, in a sentence.
    const ABOUT: &'static str;
    /// Which brokers are units.
    const BROKERS: BrokerUnits = BrokerUnits::None;

    /// Whether those that leave in good order tell whoever would ask them. If not, silence tells.
    const TELLS: bool = true;

    /// What else can be written of a run.
    fn exports() -> Vec<Export<Discovery<Rival<Self>>>> {
        Vec::new()
    }

    /// Whether the parameters fit the underlay and each other.
    ///
    /// # Errors
    /// If they do not.
    fn check(underlay: &Underlay, config: &Config<Self::Config>) -> Result<()> {
        let _ = (underlay, config);
        Ok(())
    }

    /// About how many bytes its units take, each with the member that asks for them.
    fn memory(config: &Config<Self::Config>, computers: f64) -> Vec<(&'static str, f64)> {
        let _ = (config, computers);
        Vec::new()
    }

    /// The mechanism in `world`.
    fn new(world: &Arc<World>, config: &Self::Config) -> Self;

    /// What the computer called `id` begins with.
    fn computer(&self, id: u32) -> Self::Computer;

    /// What the broker called `id` begins a run with.
    fn broker(&self, id: u32) -> Self::Broker {
        let _ = id;
        Self::Broker::default()
    }

    /// Begins to look for what is `wanted`.
    fn seek(
        &self,
        given: &Given,
        node: &mut Node<Self>,
        wanted: Wanted,
        context: &mut Context<'_, Self::Said>,
    );

    /// A computer hears `said`.
    fn hear(
        &self,
        given: &Given,
        node: &mut Node<Self>,
        said: (UnitId, Self::Said),
        context: &mut Context<'_, Self::Said>,
    );

    /// What a computer has sent, and keeps in `slot`, has met with silence.
    fn silence(
        &self,
        given: &Given,
        node: &mut Node<Self>,
        slot: u32,
        context: &mut Context<'_, Self::Said>,
    ) {
        let _ = (given, node, slot, context);
    }

    /// A computer has offered itself for `request`, which may have ended with it.
    fn offered(
        &self,
        node: &mut Node<Self>,
        request: RequestId,
        context: &mut Context<'_, Self::Said>,
    ) {
        let _ = (node, request, context);
    }

    /// How much a computer has sent of which it still waits to hear.
    fn awaited(computer: &Self::Computer) -> usize {
        let _ = computer;
        0
    }

    /// A computer comes back: after a crash, without any memory, or because it had left.
    fn join(&self, given: &Given, node: &mut Node<Self>, context: &mut Context<'_, Self::Said>) {
        let _ = (given, node, context);
    }

    /// A computer leaves: it asks and offers nothing from now on, and tells those who should know.
    fn leave(&self, given: &Given, node: &mut Node<Self>, context: &mut Context<'_, Self::Said>) {
        let _ = (given, node, context);
    }

    /// A broker hears `said`.
    fn broker_hears(
        &self,
        given: &Given,
        broker: &mut Self::Broker,
        said: (UnitId, Self::Said),
        context: &mut Context<'_, Self::Said>,
    ) {
        let _ = (given, broker, said, context);
    }
}

/// A computer.
#[derive(Debug)]
pub struct Node<F: Finder> {
    /// Whether it takes part: it has not left.
    pub connected: bool,
    /// Its requests.
    pub asking: Asking<F::Search>,
    /// Its agreements.
    pub serving: Serving,
    /// What the mechanism keeps.
    pub own: F::Computer,
    /// Where packets get lost: what it has said and heard.
    delivery: Option<Box<Delivery<F::Said>>>,
}

/// A broker.
#[derive(Debug)]
pub struct Station<F: Finder> {
    /// What the mechanism keeps.
    pub own: F::Broker,
    /// Where packets get lost: what it has said and heard.
    delivery: Option<Box<Delivery<F::Said>>>,
}

impl<F: Finder> Default for Station<F> {
    fn default() -> Self {
        Self::of(F::Broker::default())
    }
}

impl<F: Finder> Station<F> {
    fn of(own: F::Broker) -> Self {
        Self {
            own,
            delivery: None,
        }
    }
}

impl<F: Finder> Default for Node<F> {
    fn default() -> Self {
        Self {
            connected: true,
            asking: Asking::default(),
            serving: Serving::default(),
            own: F::Computer::default(),
            delivery: None,
        }
    }
}

impl<F: Finder> Node<F> {
    /// A query for `demand` has reached it for the first time, over so many edges: it offers itself to
    /// the `requester`, if it is able, has room and is willing; whether it does.
    pub fn offer(
        &mut self,
        given: &Given,
        requester: UnitId,
        (request, demand, hops): (RequestId, Descriptor, u32),
        context: &mut Context<'_, F::Said>,
    ) -> bool {
        context.emit(Observation::Reached { request });
        let me = context.me().index();
        let offers = self.connected
            && self.serving.agree((me, request, demand), given, context) == Some(true);
        if offers {
            context.send(requester, Message::Offer { request, hops });
        }
        offers
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
            Message::Enquiry { request, demand } => {
                context.emit(Observation::Reached { request });
                let me = context.me().index();
                let agrees = if self.connected {
                    self.serving.agree((me, request, demand), given, context)
                } else {
                    Some(false)
                };
                if let Some(agrees) = agrees {
                    context.send(from, Message::Answer { request, agrees });
                }
            }
            Message::Answer { request, agrees } => {
                let answer = (request, agrees);
                self.asking.take_answer(from, answer, given, context);
            }
            Message::Offer { request, .. } => {
                self.asking.take_offer(from, request, context);
                finder.offered(self, request, context);
            }
            Message::Release { request } => self.serving.release(request, context),
            Message::Start { request } => self.serving.start(request, given, context),
            Message::Own(said) => finder.hear(given, self, (from, said), context),
            // Its delivery has opened and taken all of them.
            Message::Letter(_) | Message::Received { .. } => {}
        }
    }

    fn act(
        &mut self,
        (given, finder): (&Given, &F),
        input: Input<RivalProtocol<F::Said>>,
        context: &mut Context<'_, F::Said>,
    ) {
        match input {
            Input::Start => finder.join(given, self, context),
            Input::Command(Command::Issue {
                request,
                demand,
                instances,
            }) => {
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
            Input::Command(Command::Leave) => {
                if std::mem::take(&mut self.connected) {
                    finder.leave(given, self, context);
                }
            }
            Input::Command(Command::Join) => {
                if !std::mem::replace(&mut self.connected, true) {
                    finder.join(given, self, context);
                }
            }
            Input::Message { from, message } => {
                self.hear((given, finder), (from, message), context);
            }
            Input::Timer(reminder) => match reminder {
                Reminder::Deadline { slot } => self.asking.deadline(slot, context),
                Reminder::AnswerTimeout { slot } => self.asking.give_up(slot, given, context),
                Reminder::Served { slot } => self.serving.served(slot, context),
                Reminder::StepTimeout { slot } => finder.silence(given, self, slot, context),
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

/// The discovery mechanism around a [`Finder`].
#[derive(Clone)]
pub struct Rival<F> {
    given: Given,
    finder: F,
}

impl<F: Finder> Debug for Rival<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(F::NAME)
    }
}

impl<F: Finder> Rival<F> {
    /// How it finds providers.
    pub fn finder(&self) -> &F {
        &self.finder
    }
}

impl<F: Finder> Mechanism for Rival<F> {
    type Protocol = RivalProtocol<F::Said>;
    type Config = F::Config;
    type Computer = Node<F>;
    type Broker = Station<F>;
    type Observed = Record;

    const NAME: &'static str = F::NAME;
    const ABOUT: &'static str = F::ABOUT;
    const BROKERS: BrokerUnits = F::BROKERS;
    const MESSAGES: &'static str = "messages";
    const METRICS: &'static [Metric] = record::METRICS;

    fn exports() -> Vec<Export<Discovery<Self>>> {
        F::exports()
    }

    fn check(underlay: &Underlay, config: &Config<F::Config>) -> Result<()> {
        super::check::units(F::BROKERS, &config.world)?;
        F::check(underlay, config)
    }

    fn memory(
        _: &Underlay,
        config: &Config<F::Config>,
        brokers: &Brokers,
    ) -> Vec<(&'static str, f64)> {
        let computers = brokers.list().len() as f64 * config.world.gcus_per_broker.mean();
        F::memory(config, computers)
    }

    fn new(world: &Arc<World>, config: &F::Config) -> Self {
        Self {
            given: Given::new(world, F::TELLS),
            finder: F::new(world, config),
        }
    }

    fn computer(&self, id: u32) -> Node<F> {
        Node {
            own: self.finder.computer(id),
            ..Node::default()
        }
    }

    fn broker(&self, _: u32) -> Station<F> {
        Station::default()
    }

    fn expect_losses(&mut self) {
        self.given.expect_losses();
    }

    fn brokers(&self, world: &World) -> Vec<Station<F>> {
        let all = 0..world.gbus().len() as u32;
        all.map(|id| Station::of(self.finder.broker(id))).collect()
    }

    fn computer_handles(
        &self,
        node: &mut Node<F>,
        input: InputOf<Self>,
        context: &mut Context<'_, F::Said>,
    ) {
        let Self { given, finder } = self;
        if !given.is_lossy {
            node.act((given, finder), input, context);
            return;
        }
        let mut delivery = node.delivery.take().unwrap_or_default();
        delivery.handle(input, given.timeout(), context, |input, context| {
            node.act((given, finder), input, context);
        });
        node.delivery = Some(delivery);
    }

    fn broker_handles(
        &self,
        station: &mut Station<F>,
        input: InputOf<Self>,
        context: &mut Context<'_, F::Said>,
    ) {
        let Self { given, finder } = self;
        let act = |own: &mut F::Broker, input, context: &mut Context<'_, F::Said>| {
            // Nothing else is sent to a broker, and it sets no timers; one that is told to leave has
            // nobody to leave.
            if let Input::Message {
                from,
                message: Message::Own(said),
            } = input
            {
                finder.broker_hears(given, own, (from, said), context);
            }
        };
        if !given.is_lossy {
            act(&mut station.own, input, context);
            return;
        }
        let delivery = station.delivery.get_or_insert_default();
        delivery.handle(input, given.timeout(), context, |input, context| {
            act(&mut station.own, input, context);
        });
    }

    #[inline]
    fn request_of(message: &Message<F::Said>) -> Option<RequestId> {
        message.request()
    }

    #[inline]
    fn is_query(message: &Message<F::Said>) -> bool {
        message.is_query()
    }

    fn hops(&self, record: &Record, request: RequestId, _: u32) -> Option<u32> {
        Some(record.hops(request))
    }

    fn violations(
        &self,
        computers: &[Node<F>],
        _: &[Station<F>],
        lives: &dyn Fn(UnitId) -> bool,
    ) -> Vec<Violation> {
        let overlay = Overlay { computers, lives };
        violations(&invariants(), &overlay)
    }

    fn report(&self, record: &Record, _: Totals) -> Report {
        Report {
            cells: record.cells(self.given.world.population.len()),
            details: Vec::new(),
        }
    }
}
