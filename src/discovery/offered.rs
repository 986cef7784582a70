//! Services that a given number of computers offer each.
//!
//! Who offers a service is drawn by its number alone, so that more services leave the others as they were,
//! and more computers for each include those that there were. This module does *not* know where
//! computers are.

use super::stream;
use crate::numbers::Numbers;
use crate::random::RandomStreams;

/// What each of `computers` offers if each of `services` is offered by `count` of them, or by all if
/// there are fewer: where the offers of each begin, and one more; and the offers.
pub(super) fn offers(
    services: u32,
    count: u32,
    computers: u32,
    streams: RandomStreams,
) -> (Vec<u32>, Numbers) {
    let each = count.min(computers);
    let mut offering = Vec::with_capacity(services as usize * each as usize);
    // For which service, counted from 1, a computer was drawn last.
    let mut drawn_for = vec![0; computers as usize];
    for service in 0..services {
        if each == computers {
            offering.extend(0..computers);
            continue;
        }
        let mut index = 0..;
        let end = offering.len() + each as usize;
        while offering.len() < end {
            // A computer that is drawn again is skipped: each set of computers is as likely as any
            // other.
            let index = index.next().unwrap_or(u32::MAX);
            let entity = service.into();
            let computer = streams.below(stream::OFFERED_BY, entity, index, computers.into());
            let last = &mut drawn_for[computer as usize];
            if *last != service + 1 {
                *last = service + 1;
                offering.push(computer as u32);
            }
        }
    }
    by_computer(&offering, each, computers)
}

/// The numbers of the services, ascending for each computer, where `each` computers in turn in `offering`
/// offer the next service.
fn by_computer(offering: &[u32], each: u32, computers: u32) -> (Vec<u32>, Numbers) {
    let mut starts = vec![0_u32; computers as usize + 1];
    for computer in offering {
        starts[*computer as usize + 1] += 1;
    }
    for computer in 0..computers as usize {
        starts[computer + 1] += starts[computer];
    }
    let most = (offering.len() as u32).checked_div(each).unwrap_or(0);
    let mut offers = Numbers::zeros(offering.len(), most);
    let mut next = starts.clone();
    let services = offering.chunks(each.max(1) as usize).zip(0..);
    for (chosen, service) in services {
        for computer in chosen {
            let at = &mut next[*computer as usize];
            offers.set(*at as usize, service);
            *at += 1;
        }
    }
    (starts, offers)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// The computers that offer each service.
    fn offering(services: u32, count: u32, computers: u32, seed: u64) -> Vec<BTreeSet<u32>> {
        let streams = RandomStreams::new(seed, 0);
        let (starts, offers) = offers(services, count, computers, streams);
        assert_eq!(starts.len(), computers as usize + 1);
        let mut by_service = vec![BTreeSet::new(); services as usize];
        for computer in 0..computers {
            let own = starts[computer as usize] as usize..starts[computer as usize + 1] as usize;
            let own: Vec<u32> = own.map(|at| offers.get(at)).collect();
            assert!(own.is_sorted_by(|one, next| one < next), "{own:?}");
            for service in own {
                by_service[service as usize].insert(computer);
            }
        }
        by_service
    }

    #[test]
    fn each_service_is_offered_by_so_many_or_by_all() {
        for (services, count, computers) in
            [(5, 3, 10), (4, 10, 10), (3, 7, 5), (1, 1, 1), (2, 1, 0)]
        {
            for who in offering(services, count, computers, 3) {
                assert_eq!(who.len() as u32, count.min(computers));
            }
        }
    }

    #[test]
    fn more_services_or_offers_leave_the_others_as_they_were() {
        let few = offering(5, 3, 50, 4);
        assert_eq!(offering(9, 3, 50, 4)[..5], few);
        let more = offering(5, 8, 50, 4);
        assert!(few.iter().zip(&more).all(|(few, more)| few.is_subset(more)));
        assert_ne!(offering(5, 3, 50, 5), few);
    }

    #[test]
    fn all_computers_are_drawn_alike() {
        let mut times = [0; 10];
        for who in offering(20_000, 3, 10, 6) {
            for computer in who {
                times[computer as usize] += 1;
            }
        }
        // 6,000 each, with a standard deviation of 65.
        assert!(
            times.iter().all(|times| (5_700..6_300).contains(times)),
            "{times:?}"
        );
    }
}
