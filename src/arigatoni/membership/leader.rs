//! The leader's side of membership: members are entered, changed and let go.
//!
//! Each step returns the change of the colony's summary. The leader reports it to its own leader. It does *not* know whether the leader has one.

use crate::arigatoni::Context;
use crate::arigatoni::message::Message;
use crate::arigatoni::rules::Recovery;
use crate::arigatoni::table::{RoutingTable, SummaryChange};
use crate::discovery::{Descriptor, MemberChange, Observation};
use crate::unit::UnitId;

/// Enters `member` with what it declares, and tells it so.
pub(in crate::arigatoni) fn register(
    table: &mut RoutingTable,
    member: UnitId,
    offers: &[Descriptor],
    context: &mut Context<'_>,
) -> SummaryChange {
    let change = table.register(member, offers);
    context.send(member, Message::Registered);
    tell(member, MemberChange::Registered, context);
    change
}

/// `member` says that it is not a member any more.
pub(in crate::arigatoni) fn moved(
    table: &mut RoutingTable,
    member: UnitId,
    context: &mut Context<'_>,
) -> SummaryChange {
    if table.has_member(member) {
        tell(member, MemberChange::Moved, context);
    }
    table.strike(member)
}

/// Lets `member` go, unless it asks or is being asked (`busy`). A stranger has left already.
pub(in crate::arigatoni) fn unregister(
    table: &mut RoutingTable,
    member: UnitId,
    busy: impl FnOnce() -> bool,
    recovery: Option<Recovery>,
    context: &mut Context<'_>,
) -> SummaryChange {
    if is_stranger(table, member, recovery, context) {
        return SummaryChange::default();
    }
    if busy() {
        context.send(member, Message::UnregisterDenied);
        return SummaryChange::default();
    }
    let change = table.strike(member);
    context.send(member, Message::UnregisterAcknowledged);
    tell(member, MemberChange::Left, context);
    change
}

/// Whether `unit` is no member. Where it may have been forgotten, it is told so.
pub(in crate::arigatoni) fn is_stranger(
    table: &RoutingTable,
    unit: UnitId,
    recovery: Option<Recovery>,
    context: &mut Context<'_>,
) -> bool {
    let is_stranger = !table.has_member(unit);
    if is_stranger && recovery.is_some() {
        context.send(unit, Message::NotMember);
    }
    is_stranger
}

/// Strikes `member`, which is gone. Strangers are ignored. Where it may live all the same, it is told so.
pub(in crate::arigatoni) fn strike(
    table: &mut RoutingTable,
    member: UnitId,
    recovery: Option<Recovery>,
    context: &mut Context<'_>,
) -> SummaryChange {
    if table.has_member(member) {
        tell(member, MemberChange::Struck, context);
        if recovery.is_some() {
            context.send(member, Message::NotMember);
        }
    }
    table.strike(member)
}

/// Strikes `member`, which has taken more than it has given, and tells it so.
pub(in crate::arigatoni) fn log_out(
    table: &mut RoutingTable,
    member: UnitId,
    context: &mut Context<'_>,
) -> SummaryChange {
    if table.has_member(member) {
        tell(member, MemberChange::Struck, context);
    }
    context.send(member, Message::LoggedOut);
    table.strike(member)
}

fn tell(member: UnitId, change: MemberChange, context: &mut Context<'_>) {
    context.emit(Observation::Member { member, change });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arigatoni::tests::{effects_of, sent};
    use crate::discovery::gcu;

    const OFFER: Descriptor = Descriptor(1);

    #[test]
    fn members_come_and_go_by_their_leaders_word() {
        let mut table = RoutingTable::new(2);
        let said = effects_of(|context| {
            let change = register(&mut table, gcu(3), &[OFFER], context);
            assert_eq!(
                (&change.added[..], &change.removed[..]),
                (&[OFFER][..], &[][..])
            );
        });
        assert_eq!(sent(&said), [(gcu(3), &Message::Registered)]);
        let said = effects_of(|context| {
            assert!(unregister(&mut table, gcu(3), || true, None, context).is_empty());
        });
        assert_eq!(sent(&said), [(gcu(3), &Message::UnregisterDenied)]);
        let said = effects_of(|context| {
            let change = unregister(&mut table, gcu(3), || false, None, context);
            assert_eq!(change.removed[..], [OFFER]);
        });
        assert_eq!(sent(&said), [(gcu(3), &Message::UnregisterAcknowledged)]);
        assert_eq!(table, RoutingTable::new(2));
    }

    #[test]
    fn a_stranger_gets_no_word() {
        let mut table = RoutingTable::new(2);
        let said = effects_of(|context| {
            assert!(unregister(&mut table, gcu(3), || false, None, context).is_empty());
        });
        assert!(said.is_empty());
    }
}
