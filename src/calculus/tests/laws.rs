//! Properties of all terms: they are read as they are written, however they are shuffled, and rules keep them well formed.

use proptest::prelude::*;

use super::community;
use crate::calculus::{Community, Label, Rule, Space};

/// A number below `below` by the next of `draws`.
fn pick(draws: &mut impl Iterator<Item = u32>, below: u32) -> u32 {
    draws.next().unwrap_or(0) % below.max(1)
}

/// A community of a few individuals that is drawn by `draws`: by rules only, so that it is well formed.
fn drawn(draws: &[u32]) -> Community {
    let draws = &mut draws.iter().copied();
    let mut now = community("g0 | g1@d1 | g2 | g3@d1 | g4@d2 | B0[] | B1@d1[] | B2[] | B3@d2[]");
    for _ in 0..24 {
        let rule = Rule::ALL[pick(draws, 20) as usize];
        // Failures are rarer, so that colonies grow.
        if matches!(rule, Rule::Fail | Rule::Disappear) && pick(draws, 3) > 0 {
            continue;
        }
        let next = now.transitions(&[rule]);
        if !next.is_empty() {
            let number = pick(draws, next.len() as u32) as usize;
            now = next[number].1.clone();
        }
    }
    now
}

/// The term of a community written in another order, with its edges anywhere.
fn shuffled(of: &Community, draws: &[u32]) -> String {
    let draws = &mut draws.iter().copied();
    let mut edges: Vec<String> = Vec::new();
    edges.extend(of.links().map(|(one, other)| format!("{other} ~ {one}")));
    edges.extend(of.tunnels().map(|((from, to), friend)| {
        friend.map_or(format!("{from}=>{to}"), |it| {
            format!("{from} => {to} via {it}")
        })
    }));
    let text = soup(of, None, &mut edges, draws);
    [text]
        .into_iter()
        .chain(edges)
        .collect::<Vec<_>>()
        .join("|")
}

fn soup(
    of: &Community,
    leader: Option<&crate::calculus::Name>,
    edges: &mut Vec<String>,
    draws: &mut impl Iterator<Item = u32>,
) -> String {
    let mut items = Vec::new();
    for (name, individual) in of.individuals() {
        if individual.leader.as_ref() != leader {
            continue;
        }
        let mark = match individual.state {
            crate::calculus::State::Idle => "",
            crate::calculus::State::Busy => "*",
            crate::calculus::State::Faulty => "!",
        };
        let mut item = format!("{name}@{}{mark}", individual.domain);
        if name.is_broker() {
            item = format!("{item}[{}]", soup(of, Some(name), edges, draws));
        }
        items.push(item);
    }
    if pick(draws, 2) == 0 {
        items.extend(edges.pop());
    }
    if pick(draws, 4) == 0 {
        items.push("0".into());
    }
    for place in (1..items.len()).rev() {
        items.swap(place, pick(draws, place as u32 + 1) as usize);
    }
    items.join(" | ")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn a_term_is_read_as_it_is_written(draws in prop::collection::vec(any::<u32>(), 60)) {
        let term = drawn(&draws);
        prop_assert_eq!(Community::parse(&term.to_string()).unwrap(), term);
    }

    #[test]
    fn shuffled_terms_are_congruent(
        draws in prop::collection::vec(any::<u32>(), 60),
        order in prop::collection::vec(any::<u32>(), 60),
    ) {
        let term = drawn(&draws);
        let text = shuffled(&term, &order);
        let read = Community::parse(&text);
        let read = read.map_err(|error| TestCaseError::fail(format!("{text}: {error}")))?;
        prop_assert_eq!(read.to_string(), term.to_string());
        prop_assert_eq!(read.hash(), term.hash());
        prop_assert_eq!(read, term);
    }

    /// What a rule makes of a well-formed term can be read again; each label can as well.
    #[test]
    fn transitions_keep_terms_well_formed(draws in prop::collection::vec(any::<u32>(), 60)) {
        let term = drawn(&draws);
        for (label, next) in term.transitions(&Rule::ALL) {
            prop_assert_eq!(&Label::parse(&label.to_string()).unwrap(), &label);
            let read = Community::parse(&next.to_string());
            prop_assert!(read.as_ref() == Ok(&next), "{}: {:?}", label, read);
            prop_assert!(next != term, "{} changes nothing", label);
        }
    }

    /// Transitions are those labels that can be applied, and no others.
    #[test]
    fn all_transitions_are_found(draws in prop::collection::vec(any::<u32>(), 60)) {
        let term = drawn(&draws);
        let names: Vec<_> = term.individuals().map(|(name, _)| name.clone()).collect();
        for rule in [Rule::Leave, Rule::Move, Rule::Friend, Rule::Link] {
            let mut labels = Vec::new();
            for x in &names {
                for y in &names {
                    for z in &names {
                        let text = match rule {
                            Rule::Move | Rule::Friend => format!("{} {x} {y} {z}", rule.name()),
                            _ => format!("{} {x} {y}", rule.name()),
                        };
                        let label = Label::parse(&text).ok();
                        labels.extend(label.filter(|label| term.apply(label).is_ok()));
                    }
                }
            }
            labels.sort();
            labels.dedup();
            let found = term.transitions(&[rule]).into_iter().map(|(label, _)| label);
            prop_assert_eq!(found.collect::<Vec<_>>(), labels);
        }
    }
}

#[test]
fn a_space_has_each_term_once() {
    let first = community("g1 | B0[] | B1[]");
    let rules = [Rule::Join, Rule::Leave, Rule::Move];
    let space = Space::explore(&first, &rules, 5, 1_000_000).unwrap();
    assert_eq!((space.states.len(), space.transitions.len()), (3, 6));
    assert!(space.is_complete);
    assert_eq!(space.depth(), 1);
    let near = Space::explore(&first, &rules, 0, 1_000_000).unwrap();
    assert_eq!((near.states.len(), near.is_complete), (1, false));
    let small = Space::explore(&first, &rules, 5, 1000).unwrap_err();
    assert_eq!(small.depth, 1);
}
