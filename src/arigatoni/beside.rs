//! What is beside the tree of brokers: whom each one asks besides its colony and its super-broker, and whether more may be
//! reached by way of it than its colony offers.
//!
//! It does *not* know whether colonies are linked, or one has a tunnel to another.

use super::colony_links::Links;
use super::tunnels::Tunnels;
use crate::discovery::{Brokers, gbu};
use crate::unit::UnitId;

/// What each broker can reach beside its own colony when the request phase begins.
#[derive(Debug, Clone)]
pub(super) struct Beside {
    /// By broker, ascending.
    at_first: Vec<Vec<UnitId>>,
    /// By broker: whether it, or one below it, is ever beside another.
    leads_on: Vec<bool>,
}

impl Beside {
    /// Those of `brokers` with these links and tunnels.
    pub(super) fn new(brokers: &Brokers, links: Option<&Links>, tunnels: Option<&Tunnels>) -> Self {
        let count = brokers.list().len();
        let mut beside = Self {
            at_first: vec![Vec::new(); count],
            leads_on: vec![false; count],
        };
        for (number, &(one, other)) in (0..).zip(links.into_iter().flat_map(Links::pairs)) {
            for broker in [one, other] {
                beside.leads_on[broker as usize] = true;
            }
            if links.is_some_and(|links| links.is_up_at_first(number)) {
                beside.at_first[one as usize].push(gbu(other));
                beside.at_first[other as usize].push(gbu(one));
            }
        }
        let of = |broker: u32| tunnels.and_then(|it| it.of(gbu(broker)));
        for broker in 0..count as u32 {
            if let Some(tunnel) = of(broker).filter(|it| it.besides) {
                if tunnel.at_first {
                    beside.at_first[broker as usize].push(tunnel.leader);
                }
                beside.leads_on[broker as usize] = true;
            }
        }
        for peers in &mut beside.at_first {
            peers.sort_unstable();
            peers.dedup();
        }
        for &broker in brokers.top_down().iter().rev() {
            let parent = brokers.list()[broker as usize].parent;
            // It is nearer to the root as well.
            let end = of(broker).map(|it| it.leader.index());
            for above in [parent, end].into_iter().flatten() {
                beside.leads_on[above as usize] |= beside.leads_on[broker as usize];
            }
        }
        beside
    }

    /// Whom `broker` asks besides, ascending.
    pub(super) fn at_first(&self, broker: UnitId) -> &[UnitId] {
        &self.at_first[broker.index() as usize]
    }

    /// Whether `broker`, or one below it in the complete overlay, is ever beside another.
    pub(super) fn leads_on(&self, broker: UnitId) -> bool {
        self.leads_on[broker.index() as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discovery::{MadeLink, MadeTunnel};
    use crate::random::RandomStreams;
    use crate::topology::RouterId;

    /// 1, 2 and 5 below 0; 3 below 1, 4 below 2, 6 below 5.
    fn brokers() -> Brokers {
        let parents = [None, Some(0), Some(0), Some(1), Some(2), Some(0), Some(5)];
        let on = (0..).map(RouterId).zip(parents);
        Brokers::from_parents(&on.collect::<Vec<_>>())
    }

    /// By broker: those beside it at first; and those that lead on.
    fn all(beside: &Beside) -> (Vec<Vec<u32>>, Vec<u32>) {
        let numbers = |units: &[UnitId]| units.iter().map(|unit| unit.index()).collect();
        let at_first = (0..7).map(|it| numbers(beside.at_first(gbu(it))));
        let leads_on = (0..7).filter(|it| beside.leads_on(gbu(*it)));
        (at_first.collect(), leads_on.collect())
    }

    #[test]
    fn links_are_there_from_both_ends_and_lead_on_from_above() {
        let made = |at_first| {
            let pair = (2, 3);
            let links = Links::made(&[MadeLink { pair, at_first }], RandomStreams::new(1, 0));
            all(&Beside::new(&brokers(), Some(&links), None))
        };
        let nobody = || vec![Vec::new(); 7];
        let mut linked = nobody();
        (linked[2], linked[3]) = (vec![3], vec![2]);
        assert_eq!(made(true), (linked, vec![0, 1, 2, 3]));
        // One that a rule makes later leads on all the same.
        assert_eq!(made(false), (nobody(), vec![0, 1, 2, 3]));
        assert_eq!(
            all(&Beside::new(&brokers(), None, None)),
            (nobody(), vec![])
        );
    }

    #[test]
    fn a_tunnel_besides_leads_on_from_both_ends() {
        let made = |besides| {
            let tunnels = Tunnels::made(&[MadeTunnel {
                unit: gbu(6),
                leader: gbu(2),
                friend: None,
                besides,
                at_first: true,
            }]);
            all(&Beside::new(&brokers(), None, Some(&tunnels)))
        };
        let mut beside = vec![Vec::new(); 7];
        assert_eq!(made(false), (beside.clone(), vec![]));
        beside[6] = vec![2];
        assert_eq!(made(true), (beside, vec![0, 2, 5, 6]));
    }
}
