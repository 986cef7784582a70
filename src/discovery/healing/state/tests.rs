//! What is read of a unit that several leaders list, or whose packets come late.

use super::*;
use crate::discovery::{BrokerUnits, Population, config, gcu};
use crate::random::RandomStreams;

const AT: Span = Span::from_s(1);

/// GBU 0 with GCU 0. Other brokers are only named.
fn world() -> World {
    let mut population = Population::default();
    population.add(0, [1].into_iter());
    let (config, streams) = (config::World::default(), RandomStreams::new(1, 0));
    World::of_one_broker(config, BrokerUnits::Every, population, streams)
}

fn begun(leader: u32, listing: &[u32]) -> Begun {
    let listed = listing.iter().map(|&broker| (gbu(broker), vec![gcu(0)]));
    Begun::of(Memberships {
        believed: [(gcu(0), Some(gbu(leader))), (gbu(0), None)].into(),
        listed: listed.collect(),
        ..Memberships::default()
    })
}

#[test]
fn a_unit_is_where_it_says_when_requests_begin() {
    let world = world();
    let new = |begun: &Begun| ObservedOverlay::new(&world, Some(begun), &|_, _| false);
    assert!(!new(&begun(1, &[1])).is_broken());
    assert_eq!(new(&begun(1, &[0])).strayed(), 1);
    // Its first leader lists it still, until it finds out.
    let mut state = new(&begun(1, &[0, 1]));
    assert!(state.is_broken() && state.strayed() == 0);
    state.take(AT, Fact::Moved(gbu(0), gcu(0)));
    assert!(!state.is_broken());
    // Each part of a run knows its own units.
    let mut parts = begun(1, &[]);
    parts.merge(Begun::of(Memberships {
        believed: [(gcu(0), None)].into(),
        listed: [(gbu(1), vec![gcu(0)])].into(),
        ..Memberships::default()
    }));
    assert!(!new(&parts).is_broken());
}

/// The parts of a divided run are merged in any order.
#[test]
fn who_is_listed_by_several_belongs_to_the_one_in_which_it_believes() {
    let world = world();
    for order in [[1, 2, 3], [3, 2, 1], [2, 3, 1], [1, 3, 2]] {
        let mut parts = begun(2, &[]);
        for broker in order {
            parts.merge(Begun::of(Memberships {
                listed: [(gbu(broker), vec![gcu(0)])].into(),
                ..Memberships::default()
            }));
        }
        let mut state = ObservedOverlay::new(&world, Some(&parts), &|_, _| false);
        // It goes to GBU 4, which it has left again when that one enters it.
        for fact in [Fact::Entered(gbu(4), gcu(0)), Fact::Moved(gbu(4), gcu(0))] {
            state.take(AT, fact);
        }
        for stale in [1, 3] {
            state.take(AT, Fact::Lost(gbu(stale), gcu(0)));
        }
        assert!(!state.is_broken(), "{order:?}: {:?}", state.complaints());
    }
}

/// It has gone to GBU 1, and its registration with GBU 2 has come after that.
#[test]
fn who_says_that_it_is_elsewhere_belongs_to_the_one_that_lists_it() {
    let world = world();
    let after = |last: Fact| {
        let mut state = ObservedOverlay::new(&world, None, &|_, _| false);
        let [first, new, late] = [0, 1, 2].map(gbu);
        let facts = [
            Fact::Entered(new, gcu(0)),
            Fact::Moved(first, gcu(0)),
            Fact::Entered(late, gcu(0)),
            last,
        ];
        for fact in facts {
            state.take(AT, fact);
        }
        state
    };
    assert!(!after(Fact::Moved(gbu(2), gcu(0))).is_broken());
    // Who is struck may be right to believe in the one that has struck it.
    assert!(after(Fact::Lost(gbu(2), gcu(0))).is_broken());
}
