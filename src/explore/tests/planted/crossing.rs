//! Faults in what crosses domains, and in the accounts of leaders.

use super::faults::{In, Says, altered};
use crate::arigatoni::Arigatoni;
use crate::arigatoni::message::{Message, Ticket};
use crate::discovery::{Command, GBU, GCU, gbu, gcu};
use crate::system::Model;
use crate::unit::{Effect, Input, UnitId};

// A leader tells nobody that its friend has gone.
fault!(closed_tunnel_not_told(system, unit, input, context) {
    altered(system, unit, input, context, |effect| {
        let is_told = match &effect {
            Effect::Send { message: Message::Tunnelled(relayed), .. } => {
                matches!(relayed.message, Message::TunnelClosed)
            }
            _ => false,
        };
        Some(effect).filter(|_| !is_told).into_iter().collect()
    });
});

// Of two linked brokers one does not hear that they are not linked any more.
fault!(link_cut_at_one_end(system, unit, input, context) {
    let is_cut = matches!(input, Input::Command(Command::Unlink { .. }));
    if !(is_cut && unit == gbu(2)) {
        system.handle(unit, input, context);
    }
});

// Two brokers do not hear that they are not linked any more.
fault!(link_not_cut(system, unit, input, context) {
    if !matches!(input, Input::Command(Command::Unlink { .. })) {
        system.handle(unit, input, context);
    }
});

// A broker does not hear that a credential is revoked.
fault!(deaf_to_revocations(system, unit, input, context) {
    if !matches!(input, Input::Command(Command::Revoke { .. })) {
        system.handle(unit, input, context);
    }
});

// A leader takes each query of a computer for that of its neighbour, and charges that one.
fault!(charges_another(system, unit, input, context) {
    let neighbour = |unit: UnitId| gcu(unit.index() ^ 1);
    let input = match input {
        Input::Message { from, message: message @ Message::Query(_) }
            if unit.kind() == GBU && from.kind() == GCU =>
        {
            let from = neighbour(from);
            Input::Message { from, message }
        }
        input => input,
    };
    altered(system, unit, input, context, |effect| match effect {
        Effect::Send { to, message: message @ Message::Answer(_), after }
            if unit.kind() == GBU && to.kind() == GCU =>
        {
            let to = neighbour(to);
            vec![Effect::Send { to, message, after }]
        }
        effect => vec![effect],
    });
});

// A computer asks its leader twice, and uses what it gets once: the other answer is late.
fault!(asks_twice(system, unit, input, context) {
    altered(system, unit, input, context, |effect| match effect {
        Effect::Send { to, message: Message::Query(query), after } if unit.kind() == GCU => {
            let mut other = query;
            other.ticket = Ticket(query.ticket.0 + 100);
            [query, other]
                .map(|query| Effect::Send { to, message: Message::Query(query), after })
                .into()
        }
        effect => vec![effect],
    });
});
