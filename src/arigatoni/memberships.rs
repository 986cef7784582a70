//! Which unit belongs to which leader, according to the states of GCUs and GBUs.
//!
//! It does *not* know to which leader each should belong.

use super::{Gbu, Gcu};
use crate::discovery::{Memberships, gbu, gcu};

/// What `gcus` and `gbus` say, by number; `is_mutual`: at rest a member that lives knows of it.
pub(super) fn of(gcus: &[Gcu], gbus: &[Gbu], is_mutual: bool) -> Memberships {
    let computers = (0..).map(gcu).zip(gcus.iter().map(Gcu::leader));
    let brokers = (0..).map(gbu).zip(gbus.iter().map(Gbu::super_broker));
    let tables = gbus.iter().map(|broker| broker.table().members().to_vec());
    let linked = gbus.iter().map(|broker| broker.linked().collect());
    Memberships {
        believed: computers.chain(brokers).collect(),
        listed: (0..).map(gbu).zip(tables).collect(),
        linked: (0..).map(gbu).zip(linked).collect(),
        is_mutual,
    }
}
