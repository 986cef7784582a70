//! Adequacy both ways: what the rules allow, and units can be made to do, some history of a small world does. Faults planted in the
//! rules are found by that, or by following histories with them.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::by_themselves::Noting;
use super::planted::{elections, heartbeats};
use super::*;
use crate::calculus::planted::Fault;
use crate::calculus::{Community, Failure, Label, Name, Rule};
use crate::discovery::{Command, Communities};
use crate::system::Following;
use crate::unit::Input;

/// Labels, each with the community that it has changed.
pub(super) type Seen = BTreeSet<(Community, Label)>;

thread_local! {
    /// The fault of the rules by which histories are followed.
    static FAULT: Cell<Option<Fault>> = const { Cell::new(None) };
    static SEEN: RefCell<Seen> = const { RefCell::new(Seen::new()) };
}

/// Changes `community` by `label`, and notes it.
pub(super) fn noted(community: &mut Community, label: &Label) -> Result<(), Failure> {
    let before = community.clone();
    match FAULT.get() {
        Some(fault) => fault.change(community, label)?,
        None => community.change(label)?,
    }
    note(before, label.clone());
    Ok(())
}

/// Notes a label and the community that it has changed.
pub(super) fn note(before: Community, label: Label) {
    SEEN.with_borrow_mut(|seen| seen.insert((before, label)));
}

/// What has been noted since this was asked last.
pub(super) fn take_seen() -> Seen {
    SEEN.take()
}

/// A small world, and the rules whose labels are those of what can happen in it.
pub(super) struct World {
    network: &'static str,
    other: Value,
    faults: Faults,
    rules: &'static [Rule],
    /// Faults of the rules by which histories cannot be followed.
    found: &'static [&'static str],
}

/// What a world has: what a history of it may have, rules, and faults of these.
type Parts = (Faults, &'static [Rule], &'static [&'static str]);

pub(super) fn on(network: &'static str, other: Value, (faults, rules, found): Parts) -> World {
    World {
        network,
        other,
        faults,
        rules,
        found,
    }
}

fn worlds() -> Vec<World> {
    let none = Faults {
        timers: 1,
        ..Faults::default()
    };
    let told = Faults {
        leaves: 2,
        joins: 2,
        ..none
    };
    let crash = Faults {
        crashes: 1,
        timers: 0,
        ..none
    };
    vec![
        on("pair", json!({}), (told, &TOLD, &TOLD_FOUND)),
        on(
            "pair",
            heartbeats(),
            (
                Faults {
                    restarts: 1,
                    ..crash
                },
                &[Rule::Begin, Rule::End, Rule::Fail, Rule::Restart],
                &FAILED_FOUND,
            ),
        ),
        on(
            "star",
            elections(),
            (
                crash,
                &[Rule::Fail],
                &["disappear for elect", "elect for fire"],
            ),
        ),
        on(
            "domains",
            json!({"colony_links": {"count": 1}}),
            (
                Faults { links: 2, ..none },
                &[Rule::Link, Rule::Unlink, Rule::Begin, Rule::End],
                &LINKED_FOUND,
            ),
        ),
    ]
}

const TOLD: [Rule; 6] = [
    Rule::Join,
    Rule::Leave,
    Rule::Register,
    Rule::Unregister,
    Rule::Begin,
    Rule::End,
];

const FAILED_FOUND: [&str; 4] = [
    "fail for restart",
    "restart for desert",
    "fail changes nothing",
    "restart changes nothing",
];

const LINKED_FOUND: [&str; 5] = [
    "move for link",
    "link for unlink",
    "unlink for friend",
    "link changes nothing",
    "unlink changes nothing",
];

/// Faults of the rules by which no history of those worlds can be followed.
const TOLD_FOUND: [&str; 11] = [
    "join for leave",
    "leave for register",
    "register for unregister",
    "unregister for migrate",
    "close for begin",
    "begin for end",
    "join changes nothing",
    "leave changes nothing",
    "register changes nothing",
    "unregister changes nothing",
    "end changes nothing",
];

impl World {
    /// What is found by following its histories with the rules that have `fault`; and all that is seen.
    fn followed(&self, fault: Option<Fault>) -> (Option<String>, Seen) {
        let mut system = built(self.network, &self.other);
        let acting = Acting {
            following: acting().following.map(|following| Following {
                follower: || Box::new(Noting::new(Communities::new(noted))),
                ..following
            }),
            ..acting()
        };
        let bounds = Bounds {
            properties: Some(vec!["adequate".into()]),
            memory: 30_000_000,
            ..bounds(self.faults)
        };
        FAULT.set(fault);
        SEEN.take();
        let explored = explore(&mut system, &acting, &bounds, true, &mut |_| true);
        FAULT.set(None);
        let found = explored.unwrap().found;
        (found.map(|found| found.broken.to_string()), SEEN.take())
    }

    /// The labels of its rules that units can be made to do: in `first`, before anything has happened, who comes back has its leader.
    fn labels(&self, first: &Community) -> Vec<Label> {
        let names: Vec<&Name> = first.individuals().map(|(name, _)| name).collect();
        let mut texts = Vec::new();
        for rule in self.rules.iter().map(|rule| rule.name()) {
            texts.extend(names.iter().map(|x| format!("{rule} {x}")));
            let pairs = names.iter().flat_map(|x| names.iter().map(move |b| (x, b)));
            texts.extend(pairs.map(|(x, b)| format!("{rule} {x} {b}")));
        }
        // Nobody has another tunnel than at first.
        for ((x, b), friend) in first.tunnels() {
            texts.extend(friend.map(|friend| format!("friend {x} {b} {friend}")));
            texts.push(format!("clone {x} {b}"));
        }
        let labels = texts.iter().filter_map(|text| Label::parse(text).ok());
        let labels = labels.filter(|label| self.rules.contains(&label.rule()));
        let mut labels: Vec<Label> = labels
            .filter(|label| match label.rule() {
                Rule::Join | Rule::Register => {
                    first.leader(&label.names()[0]) == Some(&label.names()[1])
                }
                Rule::Clone => {
                    let names = label.names();
                    let mut all = first.tunnels();
                    let is_it = |(one, other): &(Name, Name)| names == [one.clone(), other.clone()];
                    all.any(|(ends, friend)| friend.is_none() && is_it(ends))
                }
                // Pairs that are linked at first are the only ones that ever are.
                Rule::Link | Rule::Unlink => {
                    let names = label.names();
                    first
                        .links()
                        .any(|(one, other)| names == [one.clone(), other.clone()])
                }
                _ => true,
            })
            .collect();
        labels.sort();
        labels.dedup();
        labels
    }

    /// Each community that the rules give, with what may still happen.
    fn allowed(&self) -> (Vec<Label>, BTreeSet<Node>) {
        let system = built(self.network, &self.other);
        let mut asks = BTreeMap::new();
        for (unit, input) in system.tasks().any_time {
            if matches!(input, Input::Command(Command::Issue { .. })) {
                *asks.entry(Name::computer(unit.index())).or_insert(0) += 1;
            }
        }
        let first = Communities::first_text(&system);
        let first = Community::parse(&first).unwrap();
        let labels = self.labels(&first);
        let mut all = BTreeSet::new();
        let mut new = vec![Node {
            community: first,
            left: self.faults,
            by_themselves: 1,
            asks,
        }];
        while let Some(node) = new.pop() {
            for label in &labels {
                new.extend(node.after(label).filter(|next| !all.contains(next)));
            }
            all.insert(node);
        }
        (labels, all)
    }
}

/// A community, and what may still happen.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Node {
    community: Community,
    left: Faults,
    /// How many labels may still come of what units find out by themselves, rightly or wrongly.
    by_themselves: u8,
    /// How often each computer may still ask.
    asks: BTreeMap<Name, u8>,
}

impl Node {
    /// Whether `label` may still happen, and what is left then.
    fn spent(&self, label: &Label) -> Option<Self> {
        let mut next = self.clone();
        let left = &mut next.left;
        let count = match label.rule() {
            Rule::Leave | Rule::Unregister | Rule::Close => &mut left.leaves,
            Rule::Join | Rule::Register | Rule::Friend | Rule::Clone => &mut left.joins,
            // Without timers it is cut as its friend leaves.
            Rule::Cut if left.timers == 0 => &mut left.leaves,
            Rule::Fail => &mut left.crashes,
            Rule::Restart => &mut left.restarts,
            Rule::Link | Rule::Unlink => &mut left.links,
            Rule::Strike | Rule::Desert | Rule::Elect | Rule::Fire | Rule::Cut => {
                &mut next.by_themselves
            }
            Rule::Begin => next.asks.get_mut(&label.names()[0])?,
            _ => return Some(next),
        };
        *count = count.checked_sub(1)?;
        Some(next)
    }

    fn after(&self, label: &Label) -> Option<Self> {
        let mut next = self.spent(label)?;
        next.community.change(label).ok()?;
        Some(next)
    }
}

/// That all that the rules allow in these worlds is done; the premises without which they would allow more.
pub(super) fn without(worlds: &[World]) -> Vec<String> {
    let mut undone = BTreeSet::new();
    let mut without = BTreeSet::new();
    for (number, world) in worlds.iter().enumerate() {
        let (found, seen) = world.followed(None);
        assert_eq!(found, None, "{number}");
        let (labels, nodes) = world.allowed();
        let mut rules = BTreeSet::new();
        for node in &nodes {
            for label in labels.iter().filter(|label| node.after(label).is_some()) {
                rules.insert(label.rule());
                let what = (node.community.clone(), label.clone());
                if !seen.contains(&what) {
                    undone.insert(format!("{number}: {label} in {}", node.community));
                }
            }
        }
        // Nothing is looked at in vain.
        let all: BTreeSet<Rule> = world.rules.iter().copied().collect();
        assert_eq!(rules, all, "{number}");
        without.extend(world.without(&labels, &nodes));
    }
    assert!(undone.is_empty(), "{undone:#?}");
    without.into_iter().collect()
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn what_the_rules_allow_is_done_by_some_history() {
    assert_eq!(
        without(&worlds()),
        [
            "begin without led(x)",
            "end without busy(x)",
            "join without free(g)",
            "leave without idle(g)",
            "leave without member(g, B)",
            "link without no-link(A, B)",
            "register without free(A)",
            "restart without faulty(B)",
            "unlink without link(A, B)",
            "unregister without member(A, B)",
        ]
    );
}

impl World {
    /// The premises without which the rules would allow, in one of the communities that they give, what no history does. (All
    /// others make an example of `docs/calculus.md` false.)
    fn without(&self, labels: &[Label], nodes: &BTreeSet<Node>) -> Vec<String> {
        let is_extra = |fault: &Fault| {
            let labels = labels.iter().filter(|label| fault.concerns(label.rule()));
            let labels: Vec<&Label> = labels.collect();
            nodes.iter().any(|node| {
                labels.iter().any(|label| {
                    let may = node.spent(label).is_some() && node.community.check(label).is_err();
                    may && fault.change(&mut node.community.clone(), label).is_ok()
                })
            })
        };
        let all = Fault::all().into_iter().filter(|fault| match fault {
            Fault::Without(rule, _) => self.rules.contains(rule),
            Fault::Exchanged(..) | Fault::Inert(_) => false,
        });
        let extra = all.filter(is_extra);
        extra.map(|fault| fault.to_string()).collect()
    }
}

/// That histories of these worlds cannot be followed by rules with the faults that each says to be found.
pub(super) fn misled(worlds: Vec<World>) {
    let all = Fault::all();
    for world in worlds {
        for name in world.found {
            let mut faults = all.iter();
            let fault = faults.find(|fault| fault.to_string() == *name);
            let (found, _) = world.followed(Some(*fault.expect(name)));
            assert!(found.is_some(), "{name}");
        }
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn histories_cannot_be_followed_by_wrong_rules() {
    misled(worlds());
}
