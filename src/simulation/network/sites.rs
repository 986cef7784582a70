//! Where units are attached.
//!
//! Looked up for both ends of every message, so kept small. It does *not* know what goes over an
//! access link.

use crate::system::Site;
use crate::time::Span;
use crate::topology::RouterId;

/// The places of all units of a kind: once for all as long as all are alike, access latencies only
/// where there are any.
#[derive(Debug, Default)]
pub(super) struct Sites {
    len: usize,
    /// Where the first unit sits.
    first: Option<Site>,
    /// Empty as long as all sites are as the first one.
    routers: Vec<RouterId>,
    /// Empty if no unit so far has an access link.
    access: Latencies,
}

impl Sites {
    /// Adds the place of the next unit.
    pub(super) fn push(&mut self, site: Site) {
        let first = *self.first.get_or_insert(site);
        if self.routers.is_empty() && site != first {
            (0..self.len).for_each(|index| self.put(index, first));
        }
        if site != first || !self.routers.is_empty() {
            self.put(self.len, site);
        }
        self.len += 1;
    }

    /// Puts down the site of unit number `index`, those of all before it being there.
    fn put(&mut self, index: usize, site: Site) {
        if site.access.is_some() || !self.access.is_empty() {
            self.access.put(index, site.access);
        }
        self.routers.push(site.router);
    }

    /// The place of unit number `index`.
    #[inline]
    pub(super) fn of(&self, index: usize) -> Site {
        match (self.routers.get(index), self.first) {
            (Some(&router), _) => Site {
                router,
                access: self.access.get(index),
            },
            (None, Some(first)) => first,
            (None, None) => unreachable!("every unit that sends or is sent to has a site"),
        }
    }
}

/// Latencies of access links in nanoseconds, plus one; 0 where there is no such link. Four bytes
/// each, unless one lasts longer than four seconds.
#[derive(Debug)]
enum Latencies {
    Short(Vec<u32>),
    Long(Vec<u64>),
}

impl Default for Latencies {
    fn default() -> Self {
        Self::Short(Vec::new())
    }
}

impl Latencies {
    fn is_empty(&self) -> bool {
        match self {
            Self::Short(all) => all.is_empty(),
            Self::Long(all) => all.is_empty(),
        }
    }

    /// Makes `latency` the one at `index`; where nothing has been put, there is none.
    fn put(&mut self, index: usize, latency: Option<Span>) {
        let code = latency.map_or(0, |latency| latency.as_ns().saturating_add(1));
        if let Self::Short(all) = self {
            if let Ok(code) = u32::try_from(code) {
                put(all, index, code);
                return;
            }
            *self = Self::Long(all.iter().map(|&code| code.into()).collect());
        }
        if let Self::Long(all) = self {
            put(all, index, code);
        }
    }

    #[inline]
    fn get(&self, index: usize) -> Option<Span> {
        let code = match self {
            Self::Short(all) => all.get(index).copied().map(u64::from),
            Self::Long(all) => all.get(index).copied(),
        };
        code?.checked_sub(1).map(Span::from_ns)
    }
}

fn put<T: Copy + Default>(all: &mut Vec<T>, index: usize, code: T) {
    if all.len() <= index {
        all.resize(index + 1, T::default());
    }
    all[index] = code;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(router: u32, access: Option<u64>) -> Site {
        Site {
            router: RouterId(router),
            access: access.map(Span::from_ns),
        }
    }

    #[test]
    fn every_unit_is_found_where_it_was_put() {
        let long = 10_u64.pow(10);
        let edge = u64::from(u32::MAX);
        let lists: [&[Option<u64>]; 8] = [
            &[None, None, None],
            &[Some(3), Some(3), Some(3)],
            &[Some(3), None, Some(0)],
            &[None, Some(0), None, Some(7)],
            &[Some(3), Some(long), None, Some(4)],
            &[None, None, Some(long)],
            &[Some(edge - 1), Some(edge - 2)],
            &[Some(1), Some(edge), Some(edge - 1)],
        ];
        for list in lists {
            for router in [|_: u32| 5, |index: u32| index] {
                let mut sites = Sites::default();
                let wanted = |(index, &access)| site(router(index), access);
                let all: Vec<Site> = (0..).zip(list).map(wanted).collect();
                for &site in &all {
                    sites.push(site);
                }
                for (index, site) in all.iter().enumerate() {
                    assert_eq!(sites.of(index), *site, "{list:?}");
                }
            }
        }
    }
}
