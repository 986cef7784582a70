//! What a script of rules does to units while requests run: who is told to leave or to come back, and which brokers fail.
//!
//! Its premises are those of the rules, on what the script itself has done so far: what units do by themselves after
//! that is no part of it. This module does *not* know the rules, nor how a unit leaves.

use super::adequacy::name;
use super::config::Overlay;
use super::faults::Turn;
use super::{World, gbu, gcu};
use crate::calculus::{Community, Failure, Label, Name, Rule};
use crate::error::{Error, Result};
use crate::parameters::WORKLOAD_S_MAX;
use crate::parameters::number::seconds;
use crate::time::Span;
use crate::unit::UnitId;

/// The rules that can be given a time.
const RULES: [Rule; 6] = [
    Rule::Leave,
    Rule::Join,
    Rule::Unregister,
    Rule::Register,
    Rule::Fail,
    Rule::Restart,
];

/// What befalls a unit so long after the beginning of the request phase.
pub(crate) type Scripted = (Span, UnitId, Turn);

/// A label of a script.
#[derive(Debug)]
pub(super) struct Step {
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
pub(super) fn read(overlay: &Overlay) -> Result<Vec<Step>> {
    let mut steps: Vec<Step> = Vec::new();
    for ((time, text), number) in overlay.steps().zip(0..) {
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
        steps.push(Step { at, label, place });
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

/// What `steps` do to units of `world`, ascending by (span, unit); `community` is the overlay when requests begin.
///
/// # Errors
/// If a rule cannot be given a time, its premises do not hold, it comes too late, or its unit would belong to another
/// leader than in the complete overlay.
pub(super) fn follow(
    steps: Vec<Step>,
    community: &mut Community,
    world: &World,
) -> Result<Vec<Scripted>> {
    let mut all = Vec::with_capacity(steps.len());
    for Step { at, label, place } in steps {
        let applied = apply(&label, community, world);
        let (unit, turn) = applied.map_err(|error| error.at(&place))?;
        let at = at.unwrap_or_default();
        if at > world.last() {
            let end_s = world.last().as_ns() as f64 / 1e9;
            let what = format!("`{label}` comes after the end, which is at {end_s} s");
            let help = "let it come earlier, or let the requests go on for longer: see `for_s` and `count`";
            return Err(Error::new(what).at(place).help(help));
        }
        all.push((at, unit, turn));
    }
    all.sort_by_key(|&(at, unit, _)| (at, unit));
    Ok(all)
}

/// Applies `label` to `community`: what it does to a unit of `world`.
fn apply(label: &Label, community: &mut Community, world: &World) -> Result<(UnitId, Turn)> {
    let (rule, names) = (label.rule(), label.names());
    let turn = match rule {
        Rule::Leave | Rule::Unregister => Turn::Leave,
        Rule::Join | Rule::Register => Turn::Join,
        Rule::Fail => Turn::Crash,
        Rule::Restart => Turn::Restart,
        _ => {
            let what = format!("`{}` cannot be given a time", rule.name());
            let all = RULES.map(Rule::name).join(", ");
            return Err(Error::new(what).help(format!("the rules that can are {all}")));
        }
    };
    let changed = community.change(label);
    changed.map_err(|failure| refused(&failure))?;
    let unit = unit(&names[0])?;
    if turn == Turn::Join && world.first_leader(unit).map(name).as_ref() != Some(&names[1]) {
        let what = format!(
            "`{label}`: `{}` comes back to its own leader only",
            names[0]
        );
        return Err(Error::new(what).help("`migration` lets units move while requests run"));
    }
    Ok((unit, turn))
}

/// A label that cannot be applied.
pub(super) fn refused(failure: &Failure) -> Error {
    Error::new(failure.to_string()).help("its premises are those of docs/calculus.md")
}

/// The unit that the calculus calls so.
fn unit(name: &Name) -> Result<UnitId> {
    let number: Option<u32> = name.as_str()[1..].parse().ok();
    let number = number.ok_or_else(|| Error::new(format!("there is no unit `{name}`")))?;
    Ok(if name.is_broker() {
        gbu(number)
    } else {
        gcu(number)
    })
}
