//! A community up to structural congruence, and when it is well formed.
//!
//! Each individual has at most one leader, so a community is a map from names. It does *not* know texts, nor rules.

use std::collections::{BTreeMap, BTreeSet};

use super::name::{Domain, Name};

/// What an individual is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum State {
    /// It has no pending services.
    #[default]
    Idle,
    /// It has pending services: demanded of its leader or by it.
    Busy,
    /// A broker that has failed.
    Faulty,
}

/// A computer, or a broker with its colony.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Individual {
    /// The leader of the colony to which it belongs; `None`: it is free.
    pub leader: Option<Name>,
    /// Its administrative domain.
    pub domain: Domain,
    /// What it is doing.
    pub state: State,
}

/// A community: a soup of computers and colonies with links and tunnels, up to structural congruence.
///
/// It is well formed: each name stands once, each leader is a broker of the community, nobody is inside itself, and links and
/// tunnels join those that are there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Community {
    pub(super) individuals: BTreeMap<Name, Individual>,
    /// Pairs of brokers, each in order.
    pub(super) links: BTreeSet<(Name, Name)>,
    /// From an individual to the leader of a colony elsewhere: the friend that relays; `None`: a clone is there.
    pub(super) tunnels: BTreeMap<(Name, Name), Option<Name>>,
}

/// What is not well formed: what is said of it, and the names that it is about.
pub(super) struct Malformed {
    pub(super) what: String,
    pub(super) help: Option<&'static str>,
}

impl Malformed {
    fn new(what: String) -> Self {
        Self { what, help: None }
    }

    fn help(self, help: &'static str) -> Self {
        let help = Some(help);
        Self { help, ..self }
    }
}

impl Community {
    /// The community of these individuals, without links and tunnels. It is well formed if they are.
    pub(crate) fn of(individuals: impl Iterator<Item = (Name, Individual)>) -> Self {
        Self {
            individuals: individuals.collect(),
            ..Self::default()
        }
    }

    /// Gives an individual another leader, or none.
    pub(crate) fn put_leader(&mut self, name: &Name, leader: Option<Name>) {
        if let Some(individual) = self.individuals.get_mut(name) {
            individual.leader = leader;
        }
    }

    /// Puts an individual into a domain.
    pub(crate) fn put_domain(&mut self, name: &Name, domain: Domain) {
        if let Some(individual) = self.individuals.get_mut(name) {
            individual.domain = domain;
        }
    }

    /// Links two brokers of the community.
    pub(crate) fn put_link(&mut self, one: &Name, other: &Name) {
        self.links.insert(pair(one, other));
    }

    /// Gives an individual a tunnel.
    pub(crate) fn put_tunnel(&mut self, from: &Name, to: &Name, friend: Option<&Name>) {
        let ends = (from.clone(), to.clone());
        self.tunnels.insert(ends, friend.cloned());
    }

    /// All individuals, computers before brokers.
    pub fn individuals(&self) -> impl Iterator<Item = (&Name, &Individual)> {
        self.individuals.iter()
    }

    /// The individual with this name.
    pub fn get(&self, name: &Name) -> Option<&Individual> {
        self.individuals.get(name)
    }

    /// The links, each with its ends in order.
    pub fn links(&self) -> impl Iterator<Item = &(Name, Name)> {
        self.links.iter()
    }

    /// The tunnels: from whom to which colony's leader, and the friend that relays, if one does.
    pub fn tunnels(&self) -> impl Iterator<Item = (&(Name, Name), Option<&Name>)> {
        let all = self.tunnels.iter();
        all.map(|(ends, friend)| (ends, friend.as_ref()))
    }

    /// The leader of the colony to which `name` belongs.
    pub fn leader(&self, name: &Name) -> Option<&Name> {
        self.individuals.get(name)?.leader.as_ref()
    }

    pub(super) fn state(&self, name: &Name) -> State {
        self.individuals
            .get(name)
            .map_or(State::Idle, |it| it.state)
    }

    /// The members of each colony that has some, in their order.
    pub(super) fn members(&self) -> BTreeMap<Option<&Name>, Vec<&Name>> {
        let mut members: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (name, individual) in &self.individuals {
            members
                .entry(individual.leader.as_ref())
                .or_default()
                .push(name);
        }
        members
    }

    /// Whether `name` is `of`, or inside its colony.
    pub(crate) fn is_inside(&self, name: &Name, of: &Name) -> bool {
        let mut above = Some(name);
        // Nobody is above more than all.
        for _ in 0..=self.individuals.len() {
            match above {
                None => return false,
                Some(it) if it == of => return true,
                Some(it) => above = self.leader(it),
            }
        }
        false
    }

    /// What a label about `names` depends on: those of them that are there, who has a tunnel to one of them by another one, the leaders
    /// above all these, and the links and tunnels between them.
    pub(crate) fn around(&self, names: &[Name]) -> Self {
        let by_them = self.tunnels.iter().filter(|((_, to), friend)| {
            names.contains(to) && friend.as_ref().is_some_and(|it| names.contains(it))
        });
        let seen = names.iter().chain(by_them.map(|((from, _), _)| from));
        let mut near: BTreeSet<&Name> = BTreeSet::new();
        for name in seen {
            let mut above = self.individuals.get_key_value(name).map(|(name, _)| name);
            while let Some(name) = above.filter(|it| near.insert(it)) {
                above = self.leader(name);
            }
        }
        let individuals = self.individuals.iter();
        let individuals = individuals.filter(|(name, _)| near.contains(name));
        let links = self.links.iter();
        let links = links.filter(|(one, other)| near.contains(one) && near.contains(other));
        let tunnels = self.tunnels.iter().filter(|((from, to), friend)| {
            let is_near = friend.as_ref().is_none_or(|it| near.contains(it));
            is_near && near.contains(from) && near.contains(to)
        });
        Self {
            individuals: individuals
                .map(|(name, it)| (name.clone(), it.clone()))
                .collect(),
            links: links.cloned().collect(),
            tunnels: tunnels
                .map(|(ends, friend)| (ends.clone(), friend.clone()))
                .collect(),
        }
    }

    /// Adds an individual.
    pub(super) fn add(&mut self, name: Name, individual: Individual) -> Result<(), Malformed> {
        let Some(other) = self.individuals.get(&name) else {
            self.individuals.insert(name, individual);
            return Ok(());
        };
        let leads = |it: &Individual| it.leader.clone();
        Err(match (leads(other), leads(&individual)) {
            (_, Some(leader)) if name.is_broker() && self.is_inside(&leader, &name) => {
                Malformed::new(format!("`{name}` is inside itself"))
                    .help("no broker belongs to its own colony, nor to one inside that")
            }
            (Some(one), Some(other)) if one != other => Malformed::new(format!(
                "`{name}` has two leaders: `{one}` and `{other}`"
            ))
            .help("an individual belongs to one colony; it registers with others by tunnels, `g1 => B2`"),
            _ => Malformed::new(format!("the name `{name}` stands twice"))
                .help("each individual has a name of its own"),
        })
    }

    /// Adds a link.
    pub(super) fn add_link(&mut self, one: &Name, other: &Name) -> Result<(), Malformed> {
        self.known(one)?;
        self.known(other)?;
        if one == other {
            let what = format!("a link joins two colonies, not `{one}` with itself");
            return Err(Malformed::new(what));
        }
        if !self.links.insert(pair(one, other)) {
            let what = format!("the link of `{one}` and `{other}` stands twice");
            return Err(Malformed::new(what));
        }
        Ok(())
    }

    /// Adds a tunnel.
    pub(super) fn add_tunnel(
        &mut self,
        from: &Name,
        to: &Name,
        friend: Option<&Name>,
    ) -> Result<(), Malformed> {
        for name in [from, to].into_iter().chain(friend) {
            self.known(name)?;
        }
        let wrong = |what: String| Err(Malformed::new(what));
        if from == to {
            return wrong(format!("`{from}` has a tunnel to itself"));
        }
        if self.leader(from) == Some(to) {
            return wrong(format!(
                "`{from}` is a member of `{to}`, and needs no tunnel to it"
            ));
        }
        if let Some(friend) = friend
            && (friend == from || self.leader(friend) != Some(to))
        {
            return wrong(format!(
                "the friend of a tunnel to `{to}` is another member of its colony, and `{friend}` is none"
            ));
        }
        let ends = (from.clone(), to.clone());
        if self.tunnels.insert(ends, friend.cloned()).is_some() {
            return wrong(format!("`{from}` has two tunnels to `{to}`"));
        }
        Ok(())
    }

    fn known(&self, name: &Name) -> Result<(), Malformed> {
        if self.individuals.contains_key(name) {
            return Ok(());
        }
        Err(self.unknown(name))
    }

    /// The error that `name` is not there.
    pub(super) fn unknown(&self, name: &Name) -> Malformed {
        let known = self.individuals.keys();
        let known = known.filter(|it| it.is_broker() == name.is_broker());
        let near = crate::error::nearest(name.as_str(), known.map(Name::as_str));
        let near = near.map_or(String::new(), |near| format!("; do you mean `{near}`?"));
        Malformed::new(format!("there is no `{name}` in the community{near}"))
    }

    /// About how many bytes it takes.
    pub fn bytes(&self) -> u64 {
        let individuals = self.individuals.len() * (size_of::<(Name, Individual)>() * 2);
        let edges = (self.links.len() + self.tunnels.len()) * size_of::<[Name; 3]>() * 2;
        (size_of::<Self>() + individuals + edges) as u64
    }
}

/// Two names in order.
pub(super) fn pair(one: &Name, other: &Name) -> (Name, Name) {
    let (first, last) = if one <= other {
        (one, other)
    } else {
        (other, one)
    };
    (first.clone(), last.clone())
}
