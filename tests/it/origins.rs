//! Results know where they come from: the program that made them, and the files that it read.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::command::{
    arigatoni, assert_same, code, done, files, memory_folder, program, put, said, wrote,
};
use crate::review::{Page, of_any_build, reads, without_times};
use crate::support::shipped;

/// A scenario of eight short runs on the graph `g.gb` beside it.
fn small() -> Value {
    json!({
        "version": 1, "name": "small", "replications": 2,
        "topology": {"file": "g.gb"},
        "system": {"arigatoni": {"requests": {"count": 40}}},
        "sweep": {"axes": {"/system/*/disconnection/rate": [0, 0.2, 0.4, 0.6]}}
    })
}

/// The scenario, its graph, and its results in `out`, of which a shard alone may have been made.
fn swept(shard: &[&str]) -> TempDir {
    let folder = memory_folder();
    put(folder.path(), "s.json", &small());
    fs::copy(shipped("topologies/t100-0.gb"), folder.path().join("g.gb")).unwrap();
    done(
        folder.path(),
        &[&["sweep", "s.json", "-oout", "--chunk-runs=1"], shard].concat(),
    );
    folder
}

fn manifest(folder: &Path) -> Value {
    serde_json::from_slice(&fs::read(folder.join("manifest.json")).unwrap()).unwrap()
}

fn put_manifest(folder: &Path, manifest: &Value) {
    fs::write(folder.join("manifest.json"), format!("{manifest:#}\n")).unwrap();
}

/// Makes the results in `folder` those of a program built from other sources.
fn of_another_program(folder: &Path) {
    let mut there = manifest(folder);
    assert_eq!(there["sources"].as_str().unwrap().len(), 32);
    there["sources"] = "0123456789abcdef0123456789abcdef".into();
    put_manifest(folder, &there);
}

/// Copies a folder with what is in it.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// The page of what is said where results are repeated, each test with a section.
const REPEATED: &str = "origins-repeated";

const OTHER: &str = "made by arigatoni 0.1.0 (sources 0123456789ab";

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn nothing_goes_on_with_the_results_of_another_program() {
    for shard in [&[][..], &["--shard=0/2"]] {
        let folder = swept(shard);
        let path = folder.path();
        of_another_program(&path.join("out"));
        let before = (files(&path.join("out")), manifest(&path.join("out")));
        let mut page = Page::new("Commands that would go on with the results of another program");
        for words in [
            &["sweep", "s.json", "-oout"][..],
            &["sweep", "s.json", "-oout", "--set=/replications=3"],
            &["sweep", "s.json", "-oout", "--shard=1/2"],
            &["sweep", "out"],
            &["retry", "s.json", "-oout", "--failed"],
            &[
                "submit",
                "s.json",
                "-oout",
                "--engine=parallel",
                "--shards=2",
            ],
            &["merge", "out"],
            &["merge", "out", "--partial"],
        ] {
            let output = arigatoni(path, words);
            let text = said(&output);
            assert_eq!(code(&output), Some(2), "{words:?}: {text}");
            assert!(text.contains(OTHER), "{words:?}: {text}");
            let input = format!("arigatoni {}", words.join(" "));
            page.entry(&input, of_any_build(&text));
        }
        // Whether all of it has been made or a part does not matter.
        page.check("origins-other-program");
        let after = (files(&path.join("out")), manifest(&path.join("out")));
        assert!(before == after, "a refused command has changed something");
        // Overwriting leaves nothing of theirs.
        done(path, &["sweep", "s.json", "-oout", "--overwrite"]);
        done(path, &["sweep", "s.json", "-ofresh"]);
        assert_same(&path.join("fresh"), &path.join("out"));
        done(path, &["sweep", "s.json", "-oout"]);
    }
}

/// What a check against a baseline prints, which is that of another program or not.
fn checked_against(path: &Path, baseline: &str, other: bool) -> String {
    let baseline = format!("--baseline={baseline}");
    let words = [
        "check",
        "s.json",
        &baseline,
        "--json=c.json",
        "--junit=c.xml",
        "--markdown=c.md",
    ];
    let output = arigatoni(path, &words);
    assert_eq!(code(&output), Some(0), "{}", said(&output));
    let text = wrote(&output);
    assert_eq!(text.contains(&OTHER["made by ".len()..]), other, "{text}");
    let verdict: Value = serde_json::from_slice(&fs::read(path.join("c.json")).unwrap()).unwrap();
    assert_eq!(verdict["verdict"], "identical");
    assert_eq!(verdict["baseline_of_other_program"].is_string(), other);
    let junit = fs::read_to_string(path.join("c.xml")).unwrap();
    let junit = roxmltree::Document::parse(&junit).unwrap();
    let properties = junit.descendants().filter(|it| it.has_tag_name("property"));
    // This program, and the one that has made the baseline.
    assert_eq!(properties.count(), 1 + usize::from(other));
    of_any_build(&text)
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn what_another_program_made_is_told_where_it_is_looked_at() {
    let folder = swept(&[]);
    let path = folder.path();
    let mut page = Page::new("Results of another program, and one's own");
    let status = |of_another: bool| {
        let text = wrote(&arigatoni(path, &["status", "out"]));
        assert_eq!(text.contains(OTHER), of_another, "{text}");
        let json = wrote(&arigatoni(path, &["status", "out", "--json"]));
        let json: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json["made_by_other_program"], of_another);
        of_any_build(&text)
    };
    page.entry("arigatoni status out    (one's own)", status(false));
    done(path, &["sweep", "s.json", "-omine"]);
    of_another_program(&path.join("out"));
    page.entry("arigatoni status out", status(true));
    for words in [
        &["figures", "out", "-odrawn"][..],
        &["sweep", "out", "-oagain"],
        &["run", "out"],
    ] {
        let text = done(path, words);
        assert!(text.contains(OTHER), "{text}");
        let input = format!("arigatoni {}", words.join(" "));
        page.entry(&input, without_times(&text));
    }
    let text = done(path, &["compare", "out", "mine"]);
    page.entry("arigatoni compare out mine", without_times(&text));
    // `check` compares two programs: that is what it is for, and it says which.
    for (baseline, other) in [("out", true), ("mine", false)] {
        let input = format!("arigatoni check s.json --baseline={baseline}");
        page.entry(&input, checked_against(path, baseline, other));
    }
    // A committed baseline names no program, and nothing is said.
    done(path, &["check", "s.json", "--baseline=base", "--update"]);
    assert!(manifest(&path.join("base"))["sources"].is_null());
    let text = wrote(&arigatoni(path, &["check", "s.json", "--baseline=base"]));
    page.entry(
        "arigatoni check s.json --baseline=base",
        of_any_build(&text),
    );
    let output = arigatoni(path, &["sweep", "s.json", "-obase"]);
    assert_eq!(code(&output), Some(2));
    page.entry(
        "arigatoni sweep s.json -obase",
        of_any_build(&said(&output)),
    );
    page.check("origins-looked-at");
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn the_manifest_tells_how_the_results_came_about() {
    let folder = swept(&[]);
    let path = folder.path();
    let there = manifest(&path.join("out"));
    assert!(
        there["build"]["rustc"]
            .as_str()
            .unwrap()
            .starts_with("rustc 1.")
    );
    for member in ["target", "profile"] {
        assert!(!there["build"][member].as_str().unwrap().is_empty());
    }
    let command = json!(["sweep", "s.json", "-oout", "--chunk-runs=1"]);
    assert_eq!(
        there["command"].as_array().unwrap()[1..],
        command.as_array().unwrap()[..]
    );
    assert!(there["machine"]["os_release"].is_string());
    let method = &there["method"];
    assert_eq!(method["run_type"], "terminating");
    let mut page = Page::new("When the runs of a point are enough, as a manifest tells");
    let rule = |method: &Value| method["stopping_rule"].as_str().unwrap().to_owned();
    page.entry("/replications 2", rule(method));
    let generator = method["random_generator"].as_str().unwrap();
    assert!(generator.starts_with("Philox 4x32-10"), "{generator}");
    for member in ["initial_state", "end", "transient"] {
        assert!(!method[member].as_str().unwrap().is_empty());
    }
    // What captions leave out; the axis of the sweep is not among it.
    let constants = there["constants"].as_object().unwrap();
    for (name, value) in [
        ("topology", json!("g.gb")),
        ("seed", json!(1)),
        ("\u{3b1}", json!(0.75)),
        ("k", json!(1)),
        ("requests", json!(40)),
    ] {
        assert_eq!(constants[name], value, "{name}");
    }
    assert!(!constants.contains_key("\u{3b4}"));
    // Extending tells the new command; repeating changes nothing.
    done(path, &["sweep", "s.json", "-oout", "--set=/replications=3"]);
    let extended = manifest(&path.join("out"));
    assert_eq!(extended["command"][4], "--set=/replications=3");
    page.entry("/replications 3", rule(&extended["method"]));
    let precision = r#"--set=/precision={"metric": "acceptance_ratio", "relative_half_width": 0.07, "min": 2, "max": 3}"#;
    done(path, &["sweep", "s.json", "-oprecise", precision]);
    let precise = manifest(&path.join("precise"));
    page.entry("/precision 7 %, from 2 to 3", rule(&precise["method"]));
    page.check("origins-stopping-rules");
}

/// A manifest that says that something else was simulated does not make it so.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn a_manifest_cannot_change_what_its_runs_were_made_from() {
    let folder = swept(&[]);
    let path = folder.path();
    let mut there = manifest(&path.join("out"));
    there["scenario"]["seed"] = 2.into();
    put_manifest(&path.join("out"), &there);
    let mut page = Page::new("Results whose manifest tells of another scenario than their runs");
    for words in [
        &["sweep", "s.json", "-oout", "--seed=2"][..],
        &["sweep", "s.json", "-oout"],
        &["merge", "out"],
        &["sweep", "out", "-oagain"],
        &["run", "out"],
        &["check", "out"],
        &["check", "s.json", "--baseline=out"],
        &["compare", "out", "out"],
        &["figures", "out"],
        &["status", "out"],
    ] {
        let output = arigatoni(path, words);
        assert_eq!(code(&output), Some(2), "{words:?}");
        let input = format!("arigatoni {}", words.join(" "));
        page.entry(&input, of_any_build(&said(&output)));
    }
    page.check("origins-changed-manifest");
}

/// A results folder that is copied elsewhere repeats itself there, without the scenario and the
/// files that this names.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn a_results_folder_repeats_itself_from_anywhere() {
    let folder = swept(&[]);
    let elsewhere = memory_folder();
    let path = elsewhere.path();
    copy(&folder.path().join("out"), &path.join("copy"));
    drop(folder);
    let mut page = Page::new("Results that are repeated from what they hold");
    let mut entry = |words: &str, text: &str| page.entry(words, without_times(text));
    let text = done(path, &["sweep", "copy", "-oagain", "--threads=1"]);
    entry("arigatoni sweep copy -oagain", &text);
    assert_same(&path.join("copy"), &path.join("again"));
    // By its manifest, and from the copy of a copy, whose own files were never there.
    done(path, &["sweep", "again/manifest.json", "-othird"]);
    assert_same(&path.join("copy"), &path.join("third"));
    // In its own place: nothing is left to be made; all of it again.
    let text = done(path, &["sweep", "third"]);
    entry("arigatoni sweep third", &text);
    done(path, &["sweep", "third", "--overwrite"]);
    assert_same(&path.join("copy"), &path.join("third"));
    let output = program(&path.join("third"))
        .args(["sweep", "manifest.json"])
        .output()
        .unwrap();
    assert_eq!(code(&output), Some(0), "{}", said(&output));
    // With itself, and with another.
    for words in [
        &["check", "copy"][..],
        &["check", "again", "--baseline=copy"],
    ] {
        let output = arigatoni(path, words);
        assert_eq!(code(&output), Some(0), "{}", said(&output));
        entry(&format!("arigatoni {}", words.join(" ")), &wrote(&output));
    }
    // Other settings go elsewhere, or are refused.
    let output = arigatoni(path, &["sweep", "copy", "--seed=2"]);
    assert_eq!(code(&output), Some(2));
    entry("arigatoni sweep copy --seed=2", &said(&output));
    page.check_section(REPEATED);
    done(path, &["sweep", "copy", "--seed=2", "-oseed"]);
    done(
        path,
        &["run", "copy", "--set=/system/*/disconnection/rate=0.2"],
    );
    let output = arigatoni(path, &["check", "seed/runs.csv"]);
    assert_eq!(code(&output), Some(2));
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn an_unfinished_folder_goes_on_from_anywhere() {
    let folder = swept(&["--shard=0/2"]);
    let elsewhere = memory_folder();
    let path = elsewhere.path();
    copy(&folder.path().join("out"), &path.join("copy"));
    done(folder.path(), &["sweep", "s.json", "-oout"]);
    let text = done(path, &["sweep", "copy"]);
    reads(
        REPEATED,
        "Half of a sweep that goes on elsewhere",
        &[("arigatoni sweep copy", &without_times(&text))],
    );
    assert_same(&folder.path().join("out"), &path.join("copy"));
    // A part of a sweep is repeated as that part.
    done(
        folder.path(),
        &["sweep", "s.json", "-opart", "--filter=delta=0.2"],
    );
    copy(&folder.path().join("part"), &path.join("part"));
    done(path, &["sweep", "part", "-oagain"]);
    assert_same(&path.join("part"), &path.join("again"));
}

/// Whatever a scenario reads is kept: a trace of demand; and graphs that are generated.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn every_file_is_kept_and_graphs_that_are_generated() {
    let opus = json!({
        "version": 1, "name": "opus",
        "topology": {"transit_stub": {"seed": 3}},
        "system": {"opus": {
            "study": "allocation",
            "nodes": {"count": 6},
            "allocation": {"regions": 2, "duration_s": 40},
            "applications": [{"demand": [{"trace": {"file": "data/trace.csv"}}], "work": 0.2}],
        }},
    });
    let mut own = small();
    own["topology"] = json!({"transit_stub": {"per_replication": true}});
    for (scenario, kept) in [(opus, 2), (own, 0)] {
        let folder = memory_folder();
        let path = folder.path();
        put(path, "s.json", &scenario);
        fs::create_dir(path.join("data")).unwrap();
        let trace = "\u{feff}time_s,region,rate_per_s\n0,0,4\n0,1,0\n20,1,6\n40,0,4\n";
        fs::write(path.join("data/trace.csv"), trace).unwrap();
        done(path, &["sweep", "s.json", "-oout"]);
        let inputs = manifest(&path.join("out"))["inputs"].clone();
        let names = inputs.as_object().map_or(0, serde_json::Map::len);
        assert_eq!(names, kept, "{inputs}");
        fs::remove_dir_all(path.join("data")).unwrap();
        done(path, &["sweep", "out", "-oagain"]);
        assert_same(&path.join("out"), &path.join("again"));
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn copies_that_are_damaged_or_gone_are_told() {
    let folder = swept(&[]);
    let path = folder.path();
    fs::remove_file(path.join("g.gb")).unwrap();
    let inputs = path.join("out/inputs");
    let name = manifest(&path.join("out"))["inputs"]["g.gb"].clone();
    let copy = inputs.join(name.as_str().unwrap());
    let whole = fs::read(&copy).unwrap();
    let mut page = Page::new("Results whose copies of what was read are damaged or gone");
    let mut refused = |why: &str| {
        let output = arigatoni(path, &["sweep", "out", "-oagain"]);
        let text = said(&output);
        assert_eq!(code(&output), Some(2), "{text}");
        let text = text.replace(&format!("{}/", path.display()), "");
        let input = format!("arigatoni sweep out -oagain    ({why})");
        page.entry(&input, of_any_build(&text));
        assert!(!path.join("again").exists());
    };
    fs::write(&copy, &whole[..whole.len() / 2]).unwrap();
    refused("half a copy");
    fs::remove_file(&copy).unwrap();
    refused("no copy");
    // Another graph is not taken for the one that was used.
    fs::copy(shipped("topologies/ts108x-0.gb"), &copy).unwrap();
    refused("another graph");
    for words in [&["sweep", "out"][..], &["check", "out"], &["run", "out"]] {
        let output = arigatoni(path, words);
        assert_eq!(code(&output), Some(2), "{words:?}");
    }
    fs::remove_file(&copy).unwrap();
    // The names in a manifest do not lead out of the folder.
    let mut there = manifest(&path.join("out"));
    there["inputs"]["g.gb"] = "../../secret".into();
    put_manifest(&path.join("out"), &there);
    fs::write(path.join("secret"), &whole).unwrap();
    refused("a copy outside of the folder");
    page.check("origins-copies");
    done(path, &["status", "out"]);
    assert!(path.join("secret").exists());
}
