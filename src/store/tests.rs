//! Files as they are read, replaced and locked, also on file systems that lack something.

use super::*;

/// As FAT answers, and some network mounts.
fn no_links(_: &Path, _: &Path) -> io::Result<()> {
    Err(ErrorKind::PermissionDenied.into())
}

#[test]
fn without_hard_links_one_of_many_creates_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("manifest.json");
    for _ in 0..20 {
        let texts: Vec<String> = (0..4).map(|i| format!("process {i}\n")).collect();
        let create = |text: &String| create_with(&path, text.as_bytes(), no_links).unwrap();
        let first: Vec<bool> = std::thread::scope(|scope| {
            let threads: Vec<_> = texts
                .iter()
                .map(|text| scope.spawn(|| create(text)))
                .collect();
            threads.into_iter().map(|t| t.join().unwrap()).collect()
        });
        let winner = first.iter().position(|&first| first).unwrap();
        assert_eq!(first.iter().filter(|&&first| first).count(), 1, "{first:?}");
        assert_eq!(fs::read_to_string(&path).unwrap(), texts[winner]);
        assert_eq!(list(folder.path()).unwrap(), ["manifest.json"]);
        fs::remove_file(&path).unwrap();
    }
}

#[test]
fn the_file_that_a_link_names_is_replaced_and_the_link_stays() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("far")).unwrap();
    fs::write(at("far/real"), "old").unwrap();
    std::os::unix::fs::symlink("far/real", at("link")).unwrap();
    let put = |text: &[u8]| {
        let mut draft = Draft::new(&at("link")).unwrap();
        draft.write(text).unwrap();
        draft.put().unwrap();
    };
    let replaced = |text: &[u8]| replace(&at("link"), text).unwrap();
    for (number, write) in [&put as &dyn Fn(&[u8]), &replaced].iter().enumerate() {
        let text = format!("new {number}");
        write(text.as_bytes());
        assert_eq!(fs::read_to_string(at("far/real")).unwrap(), text);
        assert!(at("link").is_symlink());
        assert_eq!(list(&at("far")).unwrap(), ["real"]);
    }
    assert_eq!(identity(&at("link")), identity(&at("far/real")));
}

#[test]
fn a_file_with_more_in_it_or_at_work_stays() {
    let folder = tempfile::tempdir().unwrap();
    let mut appender = Appender::create(folder.path(), ".journal").unwrap();
    appender.append(b"line\n").unwrap();
    let path = folder.path().join(&list(folder.path()).unwrap()[0]);
    assert!(!remove_if_idle(&path, 5).unwrap(), "its process lives");
    appender.end(false).unwrap();
    assert!(!remove_if_idle(&path, 4).unwrap(), "it has grown");
    assert!(remove_if_idle(&path, 5).unwrap());
    assert!(remove_if_idle(&path, 5).unwrap(), "it is gone");
}

#[test]
fn a_lock_knows_whether_its_folder_is_still_there() {
    let folder = tempfile::tempdir().unwrap();
    let (out, old) = (folder.path().join("out"), folder.path().join("old"));
    fs::create_dir(&out).unwrap();
    let held = lock(&out).unwrap().unwrap();
    assert!(lock(&out).unwrap().is_none());
    assert!(held.is_at(&out));
    fs::rename(&out, &old).unwrap();
    assert!(!held.is_at(&out));
    fs::create_dir(&out).unwrap();
    assert!(!held.is_at(&out) && held.is_at(&old));
}
