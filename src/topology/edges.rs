//! Lists of links: one in a line, `u v` or `u v latency_ms`, between tabs, commas, semicolons or blanks; the
//! first line may name the columns. networkx's data behind two ends are read as well.
//!
//! This module does *not* know what the columns mean ([`super::listing`]).

use std::borrow::Cow;
use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::faults::listed;
use super::kinds::is_end;
use super::lines::{Line, Lines, Separator};
use super::listing::{Kind, Listing, Mentioned};
use super::reading::Reading;
use crate::error::{Error, Result};

/// What the third column is called, if the file does not say it.
const LATENCY: &str = "latency_ms";

/// The nodes and edges of a list.
pub(super) fn list(text: &str) -> Result<Listing<'_>> {
    let mut listing = Listing::new(text)?;
    let mut mentioned = Mentioned::default();
    let mut columns: Option<Columns> = None;
    let mut looks = Looks::default();
    for line in Lines::of(text, &['#', '%']) {
        let separator = columns
            .as_ref()
            .map_or_else(|| Separator::of(line.text), |columns| columns.separator);
        let (plain, data) = with_data(&listing, &line)?;
        let fields = separator.split(plain);
        let is_first = columns.is_none();
        let columns = columns.get_or_insert_with(|| Columns::of(separator, &fields));
        if !(is_first && columns.is_named) {
            looks.at(&line, columns, &fields);
            add(
                &mut listing,
                &mut mentioned,
                columns,
                (&line, &fields, &data),
            )?;
        }
    }
    if listing.edges.is_empty() {
        return Err(Error::new("the file has no links").at(1));
    }
    looks.check(&listing)?;
    listing.notes.extend(looks.note());
    Ok(listing)
}

/// What all lines of a list have in common that may be no list as it is meant.
#[derive(Default)]
struct Looks {
    links: usize,
    /// The first link: where its line begins, and what that says.
    first: Option<(usize, String)>,
    /// Whether no number stands in the first line.
    first_is_words: bool,
    /// How many lines after the first have a number.
    with_numbers: usize,
    /// How many lines are `u,v 1 0`: their second field has a blank with a number behind it, their first has none.
    of_two_separators: usize,
}

impl Looks {
    fn at(&mut self, line: &Line<'_>, columns: &Columns, fields: &[Cow<'_, str>]) {
        self.links += 1;
        let has_number = fields.iter().any(|field| field.parse::<f64>().is_ok());
        if self.first.is_none() {
            self.first = Some((line.offset, line.text.chars().take(60).collect()));
            self.first_is_words = !has_number && !columns.is_named && !line.text.contains('{');
        } else {
            self.with_numbers += usize::from(has_number);
        }
        let is_plain = !columns.is_named && !line.text.contains('"');
        if let ([from, to], true) = (fields, is_plain) {
            // One number may be part of a name: `Core,Switch 1`.
            let words: Vec<&str> = to.split_whitespace().skip(1).collect();
            let has_numbers =
                words.len() > 1 && words.iter().all(|word| word.parse::<f64>().is_ok());
            self.of_two_separators +=
                usize::from(has_numbers && !from.contains(char::is_whitespace));
        }
    }

    /// Refuses a list whose lines have two kinds of separators, all of them.
    fn check(&self, listing: &Listing<'_>) -> Result<()> {
        let Some((offset, text)) = self
            .first
            .as_ref()
            .filter(|_| self.links == self.of_two_separators)
        else {
            return Ok(());
        };
        let what =
            format!("`{text}` has blanks between its numbers, and another mark between the ends");
        let help = "write one kind of separator between all fields; if the blanks belong to the names, put the names in quotes";
        Err(listing.error(*offset, what).help(help))
    }

    /// The note that the first line may name the columns, if it may.
    fn note(&self) -> Option<String> {
        let (_, text) = self.first.as_ref()?;
        let others = self.links - 1;
        (self.first_is_words && others > 0 && self.with_numbers == others).then(|| {
            format!(
                "the first line, `{text}`, is taken for a link, although it has no number and all others have one: if it names the \
                 columns, call the ends source and target"
            )
        })
    }
}

/// A line without networkx's data at its end, and these.
fn with_data<'a>(listing: &Listing<'_>, line: &Line<'a>) -> Result<(&'a str, Map<String, Value>)> {
    let start = line.text.find('{').filter(|_| line.text.ends_with('}'));
    let Some(start) = start else {
        return Ok((line.text, Map::new()));
    };
    let (plain, data) = line.text.split_at(start);
    let read = serde_json::from_str(&data.replace('\'', "\""));
    let read = read.map_err(|_| {
        listing
            .error(line.offset, "what stands in braces is not a list of data")
            .help("write it as {\"latency_ms\": 5}, or use columns")
    })?;
    Ok((plain, read))
}

/// What the columns of a file are.
struct Columns {
    separator: Separator,
    is_named: bool,
    names: Vec<String>,
    /// Those of both ends.
    ends: [usize; 2],
}

impl Columns {
    /// As the first line tells, or as is usual.
    fn of(separator: Separator, first: &[Cow<'_, str>]) -> Self {
        let is_target = |name: &str| {
            let name = name.trim().to_ascii_lowercase();
            ["target", "dst", "dest", "destination", "to", "node2", "v"].contains(&name.as_str())
        };
        let source = first.iter().position(|name| is_end(name));
        let target = first.iter().position(|name| is_target(name));
        if let Some(ends) = source.zip(target) {
            return Self {
                separator,
                is_named: true,
                names: first.iter().map(ToString::to_string).collect(),
                ends: ends.into(),
            };
        }
        Self {
            separator,
            is_named: false,
            names: Vec::new(),
            ends: [0, 1],
        }
    }

    fn name(&self, column: usize) -> Cow<'_, str> {
        match (self.names.get(column), column) {
            (Some(name), _) => Cow::Borrowed(name),
            (None, 2) => Cow::Borrowed(LATENCY),
            (None, _) => Cow::Owned(format!("column{}", column + 1)),
        }
    }
}

fn add(
    listing: &mut Listing<'_>,
    mentioned: &mut Mentioned,
    columns: &Columns,
    (line, fields, data): (&Line<'_>, &[Cow<'_, str>], &Map<String, Value>),
) -> Result<()> {
    let ends = columns
        .ends
        .map(|end| fields.get(end).map(AsRef::as_ref).unwrap_or_default());
    if ends.contains(&"") {
        return Err(listing
            .error(line.offset, "a link has two ends, and one is missing here")
            .help("a line is `u v` or `u v latency_ms`, with a tab, a comma, a semicolon or blanks between"));
    }
    if columns.is_named && fields.len() > columns.names.len() {
        let what = format!(
            "the line has {} fields, and the first one names {}",
            fields.len(),
            columns.names.len()
        );
        let help = "put a field that holds the separator in quotes";
        return Err(listing.error(line.offset, what).help(help));
    }
    for end in ends {
        mentioned.add(listing, line.offset, end)?;
    }
    // A link may be listed in both directions.
    listing.add_edge(line.offset, ends, true)?;
    for (column, field) in fields.iter().enumerate() {
        if !columns.ends.contains(&column) {
            listing.tell(Kind::Edge, &columns.name(column), field.as_ref());
        }
    }
    for (name, value) in data {
        let text = value
            .as_str()
            .map_or_else(|| value.to_string(), String::from);
        listing.tell(Kind::Edge, name, text);
    }
    Ok(())
}

/// Routers without links, which a list of links cannot hold.
fn check_linked(reading: &Reading) -> Result<()> {
    let mut is_linked = vec![false; reading.graph.routers.len()];
    for end in reading.graph.links.iter().flat_map(|link| link.ends) {
        is_linked[end.index()] = true;
    }
    let alone = (0..).zip(&is_linked).filter(|(_, is_linked)| !**is_linked);
    let alone: Vec<u32> = alone.map(|(number, _)| number).collect();
    if alone.is_empty() {
        return Ok(());
    }
    let what = format!(
        "a list of links does not hold routers without links: {}",
        listed(&alone, &reading.graph.routers)
    );
    Err(Error::new(what).help(
        "write .graphml, .gml or .json instead, or keep the largest part with --largest-component",
    ))
}

/// The links of a graph, with a heading: the ends by their ids, the length, the policy weight if any link
/// has one, and the data that are kept.
pub(super) fn write(reading: &Reading, separator: char) -> Result<String> {
    check_linked(reading)?;
    let weighted = reading.graph.links.iter().any(|link| link.weight > 0);
    let mut heading = vec!["source", "target", LATENCY];
    if weighted {
        heading.push(super::listing::names::POLICY_WEIGHT);
    }
    let kept = &reading.kept;
    let kept = kept.columns_of("edge", &heading, |name| Ok(name.into()))?;
    heading.extend(kept.iter().map(|(_, name)| name.as_str()));
    let mut out = String::new();
    row(&mut out, separator, heading.iter().copied())?;
    for (number, link) in reading.graph.links.iter().enumerate() {
        let ends = link.ends.map(|end| reading.id(end));
        let length = reading.has_length(number).then(|| link.length.to_string());
        let weight = weighted.then(|| link.weight.to_string());
        let data = kept.iter().map(|(column, _)| {
            let told = reading.kept.of_edge(number, *column);
            Cow::Borrowed(told.unwrap_or_default())
        });
        let fields = ends
            .into_iter()
            .chain([Cow::Owned(length.unwrap_or_default())]);
        let fields: Vec<Cow<'_, str>> = fields.chain(weight.map(Cow::Owned)).chain(data).collect();
        row(&mut out, separator, fields.iter().map(AsRef::as_ref))?;
    }
    Ok(out)
}

fn row<'t>(out: &mut String, separator: char, fields: impl Iterator<Item = &'t str>) -> Result<()> {
    for (number, field) in fields.enumerate() {
        if number > 0 {
            out.push(separator);
        }
        // Writing to a string cannot fail.
        let _ = write!(out, "{}", cell(field, separator)?);
    }
    out.push('\n');
    Ok(())
}

/// A text as a field of a table: in quotes, if it holds the separator or a quote, or if a line that begins with it
/// would be a comment.
pub(super) fn cell(text: &str, separator: char) -> Result<Cow<'_, str>> {
    if text.contains(['\n', '\r']) {
        let what = format!("the text {text:?} has a line break, which a table cannot hold");
        return Err(Error::new(what).help("write .graphml or .json instead"));
    }
    let is_plain = !text.contains([separator, '"', '{']) && text.trim() == text;
    let is_plain = is_plain && !text.starts_with(['#', '%']);
    Ok(if is_plain {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(format!("\"{}\"", text.replace('"', "\"\"")))
    })
}
