//! The invariants of an overlay at rest: each is seen to be broken.

use super::*;
use crate::arigatoni::invariants::{Overlay, invariants};
use crate::arigatoni::policy::{Policy as _, Tunnel};
use crate::arigatoni::tunnels::Tunnels;
use crate::system::violations;

/// GCU 1, which offers [`DEMAND`], under GBU 1, which is under GBU 0, which also leads GCU 0.
struct Small {
    given: Given<Drawn>,
    gcus: [Gcu; 2],
    gbus: [Gbu; 2],
}

impl Small {
    fn new() -> Self {
        let colony = |members: &[UnitId]| {
            let mut table = RoutingTable::new(8);
            for &member in members {
                table.register(member, &[DEMAND]);
            }
            table
        };
        Self {
            given: given(rules()),
            gcus: [Gcu::new(gbu(0)), Gcu::new(gbu(1))],
            gbus: [
                Gbu::new(None, colony(&[gcu(0), gbu(1)])),
                Gbu::new(Some(gbu(0)), colony(&[gcu(1)])),
            ],
        }
    }

    /// GBU `id` with another table.
    fn with_table(mut self, id: u32, change: impl FnOnce(&mut RoutingTable)) -> Self {
        let broker = &mut self.gbus[id as usize];
        let mut table = broker.table().clone();
        change(&mut table);
        *broker = Gbu::new(broker.super_broker(), table);
        self
    }

    fn tell_gcu(mut self, id: u32, input: Input<ArigatoniProtocol>) -> Self {
        let unit = &mut self.gcus[id as usize];
        effects_at(0, gcu(id), |context| {
            unit.handle(&self.given, input, context);
        });
        self
    }

    fn tell_gbu(mut self, id: u32, input: Input<ArigatoniProtocol>) -> Self {
        let unit = &mut self.gbus[id as usize];
        effects_at(0, gbu(id), |context| {
            unit.handle(&self.given, input, context);
        });
        self
    }

    /// The invariants that are broken, where units live of which `lives` says so.
    fn broken_of(&self, lives: &dyn Fn(UnitId) -> bool, suspects: bool) -> Vec<&'static str> {
        let overlay = Overlay {
            gcus: &self.gcus,
            gbus: &self.gbus,
            lives,
            offers: &|_, _| vec![DEMAND],
            suspects,
            heals: !suspects,
            migrates: false,
            recovery: None,
            tunnel: &|unit| self.given.policy.tunnel(unit),
            is_expelled: &|_| false,
        };
        let broken = violations(&invariants(), &overlay);
        broken.into_iter().map(|violation| violation.name).collect()
    }

    fn broken(&self) -> Vec<&'static str> {
        self.broken_of(&|_| true, false)
    }
}

#[test]
fn an_overlay_at_rest_breaks_nothing() {
    assert_eq!(Small::new().broken(), Vec::<&str>::new());
}

#[test]
fn what_is_left_over_is_found() {
    let issue = Input::Command(Command::Issue {
        request: REQUEST,
        demand: DEMAND,
        instances: 1,
    });
    let leave = || Input::Command(Command::Leave);
    for (small, broken) in [
        (Small::new().tell_gcu(0, issue), "requests"),
        (Small::new().tell_gcu(0, from(gbu(0), query(1, 0))), "slots"),
        (
            Small::new().tell_gbu(0, from(gcu(0), query(1, 0))),
            "searches",
        ),
        (Small::new().tell_gcu(0, leave()), "leavers"),
        (Small::new().tell_gbu(1, leave()), "leavers"),
    ] {
        assert_eq!(small.broken(), [broken]);
        assert_eq!(
            small.broken_of(&|_| false, false),
            Vec::<&str>::new(),
            "of the dead"
        );
    }
}

/// One that waits until it may leave the end of its tunnel has something pending; if nobody is there any more it is no matter.
#[test]
fn a_member_at_the_end_of_a_tunnel_that_it_was_told_to_close_is_found() {
    let mut small = Small::new();
    let tunnel = Tunnel {
        leader: gbu(0),
        friend: None,
        besides: true,
        at_first: true,
    };
    small.given.rules.borders.tunnels = true;
    small.given.policy.tunnels = Some(Arc::new(Tunnels::of_one(gcu(1), tunnel)));
    let serving = small.tell_gcu(1, from(gbu(0), query(1, 0)));
    assert_eq!(serving.broken(), ["slots"]);
    let shut = serving.tell_gcu(1, Input::Command(Command::CloseTunnel));
    assert_eq!(shut.broken(), ["slots", "leavers"]);
    assert_eq!(shut.broken_of(&|unit| unit != gbu(0), false), ["slots"]);
}

#[test]
fn a_table_that_does_not_tell_what_is_below_it_is_found() {
    let other = [Descriptor(5)];
    let wrong = Small::new().with_table(1, |table| _ = table.register(gcu(1), &other));
    assert_eq!(wrong.broken(), ["tables", "direct"]);
    let stale = Small::new().with_table(0, |table| _ = table.update(gbu(1), &other, &[]));
    assert_eq!(stale.broken(), ["tables", "direct"]);
    let strangers = Small::new().with_table(0, |table| _ = table.register(gcu(1), &[DEMAND]));
    assert_eq!(strangers.broken(), ["members-believe"]);
    let unlisted = Small::new().with_table(0, |table| _ = table.strike(gcu(0)));
    assert_eq!(unlisted.broken(), ["members-listed"]);
    assert_eq!(
        unlisted.broken_of(&|_| true, true),
        Vec::<&str>::new(),
        "it was suspected"
    );
}

#[test]
fn brokers_that_lead_each_other_are_found() {
    let mut ring = Small::new();
    ring.gbus[0] = Gbu::new(Some(gbu(1)), ring.gbus[0].table().clone());
    let ring = ring.with_table(1, |table| _ = table.register(gbu(0), &[DEMAND]));
    assert_eq!(ring.broken(), ["forest"]);
}
