//! Tells the program from which commit it is built, if it is built in a git repository.

use std::fs;
use std::path::Path;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if let Some(commit) = commit() {
        println!("cargo:rustc-env=ARIGATONI_COMMIT={commit}");
    }
}

/// The commit that is checked out. Reads the repository's own files, so that no git is needed.
fn commit() -> Option<String> {
    let head = read(Path::new(".git/HEAD"))?;
    let Some(name) = head.strip_prefix("ref: ") else {
        return Some(head);
    };
    read(&Path::new(".git").join(name)).or_else(|| {
        let packed = read(Path::new(".git/packed-refs"))?;
        let line = packed
            .lines()
            .find(|line| line.ends_with(&format!(" {name}")))?;
        line.split(' ').next().map(str::to_owned)
    })
}

/// The file's text, and that a change of it asks for a new build; nothing without a file.
fn read(path: &Path) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    println!("cargo:rerun-if-changed={}", path.display());
    Some(text.trim().to_owned())
}
