//! Adequacy both ways, in runs: what the rules allow is done by units that a script with times tells so. In small worlds each
//! label is tried in each community that a short script makes.

use serde_json::json;

use super::both_ways::{Seen, noted, take_seen};
use super::*;
use crate::calculus::{Community, Label, Name, Rule, State};
use crate::discovery::config::RatesPerS;
use crate::discovery::{self, Communities, Mechanism as _};
use crate::error::Result;
use crate::simulation::{self, Rest, Setting, network::Fidelity};
use crate::unit::UnitId;

/// What a script can tell units while requests run, in the order of the rules.
fn told() -> [Rule; 14] {
    let mut rules = RatesPerS::rules();
    rules.sort_unstable();
    rules
}

/// A small world in which nobody asks while the script runs, and nobody finds out meanwhile that others have failed.
struct World {
    network: &'static str,
    /// What has been done before the requests.
    first: Vec<String>,
    elects: bool,
    seed: u64,
}

impl World {
    fn new(network: &'static str, first: &[&str]) -> Self {
        let first = first.iter().map(|&label| label.to_owned()).collect();
        Self {
            network,
            first,
            elects: false,
            seed: 1,
        }
    }

    /// The parameters of the world in which these labels follow each other while requests run, a second apart.
    fn config(&self, timed: &[Label]) -> Config {
        let timed = timed.iter().zip(1..);
        let timed = timed.map(|(label, at)| format!("{at}s {label}"));
        let script: Vec<String> = self.first.iter().cloned().chain(timed).collect();
        configured(&json!({
            "detection": {"heartbeat_ms": 30_000, "timeout_ms": 30_000, "misses": 1},
            "return_ms": 30_000,
            "election": self.elects,
            "requests": {"count": 1, "interarrival": 600},
            "overlay": {"script": script},
        }))
    }

    /// The labels that are observed, each with the community that it changes, in such a run.
    fn seen(&self, timed: &[Label]) -> Result<Seen> {
        let streams = RandomStreams::new(self.seed, 0);
        let underlay = underlay(self.network);
        let system = Arigatoni::build(&underlay, &self.config(timed), streams)?;
        let mut watcher = discovery::watcher(&system, noted).unwrap();
        take_seen();
        let whole = Fidelity::Path.into();
        let setting = Setting::of(&underlay, streams, &whole);
        let (run, Rest { dead, unrest }) =
            simulation::run_to_rest(system, setting, 1_000_000, |_| &mut *watcher);
        assert_eq!(unrest, None, "{timed:?}");
        let strays = watcher.strays(&run.system, &|unit| !dead.contains(&unit));
        assert_eq!(strays, None, "{timed:?}");
        Ok(take_seen())
    }

    /// The overlay when requests begin.
    fn begun(&self) -> Community {
        let streams = RandomStreams::new(1, 0);
        let system = Arigatoni::build(&underlay(self.network), &self.config(&[]), streams);
        Communities::begun(&system.unwrap())
    }
}

/// A community, and a script that makes it.
type Made = (Vec<Label>, Community);

/// What `label` makes of a community, as units have it: a unit stays in the domain of its router.
fn after(community: &Community, label: &Label) -> Community {
    let mut next = community.apply(label).unwrap();
    if matches!(label.rule(), Rule::Migrate | Rule::Move) {
        let unit = &label.names()[0];
        next.put_domain(unit, community.get(unit).unwrap().domain.clone());
    }
    next
}

/// The communities that scripts of `labels` labels make of `first`, each by a shortest one. After `restart` a
/// community changes further, by what units do by themselves. Where there are several domains, units stay in that
/// of their router after `migrate` and `move`; the script is checked by the rules, so it does not go on.
fn made(first: Community, labels: usize, several_domains: bool) -> Vec<Made> {
    let mut all: Vec<Made> = vec![(Vec::new(), first)];
    let mut begin = 0;
    for _ in 0..labels {
        let end = all.len();
        for place in begin..end {
            let (script, community) = all[place].clone();
            for (label, _) in community.transitions(&told()) {
                let moves = matches!(label.rule(), Rule::Migrate | Rule::Move);
                if label.rule() == Rule::Restart || several_domains && moves {
                    continue;
                }
                if is_impossible(&label, &community, &all[0].1) {
                    continue;
                }
                let next = after(&community, &label);
                if all.iter().all(|(_, other)| *other != next) {
                    let script = script.iter().cloned().chain([label]).collect();
                    all.push((script, next));
                }
            }
        }
        begin = end;
    }
    all
}

/// Whether the page says that units cannot do this, in the `community` that a script makes of the `first` one.
fn is_impossible(label: &Label, community: &Community, first: &Community) -> bool {
    let names = label.names();
    let (one, last) = (&names[0], &names[names.len() - 1]);
    let both = || [community, first].into_iter();
    let leads = |of: &Community, one: &Name, other: &Name| of.leader(other) == Some(one);
    let are_joined =
        |one: &Name, other: &Name| both().any(|of| leads(of, one, other) || leads(of, other, one));
    let are_linked = |one: &Name, other: &Name| {
        let mut links = both().flat_map(Community::links);
        links.any(|(a, b)| [(a, b), (b, a)].contains(&(one, other)))
    };
    let tunnels = || both().flat_map(Community::tunnels);
    let has_tunnel = |name: &Name| tunnels().any(|((x, _), _)| x == name);
    let has_failed = |name: &Name| {
        community
            .get(name)
            .is_some_and(|it| it.state == State::Faulty)
    };
    match label.rule() {
        // The dead are told nothing.
        Rule::Register | Rule::Migrate | Rule::Move | Rule::Close if has_failed(one) => true,
        // They let nobody go either.
        Rule::Close if has_failed(last) => true,
        Rule::Link => are_joined(one, last) || has_tunnel(one) || has_tunnel(last),
        // Who leaves closes its tunnel first, and has none any more.
        Rule::Leave | Rule::Unregister => has_tunnel(one),
        Rule::Move if has_tunnel(one) => true,
        // Where colonies have tunnels brokers do not go elsewhere.
        Rule::Move if one.is_broker() && tunnels().any(|((x, _), _)| x.is_broker()) => true,
        Rule::Join | Rule::Register | Rule::Migrate | Rule::Move => {
            let mut ends = tunnels().map(|(ends, _)| ends);
            are_linked(one, last) || ends.any(|(x, to)| (x, to) == (one, last))
        }
        Rule::Friend | Rule::Clone => {
            let (to, via) = (&names[1], names.get(2));
            let other = |((x, end), friend): (&(Name, Name), Option<&Name>)| {
                x == one && (end, friend) != (to, via)
            };
            let depth = |of: &Name| {
                let up = |it: &Name| first.leader(it).cloned();
                std::iter::successors(Some(of.clone()), up).count()
            };
            let is_above = || depth(to) < depth(one);
            let is_possible = || is_above() && !are_linked(one, to) && !are_joined(one, to);
            community.leader(one).is_none()
                || tunnels().any(other)
                || tunnels().any(|(_, friend)| friend == Some(one))
                || via.is_some_and(has_tunnel)
                || first.leader(one) == Some(to)
                || one.is_broker() && !is_possible()
        }
        _ => false,
    }
}

/// Whether `label` was done in `community`. Who is told to move leaves first, and goes to the other colony then: both are
/// labels, and make of the community what the move does.
fn is_done(label: &Label, community: &Community, seen: &Seen) -> bool {
    let has =
        |community: &Community, label: &Label| seen.contains(&(community.clone(), label.clone()));
    if label.rule() != Rule::Move || has(community, label) {
        return has(community, label);
    }
    let [unit, from, to] = [0, 1, 2].map(|place| &label.names()[place]);
    let of_kind = |rules: [Rule; 2]| rules[usize::from(unit.is_broker())];
    let goes = Label::new(of_kind([Rule::Leave, Rule::Unregister]), &[unit, from]);
    let Ok(between) = community.apply(&goes) else {
        return false;
    };
    let comes = [of_kind([Rule::Join, Rule::Register]), Rule::Migrate];
    let comes = comes.map(|rule| Label::new(rule, &[unit, to]));
    has(community, &goes)
        && comes.iter().any(|comes| {
            let is_same =
                between.check(comes).is_ok() && after(&between, comes) == after(community, label);
            is_same && has(&between, comes)
        })
}

/// What is allowed in the communities of `world` and is not done; and how many labels there are of each rule.
fn undone(world: &World, labels: usize) -> (Vec<String>, Vec<(Rule, usize)>) {
    let first = world.begun();
    let mut undone = Vec::new();
    let mut counts: Vec<(Rule, usize)> = told().map(|rule| (rule, 0)).to_vec();
    for (script, community) in made(
        first.clone(),
        labels,
        matches!(world.network, "domains" | "chain"),
    ) {
        for (label, _) in community.transitions(&told()) {
            if is_impossible(&label, &community, &first) {
                continue;
            }
            let timed: Vec<Label> = script.iter().cloned().chain([label.clone()]).collect();
            let what = match world.seen(&timed) {
                Ok(seen) if is_done(&label, &community, &seen) => None,
                Ok(_) => Some("is not done".to_owned()),
                Err(error) => Some(error.to_string()),
            };
            undone.extend(what.map(|what| format!("{label} in {community}: {what}")));
            let count = counts.iter_mut().find(|(rule, _)| *rule == label.rule());
            count.unwrap().1 += 1;
        }
    }
    (
        undone,
        counts.into_iter().filter(|(_, it)| *it > 0).collect(),
    )
}

/// The rules by which something was done in the worlds.
fn all_done(worlds: &[(World, usize)]) -> Vec<Rule> {
    let (mut done, mut wrong) = (Vec::new(), Vec::new());
    for (world, labels) in worlds {
        let (undone, counts) = undone(world, *labels);
        wrong.extend(undone);
        done.extend(counts.into_iter().map(|(rule, _)| rule));
    }
    assert!(wrong.is_empty(), "{}: {wrong:#?}", wrong.len());
    done.sort_unstable();
    done.dedup();
    done
}

#[test]
fn what_a_script_may_say_units_do() {
    let worlds = [
        (World::new("pair", &[]), 0),
        (
            World::new(
                "domains",
                &["link B1 B2", "leave g1 B1", "unregister B2 B0"],
            ),
            0,
        ),
    ];
    let done = all_done(&worlds);
    assert!(
        done.contains(&Rule::Move) && done.contains(&Rule::Migrate),
        "{done:?}"
    );
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn what_a_script_may_say_units_do_after_others_have() {
    let worlds = [
        (World::new("star", &[]), 1),
        (World::new("line", &[]), 1),
        (World::new("pair", &[]), 1),
        (World::new("domains", &["link B1 B2"]), 1),
        (World::new("domains", &["friend g1 B2 g2"]), 1),
        (World::new("chain", &[]), 0),
        (World::new("chain", &["clone B2 B0"]), 0),
    ];
    assert_eq!(all_done(&worlds), told());
}

/// Tunnels open and close with their units and friends.
#[test]
fn tunnels_do_what_the_rules_allow() {
    let text = |text: &str| Label::parse(text).unwrap();
    let tunnels = [
        ("domains", "clone g1 B2", &["leave g1 B1", "join g1 B1"][..]),
        ("domains", "friend g1 B2 g2", &["leave g1 B1", "join g1 B1"]),
        ("domains", "clone g1 B2", &["fail B2", "restart B2"]),
        (
            "chain",
            "clone B2 B0",
            &["unregister B2 B1", "migrate B2 B1"],
        ),
        (
            "chain",
            "friend B2 B0 g0",
            &["unregister B2 B1", "migrate B2 B1"],
        ),
    ];
    for (network, opens, script) in tunnels {
        let world = World::new(network, &[opens]);
        let first = world.begun();
        let timed: Vec<Label> = script.iter().map(|it| text(it)).collect();
        let seen = world.seen(&timed).unwrap();
        let opens = text(opens);
        let ends = &opens.names()[..2];
        let [one, other] = [&ends[0], &ends[1]];
        // The unit closes it when it leaves; if the leader fails, it is cut.
        let is_own = timed[0].names()[0] == *one;
        let closes = if is_own { Rule::Close } else { Rule::Cut };
        let closes = Label::new(closes, &[one, other]);
        let at_once = timed[0].rule() != Rule::Fail;
        let closed = seen.iter().filter(|(_, label)| *label == closes);
        let closed: Vec<_> = closed.map(|(before, _)| before).collect();
        assert_eq!(closed.len(), 1, "{opens} {script:?} {closed:?}");
        assert_eq!(*closed[0] == first, at_once, "{opens} {script:?}");
        // It opens again where it was closed.
        let mut opened = seen.iter().filter(|(_, label)| *label == opens);
        assert!(opened.next().is_some(), "{opens} {script:?} {seen:#?}");
    }
}

/// In the place of a leader that has failed one is elected whom the rules allow.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn one_that_may_be_elected_is_elected() {
    let mut world = World {
        elects: true,
        ..World::new("star", &[])
    };
    let fails = Label::parse("fail B0").unwrap();
    let failed = after(&world.begun(), &fails);
    let all = failed.transitions(&[Rule::Elect]).into_iter();
    let all: Vec<Label> = all.map(|(label, _)| label).collect();
    let mut elected = Vec::new();
    for seed in 1..=20 {
        world.seed = seed;
        let seen = world
            .seen(std::slice::from_ref(&fails))
            .unwrap()
            .into_iter();
        let seen = seen.filter(|(community, _)| *community == failed);
        elected.extend(
            seen.filter(|(_, label)| label.rule() == Rule::Elect)
                .map(|(_, label)| label),
        );
    }
    assert!(!elected.is_empty());
    assert!(elected.iter().all(|it| all.contains(it)), "{elected:?}");
}

/// Where the rules let a colony disappear, no living unit knows of it any more.
#[test]
fn of_what_may_disappear_nobody_knows() {
    let world = World::new("star", &[]);
    let script = ["leave g1 B1", "unregister B1 B0", "fail B1"];
    let timed: Vec<Label> = script.iter().map(|it| Label::parse(it).unwrap()).collect();
    let made = timed
        .iter()
        .fold(world.begun(), |it, label| after(&it, label));
    let gone = Label::parse("disappear B1").unwrap();
    assert!(made.apply(&gone).is_ok(), "{made}");
    let streams = RandomStreams::new(1, 0);
    let underlay = underlay(world.network);
    let system = Arigatoni::build(&underlay, &world.config(&timed), streams).unwrap();
    let run = simulation::run(
        system,
        Setting::of(&underlay, streams, &Fidelity::Path.into()),
    );
    let broker = discovery::gbu(1);
    let system = &run.system;
    let memberships = system.mechanism().membership(system.gcus(), system.gbus());
    let known = memberships.unwrap();
    let lives = |unit: &UnitId| *unit != broker;
    let mut believed = known.believed.iter().filter(|(unit, _)| lives(unit));
    assert!(believed.all(|(_, leader)| *leader != Some(broker)));
    let tables = known.listed.iter().chain(&known.linked);
    let mut tables = tables.filter(|(unit, _)| lives(unit));
    assert!(tables.all(|(_, listed)| !listed.contains(&broker)));
}
