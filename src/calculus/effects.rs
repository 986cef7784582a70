//! The effects of rules: how each changes a community in which its premises hold.
//!
//! It does *not* check premises.

use super::community::{Community, State, pair};
use super::name::Name;

impl Community {
    fn put(&mut self, name: &Name, state: State) {
        if let Some(individual) = self.individuals.get_mut(name) {
            individual.state = state;
        }
    }

    /// Ends the tunnels whose friend is no member of the colony any more, and those of its members.
    fn prune(&mut self) {
        let individuals = &self.individuals;
        let leader = |name: &Name| individuals.get(name).and_then(|it| it.leader.as_ref());
        self.tunnels.retain(|(from, to), friend| {
            leader(from) != Some(to)
                && friend
                    .as_ref()
                    .is_none_or(|friend| leader(friend) == Some(to))
        });
    }

    /// The members of the colony of `broker`.
    fn led_by(&self, broker: &Name) -> Vec<Name> {
        let all = self.individuals.iter();
        let led = all.filter(|(_, it)| it.leader.as_ref() == Some(broker));
        led.map(|(name, _)| name.clone()).collect()
    }
}

/// `x` becomes a member of `B`.
pub(super) fn enter(community: &mut Community, names: &[Name]) {
    community.put_leader(&names[0], Some(names[1].clone()));
}

/// `x` becomes a member of `B`, and takes its domain.
pub(super) fn immigrate(community: &mut Community, names: &[Name]) {
    enter(community, names);
    let domain = community.individuals.get(&names[1]);
    let domain = domain.map(|it| it.domain.clone()).unwrap_or_default();
    if let Some(individual) = community.individuals.get_mut(&names[0]) {
        individual.domain = domain;
    }
}

/// `x` goes from `A` to `B`, and takes its domain.
pub(super) fn change_colony(community: &mut Community, names: &[Name]) {
    immigrate(community, &[names[0].clone(), names[2].clone()]);
}

/// `x` becomes free.
pub(super) fn free(community: &mut Community, names: &[Name]) {
    community.put_leader(&names[0], None);
}

/// `x` becomes free whatever is pending.
pub(super) fn expel(community: &mut Community, names: &[Name]) {
    free(community, names);
    if community.state(&names[0]) == State::Busy {
        community.put(&names[0], State::Idle);
    }
    community.prune();
}

pub(super) fn link(community: &mut Community, names: &[Name]) {
    community.links.insert(pair(&names[0], &names[1]));
}

pub(super) fn unlink(community: &mut Community, names: &[Name]) {
    community.links.remove(&pair(&names[0], &names[1]));
}

/// `x` gets a tunnel to `B`, by a friend if there is one.
pub(super) fn tunnel(community: &mut Community, names: &[Name]) {
    let ends = (names[0].clone(), names[1].clone());
    community.tunnels.insert(ends, names.get(2).cloned());
}

pub(super) fn close(community: &mut Community, names: &[Name]) {
    let ends = (names[0].clone(), names[1].clone());
    community.tunnels.remove(&ends);
}

pub(super) fn begin(community: &mut Community, names: &[Name]) {
    community.put(&names[0], State::Busy);
}

pub(super) fn end(community: &mut Community, names: &[Name]) {
    community.put(&names[0], State::Idle);
}

pub(super) fn fail(community: &mut Community, names: &[Name]) {
    community.put(&names[0], State::Faulty);
}

/// `B` is as new, and its members are free.
pub(super) fn restart(community: &mut Community, names: &[Name]) {
    for member in community.led_by(&names[0]) {
        expel(community, &[member]);
    }
    community.put(&names[0], State::Idle);
    expel(community, &names[..1]);
}

pub(super) fn disappear(community: &mut Community, names: &[Name]) {
    community.individuals.remove(&names[0]);
}

/// `A` takes the place of `B`: the other members of `B` become those of `A`, and `B` becomes free.
pub(super) fn elect(community: &mut Community, names: &[Name]) {
    let [elected, leader] = [&names[0], &names[1]];
    let above = community.leader(leader).cloned();
    for member in community.led_by(leader) {
        community.put_leader(&member, Some(elected.clone()));
    }
    community.put_leader(elected, above);
    community.put_leader(leader, None);
    community.prune();
}
