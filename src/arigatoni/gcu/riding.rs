//! What a computer does that its leader has logged out.
//!
//! It does *not* know what it has taken and given.

use super::Gcu;
use crate::arigatoni::Context;
use crate::arigatoni::guest;
use crate::arigatoni::membership::Membership;
use crate::arigatoni::message::Reminder;
use crate::arigatoni::migration::Settler as _;
use crate::arigatoni::policy::{Given, Policy};
use crate::unit::UnitId;

impl Gcu {
    /// `leader` has logged it out: it has a second chance elsewhere, if the rule says so, or works by itself.
    #[cold]
    pub(super) fn logged_out<P: Policy>(
        &mut self,
        leader: UnitId,
        given: &Given<P>,
        context: &mut Context<'_>,
    ) {
        if self.membership.leader() != Some(leader) && self.membership.lost() != Some(leader) {
            return;
        }
        // Whichever reminder there is of its leader, it is not needed any more.
        context.disarm(Reminder::Return);
        if self.membership.is_leaving() {
            // One that has a tunnel is still about to leave the end of that.
            let has_tunnel = guest::besides(given, context.me()).is_some();
            if given.rules.accounting.is_none() && !has_tunnel {
                context.disarm(Reminder::Leave);
            }
            self.membership = Membership::Away(leader);
            self.goes_where_told(given, context);
            return;
        }
        let Some(rule) = given.rules.accounting else {
            self.membership = Membership::Away(leader);
            let known = (&given.rules, &mut self.rare);
            self.asking.give_up_all(leader, known, context);
            return;
        };
        let rare = self.rare();
        let has_chance = rule.elsewhere && !rare.logged_out;
        rare.logged_out = true;
        // No edge of the tree is missing, so there is no reason to make one through a firewall.
        let within_domain = given.rules.borders.firewall;
        let units = (context.me(), leader);
        let other = has_chance.then(|| given.policy.another(units, within_domain));
        match other.flatten() {
            Some(other) => {
                self.membership = Membership::Member(other);
                self.register(given, context);
            }
            None => self.membership = Membership::Alone,
        }
    }
}
