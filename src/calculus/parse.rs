//! Reading a term.
//!
//! Links and tunnels may stand in any soup and mean the same everywhere. It does *not* know which rules there are.

use super::community::{Community, Individual, Malformed, State};
use super::name::{Domain, Name, VIA};
use super::scan::{Scanner, Word};
use crate::error::fault::Fault;
use crate::error::{Error, Result};

impl Community {
    /// Reads a term.
    ///
    /// # Errors
    /// If `text` is no term, or not well formed: with the character at which that shows.
    pub fn parse(text: &str) -> Result<Self> {
        read(text).map_err(|fault| at_line(fault, text))
    }
}

/// A link or a tunnel, which waits until all individuals are known.
enum Edge<'t> {
    Link(Word<'t>, Word<'t>),
    Tunnel(Word<'t>, Word<'t>, Option<Word<'t>>),
}

struct Reader<'t> {
    scanner: Scanner<'t>,
    community: Community,
    edges: Vec<Edge<'t>>,
    /// The leaders of the colonies that are open, and their brackets.
    open: Vec<(Name, Word<'t>)>,
}

fn read(text: &str) -> Result<Community, Fault> {
    let mut reader = Reader {
        scanner: Scanner::new(text),
        community: Community::default(),
        edges: Vec::new(),
        open: Vec::new(),
    };
    reader.soup()?;
    reader.add_edges()?;
    Ok(reader.community)
}

/// What an item may begin with.
const ITEM: &str = "a computer like `g1` or a colony like `B1[ g2 ]`";

impl Reader<'_> {
    /// All of the text.
    fn soup(&mut self) -> Result<(), Fault> {
        // An empty soup may be left out, but not one of several items.
        let mut may_close = true;
        loop {
            let word = self.scanner.peek();
            match word.text {
                "]" if may_close && !self.open.is_empty() => self.close(),
                "" if may_close && self.open.is_empty() => return Ok(()),
                "0" => _ = self.scanner.next(),
                _ => {
                    let has_opened = self.item()?;
                    may_close = has_opened;
                    if has_opened {
                        continue;
                    }
                }
            }
            loop {
                if self.scanner.take("|") {
                    may_close = false;
                    break;
                }
                let word = self.scanner.peek();
                match (word.text, self.open.last()) {
                    ("]", Some(_)) => self.close(),
                    ("", None) => return Ok(()),
                    (_, Some((leader, _))) => {
                        let expected = format!("`|`, or `]` to close the colony of `{leader}`");
                        return Err(wrong_end(word, &expected));
                    }
                    (_, None) => return Err(wrong_end(word, "`|` or the end")),
                }
            }
        }
    }

    fn close(&mut self) {
        self.scanner.next();
        self.open.pop();
    }

    /// One item: whether it is a colony, which is open now.
    fn item(&mut self) -> Result<bool, Fault> {
        let word = self.scanner.next();
        let name = name(word, ITEM)?;
        if self.scanner.take("~") {
            let other = self.scanner.next();
            self.edges.push(Edge::Link(word, other));
            return Ok(false);
        }
        if self.scanner.take("=>") {
            let to = self.scanner.next();
            let friend = self.scanner.take(VIA).then(|| self.scanner.next());
            self.edges.push(Edge::Tunnel(word, to, friend));
            return Ok(false);
        }
        let leader = self.open.last().map(|(leader, _)| leader.clone());
        let domain = self.domain(leader.as_ref())?;
        let state = self.state(&name)?;
        let is_broker = name.is_broker();
        let bracket = self.scanner.peek();
        if is_broker && bracket.text != "[" {
            return Err(not_led(word, bracket));
        }
        let individual = Individual {
            leader,
            domain,
            state,
        };
        let added = self.community.add(name.clone(), individual);
        added.map_err(|malformed| at(word, malformed))?;
        if is_broker {
            self.scanner.next();
            self.open.push((name, bracket));
        } else if bracket.text == "[" {
            let what = format!("`{}` is a computer, and leads no colony", word.text);
            let fault = Fault::new(word.range(), what);
            return Err(fault.help("the name of a broker begins with a capital letter: `B1[ g2 ]`"));
        }
        Ok(is_broker)
    }

    /// The domain of an individual: its own, or that of its leader.
    fn domain(&mut self, leader: Option<&Name>) -> Result<Domain, Fault> {
        if self.scanner.take("@") {
            let word = self.scanner.next();
            let domain = Domain::new(word.text);
            return domain.ok_or_else(|| word.not("the name of a domain, like `d1`"));
        }
        let above = leader.and_then(|leader| self.community.get(leader));
        Ok(above.map_or_else(Domain::default, |above| above.domain.clone()))
    }

    fn state(&mut self, name: &Name) -> Result<State, Fault> {
        let mark = self.scanner.peek();
        let state = match mark.text {
            "*" => State::Busy,
            "!" if name.is_broker() => State::Faulty,
            "!" => {
                let what = "only brokers are marked as faulty";
                return Err(Fault::new(mark.range(), what));
            }
            _ => return Ok(State::Idle),
        };
        self.scanner.next();
        Ok(state)
    }

    /// Checks that the individual is there whose name stands at `word`.
    fn check_known(&self, word: Word<'_>, name: &Name) -> Result<(), Fault> {
        match self.community.get(name) {
            Some(_) => Ok(()),
            None => Err(at(word, self.community.unknown(name))),
        }
    }

    /// Adds the links and tunnels, now that all individuals are known.
    fn add_edges(&mut self) -> Result<(), Fault> {
        for edge in std::mem::take(&mut self.edges) {
            match edge {
                Edge::Link(one, other) => {
                    let names = [broker(one)?, broker(other)?];
                    self.check_known(one, &names[0])?;
                    let added = self.community.add_link(&names[0], &names[1]);
                    added.map_err(|malformed| at(other, malformed))?;
                }
                Edge::Tunnel(from, to, friend) => {
                    let (start, end) = (name(from, ITEM)?, broker(to)?);
                    let by = friend.map(computer).transpose()?;
                    self.check_known(from, &start)?;
                    self.check_known(to, &end)?;
                    let added = self.community.add_tunnel(&start, &end, by.as_ref());
                    added.map_err(|malformed| at(friend.unwrap_or(to), malformed))?;
                }
            }
        }
        Ok(())
    }
}

/// A name.
pub(super) fn name(word: Word<'_>, expected: &str) -> Result<Name, Fault> {
    if word.text == VIA {
        let fault = Fault::new(word.range(), "`via` is no name");
        return Err(fault.help("it stands before the friend of a tunnel: `g1 => B2 via g3`"));
    }
    let name = Name::new(word.text);
    name.ok_or_else(|| {
        let fault = word.not(expected);
        if word.is_ordinary() {
            fault.help("a name is a letter, then letters, digits and `_`")
        } else {
            fault
        }
    })
}

/// The name of a broker.
pub(super) fn broker(word: Word<'_>) -> Result<Name, Fault> {
    let expected = "a broker like `B1`";
    let name = name(word, expected)?;
    if name.is_broker() {
        return Ok(name);
    }
    Err(word.not(expected))
}

/// The name of a computer.
pub(super) fn computer(word: Word<'_>) -> Result<Name, Fault> {
    let expected = "a computer like `g1`";
    let name = name(word, expected)?;
    if name.is_broker() {
        return Err(word.not(expected));
    }
    Ok(name)
}

/// The error of a fault in `text`; if that has several lines, of the line in which it is, with its number from 1.
pub(super) fn at_line(fault: Fault, text: &str) -> Error {
    // At the end of a text: behind what stands there last.
    let written = text.trim_ascii_end();
    if !written.contains('\n') {
        return fault.error(text);
    }
    let place = fault.marks.last().map_or(0, |mark| mark.start);
    let place = if place == text.len() {
        written.len()
    } else {
        place
    };
    let begin = text[..place].rfind('\n').map_or(0, |end| end + 1);
    let line = text[begin..].lines().next().unwrap_or_default();
    let number = text[..begin].matches('\n').count() + 1;
    let inside = |byte: usize| byte.clamp(begin, begin + line.len()) - begin;
    let end = fault.marks.last().map_or(place, |mark| mark.end);
    let mut moved = Fault::new(inside(place)..inside(end.max(place)), fault.what);
    moved.help = fault.help;
    moved.error(line).at(number)
}

/// What is not well formed shows at `word`.
fn at(word: Word<'_>, malformed: Malformed) -> Fault {
    let fault = Fault::new(word.range(), malformed.what);
    match malformed.help {
        Some(help) => fault.help(help),
        None => fault,
    }
}

/// A broker is not followed by its colony.
fn not_led(broker: Word<'_>, next: Word<'_>) -> Fault {
    let broker = broker.text;
    let is_broker = Name::new(next.text).is_some_and(|name| name.is_broker());
    if is_broker || next.text == "," {
        let fault = Fault::new(
            next.range(),
            format!("the colony of `{broker}` has one leader, and here is another"),
        );
        return fault.help("a colony is written like `B1[ g2 | B3[] ]`");
    }
    let fault = next.not(&format!("`[` after the broker `{broker}`"));
    fault.help(format!("an empty colony is written `{broker}[]`"))
}

/// A soup does not go on like this.
fn wrong_end(word: Word<'_>, expected: &str) -> Fault {
    let fault = word.not(expected);
    match word.text {
        "]" => fault.help("each `]` closes a colony that a `[` has opened"),
        "@" => fault.help("the domain stands right behind the name: `B1@d2[ g3 ]`, `g3@d2*`"),
        _ if word.is_ordinary() => fault.help("`|` stands between two items of a soup"),
        _ => fault,
    }
}
