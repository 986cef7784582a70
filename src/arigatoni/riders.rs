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
    /// How many more instances than it has given a member may take and still stay.
    pub limit: u32,
    /// How long after its first request or service no member is logged out.
    pub grace: Span,
    /// Whether a computer that is logged out tries another colony, once.
    pub elsewhere: bool,
}

/// The accounts that a leader keeps of the computers in its colony.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(super) struct Accounts {
    all: BTreeMap<UnitId, Account>,
    /// The members that have just taken too much, and are to be logged out.
    overdrawn: Vec<UnitId>,
}

/// What a computer has given and taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Account {
    /// Of a member, or of one that has left.
    Open {
        /// Instances that it has given, without those that it has taken.
        balance: i64,
        /// It is not logged out before.
        grace_until: Time,
    },
    /// Of one that has been logged out, and may not come back.
    Closed,
}

impl Account {
    /// Closes it if its owner has taken more than it may, and its grace is over: whether it does.
    fn close_if_overdrawn(&mut self, rule: Accounting, now: Time) -> bool {
        let Self::Open {
            balance,
            grace_until,
        } = *self
        else {
            return false;
        };
        let closes = balance < -i64::from(rule.limit) && now >= grace_until;
        if closes {
            *self = Self::Closed;
        }
        closes
    }
}

impl Accounts {
    /// A query has come from `member`: whether it is refused, as the member is logged out by now.
    pub(super) fn refuses(&mut self, member: UnitId, rule: Accounting, now: Time) -> bool {
        let account = self.of(member, rule, now);
        account.close_if_overdrawn(rule, now);
        *account == Account::Closed
    }

    /// Whether `unit` has been logged out, and may not come back.
    pub(super) fn bars(&self, unit: UnitId) -> bool {
        self.all.get(&unit) == Some(&Account::Closed)
    }

    /// `member` has given `count` instances.
    pub(super) fn give(&mut self, member: UnitId, count: u32, rule: Accounting, now: Time) {
        self.add(member, count.into(), rule, now);
    }

    /// `member` has taken `count` instances. If that is too many, it is to be logged out.
    pub(super) fn take(&mut self, member: UnitId, count: u32, rule: Accounting, now: Time) {
        self.add(member, -i64::from(count), rule, now);
        if self.of(member, rule, now).close_if_overdrawn(rule, now) {
            self.overdrawn.push(member);
        }
    }

    /// Those who are to be logged out.
    pub(super) fn take_overdrawn(&mut self) -> Vec<UnitId> {
        std::mem::take(&mut self.overdrawn)
    }

    /// Whether somebody is to be logged out.
    #[inline]
    pub(super) fn has_overdrawn(&self) -> bool {
        !self.overdrawn.is_empty()
    }

    fn add(&mut self, member: UnitId, count: i64, rule: Accounting, now: Time) {
        if count != 0
            && let Account::Open { balance, .. } = self.of(member, rule, now)
        {
            *balance += count;
        }
    }

    fn of(&mut self, member: UnitId, rule: Accounting, now: Time) -> &mut Account {
        self.all.entry(member).or_insert(Account::Open {
            balance: 0,
            grace_until: now.saturating_add(rule.grace),
        })
    }

    /// Sets the clock back to 0 at `now`.
    pub(super) fn set_clock(&mut self, now: Time) {
        for account in self.all.values_mut() {
            if let Account::Open { grace_until, .. } = account {
                *grace_until = grace_until.from_zero(now);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discovery::gcu;

    /// A member that has taken one instance too many is logged out at once, or with its next query after its
    /// grace period.
    #[test]
    fn who_takes_too_much_is_logged_out_once() {
        let rule = |grace_s| Accounting {
            limit: 2,
            grace: Span::from_s(grace_s),
            elsewhere: false,
        };
        let at = |seconds| Time::ZERO + Span::from_s(seconds);
        let mut accounts = Accounts::default();
        accounts.give(gcu(1), 1, rule(0), at(0));
        accounts.take(gcu(1), 3, rule(0), at(1));
        assert!(!accounts.has_overdrawn() && !accounts.bars(gcu(1)));
        accounts.take(gcu(1), 1, rule(0), at(2));
        assert!(accounts.has_overdrawn() && accounts.bars(gcu(1)));
        accounts.take(gcu(1), 1, rule(0), at(3));
        assert_eq!(accounts.take_overdrawn(), [gcu(1)]);
        assert!(!accounts.has_overdrawn() && accounts.refuses(gcu(1), rule(0), at(4)));
        accounts.take(gcu(2), 5, rule(10), at(0));
        assert!(!accounts.has_overdrawn() && !accounts.refuses(gcu(2), rule(10), at(9)));
        assert!(accounts.refuses(gcu(2), rule(10), at(10)) && !accounts.has_overdrawn());
    }
}
