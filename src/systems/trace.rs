//! The trace of a run: what every unit was told, in order.
//!
//! It does *not* know what a unit made of it.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use crate::error::{Error, Result};
use crate::system::{Measures, System, content, unit_name};
use crate::time::Time;
use crate::unit::{Effect, Input, Protocol, Timer, UnitId};

const COLUMNS: [&str; 8] = [
    "time_ns", "request", "unit", "fate", "input", "name", "from", "fields",
];

/// Writes a line for each input of the measured stage: all of them, or those of one request.
///
/// A message tells its request; a timer belongs to the request of the input at which it was armed.
#[derive(Debug)]
pub(super) struct Trace<S> {
    wanted: Option<u64>,
    begin: Time,
    /// The request at hand.
    subject: Option<u64>,
    /// The request of each armed timer.
    armed: BTreeMap<(UnitId, u32), u64>,
    table: csv::Writer<Vec<u8>>,
    /// The greatest number of a request that was met.
    last: Option<u64>,
    /// Whether the wanted request was met.
    met: bool,
    system: PhantomData<S>,
}

impl<S: System> Trace<S> {
    /// A trace of the request `wanted`; `None`: of everything.
    pub(super) fn new(wanted: Option<u64>) -> Self {
        let mut table = csv::Writer::from_writer(Vec::new());
        let header = table.write_record(COLUMNS);
        header.expect("writing to memory succeeds");
        Self {
            wanted,
            begin: Time::ZERO,
            subject: None,
            armed: BTreeMap::new(),
            last: None,
            met: wanted.is_none(),
            table,
            system: PhantomData,
        }
    }

    /// The lines, as CSV.
    ///
    /// # Errors
    /// If the request that is wanted was not among those of the run.
    pub(super) fn into_bytes(self) -> Result<Vec<u8>> {
        if self.met {
            let bytes = self.table.into_inner();
            return Ok(bytes.expect("writing to memory succeeds"));
        }
        let wanted = self.wanted.unwrap_or_default();
        Err(match self.last {
            Some(last) => Error::new(format!("the run has no request {wanted}"))
                .help(format!("its requests are numbered 0 to {last}")),
            None => Error::new("nothing in this run belongs to a request")
                .help("omit --request to trace everything"),
        }
        .at("--request"))
    }

    fn line(&mut self, now: Time, unit: UnitId, input: &Input<S::Protocol>, fate: Fate) {
        self.subject = match input {
            Input::Timer(timer) => self.armed.get(&(unit, timer.slot())).copied(),
            _ => S::subject(input),
        };
        self.last = self.last.max(self.subject);
        if self.wanted.is_some() && self.wanted != self.subject {
            return;
        }
        self.met = true;
        let subject = self.subject.map(|subject| subject.to_string());
        let from = match input {
            Input::Message { from, .. } => unit_name::<S>(*from),
            _ => String::new(),
        };
        let (kind, (what, fields)) = match input {
            Input::Start => ("start", Default::default()),
            Input::Command(command) => ("command", content::<S>(command)),
            Input::Message { message, .. } => ("message", content::<S>(message)),
            Input::Timer(timer) => ("timer", content::<S>(timer)),
        };
        let cells = [
            &(now - self.begin).as_ns().to_string(),
            &subject.unwrap_or_default(),
            &unit_name::<S>(unit),
            fate.name(),
            kind,
            &what,
            &from,
            &fields,
        ];
        let written = self.table.write_record(cells);
        written.expect("writing to memory succeeds");
    }
}

/// What became of an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Handled,
    /// The unit was dead.
    Dead,
    /// The network has lost it: the line tells when it was sent.
    Lost,
}

impl Fate {
    fn name(self) -> &'static str {
        match self {
            Self::Handled => "handled",
            Self::Dead => "dead",
            Self::Lost => "lost",
        }
    }
}

impl<S: System> Measures<S::Protocol> for Trace<S> {
    fn begin(&mut self, now: Time) {
        self.begin = now;
    }

    fn input(&mut self, now: Time, unit: UnitId, input: &Input<S::Protocol>) {
        self.line(now, unit, input, Fate::Handled);
    }

    fn unhandled(&mut self, now: Time, unit: UnitId, input: &Input<S::Protocol>) {
        self.line(now, unit, input, Fate::Dead);
    }

    fn lost(
        &mut self,
        now: Time,
        from: UnitId,
        to: UnitId,
        message: &<S::Protocol as Protocol>::Message,
    ) {
        // What its sender says besides belongs to the input at hand.
        let subject = self.subject;
        let message = message.clone();
        self.line(now, to, &Input::Message { from, message }, Fate::Lost);
        self.subject = subject;
    }

    fn effect(&mut self, _: Time, unit: UnitId, effect: &Effect<S::Protocol>) {
        match (effect, self.subject) {
            (Effect::Arm { timer, .. }, Some(subject)) => {
                self.armed.insert((unit, timer.slot()), subject);
            }
            (Effect::Arm { timer, .. }, None) | (Effect::Disarm { timer }, _) => {
                self.armed.remove(&(unit, timer.slot()));
            }
            (Effect::Send { .. } | Effect::Observation(_), _) => {}
        }
    }
}
