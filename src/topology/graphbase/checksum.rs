//! The GraphBase's checksum of text: a ← (2a + code of the character) mod (2³⁰ − 83).

const MODULUS: u32 = (1 << 30) - 83;

/// The 96 characters that the GraphBase knows, each at its code.
const CHARACTERS: &[u8; 96] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz\
    _^~&@,;.:?!%#$+-*/|\\<=>()[]{}`'\" \n";

/// The code of a character that the GraphBase does not know.
const UNKNOWN: u8 = 127;

/// The code of every byte.
const CODES: [u8; 256] = {
    let mut codes = [UNKNOWN; 256];
    let mut code = 0;
    while code < CHARACTERS.len() {
        codes[CHARACTERS[code] as usize] = code as u8;
        code += 1;
    }
    codes
};

/// A checksum under way.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Checksum(u32);

impl Checksum {
    /// Takes in one line of data, given without its line feed.
    pub(super) fn add_line(&mut self, line: &[u8]) {
        for byte in line.iter().chain(b"\n") {
            self.0 = (2 * self.0 + u32::from(CODES[usize::from(*byte)])) % MODULUS;
        }
    }

    /// The checksum of all lines so far.
    pub(super) const fn value(self) -> u32 {
        self.0
    }
}

/// Whether a string of a GraphBase file can hold the character as it is.
pub(super) const fn is_plain(character: char) -> bool {
    character.is_ascii()
        && CODES[character as usize] != UNKNOWN
        && !matches!(character, '"' | '\\' | '\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_of_the_original() {
        for (line, expected) in [
            ("A", 115),
            ("V2,0,4,0", 13947),
            ("\"T:0.0\",A136,53,0", 17_217_075),
        ] {
            let mut checksum = Checksum::default();
            checksum.add_line(line.as_bytes());
            assert_eq!(checksum.value(), expected, "{line}");
        }
    }

    #[test]
    fn strings_hold_what_can_be_told_apart() {
        assert!(" Tz09{}'`".chars().all(is_plain));
        assert!(!"\"\\\n\t\r\0é".chars().any(is_plain));
    }
}
