//! The discovery mechanism that a [`Finder`] makes: its units, its columns, and what must hold of it.
//!
//! It does *not* know how providers are found.

use std::fmt::{self, Debug};
use std::sync::Arc;

use super::delivery::Delivery;
use super::finder::Finder;
use super::given::Given;
use super::invariants::{Overlay, invariants};
use super::message::{Context, Message, RivalProtocol};
use super::node::Node;
use super::record::{self, Record};
use crate::discovery::config::Config;
use crate::discovery::theory::{self, Reach};
use crate::discovery::{
    BrokerUnits, Brokers, Discovery, Finds, InputOf, Mechanism, RequestId, World,
};
use crate::error::Result;
use crate::measure::{Metric, Named};
use crate::system::{Expected, Export, Totals, Underlay, Violation, violations};
use crate::time::Span;
use crate::unit::{Input, UnitId};

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
    const CONJUNCTIONS: bool = true;
    const MESSAGES: &'static str = "messages";
    const CONSTRAINTS: Finds = F::CONSTRAINTS;
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

    fn forget_computer(&self, id: u32, node: &mut Node<F>) {
        *node = Node {
            changes: node.changes,
            told: node.told,
            published: node.published,
            own: self.finder.forgotten(id),
            ..Node::default()
        };
    }

    fn watches(&self) -> Option<Span> {
        self.finder.watches()
    }

    fn expect(&mut self, network: &Expected) {
        if network.losses {
            self.given.expect_losses();
        }
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

    fn beyond_theory(config: &Config<F::Config>, loss: f64) -> Option<Vec<&'static str>> {
        let mut members = F::beyond_theory(&config.own, loss)?;
        members.extend(theory::beyond(&config.world));
        Some(members)
    }

    fn theory(&self, loss: f64) -> Option<Box<dyn Reach + '_>> {
        self.finder.theory(loss)
    }

    #[inline]
    fn request_of(message: &Message<F::Said>) -> Option<RequestId> {
        message.request()
    }

    #[inline]
    fn is_query(message: &Message<F::Said>) -> bool {
        message.is_query()
    }

    fn is_update(message: &Message<F::Said>) -> bool {
        message.is_update()
    }

    fn hops(&self, record: &Record, request: RequestId, _: u32) -> Option<u32> {
        Some(record.hops(request))
    }

    fn most_received(&self, record: &Record) -> Option<u64> {
        Some(record.most_received())
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

    fn report(&self, record: &Record, _: Totals) -> Vec<Named> {
        record.cells(self.given.world.population.len())
    }
}
