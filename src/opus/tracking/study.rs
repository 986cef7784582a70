//! The tracking study as a system: nodes come to life, their values change, some fail, and what
//! they believe is held against the truth.
//!
//! It does *not* know how trackers estimate, nor the driver.

use std::sync::Arc;

use super::config::{Method, Tracking, Truth};
use super::export;
use super::figures;
use super::node::{NODE, Node, Tracked, node};
use super::record::TrackingRecord;
use super::report;
use super::tracker::Scope;
use crate::error::{Error, Result};
use crate::measure::{Detail, FigureSpec, Metric};
use crate::opus;
use crate::opus::config::Opus;
use crate::opus::nodes::{self, Attachments};
use crate::opus::stream;
use crate::random::RandomStreams;
use crate::system::{
    Act, Export, Model, Observed, Procedure, Report, Site, Stage, System, Totals, Underlay,
};
use crate::time::{Span, Time};
use crate::unit::{Context, Input, Unit, UnitId};

/// The maximum number of messages of a run in which all nodes tell all others, not counting those of values that
/// move.
const MESSAGES_MAX: f64 = 5e7;
/// The maximum number of samples of nodes' estimates of quantities in a run.
const SAMPLES_MAX: f64 = 1e8;

/// The nodes of one replication.
#[derive(Debug)]
pub struct TrackingStudy {
    pub(super) config: Opus,
    pub(super) places: Attachments,
    pub(super) nodes: Vec<Node>,
    failing: Vec<u32>,
    streams: RandomStreams,
    /// The mean latency between nodes of successive numbers, which sit anywhere; once the run is
    /// over.
    pub(super) apart_ms: Option<f64>,
    /// Whether each estimate is kept.
    keeps_estimates: bool,
}

impl TrackingStudy {
    /// The nodes, by number, as they are now.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    pub(super) fn truth(&self) -> &Truth {
        &self.config.tracking.truth
    }

    /// The nodes that fail, ascending.
    pub(super) fn failing(&self) -> &[u32] {
        &self.failing
    }

    /// When node number `member` comes to life; the rendezvous does so at once.
    pub(super) fn starts(&self, member: u32) -> Span {
        if member == 0 {
            return Span::ZERO;
        }
        let half = Span::from_ns(self.truth().settle_ms.span().as_ns() / 2);
        let member = u64::from(member);
        self.streams
            .span(stream::START, member, 0, [Span::ZERO, half])
    }
}

/// What the study tracks.
fn scope(config: &Opus) -> Scope {
    Scope {
        nodes: config.nodes.count.0,
        quantities: config.tracking.truth.quantities.0,
    }
}

/// Whether trackers with these `rules` fit a run of `duration` on `underlay`, where access links take up to
/// `access` and the given number of values is tracked.
///
/// # Errors
/// If nodes that live would count as gone, or if there would be too many messages.
pub fn fits(
    underlay: &Underlay,
    access: Span,
    rules: &Tracking,
    scope: Scope,
    duration: Span,
) -> Result<()> {
    let pointer = opus::pointer("tracking/timeout_ms");
    nodes::outlasts_round_trips(underlay, access, rules.timeout_ms, &pointer)?;
    if rules.method == Method::AllToAll {
        let nodes = f64::from(scope.nodes);
        let batches = f64::from(scope.quantities.div_ceil(super::message::BATCH as u16));
        let times = 1.0 + duration.as_ns() as f64 / rules.refresh_ms.span().as_ns() as f64;
        let messages = nodes * (nodes - 1.0) * batches * times;
        if messages > MESSAGES_MAX {
            return Err(Error::new(format!(
                "{nodes} nodes with `all-to-all` send {messages:.1e} messages even if no value \
                changes, but a run can have at most {MESSAGES_MAX:.0e}"
            ))
            .at(opus::pointer("tracking/refresh_ms"))
            .help("raise it, or use another method or fewer nodes"));
        }
    }
    Ok(())
}

impl Model for TrackingStudy {
    type Protocol = Tracked;
    type Config = Opus;

    const KINDS: &'static [&'static str] = &["node"];

    fn notes(config: &Opus) -> Vec<String> {
        crate::opus::unused::notes(config)
    }

    fn check(underlay: &Underlay, config: &Opus) -> Result<()> {
        let (truth, scope) = (&config.tracking.truth, scope(config));
        let samples = truth.duration_ms.span().as_ns() as f64
            / truth.sample_ms.span().as_ns() as f64
            * f64::from(scope.nodes)
            * f64::from(scope.quantities);
        if samples > SAMPLES_MAX {
            return Err(Error::new(format!(
                "{samples:.1e} estimates would be compared with the truth, but a run can have at \
                most {SAMPLES_MAX:.0e}"
            ))
            .at(opus::pointer("tracking/truth/sample_ms"))
            .help("raise it, or lower `duration_ms`, `quantities` or the nodes' `count`"));
        }
        let access = config.nodes.access()[1];
        fits(underlay, access, &config.tracking, scope, truth.whole())
    }

    fn build(underlay: &Underlay, config: &Opus, streams: RandomStreams) -> Result<Self> {
        Self::check(underlay, config)?;
        let rules = Arc::new(config.tracking.clone());
        let node = |member| Node::new(Arc::clone(&rules), scope(config), member, streams);
        Ok(Self {
            places: Attachments::draw(underlay, &config.nodes, streams),
            nodes: (0..config.nodes.count.0).map(node).collect(),
            failing: nodes::disconnected(config, streams),
            streams,
            apart_ms: None,
            keeps_estimates: false,
            config: config.clone(),
        })
    }

    fn sites(&self) -> impl Iterator<Item = (UnitId, Site)> {
        (0..self.places.len() as u32).map(|member| (node(member), self.places.site(member)))
    }

    fn stages(&self) -> Vec<Stage<Tracked>> {
        let mut acts = Vec::new();
        // A node is dead until it comes to life.
        for member in 1..self.config.nodes.count.0 {
            acts.push((Span::ZERO, node(member), Act::Crash));
            acts.push((self.starts(member), node(member), Act::Restart));
        }
        let truth = self.truth();
        let failure = truth.settle_ms.span() + truth.failure_ms.span();
        for &member in &self.failing {
            acts.push((failure, node(member), Act::Crash));
            if let Some(recovery) = truth.recovery_ms {
                acts.push((failure + recovery.span(), node(member), Act::Restart));
            }
        }
        acts.sort_by_key(|&(after, unit, _)| (after, unit));
        vec![Stage {
            environment: acts.into(),
            until: Some(truth.whole()),
            ..Stage::of(vec![(Span::ZERO, node(0), Input::Start)])
        }]
    }

    fn forget(&mut self, unit: UnitId) {
        self.nodes[unit.index() as usize].forget();
    }

    fn handle(&mut self, unit: UnitId, input: Input<Tracked>, context: &mut Context<'_, Tracked>) {
        debug_assert_eq!(unit.kind(), NODE, "there are nodes only");
        self.nodes[unit.index() as usize].handle(input, context);
    }
}

impl Observed for TrackingStudy {
    type Measures = TrackingRecord;

    const METRICS: &'static [Metric] = report::METRICS;
    const DETAILS: &'static [Detail] = report::DETAILS;

    fn measures(&self) -> TrackingRecord {
        let (truth, scope) = (self.truth(), scope(&self.config));
        let begun = Time::ZERO + truth.settle_ms.span();
        let ends = [begun, Time::ZERO + truth.whole()];
        let mut record = TrackingRecord::new(scope.nodes, scope.quantities, ends);
        if self.keeps_estimates {
            record.keep();
        }
        record
    }

    fn conclude(&mut self, underlay: &Underlay, _: &TrackingRecord) {
        let pairs = 1..self.places.len() as u32;
        let count = pairs.len() as f64;
        let latency = |node| self.places.latency(&underlay.routes, node - 1, node);
        let sum: Span = pairs.map(latency).sum();
        self.apart_ms = Some(sum.as_ms() / count);
    }

    fn report(&self, record: &TrackingRecord, totals: Totals) -> Report {
        report::report(self, record, totals)
    }

    fn series(&self, record: &TrackingRecord) -> Vec<(&'static str, Vec<f64>)> {
        let errors = record.samples();
        vec![(
            "error_mean",
            errors.filter_map(|sample| sample.error.mean()).collect(),
        )]
    }
}

impl System for TrackingStudy {
    const NAME: &'static str = opus::NAME;
    const ABOUT: &'static str = opus::ABOUT;
    const PROCEDURE: Procedure = Procedure {
        from: "no node is up; nodes start in the first half of the settling time",
        until: "the settling time and the measured time have passed",
        transient: "the settling time (truth/settle_ms) is not measured, except its messages, \
        which have a separate column",
    };

    fn figures() -> Vec<FigureSpec> {
        figures::standard()
    }

    fn exports() -> Vec<Export<Self>> {
        export::exports()
    }

    fn expect_exports(&mut self, names: &[&str]) {
        self.keeps_estimates = names.contains(&export::ESTIMATES);
    }
}
