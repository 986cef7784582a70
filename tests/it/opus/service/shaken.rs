//! A service to which anything may happen: its overlays' shape at every moment, and whom updates
//! reach once things are quiet.

use arigatoni::opus::allocation::SOURCE;
use arigatoni::simulation::network::Fidelity;
use arigatoni::simulation::{self, Setting};
use arigatoni::system::{Act, Model, Observed};

use super::*;
use crate::support::tried;

#[derive(Debug, Clone, Copy)]
enum Happening {
    Fail,
    Recover,
    /// To which application, and in which life of the node.
    Assign(u16, u32),
}

/// An allocation to which more happens than its manager decides, and at which is looked after
/// every input.
struct Shaken {
    inner: Allocation,
    limits: Vec<usize>,
    happens: Vec<(Span, UnitId, Happening)>,
    looked: u64,
}

impl Shaken {
    /// The member with this number, if its membership still holds.
    fn member(&self, number: u32) -> Option<&OverlayMember> {
        let node = &self.inner.nodes()[(number % NODES) as usize];
        node.member()
            .and_then(|(_, own, member)| (own == number).then_some(member))
    }

    fn look(&mut self, unit: UnitId) {
        let (application, member) = if unit.kind() == NODE {
            let node = &self.inner.nodes()[unit.index() as usize];
            let Some((application, _, member)) = node.member() else {
                return;
            };
            (application, member)
        } else if unit.kind() == MANAGER.kind() && unit != MANAGER {
            let publisher = &self.inner.publishers()[unit.index() as usize - 1];
            (publisher.application(), publisher.source())
        } else {
            return;
        };
        self.looked += 1;
        let limit = self.limits[usize::from(application)];
        assert!(member.degrees().all(|degree| degree <= limit), "{unit:?}");
        for tree in 0..member.parents().count() {
            let (mut at, mut steps) = (member, 0);
            while let Some(parent) = at.parents().nth(tree).flatten() {
                let Some(next) = self.member(parent) else {
                    break;
                };
                at = next;
                steps += 1;
                assert!(steps <= NODES, "a loop over {unit:?} in tree {tree}");
            }
        }
    }
}

impl Model for Shaken {
    type Protocol = Utility;
    type Config = Opus;

    const KINDS: &'static [&'static str] = Allocation::KINDS;

    fn check(underlay: &Underlay, config: &Opus) -> Result<()> {
        Allocation::check(underlay, config)
    }

    fn build(underlay: &Underlay, config: &Opus, streams: RandomStreams) -> Result<Self> {
        let limit = |one: &Application| {
            let limit = one.overlay.as_ref()?.degree_limit?;
            Some(limit.0 as usize)
        };
        let limits = config.applications.iter().map(limit);
        Ok(Self {
            inner: Allocation::build(underlay, config, streams)?,
            limits: limits.map(|limit| limit.unwrap_or(usize::MAX)).collect(),
            happens: Vec::new(),
            looked: 0,
        })
    }

    fn sites(&self) -> impl Iterator<Item = (UnitId, Site)> {
        self.inner.sites()
    }

    fn stages(&self) -> Vec<Stage<Utility>> {
        let mut stages = self.inner.stages();
        let stage = &mut stages[0];
        let mut inputs: Vec<_> = stage.inputs.by_ref().collect();
        let mut acts: Vec<_> = stage.environment.by_ref().collect();
        for &(after, unit, happening) in &self.happens {
            match happening {
                Happening::Fail => acts.push((after, unit, Act::Crash)),
                Happening::Recover => acts.push((after, unit, Act::Restart)),
                Happening::Assign(application, life) => {
                    let message = Message::Assign {
                        application,
                        at_once: false,
                        life,
                    };
                    let from = MANAGER;
                    inputs.push((after, unit, Input::Message { from, message }));
                }
            }
        }
        inputs.sort_by_key(|&(after, unit, _)| (after, unit));
        acts.sort_by_key(|&(after, unit, _)| (after, unit));
        (stage.inputs, stage.environment) = (inputs.into(), acts.into());
        stages
    }

    fn handle(&mut self, unit: UnitId, input: Input<Utility>, context: &mut Context<'_, Utility>) {
        self.inner.handle(unit, input, context);
        self.look(unit);
    }

    fn forget(&mut self, unit: UnitId) {
        self.inner.forget(unit);
    }

    fn loss(&self, message: &Message) -> f64 {
        self.inner.loss(message)
    }
}

impl Observed for Shaken {
    type Measures = AllocationRecord;

    const METRICS: &'static [Metric] = Allocation::METRICS;
    const DETAILS: &'static [Detail] = Allocation::DETAILS;

    fn measures(&self) -> AllocationRecord {
        self.inner.measures()
    }

    fn conclude(&mut self, underlay: &Underlay, measures: &AllocationRecord) {
        self.inner.conclude(underlay, measures);
    }

    fn report(&self, measures: &AllocationRecord, totals: Totals) -> Report {
        self.inner.report(measures, totals)
    }
}

impl System for Shaken {
    const NAME: &'static str = "test";
    const PROCEDURE: Procedure = Allocation::PROCEDURE;

    fn figures() -> Vec<FigureSpec> {
        Allocation::figures()
    }
}

/// Failures with their recoveries, of each node one at a time at most, and moves.
fn churn() -> impl Strategy<Value = Vec<(Span, UnitId, Happening)>> {
    let millis = CHURN_S * 1000;
    let failure = (1..NODES, 0..millis, 1..millis).prop_map(move |(at, from, lasts)| {
        let to = (from + lasts).min(millis);
        (at, [(from, Happening::Fail), (to, Happening::Recover)])
    });
    let moves = (0..NODES, 0..millis, 0..3_u16);
    let failures = prop::collection::vec(failure, 0..20);
    (failures, prop::collection::vec(moves, 0..40)).prop_map(|(failures, moves)| {
        let mut failed = std::collections::BTreeSet::new();
        let mut all: Vec<(u64, u32, Happening)> = Vec::new();
        for (at, changes) in failures.into_iter().filter(|(at, _)| failed.insert(*at)) {
            all.extend(changes.map(|(when, change)| (when, at, change)));
        }
        let recoveries = all.clone();
        all.extend(moves.into_iter().map(|(at, when, to)| {
            let back = |(then, who, what): &&(u64, u32, Happening)| {
                *then <= when && *who == at && matches!(what, Happening::Recover)
            };
            let life = recoveries.iter().filter(back).count() as u32;
            (when, at, Happening::Assign(to, life))
        }));
        let happens = all.into_iter();
        happens
            .map(|(when, at, what)| (Span::from_ns(when * 1_000_000), node(at), what))
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(tried(1, 24)))]

    #[test]
    fn whatever_happens_nothing_loops_and_in_the_end_all_are_reached(
        happens in churn(), seed in 0..1000_u64,
    ) {
        let streams = RandomStreams::new(seed, 0);
        let mut system = Shaken::build(t100(), &config(Policy::Greedy), streams).unwrap();
        system.happens = happens;
        let run = simulation::run(system, Setting::of(t100(), streams, &Fidelity::Path.into()));
        prop_assert!(run.system.looked > 1000);
        let mut members = 0;
        for node in run.system.inner.nodes() {
            let Some((application, _, member)) = node.member() else { continue };
            members += 1;
            for parent in member.parents() {
                let attached = parent.is_some_and(|parent| {
                    parent == SOURCE || run.system.member(parent).is_some()
                });
                prop_assert!(attached, "{application}: {member:?}");
            }
        }
        prop_assert!(members > 0);
        let report = run.system.report(&run.measures, run.totals);
        let quiet = report.details[2].iter().filter(|row| row[0].number() >= Some(QUIET_S));
        let reach: Vec<f64> = quiet.filter_map(|row| row[2].number()).collect();
        prop_assert!(reach.len() >= 7, "{reach:?}");
        prop_assert!(reach.iter().all(|reach| *reach == 1.0), "{reach:?}");
    }
}
