//! Credentials: whose are not valid, when some are revoked, and when which brokers hear of it.
//!
//! It does *not* know who checks them.

use serde_json::{Value, json};

use super::config::Trust;
use super::domains::Domains;
use crate::discovery::{Command, CredentialStatus, World, gbu};
use crate::random::StreamId;
use crate::time::Span;
use crate::unit::UnitId;

/// A computer's place in the order in which credentials are forged; by GCU.
const FORGED: StreamId = StreamId(47);
/// A computer's place in the order in which credentials expire; by GCU.
const EXPIRED: StreamId = StreamId(48);
/// A computer's place in the order in which credentials are revoked; by GCU.
const REVOKED: StreamId = StreamId(49);
/// When a credential is revoked; by GCU.
const WHEN: StreamId = StreamId(51);
/// When the brokers of a domain get their first list of revocations; by domain.
const FIRST_LIST: StreamId = StreamId(52);

/// The credentials of all computers of a run.
#[derive(Debug, Clone)]
pub(super) struct Credentials {
    /// What a check shows of each, and when it is revoked.
    all: Vec<(CredentialStatus, Option<Span>)>,
    /// When which brokers get their first list, and how often another one; by domain.
    lists: Vec<(Span, Vec<u32>)>,
    every: Span,
}

impl Credentials {
    /// Draws them, for brokers in `domains`.
    pub(super) fn draw(config: &Trust, world: &World, domains: &Domains) -> Self {
        let [forged, expired, revoked] = [
            (FORGED, config.forged),
            (EXPIRED, config.expired),
            (REVOKED, config.revoked),
        ]
        .map(|(stream, share)| world.draw_share(stream, share.0));
        let range = [Span::ZERO, world.last_issue()];
        let computers = world.population.computers().zip(0_usize..);
        let all = computers.map(|(computer, id)| {
            let status = match () {
                () if forged[id] => CredentialStatus::Forged,
                () if expired[id] => CredentialStatus::Expired,
                () => CredentialStatus::Valid,
            };
            let is_revoked = revoked[id] && status == CredentialStatus::Valid;
            let at = || world.streams.span(WHEN, computer.entity(), 0, range);
            (status, is_revoked.then(at))
        });
        let every = crate::parameters::number::seconds(config.revocation_s.0);
        let first = |(number, brokers): (u64, Vec<u32>)| {
            let range = [Span::ZERO, every];
            (world.streams.span(FIRST_LIST, number, 0, range), brokers)
        };
        Self {
            all: all.collect(),
            lists: (0..).zip(domains.members()).map(first).collect(),
            every,
        }
    }

    /// What a check of the credential of `computer` shows where it `is_known` whether it has been revoked.
    pub(super) fn status(
        &self,
        computer: u32,
        is_known: impl FnOnce() -> bool,
    ) -> CredentialStatus {
        match self.all[computer as usize] {
            (CredentialStatus::Valid, Some(_)) if is_known() => CredentialStatus::Revoked,
            (status, _) => status,
        }
    }

    /// What an export says of those that are not valid, or will not be.
    pub(super) fn describe(&self) -> Value {
        let invalid = self.all.iter().zip(0_u32..).filter_map(|(it, gcu)| {
            let (kind, revoked_ns) = match it {
                (CredentialStatus::Forged, _) => ("forged", None),
                (CredentialStatus::Expired, _) => ("expired", None),
                (_, Some(at)) => ("revoked", Some(at.as_ns())),
                (_, None) => return None,
            };
            Some(json!({"gcu": gcu, "kind": kind, "revoked_ns": revoked_ns}))
        });
        invalid.collect()
    }

    /// When the credential of `computer` is revoked, if it is.
    pub(super) fn revoked_at(&self, computer: u32) -> Option<Span> {
        self.all[computer as usize].1
    }

    /// What brokers are told of revocations up to the instant `last`, ascending by (span, unit).
    pub(super) fn told(&self, last: Span) -> Vec<(Span, UnitId, Command)> {
        let mut told = Vec::new();
        for (&(_, revoked), computer) in self.all.iter().zip(0..) {
            let Some(at) = revoked else {
                continue;
            };
            for (first, brokers) in &self.lists {
                let heard = self.next_list(*first, at);
                let to = brokers.iter().filter(|_| heard <= last);
                told.extend(to.map(|&it| (heard, gbu(it), Command::Revoke { computer })));
            }
        }
        told.sort_by_key(|(at, unit, _)| (*at, *unit));
        told
    }

    /// When the first list comes that says what was revoked at the instant `at`.
    fn next_list(&self, first: Span, at: Span) -> Span {
        let every = self.every.as_ns();
        if every == 0 || at <= first {
            return at.max(first);
        }
        let since = at.as_ns() - first.as_ns();
        let lists = since.div_ceil(every);
        Span::from_ns(first.as_ns().saturating_add(lists.saturating_mul(every)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_comes_every_so_often() {
        let heard = |every_s, at_s| {
            let credentials = Credentials {
                all: Vec::new(),
                lists: Vec::new(),
                every: Span::from_s(every_s),
            };
            let first = Span::from_s(if every_s == 0 { 0 } else { 3 });
            credentials.next_list(first, Span::from_s(at_s))
        };
        assert_eq!(heard(10, 0), Span::from_s(3));
        assert_eq!(heard(10, 3), Span::from_s(3));
        assert_eq!(heard(10, 4), Span::from_s(13));
        assert_eq!(heard(10, 13), Span::from_s(13));
        assert_eq!(heard(10, 24), Span::from_s(33));
        assert_eq!(heard(0, 24), Span::from_s(24));
    }
}
