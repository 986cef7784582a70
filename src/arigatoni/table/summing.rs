//! A table whose leader may tell less than every offer: what it tells, and what subcolonies told that way.
//!
//! This module does *not* know how offers are summed up: `aggregate` does.

use super::aggregate::Aggregate;
use super::{RoutingTable, SummaryChange};
use crate::arigatoni::offers::Offers;
use crate::discovery::{Descriptor, GCU, Matcher};
use crate::unit::UnitId;

impl RoutingTable {
    /// The tables of a new broker, where `matcher` says what can be offered and how offers are summed up.
    pub(in crate::arigatoni) fn of(matcher: &impl Matcher) -> Self {
        Self {
            aggregate: Aggregate::new(matcher).map(Box::new),
            ..Self::new(matcher.count())
        }
    }

    /// Sums up what there is as `matcher` says; `leaders` are those of its subcolonies with their tables.
    pub(in crate::arigatoni) fn sum_up<'a>(
        &mut self,
        matcher: &impl Matcher,
        leaders: impl Iterator<Item = (UnitId, &'a Self)>,
    ) {
        let Some(mut aggregate) = Aggregate::new(matcher) else {
            return;
        };
        let change = SummaryChange {
            added: self.offered().collect(),
            removed: Offers::default(),
        };
        aggregate.offers_changed(&change);
        for (leader, table) in leaders {
            if let Some(colony) = &table.aggregate {
                aggregate.declare_summary(leader, colony);
            }
        }
        self.aggregate = Some(Box::new(aggregate));
    }

    /// Sums up what there is as `other` does, unless that merges.
    pub(in crate::arigatoni) fn sum_up_like(&mut self, other: &Self) {
        self.aggregate.clone_from(&other.aggregate);
        let added = self.offered().collect();
        if let Some(aggregate) = &mut self.aggregate {
            aggregate.clear();
            aggregate.offers_changed(&SummaryChange {
                added,
                removed: Offers::default(),
            });
        }
    }

    /// Whether subcolonies declare hulls, which depend on the order in which offers came.
    pub(in crate::arigatoni) fn merges(&self) -> bool {
        let aggregate = self.aggregate.as_ref();
        aggregate.is_some_and(|it| it.merges())
    }

    /// The leaders of subcolonies that have declared hulls, and these.
    pub(in crate::arigatoni) fn merged(&self) -> impl Iterator<Item = (UnitId, Vec<Descriptor>)> {
        self.aggregate.iter().flat_map(|it| it.declared())
    }

    /// How many entries there are, hulls included.
    pub fn len(&self) -> usize {
        let hulls = self.aggregate.as_ref().map_or(0, |it| it.entries());
        self.entries.len() + hulls
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The leaders of subcolonies that have declared hulls which match `demand`, ascending. They have no entries.
    #[inline]
    pub(in crate::arigatoni) fn merged_with(
        &self,
        demand: Descriptor,
    ) -> impl Iterator<Item = UnitId> {
        let aggregate = self.aggregate.iter();
        aggregate.flat_map(move |it| it.leaders(demand))
    }

    /// Whether `leader` is one of them.
    #[inline]
    pub(in crate::arigatoni) fn is_merged_with(&self, leader: UnitId, demand: Descriptor) -> bool {
        let aggregate = self.aggregate.as_ref();
        aggregate.is_some_and(|it| it.is_able(leader, demand))
    }

    /// Whether `unit` declares hulls.
    pub(super) fn has_hulls(&self, unit: UnitId) -> bool {
        unit.kind() != GCU && self.merges()
    }

    /// What a change of the offers with an entry changes of the summary.
    pub(super) fn told(&mut self, change: SummaryChange) -> SummaryChange {
        match &mut self.aggregate {
            None => change,
            Some(aggregate) => aggregate.offers_changed(&change),
        }
    }
}
