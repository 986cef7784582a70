//! Scripts of rules: labels, one a line, and the derivation that they give.
//!
//! It does *not* know rules.

use super::community::Community;
use super::label::Label;
use super::scan::uncommented;
use crate::error::{Error, Result};

/// A script: labels, in the order in which they are applied.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Script {
    /// Each with the number of its line, from 1.
    labels: Vec<(usize, Label)>,
}

/// What a script makes of a community.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Derivation {
    /// Each label that could be applied, and what the community was then.
    pub steps: Vec<(Label, Community)>,
    /// Why the script got stuck, and what the community was there, if it did.
    pub stuck: Option<Error>,
}

impl Script {
    /// Reads a script: a label a line; empty lines, and comments from `#` on, count for nothing.
    ///
    /// # Errors
    /// If a line is no label: with its number.
    pub fn parse(text: &str) -> Result<Self> {
        let mut labels = Vec::new();
        for (line, number) in text.lines().zip(1..) {
            let words = uncommented(line);
            if words.trim_ascii().is_empty() {
                continue;
            }
            let read = Label::parse(words);
            labels.push((number, read.map_err(|error| error.at(number))?));
        }
        Ok(Self { labels })
    }

    /// Its labels.
    pub fn labels(&self) -> impl Iterator<Item = &Label> {
        self.labels.iter().map(|(_, label)| label)
    }

    /// Applies its labels to `community`, one after another, as far as that goes.
    pub fn run(&self, community: &Community) -> Derivation {
        let mut steps: Vec<(Label, Community)> = Vec::new();
        for (line, label) in &self.labels {
            let now = steps.last().map_or(community, |(_, now)| now);
            match now.apply(label) {
                Ok(next) => steps.push((label.clone(), next)),
                Err(failure) => {
                    let what = format!("{failure}\n    {now}");
                    let stuck = Error::new(what).at(line);
                    let stuck = stuck.help("the script is stuck at this term");
                    return Derivation {
                        steps,
                        stuck: Some(stuck),
                    };
                }
            }
        }
        Derivation { steps, stuck: None }
    }
}
