//! From the bytes of a file to its text: marks at the beginning, declared encodings.
//!
//! This module does *not* know what the text means.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use crate::error::{Error, Result};

/// The number of bytes within which an XML declaration ends.
const DECLARATION_BYTES_MAX: usize = 200;

/// The text of an XML file: in the encoding of its byte order mark, else in that of its
/// declaration, else in UTF-8.
pub(super) fn xml_text(bytes: &[u8]) -> Result<Cow<'_, str>> {
    let (encoding, marked) = match Encoding::for_bom(bytes) {
        Some((encoding, length)) => (encoding, length),
        None => (encoding_of(bytes)?, 0),
    };
    let body = &bytes[marked..];
    if encoding == UTF_8 {
        return std::str::from_utf8(body).map(Cow::Borrowed).map_err(|error| {
            Error::new("the file is not UTF-8 text")
                .at(line_of(&body[..error.valid_up_to()]))
                .help("declare its encoding in the first line, such as <?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>")
        });
    }
    encoding
        .decode_without_bom_handling_and_without_replacement(body)
        .ok_or_else(|| {
            let what = format!(
                "the file is not the {} text that it says it is",
                encoding.name()
            );
            Error::new(what).at(1)
        })
}

/// The text of a file that declares no encoding: in that of its byte order mark, else in UTF-8.
pub(super) fn plain_text(bytes: &[u8]) -> Result<Cow<'_, str>> {
    if let Some((encoding, marked)) = Encoding::for_bom(bytes) {
        let body = &bytes[marked..];
        return encoding
            .decode_without_bom_handling_and_without_replacement(body)
            .ok_or_else(|| Error::new("the file is not the text that its mark says").at(1));
    }
    std::str::from_utf8(bytes)
        .map(Cow::Borrowed)
        .map_err(|error| {
            Error::new("the file is not UTF-8 text")
                .at(line_of(&bytes[..error.valid_up_to()]))
                .help("write it in UTF-8")
        })
}

/// The encoding of XML without a byte order mark.
fn encoding_of(bytes: &[u8]) -> Result<&'static Encoding> {
    // `<` and a zero byte: two bytes a character.
    match bytes {
        [b'<', 0, ..] => return Ok(UTF_16LE),
        [0, b'<', ..] => return Ok(UTF_16BE),
        _ => {}
    }
    let Some(label) = declared(bytes) else {
        return Ok(UTF_8);
    };
    match Encoding::for_label(label) {
        // What has been read as single bytes is not in two bytes a character, whatever it says.
        Some(encoding) if encoding.output_encoding() != encoding => Ok(UTF_8),
        Some(encoding) => Ok(encoding),
        None => Err(Error::new(format!(
            "the encoding `{}` is not known",
            String::from_utf8_lossy(label).escape_debug()
        ))
        .at(1)
        .help("write the file in UTF-8")),
    }
}

/// The label in `<?xml … encoding="label"?>`.
fn declared(bytes: &[u8]) -> Option<&[u8]> {
    let head = &bytes[..bytes.len().min(DECLARATION_BYTES_MAX)];
    let declaration = head.strip_prefix(b"<?xml")?;
    let end = find(declaration, b"?>")?;
    let rest = &declaration[find(&declaration[..end], b"encoding")? + b"encoding".len()..end];
    let quote = rest.iter().position(|byte| matches!(byte, b'"' | b'\''))?;
    let value = &rest[quote + 1..];
    let length = value.iter().position(|byte| *byte == rest[quote])?;
    Some(&value[..length])
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes
        .windows(wanted.len())
        .position(|window| window == wanted)
}

/// The number of the line that follows these bytes.
fn line_of(before: &[u8]) -> usize {
    before.split(|byte| *byte == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_those_of_the_mark_or_of_the_declaration() {
        let text = "<?xml version='1.0' encoding='UTF-16'?>\n<Köln/>";
        let wide = |order: fn(u16) -> [u8; 2]| -> Vec<u8> {
            text.encode_utf16().flat_map(order).collect()
        };
        let mut marked = vec![0xff, 0xfe];
        marked.extend(wide(u16::to_le_bytes));
        for bytes in [
            marked,
            wide(u16::to_le_bytes),
            wide(u16::to_be_bytes),
            text.into(),
        ] {
            assert_eq!(xml_text(&bytes).unwrap(), text);
        }
        let latin = b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><K\xf6ln/>";
        assert!(xml_text(latin).unwrap().ends_with("<Köln/>"));
        let windows = b"<?xml version=\"1.0\" encoding=\"windows-1252\"?>\x80";
        assert!(xml_text(windows).unwrap().ends_with('€'));
        let unknown = b"<?xml encoding=\"klingon\"?>";
        assert!(
            xml_text(unknown)
                .unwrap_err()
                .to_string()
                .contains("`klingon`")
        );
        let undeclared = xml_text(b"<a>\n<K\xf6ln/>").unwrap_err().to_string();
        assert!(undeclared.starts_with("2: "), "{undeclared}");
    }
}
