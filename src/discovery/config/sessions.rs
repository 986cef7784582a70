//! How units come and go, as a scenario writes it.
//!
//! This module does *not* know which units there are, nor when one comes or goes.

use std::path::Path;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::faults::always;
use super::{Disconnection, DisconnectionMode, Units, World};
use crate::availability::{Format, Trace};
use crate::error::{Error, Result};
use crate::parameters::law::LawSpec;
use crate::parameters::{self, Problem, ReadFile};
use crate::random::alternation::Alternation;

/// How units come and go while requests run: each by itself, in steady state from the beginning of
/// the request phase.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sessions {
    /// How long a unit is up at a time; left out with a trace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub up: Option<LawSpec>,
    /// How long it is down at a time. Left out in the disconnection mode `sessions`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub down: Option<LawSpec>,
    /// When units are up and down, instead of laws: as was observed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<TraceFile>,
    /// How a unit goes.
    #[serde(default)]
    pub leave: Leave,
    /// Which kinds of units come and go; the root broker never does. All, if it is left out. In the
    /// disconnection mode `sessions` it is left out, and those of `disconnection` come and go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub units: Option<Units>,
}

/// A file that says when some nodes were up: unit after unit takes one of them, GCUs first. Nodes that are
/// more than the units do not matter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TraceFile {
    /// Its path.
    #[serde(deserialize_with = "parameters::file")]
    #[schemars(length(min = 1))]
    pub file: String,
    /// How it is written.
    pub format: Format,
    /// What it says, once it has been read.
    #[serde(skip)]
    read: Option<Arc<Trace>>,
}

/// How a unit that has sessions goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Leave {
    /// It unregisters, by the protocol.
    #[default]
    Unregister,
    /// It crashes, and its peers detect it by timeouts.
    Crash,
}

/// How the GCUs of a class come and go.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClassSessions {
    /// How long a GCU is up at a time.
    pub up: LawSpec,
    /// How long it is down at a time. Left out in the disconnection mode `sessions`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub down: Option<LawSpec>,
    /// How it goes; as units of no class do, if it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leave: Option<Leave>,
}

/// Which units come and go, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct Alternating {
    /// Each way in which some of them do.
    ways: Vec<Way>,
    /// The number of the way in which GBUs come and go, if they do.
    gbus: Option<u32>,
    /// The number of the way in which the GCUs of each class come and go; one entry for all GCUs where there
    /// are no classes.
    gcus: Vec<Option<u32>>,
}

/// How a unit comes and goes.
#[derive(Debug, Clone, PartialEq)]
pub struct Way {
    /// When it is up and down.
    pub process: Process,
    /// How a unit goes.
    pub leave: Leave,
}

/// When units are up and down.
#[derive(Debug, Clone, PartialEq)]
pub enum Process {
    /// As it is drawn by these laws.
    Laws(Alternation),
    /// As the nodes of a trace were; nothing before it has been read.
    Trace(Option<Arc<Trace>>),
}

impl Sessions {
    /// Has the file that it names read by `read`; whether it names one.
    ///
    /// # Errors
    /// If it cannot be read, or is no such trace.
    pub(super) fn supply(&mut self, read: ReadFile<'_>) -> Result<bool> {
        let Some(TraceFile {
            file,
            format,
            read: trace,
        }) = &mut self.trace
        else {
            return Ok(false);
        };
        let text = read(Path::new(&*file));
        let made = text.and_then(|text| Trace::read(text.as_bytes(), *format, file));
        *trace = Some(Arc::new(made.map_err(|error| error.at(TRACE))?));
        Ok(true)
    }

    /// What a person should know of the trace that has been read.
    pub(super) fn note(&self) -> Option<String> {
        let TraceFile { file, read, .. } = self.trace.as_ref()?;
        let ignored = read.as_ref()?.ignored();
        let what = "commands that do not say which nodes are up are not used";
        (ignored > 0).then(|| format!("{file}: {what}: {ignored}"))
    }

    /// How units come and go, and which kinds of them, where the system's parameters stand at `pointer`.
    fn way(
        &self,
        disconnection: &Disconnection,
        pointer: &str,
    ) -> std::result::Result<(Way, Units), Problem> {
        let place = format!("{pointer}/sessions");
        let by_rate = disconnection.mode == DisconnectionMode::Sessions;
        let process = match (&self.trace, &self.up) {
            (Some(trace), _) => self.traced(trace, by_rate, pointer)?,
            (None, Some(up)) => laws((up, self.down.as_ref()), disconnection, &place)?,
            (None, None) => {
                let problem = Problem::new(place, "nothing says how long units are up");
                return Err(problem.help("write `up`, or `trace`"));
            }
        };
        if by_rate && self.units.is_some() {
            return Err(said_by("units", &place));
        }
        let units = if by_rate {
            disconnection.units
        } else {
            self.units.unwrap_or(Units::All)
        };
        let leave = self.leave;
        Ok((Way { process, leave }, units))
    }

    fn traced(
        &self,
        trace: &TraceFile,
        by_rate: bool,
        pointer: &str,
    ) -> std::result::Result<Process, Problem> {
        let laws = [("up", self.up.is_some()), ("down", self.down.is_some())];
        for (member, given) in laws {
            if given {
                let place = format!("{pointer}/sessions/{member}");
                let problem = Problem::new(place, "`trace` says when units are up");
                return Err(problem.help("leave one of the two out"));
            }
        }
        if by_rate {
            let problem = Problem::new(
                format!("{pointer}/disconnection/mode"),
                "the trace says how long units are absent, so a rate cannot",
            );
            return Err(problem.help("choose another mode, or write `up` instead of `trace`"));
        }
        Ok(Process::Trace(trace.read.clone()))
    }
}

/// When units are up and down by the laws `up` and `down`, where the object with both stands at `place`. In the
/// disconnection mode `sessions` its rate says how long they are down.
fn laws(
    (up, down): (&LawSpec, Option<&LawSpec>),
    disconnection: &Disconnection,
    place: &str,
) -> std::result::Result<Process, Problem> {
    let up_place = format!("{place}/up");
    let up = up.with_mean(&up_place)?;
    let by_rate = disconnection.mode == DisconnectionMode::Sessions;
    match (down, by_rate) {
        (Some(_), true) => Err(said_by("down", place)),
        (None, true) => Alternation::with_absence(up, disconnection.rate.0)
            .map_err(|what| Problem::new(up_place, what).help("make `up` longer")),
        (None, false) => Err(
            Problem::new(place, "nothing says how long units are down").help(
                "write `down`, or set the mode of `disconnection` to \"sessions\" so that its \
                 `rate` says it",
            ),
        ),
        (Some(down), false) => {
            let down = down.with_mean(&format!("{place}/down"))?;
            Alternation::new(up, down)
                .map_err(|what| Problem::new(place, what).help("make `up` or `down` longer"))
        }
    }
    .map(Process::Laws)
}

/// The error that `member` of the object at `place` says what the disconnection says in the mode `sessions`.
fn said_by(member: &str, place: &str) -> Problem {
    let says = match member {
        "down" => "`rate` of `disconnection` says how long units are down",
        _ => "`units` of `disconnection` says which units come and go",
    };
    Problem::new(
        format!("{place}/{member}"),
        format!("in the disconnection mode \"sessions\", the {says}"),
    )
    .help("leave it out, or choose another mode of `disconnection`")
}

impl Alternating {
    /// Which units of `world` come and go, if any do; its parameters stand at `pointer`.
    ///
    /// # Errors
    /// If a law has no mean, or what says how long units are down is missing or stands twice.
    pub(super) fn of(world: &World, pointer: &str) -> std::result::Result<Option<Self>, Problem> {
        let disconnection = &world.disconnection;
        let mut all = Self {
            ways: Vec::new(),
            gbus: None,
            gcus: Vec::new(),
        };
        let (mut common, mut leave) = (None, Leave::default());
        if let Some(sessions) = &world.sessions {
            let (way, units) = sessions.way(disconnection, pointer)?;
            leave = way.leave;
            let number = all.add(way);
            all.gbus = Some(number).filter(|_| units != Units::Gcus);
            common = Some(number).filter(|_| units != Units::Gbus);
        }
        for (class, number) in world.classes.iter().zip(0..) {
            let place = format!("{pointer}/classes/{number}/sessions");
            let way = match &class.sessions {
                None => common,
                Some(None) => None,
                Some(Some(own)) => Some(all.add(own.way(leave, disconnection, &place)?)),
            };
            all.gcus.push(way);
        }
        if world.classes.is_empty() {
            all.gcus.push(common);
        }
        Ok(Some(all).filter(|all| !all.ways.is_empty()))
    }

    fn add(&mut self, way: Way) -> u32 {
        self.ways.push(way);
        (self.ways.len() - 1) as u32
    }

    /// How the GBUs come and go, if they do, with the number of the way.
    pub fn of_broker(&self) -> Option<(u32, &Way)> {
        self.numbered(self.gbus)
    }

    /// How the GCUs of the class with this number come and go, if they do, with the number of the way. The
    /// class is 0 where there are no classes.
    pub fn of_computer(&self, class: usize) -> Option<(u32, &Way)> {
        self.numbered(self.gcus[class])
    }

    fn numbered(&self, way: Option<u32>) -> Option<(u32, &Way)> {
        way.map(|number| (number, self.way(number)))
    }

    /// The way with this number.
    pub fn way(&self, number: u32) -> &Way {
        &self.ways[number as usize]
    }

    /// Whether any unit crashes as it goes.
    pub fn has_crashes(&self) -> bool {
        let mut used = self.gcus.iter().chain([&self.gbus]).flatten();
        used.any(|&number| self.way(number).leave == Leave::Crash)
    }
}

impl ClassSessions {
    /// How the GCUs of the class come and go, where the object stands at `place`; `leave` is how units of no
    /// class go.
    fn way(
        &self,
        leave: Leave,
        disconnection: &Disconnection,
        place: &str,
    ) -> std::result::Result<Way, Problem> {
        let by_rate = disconnection.mode == DisconnectionMode::Sessions;
        if by_rate && disconnection.units == Units::Gbus {
            let what = "`disconnection/units` is \"gbus\", so no GCU comes or goes";
            return Err(Problem::new(place, what).help("leave it out, or choose other units"));
        }
        Ok(Way {
            process: laws((&self.up, self.down.as_ref()), disconnection, place)?,
            leave: self.leave.unwrap_or(leave),
        })
    }
}

/// Where the trace of a scenario stands.
const TRACE: &str = "/system/*/sessions/trace/file";

impl World {
    /// What is wrong with the trace, with its place.
    pub(in crate::discovery) fn at_trace(&self, error: Error) -> Error {
        let sessions = self.sessions.as_ref();
        let error = match sessions.and_then(|sessions| sessions.trace.as_ref()) {
            Some(trace) => error.at(&trace.file),
            None => error,
        };
        error.at(TRACE)
    }
}

/// Writes out what follows from what is said of comings and goings.
pub(super) fn complete(world: &mut World) {
    let mut leave = Leave::default();
    let effective = |law: &mut Option<LawSpec>| *law = law.as_ref().map(LawSpec::effective);
    if let Some(sessions) = &mut world.sessions {
        leave = sessions.leave;
        sessions.units.get_or_insert(Units::All);
        effective(&mut sessions.up);
        effective(&mut sessions.down);
    }
    for class in &mut world.classes {
        if let Some(Some(own)) = &mut class.sessions {
            own.leave.get_or_insert(leave);
            own.up = own.up.effective();
            effective(&mut own.down);
        }
    }
}

/// What a person should know of units that are always up, or always down, by what is said of their sessions.
pub(super) fn notes(world: &World) -> Vec<String> {
    if world.disconnection.mode == DisconnectionMode::Sessions {
        // There `rate` may be 0 or 1.
        return Vec::new();
    }
    let common = world.sessions.iter();
    let common = common.filter_map(|it| {
        let units = match it.units {
            Some(Units::Gcus) => "GCUs",
            Some(Units::Gbus) => "GBUs",
            Some(Units::All) | None => "units with sessions",
        };
        let object = "`sessions`".to_owned();
        Some((it.up.as_ref()?, &it.down, (units.to_owned(), object)))
    });
    let own = world.classes.iter().filter_map(|class| {
        let own = class.sessions.as_ref()?.as_ref()?;
        let units = format!("GCUs of the class {}", class.name.0);
        let object = format!("`sessions` of the class {}", class.name.0);
        Some((&own.up, &own.down, (units, object)))
    });
    let all = common.chain(own).filter_map(|(up, down, (units, object))| {
        let process = laws((up, down.as_ref()), &world.disconnection, "").ok()?;
        match process {
            Process::Laws(law) => always(&law, &units, &object),
            Process::Trace(_) => None,
        }
    });
    all.collect()
}

/// Whether what is said of comings and goings fits together.
pub(super) fn check(world: &World, pointer: &str) -> std::result::Result<(), Problem> {
    let alternating = Alternating::of(world, pointer)?;
    if alternating.is_none() && world.disconnection.mode == DisconnectionMode::Sessions {
        return Err(Problem::new(
            format!("{pointer}/disconnection/mode"),
            "units come and go by `sessions`, and there are none",
        )
        .help("add `sessions` with `up`, or choose another mode"));
    }
    Ok(())
}
