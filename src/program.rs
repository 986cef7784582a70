//! Which program this is, so that results know which one made them.
//!
//! The build script finds it out. This module does *not* know results, nor what may be done with
//! those of another program.

use std::fmt;
use std::sync::OnceLock;

use xxhash_rust::xxh3::xxh3_128;

use crate::store;

/// What tells one program from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Program<'a> {
    /// The version of the package, such as `0.1.0`.
    pub version: &'a str,
    /// The digest of the sources from which it was built: all of `src`, the features and the versions
    /// of the libraries. Programs with the same digest compute the same. Absent: not known.
    pub sources: Option<&'a str>,
    /// The commit that was checked out, if known; the sources may have been changed since.
    pub commit: Option<&'a str>,
    /// Whether they had been, if known.
    pub modified: Option<bool>,
}

/// The digest of a program that has systems of its own; `None`: not known.
static EXTENDED: OnceLock<Option<String>> = OnceLock::new();

/// From now on the program is known by its executable file: it has systems of its own, of whose sources
/// this package knows nothing.
pub(crate) fn extend() {
    EXTENDED.get_or_init(|| {
        let executable = store::read(&std::env::current_exe().ok()?).ok()?;
        Some(format!("{:032x}", xxh3_128(&executable)))
    });
}

/// How many digits of a digest or a commit a person is shown.
const DIGITS_SHOWN: usize = 12;

impl Program<'static> {
    /// The program that runs.
    pub fn this() -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION"),
            sources: match EXTENDED.get() {
                None => Some(env!("ARIGATONI_SOURCES")),
                Some(digest) => digest.as_deref(),
            },
            commit: option_env!("ARIGATONI_COMMIT"),
            modified: option_env!("ARIGATONI_MODIFIED").map(|text| text == "true"),
        }
    }
}

impl Program<'_> {
    /// Whether it computes what `other` does. Programs whose sources are not known are not the same.
    pub fn is_same(&self, other: &Program<'_>) -> bool {
        self.version == other.version && self.sources.is_some() && self.sources == other.sources
    }
}

/// `arigatoni 0.1.0 (sources 1a2b3c4d5e6f, commit 9a8b7c6d5e4f and changes)`.
impl fmt::Display for Program<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let short = |text: &str| text.chars().take(DIGITS_SHOWN).collect::<String>();
        write!(f, "arigatoni {} (", self.version)?;
        match self.sources {
            Some(sources) => write!(f, "sources {}", short(sources))?,
            None => write!(f, "sources not known")?,
        }
        if let Some(commit) = self.commit {
            write!(f, ", commit {}", short(commit))?;
            if self.modified == Some(true) {
                write!(f, " and changes")?;
            }
        }
        write!(f, ")")
    }
}

/// The compiler that built the program, such as `rustc 1.90.0 (1159e78c4 2025-09-14)`.
pub(crate) const RUSTC: &str = env!("ARIGATONI_RUSTC");
/// What it was built for, such as `x86_64-unknown-linux-gnu`.
pub(crate) const TARGET: &str = env!("ARIGATONI_TARGET");
/// How it was built, `release` or `debug`.
pub(crate) const PROFILE: &str = env!("ARIGATONI_PROFILE");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_known_by_its_sources() {
        let this = Program::this();
        let digits = this.sources.unwrap();
        assert!(digits.len() == 32 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        assert!(this.is_same(&this));
        let committed = Program {
            commit: Some("0123456789abcdef"),
            modified: Some(true),
            ..this
        };
        assert!(this.is_same(&committed), "the commit does not decide");
        let other = Program {
            sources: Some("00"),
            ..this
        };
        assert!(!this.is_same(&other));
        let unknown = Program {
            sources: None,
            ..this
        };
        assert!(!unknown.is_same(&unknown));
        let version = this.version;
        let shown = format!(
            "arigatoni {version} (sources {}, commit 0123456789ab and changes)",
            &digits[..12]
        );
        assert_eq!(committed.to_string(), shown);
        let shown = format!("arigatoni {version} (sources not known)");
        let bare = Program {
            commit: None,
            ..unknown
        };
        assert_eq!(bare.to_string(), shown);
    }
}
