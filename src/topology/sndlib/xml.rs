//! SNDlib's XML: `nodes` and `links` inside `networkStructure`.

use std::fmt::Display;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::{GEOGRAPHICAL, PIXELS};
use crate::error::{Error, Result};
use crate::topology::listing::{Kind, Listing, error_at};

/// The element at hand.
#[derive(Default)]
struct Open {
    offset: usize,
    id: String,
    ends: [Option<String>; 2],
    data: Vec<(&'static str, String)>,
}

/// Reads the elements one after the other.
struct Builder<'a> {
    text: &'a str,
    listing: Listing<'a>,
    /// The names of the elements that are open.
    path: Vec<String>,
    axes: [&'static str; 2],
    open: Open,
    content: String,
    has_links: bool,
}

pub(super) fn list(text: &str) -> Result<Listing<'_>> {
    let mut builder = Builder {
        text,
        listing: Listing::new(text)?,
        path: Vec::new(),
        axes: GEOGRAPHICAL,
        open: Open::default(),
        content: String::new(),
        has_links: false,
    };
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    loop {
        let offset = reader.buffer_position() as usize;
        let event = reader
            .read_event()
            .map_err(|error| unsound(text, reader.error_position() as usize, &error))?;
        match event {
            Event::Start(tag) => builder.start(&tag, offset)?,
            Event::End(_) => builder.end()?,
            Event::Text(words) => builder.content.push_str(&words.xml10_content()),
            Event::CData(words) => builder.content.push_str(&words.xml10_content()),
            Event::GeneralRef(reference) => {
                let name = reference.xml10_content();
                let character = reference
                    .resolve_char_ref()
                    .ok()
                    .flatten()
                    .map(String::from);
                let known =
                    || quick_xml::escape::resolve_predefined_entity(&name).map(String::from);
                let known = character.or_else(known);
                builder.content.push_str(&known.unwrap_or_default());
            }
            Event::Eof => break,
            Event::Empty(_)
            | Event::Comment(_)
            | Event::PI(_)
            | Event::Decl(_)
            | Event::DocType(_) => {}
        }
    }
    if !builder.path.is_empty() {
        let error = error_at(
            text,
            text.len(),
            "this is not sound XML: the file ends before its last element does",
        );
        return Err(error.help("the file is cut off: fetch it again"));
    }
    if !builder.has_links {
        return Err(Error::new("the file has no <links>").at(1));
    }
    Ok(builder.listing)
}

fn unsound(text: &str, offset: usize, error: &dyn Display) -> Error {
    error_at(text, offset, format!("this is not sound XML: {error}"))
}

impl Builder<'_> {
    fn start(&mut self, tag: &BytesStart<'_>, offset: usize) -> Result<()> {
        let name = tag.local_name().into_inner().to_owned();
        let parent = self.path.last().map(String::as_str);
        match (parent, name.as_str()) {
            (None, "network") => {}
            (None, name) => {
                let what = format!("the outermost element is <{name}>, not <network>");
                return Err(error_at(self.text, offset, what));
            }
            (Some("networkStructure"), "nodes") => {
                let kind = self.attribute(tag, offset, "coordinatesType")?;
                let is_picture = kind.as_deref() == Some("pixel");
                self.axes = if is_picture { PIXELS } else { GEOGRAPHICAL };
            }
            (Some("networkStructure"), "links") => self.has_links = true,
            (Some("nodes"), "node") | (Some("links"), "link") => {
                let id = self.attribute(tag, offset, "id")?;
                let id = id.ok_or_else(|| {
                    error_at(
                        self.text,
                        offset,
                        format!("a <{name}> has no attribute `id`"),
                    )
                })?;
                self.open = Open {
                    offset,
                    id,
                    ..Open::default()
                };
            }
            _ => {}
        }
        self.path.push(name);
        self.content.clear();
        Ok(())
    }

    fn attribute(&self, tag: &BytesStart<'_>, offset: usize, name: &str) -> Result<Option<String>> {
        for attribute in tag.attributes().with_checks(false) {
            let attribute = attribute.map_err(|error| unsound(self.text, offset, &error))?;
            if attribute.key.into_inner() == name {
                let value = attribute.normalized_value_with(
                    quick_xml::XmlVersion::Implicit1_0,
                    1,
                    quick_xml::escape::resolve_predefined_entity,
                );
                let value = value.map_err(|error| unsound(self.text, offset, &error))?;
                return Ok(Some(value.into_owned()));
            }
        }
        Ok(None)
    }

    fn end(&mut self) -> Result<()> {
        let Some(name) = self.path.pop() else {
            return Ok(());
        };
        let content = std::mem::take(&mut self.content);
        let content = content.trim();
        match (self.path.last().map(String::as_str), name.as_str()) {
            (Some("coordinates"), "x") => self.open.data.push((self.axes[0], content.into())),
            (Some("coordinates"), "y") => self.open.data.push((self.axes[1], content.into())),
            (Some("link"), "source") => self.open.ends[0] = Some(content.into()),
            (Some("link"), "target") => self.open.ends[1] = Some(content.into()),
            (Some("link"), "routingCost") => self.open.data.push(("routing_cost", content.into())),
            (Some("link"), "setupCost") => self.open.data.push(("setup_cost", content.into())),
            (Some("preInstalledModule"), "capacity") => {
                self.open.data.push(("capacity", content.into()));
            }
            (Some("nodes"), "node") => self.add(Kind::Node)?,
            (Some("links"), "link") => self.add(Kind::Edge)?,
            _ => {}
        }
        Ok(())
    }

    fn add(&mut self, kind: Kind) -> Result<()> {
        let Open {
            offset,
            id,
            ends,
            data,
        } = std::mem::take(&mut self.open);
        if kind == Kind::Node {
            self.listing.add_node(offset, id)?;
        } else {
            let [Some(source), Some(target)] = ends else {
                let what = format!("the link `{id}` has no source or no target");
                return Err(self.listing.error(offset, what));
            };
            self.listing.add_edge(offset, [&source, &target], false)?;
            self.listing.tell(kind, "name", id);
        }
        for (name, text) in data {
            self.listing.tell(kind, name, text);
        }
        Ok(())
    }
}
