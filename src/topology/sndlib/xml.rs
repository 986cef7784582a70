//! SNDlib's XML: `nodes` and `links` inside `networkStructure`.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::{GEOGRAPHICAL, PIXELS};
use crate::error::{Error, Result};
use crate::topology::listing::{Kind, Listing, error_at};
use crate::topology::xml::{Entities, cut_off, resolved, unsound};

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
    entities: Entities,
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
        entities: Entities::default(),
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
            .map_err(|error| unsound(text, reader.error_position() as usize, error))?;
        match event {
            Event::Start(tag) => builder.start(&tag, offset)?,
            Event::End(_) => builder.end()?,
            Event::Text(words) => builder.content.push_str(&words.xml10_content()),
            Event::CData(words) => builder.content.push_str(&words.xml10_content()),
            Event::GeneralRef(reference) => {
                let known = resolved(&reference, &builder.entities, (text, offset))?;
                builder.content.push_str(&known);
            }
            Event::Eof => break,
            Event::DocType(doctype) => builder.entities.declare(&doctype),
            Event::Empty(_) | Event::Comment(_) | Event::PI(_) | Event::Decl(_) => {}
        }
    }
    if !builder.path.is_empty() {
        return Err(cut_off(text, text.len()));
    }
    if !builder.has_links {
        return Err(Error::new("the file has no <links>").at(1));
    }
    Ok(builder.listing)
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
            let attribute = attribute.map_err(|error| unsound(self.text, offset, error))?;
            if attribute.key.into_inner() == name {
                let value = attribute.normalized_value_with(
                    quick_xml::XmlVersion::Implicit1_0,
                    1,
                    |entity| self.entities.resolve(entity),
                );
                let value = value.map_err(|error| unsound(self.text, offset, error))?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entity_is_resolved_or_refused_with_its_place() {
        let text = r#"<!DOCTYPE network [<!ENTITY place "9.5">]>
<network><networkStructure><nodes>
<node id="a"><coordinates><x>&place;</x><y>&#49;&quot;</y></coordinates></node>
</nodes><links/></networkStructure></network>"#;
        let listing = list(text).unwrap();
        let node = &listing.nodes[0].data;
        let data: Vec<&str> = node.all().map(|(_, text)| text).collect();
        assert_eq!(data, ["9.5", "1\""]);
        let error = list(&text.replace("&quot;", "&nowhere;")).map(|_| ());
        let error = error.unwrap_err().to_string();
        assert!(
            error.starts_with("3: ") && error.contains("`&nowhere;`"),
            "{error}"
        );
    }
}
