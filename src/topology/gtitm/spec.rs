//! The original's input file: one record a line, read as leniently as the original reads it.
//!
//! It does *not* know which graphs can be generated; it adds the line to what the generator says.

use std::sync::Arc;

use super::parameters::{EdgeLaw, EdgeMethod, FlatParameters, TransitStubParameters, flip};
use super::random::{Flip, PlacementRandom};
use super::refusal::{ParameterGroup, Refusal};
use super::watch::Watch;
use super::{SEED_DEFAULT, Variant};
use crate::error::{Error, Result};
use crate::topology::Graph;

/// The number of characters of a line that the original's buffer holds.
const LINE_CHARS_MAX: usize = 510;

/// No more graphs than this are generated from one spec file.
const GRAPHS_MAX: i64 = 1_000_000;

/// A spec file: a method, how many graphs of it, and the seed of the first.
#[derive(Debug, Clone, PartialEq)]
pub struct Spec {
    /// What to generate.
    pub method: Method,
    /// How many graphs; the generator's numbers go on from one to the next.
    pub count: u64,
    /// The seed of the main generator; never 0.
    pub seed: i64,
    /// The line on which something begins that is not read, if there is more than one record.
    pub left_out: Option<usize>,
    /// The lines on which the parts of the method stand, from 1.
    lines: Vec<(ParameterGroup, usize)>,
}

/// The greatest seed that the original can hold; a larger one would become another.
const SEED_MAX: i64 = u32::MAX as i64;

/// What a spec file asks for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Method {
    /// `geo`: flat random graphs.
    Flat(FlatParameters),
    /// `ts`: transit-stub graphs.
    TransitStub(TransitStubParameters),
}

impl Spec {
    /// Reads a spec file. Errors begin with the line's number.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        // Editors begin text files with a byte order mark.
        let mut records = Records::of(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes));
        let (line, head) = records.next(HEAD_LINE)?;
        let count = token(&head, 1, "the number of graphs", HEAD_LINE)
            .map_err(|error| error.at(line))
            .map(integer)?;
        if count > GRAPHS_MAX {
            let what = format!("the number of graphs is {count}");
            let help = format!("ask for at most {GRAPHS_MAX}");
            return Err(Error::new(what).help(help).at(line));
        }
        let seed = head.get(2).map_or(0, |token| integer(token));
        if !(-SEED_MAX..=SEED_MAX).contains(&seed) {
            let what = format!("the seed is {}", text(head[2]));
            let help =
                format!("give a seed of at most {SEED_MAX}: more do not fit into the generator");
            return Err(Error::new(what).help(help).at(line));
        }
        let mut lines = Vec::new();
        let method = match head[0] {
            b"geo" => Method::Flat(read_flat(&mut records, &mut lines)?),
            b"ts" => Method::TransitStub(read_transit_stub(&mut records, &mut lines)?),
            other => return Err(no_method(other).at(line)),
        };
        Ok(Self {
            method,
            // The original counts up to the number, so that a negative one gives no graph either.
            count: count.max(0).unsigned_abs(),
            seed: if seed == 0 { SEED_DEFAULT } else { seed },
            left_out: records.next(HEAD_LINE).ok().map(|(line, _)| line),
            lines,
        })
    }

    /// The graphs, one after another; nothing after an error, which begins with the number of the
    /// line that is to blame. `random` is the process's: it goes on from spec file to spec file.
    pub fn graphs<'a>(&'a self, variant: Variant, random: &'a mut PlacementRandom) -> Graphs<'a> {
        Graphs {
            spec: self,
            variant,
            flip: flip(self.seed),
            random,
            number: 0,
            watch: Arc::default(),
        }
    }

    /// The line on which `part` stands.
    fn line(&self, part: ParameterGroup) -> usize {
        let found = self.lines.iter().find(|(of, _)| *of == part);
        found.map_or(1, |&(_, line)| line)
    }
}

/// The graphs of one spec file.
#[derive(Debug)]
pub struct Graphs<'a> {
    spec: &'a Spec,
    variant: Variant,
    flip: Flip,
    random: &'a mut PlacementRandom,
    number: u64,
    watch: Arc<Watch>,
}

impl Graphs<'_> {
    /// What is going on while the next graph is generated.
    pub fn watch(&self) -> Arc<Watch> {
        Arc::clone(&self.watch)
    }

    fn draw(&mut self) -> std::result::Result<Graph, Refusal> {
        let watch = &*self.watch;
        watch.begin(self.number - 1);
        match &self.spec.method {
            Method::Flat(parameters) => parameters.draw(&mut self.flip, watch),
            Method::TransitStub(parameters) => {
                parameters.draw(self.variant, &mut self.flip, self.random, watch)
            }
        }
    }
}

impl Iterator for Graphs<'_> {
    type Item = Result<Graph>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.number >= self.spec.count {
            return None;
        }
        let number = self.number;
        self.number += 1;
        Some(self.draw().map_err(|Refusal { part, error, .. }| {
            self.number = self.spec.count;
            let line = self.spec.line(part);
            if number == 0 {
                error.at(line)
            } else {
                error.at(format!("{line}: graph {number}"))
            }
        }))
    }
}

/// The lines of a file that are records: the others are blank or begin with `#`.
struct Records<'a> {
    /// What has not been read.
    rest: &'a [u8],
    /// How many lines have been read.
    line: usize,
}

impl<'a> Records<'a> {
    fn of(bytes: &'a [u8]) -> Self {
        Self {
            rest: bytes,
            line: 0,
        }
    }

    /// The number and the tokens (at least one) of the next record, which should hold `expected`.
    fn next(&mut self, expected: &str) -> Result<(usize, Vec<&'a [u8]>)> {
        while !self.rest.is_empty() {
            let end = self.rest.iter().position(|&byte| byte == b'\n');
            let line = &self.rest[..end.unwrap_or(self.rest.len())];
            self.rest = end.map_or(&[], |end| &self.rest[end + 1..]);
            self.line += 1;
            let tokens = tokens(line).map_err(|error| error.at(self.line))?;
            if tokens.first().is_some_and(|token| token[0] != b'#') {
                return Ok((self.line, tokens));
            }
        }
        Err(Error::new(format!(
            "the file ends before the line {expected}"
        )))
    }
}

/// The tokens of a line. A carriage return is no separator, as in the original.
fn tokens(line: &[u8]) -> Result<Vec<&[u8]>> {
    let trouble = if line.len() > LINE_CHARS_MAX {
        format!("the line is longer than {LINE_CHARS_MAX} characters")
    } else if line.contains(&0) {
        "the line holds a character of code 0".into()
    } else {
        return Ok(line
            .split(|byte| matches!(byte, b' ' | b'\t'))
            .filter(|token| !token.is_empty())
            .collect());
    };
    Err(Error::new(trouble).help("a spec file is a text of short lines of numbers"))
}

fn read_flat(
    records: &mut Records<'_>,
    lines: &mut Vec<(ParameterGroup, usize)>,
) -> Result<FlatParameters> {
    let (line, tokens) = records.next(LAW_LINE)?;
    lines.push((ParameterGroup::Flat, line));
    let (routers, scale, law) = read_law(&tokens).map_err(|error| error.at(line))?;
    Ok(FlatParameters {
        routers,
        scale,
        law,
    })
}

fn read_transit_stub(
    records: &mut Records<'_>,
    lines: &mut Vec<(ParameterGroup, usize)>,
) -> Result<TransitStubParameters> {
    let (line, tokens) = records.next(COUNTS_LINE)?;
    lines.push((ParameterGroup::Counts, line));
    let count = |index: usize, name: &str| {
        token(&tokens, index, name, COUNTS_LINE)
            .and_then(|token| at_least(0, integer(token), name))
            .map_err(|error| error.at(line))
    };
    let stubs_per_transit_router = count(0, "the mean number of stub domains a transit router")?;
    let extra_transit_stub_links = count(1, "the number of extra transit-stub links")?;
    let extra_stub_stub_links = count(2, "the number of extra stub-stub links")?;
    let mut law = |part: ParameterGroup| {
        let (line, tokens) = records.next(LAW_LINE)?;
        lines.push((part, line));
        read_law(&tokens).map_err(|error| error.at(line))
    };
    let (transit_domains, _, top) = law(ParameterGroup::Top)?;
    let (transit_routers, _, transit) = law(ParameterGroup::Transit)?;
    let (stub_routers, _, stub) = law(ParameterGroup::Stub)?;
    Ok(TransitStubParameters {
        transit_domains,
        transit_routers,
        stubs_per_transit_router,
        stub_routers,
        extra_transit_stub_links,
        extra_stub_stub_links,
        top,
        transit,
        stub,
    })
}

fn no_method(name: &[u8]) -> Error {
    if name == b"hier" {
        Error::new("graphs of N levels (`hier`) are not generated")
            .help("use `ts` for transit-stub graphs or `geo` for flat ones")
    } else {
        Error::new(format!("there is no method `{}`", text(name)))
            .help("the methods are `ts` and `geo`, in small letters")
    }
}

const HEAD_LINE: &str = "METHOD COUNT [SEED]";
const COUNTS_LINE: &str = "K EXTRA-TRANSIT-STUB-LINKS EXTRA-STUB-STUB-LINKS";
const LAW_LINE: &str = "N SCALE METHOD ALPHA [BETA [GAMMA]]";

/// Reads a line `N SCALE METHOD ALPHA [BETA [GAMMA]]`.
fn read_law(tokens: &[&[u8]]) -> Result<(u64, u64, EdgeLaw)> {
    let required = |index, name| token(tokens, index, name, LAW_LINE);
    let routers = at_least(1, integer(required(0, "the number n")?), "the number n")?;
    let scale = at_least(1, integer(required(1, "the scale")?), "the scale")?;
    let number = integer(required(2, "the edge method")?);
    let method = EdgeMethod::from_number(number).ok_or_else(|| {
        Error::new(format!("there is no edge method {number}")).help(
            "the methods are 1 and 2 (Waxman), 3 (random), 4 (exponential), 5 (Doar-Leslie) and \
             6 (locality)",
        )
    })?;
    let alpha = real(required(3, "alpha")?);
    let optional = |index: usize| tokens.get(index).map_or(0.0, |token| real(token));
    let (beta, gamma) = (optional(4), optional(5));
    for (name, value, max) in [
        ("alpha", alpha, 1.0),
        ("beta", beta, f64::MAX),
        ("gamma", gamma, f64::MAX),
    ] {
        if !(0.0..=max).contains(&value) {
            return Err(Error::new(format!("{name} is {value}")).help(if max > 1.0 {
                format!("give a {name} of 0 or above")
            } else {
                "give an alpha above 0 and at most 1".into()
            }));
        }
    }
    let law = EdgeLaw {
        method,
        alpha,
        beta,
        gamma,
    };
    Ok((routers, scale, law))
}

fn token<'a>(tokens: &[&'a [u8]], index: usize, name: &str, line: &str) -> Result<&'a [u8]> {
    tokens
        .get(index)
        .copied()
        .ok_or_else(|| Error::new(format!("{name} is missing")).help(format!("the line is {line}")))
}

fn at_least(least: u64, value: i64, name: &str) -> Result<u64> {
    u64::try_from(value)
        .ok()
        .filter(|&value| value >= least)
        .ok_or_else(|| {
            Error::new(format!("{name} is {value}"))
                .help(format!("give a whole number of {least} or above"))
        })
}

/// The token as a message can show it.
fn text(token: &[u8]) -> String {
    String::from_utf8_lossy(token).escape_debug().collect()
}

/// C's `isspace`, which skips what its own tokens cannot begin with.
fn skip_space(token: &[u8]) -> &[u8] {
    let space = |byte: &u8| matches!(byte, b' ' | b'\t'..=b'\r');
    let skipped = token.iter().take_while(|byte| space(byte)).count();
    &token[skipped..]
}

/// The number of digits at the beginning of `bytes`.
fn digits(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count()
}

/// The number of signs at the beginning of `bytes`, 0 or 1.
fn sign(bytes: &[u8]) -> usize {
    usize::from(matches!(bytes.first(), Some(b'+' | b'-')))
}

/// The integer at the beginning of a token, as C's `strtol` has it: 0 where there is none, the
/// nearest that 64 bits hold where it is too large.
fn integer(token: &[u8]) -> i64 {
    let token = skip_space(token);
    let signed = sign(token);
    let end = signed + digits(&token[signed..]);
    let magnitude = token[signed..end].iter().fold(0_i128, |value, digit| {
        (value * 10 + i128::from(digit - b'0')).min(1 << 64)
    });
    let value = if token.first() == Some(&b'-') {
        -magnitude
    } else {
        magnitude
    };
    value.clamp(i64::MIN.into(), i64::MAX.into()) as i64
}

/// The decimal number at the beginning of a token, as C's `strtod` has it: 0 where there is none.
fn real(token: &[u8]) -> f64 {
    let token = skip_space(token);
    let signed = sign(token);
    let whole = digits(&token[signed..]);
    let mut end = signed + whole;
    let mut fraction = 0;
    if token.get(end) == Some(&b'.') {
        fraction = digits(&token[end + 1..]);
        end += 1 + fraction;
    }
    if whole + fraction == 0 {
        return 0.0;
    }
    if let Some(b'e' | b'E') = token.get(end) {
        let exponent = end + 1 + sign(&token[end + 1..]);
        let exponent_digits = digits(&token[exponent..]);
        if exponent_digits > 0 {
            end = exponent + exponent_digits;
        }
    }
    let number = str::from_utf8(&token[..end]).unwrap_or("0");
    number.parse().unwrap_or(0.0)
}
