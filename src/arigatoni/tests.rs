//! Units driven by hand: what one says to one input, without any driver.

mod brokers;
mod computers;

use std::sync::Arc;

use super::config::Search;
use super::gbu::Gbu;
use super::gcu::{Common, Gcu};
use super::message::{
    Arigato, Command, Message, Note, Outcome, Providers, Query, Reminder, RequestId, Ticket, gbu,
    gcu,
};
use super::rules::Rules;
use super::table::{Draft, Member};
use crate::overlay::{Population, ServiceId};
use crate::random::Draws;
use crate::time::{Span, Time};
use crate::unit::{Context, Effect, Input, Unit, UnitId};

const SERVICE: ServiceId = ServiceId(3);
const REQUEST: RequestId = RequestId(9);

fn rules() -> Rules {
    Rules {
        acceptance_probability: 1.0,
        slots: None,
        search: Search::Selective,
        silence: None,
        deadline: Span::from_s(600),
        service_time: Span::from_s(1),
    }
}

/// What `unit` says to `input` at `ms` milliseconds.
fn say(unit: &mut impl Unit<Arigato>, ms: u64, input: Input<Arigato>) -> Vec<Effect<Arigato>> {
    let mut effects = Vec::new();
    let now = Time::from_ns(ms * 1_000_000);
    unit.handle(
        input,
        &mut Context::new(now, gcu(1), Draws::new(1, 0), &mut effects),
    );
    effects
}

fn from(from: UnitId, message: Message) -> Input<Arigato> {
    Input::Message { from, message }
}

fn query(wanted: u32, ticket: u32) -> Message {
    let ticket = Ticket {
        slot: ticket,
        generation: 0,
    };
    Message::Query(Query {
        request: REQUEST,
        service: SERVICE,
        wanted,
        sent_at: Time::ZERO,
        answer_by: Time::from_ns(600_000_000_000),
        ticket,
    })
}

fn answer(ticket: Ticket, providers: &[UnitId]) -> Message {
    Message::Answer {
        request: REQUEST,
        ticket,
        providers: providers.into(),
    }
}

/// What is sent, in order.
fn sent(effects: &[Effect<Arigato>]) -> Vec<(UnitId, &Message)> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Send { to, message, .. } => Some((*to, message)),
            _ => None,
        })
        .collect()
}

/// The receivers and tickets of the queries sent, in order.
fn enquiries(effects: &[Effect<Arigato>]) -> Vec<(UnitId, Query)> {
    sent(effects)
        .into_iter()
        .filter_map(|(to, message)| match message {
            Message::Query(query) => Some((to, *query)),
            _ => None,
        })
        .collect()
}
