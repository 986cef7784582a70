//! Tunnels that open and close while requests run: which ones a unit can have, where rules are drawn.
//!
//! It does *not* know what a tunnel is to a unit.

use std::collections::{BTreeMap, BTreeSet};

use crate::calculus::{Community, Label, Name, Rule, State};

/// A unit has one tunnel in a run, which closes and opens again. It leads to a colony of which the unit is no member at any time,
/// and a friend has none itself.
pub(super) struct Openings {
    /// How each unit that has, or has had, a tunnel opens it.
    all: BTreeMap<Name, Label>,
    friends: BTreeSet<Name>,
    /// The units that have only a tunnel when requests begin.
    alone: BTreeSet<Name>,
    /// Pairs of a unit and a colony's leader, of which the unit has been a member.
    members: BTreeSet<(Name, Name)>,
}

impl Openings {
    /// Those of `community` as the requests begin; in the `complete` overlay everybody has a first leader.
    pub(super) fn of(community: &Community, complete: &Community) -> Self {
        let mut openings = Self {
            all: BTreeMap::new(),
            friends: BTreeSet::new(),
            alone: BTreeSet::new(),
            members: BTreeSet::new(),
        };
        for of in [complete, community] {
            for (name, individual) in of.individuals() {
                if let Some(leader) = &individual.leader {
                    openings.members.insert((name.clone(), leader.clone()));
                }
            }
        }
        for ((x, to), friend) in community.tunnels() {
            let label = match friend {
                Some(friend) => Label::new(Rule::Friend, &[x, to, friend]),
                None => Label::new(Rule::Clone, &[x, to]),
            };
            if community.leader(x).is_none() {
                openings.alone.insert(x.clone());
            }
            openings.applied(&label);
        }
        openings
    }

    /// Whether `x` has a tunnel, or has had one.
    pub(super) fn has(&self, x: &Name) -> bool {
        self.all.contains_key(x)
    }

    /// How `x` opens the tunnel that it has had, if it can by `rule`.
    pub(super) fn again(&self, x: &Name, rule: Rule) -> Option<&Label> {
        let label = self.all.get(x)?;
        (label.rule() == rule && !self.alone.contains(x)).then_some(label)
    }

    /// Whether units can do in `community` what `label` says, as far as tunnels tell.
    pub(super) fn allow(&self, label: &Label, community: &Community) -> bool {
        let names = label.names();
        let (x, last) = (&names[0], &names[names.len() - 1]);
        match label.rule() {
            Rule::Friend | Rule::Clone => {
                let ends = (x.clone(), names[1].clone());
                let is_friends = label.rule() == Rule::Friend && self.all.contains_key(last);
                !is_friends && !self.friends.contains(x) && !self.members.contains(&ends)
            }
            // The dead are told nothing.
            Rule::Close => {
                let lives = community.get(x).is_some_and(|it| it.state != State::Faulty);
                lives && !self.alone.contains(x)
            }
            Rule::Join | Rule::Register | Rule::Migrate | Rule::Move => {
                let tunnel = self.all.get(x);
                tunnel.is_none_or(|it| it.names()[1] != *last)
            }
            _ => true,
        }
    }

    /// `label` is applied.
    pub(super) fn applied(&mut self, label: &Label) {
        let names = label.names();
        let (x, last) = (&names[0], &names[names.len() - 1]);
        match label.rule() {
            Rule::Friend | Rule::Clone => {
                if label.rule() == Rule::Friend {
                    self.friends.insert(last.clone());
                }
                self.all.insert(x.clone(), label.clone());
            }
            Rule::Join | Rule::Register | Rule::Migrate | Rule::Move => {
                self.members.insert((x.clone(), last.clone()));
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tunnel_of_a_broker_closes_unless_that_has_failed() {
        let mut community = Community::parse("B0@d1[ B1[] ] | B4@d2[] | B1 => B4").unwrap();
        let openings = Openings::of(&community, &community);
        let closes = Label::parse("close B1 B4").unwrap();
        for (label, allows) in [("fail B1", false), ("restart B1", true), ("fail B4", true)] {
            community.change(&Label::parse(label).unwrap()).unwrap();
            assert!(community.check(&closes).is_ok(), "{label}: {community}");
            assert_eq!(openings.allow(&closes, &community), allows, "{label}");
        }
    }
}
