//! What a script of rules does to units while requests run: who is told to leave, to come back, to go elsewhere or to log a
//! member out, which colonies are linked, and which brokers fail.
//!
//! Its premises are those of the rules, on what the script itself has done so far: what units do by themselves after
//! that is no part of it. This module does *not* know the rules, nor how a unit leaves.

use std::collections::{BTreeMap, BTreeSet};

use super::adequacy::name;
use super::config::{Overlay, RatesPerS};
use super::faults::Turn;
use super::overlay::{
    Arrangement, MadeTunnel, along_the_tree, lies_elsewhere, on_routers_of_one, unit_of,
};
use super::{BrokerUnits, Command, GCU, World};
use crate::calculus::{Community, Failure, Label, Rule, State};
use crate::error::{Error, Result};
use crate::parameters::WORKLOAD_S_MAX;
use crate::parameters::number::seconds;
use crate::time::Span;
use crate::unit::UnitId;

/// What happens to a unit, with its time after the beginning of the request phase.
pub(crate) type Scripted = (Span, UnitId, Deed);

/// What happens to a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    /// It comes or goes.
    Turn(Turn),
    /// It is told something else.
    Told(Command),
}

/// A label of a script.
#[derive(Debug)]
pub(super) struct ScriptLine {
    /// When it applies, from the beginning of the request phase; `None`: before that.
    pub(super) at: Option<Span>,
    pub(super) label: Label,
    /// Where it stands in the scenario.
    pub(super) place: String,
}

/// The labels of the script of `overlay`.
///
/// # Errors
/// If one is none, or comes before the one above it.
pub(super) fn read(overlay: &Overlay) -> Result<Vec<ScriptLine>> {
    let mut steps: Vec<ScriptLine> = Vec::new();
    for (number, time, text) in overlay.steps() {
        let place = format!("/system/*/overlay/script/{number}");
        let at = time.map(instant).transpose();
        let at = at.map_err(|error| error.at(&place))?;
        let label = Label::parse(text).map_err(|error| error.at(&place))?;
        if steps.last().is_some_and(|above| at < above.at) {
            let what = format!("`{label}` applies before the label above it");
            let help =
                "write the labels without times first, then those with times, in their order";
            return Err(Error::new(what).at(place).help(help));
        }
        steps.push(ScriptLine { at, label, place });
    }
    Ok(steps)
}

/// The instant that a script calls `text`.
fn instant(text: &str) -> Result<Span> {
    let number = text.strip_suffix('s').and_then(|text| text.parse().ok());
    let number = number.filter(|at: &f64| (0.0..=WORKLOAD_S_MAX).contains(at));
    let error = || {
        Error::new(format!("`{text}` is no time"))
            .help("write seconds from the beginning of the requests, such as `12.5s`")
    };
    number.map(seconds).ok_or_else(error)
}

/// Whether `unit` first comes back, if anything happens to it.
pub(super) fn comes(scripted: &[Scripted], unit: UnitId) -> bool {
    let mut turns = scripted.iter().filter(|(_, other, _)| *other == unit);
    turns.any(|(.., deed)| *deed == Deed::Turn(Turn::Join))
}

/// The brokers that have failed as the requests begin.
pub(super) fn failed_at_first(scripted: &[Scripted]) -> BTreeSet<UnitId> {
    let mut failed = BTreeSet::new();
    let at_first = scripted.iter().take_while(|(at, ..)| *at == Span::ZERO);
    for (_, unit, deed) in at_first {
        match deed {
            Deed::Turn(Turn::Crash) => _ = failed.insert(*unit),
            Deed::Turn(Turn::Restart) => _ = failed.remove(unit),
            _ => {}
        }
    }
    failed
}

/// The units that come and go.
pub(super) fn mobile(scripted: &[Scripted]) -> impl Iterator<Item = UnitId> {
    let turns = scripted.iter();
    turns.filter_map(|(_, unit, deed)| matches!(deed, Deed::Turn(_)).then_some(*unit))
}

/// Whether a leader is told to log `unit` out by force.
pub(super) fn is_expelled(scripted: &[Scripted], unit: UnitId) -> bool {
    let mut deeds = scripted.iter().map(|(_, _, deed)| deed);
    deeds.any(|deed| matches!(deed, Deed::Told(Command::Expel { member }) if *member == unit))
}

/// Whether computers, and whether brokers, are told to go to other leaders.
pub(super) fn settles(scripted: &[Scripted]) -> [bool; 2] {
    let is_told = |is_computer: bool| {
        scripted.iter().any(|(_, unit, deed)| {
            let settles = matches!(deed, Deed::Told(Command::Settle { .. }));
            settles && (unit.kind() == GCU) == is_computer
        })
    };
    [is_told(true), is_told(false)]
}

/// What `steps` do to units of `world`, ascending by (span, unit); `community` is the overlay when requests begin, and units
/// begin as in `arrangement`. Links and tunnels that are made join those of `arrangement`.
///
/// # Errors
/// If a rule cannot be given a time, its premises do not hold, or it comes too late. In the `complete` overlay each unit is in
/// the domain of its router.
pub(super) fn follow(
    steps: Vec<ScriptLine>,
    community: &mut Community,
    (world, complete, arrangement): (&World, &Community, &mut Arrangement),
) -> Result<Vec<Scripted>> {
    let failed = arrangement.failed.iter();
    let mut all: Vec<Scripted> = failed
        .map(|broker| (Span::ZERO, *broker, Deed::Turn(Turn::Crash)))
        .collect();
    let mut following = Following::new((world, complete), arrangement);
    for ScriptLine { at, label, place } in steps {
        let deeds = following.apply(&label, &place, community);
        let deeds = deeds.map_err(|error| error.at(&place))?;
        let at = at.unwrap_or_default();
        if at > world.last() {
            let end_s = world.last().as_ns() as f64 / 1e9;
            let what = format!("`{label}` comes after the end, which is at {end_s} s");
            let help = "let it come earlier, or let the requests go on for longer: see `for_s` and `count`";
            return Err(Error::new(what).at(place).help(help));
        }
        all.extend(deeds.into_iter().map(|(unit, deed)| (at, unit, deed)));
    }
    all.sort_by_key(|&(at, unit, _)| (at, unit));
    following.check_ends()?;
    let Following { links, tunnels, .. } = following;
    arrangement.add_links(links);
    arrangement.add_tunnels(world, tunnels.into_values().map(|(tunnel, _)| tunnel))?;
    arrangement.check_settled(settles(&all)[1])?;
    Ok(all)
}

/// A script that is followed.
struct Following<'w> {
    world: &'w World,
    complete: &'w Community,
    /// The leader to which each unit comes back by itself: its last one.
    back: BTreeMap<UnitId, UnitId>,
    /// The leader of each unit at the beginning.
    first: BTreeMap<UnitId, UnitId>,
    links: BTreeSet<(u32, u32)>,
    /// The tunnel of each unit that ever has one, and where the scenario opens or closes it while requests run.
    tunnels: BTreeMap<UnitId, (MadeTunnel, Option<String>)>,
    /// By pairs: the units that are ever members of a colony, and that colony's leader.
    members: BTreeSet<(UnitId, UnitId)>,
}

impl<'w> Following<'w> {
    fn new((world, complete): (&'w World, &'w Community), arrangement: &Arrangement) -> Self {
        let units = world.units();
        let first = units.filter_map(|unit| Some((unit, arrangement.first_leader(world, unit)?)));
        let first: BTreeMap<UnitId, UnitId> = first.collect();
        let tunnels = arrangement.crossings.tunnels.iter();
        Self {
            world,
            complete,
            back: first.clone(),
            links: BTreeSet::new(),
            tunnels: tunnels.map(|it| (it.unit, (*it, None))).collect(),
            members: first
                .iter()
                .map(|(unit, leader)| (*unit, *leader))
                .collect(),
            first,
        }
    }

    /// Applies `label`, which stands at this place, to `community`: what it does to units.
    fn apply(
        &mut self,
        label: &Label,
        place: &str,
        community: &mut Community,
    ) -> Result<Vec<(UnitId, Deed)>> {
        let (rule, names) = (label.rule(), label.names());
        check_rule(rule)?;
        let changed = community.change(label);
        changed.map_err(|failure| refused(&failure, community))?;
        if self.world.broker_units != BrokerUnits::Every {
            check_directory(rule)?;
        }
        let units: Vec<UnitId> = names.iter().filter_map(unit_of).collect();
        let (x, last) = (units[0], units[units.len() - 1]);
        let told = |command| Deed::Told(command);
        let settle = Command::Settle {
            leader: last.index(),
        };
        let deeds = match rule {
            Rule::Leave | Rule::Unregister => vec![(x, Deed::Turn(Turn::Leave))],
            Rule::Join | Rule::Register | Rule::Migrate => {
                check_lives(community, x, "join a colony")?;
                check_sides(community, x, last)?;
                self.members.insert((x, last));
                let elsewhere = self.back.insert(x, last) != Some(last);
                let first = elsewhere.then_some((x, told(settle)));
                let comes = (x, Deed::Turn(Turn::Join));
                first.into_iter().chain([comes]).collect()
            }
            Rule::Move => {
                check_lives(community, x, "go to another colony")?;
                check_sides(community, x, last)?;
                self.members.insert((x, last));
                self.back.insert(x, last);
                vec![(x, told(settle))]
            }
            Rule::Link | Rule::Unlink => return self.link(rule, [x, last], community),
            Rule::Friend | Rule::Clone | Rule::Close => {
                return self.tunnel(rule, &units, (place, community));
            }
            Rule::Fire => vec![(last, told(Command::Expel { member: x }))],
            Rule::Restart => {
                // It has forgotten where it has been.
                if let Some(first) = self.first.get(&x) {
                    self.back.insert(x, *first);
                }
                vec![(x, Deed::Turn(Turn::Restart))]
            }
            _ => vec![(x, Deed::Turn(Turn::Crash))],
        };
        Ok(deeds)
    }
}

impl Following<'_> {
    /// Two brokers are linked, or are so no more.
    fn link(
        &mut self,
        rule: Rule,
        [x, last]: [UnitId; 2],
        community: &Community,
    ) -> Result<Vec<(UnitId, Deed)>> {
        let (one, other) = (x.index(), last.index());
        let leads = |one, other| community.leader(&name(other)) == Some(&name(one));
        if rule == Rule::Link {
            self.check_elsewhere([x, last])?;
            if leads(x, last) || leads(last, x) {
                return Err(along_the_tree(one, other));
            }
        }
        self.links.insert((one.min(other), one.max(other)));
        let command = |peer| match rule {
            Rule::Link => Deed::Told(Command::Link { peer }),
            _ => Deed::Told(Command::Unlink { peer }),
        };
        Ok(vec![(x, command(other)), (last, command(one))])
    }

    /// The first one of `units` opens its tunnel, to the second one and by the third one, or closes it.
    fn tunnel(
        &mut self,
        rule: Rule,
        units: &[UnitId],
        (place, community): (&str, &Community),
    ) -> Result<Vec<(UnitId, Deed)>> {
        let x = units[0];
        if rule == Rule::Close {
            check_lives(community, x, "close its tunnel")?;
            if let Some((tunnel, at)) = self.tunnels.get_mut(&x) {
                check_besides(tunnel)?;
                at.get_or_insert_with(|| place.to_owned());
            }
            return Ok(vec![(x, Deed::Told(Command::CloseTunnel))]);
        }
        self.check_elsewhere([x, units[1]])?;
        let tunnel = MadeTunnel {
            unit: x,
            leader: units[1],
            friend: units.get(2).copied(),
            besides: community.leader(&name(x)).is_some(),
            at_first: false,
        };
        self.open(tunnel, place)?;
        Ok(vec![(x, Deed::Told(Command::OpenTunnel))])
    }

    /// Checks that the routers of two units are in different domains.
    fn check_elsewhere(&self, units: [UnitId; 2]) -> Result<()> {
        let [one, other] = units.map(name);
        if lies_elsewhere(self.complete, (&one, &other)) {
            return Ok(());
        }
        Err(on_routers_of_one(self.complete, (&one, &other)))
    }

    /// A unit opens a `tunnel`, which the scenario says at this place: the only one that it has in this run.
    fn open(&mut self, tunnel: MadeTunnel, place: &str) -> Result<()> {
        check_besides(&tunnel)?;
        let new = || (tunnel, Some(place.to_owned()));
        let (one, _) = self.tunnels.entry(tunnel.unit).or_insert_with(new);
        check_besides(one)?;
        if (one.leader, one.friend) == (tunnel.leader, tunnel.friend) {
            return Ok(());
        }
        let via = one.friend.map(|it| format!(" via {}", name(it)));
        let via = via.unwrap_or_default();
        let (unit, leader) = (name(one.unit), name(one.leader));
        let what = format!("`{unit}` has another tunnel in this run: `{unit} => {leader}{via}`");
        Err(Error::new(what).help("a unit can have one tunnel, which it closes and opens again"))
    }

    /// Checks that nobody is ever a member of the colony at the end of its tunnel by itself, where that opens
    /// or closes while requests run.
    fn check_ends(&self) -> Result<()> {
        let opened = self.tunnels.values();
        let mut opened = opened.filter_map(|(tunnel, place)| Some((tunnel, place.as_ref()?)));
        let is_member = |it: &MadeTunnel| self.members.contains(&(it.unit, it.leader));
        let Some((tunnel, place)) = opened.find(|(tunnel, _)| is_member(tunnel)) else {
            return Ok(());
        };
        let (unit, leader) = (name(tunnel.unit), name(tunnel.leader));
        let what = format!(
            "`{unit} => {leader}`: `{unit}` is a member of that colony at another time of this run, or has been one first"
        );
        let help = "nobody is a member of one colony in two ways: choose another colony";
        Err(Error::new(what).at(place).help(help))
    }
}

/// Checks that `unit` has not failed: the dead are told nothing, so it would not do `what` it is told.
fn check_lives(community: &Community, unit: UnitId, what: &str) -> Result<()> {
    let unit = name(unit);
    if community
        .get(&unit)
        .is_none_or(|it| it.state != State::Faulty)
    {
        return Ok(());
    }
    let what = format!("`{unit}` has failed, and cannot be told to {what}");
    let help = "let that happen before the broker fails, or after it has come back";
    Err(Error::new(what).help(help))
}

/// Checks that the unit is a member of a colony: that of a `tunnel` which opens or closes while requests run.
fn check_besides(tunnel: &MadeTunnel) -> Result<()> {
    if tunnel.besides {
        return Ok(());
    }
    let unit = name(tunnel.unit);
    let what = format!(
        "`{unit}` belongs to no colony, and so to none besides that at the end of a tunnel"
    );
    let help = "while requests run, tunnels of members of colonies open and close; a free unit can join a colony first";
    Err(Error::new(what).help(help))
}

/// Checks that a system with one directory can do what a rule says.
fn check_directory(rule: Rule) -> Result<()> {
    let what = match rule {
        Rule::Fire => "its directory logs nobody out",
        Rule::Friend | Rule::Clone => "it has no tunnels",
        _ => return Ok(()),
    };
    let what = format!(
        "`{}` cannot be given a time in this system: {what}",
        rule.name()
    );
    Err(Error::new(what).help("use the system `arigatoni`, or leave it out"))
}

/// Checks that `unit` does not become a member of a colony to whose leader it is linked.
fn check_sides(community: &Community, unit: UnitId, leader: UnitId) -> Result<()> {
    let (one, other) = (name(unit), name(leader));
    let mut links = community.links();
    if links.any(|(a, b)| [(a, b), (b, a)].contains(&(&one, &other))) {
        return Err(along_the_tree(unit.index(), leader.index()));
    }
    Ok(())
}

/// Checks that a rule can have a time.
fn check_rule(rule: Rule) -> Result<()> {
    let rules = RatesPerS::rules();
    if rules.contains(&rule) {
        return Ok(());
    }
    let why_not = why_not(rule);
    let what = format!("`{}` cannot be given a time: {why_not}", rule.name());
    let all = rules.map(Rule::name).join(", ");
    Err(Error::new(what).help(format!("the rules that can are {all}")))
}

/// Why a rule has no time.
fn why_not(rule: Rule) -> &'static str {
    match rule {
        Rule::Begin | Rule::End => "requests begin and end services",
        Rule::Cut => "a leader cuts a tunnel when the tunnel's friend goes",
        _ => "units do by themselves what follows from a failure",
    }
}

/// As much of a term as is shown whole, in characters.
const TERM_CHARS_MAX: usize = 200;

/// A label that cannot be applied to `community`, at which the script is stuck.
pub(super) fn refused(failure: &Failure, community: &Community) -> Error {
    let term = community.to_string();
    let (term, help) = if term.chars().count() <= TERM_CHARS_MAX {
        (term, "the script is stuck at this term")
    } else {
        let near = community.around(failure.label.names()).to_string();
        let help =
            "the script is stuck at this term, of which only what the label is about is shown";
        (format!("{near} | …"), help)
    };
    Error::new(format!("{failure}\n    {term}"))
        .help(format!("{help}; docs/calculus.md states the premises"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discovery::{gbu, gcu};

    #[test]
    fn who_is_logged_out_is_known() {
        let expels = Deed::Told(Command::Expel { member: gcu(1) });
        let scripted = [(Span::ZERO, gbu(0), expels)];
        assert!(is_expelled(&scripted, gcu(1)) && !is_expelled(&scripted, gbu(0)));
    }
}
