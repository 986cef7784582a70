//! How packets travel over the underlay: the parameters of the network.
//!
//! The doc comments are the descriptions in the JSON Schema. They do *not* know how any of it is drawn.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::verdict::JITTER_MAX;
use crate::parameters::law::{self as laws, LawSpec};
use crate::parameters::number::{
    Bandwidth, Enlargement, Fraction, NonNegative, Positive, QueueLength,
};
use crate::parameters::{Plain, Problem, members};
use crate::random::alternation::Alternation;
use crate::random::law;
use crate::simulation::order::Ties;
use crate::system::Underlay;
use crate::time::Span;
use crate::topology::{RouterId, Routes, Routing};

/// For how long the routes go on as if a partition had not begun, or not ended, where nothing else fails.
const PARTITION_REROUTE: Span = Span::from_s(1);

members! {
    /// How packets travel over the underlay.
    #[schemars(rename = "Network")]
    pub struct Conditions {
        /// The level of detail at which packets are simulated.
        pub fidelity: Fidelity = Fidelity::Path;
        /// The route of a packet between two routers.
        pub routing: Routing = Routing::Latency;
        /// The latency of a link of length 1, in milliseconds.
        pub latency_ms_per_unit: Positive = Positive(1.0);
        /// The probability that a packet is lost.
        pub loss: Fraction = Fraction(0.0);
        /// The probability that a packet that is not lost is delivered twice.
        pub duplicate: Fraction = Fraction(0.0);
        /// The additional delay of each packet in seconds, at most a day: a distribution.
        pub jitter_s: LawSpec = LawSpec::Constant(NonNegative(0.0));
        /// When links fail; null: never.
        pub link_failures: Option<Failing> = None;
        /// When routers fail; null: never.
        pub router_failures: Option<Failing> = None;
        /// Domains that are partitioned from the others for some time.
        pub partitions: Vec<Partition> = Vec::new();
        /// Links that take longer for some time.
        pub slowdowns: Vec<Slowdown> = Vec::new();
        /// The bandwidth of each link between routers in each direction, in Mbit/s; null: unlimited. It needs the
        /// fidelity `hop`.
        pub bandwidth_mbps: Option<Bandwidth> = None;
        /// How many packets wait before a link at most, besides the one that is being sent; null: any number. It needs
        /// the fidelity `hop`; without `bandwidth_mbps` no packet waits.
        pub queue_packets: Option<QueueLength> = None;
        /// The order in which simultaneous events of different units are handled.
        pub ties: Ties = Ties::Canonical;
    }
}

/// The level of detail at which packets are simulated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Fidelity {
    /// A packet arrives after the latency of the whole path, in one event.
    Path,
    /// Every router on the path receives the packet and forwards it at once.
    Hop,
}

/// How each link, or each router, alternates between up and down, independently of all others and in
/// steady state, from the start of the measured phase on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Alternation")]
pub struct Failing {
    /// The length of each up period in seconds: a distribution with a finite mean.
    pub up: LawSpec,
    /// The length of each down period in seconds: a distribution with a finite mean.
    pub down: LawSpec,
    /// The time in seconds for which routes stay unchanged after a change.
    #[serde(default = "default_reroute")]
    pub reroute_s: NonNegative,
}

fn default_reroute() -> NonNegative {
    NonNegative(1.0)
}

/// A domain that is partitioned: all links between its routers and the others are down.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Partition {
    /// When the partition starts, in seconds from the start of the measured phase.
    pub at_s: NonNegative,
    /// How long it lasts, in seconds.
    pub for_s: NonNegative,
    /// The domain: the common prefix of the GT-ITM labels of its routers, such as `T:0` or `S:0.1/2`.
    pub domain: String,
}

/// Links that take longer: those with an end in a domain, or all.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Slowdown {
    /// When it starts, in seconds from the start of the measured phase.
    pub at_s: NonNegative,
    /// How long it lasts, in seconds.
    pub for_s: NonNegative,
    /// Latency of a link meanwhile ÷ its latency otherwise. Where several slowdowns concern a link, the greatest factor
    /// counts.
    pub factor: Enlargement,
    /// The domain, spelled as in `partitions`; null: all links between routers.
    #[serde(default)]
    pub domain: Option<String>,
}

impl Plain for Conditions {
    fn effective(&self) -> Self {
        let laws = |failing: &Failing| Failing {
            up: failing.up.effective(),
            down: failing.down.effective(),
            ..*failing
        };
        Self {
            jitter_s: self.jitter_s.effective(),
            link_failures: self.link_failures.as_ref().map(laws),
            router_failures: self.router_failures.as_ref().map(laws),
            ..self.clone()
        }
    }

    fn check(&self, pointer: &str) -> Result<(), Problem> {
        self.jitter_s.validate(&format!("{pointer}/jitter_s"))?;
        for (name, failing) in self.failures() {
            failing.alternation(&format!("{pointer}/{name}"))?;
        }
        self.check_queues(pointer)
    }
}

impl From<Fidelity> for Conditions {
    /// Every packet arrives, once and in time.
    fn from(fidelity: Fidelity) -> Self {
        Self {
            fidelity,
            ..Self::default()
        }
    }
}

impl From<&Self> for Conditions {
    fn from(conditions: &Self) -> Self {
        conditions.clone()
    }
}

impl Conditions {
    /// Whether every packet arrives, once and in time.
    pub fn are_ideal(&self) -> bool {
        self.jitter().is_none()
            && self.loss.0 == 0.0
            && self.duplicate.0 == 0.0
            && !self.change_links()
            && !self.drop_packets()
    }

    /// The probability that a packet is lost, if nothing else happens to packets.
    pub fn loss_alone(&self) -> Option<f64> {
        let without = Self {
            loss: Fraction(0.0),
            ..self.clone()
        };
        (without.are_ideal() && !self.have_queues()).then_some(self.loss.0)
    }

    /// Whether packets wait for links.
    pub fn have_queues(&self) -> bool {
        self.bandwidth_mbps.is_some()
    }

    /// Whether packets are dropped that find too many others waiting.
    fn drop_packets(&self) -> bool {
        self.have_queues() && self.queue_packets.is_some()
    }

    /// What a person should know of them: members without effect.
    pub fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.queue_packets.is_some() && !self.have_queues() {
            notes.push(
                "packets do not wait for links, since `bandwidth_mbps` of the network is null: `queue_packets` has no effect".into(),
            );
        }
        for (slowdown, number) in self.slowdowns.iter().zip(0_u32..) {
            if slowdown.factor.0 <= 1.0 {
                notes.push(format!(
                    "links do not take longer, since `factor` of /network/slowdowns/{number} is 1: it has no effect"
                ));
            }
        }
        for (place, _, for_s) in self.timed().filter(|(.., for_s)| for_s.0 == 0.0) {
            notes.push(format!(
                "`for_s` of {place} is {} s: it has no effect",
                for_s.0
            ));
        }
        notes
    }

    /// Slowdowns and partitions: where each is in a scenario, when it begins and how long it lasts.
    fn timed(&self) -> impl Iterator<Item = (String, NonNegative, NonNegative)> {
        let slowdowns = self.slowdowns.iter().map(|it| (it.at_s, it.for_s));
        let slowdowns = slowdowns.zip(0_u32..).map(|it| ("slowdowns", it));
        let partitions = self.partitions.iter().map(|it| (it.at_s, it.for_s));
        let partitions = partitions.zip(0_u32..).map(|it| ("partitions", it));
        let all = slowdowns.chain(partitions);
        all.map(|(list, ((at_s, for_s), number))| {
            (format!("/network/{list}/{number}"), at_s, for_s)
        })
    }

    /// Which slowdowns and partitions begin when what counts of a run has ended, at `end`; a sentence each. What is still under
    /// way then meets them.
    pub fn come_late(&self, end: Span) -> Vec<String> {
        let late = self.timed().filter(|(_, at_s, _)| seconds(*at_s) >= end);
        let end_s = end.as_ns() as f64 / 1e9;
        let sentence = |(place, at_s, _): (String, NonNegative, NonNegative)| {
            format!(
                "{place} begins at {} s, and what counts of the run ended at {end_s} s: it comes too late",
                at_s.0
            )
        };
        late.map(sentence).collect()
    }

    /// Packets meet on links only where they are followed hop by hop.
    fn check_queues(&self, pointer: &str) -> Result<(), Problem> {
        let members = [
            ("bandwidth_mbps", self.bandwidth_mbps.is_some()),
            ("queue_packets", self.queue_packets.is_some()),
        ];
        let given = members.into_iter().find(|(_, given)| *given);
        let Some((member, _)) = given.filter(|_| self.fidelity == Fidelity::Path) else {
            return Ok(());
        };
        let what = "packets wait for links only where they are followed from router to router, and the fidelity is \
                    \"path\"";
        let problem = Problem::new(format!("{pointer}/{member}"), what);
        Err(problem.help("use the fidelity \"hop\", or null"))
    }

    /// Whether links, routers or domains go down.
    pub(crate) fn have_outages(&self) -> bool {
        self.failures().next().is_some() || !self.partitions.is_empty()
    }

    /// Whether links are down at times, or take longer.
    pub(super) fn change_links(&self) -> bool {
        self.have_outages() || !self.slowdowns.is_empty()
    }

    /// By how much each packet is late; `None`: by nothing.
    ///
    /// # Panics
    /// If the parameters have not been checked.
    pub(super) fn jitter(&self) -> Option<law::Law> {
        let law = self.jitter_s.validate("").expect(CHECKED);
        (law != law::Law::Constant(0.0)).then_some(law)
    }

    /// By how much each packet is late at most; `None`: by any time, up to a day.
    ///
    /// # Panics
    /// If the parameters have not been checked.
    pub fn latest(&self) -> Option<Span> {
        let most = self.jitter().map_or(Some(Span::ZERO), law::Law::most);
        most.map(|most| most.min(JITTER_MAX))
    }

    /// How long after it was sent everything has arrived, where no packet waits for links and no access link takes longer
    /// than `access`; `None`: any time, up to a day. A packet that crosses a link again, since the routes change meanwhile,
    /// may take longer; so does what waits before it is sent.
    ///
    /// # Panics
    /// If the parameters have not been checked.
    pub(in crate::simulation) fn longest(&self, underlay: &Underlay, access: Span) -> Option<Span> {
        let all = longest_way(&underlay.routes);
        let factors = self.slowdowns.iter().map(|slowdown| slowdown.factor.0);
        let slow = all.as_ns() as f64 * factors.fold(1.0, f64::max);
        let on_the_way = Span::from_ns(slow.ceil() as u64);
        let ends = access.saturating_add(access);
        Some(
            self.latest()?
                .saturating_add(on_the_way)
                .saturating_add(ends),
        )
    }

    /// What fails by a law, by the names of the members.
    fn failures(&self) -> impl Iterator<Item = (&'static str, &Failing)> {
        let named = [
            ("link_failures", &self.link_failures),
            ("router_failures", &self.router_failures),
        ];
        let named = named.into_iter();
        named.filter_map(|(name, failing)| Some((name, failing.as_ref()?)))
    }

    /// The rerouting time of partitions and slowdowns: that of links, else of routers, else a second.
    pub(super) fn partition_reroute(&self) -> Span {
        let first = self.failures().next();
        first.map_or(PARTITION_REROUTE, |(_, failing)| failing.reroute())
    }
}

/// No way from router to router is longer, unless it crosses a link twice.
fn longest_way(routes: &Routes) -> Span {
    if routes.are_direct() {
        let routers = || (0..routes.router_count()).map(RouterId);
        let pairs = routers().flat_map(|from| routers().map(move |to| routes.latency(from, to)));
        return pairs.max().unwrap_or_default();
    }
    // All links one after the other.
    let links = routes.simple_links();
    links.fold(Span::ZERO, |sum, (.., latency)| sum.saturating_add(latency))
}

/// What is wrong if a run is begun with parameters that do not fit each other.
const CHECKED: &str = "the parameters are checked";

impl Failing {
    /// How it alternates, where these parameters stand at `pointer`.
    ///
    /// # Errors
    /// If a law has no mean, or none of the two ever lasts.
    pub fn alternation(&self, pointer: &str) -> Result<Alternation, Problem> {
        laws::alternation((&self.up, &self.down), pointer, "write null")
    }

    /// How it alternates, from parameters that have been checked.
    ///
    /// # Panics
    /// If they have not.
    pub(super) fn checked_alternation(&self) -> Alternation {
        self.alternation("").expect(CHECKED)
    }

    /// How long the routes go on as if nothing had changed.
    pub(super) fn reroute(&self) -> Span {
        seconds(self.reroute_s)
    }
}

impl Slowdown {
    /// From when on, and for how long.
    pub(super) fn period(&self) -> (Span, Span) {
        (seconds(self.at_s), seconds(self.for_s))
    }
}

impl Partition {
    /// From when on, and for how long.
    pub(super) fn period(&self) -> (Span, Span) {
        (seconds(self.at_s), seconds(self.for_s))
    }
}

fn seconds(NonNegative(seconds): NonNegative) -> Span {
    Span::from_ns((seconds * 1e9).round() as u64)
}
