//! What must hold of an overlay's units when nothing is pending: nothing is left over, and the
//! brokers' tables tell what is below them.
//!
//! It does *not* know how the overlay came to rest, nor what became of requests.

use std::collections::BTreeMap;

use crate::arigatoni::drawn::Drawn;
use crate::arigatoni::policy::{Given, Policy as _, Tunnel};
use crate::arigatoni::rules::Recovery;
use crate::arigatoni::table::{Draft, RoutingTable};
use crate::arigatoni::{Gbu, Gcu};
use crate::discovery::config::UnitName;
use crate::discovery::{Descriptor, GCU, gbu, gcu};
use crate::system::{Invariant, Violation, violations};
use crate::unit::UnitId;

/// The units of an overlay at rest.
#[derive(Clone, Copy)]
pub struct Overlay<'o> {
    /// The computers, by number.
    pub gcus: &'o [Gcu],
    /// The brokers, by number.
    pub gbus: &'o [Gbu],
    /// Whether a unit lives. Nothing is said of the dead.
    pub lives: &'o dyn Fn(UnitId) -> bool,
    /// What a computer offers after a number of changes, ascending.
    pub offers: &'o dyn Fn(UnitId, u32) -> Vec<Descriptor>,
    /// Whether silent peers are suspected of having gone. A peer that is only slow is then struck by one side,
    /// while the other side knows nothing of it.
    pub suspects: bool,
    /// Whether all units find out in the end who lives and who does not, and come back.
    pub heals: bool,
    /// Whether units go to other leaders than they had at first.
    pub migrates: bool,
    /// How units recover from what others have forgotten; `None`: nobody forgets anything.
    pub recovery: Option<Recovery>,
    /// The tunnel of a unit, if it has one.
    pub tunnel: &'o dyn Fn(UnitId) -> Option<Tunnel>,
    /// Whether a script has a unit logged out by force: it keeps its tunnel then.
    pub is_expelled: &'o dyn Fn(UnitId) -> bool,
}

/// All of them.
pub fn invariants<'o>() -> [Invariant<Overlay<'o>>; 12] {
    let invariant = |name, sentence, check| Invariant {
        name,
        sentence,
        check,
    };
    [
        invariant("requests", "no computer has an open request", requests),
        invariant("slots", "no computer holds a slot", slots),
        invariant(
            "searches",
            "no broker has an open query or enquiry",
            searches,
        ),
        invariant(
            "leavers",
            "nobody is still about to leave, or a member at the end of its tunnel and told to leave or to close that",
            leavers,
        ),
        invariant(
            "members-once",
            "the members of a colony are in order, each once",
            members_once,
        ),
        invariant(
            "members-believe",
            "a member in a broker's table belongs to that broker, or once it has suspected it to none or another",
            members_believe,
        ),
        invariant(
            "members-listed",
            "a unit is in the table of the broker to which it belongs, unless that has suspected it",
            members_listed,
        ),
        invariant(
            "tables",
            "a table says of each member what the member offers or its colony's summary",
            tables,
        ),
        invariant("forest", "no broker is below itself", forest),
        invariant(
            "direct",
            "a table of members that live and belong to it is that of a direct start with the same members, unless it merges",
            direct,
        ),
        invariant(
            "links",
            "of two living brokers of which one is linked to the other, so is the other to the one",
            links,
        ),
        invariant(
            "healed",
            "where heartbeats arrive, nobody who lives is without its leader",
            healed,
        ),
    ]
}

/// What must hold of the units of a run that has come to rest, and does not.
pub(super) fn violated(
    given: &Given<Drawn>,
    (gcus, gbus): (&[Gcu], &[Gbu]),
    lives: &dyn Fn(UnitId) -> bool,
) -> Vec<Violation> {
    let Given { rules, policy } = given;
    let overlay = Overlay {
        gcus,
        gbus,
        lives,
        offers: &|unit, changes| policy.offers(unit, changes).collect(),
        suspects: rules.suspects(),
        heals: rules.heals(),
        migrates: rules.changes_leaders(),
        recovery: rules.recovery,
        tunnel: &|unit| policy.tunnel(unit),
        is_expelled: &|unit| policy.world.is_expelled(unit),
    };
    violations(&invariants(), &overlay)
}

impl Overlay<'_> {
    /// The living computers.
    fn computers(&self) -> impl Iterator<Item = (UnitId, &Gcu)> {
        let all = (0..).map(gcu).zip(self.gcus);
        all.filter(|(unit, _)| (self.lives)(*unit))
    }

    /// The living brokers.
    fn brokers(&self) -> impl Iterator<Item = (UnitId, &Gbu)> {
        let all = (0..).map(gbu).zip(self.gbus);
        all.filter(|(unit, _)| (self.lives)(*unit))
    }

    /// The leader of a unit by its own word.
    fn leader(&self, unit: UnitId) -> Option<UnitId> {
        let index = unit.index() as usize;
        if unit.kind() == GCU {
            self.gcus[index].leader()
        } else {
            self.gbus[index].super_broker()
        }
    }

    /// Whether a unit is a member of the colony of `leader` besides its own, by its own word.
    fn is_besides(&self, unit: UnitId, leader: UnitId) -> bool {
        let tunnel = (self.tunnel)(unit);
        let index = unit.index() as usize;
        tunnel.is_some_and(|it| it.besides && it.leader == leader)
            && if unit.kind() == GCU {
                self.gcus[index].is_besides()
            } else {
                self.gbus[index].is_besides()
            }
    }

    /// Whether a unit has been told to do without its `tunnel`, and there is somebody at the end of that to let it go.
    fn is_shut(&self, unit: UnitId, tunnel: Tunnel) -> bool {
        let index = unit.index() as usize;
        let is_shut = if unit.kind() == GCU {
            self.gcus[index].is_shut()
        } else {
            self.gbus[index].is_shut()
        };
        is_shut && (self.lives)(tunnel.leader)
    }

    /// What a unit declares to its leader.
    fn declared(&self, unit: UnitId) -> Vec<Descriptor> {
        if unit.kind() == GCU {
            (self.offers)(unit, self.gcus[unit.index() as usize].changes())
        } else {
            self.gbus[unit.index() as usize].table().summary().collect()
        }
    }

    /// Each living member in the table of a living broker.
    fn listed(&self) -> impl Iterator<Item = (UnitId, UnitId)> {
        let members = |(leader, broker): (UnitId, &Gbu)| {
            let members = broker.table().members().to_vec();
            members.into_iter().map(move |member| (leader, member))
        };
        let all = self.brokers().flat_map(members);
        all.filter(|(_, member)| (self.lives)(*member))
    }
}

fn requests(overlay: &Overlay<'_>) -> Vec<String> {
    let open = overlay
        .computers()
        .map(|(unit, it)| (unit, it.requests_open()));
    let open = open.filter(|(_, open)| *open > 0);
    open.map(|(unit, open)| format!("{} has {open}", UnitName(unit)))
        .collect()
}

fn slots(overlay: &Overlay<'_>) -> Vec<String> {
    let held = overlay
        .computers()
        .map(|(unit, it)| (unit, it.slots_held()));
    let held = held.filter(|(_, held)| *held > 0);
    held.map(|(unit, held)| format!("{} holds {held}", UnitName(unit)))
        .collect()
}

fn searches(overlay: &Overlay<'_>) -> Vec<String> {
    let open = overlay
        .brokers()
        .map(|(unit, it)| (unit, it.searches_open()));
    let open = open.filter(|(_, open)| *open > 0);
    open.map(|(unit, open)| format!("{} has {open}", UnitName(unit)))
        .collect()
}

fn leavers(overlay: &Overlay<'_>) -> Vec<String> {
    let computers = overlay.computers();
    let computers =
        computers.map(|(unit, it)| (unit, it.membership.is_leaving(), it.membership.is_away()));
    let brokers = overlay.brokers();
    let brokers =
        brokers.map(|(unit, it)| (unit, it.membership.is_leaving(), it.membership.is_away()));
    let stays = |&(unit, is_leaving, is_away): &(UnitId, bool, bool)| {
        let tunnel = (overlay.tunnel)(unit);
        let tunnel = tunnel.filter(|it| overlay.is_besides(unit, it.leader));
        let has_left = is_away && !(overlay.is_expelled)(unit);
        is_leaving || tunnel.is_some_and(|it| has_left || overlay.is_shut(unit, it))
    };
    let units = computers.chain(brokers).filter(stays);
    units
        .map(|(unit, ..)| format!("{} is", UnitName(unit)))
        .collect()
}

fn members_once(overlay: &Overlay<'_>) -> Vec<String> {
    let out_of_order = |members: &[UnitId]| members.windows(2).any(|pair| pair[0] >= pair[1]);
    let brokers = overlay.brokers();
    let wrong = brokers.filter(|(_, broker)| out_of_order(broker.table().members()));
    wrong
        .map(|(unit, _)| format!("those of {} are not", UnitName(unit)))
        .collect()
}

fn members_believe(overlay: &Overlay<'_>) -> Vec<String> {
    let mut cases = Vec::new();
    for (broker, member) in overlay.listed() {
        let leader = overlay.leader(member);
        // Where units forget, or suspect, the end of a tunnel may not hear of it.
        let is_end = (overlay.tunnel)(member).is_some_and(|it| it.leader == broker);
        let is_deaf = overlay.recovery.is_some() || overlay.suspects;
        if is_end && (is_deaf || overlay.is_besides(member, broker)) {
            continue;
        }
        let believed =
            leader == Some(broker) || (overlay.suspects && (leader.is_none() || overlay.migrates));
        if !believed {
            let other = leader.map_or("nobody".into(), |it| UnitName(it).to_string());
            let (member, broker) = (UnitName(member), UnitName(broker));
            cases.push(format!("{member}, listed by {broker}, belongs to {other}"));
        }
    }
    cases
}

fn members_listed(overlay: &Overlay<'_>) -> Vec<String> {
    if overlay.suspects {
        return Vec::new();
    }
    let computers = overlay.computers().map(|(unit, _)| unit);
    let brokers = overlay.brokers().map(|(unit, _)| unit);
    let led = computers.chain(brokers);
    let led = led.filter_map(|unit| Some((unit, overlay.leader(unit)?)));
    let led = led.filter(|(_, leader)| (overlay.lives)(*leader));
    // What goes through a friend may be lost with it.
    let led =
        led.filter(|(unit, _)| overlay.recovery.is_none() || (overlay.tunnel)(*unit).is_none());
    let lists = |leader: UnitId| overlay.gbus[leader.index() as usize].table();
    let missing = led.filter(|(unit, leader)| !lists(*leader).has_member(*unit));
    let case =
        |(unit, leader)| format!("{} is not in that of {}", UnitName(unit), UnitName(leader));
    missing.map(case).collect()
}

fn tables(overlay: &Overlay<'_>) -> Vec<String> {
    let mut entries: BTreeMap<(UnitId, UnitId), Vec<Descriptor>> = BTreeMap::new();
    for (leader, broker) in overlay.brokers() {
        for (member, declared) in broker.table().merged() {
            entries.insert((leader, member), declared);
        }
        for offer in broker.table().offered() {
            for member in broker.table().members_with(offer) {
                entries.entry((leader, member)).or_default().push(offer);
            }
        }
    }
    let mut cases = Vec::new();
    for (leader, member) in overlay.listed() {
        // What it declares to another leader, or to none, this one does not hear.
        let is_besides = overlay.recovery.is_none() && overlay.is_besides(member, leader);
        if overlay.leader(member) != Some(leader) && !is_besides {
            continue;
        }
        let entered = entries
            .get(&(leader, member))
            .map_or(&[][..], Vec::as_slice);
        let declared = overlay.declared(member);
        if entered != declared {
            let (leader, member) = (UnitName(leader), UnitName(member));
            let numbers = |all: &[Descriptor]| -> Vec<u32> { all.iter().map(|it| it.0).collect() };
            let (has, is) = (numbers(entered), numbers(&declared));
            cases.push(format!(
                "{leader} has {has:?} of {member}, which declares {is:?}"
            ));
        }
    }
    cases
}

fn healed(overlay: &Overlay<'_>) -> Vec<String> {
    if !overlay.heals {
        return Vec::new();
    }
    // Whose friend belongs elsewhere waits for it.
    let waits = |unit: UnitId, besides: bool| {
        let tunnel = (overlay.tunnel)(unit).filter(|it| it.besides == besides);
        tunnel.is_some_and(|it| {
            let friend = it.friend.map(|friend| overlay.leader(friend));
            friend.is_some_and(|leader| leader != Some(it.leader))
        })
    };
    let computers = overlay.computers();
    let computers =
        computers.map(|(unit, it)| (unit, it.membership.is_orphan(), it.has_lost_tunnel()));
    let brokers = overlay.brokers();
    let brokers = brokers.map(|(unit, it)| (unit, it.membership.is_orphan(), it.has_lost_tunnel()));
    let wants = |&(unit, is_orphan, has_lost_tunnel): &(UnitId, bool, bool)| {
        is_orphan && !waits(unit, false) || has_lost_tunnel && !waits(unit, true)
    };
    let units = computers.chain(brokers).filter(wants);
    let units = units.map(|(unit, ..)| unit);
    let orphans = units.map(|unit| format!("{} is", UnitName(unit)));
    let dead = overlay.brokers().flat_map(|(leader, broker)| {
        let members = broker.table().members().iter();
        let dead = members.filter(|member| !(overlay.lives)(**member));
        let dead: Vec<UnitId> = dead.copied().collect();
        dead.into_iter().map(move |member| {
            format!(
                "{} lists {}, which is dead",
                UnitName(leader),
                UnitName(member)
            )
        })
    });
    orphans.chain(dead).collect()
}

/// Each broker's table is what it would be if its members registered at once. A table that lists somebody who is dead,
/// or who belongs elsewhere, says of that one what it last heard: whether it may list such a one the other invariants tell.
fn direct(overlay: &Overlay<'_>) -> Vec<String> {
    let is_clear = |leader: UnitId, broker: &Gbu| {
        let mut members = broker.table().members().iter();
        members.all(|&it| {
            let is_besides = overlay.recovery.is_none() && overlay.is_besides(it, leader);
            (overlay.lives)(it) && (overlay.leader(it) == Some(leader) || is_besides)
        })
    };
    let differing = overlay.brokers().filter(|&(unit, broker)| {
        let table = broker.table();
        // Hulls depend on the order in which offers came and went.
        !table.merges() && is_clear(unit, broker) && *table != registered(overlay, table)
    });
    let cases = differing.map(|(unit, _)| format!("that of {} is another", UnitName(unit)));
    cases.collect()
}

/// The table of a broker at which the members of `table` have registered at once, in their order.
fn registered(overlay: &Overlay<'_>, table: &RoutingTable) -> RoutingTable {
    let mut draft = Draft::new(table.members().len());
    for &member in table.members() {
        draft.add(member, overlay.declared(member).into_iter());
    }
    let mut whole = draft.table(table.descriptors());
    whole.sum_up_like(table);
    whole
}

fn links(overlay: &Overlay<'_>) -> Vec<String> {
    let mut cases = Vec::new();
    for (broker, it) in overlay.brokers() {
        let one_sided = |peer: &UnitId| {
            let back = &overlay.gbus[peer.index() as usize];
            (overlay.lives)(*peer)
                && !back.linked().any(|other| other == broker)
                && (overlay.tunnel)(broker).is_none_or(|it| it.leader != *peer)
        };
        let found = it.linked().filter(one_sided);
        cases.extend(
            found.map(|peer| format!("{} is linked to {}", UnitName(broker), UnitName(peer))),
        );
    }
    cases
}

fn forest(overlay: &Overlay<'_>) -> Vec<String> {
    let above = |unit: UnitId| overlay.leader(unit);
    let mut cases = Vec::new();
    for (broker, _) in overlay.brokers() {
        let way = std::iter::successors(above(broker), |&unit| above(unit));
        if way.take(overlay.gbus.len()).any(|unit| unit == broker) {
            cases.push(format!("{} is", UnitName(broker)));
        }
    }
    cases
}
