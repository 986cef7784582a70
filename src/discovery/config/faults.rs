//! Failures of units, as a scenario writes them.
//!
//! This module does *not* know which units there are, nor what a failure does to one.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::discovery::request::{GBU, GCU, gbu, gcu};
use crate::parameters::Problem;
pub use crate::parameters::law::Failing;
use crate::parameters::number::{NonNegative, seconds};
use crate::random::alternation::Alternation;
use crate::time::Span;
use crate::unit::UnitId;

/// Units that crash while requests run, and come back without memory.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Faults {
    /// How GCUs fail, each by itself and in steady state from the beginning of the request phase; null: not
    /// at all.
    pub gcus: Option<Failing>,
    /// How GBUs fail, each by itself and in steady state from the beginning of the request phase; null: not at
    /// all.
    pub gbus: Option<Failing>,
    /// Failures at stated times.
    pub at: Vec<FaultAt>,
    /// Whether the root broker fails as well.
    pub root: bool,
}

/// A failure at a stated time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FaultAt {
    /// The unit: `gbu/3` or `gcu/17`.
    pub unit: UnitName,
    /// When it crashes, in seconds from the beginning of the request phase.
    pub crash_s: NonNegative,
    /// When it comes back; never, if it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restart_s: Option<NonNegative>,
}

/// A unit by its name: `gbu/3` or `gcu/17`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnitName(pub UnitId);

impl fmt::Display for UnitName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.0.kind() == GCU { "gcu" } else { "gbu" };
        write!(f, "{kind}/{}", self.0.index())
    }
}

impl Serialize for UnitName {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for UnitName {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_newtype_struct(
            "help: write `gcu/` for a computer or `gbu/` for a broker, and its number without zeros in front",
            UnitNameVisitor,
        )
    }
}

struct UnitNameVisitor;

impl<'de> Visitor<'de> for UnitNameVisitor {
    type Value = UnitName;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a unit, such as gbu/3 or gcu/17")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<UnitName, D::Error> {
        inner.deserialize_str(self)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<UnitName, E> {
        let wrong = || E::invalid_value(de::Unexpected::Str(text), &self);
        named(text).ok_or_else(wrong)
    }
}

impl JsonSchema for UnitName {
    fn schema_name() -> Cow<'static, str> {
        "UnitName".into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "pattern": "^(gcu|gbu)/(0|[1-9][0-9]*)$"})
    }
}

/// The unit of this name, if it is one.
fn named(text: &str) -> Option<UnitName> {
    let (kind, digits) = text.split_once('/')?;
    let make = match kind {
        "gcu" => gcu,
        "gbu" => gbu,
        _ => return None,
    };
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    // A unit has one name.
    let is_number = is_number && (digits == "0" || !digits.starts_with('0'));
    let number = is_number.then(|| digits.parse().ok()).flatten();
    let number = number.filter(|number| *number < UnitId::units_max(GCU))?;
    Some(UnitName(make(number)))
}

impl FaultAt {
    /// When it crashes.
    pub fn crash(&self) -> Span {
        seconds(self.crash_s.0)
    }

    /// When it comes back, if it does.
    pub fn restart(&self) -> Option<Span> {
        self.restart_s.map(|at| seconds(at.0))
    }
}

impl Faults {
    /// Whether these parameters, which stand at `pointer`, fit each other.
    ///
    /// # Errors
    /// If they do not.
    pub(super) fn check(&self, pointer: &str) -> Result<(), Problem> {
        for (name, failing) in [("gcus", &self.gcus), ("gbus", &self.gbus)] {
            if let Some(failing) = failing {
                failing.alternation(&format!("{pointer}/{name}"))?;
            }
        }
        for (fault, number) in self.at.iter().zip(0..) {
            if let Some(restart_s) = fault.restart_s
                && fault.restart() <= Some(fault.crash())
            {
                let place = format!("{pointer}/at/{number}/restart_s");
                let what = format!(
                    "{} would come back at {} s, and it crashes at {} s",
                    fault.unit, restart_s.0, fault.crash_s.0
                );
                return Err(Problem::new(place, what)
                    .help("make `restart_s` greater than `crash_s`, or leave it out"));
            }
        }
        self.check_order(pointer)
    }

    /// What a person should know of parameters by which nobody fails.
    pub(super) fn notes(&self) -> Vec<String> {
        let none = self.gcus.is_none() && self.gbus.is_none() && self.at.is_empty();
        if none {
            let what =
                "nobody fails, since `faults` has neither `gcus` nor `gbus`, and `at` is empty";
            return vec![what.into()];
        }
        self.always()
    }

    /// Notes about kinds of units that are always up, or always down.
    fn always(&self) -> Vec<String> {
        let kinds = [("gcus", "GCUs", GCU), ("gbus", "GBUs", GBU)].into_iter();
        let laws = kinds.filter_map(|(name, units, kind)| Some((name, units, self.law(kind)?)));
        let notes = laws
            .filter_map(|(name, units, law)| always(&law, units, &format!("`{name}` of `faults`")));
        notes.collect()
    }

    /// Whether no unit crashes at a stated time while it is down since another one.
    fn check_order(&self, pointer: &str) -> Result<(), Problem> {
        let mut faults: Vec<(usize, &FaultAt)> = self.at.iter().enumerate().collect();
        faults.sort_by_key(|(number, fault)| (fault.unit.0, fault.crash(), *number));
        let unfit = faults.windows(2).find(|pair| {
            let [(_, before), (_, after)] = [pair[0], pair[1]];
            let is_down = before
                .restart()
                .is_none_or(|restart| after.crash() <= restart);
            before.unit == after.unit && is_down
        });
        let Some([(before, _), (after, fault)]) = unfit.map(|pair| [pair[0], pair[1]]) else {
            return Ok(());
        };
        let what = format!(
            "{} would crash while it is down since the crash of {pointer}/at/{before}",
            fault.unit
        );
        let help = "let it crash after the `restart_s` of that one, or leave one of both out";
        Err(Problem::new(format!("{pointer}/at/{after}/crash_s"), what).help(help))
    }

    /// How units of this kind fail by a law, if they do.
    ///
    /// # Panics
    /// If the parameters have not been checked.
    pub fn law(&self, kind: u8) -> Option<Alternation> {
        let failing = if kind == GCU { &self.gcus } else { &self.gbus };
        failing.as_ref().map(Failing::checked_alternation)
    }
}

/// What a person should know of `units` that alternate by `law` if they are always up, or always down; `object` is what has
/// `up` and `down` in the scenario.
pub(super) fn always(law: &Alternation, units: &str, object: &str) -> Option<String> {
    let availability = law.availability();
    let (state, member) = if availability <= 0.0 {
        ("down", "up")
    } else if availability >= 1.0 {
        ("up", "down")
    } else {
        return None;
    };
    Some(format!(
        "{units} are {state} all the time, since `{member}` of {object} is 0"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_has_one_name() {
        assert_eq!(named("gbu/3"), Some(UnitName(gbu(3))));
        assert_eq!(UnitName(gcu(17)).to_string(), "gcu/17");
        for wrong in [
            "gbu",
            "gbu/",
            "gbu/x",
            "gbu/-1",
            "gbu/+1",
            "gru/1",
            "gbu/03",
            "gcu/00",
            "gcu/4294967295",
        ] {
            assert_eq!(named(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn nobody_comes_back_before_it_crashes() {
        let fault = |restart_s| FaultAt {
            unit: UnitName(gbu(1)),
            crash_s: NonNegative(2.0),
            restart_s,
        };
        let faults = |restart_s| Faults {
            at: vec![fault(restart_s)],
            ..Faults::default()
        };
        assert!(faults(Some(NonNegative(2.5))).check("/faults").is_ok());
        let problem = faults(Some(NonNegative(2.0))).check("/faults").unwrap_err();
        assert_eq!(problem.pointer, "/faults/at/0/restart_s");
    }

    #[test]
    fn nobody_crashes_while_it_is_down() {
        let fault = |unit, crash_s, restart_s: Option<f64>| FaultAt {
            unit: UnitName(unit),
            crash_s: NonNegative(crash_s),
            restart_s: restart_s.map(NonNegative),
        };
        let check = |at: &[FaultAt]| {
            let faults = Faults {
                at: at.to_vec(),
                ..Faults::default()
            };
            faults.check("/faults").map_err(|problem| problem.pointer)
        };
        let other = fault(gcu(1), 5.0, None);
        let later = fault(gbu(1), 6.0, None);
        let earlier = |restart_s| fault(gbu(1), 2.0, restart_s);
        let at = |restart_s| [later.clone(), other.clone(), earlier(restart_s)];
        assert_eq!(check(&at(Some(5.5))), Ok(()));
        for restart_s in [None, Some(6.0), Some(9.0)] {
            let place = "/faults/at/0/crash_s".to_owned();
            assert_eq!(check(&at(restart_s)), Err(place), "{restart_s:?}");
        }
    }
}
