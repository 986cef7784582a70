//! The canonical text of a community, and its hash.
//!
//! It does *not* know how a text is read.

use std::collections::BTreeMap;
use std::fmt;

use super::community::{Community, State};
use super::name::{Domain, Name};

/// The parameters of the hash: 64-bit FNV-1a.
const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0000_0100_0000_01b3;

impl Community {
    /// The 64-bit FNV-1a hash of the canonical text. Congruent terms have the same one.
    pub fn hash(&self) -> u64 {
        let text = self.to_string();
        let bytes = text.bytes();
        bytes.fold(FNV_OFFSET, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(FNV_PRIME)
        })
    }
}

impl fmt::Display for Community {
    /// The canonical text: of each soup the members in the order of their names, and last the links and the tunnels.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let members = self.members();
        let members = &members;
        if self.individuals.is_empty() {
            return f.write_str("0");
        }
        let outside = Domain::default();
        // What is left of each soup that is open: a stack, since colonies may be nested as deeply as you like.
        let mut open = vec![(of(members, None), &outside)];
        let mut is_first = true;
        while let Some((rest, domain)) = open.last_mut() {
            let Some((&name, behind)) = rest.split_first() else {
                open.pop();
                if !open.is_empty() {
                    f.write_str(" ]")?;
                }
                continue;
            };
            (*rest, is_first) = (behind, separate(f, is_first)?);
            let individual = &self.individuals[name];
            write!(f, "{name}")?;
            if individual.domain != **domain {
                write!(f, "@{}", individual.domain)?;
            }
            f.write_str(match individual.state {
                State::Idle => "",
                State::Busy => "*",
                State::Faulty => "!",
            })?;
            if !name.is_broker() {
                continue;
            }
            let inside = of(members, Some(name));
            if inside.is_empty() {
                f.write_str("[]")?;
            } else {
                f.write_str("[ ")?;
                is_first = true;
                open.push((inside, &individual.domain));
            }
        }
        for (one, other) in &self.links {
            write!(f, " | {one} ~ {other}")?;
        }
        for ((from, to), friend) in &self.tunnels {
            write!(f, " | {from} => {to}")?;
            if let Some(friend) = friend {
                write!(f, " via {friend}")?;
            }
        }
        Ok(())
    }
}

/// The members of a colony; without a leader those that are free.
fn of<'m>(
    members: &'m BTreeMap<Option<&'m Name>, Vec<&'m Name>>,
    leader: Option<&'m Name>,
) -> &'m [&'m Name] {
    members.get(&leader).map_or(&[][..], Vec::as_slice)
}

/// Puts a bar before all items of a soup but the first one.
fn separate(f: &mut fmt::Formatter<'_>, is_first: bool) -> Result<bool, fmt::Error> {
    if !is_first {
        f.write_str(" | ")?;
    }
    Ok(false)
}
