//! Adequacy both ways for what units do by themselves: they find out that others have failed, rightly or wrongly, and open and close
//! tunnels as they come and go.

use serde_json::{Value, json};

use super::both_ways::{World, misled, note, on, without};
use super::planted::heartbeats;
use super::*;
use crate::calculus::{Label, Rule};
use crate::discovery::{Communities, Observation};
use crate::system::{Follower, Happened, Violation};
use crate::unit::UnitId;

/// Follows as [`Communities`] does, and notes who deserts a leader that has failed: no label is applied then, as it is silent.
pub(super) struct Noting(Communities);

impl Noting {
    pub(super) fn new(communities: Communities) -> Self {
        Self(communities)
    }
}

type Happening<'i> = Happened<'i, <Arigatoni as Model>::Protocol>;

impl Follower<Arigatoni> for Noting {
    fn first(&mut self, system: &Arigatoni) -> u32 {
        self.0.first(system)
    }

    fn after(
        &mut self,
        state: u32,
        (unit, happened): (UnitId, Happening<'_>),
        said: &[Observation],
    ) -> Result<u32, Violation> {
        for said in said {
            if let Observation::Suspected { unit: leader } = said {
                let community = self.0.community(state);
                let names = [unit, *leader].map(crate::discovery::name);
                let deserts = Label::new(Rule::Desert, &[&names[0], &names[1]]);
                if community.check(&deserts).is_ok() {
                    note(community.clone(), deserts);
                }
            }
        }
        let what = (unit, happened);
        Follower::<Arigatoni>::after(&mut self.0, state, what, said)
    }

    fn at_rest(
        &self,
        state: u32,
        system: &Arigatoni,
        lives: &dyn Fn(UnitId) -> bool,
    ) -> Option<Violation> {
        self.0.at_rest(state, system, lives)
    }

    fn bytes(&self) -> u64 {
        Follower::<Arigatoni>::bytes(&self.0)
    }
}

fn worlds() -> Vec<World> {
    let timers = |timers| Faults {
        timers,
        ..Faults::default()
    };
    let crash = |faults| Faults {
        crashes: 1,
        ..faults
    };
    let visit = Faults {
        leaves: 1,
        joins: 1,
        ..Faults::default()
    };
    let tunnels = |mut other: Value, kind: &str| {
        other["tunnels"] = json!({"share": 0.34, "kind": kind});
        other
    };
    vec![
        on(
            "pair",
            heartbeats(),
            (
                crash(timers(2)),
                &[Rule::Fail, Rule::Strike, Rule::Desert],
                &["strike for disappear"],
            ),
        ),
        on(
            "pair",
            heartbeats(),
            (timers(2), &[Rule::Fire], &["fire for cut"]),
        ),
        on(
            "domains",
            tunnels(heartbeats(), "clone"),
            (timers(2), &[Rule::Cut], &["fire for cut"]),
        ),
        on(
            "domains",
            tunnels(json!({}), "clone"),
            (visit, &[Rule::Close, Rule::Clone], &["clone for close"]),
        ),
        on(
            "domains",
            tunnels(json!({}), "friend"),
            (
                visit,
                &[Rule::Close, Rule::Cut, Rule::Friend],
                &["fire for cut"],
            ),
        ),
    ]
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn what_the_rules_allow_units_do_by_themselves() {
    let without = without(&worlds());
    for premise in [
        "strike without faulty(A)",
        "desert without faulty(B)",
        "fire without member(x, B)",
        "cut without tunnel(x, B)",
        "close without tunnel(x, B)",
    ] {
        assert!(without.iter().any(|it| it == premise), "{without:?}");
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn what_units_do_by_themselves_cannot_be_followed_by_wrong_rules() {
    misled(worlds());
}
