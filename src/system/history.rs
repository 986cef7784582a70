//! A history of a small world, written down: what happens to its units, one thing after another.
//!
//! It names what happens by words that both a search and a replay understand. It does *not* know whether
//! it fits a world: see [`Explorable`](super::Explorable).

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// The version of the file format.
const VERSION: u32 = 1;

/// A schedule: the order of events of one history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct History {
    /// The version of the format.
    pub version: u32,
    /// Whether units are told that the network may lose, double or overtake messages.
    pub losses: bool,
    /// What happens, in order.
    pub steps: Vec<Step>,
}

/// One thing that happens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// The time for which all units have waited before this step, in nanoseconds.
    #[serde(default)]
    pub passes_ns: u64,
    /// The event of this step.
    pub event: Event,
}

/// What can happen. Units are called as in a trace: `gcu/17`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Event {
    /// A unit is given one of its tasks.
    Give {
        /// Whom.
        unit: String,
        /// The number of the task.
        task: u32,
        /// What it is called.
        input: String,
    },
    /// A message arrives.
    Deliver(Flight),
    /// A message is lost.
    Lose(Flight),
    /// The network makes a copy of a message.
    Duplicate(Flight),
    /// A timer fires: its unit has waited for as long as it was set.
    Fire {
        /// Whose.
        unit: String,
        /// Its slot.
        slot: u32,
        /// What it is called.
        timer: String,
    },
    /// A unit crashes.
    Crash {
        /// Which one.
        unit: String,
    },
    /// A unit comes back to life.
    Restart {
        /// Which one.
        unit: String,
    },
    /// A unit is told to leave.
    Leave {
        /// Which one.
        unit: String,
    },
    /// A unit is told to come back.
    Join {
        /// Which one.
        unit: String,
    },
    /// Units are told of a change from outside.
    Tell {
        /// The number of the occasion.
        occasion: u32,
        /// Who is told.
        units: Vec<String>,
        /// What it is called.
        input: String,
    },
}

/// A message on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flight {
    /// Who has sent it.
    pub from: String,
    /// To whom.
    pub to: String,
    /// What it is called.
    pub message: String,
    /// How many others that `from` has sent to `to` before are still on their way.
    #[serde(default)]
    pub before: u32,
}

impl History {
    /// One that consists of these steps.
    pub fn of(losses: bool, steps: Vec<Step>) -> Self {
        Self {
            version: VERSION,
            losses,
            steps,
        }
    }

    /// Reads a schedule.
    ///
    /// # Errors
    /// If `text` is none.
    pub fn read(text: &str) -> Result<Self> {
        let is_none = |why: String| {
            Error::new(format!("it is not a schedule: {why}"))
                .help("`arigatoni explore … --schedule FILE` writes one")
        };
        let value: serde_json::Value =
            serde_json::from_str(text).map_err(|error| is_none(error.to_string()))?;
        if !value.is_object() {
            let why = "it is no object with `version`, `losses` and `steps`";
            return Err(is_none(why.into()));
        }
        // Once more from the text: so the line of what is wrong is known.
        let read: Self = serde_json::from_str(text).map_err(|error| is_none(error.to_string()))?;
        if read.version != VERSION {
            let what = format!("it is a schedule of version {}", read.version);
            return Err(Error::new(what).help(format!("this program reads version {VERSION}")));
        }
        Ok(read)
    }

    /// The schedule as a file.
    ///
    /// # Panics
    /// Never: it consists of plain data.
    pub fn write(&self) -> String {
        let text = serde_json::to_string_pretty(self);
        text.expect("a schedule consists of plain data") + "\n"
    }
}
