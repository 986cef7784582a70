//! Free riders: computers that ask and never agree. Leaders keep accounts of their members, and log out by force
//! those who take more than they give.
//!
//! It does *not* know why a computer does not agree, nor where it goes when it is logged out.

use std::collections::BTreeMap;

use crate::time::{Span, Time};
use crate::unit::UnitId;

/// The rule by which leaders log out members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accounting {
    /// Whoever has taken so many instances more than given stays.
    pub limit: u32,
    /// Nobody is logged out for so long after it has first asked or given.
    pub grace: Span,
    /// Whether a computer that is logged out tries another colony, once.
    pub elsewhere: bool,
}

/// The accounts that a leader keeps of the computers in its colony.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(super) struct Accounts(BTreeMap<UnitId, Account>);

/// What a computer has given and taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Account {
    /// Of a member, or of one that has left.
    Open {
        /// Instances that it has agreed to give, without those that it has got.
        balance: i64,
        /// It is not logged out before.
        grace_until: Time,
    },
    /// Of one that has been logged out, and may not come back.
    Closed,
}

impl Accounts {
    /// A query has come from `member`: whether it is refused, as the member is logged out by now.
    pub(super) fn refuses(&mut self, member: UnitId, rule: Accounting, now: Time) -> bool {
        let account = self.of(member, rule, now);
        if let Account::Open {
            balance,
            grace_until,
        } = *account
            && balance < -i64::from(rule.limit)
            && now >= grace_until
        {
            *account = Account::Closed;
        }
        *account == Account::Closed
    }

    /// Whether `unit` has been logged out, and may not come back.
    pub(super) fn bars(&self, unit: UnitId) -> bool {
        self.0.get(&unit) == Some(&Account::Closed)
    }

    /// `member` has agreed to give so many instances.
    pub(super) fn give(&mut self, member: UnitId, count: u32, rule: Accounting, now: Time) {
        self.add(member, count.into(), rule, now);
    }

    /// `member` has got so many instances.
    pub(super) fn take(&mut self, member: UnitId, count: u32, rule: Accounting, now: Time) {
        self.add(member, -i64::from(count), rule, now);
    }

    fn add(&mut self, member: UnitId, count: i64, rule: Accounting, now: Time) {
        if count != 0
            && let Account::Open { balance, .. } = self.of(member, rule, now)
        {
            *balance += count;
        }
    }

    fn of(&mut self, member: UnitId, rule: Accounting, now: Time) -> &mut Account {
        self.0.entry(member).or_insert(Account::Open {
            balance: 0,
            grace_until: now.saturating_add(rule.grace),
        })
    }

    /// Sets the clock back to 0 at `now`.
    pub(super) fn set_clock(&mut self, now: Time) {
        for account in self.0.values_mut() {
            if let Account::Open { grace_until, .. } = account {
                *grace_until = grace_until.from_zero(now);
            }
        }
    }
}
