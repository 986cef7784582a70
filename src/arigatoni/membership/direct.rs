//! Everybody registers at once: what exchanging the registration messages ends in.
//!
//! What a member declares is what it would say itself: a GCU its offers, a GBU its colony's
//! summary. It does *not* know where units sit.

use crate::arigatoni::policy::Policy;
use crate::arigatoni::table::{Draft, RoutingTable};
use crate::discovery::{Brokers, GCU, Matcher, Population, gbu, gcu};
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
        if let Some(parent) = broker.parent.filter(|_| is_at_home(gbu(id), policy)) {
            subcolonies[parent as usize].push(id);
        }
    }
    let settlers = policy.settlers();
    let mut tables = vec![RoutingTable::new(0); count];
    // A tunnel leads to a broker that is nearer to the root.
    for &id in brokers.top_down().iter().rev() {
        let computers = population.colony(id).map(gcu);
        let led = std::mem::take(&mut subcolonies[id as usize]);
        let settlers = settlers.get(&gbu(id)).map_or(&[][..], Vec::as_slice);
        let guests = policy.guests(gbu(id)).iter().copied();
        let guests = guests.filter(|unit| policy.tunnel(*unit).is_some_and(|it| it.at_first));
        let guests: Vec<UnitId> = guests.chain(settlers.iter().copied()).collect();
        tables[id as usize] = if guests.is_empty() && is_at_home_all(computers.clone(), policy) {
            let led = led.iter();
            let led = led.map(|&leader| (gbu(leader), &tables[leader as usize]));
            table(computers, led, policy)
        } else {
            let computers = computers.filter(|unit| is_at_home(*unit, policy));
            let (computers, led) = with_guests(computers.collect(), led, &guests);
            let led = led.iter();
            let led = led.map(|&leader| (gbu(leader), &tables[leader as usize]));
            table(computers.into_iter(), led, policy)
        };
    }
    tables
}

/// Whether `unit` is a member of the colony of its place.
fn is_at_home(unit: UnitId, policy: &impl Policy) -> bool {
    policy.tunnel(unit).is_none_or(|tunnel| tunnel.besides) && !policy.is_settled(unit)
}

fn is_at_home_all(units: impl Iterator<Item = UnitId>, policy: &impl Policy) -> bool {
    let mut units = units;
    units.all(|unit| is_at_home(unit, policy))
}

/// The members of a colony and those who are so through a tunnel: computers and leaders of subcolonies, ascending.
fn with_guests(
    mut computers: Vec<UnitId>,
    mut leaders: Vec<u32>,
    guests: &[UnitId],
) -> (Vec<UnitId>, Vec<u32>) {
    for &guest in guests {
        if guest.kind() == GCU {
            computers.push(guest);
        } else {
            leaders.push(guest.index());
        }
    }
    computers.sort_unstable();
    leaders.sort_unstable();
    (computers, leaders)
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
