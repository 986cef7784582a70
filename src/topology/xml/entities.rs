//! The entities that a file's document type declares itself: `<!ENTITY city "Lille">`.
//!
//! This module does *not* know elements. Entities from other files, those with elements inside and those
//! for the document type itself are not read.

use std::cell::Cell;
use std::collections::BTreeMap;

use quick_xml::escape::{resolve_predefined_entity, unescape_with};

/// An entity with a longer text is not read.
const TEXT_BYTES_MAX: usize = 4096;

/// All texts that stand in the place of entities come to so much at most: a small file could ask for
/// gigabytes.
const ALL_BYTES_MAX: usize = 64 << 20;

/// The entities of a file.
#[derive(Debug)]
pub(in crate::topology) struct Entities {
    /// Their texts, in which no other entity is left.
    texts: BTreeMap<String, String>,
    /// How many bytes may still be put in.
    left: Cell<usize>,
}

impl Default for Entities {
    fn default() -> Self {
        Self {
            texts: BTreeMap::new(),
            left: Cell::new(ALL_BYTES_MAX),
        }
    }
}

impl Entities {
    /// Takes note of what a document type declares.
    pub(in crate::topology) fn declare(&mut self, doctype: &str) {
        let mut rest = doctype;
        while let Some(begin) = rest.find("<!") {
            rest = &rest[begin..];
            if let Some(comment) = rest.strip_prefix("<!--") {
                rest = comment.find("-->").map_or("", |end| &comment[end..]);
                continue;
            }
            rest = &rest[2..];
            if let Some((name, value)) = rest.strip_prefix("ENTITY").and_then(declaration) {
                self.add(name, value);
            }
        }
    }

    /// The first declaration of a name counts.
    fn add(&mut self, name: &str, value: &str) {
        // References to others are resolved at once: they were declared before, or are not read.
        let known = |name: &str| self.text(name);
        let Ok(text) = unescape_with(value, known) else {
            return;
        };
        let is_plain = text.len() <= TEXT_BYTES_MAX && !value.contains(['<', '%']);
        if is_plain && !self.texts.contains_key(name) {
            let text = text.into_owned();
            self.texts.insert(name.into(), text);
        }
    }

    fn text(&self, name: &str) -> Option<&str> {
        resolve_predefined_entity(name).or_else(|| self.texts.get(name).map(String::as_str))
    }

    /// The text that stands for an entity, as long as all of them together are not too long.
    pub(in crate::topology) fn resolve(&self, name: &str) -> Option<&str> {
        let text = self.text(name)?;
        self.left.set(self.left.get().checked_sub(text.len())?);
        Some(text)
    }
}

/// Name and value of ` city "Lille">`; nothing if the value stands elsewhere.
fn declaration(rest: &str) -> Option<(&str, &str)> {
    let rest = rest.strip_prefix(|letter: char| letter.is_whitespace())?;
    let (name, rest) = rest
        .trim_start()
        .split_once(|letter: char| letter.is_whitespace())?;
    let rest = rest.trim_start();
    let quote = rest.chars().next().filter(|quote| "\"'".contains(*quote))?;
    let (value, _) = rest[1..].split_once(quote)?;
    (name != "%").then_some((name, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn simple_entities_are_read_and_others_are_not() {
        let mut entities = Entities::default();
        entities.declare(
            "graphml [\n<!-- <!ENTITY no \"x\"> --><!ENTITY city \"Lille\">\n\
             <!ENTITY city 'Lyon'><!ENTITY here \"&city; &amp; K&#246;ln\"><!ENTITY far SYSTEM \"x.xml\">\
             <!ENTITY % part \"x\"><!ENTITY bold \"<b/>\"><!ENTITY loop \"&loop;\">]",
        );
        let resolved = |name| entities.resolve(name);
        assert_eq!(resolved("city"), Some("Lille"));
        assert_eq!(resolved("here"), Some("Lille & Köln"));
        assert_eq!(resolved("amp"), Some("&"));
        for name in ["no", "far", "part", "bold", "loop", "%"] {
            assert_eq!(resolved(name), None, "{name}");
        }
    }

    #[test]
    fn a_small_file_cannot_ask_for_gigabytes() {
        let mut entities = Entities::default();
        entities.declare("<!ENTITY a \"0123456789\">");
        for (one, next) in ["a", "b", "c", "d", "e"]
            .iter()
            .zip(["b", "c", "d", "e", "f"])
        {
            let ten = format!("&{one};").repeat(10);
            entities.declare(&format!("<!ENTITY {next} \"{ten}\">"));
        }
        assert_eq!(entities.resolve("c").map(str::len), Some(1000));
        assert_eq!(entities.resolve("d"), None);
        let times = (0..1_000_000).take_while(|_| entities.resolve("c").is_some());
        assert!(times.count() < 100_000);
    }
}
