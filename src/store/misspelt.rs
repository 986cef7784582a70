//! What is probably meant by a path at which there is nothing.
//!
//! It does *not* read what it finds.

use std::path::{Path, PathBuf};

use crate::error::nearest;
use crate::store;

/// Where results are, unless they were to go elsewhere.
pub(crate) const RESULTS: &str = "results";
/// Where the scenarios of a clone are.
const SCENARIOS: &str = "scenarios";

/// The file that is probably meant by `path`: one of a name like it in the same folder, or of its name in the
/// folder of scenarios; the ending may be left out.
pub(crate) fn file(path: &Path) -> Option<PathBuf> {
    let folder = path.parent()?;
    let mut folders = vec![folder.to_owned()];
    if folder.as_os_str().is_empty() {
        folders.push(SCENARIOS.into());
    }
    let is_file = |path: &Path| store::exists(path) && !store::is_folder(path);
    of(path, &folders, is_file)
}

/// The folder that is `fit` and probably meant by `path`, or else the scenario: a bare name is sought where results
/// are, too.
pub(crate) fn folder(path: &Path, fit: impl Fn(&Path) -> bool) -> Option<PathBuf> {
    let parent = path.parent()?;
    let mut folders = vec![parent.to_owned()];
    let mut scenarios = folders.clone();
    if parent.as_os_str().is_empty() {
        folders.push(RESULTS.into());
        scenarios.push(SCENARIOS.into());
    }
    let is_scenario = |path: &Path| {
        path.extension().is_some_and(|ending| ending == "json") && !store::is_folder(path)
    };
    of(path, &folders, |path| store::is_folder(path) && fit(path))
        .or_else(|| of(path, &scenarios, is_scenario))
}

/// The entry of one of the `folders` that is `fit` and has the name of `path` but for the ending, or else a name
/// like it.
fn of(path: &Path, folders: &[PathBuf], fit: impl Fn(&Path) -> bool) -> Option<PathBuf> {
    let wanted = stem(path.file_name()?.to_str()?);
    let mut found: Vec<PathBuf> = Vec::new();
    for folder in folders {
        let here = if folder.as_os_str().is_empty() {
            Path::new(".")
        } else {
            folder
        };
        let names = store::list(here).unwrap_or_default();
        let paths = names.iter().map(|name| folder.join(name));
        found.extend(paths.filter(|path| fit(path)));
    }
    // Of names that are equal or equally near, one of its own kind is meant.
    found.sort_by_key(|other| other.extension() != path.extension());
    let name = |path: &PathBuf| Some(stem(path.file_name()?.to_str()?).to_owned());
    let names: Vec<Option<String>> = found.iter().map(name).collect();
    let same = names
        .iter()
        .position(|name| name.as_deref() == Some(wanted));
    let near = || {
        let near = nearest(wanted, names.iter().flatten().map(String::as_str))?;
        names.iter().position(|name| name.as_deref() == Some(near))
    };
    same.or_else(near).map(|at| found.swap_remove(at))
}

/// A name without its ending.
fn stem(name: &str) -> &str {
    match name.rsplit_once('.') {
        Some((stem, _)) if !stem.is_empty() => stem,
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_that_is_there_is_meant() {
        let folder = tempfile::tempdir().unwrap();
        let put = |name: &str| store::replace(&folder.path().join(name), b"").unwrap();
        put("paper.json");
        put("paper-quick.json");
        put("paper-quick.csv");
        store::make_folder(&folder.path().join("papers")).unwrap();
        let meant = |name: &str| {
            let found = file(&folder.path().join(name))?;
            found.file_name()?.to_str().map(str::to_owned)
        };
        assert_eq!(meant("paper").as_deref(), Some("paper.json"));
        assert_eq!(meant("papr.json").as_deref(), Some("paper.json"));
        assert_eq!(
            meant("paper-quik.json").as_deref(),
            Some("paper-quick.json")
        );
        assert_eq!(meant("paper-quik.csv").as_deref(), Some("paper-quick.csv"));
        assert_eq!(meant("papr.jsn").as_deref(), Some("paper.json"));
        assert_eq!(
            meant("nothing.json"),
            None,
            "a common ending is no likeness"
        );
        assert_eq!(meant("p.json"), None);
        let folders = |fit: bool| super::folder(&folder.path().join("paprs"), |_| fit);
        assert!(folders(true).unwrap().ends_with("papers"));
        assert!(
            folders(false).unwrap().ends_with("paper.json"),
            "not the table"
        );
    }
}
