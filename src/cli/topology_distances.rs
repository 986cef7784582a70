//! `arigatoni topology distances`: how far routers are from each other, for as many questions as
//! come on standard input.
//!
//! This verb does *not* know how distances are found.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{BufRead, BufWriter, ErrorKind, Write};

use clap::ValueEnum;

use super::topology_source::Source;
use super::waiting::Waiting;
use crate::error::{Error, Result, nearest};
use crate::topology::{Distances, Purpose, Reading, RouterId};

/// The maximum number of routers that are listed as possible meanings of a name.
const NAMED_MAX: usize = 5;

/// How a router is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum By {
    /// By its number, from 0.
    Number,
    /// By its id in the file.
    Id,
    /// By its label.
    Label,
}

/// Answers the questions on standard input.
pub(super) fn run(source: &Source, by: Option<By>) -> Result<()> {
    if source.is_stdin() {
        return Err(
            Error::new("standard input cannot hold both the graph and the questions")
                .help("name the file of the graph"),
        );
    }
    let reading = source.read(Purpose::Distances)?;
    let waiting = Waiting::start(format!("finding distances in {}", source.name()));
    let index = Distances::new(&reading.graph).map_err(|error| error.at(source.name()))?;
    waiting.finish();
    let stdin = std::io::stdin().lock();
    let stdout = BufWriter::new(std::io::stdout().lock());
    answer(&Names::of(&reading, by), &index, stdin, stdout)
}

/// What routers can be called.
struct Names<'r> {
    reading: &'r Reading,
    by: Option<By>,
    /// The routers of each id and label.
    called: BTreeMap<Cow<'r, str>, Vec<RouterId>>,
}

impl<'r> Names<'r> {
    fn of(reading: &'r Reading, by: Option<By>) -> Self {
        let mut called: BTreeMap<Cow<'r, str>, Vec<RouterId>> = BTreeMap::new();
        let mut call = |name: Cow<'r, str>, router| {
            let routers = called.entry(name).or_default();
            if routers.last() != Some(&router) {
                routers.push(router);
            }
        };
        for (number, router) in (0..).map(RouterId).zip(&reading.graph.routers) {
            let id = reading.id(number);
            if by.is_none_or(|by| by == By::Id) {
                call(Cow::Owned(id.trim().to_owned()), number);
            }
            if by.is_none_or(|by| by == By::Label) {
                call(Cow::Borrowed(router.label.trim()), number);
            }
        }
        Self {
            reading,
            by,
            called,
        }
    }

    /// The one router that `name` means.
    fn router(&self, name: &str) -> Result<RouterId> {
        let count = self.reading.graph.routers.len();
        let numbered = |digits: &str| {
            let number: u32 = digits.parse().ok()?;
            ((number as usize) < count).then_some(RouterId(number))
        };
        if let Some(router) = name.strip_prefix('#').and_then(numbered) {
            return Ok(router);
        }
        let called = self.called.get(name).map_or(&[][..], Vec::as_slice);
        let by_number = self.by.is_none_or(|by| by == By::Number);
        match (called, by_number.then(|| numbered(name)).flatten()) {
            ([], None) => Err(self.unknown(name)),
            ([], Some(router)) => Ok(router),
            ([router], None) => Ok(*router),
            ([router], Some(same)) if *router == same => Ok(same),
            (called, number) => {
                let mut meant: Vec<RouterId> = called.iter().copied().chain(number).collect();
                meant.sort_unstable();
                meant.dedup();
                Err(self.ambiguous(name, &meant))
            }
        }
    }

    /// The greatest number of a router.
    fn last(&self) -> usize {
        self.reading.graph.routers.len().saturating_sub(1)
    }

    /// The two names of a line `s,t`; a name that holds a comma stands in quotes.
    fn pair<'l>(&self, line: &'l str) -> Result<[Cow<'l, str>; 2]> {
        // To make a reader takes longer than to find the distance: only quotes need one.
        if let Some((s, t)) = line.split_once(',')
            && !line.contains('"')
            && !t.contains(',')
        {
            return Ok([s, t].map(|name| name.trim().into()));
        }
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .trim(csv::Trim::All)
            .from_reader(line.as_bytes());
        let record = reader.records().next().and_then(std::result::Result::ok);
        let fields: Vec<&str> = record.iter().flatten().collect();
        if let [s, t] = fields[..] {
            return Ok([s, t].map(|name| name.to_owned().into()));
        }
        let shown: String = line.chars().take(60).collect();
        let last = self.last();
        Err(
            Error::new(format!("`{shown}` is not a pair of routers")).help(format!(
                "write two numbers from 0 to {last}, ids or labels joined by a comma, such as 0,{last} or \
                 \"New York, NY\",Boston"
            )),
        )
    }

    fn unknown(&self, name: &str) -> Error {
        let last = self.last();
        let shown: String = name.chars().take(60).collect();
        let known = self.called.keys().map(AsRef::as_ref);
        let meant = nearest(&shown, known).filter(|_| name.parse::<f64>().is_err());
        let meant = meant.map_or_else(String::new, |meant| format!("`{meant}` is one; "));
        let what = match self.by {
            None => "neither the number, the id nor the label of a router",
            Some(By::Number) => "not the number of a router",
            Some(By::Id) => "not the id of a router",
            Some(By::Label) => "not the label of a router",
        };
        Error::new(format!("`{shown}` is {what}")).help(format!(
            "{meant}numbers go from 0 to {last}, and `topology info --routers` lists ids and labels"
        ))
    }

    fn ambiguous(&self, name: &str, meant: &[RouterId]) -> Error {
        let named = meant.iter().take(NAMED_MAX).map(|router| {
            let label: String = self.reading.graph.routers[router.index()]
                .label
                .chars()
                .take(40)
                .collect();
            format!(
                "#{} (id {}, label {label})",
                router.0,
                self.reading.id(*router)
            )
        });
        let named: Vec<String> = named.collect();
        let more = if meant.len() > NAMED_MAX { ", …" } else { "" };
        Error::new(format!(
            "`{name}` means {} routers: {}{more}",
            meant.len(),
            named.join(", ")
        ))
        .help(format!(
            "write the number with a `#`, such as #{}, or give --by number, --by id or --by label",
            meant[0].0
        ))
    }
}

/// Whether the output still takes text, if writing it failed for no other reason.
fn unless_closed(written: std::io::Result<()>) -> Result<bool> {
    match written {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(Error::new(format!("stdout cannot be written: {error}"))),
    }
}

/// Answers each line of `input` on `output`.
fn answer(
    names: &Names<'_>,
    distances: &Distances,
    input: impl BufRead,
    mut output: impl Write,
) -> Result<()> {
    if !unless_closed(writeln!(output, "s,t,hops,len,policy,policy_len"))? {
        return Ok(());
    }
    for (number, line) in (1..).zip(input.lines()) {
        let answer = line
            .map_err(|error| Error::new(format!("the line cannot be read: {error}")))
            .and_then(|line| {
                let [s, t] = names.pair(&line)?;
                let ends = (names.router(&s)?, names.router(&t)?);
                Ok((ends.0, ends.1, line))
            });
        let (s, t, line) = match answer {
            Ok(answer) => answer,
            Err(error) => {
                unless_closed(output.flush())?;
                return Err(error.at(number).at("stdin"));
            }
        };
        let d = distances.between(s, t);
        let policy = d.policy.map_or_else(String::new, |sum| sum.to_string());
        let policy_length = d.policy_length.unwrap_or_default();
        let written = writeln!(
            output,
            "{},{},{},{policy},{policy_length}",
            line.trim(),
            d.hops,
            d.length
        );
        if !unless_closed(written)? {
            return Ok(());
        }
    }
    unless_closed(output.flush()).map(drop)
}
