//! What goes with the rules of an `overlay`: of members that exclude each other one is left.
//!
//! This module does *not* know what the rules do.

use serde_json::{Value, json};

use super::members::WITHOUT_BROKERS;
use super::world::{is_given, set};

/// The `overlay` of a world, and what goes with it.
struct Overlay<'w> {
    world: &'w mut Value,
    system: &'w str,
}

impl Overlay<'_> {
    fn of(&self, member: &str) -> String {
        format!("/system/{}/{member}", self.system)
    }

    fn has(&self, member: &str) -> bool {
        is_given(self.world, &self.of(member))
    }

    fn is(&self, member: &str, value: &Value) -> bool {
        self.world.pointer(&self.of(member)) == Some(value)
    }

    fn unset(&mut self, member: &str) {
        let member = self.of(member);
        set(self.world, &member, None);
    }

    /// Whether one of its members is above 0.
    fn any(&self, members: [&str; 2]) -> bool {
        let rate = |member: &str| {
            let rate = self.world.pointer(&self.of(&format!("overlay/{member}")));
            rate.and_then(Value::as_f64).unwrap_or(0.0)
        };
        members.iter().any(|it| rate(it) > 0.0)
    }

    /// Its members are 0, if they are given.
    fn leave_out(&mut self, members: &[&str]) {
        for member in members {
            let member = self.of(&format!("overlay/{member}"));
            if self.world.pointer(&member).is_some() {
                set(self.world, &member, Some(0.into()));
            }
        }
    }

    /// It is said once who comes and goes.
    fn fit_comings(&mut self) {
        let classes = self.world.pointer(&self.of("classes"));
        let classes = classes.and_then(Value::as_array);
        let have_sessions =
            classes.is_some_and(|all| all.iter().any(|it| it["sessions"].is_object()));
        if self.has("sessions") || self.has("faults") || have_sessions {
            self.leave_out(&["fail_rate"]);
            self.unset("overlay/rates_per_s");
        }
    }

    /// It is said once what is beside the tree.
    fn fit_crossings(&mut self) {
        // One broker has nobody beside it.
        let is_central = self.system == "central";
        let is_tree = is_central || self.is("search", &json!("root-first"));
        if is_tree {
            self.leave_out(&["link_rate", "rates_per_s/link"]);
        }
        if is_central {
            self.leave_out(&["migrate_rate"]);
            self.leave_out(&[
                "rates_per_s/migrate",
                "rates_per_s/fire",
                "rates_per_s/friend",
                "rates_per_s/clone",
            ]);
        }
        if self.is("election", &json!(true)) || self.has("migration") || is_tree {
            self.leave_out(&["friend_rate", "clone_rate"]);
        }
        if self.any(["link_rate", "rates_per_s/link"]) {
            self.unset("colony_links");
        }
        let at_first = self.any(["friend_rate", "clone_rate"]);
        if at_first || self.any(["rates_per_s/friend", "rates_per_s/clone"]) {
            self.unset("tunnels");
        }
        // Rules end what rules have made.
        if self.has("colony_links") {
            self.leave_out(&["unlink_rate", "rates_per_s/unlink"]);
        }
        if self.has("tunnels") {
            self.leave_out(&["close_rate", "rates_per_s/close"]);
        }
        if at_first {
            // Where brokers go to other leaders while requests run, no colony has a tunnel.
            self.leave_out(&[
                "rates_per_s/register",
                "rates_per_s/migrate",
                "rates_per_s/move",
            ]);
        }
    }
}

/// Who is disconnected is said once; without brokers there are no colonies.
pub(super) fn reconcile(world: &mut Value, system: &str) {
    let mut overlay = Overlay { world, system };
    if WITHOUT_BROKERS.contains(&system) {
        overlay.unset("overlay");
    }
    if overlay.has("overlay") {
        overlay.unset("disconnection");
        overlay.fit_comings();
        overlay.fit_crossings();
    }
}
