//! Tells the program what it is built from: a digest of the sources, and the commit, if it is built in
//! a git repository or from a package that was made in one.
//!
//! The digest decides which results are the program's own. It is the same for a clone, a work tree and
//! a package of the same sources, on every platform. The commit only helps a person to find them.

#![allow(clippy::disallowed_methods, reason = "a build script has no store")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use xxhash_rust::xxh3::Xxh3;

/// What decides besides `src` what the program computes: the versions of the libraries, and their
/// features.
const LOCK: &str = "Cargo.lock";
/// A package has the file as it was written under the second name, and a rewritten one under the
/// first.
const MANIFESTS: [&str; 2] = ["Cargo.toml.orig", "Cargo.toml"];

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=src");
    println!("cargo:rustc-env=ARIGATONI_SOURCES={}", digest());
    if let Some(commit) = commit() {
        println!("cargo:rustc-env=ARIGATONI_COMMIT={commit}");
        if let Some(modified) = modified() {
            println!("cargo:rustc-env=ARIGATONI_MODIFIED={modified}");
        }
    }
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = said(Command::new(rustc).arg("--version"));
    println!(
        "cargo:rustc-env=ARIGATONI_RUSTC={}",
        version.unwrap_or_default()
    );
    for name in ["TARGET", "PROFILE"] {
        let value = std::env::var(name).unwrap_or_default();
        println!("cargo:rustc-env=ARIGATONI_{name}={value}");
    }
}

/// The digest of the sources: of each file its path, its length and its text, in the order of the
/// paths.
fn digest() -> String {
    let mut files = Vec::new();
    sources(Path::new("src"), "src", &mut files);
    files.sort();
    let mut hash = Xxh3::new();
    let mut enter = |name: &str, text: &str| {
        // What a checkout on Windows makes of line ends changes nothing.
        let text = text.replace("\r\n", "\n");
        hash.update(&(name.len() as u64).to_le_bytes());
        hash.update(name.as_bytes());
        hash.update(&(text.len() as u64).to_le_bytes());
        hash.update(text.as_bytes());
    };
    for (name, path) in files {
        let text = fs::read_to_string(&path)
            .unwrap_or_else(|error| panic!("{} cannot be read: {error}", path.display()));
        enter(&name, &text);
    }
    let manifest = MANIFESTS
        .iter()
        .find_map(|name| read(Path::new(name)))
        .expect("every package has a Cargo.toml");
    enter("Cargo.toml", &manifest);
    // As the library of another program the package has no say in the versions.
    enter(LOCK, &read(Path::new(LOCK)).unwrap_or_default());
    format!("{:032x}", hash.digest128())
}

/// Every source file below `folder`, with its name in the package, the same on all platforms.
fn sources(folder: &Path, name: &str, files: &mut Vec<(String, PathBuf)>) {
    let entries = fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{} cannot be read: {error}", folder.display()));
    for entry in entries.flatten() {
        let path = entry.path();
        let Some(own) = path.file_name().and_then(|own| own.to_str()) else {
            continue;
        };
        let name = format!("{name}/{own}");
        if path.is_dir() {
            sources(&path, &name, files);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push((name, path));
        }
    }
}

/// The commit that is checked out, or from which the package was made. Reads the repository's own
/// files, so that no git is needed.
fn commit() -> Option<String> {
    let Some((own, common)) = repository() else {
        return packaged_commit();
    };
    let head = read(&own.join("HEAD"))?;
    // A reference that was packed and moves comes to lie in a new file, but is always logged.
    read(&own.join("logs/HEAD"));
    let Some(name) = head.trim().strip_prefix("ref: ") else {
        return Some(head.trim().to_owned());
    };
    let found = read(&common.join(name)).or_else(|| {
        let packed = read(&common.join("packed-refs"))?;
        let line = packed
            .lines()
            .find(|line| line.ends_with(&format!(" {name}")))?;
        line.split(' ').next().map(str::to_owned)
    });
    found.map(|commit| commit.trim().to_owned())
}

/// The folder of the work tree's own state, and that of the repository; they differ where one
/// repository has several work trees.
fn repository() -> Option<(PathBuf, PathBuf)> {
    let git = Path::new(".git");
    if git.is_dir() {
        return Some((git.into(), git.into()));
    }
    let own = PathBuf::from(read(git)?.trim().strip_prefix("gitdir: ")?);
    let common = match read(&own.join("commondir")) {
        Some(common) => own.join(common.trim()),
        None => own.clone(),
    };
    Some((own, common))
}

/// The commit that `cargo package` has noted.
fn packaged_commit() -> Option<String> {
    let noted = read(Path::new(".cargo_vcs_info.json"))?;
    let (_, after) = noted.split_once("\"sha1\"")?;
    after.split('"').nth(1).map(str::to_owned)
}

/// Whether the sources are not those of the commit, if git is there to tell.
fn modified() -> Option<bool> {
    if !Path::new(".git").exists() {
        return None;
    }
    let mut git = Command::new("git");
    git.args(["status", "--porcelain", "--", "src", "Cargo.toml", LOCK]);
    said(&mut git).map(|changes| !changes.is_empty())
}

/// What a command says, if it can be run and succeeds.
fn said(command: &mut Command) -> Option<String> {
    let output = command.output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}

/// The file's text, and that a change of it asks for a new build; nothing without a file.
fn read(path: &Path) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    println!("cargo:rerun-if-changed={}", path.display());
    Some(text)
}
