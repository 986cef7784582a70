//! The labels of a GraphML file's nodes, told apart if they are asked to be.
//!
//! This module does *not* know where labels come from.

use std::collections::BTreeMap;

use super::Listing;
use crate::error::{Error, Result};
use crate::topology::faults::{Faults, Remedy, listed, nodes};
use crate::topology::{Domain, Router};

/// The maximum number of rounds in which ids are added to equal labels: more than any sensible file needs.
const RENAMING_ROUNDS_MAX: usize = 4;

/// Among the routers `judged`, adds the nodes' ids to labels that occur twice if `rename` says so;
/// without that they are a fault.
pub(super) fn make_distinct(
    listing: &Listing<'_>,
    routers: &mut [Router],
    judged: &[bool],
    rename: bool,
    faults: &mut Faults,
) -> Result<()> {
    let mut repeated = repeated(routers, judged);
    // Some other label may read like a new one.
    let rounds = if rename { RENAMING_ROUNDS_MAX } else { 0 };
    for _ in 0..rounds {
        for number in repeated {
            let router = &mut routers[number as usize];
            let id = &listing.nodes[number as usize].names[0];
            router.label = format!("{} ({id})", router.label);
            router.domain = Domain::None;
        }
        repeated = self::repeated(routers, judged);
    }
    if repeated.is_empty() {
        return Ok(());
    }
    let more = if rename { " even with the ids" } else { "" };
    let what = format!(
        "labels occur more than once{more}, at {}: {}",
        nodes(repeated.len()),
        listed(&repeated, routers)
    );
    if rename {
        return Err(Error::new(what).help("change these labels in the file"));
    }
    faults.add(what, Remedy::RenameDuplicates);
    Ok(())
}

/// The routers `judged` whose label another one of them has.
pub(super) fn repeated(routers: &[Router], judged: &[bool]) -> Vec<u32> {
    let mut with_label: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    for ((number, router), judged) in (0..).zip(routers).zip(judged) {
        if *judged {
            with_label.entry(&router.label).or_default().push(number);
        }
    }
    let repeated = with_label.into_values().filter(|numbers| numbers.len() > 1);
    let mut repeated: Vec<u32> = repeated.flatten().collect();
    repeated.sort_unstable();
    repeated
}
