//! The members of one colony without its leader, driven by hand and by chance.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::arigatoni::message::{ArigatoniProtocol, Message, Reminder};
use crate::arigatoni::policy::Given;
use crate::arigatoni::tests::{effects_of, given, rules, sent};
use crate::arigatoni::{Context, Drawn};
use crate::discovery::{gbu, gcu};
use crate::random::RandomStreams;
use crate::time::Time;
use crate::unit::Effect;

const LEADER: UnitId = gbu(9);
const RULE: Election = Election {
    timeout: Span::from_s(2),
};

fn roster(number: u32, members: &[UnitId]) -> Notice {
    Notice::from(Roster {
        number,
        members: members.to_vec(),
        ..Roster::default()
    })
}

fn term(roster: u32, round: u32) -> Term {
    Term {
        leader: LEADER,
        roster,
        round,
    }
}

#[test]
fn members_are_told_once_who_they_are() {
    let mut rosters = Rosters::default();
    let members = [gcu(1), gbu(1)];
    let tell = |rosters: &mut Rosters, members: &[UnitId]| {
        let said = effects_of(|context| rosters.tell(members, (Some(gbu(7)), &[]), context));
        let numbers = sent(&said).into_iter().map(|(to, message)| match message {
            Message::Roster(notice) => (to, notice.number),
            other => panic!("{other:?}"),
        });
        numbers.collect::<Vec<_>>()
    };
    assert_eq!(
        tell(&mut rosters, &members[..1]),
        [],
        "nobody can be elected"
    );
    assert_eq!(tell(&mut rosters, &members), [(gcu(1), 1), (gbu(1), 1)]);
    assert_eq!(tell(&mut rosters, &members), []);
    // One that has been entered again may have forgotten.
    rosters.entered();
    assert_eq!(tell(&mut rosters, &members), [(gcu(1), 2), (gbu(1), 2)]);
    assert_eq!(tell(&mut rosters, &members[1..]), [(gbu(1), 3)]);
    rosters.forget();
    assert_eq!(tell(&mut rosters, &members), [(gcu(1), 4), (gbu(1), 4)]);
    assert_eq!(tell(&mut rosters, &members[..1]), [(gcu(1), 5)]);
    assert_eq!(tell(&mut rosters, &members[..1]), []);
}

#[test]
fn a_member_votes_once_in_a_term_also_after_a_crash() {
    let given = given(rules());
    let mut voter = Electing::default();
    let vote = |voter: &mut Electing, candidate: u32, term: Term| {
        let said = effects_of(|context| {
            let asked = (gbu(candidate), term);
            voter.asked(asked, (RULE, &given.policy), context);
        });
        let voted = sent(&said).into_iter().map(|(to, _)| to);
        voted.collect::<Vec<_>>()
    };
    assert_eq!(vote(&mut voter, 1, term(1, 1)), [], "it knows no list");
    voter.told(LEADER, roster(3, &[gcu(1), gbu(1), gbu(2)]));
    assert_eq!(vote(&mut voter, 1, term(2, 1)), [], "the list is old");
    assert_eq!(vote(&mut voter, 1, term(3, 2)), [gbu(1)]);
    for other in [1, 2] {
        assert_eq!(vote(&mut voter, other, term(3, 2)), []);
        assert_eq!(vote(&mut voter, other, term(3, 1)), []);
    }
    voter.forget();
    assert_eq!(
        vote(&mut voter, 2, term(3, 3)),
        [],
        "it has to be told anew"
    );
    voter.told(LEADER, roster(3, &[gcu(1), gbu(1), gbu(2)]));
    assert_eq!(vote(&mut voter, 2, term(3, 2)), []);
    assert_eq!(vote(&mut voter, 2, term(3, 3)), [gbu(2)]);
    assert_eq!(vote(&mut voter, 1, term(4, 1)), [gbu(1)], "a later list");
}

#[test]
fn who_has_heard_of_the_elected_one_in_time_follows_it() {
    let given = given(rules());
    let mut member = Electing::default();
    let begin = |member: &mut Electing| {
        let mut began = None;
        effects_of(|context| {
            began = Some(member.begin(LEADER, (RULE, &given.policy), context));
        });
        began.expect("it has begun")
    };
    assert_eq!(begin(&mut member), Began::No);
    member.told(LEADER, roster(3, &[gcu(1), gcu(2)]));
    assert_eq!(begin(&mut member), Began::No, "nobody can be elected");
    member.told(LEADER, roster(4, &[gcu(1), gbu(2)]));
    assert_eq!(begin(&mut member), Began::Election);
    member.remember(gbu(3), term(3, 1));
    assert_eq!(
        begin(&mut member),
        Began::Election,
        "that was an earlier list"
    );
    member.remember(gbu(2), term(4, 1));
    assert_eq!(begin(&mut member), Began::Follows(gbu(2)));
    member.told(LEADER, roster(5, &[gcu(1), gbu(2)]));
    assert_eq!(begin(&mut member), Began::Election, "the leader lives");
}

/// Members of a colony that has lost its leader, and what is under way between them.
struct Colony {
    given: Given<Drawn>,
    members: Vec<UnitId>,
    electing: Vec<Electing>,
    under_way: Vec<(UnitId, UnitId, Message)>,
    timers: BTreeMap<UnitId, Time>,
    now: Time,
    /// Who has been elected, by term.
    elected: Vec<(Term, UnitId)>,
    /// Members that are not there.
    dead: Vec<bool>,
}

impl Colony {
    fn new(computers: u32, brokers: u32) -> Self {
        let members: Vec<UnitId> = (0..computers)
            .map(gcu)
            .chain((0..brokers).map(gbu))
            .collect();
        let mut colony = Self {
            given: given(rules()),
            electing: vec![Electing::default(); members.len()],
            dead: vec![false; members.len()],
            members,
            under_way: Vec::new(),
            timers: BTreeMap::new(),
            now: Time::ZERO,
            elected: Vec::new(),
        };
        for index in 0..colony.members.len() {
            let notice = roster(1, &colony.members);
            colony.electing[index].told(LEADER, notice);
            colony.begin(index);
        }
        colony
    }

    fn act(
        &mut self,
        index: usize,
        act: impl FnOnce(&mut Electing, &Given<Drawn>, &mut Context<'_>) -> Option<Term>,
    ) {
        let me = self.members[index];
        let mut effects = Vec::new();
        let streams = RandomStreams::new(1, 0);
        let mut context = Context::new(self.now, me, streams, &mut effects);
        if let Some(term) = act(&mut self.electing[index], &self.given, &mut context) {
            self.elected.push((term, me));
        }
        for effect in effects {
            match effect {
                Effect::Send { to, message, .. } => self.under_way.push((me, to, message)),
                Effect::Arm { after, timer } => {
                    assert_eq!(timer, Reminder::Return);
                    self.timers.insert(me, self.now + after);
                }
                Effect::<ArigatoniProtocol>::Disarm { .. } | Effect::Observation(_) => {}
            }
        }
    }

    fn begin(&mut self, index: usize) {
        self.act(index, |electing, given, context| {
            electing.begin(LEADER, (RULE, &given.policy), context);
            None
        });
    }

    fn deliver(&mut self, number: usize) {
        let (from, to, message) = self.under_way.remove(number);
        // The leader has gone.
        let Ok(index) = self.members.binary_search(&to) else {
            return;
        };
        if self.dead[index] {
            return;
        }
        self.act(index, |electing, given, context| match message {
            Message::VoteWanted(term) => {
                electing.asked((from, term), (RULE, &given.policy), context);
                None
            }
            Message::Vote(term) => electing.counts(from, term).then_some(term),
            other => panic!("{other:?}"),
        });
    }

    /// The next timer fires: `false` if there is none.
    fn wait(&mut self) -> bool {
        let next = self.timers.iter().min_by_key(|(unit, at)| (**at, **unit));
        let Some((&unit, &at)) = next else {
            return false;
        };
        self.now = self.now.max(at);
        self.timers.remove(&unit);
        let index = self.members.binary_search(&unit).unwrap();
        self.act(index, |electing, given, context| {
            match electing.due(LEADER, (RULE, &given.policy), context) {
                Due::Won(term) => Some(term),
                Due::Nothing | Due::GoesOn | Due::GivenUp => None,
            }
        });
        true
    }

    /// A member crashes, and comes back; perhaps it is told the same list once more.
    fn crash(&mut self, index: usize, told: bool) {
        self.timers.remove(&self.members[index]);
        self.electing[index].forget();
        if told {
            let notice = roster(1, &self.members);
            self.electing[index].told(LEADER, notice);
            self.begin(index);
        }
    }
}

#[derive(Debug, Clone)]
enum Step {
    Deliver(u16),
    Double(u16),
    Lose(u16),
    Wait,
    Crash(u16, bool),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => any::<u16>().prop_map(Step::Deliver),
        1 => any::<u16>().prop_map(Step::Double),
        1 => any::<u16>().prop_map(Step::Lose),
        3 => Just(Step::Wait),
        1 => (any::<u16>(), any::<bool>()).prop_map(|(unit, told)| Step::Crash(unit, told)),
    ];
    vec(step, 0..200)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    /// Whatever is lost, doubled, late or forgotten.
    #[test]
    fn there_is_at_most_one_leader_in_a_term(
        computers in 0_u32..4,
        brokers in 1_u32..5,
        steps in steps(),
    ) {
        let mut colony = Colony::new(computers, brokers);
        for step in steps {
            let count = colony.under_way.len();
            let some = |number: u16| (count > 0).then(|| usize::from(number) % count);
            match step {
                Step::Wait => _ = colony.wait(),
                Step::Deliver(number) => {
                    if let Some(number) = some(number) {
                        colony.deliver(number);
                    }
                }
                Step::Double(number) => {
                    if let Some(number) = some(number) {
                        colony.under_way.push(colony.under_way[number].clone());
                    }
                }
                Step::Lose(number) => {
                    if let Some(number) = some(number) {
                        colony.under_way.remove(number);
                    }
                }
                Step::Crash(unit, told) => {
                    let index = usize::from(unit) % colony.members.len();
                    colony.crash(index, told);
                }
            }
        }
        let mut leaders = BTreeMap::new();
        for (term, elected) in colony.elected {
            prop_assert_eq!(*leaders.entry(term).or_insert(elected), elected, "{:?}", term);
        }
    }

    /// While more than half of the members live and hear each other at once: the first one that asks is.
    #[test]
    fn somebody_is_elected_if_more_than_half_live(
        computers in 0_u32..6,
        brokers in 1_u32..6,
        dead in vec(any::<bool>(), 12),
    ) {
        let mut colony = Colony::new(computers, brokers);
        let count = colony.members.len();
        colony.dead = dead[..count].to_vec();
        for (member, _) in colony.members.iter().zip(&dead).filter(|(_, dead)| **dead) {
            colony.timers.remove(member);
        }
        let live = colony.dead.iter().filter(|dead| !**dead).count();
        let stands = |index: usize| !colony.dead[index] && colony.members[index].kind() == GBU;
        let can_be = 2 * live > count && (0..count).any(stands);
        while colony.elected.is_empty() && colony.wait() {
            while !colony.under_way.is_empty() {
                colony.deliver(0);
            }
        }
        prop_assert_eq!(colony.elected.len(), usize::from(can_be));
    }
}
