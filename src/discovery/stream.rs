//! What the draws of this room decide: each has a stream of its own.
//!
//! It does *not* know how they are drawn.

use crate::random::StreamId;

/// How many GCUs a broker has; by broker.
pub(super) const POPULATION: StreamId = StreamId(1);
/// A GCU's access latency; by GCU.
pub(super) const ACCESS: StreamId = StreamId(2);
/// Whether a GCU offers a service; by GCU and service.
pub(super) const OFFER: StreamId = StreamId(3);
/// A GCU's place in the order of disconnection; by GCU.
pub(super) const DISCONNECT_COMPUTER: StreamId = StreamId(4);
/// A GBU's place in the order of disconnection; by GBU.
pub(super) const DISCONNECT_BROKER: StreamId = StreamId(5);
/// The time between two requests; by request.
pub(super) const GAP: StreamId = StreamId(6);
/// Which GCU issues a request; by request.
pub(super) const REQUESTER: StreamId = StreamId(7);
/// What a request asks for; by request.
pub(super) const SERVICE: StreamId = StreamId(8);
/// A period in which a GCU is up or down; by GCU and number of the period.
pub(super) const COMPUTER_SESSION: StreamId = StreamId(9);
/// A period in which a GBU is up or down; by GBU and number of the period.
pub(super) const BROKER_SESSION: StreamId = StreamId(10);
/// How long a GCU offers the same; by GCU and number of the change.
pub(super) const RENEWAL: StreamId = StreamId(11);
/// Whether a GCU offers a service after a change; by GCU, number of the change and service.
pub(super) const OFFER_ANEW: StreamId = StreamId(12);
/// Which GCUs offer a service, where their number is given; by service.
pub(super) const OFFERED_BY: StreamId = StreamId(20);
/// A period in which a GCU has failed or not; by GCU and number of the period.
pub(super) const COMPUTER_FAULT: StreamId = StreamId(23);
/// A period in which a GBU has failed or not; by GBU and number of the period.
pub(super) const BROKER_FAULT: StreamId = StreamId(24);
/// A GCU's place in the order in which a rule is applied; by GCU and rule.
pub(super) const RULE_COMPUTER: StreamId = StreamId(13);
/// A GBU's place in the order in which a rule is applied; by GBU and rule.
pub(super) const RULE_BROKER: StreamId = StreamId(14);
/// The place of a link or a tunnel in the order in which a rule is applied; by its index among them, and rule.
pub(super) const RULE_EDGE: StreamId = StreamId(15);
/// To which broker a rule lets a GCU go; by GCU, and by rule and attempt.
pub(super) const CHOICE_COMPUTER: StreamId = StreamId(16);
/// To which broker a rule lets a GBU go; by GBU, and by rule and attempt.
pub(super) const CHOICE_BROKER: StreamId = StreamId(17);
/// The time between two applications of a rule; by rule and number of the application.
pub(super) const RULE_TIME: StreamId = StreamId(18);
/// To whom a rule is applied then; by number of the application, and attempt.
pub(super) const RULE_SUBJECT: StreamId = StreamId(19);
/// Of which class a GCU is; by GCU.
pub(super) const CLASS: StreamId = StreamId(22);
/// The time between two requests, if it follows a law; by request.
pub(super) const INTERARRIVAL: StreamId = StreamId(21);
/// Whether a GCU agrees to a request; by GCU and request.
pub(super) const AGREE: StreamId = StreamId(32);
/// A GCU's place in the order in which computers are asked; by GCU and request.
pub(super) const COMPUTER_ORDER: StreamId = StreamId(33);
