//! What a broker reports to its super-broker where that is not every offer of its colony: those that no other
//! covers, or a few hulls.
//!
//! Where hulls are told, a broker keeps those of each subcolony, with the requests that they match. It does *not*
//! know who offers what else: the table does.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};
use std::num::NonZeroUsize;
use std::sync::Arc;

use fixedbitset::FixedBitSet;

use super::{SummaryChange, hulls};
use crate::constraint::{Constraint, ConstraintId, Covering, Merging};
use crate::discovery::config::Summary;
use crate::discovery::{Catalogue, Descriptor, Matcher};
use crate::unit::UnitId;

/// The aggregated summary of a colony.
#[derive(Debug, Clone)]
pub(super) struct Aggregate {
    catalogue: Arc<Catalogue>,
    state: Aggregated,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Aggregated {
    Covering(Covering),
    Merging {
        summary: Merging,
        /// What the leaders of subcolonies have declared.
        declared: BTreeMap<UnitId, Declared>,
    },
}

/// What the leader of a subcolony has declared.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
struct Declared {
    hulls: BTreeSet<Constraint>,
    /// The requests that match one of them, by descriptor.
    reach: FixedBitSet,
}

impl PartialEq for Aggregate {
    /// All of a run have one catalogue.
    fn eq(&self, other: &Self) -> bool {
        self.state == other.state
    }
}

impl Eq for Aggregate {}

impl Hash for Aggregate {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.state.hash(state);
    }
}

impl Aggregate {
    /// The aggregate of a colony without members; `None`: every offer is told.
    pub(super) fn new(matcher: &impl Matcher) -> Option<Self> {
        let catalogue = matcher.constraints()?;
        let state = match catalogue.summary() {
            Summary::Exact => return None,
            Summary::Covering => Aggregated::Covering(Covering::default()),
            Summary::Merge(most) => Aggregated::Merging {
                summary: Merging::new(NonZeroUsize::new(most.0 as usize)?),
                declared: BTreeMap::new(),
            },
        };
        let catalogue = Arc::clone(catalogue);
        Some(Self { catalogue, state })
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        match &mut self.state {
            Aggregated::Covering(summary) => *summary = Covering::default(),
            Aggregated::Merging { summary, declared } => {
                summary.clear();
                declared.clear();
            }
        }
    }

    /// Whether subcolonies declare hulls, which are kept here and not in the table.
    pub(super) fn merges(&self) -> bool {
        matches!(self.state, Aggregated::Merging { .. })
    }

    /// What the super-broker is told, ascending, or as runs.
    pub(super) fn told(&self) -> Vec<Descriptor> {
        match &self.state {
            Aggregated::Covering(summary) => summary.summary().map(|id| Descriptor(id.0)).collect(),
            Aggregated::Merging { summary, .. } => self.runs(summary.summary()),
        }
    }

    /// These hulls as runs.
    fn runs<'h>(&self, all: impl Iterator<Item = &'h Constraint>) -> Vec<Descriptor> {
        let mut runs = Vec::new();
        all.for_each(|hull| hulls::write(&self.catalogue, hull, &mut runs));
        runs
    }

    /// The offers of which there is one now and was none, or the other way round: what that changes of the
    /// summary.
    pub(super) fn offers_changed(&mut self, change: &SummaryChange) -> SummaryChange {
        if change.is_empty() {
            return SummaryChange::default();
        }
        self.changing(|catalogue, state| {
            let list = catalogue.list();
            let ids =
                |all: &[Descriptor]| all.iter().map(|it| ConstraintId(it.0)).collect::<Vec<_>>();
            let (removed, added) = (ids(&change.removed), ids(&change.added));
            match state {
                Aggregated::Covering(summary) => {
                    for id in removed {
                        summary.remove(list, id);
                    }
                    for id in added {
                        summary.insert(list, id);
                    }
                }
                Aggregated::Merging { summary, .. } => {
                    for id in removed {
                        summary.remove(list.get(id));
                    }
                    for id in added {
                        summary.insert(list.get(id).clone());
                    }
                }
            }
        })
    }

    /// The leader of a subcolony declares this, and nothing else.
    pub(super) fn declare(&mut self, leader: UnitId, runs: &[Descriptor]) -> SummaryChange {
        let wanted = hulls::read(&self.catalogue, runs).into_iter().collect();
        self.declare_hulls(leader, wanted)
    }

    /// The leader of a subcolony declares these hulls, which are given as constraints, and nothing else.
    fn declare_hulls(&mut self, leader: UnitId, wanted: BTreeSet<Constraint>) -> SummaryChange {
        self.changing(|catalogue, state| {
            let Aggregated::Merging { summary, declared } = state else {
                return;
            };
            let known = declared.entry(leader).or_default();
            for gone in known.hulls.difference(&wanted) {
                summary.remove(gone);
            }
            for new in wanted.difference(&known.hulls) {
                summary.insert(new.clone());
            }
            known.hulls = wanted;
            known.reach = reach(catalogue, &known.hulls);
        })
    }

    /// The leader declares the summary of its `colony`.
    pub(super) fn declare_summary(&mut self, leader: UnitId, colony: &Self) {
        if let Aggregated::Merging { summary, .. } = &colony.state {
            self.declare_hulls(leader, summary.summary().cloned().collect());
        }
    }

    /// The leader declares some hulls more, and others no longer.
    pub(super) fn redeclare(
        &mut self,
        leader: UnitId,
        added: &[Descriptor],
        removed: &[Descriptor],
    ) -> SummaryChange {
        let Aggregated::Merging { declared, .. } = &self.state else {
            return SummaryChange::default();
        };
        let known = declared.get(&leader);
        let mut wanted = known.map(|known| known.hulls.clone()).unwrap_or_default();
        for gone in hulls::read(&self.catalogue, removed) {
            wanted.remove(&gone);
        }
        wanted.extend(hulls::read(&self.catalogue, added));
        self.declare_hulls(leader, wanted)
    }

    /// The leader is no member any more.
    pub(super) fn forget(&mut self, leader: UnitId) -> SummaryChange {
        let change = self.declare_hulls(leader, BTreeSet::new());
        if let Aggregated::Merging { declared, .. } = &mut self.state {
            declared.remove(&leader);
        }
        change
    }

    /// What each leader has declared, as runs.
    pub(super) fn declared(&self) -> impl Iterator<Item = (UnitId, Vec<Descriptor>)> {
        let declared = match &self.state {
            Aggregated::Covering(_) => None,
            Aggregated::Merging { declared, .. } => Some(declared),
        };
        let all = declared.into_iter().flatten();
        all.map(|(leader, it)| (*leader, self.runs(it.hulls.iter())))
    }

    /// How many hulls the leaders have declared.
    pub(super) fn entries(&self) -> usize {
        match &self.state {
            Aggregated::Covering(_) => 0,
            Aggregated::Merging { declared, .. } => {
                declared.values().map(|it| it.hulls.len()).sum()
            }
        }
    }

    /// The leaders of subcolonies that have declared what matches `demand`, ascending.
    pub(super) fn leaders(&self, demand: Descriptor) -> impl Iterator<Item = UnitId> {
        let declared = match &self.state {
            Aggregated::Covering(_) => None,
            Aggregated::Merging { declared, .. } => Some(declared),
        };
        let all = declared.into_iter().flatten();
        let able = all.filter(move |(_, it)| it.reach.contains(demand.0 as usize));
        able.map(|(leader, _)| *leader)
    }

    /// Whether this leader has.
    pub(super) fn is_able(&self, leader: UnitId, demand: Descriptor) -> bool {
        let Aggregated::Merging { declared, .. } = &self.state else {
            return false;
        };
        let declared = declared.get(&leader);
        declared.is_some_and(|it| it.reach.contains(demand.0 as usize))
    }

    /// Lets `act` change the state, and says what that changes of the summary.
    fn changing(&mut self, act: impl FnOnce(&Catalogue, &mut Aggregated)) -> SummaryChange {
        let before = self.state.hulls();
        let told = self.state.covering();
        act(&self.catalogue, &mut self.state);
        let (after, tells) = (self.state.hulls(), self.state.covering());
        let mut change = SummaryChange::between(&told, &tells);
        if self.merges() {
            change = SummaryChange {
                added: self.runs(after.difference(&before)).into_iter().collect(),
                removed: self.runs(before.difference(&after)).into_iter().collect(),
            };
        }
        change
    }
}

impl Aggregated {
    /// The hulls that are told.
    fn hulls(&self) -> BTreeSet<Constraint> {
        match self {
            Self::Covering(_) => BTreeSet::new(),
            Self::Merging { summary, .. } => summary.summary().cloned().collect(),
        }
    }

    /// The offers that are told because no other covers them.
    fn covering(&self) -> Vec<Descriptor> {
        match self {
            Self::Covering(summary) => summary.summary().map(|id| Descriptor(id.0)).collect(),
            Self::Merging { .. } => Vec::new(),
        }
    }
}

/// The requests that match one of these hulls.
fn reach(catalogue: &Catalogue, hulls: &BTreeSet<Constraint>) -> FixedBitSet {
    let mut reach = FixedBitSet::with_capacity(catalogue.len() as usize);
    for demand in catalogue.asked() {
        let wanted = catalogue.list().get(ConstraintId(demand.0));
        if hulls.iter().any(|hull| hull.matches(wanted)) {
            reach.insert(demand.0 as usize);
        }
    }
    reach
}
