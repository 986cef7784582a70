//! The transitions of a community, and all that the rules can make of it in a number of steps.
//!
//! It does *not* know what a transition means.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::ControlFlow;

use super::community::Community;
use super::label::Label;
use super::name::Name;
use super::rules::{Rule, Sort};

/// A transition: a label, and what comes of it.
pub type Transition = (Label, Community);

impl Community {
    /// All transitions by `rules`: in the order of the rules, and by each in the order of the names.
    pub fn transitions(&self, rules: &[Rule]) -> Vec<Transition> {
        let mut all = Vec::new();
        let visited = self.visit_transitions(rules, &mut |label, next| {
            all.push((label, next));
            ControlFlow::<()>::Continue(())
        });
        debug_assert!(visited.is_continue());
        all
    }

    /// Shows `visit` the same transitions one after another, until it breaks off. None of them is kept.
    pub fn visit_transitions<B>(
        &self,
        rules: &[Rule],
        visit: &mut impl FnMut(Label, Self) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        for &rule in rules {
            self.complete(rule, &mut Vec::new(), visit)?;
        }
        ControlFlow::Continue(())
    }

    /// Those by `rule` with these first `names`.
    fn complete<'c, B>(
        &'c self,
        rule: Rule,
        names: &mut Vec<&'c Name>,
        visit: &mut impl FnMut(Label, Self) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        let Some((_, sort)) = rule.definition().variables.get(names.len()) else {
            let label = Label::new(rule, names);
            let is_in_order = label.names().iter().eq(names.iter().copied());
            // A link is the same both ways.
            if is_in_order && let Ok(next) = self.apply(&label) {
                return visit(label, next);
            }
            return ControlFlow::Continue(());
        };
        let fits = |name: &Name| match sort {
            Sort::Computer => !name.is_broker(),
            Sort::Broker => name.is_broker(),
            Sort::Individual => true,
        };
        // Where the second one must be the leader of the first one, there is no choice.
        let leader = (names.len() == 1 && rule.is_about_leader()).then(|| self.leader(names[0]));
        for name in self.individuals.keys().filter(|name| fits(name)) {
            if leader.is_none_or(|leader| leader == Some(name)) {
                names.push(name);
                self.complete(rule, names, visit)?;
                names.pop();
            }
        }
        ControlFlow::Continue(())
    }
}

/// Communities and the transitions between them, as far as `depth` steps lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Space {
    /// All that differ, in the order in which they were found, each with the steps of a shortest way to it.
    pub states: Vec<(Community, u32)>,
    /// From one to another, by numbers: of all whose way is shorter than the depth.
    pub transitions: Vec<(usize, Label, usize)>,
    /// Whether nothing new would come of more steps.
    pub is_complete: bool,
}

/// Why a space is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLarge {
    /// How many communities had been found.
    pub states: usize,
    /// After how many steps.
    pub depth: u32,
}

/// A space that is being found.
struct Search {
    numbers: BTreeMap<Community, usize>,
    space: Space,
    /// About what all of it takes.
    bytes: u64,
}

impl Search {
    /// Adds a transition, and the community to which it leads, if that is new.
    fn add(&mut self, from: usize, label: Label, next: Community, steps: u32) {
        let number = if let Some(number) = self.numbers.get(&next) {
            *number
        } else {
            let number = self.space.states.len();
            self.bytes += 2 * next.bytes();
            self.numbers.insert(next.clone(), number);
            self.space.states.push((next, steps));
            number
        };
        self.bytes += size_of::<(usize, Label, usize)>() as u64 + 64;
        self.space.transitions.push((from, label, number));
    }
}

impl Space {
    /// What `rules` make of `first` in at most `depth` steps.
    ///
    /// # Errors
    /// If that would take more than `memory` bytes.
    pub fn explore(
        first: &Community,
        rules: &[Rule],
        depth: u32,
        memory: u64,
    ) -> Result<Self, TooLarge> {
        let mut search = Search {
            numbers: BTreeMap::from([(first.clone(), 0)]),
            space: Self {
                states: vec![(first.clone(), 0)],
                transitions: Vec::new(),
                is_complete: true,
            },
            // Each community is held twice.
            bytes: 2 * first.bytes(),
        };
        let mut at = 0;
        while let Some((community, steps)) = search.space.states.get(at).cloned() {
            if steps == depth {
                let others = community.visit_transitions(rules, &mut |_, next| {
                    if search.numbers.contains_key(&next) {
                        return ControlFlow::Continue(());
                    }
                    ControlFlow::Break(())
                });
                // One other term is enough to know; all that is left has this depth.
                if others.is_break() {
                    search.space.is_complete = false;
                    break;
                }
                at += 1;
                continue;
            }
            let added = community.visit_transitions(rules, &mut |label, next| {
                search.add(at, label, next, steps + 1);
                if search.bytes <= memory {
                    return ControlFlow::Continue(());
                }
                ControlFlow::Break(TooLarge {
                    states: search.space.states.len(),
                    depth: steps + 1,
                })
            });
            if let ControlFlow::Break(too_large) = added {
                return Err(too_large);
            }
            at += 1;
        }
        Ok(search.space)
    }

    /// The steps of the longest of the shortest ways.
    pub fn depth(&self) -> u32 {
        self.states.last().map_or(0, |(_, steps)| *steps)
    }

    /// How many have no transition, of those whose way is shorter than `depth`.
    pub fn stuck(&self, depth: u32) -> usize {
        let mut moves = vec![false; self.states.len()];
        for (from, ..) in &self.transitions {
            moves[*from] = true;
        }
        let all = self.states.iter().zip(moves);
        all.filter(|((_, steps), moves)| *steps < depth && !moves)
            .count()
    }

    /// The space as a graph in the language of Graphviz.
    pub fn dot(&self) -> String {
        let mut text = String::from("digraph calculus {\n");
        for (number, (community, _)) in self.states.iter().enumerate() {
            // Writing to a string cannot fail, here and below.
            let _ = writeln!(text, "  {number} [label=\"{community}\"];");
        }
        for (from, label, to) in &self.transitions {
            let _ = writeln!(text, "  {from} -> {to} [label=\"{label}\"];");
        }
        text + "}\n"
    }
}
