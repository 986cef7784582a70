//! Brute force over the exports of a run: reads `world.json` and `requests.csv` as an outsider
//! would, and says what must have happened. It shares no code with the simulator.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

pub(super) struct World {
    links: Vec<(usize, usize, u64)>,
    routers: usize,
    gbus: Vec<Gbu>,
    gcus: Vec<Gcu>,
    /// Pairs of brokers that are linked.
    pub(super) linked: Vec<(usize, usize)>,
    /// The domain of each router.
    domains: Vec<u64>,
    /// By computer: the broker at the end of its tunnel, and its friend.
    pub(super) tunnels: BTreeMap<usize, Tunnel>,
    /// The same by broker.
    pub(super) colony_tunnels: BTreeMap<usize, Tunnel>,
    /// Whether who has a tunnel is a member of its own colony as well.
    pub(super) home: bool,
    /// Whether who is disconnected has crashed: then a broker's subcolonies are cut off as well.
    pub(super) crashed: bool,
}

/// The end of a tunnel, and the friend, if it needs one.
pub(super) type Tunnel = (usize, Option<usize>);

struct Gbu {
    router: usize,
    parent: Option<usize>,
    disconnected: bool,
}

struct Gcu {
    gbu: usize,
    access_ns: u64,
    offers: Vec<u64>,
    disconnected: bool,
}

pub(super) struct Request {
    pub(super) gcu: usize,
    pub(super) service: u64,
    pub(super) outcome: String,
    pub(super) providers: Vec<usize>,
    pub(super) latency_ns: Option<u64>,
    pub(super) messages: u64,
    pub(super) level: Option<usize>,
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap()
}

impl World {
    pub(super) fn parse(text: &str) -> Self {
        let world: Value = serde_json::from_str(text).unwrap();
        let list = |name: &str| world[name].as_array().unwrap().clone();
        let link = |link: &Value| {
            (
                number(&link[0]) as usize,
                number(&link[1]) as usize,
                number(&link[2]),
            )
        };
        let gbu = |gbu: &Value| Gbu {
            router: number(&gbu["router"]) as usize,
            parent: gbu["parent"].as_u64().map(|parent| parent as usize),
            disconnected: gbu["disconnected"].as_bool().unwrap(),
        };
        let gcu = |gcu: &Value| Gcu {
            gbu: number(&gcu["gbu"]) as usize,
            access_ns: number(&gcu["access_ns"]),
            offers: gcu["offers"]
                .as_array()
                .unwrap()
                .iter()
                .map(number)
                .collect(),
            disconnected: gcu["disconnected"].as_bool().unwrap(),
        };
        let tunnels = |name: &str, of: &str, to: &str| {
            let all = world[name].as_array().into_iter().flatten();
            all.map(|it| {
                let friend = it["friend"].as_u64().map(|friend| friend as usize);
                let [of, to] = [of, to].map(|name| number(&it[name]) as usize);
                (of, (to, friend))
            })
            .collect()
        };
        Self {
            tunnels: tunnels("tunnels", "gcu", "gbu"),
            colony_tunnels: tunnels("colony_tunnels", "gbu", "super_broker"),
            home: true,
            crashed: false,
            links: list("links").iter().map(link).collect(),
            routers: number(&world["routers"]) as usize,
            gbus: list("gbus").iter().map(gbu).collect(),
            gcus: list("gcus").iter().map(gcu).collect(),
            linked: world["colony_links"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|pair| (number(&pair[0]) as usize, number(&pair[1]) as usize))
                .collect(),
            domains: list("domains").iter().map(number).collect(),
        }
    }

    /// The brokers' domains, and their super-brokers before the disconnections.
    pub(super) fn domains_and_parents(&self) -> Vec<(u64, Option<usize>)> {
        let gbus = self.gbus.iter();
        gbus.map(|gbu| (self.domains[gbu.router], gbu.parent))
            .collect()
    }

    /// The brokers that are reached from `gbu` over the edges of the tree that are left and over links.
    pub(super) fn reached(&self, gbu: usize) -> BTreeSet<usize> {
        let brokers = 0..self.gbus.len();
        let at_home = |gbu: &usize| self.home || !self.colony_tunnels.contains_key(gbu);
        let parents = brokers
            .filter(at_home)
            .filter_map(|gbu| Some((gbu, self.parent(gbu)?)));
        let tunnels = self.colony_tunnels.iter();
        let tunnels =
            tunnels.filter(|(gbu, tunnel)| !self.gbus[**gbu].disconnected && self.leads(tunnel));
        let tunnels = tunnels.map(|(gbu, (end, _))| (*gbu, *end));
        let linked = self.linked.iter().copied();
        let edges = parents.chain(linked).chain(tunnels);
        let edges = edges.filter(|(one, other)| !self.is_dead(*one) && !self.is_dead(*other));
        let edges: Vec<(usize, usize)> = edges.collect();
        reached_over(&edges, gbu)
    }

    /// The brokers that are reached from `gbu` over the edges of the tree that are left and lie in its domain.
    pub(super) fn within_domain(&self, gbu: usize) -> BTreeSet<usize> {
        let edges = (0..self.gbus.len()).filter_map(|gbu| Some((gbu, self.parent(gbu)?)));
        let near = edges.filter(|(one, other)| self.domain(*one) == self.domain(*other));
        reached_over(&near.collect::<Vec<_>>(), gbu)
    }

    /// The GCUs that `requester` reaches over the graph and that offer all `services`.
    pub(super) fn offering_in_graph(&self, requester: usize, services: &[u64]) -> Vec<usize> {
        let reached = self.reached(self.gcus[requester].gbu);
        let able = self.offering_anywhere(requester, services).into_iter();
        able.filter(|&gcu| reached.contains(&self.gcus[gcu].gbu))
            .collect()
    }

    /// Whether a tunnel leads to its end: its friend has not gone.
    fn leads(&self, (_, friend): &Tunnel) -> bool {
        friend.is_none_or(|friend| self.is_connected(friend))
    }

    /// The leaders of `gcu`: that of its own colony, and that at the end of its tunnel.
    fn leaders(&self, gcu: usize) -> Vec<usize> {
        let tunnel = self.tunnels.get(&gcu);
        let own = self.gcus[gcu].gbu;
        let own = (self.home || tunnel.is_none()).then_some(own);
        let end = tunnel.filter(|it| self.leads(it)).map(|(end, _)| *end);
        own.into_iter().chain(end).collect()
    }

    /// The GCUs that `requester` reaches over the graph and through tunnels, its own included, and that offer `service`.
    pub(super) fn offering_through_tunnels(&self, requester: usize, service: u64) -> Vec<usize> {
        let own = self.leaders(requester).into_iter();
        let reached: BTreeSet<usize> = own.flat_map(|leader| self.reached(leader)).collect();
        let able = self.offering_anywhere(requester, &[service]).into_iter();
        able.filter(|&gcu| self.leaders(gcu).iter().any(|it| reached.contains(it)))
            .collect()
    }

    /// The domain of the router of a broker.
    pub(super) fn domain(&self, gbu: usize) -> u64 {
        self.domains[self.gbus[gbu].router]
    }

    /// The brokers with which computers are at home.
    pub(super) fn homes(&self) -> Vec<usize> {
        self.gcus.iter().map(|gcu| gcu.gbu).collect()
    }

    /// The router of a broker.
    pub(super) fn router(&self, gbu: usize) -> usize {
        self.gbus[gbu].router
    }

    /// The latency of a computer's access link.
    pub(super) fn access_ns(&self, gcu: usize) -> u64 {
        self.gcus[gcu].access_ns
    }

    /// The brokers on the way over the tree from one to another, both included.
    pub(super) fn tree_way(&self, one: usize, other: usize) -> Vec<usize> {
        let above = |gbu: usize| std::iter::successors(Some(gbu), |gbu| self.gbus[*gbu].parent);
        let down: Vec<usize> = above(other).collect();
        let mut way: Vec<usize> = above(one).take_while(|gbu| !down.contains(gbu)).collect();
        let meeting = above(one).find(|gbu| down.contains(gbu)).unwrap();
        let end = down.iter().position(|gbu| *gbu == meeting).unwrap();
        way.extend(down[..=end].iter().rev());
        way
    }

    /// All-pairs latencies, by Floyd and Warshall.
    pub(super) fn distances(&self) -> Vec<Vec<u64>> {
        let mut d = vec![vec![u64::MAX / 4; self.routers]; self.routers];
        for (router, row) in d.iter_mut().enumerate() {
            row[router] = 0;
        }
        for &(u, v, ns) in &self.links {
            d[u][v] = d[u][v].min(ns);
            d[v][u] = d[v][u].min(ns);
        }
        for k in 0..self.routers {
            let via = d[k].clone();
            for row in &mut d {
                let to_k = row[k];
                for (cell, from_k) in row.iter_mut().zip(&via) {
                    *cell = (*cell).min(to_k + from_k);
                }
            }
        }
        d
    }

    /// Whether a broker has crashed.
    fn is_dead(&self, gbu: usize) -> bool {
        self.crashed && self.gbus[gbu].disconnected
    }

    /// Whether `gcu` has a leader of its own to ask.
    pub(super) fn has_leader(&self, gcu: usize) -> bool {
        !self.is_dead(self.gcus[gcu].gbu)
    }

    /// A broker's super-broker after the disconnections.
    fn parent(&self, gbu: usize) -> Option<usize> {
        let is_cut = |above: usize| self.gbus[gbu].disconnected || self.is_dead(above);
        self.gbus[gbu].parent.filter(|above| !is_cut(*above))
    }

    /// A broker and all above it, lowest first.
    fn chain(&self, gbu: usize) -> Vec<usize> {
        std::iter::successors(Some(gbu), |&gbu| self.parent(gbu)).collect()
    }

    pub(super) fn is_connected(&self, gcu: usize) -> bool {
        !self.gcus[gcu].disconnected
    }

    /// The GCUs that can serve `request`, with their leaders' chains.
    fn able(&self, request: &Request) -> Vec<(usize, Vec<usize>)> {
        let able = self.offering_anywhere(request.gcu, &[request.service]);
        let chain = |gcu: usize| (gcu, self.chain(self.gcus[gcu].gbu));
        able.into_iter().map(chain).collect()
    }

    /// The GCUs but `requester` that offer all `services`, whether they are in one tree with it or not.
    pub(super) fn offering_anywhere(&self, requester: usize, services: &[u64]) -> Vec<usize> {
        let offers_all = |gcu: usize| {
            let offers = &self.gcus[gcu].offers;
            services.iter().all(|service| offers.contains(service))
        };
        let all = 0..self.gcus.len();
        all.filter(|&gcu| gcu != requester && self.is_connected(gcu) && offers_all(gcu))
            .collect()
    }

    /// The able GCUs in the requester's tree.
    pub(super) fn able_in_tree(&self, request: &Request) -> Vec<usize> {
        self.offering_in_tree(request.gcu, &[request.service])
    }

    /// The GCUs in the tree of `requester` that offer all `services`.
    pub(super) fn offering_in_tree(&self, requester: usize, services: &[u64]) -> Vec<usize> {
        let root = |gcu: usize| *self.chain(self.gcus[gcu].gbu).last().unwrap();
        let own = root(requester);
        let able = self.offering_anywhere(requester, services).into_iter();
        able.filter(|&gcu| root(gcu) == own).collect()
    }

    /// How many levels above the requester's leader the lowest broker is that has the leader of `provider` below it, and
    /// how many edges there are between the two computers.
    pub(super) fn way(&self, requester: usize, provider: usize) -> (usize, usize) {
        let [own, other] = [requester, provider].map(|gcu| self.chain(self.gcus[gcu].gbu));
        let level = own.iter().position(|gbu| other.contains(gbu)).unwrap();
        let down = other.iter().position(|gbu| *gbu == own[level]).unwrap();
        (level, 2 + level + down)
    }

    /// How many times a query of `gcu` can be passed upwards.
    pub(super) fn passes(&self, gcu: usize) -> usize {
        self.chain(self.gcus[gcu].gbu).len() - 1
    }

    /// The distance along the overlay tree to the nearest able GCU of the lowest colony around the
    /// requester that has one.
    pub(super) fn nearest_in_lowest_colony(
        &self,
        request: &Request,
        d: &[Vec<u64>],
    ) -> Option<u64> {
        let able = self.able(request);
        let own = self.chain(self.gcus[request.gcu].gbu);
        let along = |chain: &[usize], top: usize| -> u64 {
            let end = chain.iter().position(|&gbu| gbu == top).unwrap();
            chain[..=end]
                .windows(2)
                .map(|edge| d[self.gbus[edge[0]].router][self.gbus[edge[1]].router])
                .sum()
        };
        let leader = *own
            .iter()
            .find(|leader| able.iter().any(|(_, chain)| chain.contains(leader)))?;
        able.iter()
            .filter(|(_, chain)| chain.contains(&leader))
            .map(|(gcu, chain)| {
                self.gcus[request.gcu].access_ns
                    + along(&own, leader)
                    + along(chain, leader)
                    + self.gcus[*gcu].access_ns
            })
            .min()
    }
}

/// What is reached from `begin` over `edges`.
fn reached_over(edges: &[(usize, usize)], begin: usize) -> BTreeSet<usize> {
    let mut reached = BTreeSet::from([begin]);
    loop {
        let before = reached.len();
        for &(one, other) in edges {
            if reached.contains(&one) || reached.contains(&other) {
                reached.extend([one, other]);
            }
        }
        if reached.len() == before {
            return reached;
        }
    }
}

/// The requests of a run, by the column names of `requests.csv`.
pub(super) fn requests(text: &str) -> Vec<Request> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader
        .deserialize::<BTreeMap<String, String>>()
        .map(|row| {
            let row = row.unwrap();
            let number = |name: &str| row[name].parse::<u64>().unwrap();
            Request {
                gcu: number("gcu") as usize,
                service: number("service"),
                outcome: row["outcome"].clone(),
                providers: row["providers"]
                    .split(';')
                    .filter(|provider| !provider.is_empty())
                    .map(|provider| provider.parse().unwrap())
                    .collect(),
                latency_ns: row["latency_ns"].parse().ok(),
                messages: number("messages"),
                level: row["level"].parse().ok(),
            }
        })
        .collect()
}
