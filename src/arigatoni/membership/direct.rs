//! Everybody registers at once: what exchanging the registration messages ends in.
//!
//! What a member declares is what it would say itself: a GCU its offers, a GBU its colony's
//! summary. It does *not* know where units sit.

use crate::arigatoni::policy::Policy;
use crate::arigatoni::table::{Draft, RoutingTable};
use crate::discovery::{Brokers, Matcher, Population, gbu, gcu};
use crate::unit::UnitId;

/// The routing tables of the fully connected overlay, by broker.
pub(in crate::arigatoni) fn tables(
    brokers: &Brokers,
    population: &Population,
    policy: &impl Policy,
) -> Vec<RoutingTable> {
    let count = brokers.list().len();
    let mut subcolonies: Vec<Vec<u32>> = vec![Vec::new(); count];
    for (broker, id) in brokers.list().iter().zip(0..) {
        if let Some(parent) = broker.parent {
            subcolonies[parent as usize].push(id);
        }
    }
    let mut tables = vec![RoutingTable::new(0); count];
    for &id in brokers.top_down().iter().rev() {
        let led = subcolonies[id as usize].iter();
        let led = led.map(|&leader| (gbu(leader), &tables[leader as usize]));
        tables[id as usize] = table(population.colony(id).map(gcu), led, policy);
    }
    tables
}

/// The table of a colony of `computers` and of the subcolonies of leaders with their tables; both
/// ascending.
fn table<'a>(
    computers: impl ExactSizeIterator<Item = UnitId>,
    leaders: impl ExactSizeIterator<Item = (UnitId, &'a RoutingTable)> + Clone,
    policy: &impl Policy,
) -> RoutingTable {
    let mut draft = Draft::new(computers.len() + leaders.len());
    for computer in computers {
        draft.add(computer, policy.offers(computer, 0));
    }
    for (leader, table) in leaders.clone() {
        let is_entered = !table.merges();
        let summary = is_entered.then(|| table.summary());
        draft.add(leader, summary.into_iter().flatten());
    }
    let mut table = draft.table(policy.matcher().count());
    table.sum_up(policy.matcher(), leaders);
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arigatoni::policy::Given;
    use crate::arigatoni::tests::{effects_of, given, rules, sent};
    use crate::arigatoni::{Context, Gbu, Gcu};
    use crate::discovery::Descriptor;
    use crate::unit::Input;

    /// Hands what one unit says at its start to the broker `leader`.
    fn register(
        member: UnitId,
        start: impl FnOnce(&mut Context<'_>),
        (leader, given): (&mut Gbu, &Given<impl Policy>),
    ) {
        let said = effects_of(start);
        let [(_, message)] = sent(&said)[..] else {
            panic!("{said:?}")
        };
        let (from, message) = (member, message.clone());
        effects_of(|context| leader.handle(given, Input::Message { from, message }, context));
    }

    #[test]
    fn all_at_once_ends_as_one_after_another_does() {
        let given = given(rules());
        let offers = [Descriptor(1), Descriptor(6)];
        let mut below = RoutingTable::new(8);
        below.register(gcu(9), &offers);
        let mut broker = Gbu::new(None, RoutingTable::new(8));
        let mut subcolony = Gbu::new(Some(gbu(0)), below.clone());
        let start = |context: &mut Context<'_>| subcolony.handle(&given, Input::Start, context);
        register(gbu(4), start, (&mut broker, &given));
        // The hand that holds them has the number 0.
        let start =
            |context: &mut Context<'_>| Gcu::new(gbu(0)).handle(&given, Input::Start, context);
        register(gcu(0), start, (&mut broker, &given));
        let leaders = [(gbu(4), &below)].into_iter();
        let direct = table([gcu(0)].into_iter(), leaders, &given.policy);
        assert_eq!(&direct, broker.table());
        assert_eq!(direct.members(), [gcu(0), gbu(4)]);
    }
}
