//! Packed files (gzip): to pack bytes, always to the same ones, and to unpack what was packed here or
//! elsewhere.
//!
//! This module does *not* know files, nor what the bytes mean.

use std::io::{Read, Write};

use flate2::read::MultiGzDecoder;
use flate2::{Compression, GzBuilder};

use crate::error::{Error, Result};

/// Packed files that unfold to more than this are refused: a few bytes can unfold to a disk's worth.
const UNPACKED_BYTES_MAX: u64 = 1 << 30;

/// The bytes as a gzip file that names no time, file or system.
pub(crate) fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut packer = GzBuilder::new().write(Vec::new(), Compression::default());
    packer
        .write_all(bytes)
        .and_then(|()| packer.finish())
        .expect("a list of bytes takes more bytes")
}

/// The bytes, unpacked if they are a gzip file.
///
/// # Errors
/// If it is damaged, or unfolds to more than 1 GiB.
pub(crate) fn unpacked(bytes: Vec<u8>) -> Result<Vec<u8>> {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(bytes);
    }
    let mut whole = Vec::new();
    let mut unpacking = MultiGzDecoder::new(bytes.as_slice()).take(UNPACKED_BYTES_MAX + 1);
    unpacking.read_to_end(&mut whole).map_err(|error| {
        Error::new(format!("the packed file cannot be unpacked: {error}"))
            .help("the file is cut off or damaged: fetch it again")
    })?;
    if whole.len() as u64 > UNPACKED_BYTES_MAX {
        return Err(Error::new("the packed file unfolds to more than 1 GiB"));
    }
    Ok(whole)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn what_is_packed_unpacks_and_names_no_time() {
        let text = b"* GraphBase graph (util_types IZZZZZ,40V,160A)\n".repeat(40);
        let file = packed(&text);
        assert!(file.len() < text.len() / 4);
        assert_eq!(file, packed(&text));
        // The flags and the time: no name, and none.
        assert_eq!(file[3..8], [0; 5]);
        assert_eq!(unpacked(file.clone()).unwrap(), text);
        assert_eq!(unpacked(text.clone()).unwrap(), text);
        // A file may consist of several.
        let twice = [packed(b"gra"), packed(b"ph")].concat();
        assert_eq!(unpacked(twice).unwrap(), b"graph");
        let error = unpacked(file[..file.len() - 9].to_vec()).unwrap_err();
        expect![[r#"
            the packed file cannot be unpacked: incomplete deflate stream
              help: the file is cut off or damaged: fetch it again"#]]
        .assert_eq(&error.to_string());
    }
}
