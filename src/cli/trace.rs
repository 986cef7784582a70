//! `arigatoni run --trace`: what every unit was told, in order.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::marker::PhantomData;

use crate::error::{Error, Result};
use crate::system::{Measures, System};
use crate::time::Time;
use crate::unit::{Effect, Input, Protocol, Timer, UnitId};

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
    text: String,
    /// The greatest number of a request that was met.
    last: Option<u64>,
    /// Whether the wanted request was met.
    met: bool,
    system: PhantomData<S>,
}

impl<S: System> Trace<S> {
    /// A trace of the request `wanted`; `None`: of everything.
    pub(super) fn new(wanted: Option<u64>) -> Self {
        Self {
            wanted,
            begin: Time::ZERO,
            subject: None,
            armed: BTreeMap::new(),
            last: None,
            met: wanted.is_none(),
            text: "time_ns,request,unit,handled,input\n".into(),
            system: PhantomData,
        }
    }

    /// The lines, as CSV.
    ///
    /// # Errors
    /// If the request that is wanted was not among those of the run.
    pub(super) fn into_bytes(self) -> Result<Vec<u8>> {
        if self.met {
            return Ok(self.text.into_bytes());
        }
        let wanted = self.wanted.unwrap_or_default();
        Err(match self.last {
            Some(last) => Error::new(format!("the run has no request {wanted}"))
                .help(format!("its requests are those from 0 to {last}")),
            None => Error::new("nothing in this run belongs to a request")
                .help("leave --request out to trace everything"),
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
        let time = (now - self.begin).as_ns();
        let request = self
            .subject
            .map(|subject| subject.to_string())
            .unwrap_or_default();
        let content = match input {
            Input::Start => "start".to_owned(),
            Input::Command(command) => format!("{command:?}"),
            Input::Message { from, message } => format!("{message:?} from {}", name::<S>(*from)),
            Input::Timer(timer) => format!("{timer:?} is due"),
        };
        let mut content = content.replace('"', "\"\"");
        if fate == Fate::Lost {
            content.push_str(", lost on the way");
        }
        let handled = fate == Fate::Handled;
        let unit = name::<S>(unit);
        writeln!(self.text, "{time},{request},{unit},{handled},\"{content}\"")
            .expect("writing to a string succeeds");
    }
}

/// What became of an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Handled,
    /// The unit was dead.
    Unhandled,
    /// The network has lost it: the line tells when it was sent.
    Lost,
}

fn name<S: System>(unit: UnitId) -> String {
    format!("{} {}", S::kind_name(unit.kind()), unit.index())
}

impl<S: System> Measures<S::Protocol> for Trace<S> {
    fn begin(&mut self, now: Time) {
        self.begin = now;
    }

    fn input(&mut self, now: Time, unit: UnitId, input: &Input<S::Protocol>) {
        self.line(now, unit, input, Fate::Handled);
    }

    fn unhandled(&mut self, now: Time, unit: UnitId, input: &Input<S::Protocol>) {
        self.line(now, unit, input, Fate::Unhandled);
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
            (Effect::Send { .. } | Effect::Note(_), _) => {}
        }
    }
}
