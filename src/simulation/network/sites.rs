//! Where units are attached.
//!
//! Looked up for both ends of every message, so kept small. It does *not* know what goes over an
//! access link.

use crate::system::Site;
use crate::time::Span;
use crate::topology::RouterId;

/// The places of all units of a kind.
#[derive(Debug, Default)]
pub(super) struct Sites {
    routers: PerUnit<RouterId>,
    access: Latencies,
}

impl Sites {
    /// Adds the place of the next unit.
    pub(super) fn push(&mut self, site: Site) {
        self.routers.push(site.router);
        self.access.push(site.access);
    }

    /// Puts unit number `index`, which has a place, somewhere else.
    pub(super) fn change(&mut self, index: usize, site: Site) {
        self.routers.set(index, site.router);
        self.access.set(index, site.access);
    }

    /// The place of unit number `index`.
    #[inline]
    pub(super) fn of(&self, index: usize) -> Site {
        Site {
            router: self.routers.of(index),
            access: self.access.of(index),
        }
    }
}

/// A value for each unit, kept once as long as all are alike. Looked up without a branch.
#[derive(Debug)]
struct PerUnit<T> {
    len: usize,
    values: Vec<T>,
    /// All bits of an index, or none as long as all values are alike.
    mask: usize,
}

impl<T> Default for PerUnit<T> {
    fn default() -> Self {
        Self {
            len: 0,
            values: Vec::new(),
            mask: 0,
        }
    }
}

impl<T: Copy + PartialEq> PerUnit<T> {
    fn push(&mut self, value: T) {
        self.tell_apart(value);
        if self.mask != 0 || self.values.is_empty() {
            self.values.push(value);
        }
        self.len += 1;
    }

    fn set(&mut self, index: usize, value: T) {
        self.tell_apart(value);
        if self.mask != 0 {
            self.values[index] = value;
        }
    }

    /// Keeps a value for each from now on, unless `value` is that of all.
    fn tell_apart(&mut self, value: T) {
        let first = *self.values.first().unwrap_or(&value);
        if self.mask == 0 && value != first {
            self.values.resize(self.len, first);
            self.mask = usize::MAX;
        }
    }

    #[inline]
    fn of(&self, index: usize) -> T {
        self.values[index & self.mask]
    }

    /// These values converted to another type.
    fn map<U>(&self, into: impl Fn(T) -> U) -> PerUnit<U> {
        PerUnit {
            len: self.len,
            values: self.values.iter().map(|value| into(*value)).collect(),
            mask: self.mask,
        }
    }
}

/// Latencies of access links in nanoseconds, plus one; 0 where there is no such link. Four bytes
/// each, unless one lasts longer than four seconds.
#[derive(Debug)]
enum Latencies {
    Short(PerUnit<u32>),
    Long(PerUnit<u64>),
}

impl Default for Latencies {
    fn default() -> Self {
        Self::Short(PerUnit::default())
    }
}

impl Latencies {
    fn push(&mut self, latency: Option<Span>) {
        let code = self.make_room(latency);
        match self {
            Self::Short(all) => all.push(code as u32),
            Self::Long(all) => all.push(code),
        }
    }

    fn set(&mut self, index: usize, latency: Option<Span>) {
        let code = self.make_room(latency);
        match self {
            Self::Short(all) => all.set(index, code as u32),
            Self::Long(all) => all.set(index, code),
        }
    }

    /// Makes sure that `latency` can be kept, and says as what.
    fn make_room(&mut self, latency: Option<Span>) -> u64 {
        let code = latency.map_or(0, |latency| latency.as_ns().saturating_add(1));
        if let Self::Short(all) = self
            && u32::try_from(code).is_err()
        {
            *self = Self::Long(all.map(u64::from));
        }
        code
    }

    #[inline]
    fn of(&self, index: usize) -> Option<Span> {
        let code = match self {
            Self::Short(all) => all.of(index).into(),
            Self::Long(all) => all.of(index),
        };
        code.checked_sub(1).map(Span::from_ns)
    }
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

    #[test]
    fn a_unit_is_where_it_was_put_last_and_the_others_stay() {
        let alike = vec![site(3, None); 4];
        let mixed: Vec<Site> = (0..4)
            .map(|unit| site(unit, (unit > 1).then_some(0)))
            .collect();
        for begun in [alike, mixed] {
            let mut sites = Sites::default();
            for &site in &begun {
                sites.push(site);
            }
            let mut now = begun.clone();
            for (unit, place) in [
                (2, site(7, None)),
                (0, site(7, Some(0))),
                (2, site(1, Some(u64::MAX - 1))),
                (0, site(3, None)),
            ] {
                sites.change(unit, place);
                now[unit] = place;
                let told: Vec<Site> = (0..4).map(|unit| sites.of(unit)).collect();
                assert_eq!(told, now);
            }
            sites.push(site(9, None));
            assert_eq!(sites.of(4), site(9, None));
        }
    }
}
