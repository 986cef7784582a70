//! Whatever happens, every request ends once, nothing stays open, and how a run is made does not show.

use arigatoni::discovery::config::{Config, DisconnectionMode};
use arigatoni::parameters::law::LawSpec;
use arigatoni::parameters::number::{Count, Fraction, NonNegative};
use arigatoni::random::RandomStreams;
use arigatoni::rivals::{Central, Chord, Finder, Flooding, RandomWalk, Synapse, System};
use arigatoni::simulation::network::{Conditions, Fidelity};
use arigatoni::simulation::{self, Decomposition, Run, Setting};
use arigatoni::system::{self, Model};

use super::{parameters, run};
use crate::support::{export, metric, t100};

/// After a run no request is open, and no slot is held.
fn nothing_is_left<F: Finder>(config: &Config<F::Config>) -> Run<System<F>> {
    let run = run::<F>(config, Fidelity::Path);
    for (node, id) in run.system.gcus().iter().zip(0..) {
        let left = node.asking.open_count() + node.serving.count();
        assert_eq!(left, 0, "{}: gcu/{id} {node:?}", F::NAME);
    }
    run
}

/// How many requests are accepted.
fn everything_ends<F: Finder>(config: &Config<F::Config>) -> f64 {
    let run = nothing_is_left::<F>(config);
    let accepted = metric(&run, "accepted").unwrap();
    let connected = metric(&run, "issued_connected").unwrap();
    assert!(accepted <= connected, "{}: {accepted}", F::NAME);
    accepted
}

/// Of 200 computers on the rings of Synapse that is told of nobody, 60 % of whom have crashed, a query finds one
/// list in thirty (as does a program that knows nothing of this one): of 159 requests none may be accepted.
fn everything_ends_everywhere<F: Finder>() {
    for mode in [DisconnectionMode::Unregister, DisconnectionMode::Crash] {
        for (rate, instances, slots) in [(0.0, 1, None), (0.4, 2, Some(Count(1))), (0.6, 1, None)] {
            let mut config = parameters::<F>(rate, instances, mode);
            config.world.slots = slots;
            config.world.services.density = Some(Fraction(0.05));
            let accepted = everything_ends::<F>(&config);
            let is_lost =
                F::NAME == Synapse::NAME && (rate, mode) == (0.6, DisconnectionMode::Crash);
            assert!(
                accepted > 0.0 || is_lost,
                "{} at {rate} by {mode:?}",
                F::NAME
            );
        }
    }
}

/// The same where computers draw their offers anew, and give several instances each.
fn everything_ends_where_offers_change<F: Finder>() {
    let mut config = parameters::<F>(0.2, 4, DisconnectionMode::Unregister);
    config.world.services.change = Some(LawSpec::Constant(NonNegative(3.0)));
    config.world.services.instances = Count(3);
    config.world.services.density = Some(Fraction(0.05));
    config.world.requests.distinct = false;
    config.world.requests.at_least = Some(Count(2));
    config.world.slots = Some(Count(2));
    assert!(everything_ends::<F>(&config) > 0.0, "{}", F::NAME);
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn changing_offers_leave_nothing_behind() {
    everything_ends_where_offers_change::<Central>();
    everything_ends_where_offers_change::<Flooding>();
    everything_ends_where_offers_change::<RandomWalk>();
    everything_ends_where_offers_change::<Chord>();
}

/// Packets that are lost and doubled end no request twice, and keep none open.
fn survives_a_rough_network<F: Finder>() {
    for mode in [DisconnectionMode::Unregister, DisconnectionMode::Crash] {
        let conditions = Conditions {
            loss: Fraction(0.1),
            duplicate: Fraction(0.2),
            ..Fidelity::Path.into()
        };
        let run = run::<F>(&parameters::<F>(0.2, 2, mode), conditions);
        let open = |node: &&arigatoni::rivals::Node<F>| node.asking.open_count() > 0;
        assert_eq!(run.system.gcus().iter().filter(open).count(), 0);
        assert!(metric(&run, "accepted").unwrap() > 0.0, "{}", F::NAME);
    }
}

/// Who is taken for gone too soon agrees all the same: what nobody waits for any more is released.
fn haste_leaves_nothing_behind<F: Finder>() {
    let mut config = parameters::<F>(0.0, 2, DisconnectionMode::Crash);
    config.world.slots = Some(Count(1));
    config.world.services.density = Some(Fraction(0.2));
    config.world.disconnection.timeout_ms.0 = 40.0;
    config.world.requests.deadline_ms.0 = 300.0;
    nothing_is_left::<F>(&config);
}

/// Threads and the fidelity change nothing.
fn how_it_is_made_does_not_show<F: Finder>() {
    let config = parameters::<F>(0.3, 2, DisconnectionMode::Crash);
    let whole = run::<F>(&config, Fidelity::Path);
    let hop = run::<F>(&config, Fidelity::Hop);
    assert_eq!(hop.totals, whole.totals, "{}", F::NAME);
    let streams = RandomStreams::new(7, 0);
    let built = System::<F>::build(t100(), &config, streams).unwrap();
    let decomposition = Decomposition::of(&built, t100(), 3).unwrap();
    let divisible = <System<F> as system::System>::divisible().unwrap();
    let conditions = Fidelity::Path.into();
    let setting = Setting::of(t100(), streams, &conditions);
    let apart = simulation::run_divided(built, setting, &decomposition, &divisible).unwrap();
    assert_eq!(apart.totals, whole.totals, "{}", F::NAME);
    let report = |run: &simulation::Run<System<F>>| {
        system::Observed::report(&run.system, &run.measures, run.totals)
    };
    assert_eq!(report(&apart), report(&whole));
    assert_eq!(
        export(t100(), &apart, "requests"),
        export(t100(), &whole, "requests")
    );
}

macro_rules! every_rival {
    ($($name:ident: $rival:ty),* $(,)?) => {$(
        mod $name {
            use super::*;

            #[test]
            #[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
            fn everything_ends() {
                everything_ends_everywhere::<$rival>();
            }

            #[test]
            #[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
            fn a_rough_network_is_survived() {
                survives_a_rough_network::<$rival>();
            }

            #[test]
            #[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
            fn haste_leaves_nothing_behind() {
                super::haste_leaves_nothing_behind::<$rival>();
            }

            #[test]
            #[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
            fn how_a_run_is_made_does_not_show() {
                how_it_is_made_does_not_show::<$rival>();
            }
        }
    )*};
}

every_rival! {
    central: Central,
    flooding: Flooding,
    random_walk: RandomWalk,
    chord: Chord,
    synapse: Synapse,
}
