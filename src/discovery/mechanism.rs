//! What a discovery mechanism must say: how a request is answered, and nothing else.
//!
//! Everything that mechanisms have in common is around it: see [`Discovery`]. This module does *not*
//! know any mechanism.

use std::fmt::Debug;
use std::sync::Arc;

use super::crossing::CrossingView;
use super::features::Features;
use super::finding::Finds;
use super::request::{Command, Confirms, Observation, RequestId};
use super::theory::Reach;
use super::{Broker, Brokers, Discovery, Memberships, World, config};
use crate::error::{Error, Result};
use crate::measure::{Metric, Named};
use crate::parameters::Parameters;
use crate::system::{Expected, Export, Measures, Procedure, Totals, Underlay, Violation};
use crate::time::Span;
use crate::unit::{Context, Input, Protocol, UnitId};

/// What a unit of the mechanism `M` is told.
pub type InputOf<M> = Input<<M as Mechanism>::Protocol>;
/// What a unit of the mechanism `M` may see and say.
pub type ContextOf<'a, M> = Context<'a, <M as Mechanism>::Protocol>;

/// How requests are answered.
///
/// It is what all units of a run are given with each input, and never changes; a unit touches
/// nothing but its own state. So every mechanism's runs can be spread over threads.
///
/// A computer that is told [`Command::Issue`] ends the request with [`Observation::Ended`], sooner or later,
/// once.
pub trait Mechanism: Clone + Debug + Send + Sized + 'static {
    /// What its units say.
    type Protocol: Protocol<Command = Command, Observation = Observation>;
    /// Its own parameters, beside [`config::World`].
    type Config: Parameters;
    /// A computer's state; the default stands in for one that another thread handles.
    type Computer: Debug + Default + Send;
    /// A broker's state; the default stands in for one that another thread handles. `()` if brokers are not
    /// units.
    type Broker: Debug + Default + Send;
    /// What is observed for columns of its own; `()`: nothing.
    type Observed: Observe<Self::Protocol>;

    /// What a scenario calls it.
    const NAME: &'static str;
    /// What it is, in a sentence, for the JSON Schema of scenarios.
    const ABOUT: &'static str = "";
    /// Which brokers are units.
    const BROKERS: BrokerUnits;
    /// The messages that [`Self::request_of`] credits to a request, as a figure says it.
    const MESSAGES: &'static str;
    /// Whether its computers put the parts of a request together ([`Command::IssueAll`]), and whether they know
    /// what one computer must serve besides ([`World::also`]). If not, `requests.all` is refused.
    const CONJUNCTIONS: bool = false;
    /// How its runs go.
    const PROCEDURE: Procedure = super::PROCEDURE;
    /// Which offers it finds for a request that is a constraint.
    const CONSTRAINTS: Finds = Finds::Matching;
    /// Columns of its own, after the shared ones.
    const METRICS: &'static [Metric] = &[];

    /// What else can be written of a run, after the shared files.
    fn exports() -> Vec<Export<Discovery<Self>>> {
        Vec::new()
    }

    /// Whether the parameters fit the underlay and each other; what is shared has been checked.
    ///
    /// # Errors
    /// If they do not.
    fn check(underlay: &Underlay, config: &config::Config<Self::Config>) -> Result<()> {
        let _ = (underlay, config);
        Ok(())
    }

    /// What a person should know of the parameters, which are not wrong: members without effect.
    fn notes(_config: &config::Config<Self::Config>) -> Vec<String> {
        Vec::new()
    }

    /// What a person should know of members that have no effect, or an unexpected one, in the world as it is drawn.
    fn remarks(&self) -> Vec<String> {
        Vec::new()
    }

    /// About how many bytes its units take besides what is shared, each with the member of the
    /// system's parameters that asks for them.
    fn memory(
        underlay: &Underlay,
        config: &config::Config<Self::Config>,
        brokers: &Brokers,
    ) -> Vec<(&'static str, f64)> {
        let _ = (underlay, config, brokers);
        Vec::new()
    }

    /// The mechanism in `world`.
    fn new(world: &Arc<World>, config: &Self::Config) -> Self;

    /// The computer called `id`, without any memory.
    fn computer(&self, id: u32) -> Self::Computer;

    /// The broker called `id`, without any memory.
    fn broker(&self, id: u32) -> Self::Broker;

    /// Resets the computer called `id`, which has crashed, when it comes back: by default it has no memory.
    fn forget_computer(&self, id: u32, computer: &mut Self::Computer) {
        *computer = self.computer(id);
    }

    /// Resets the broker called `id`, which has crashed, when it comes back: by default it has no memory.
    fn forget_broker(&self, id: u32, broker: &mut Self::Broker) {
        *broker = self.broker(id);
    }

    /// What the network of the run does. Told before the run begins, first of what the brokers do: they drop messages (as if lost),
    /// or these wait for them. What has been told once remains.
    fn expect(&mut self, network: &Expected) {
        let _ = network;
    }

    /// The brokers as a run begins.
    fn brokers(&self, world: &World) -> Vec<Self::Broker> {
        let all = 0..world.gbus().len() as u32;
        all.map(|id| self.broker(id)).collect()
    }

    /// Whether a run begins with a stage in which every unit is told [`Input::Start`], which does not
    /// count.
    fn registers(&self) -> bool {
        false
    }

    /// How long each stage before the requests may take, where the network may lose packets; `None`: it comes
    /// to rest by itself.
    fn patience(&self) -> Option<Span> {
        None
    }

    /// How long its units may look for each other, from the last failure until all have found out; `None`:
    /// they do not. Those that do are told [`Command::Watch`] as the requests begin and as they come back, and
    /// [`Command::Unwatch`] before a run comes to rest.
    fn watches(&self) -> Option<Span> {
        None
    }

    /// How long it takes in a run that comes to rest. Where it is not said what holds after that time, less is
    /// enough.
    fn quiet(&self) -> Option<Span> {
        self.watches()
    }

    /// How long after the beginning of the request phase `unit` begins to do so.
    fn watches_from(&self, _unit: UnitId) -> Span {
        Span::ZERO
    }

    /// Looks at the underlay of its world, and whether it fits: what [`Self::check`] cannot tell before units
    /// are drawn.
    ///
    /// # Errors
    /// If it cannot.
    fn fit(&mut self, underlay: &Underlay) -> Result<()> {
        let _ = underlay;
        Ok(())
    }

    /// Checks that it fits a network that is late with each packet, by up to `late`.
    ///
    /// # Errors
    /// If it does not.
    fn fit_late(&self, underlay: &Underlay, late: Span) -> Result<()> {
        let _ = (underlay, late);
        Ok(())
    }

    /// What a person should know of the parameters in a network that may be late with a packet by any time.
    fn late_note(_own: &Self::Config) -> Option<&'static str> {
        None
    }

    /// How many entries a broker's table has; `None`: it has no table.
    fn entries(&self, _broker: &Self::Broker) -> Option<u64> {
        None
    }

    /// Why such a stage has not come to rest by then.
    fn overdue(&self, computers: &[Self::Computer], brokers: &[Self::Broker]) -> Error {
        let _ = (computers, brokers);
        Error::new("the units do not come to rest before the requests")
    }

    /// Lets a computer handle an input.
    fn computer_handles(
        &self,
        computer: &mut Self::Computer,
        input: InputOf<Self>,
        context: &mut ContextOf<'_, Self>,
    );

    /// Lets a broker handle an input.
    fn broker_handles(
        &self,
        broker: &mut Self::Broker,
        input: InputOf<Self>,
        context: &mut ContextOf<'_, Self>,
    );

    /// The request to which `message` is credited, if it is one of the messages that count.
    fn request_of(message: &<Self::Protocol as Protocol>::Message) -> Option<RequestId>;

    /// Whether `message` asks its receiver to serve a request, or to find somebody.
    fn is_query(message: &<Self::Protocol as Protocol>::Message) -> bool;

    /// Whether `message` tells a leader that what a colony or a computer can serve has changed.
    fn is_update(_message: &<Self::Protocol as Protocol>::Message) -> bool {
        false
    }

    /// Whether `message` is sent only where leaders are elected.
    fn is_of_election(_message: &<Self::Protocol as Protocol>::Message) -> bool {
        false
    }

    /// What a message that is credited to no request confirms.
    fn confirms(_message: &<Self::Protocol as Protocol>::Message) -> Confirms {
        Confirms::Nothing
    }

    /// What it does that not every mechanism does. Asked once it has been told what the network does ([`Self::expect`]), it is the
    /// same during a run.
    fn features(&self) -> Features {
        Features::default()
    }

    /// What crosses administrative domains or goes beside the tree of brokers in its overlay: by default nothing.
    fn crossings(&self) -> &dyn CrossingView {
        &()
    }

    /// The broker to whose colony a computer belongs as a run begins, as the export of the world says it.
    fn colony_of(&self, computer: u32) -> Option<u32> {
        let _ = computer;
        None
    }

    /// Members of its own in the export of the world.
    fn describe(&self) -> Vec<(&'static str, serde_json::Value)> {
        Vec::new()
    }

    /// Whether a computer is a free rider, which asks and never agrees; `None`: there are none.
    fn rides(&self, computer: u32) -> Option<bool> {
        let _ = computer;
        None
    }

    /// The edges of its overlay between the requester of `request` and `provider`, the first that
    /// agreed; `None`: there is no such number.
    fn hops(&self, observed: &Self::Observed, request: RequestId, provider: u32) -> Option<u32> {
        let _ = (observed, request, provider);
        None
    }

    /// How many messages for requests the busiest computer has received, where no broker is a unit; `None`: it is not
    /// known.
    fn most_received(&self, observed: &Self::Observed) -> Option<u64> {
        let _ = observed;
        None
    }

    /// How many levels above the leader of the requester of `request` the lowest broker is whose colony, with
    /// all that is below it, has `provider`; `None`: there is no such number. It says how the two lie
    /// in the tree, not how the search went.
    fn level(&self, request: RequestId, provider: u32) -> Option<u32> {
        let _ = (request, provider);
        None
    }

    /// What must hold of the units at rest and does not; `lives` says of each unit whether it does. What
    /// must hold of the requests is shared.
    fn violations(
        &self,
        computers: &[Self::Computer],
        brokers: &[Self::Broker],
        lives: &dyn Fn(UnitId) -> bool,
    ) -> Vec<Violation> {
        let _ = (computers, brokers, lives);
        Vec::new()
    }

    /// The members because of which theory says nothing of its runs, where the network loses each packet with the
    /// probability `loss` ([`theory::beyond`](super::theory::beyond) names the shared ones); `None`: it never does.
    fn beyond_theory(
        config: &config::Config<Self::Config>,
        loss: f64,
    ) -> Option<Vec<&'static str>> {
        let _ = (config, loss);
        None
    }

    /// Whom its requests come to by theory, where the network loses each packet with the probability `loss`
    /// and nothing comes or goes; `None`: theory does not say.
    fn theory(&self, loss: f64) -> Option<Box<dyn Reach + '_>> {
        let _ = loss;
        None
    }

    /// What theory expects of other metrics of its runs, by name, where the last request ends at `end` and the network loses
    /// each packet with the probability `loss`.
    fn expects(&self, end: Span, loss: f64) -> Vec<(&'static str, f64)> {
        let _ = (end, loss);
        Vec::new()
    }

    /// Which unit belongs to which leader, according to the units themselves; `None`: they do not say.
    fn membership(&self, gcus: &[Self::Computer], gbus: &[Self::Broker]) -> Option<Memberships> {
        let _ = (gcus, gbus);
        None
    }

    /// The cells of [`Self::METRICS`].
    fn report(&self, observed: &Self::Observed, totals: Totals) -> Vec<Named> {
        let _ = (observed, totals);
        Vec::new()
    }
}

/// What a mechanism observes of a run for columns of its own.
pub trait Observe<P: Protocol>: Measures<P> + Debug + Default + Send {
    /// Takes in what was observed of another part of the run.
    fn merge(&mut self, other: Self);
}

impl<P: Protocol> Observe<P> for () {
    fn merge(&mut self, (): Self) {}
}

/// Which brokers are units of a mechanism. Computers are where brokers are in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BrokerUnits {
    /// All of them.
    Every,
    /// The root alone: GBU 0.
    Root,
    /// None.
    None,
}

impl BrokerUnits {
    /// Those of `brokers`.
    pub fn of(self, brokers: &Brokers) -> &[Broker] {
        match self {
            Self::Every => brokers.list(),
            Self::Root => std::slice::from_ref(&brokers.list()[brokers.root() as usize]),
            Self::None => &[],
        }
    }
}
