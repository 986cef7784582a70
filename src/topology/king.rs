//! Lists of pairs with their latencies, as the King data set has them: `i j µs`, with a comma or blanks
//! between the numbers; a line `node i` says no more than that there is one.
//!
//! This module does *not* know what is done with pairs that are not listed.

use std::collections::BTreeMap;

use super::faults::Faults;
use super::latencies::{Latencies, MEASURED_ROUTERS_MAX};
use super::lines::{Line, Lines};
use super::matrix;
use super::options::{LengthUnit, ReadOptions};
use super::reading::Reading;
use crate::error::{Error, Result};

/// Reads a list of pairs, and what is wrong with it that an option would make good.
pub(super) fn read(text: &str, options: &ReadOptions) -> Result<(Reading, Faults)> {
    let mut names = Names::default();
    let unit = options.length_unit.unwrap_or(LengthUnit::Us);
    let mut pairs = Vec::new();
    for line in Lines::of(text, &['#', '%']) {
        let fields = line.text.split([' ', '\t', ',']);
        let fields: Vec<&str> = fields.filter(|field| !field.is_empty()).collect();
        match fields[..] {
            ["node", name, ..] => {
                names.number(name, &line)?;
            }
            [from, to, latency] => {
                let ends = [names.number(from, &line)?, names.number(to, &line)?];
                let latency = matrix::latency(latency, unit, line.number)?;
                pairs.push((ends, latency, line.number));
            }
            _ => {
                return Err(Error::new(format!("{} fields stand here", fields.len()))
                    .at(line.number)
                    .help("a pair is `i j µs`: two routers, and the latency in microseconds"));
            }
        }
    }
    if pairs.is_empty() {
        return Err(Error::new("the file has no pairs").at(1));
    }
    let mut latencies = Latencies::new(names.all.len())?;
    for ([from, to], latency, line) in pairs {
        if from != to && latencies.get(from, to).is_some() {
            let [from, to] = [from, to].map(|end| &names.all[end]);
            let what = format!("a second latency from {from} to {to}");
            return Err(Error::new(what).at(line).help("leave one of them"));
        }
        if let Some(latency) = latency {
            latencies.set(from, to, latency);
        }
    }
    let (mut reading, faults) = matrix::finish(latencies, names.all, unit, options)?;
    let unit = unit.sign();
    reading.account.notes.insert(
        0,
        format!(
            "each line is taken for a pair and its latency in {unit}; --format edges takes it for a link (in a \
             scenario \"format\": \"edges\")"
        ),
    );
    Ok((reading, faults))
}

/// The routers' names, in the order in which they come.
#[derive(Default)]
struct Names {
    all: Vec<String>,
    number_of: BTreeMap<String, usize>,
}

impl Names {
    fn number(&mut self, name: &str, line: &Line<'_>) -> Result<usize> {
        if let Some(number) = self.number_of.get(name) {
            return Ok(*number);
        }
        let number = self.all.len();
        if number == MEASURED_ROUTERS_MAX {
            return Err(Error::new(format!(
                "more than {MEASURED_ROUTERS_MAX} routers: their pairs do not fit in memory"
            ))
            .at(line.number)
            .help("take a part of the list, or read it as links with --format edges"));
        }
        self.all.push(name.into());
        self.number_of.insert(name.into(), number);
        Ok(number)
    }
}
