//! What a rival must say: how a computer finds providers, and nothing else.
//!
//! [`Rival`] makes a discovery mechanism of it: issuing, being disconnected, asking and serving are the
//! same for all. This module does *not* know any rival.

use std::fmt::Debug;
use std::sync::Arc;

use super::given::Given;
use super::message::{Context, Said, Wanted};
use super::node::Node;
use super::rival::Rival;
use crate::discovery::config::Config;
use crate::discovery::theory::Reach;
use crate::discovery::{BrokerUnits, Discovery, Finds, RequestId, World};
use crate::error::Result;
use crate::parameters::Parameters;
use crate::system::{Export, Underlay};
use crate::time::Span;
use crate::unit::UnitId;

/// How providers are found.
///
/// A computer that wants something opens a request in [`Self::seek`]. Then the mechanism lists
/// computers ([`Asking::list`]), or its query reaches some, which offer themselves ([`Node::offer`]); it
/// says with [`Asking::settle`] that nobody else can be found. A deadline that ends the request in any case
/// is not its affair.
///
/// [`Asking::list`]: super::asking::Asking::list
/// [`Asking::settle`]: super::asking::Asking::settle
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

    /// Which offers it finds for a request that is a constraint.
    const CONSTRAINTS: Finds = Finds::Matching;

    /// Whether computers that leave in good order tell those that would ask them. If not, only their silence
    /// shows it.
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

    /// What the computer called `id` begins with that has lost its memory.
    fn forgotten(&self, id: u32) -> Self::Computer {
        self.computer(id)
    }

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

    /// Whether computers do something again and again; after how long everything has settled then. Those that are
    /// there are told to [`Self::watch`] as the requests begin, and whoever comes back after a crash as it comes.
    fn watches(&self) -> Option<Span> {
        None
    }

    /// A computer begins with what it does again and again.
    fn watch(&self, given: &Given, node: &mut Node<Self>, context: &mut Context<'_, Self::Said>) {
        let _ = (given, node, context);
    }

    /// A computer ends it.
    fn unwatch(&self, given: &Given, node: &mut Node<Self>, context: &mut Context<'_, Self::Said>) {
        let _ = (given, node, context);
    }

    /// What a computer does again and again, of which `round` is the number, is due.
    fn round(
        &self,
        given: &Given,
        node: &mut Node<Self>,
        round: u32,
        context: &mut Context<'_, Self::Said>,
    ) {
        let _ = (given, node, round, context);
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

    /// The members of its own, or of the network, because of which theory does not know whom its requests come to where
    /// each packet gets lost with the probability `loss`; `None`: it never does.
    fn beyond_theory(own: &Self::Config, loss: f64) -> Option<Vec<&'static str>> {
        let _ = (own, loss);
        None
    }

    /// Whom its requests come to by theory, where the network loses each packet with the probability `loss`
    /// and nothing comes or goes; `None`: theory does not say.
    fn theory(&self, loss: f64) -> Option<Box<dyn Reach + '_>> {
        let _ = loss;
        None
    }

    /// How much a computer has sent of which it still waits to hear.
    fn awaited(computer: &Self::Computer) -> usize {
        let _ = computer;
        0
    }

    /// Whether a computer that has not left has its place in the overlay: it does in the end.
    fn has_place(computer: &Self::Computer) -> bool {
        let _ = computer;
        true
    }

    /// A computer comes back: after a crash, without any memory, or because it had left.
    fn join(&self, given: &Given, node: &mut Node<Self>, context: &mut Context<'_, Self::Said>) {
        let _ = (given, node, context);
    }

    /// A computer leaves: it asks and offers nothing from now on, and tells those who should know.
    fn leave(&self, given: &Given, node: &mut Node<Self>, context: &mut Context<'_, Self::Said>) {
        let _ = (given, node, context);
    }

    /// What a computer offers has changed, once more ([`Node::changes`]): it tells those who should know. One
    /// that is away tells nobody.
    fn change(&self, given: &Given, node: &mut Node<Self>, context: &mut Context<'_, Self::Said>) {
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
