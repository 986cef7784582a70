//! What may go on in a folder of results, and what may not.

use super::*;
use crate::review::{Page, of_any_build, reads, without_times};

#[test]
fn two_sweeps_in_one_folder_are_refused() {
    let folder = TempDir::new().unwrap();
    let mut scenario = many_short_runs();
    scenario["replications"] = 400.into();
    put(folder.path(), "s.json", &scenario);
    let mut first = program(folder.path()).args(WORDS).spawn().unwrap();
    while kept(&folder.path().join("out")) == 0 {
        std::thread::sleep(Duration::from_millis(20));
    }
    let second = arigatoni(folder.path(), &WORDS);
    first.kill().unwrap();
    first.wait().unwrap();
    assert_eq!(code(&second), Some(2));
    reads(
        "durability",
        "A sweep in the folder of another",
        &[(&WORDS.join(" "), &of_any_build(&said(&second)))],
    );
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn a_sweep_may_be_extended_and_nothing_is_made_twice() {
    let folder = TempDir::new().unwrap();
    let mut scenario = many_short_runs();
    let rates = |d: &mut Value, rates: Value| {
        d["sweep"]["axes"]["/system/*/disconnection/rate"] = rates;
    };
    scenario["replications"] = 2.into();
    rates(&mut scenario, serde_json::json!([0.1, 0.4]));
    put(folder.path(), "s.json", &scenario);
    done(folder.path(), &PLAIN);
    scenario["replications"] = 4.into();
    put(folder.path(), "s.json", &scenario);
    let replications = done(folder.path(), &PLAIN);
    rates(
        &mut scenario,
        serde_json::json!([0, 0.1, 0.2, 0.4, 0.6, 0.8, 0.95]),
    );
    put(folder.path(), "s.json", &scenario);
    let points = done(folder.path(), &PLAIN);
    reads(
        "durability",
        "A sweep that is extended",
        &[
            ("from 2 to 4 replications", &without_times(&replications)),
            ("from 6 to 21 points", &without_times(&points)),
        ],
    );
    done(
        folder.path(),
        &["sweep", "s.json", "-owhole", "--no-figures"],
    );
    assert_same(&folder.path().join("whole"), &folder.path().join("out"));
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn any_other_change_is_refused_with_the_difference() {
    let folder = undisturbed();
    let mut page = Page::new("Sweeps that cannot go on in a folder with other results");
    let mut refused = |words: &[&str], why: &str| {
        let output = arigatoni(folder.path(), words);
        assert_eq!(code(&output), Some(2), "{words:?}");
        assert_eq!(said(&output).matches("error: ").count(), 1, "{words:?}");
        let input = format!("arigatoni {}{why}", words.join(" "));
        page.entry(&input, of_any_build(&said(&output)));
    };
    let sweep = |word| ["sweep", "s.json", "-owhole", word];
    for word in [
        "--set=/system/*/acceptance_probability=0.7",
        "--seed=7",
        "--set=/replications=3",
        "--filter=/system/*/services/density=0.1",
        "--chunk-runs=6",
    ] {
        refused(&sweep(word), "");
    }
    let overwrite = [&sweep("--seed=7")[..], &["--overwrite", "--no-figures"]].concat();
    done(folder.path(), &overwrite);

    let manifest = folder.path().join("whole/manifest.json");
    let text = fs::read_to_string(&manifest).unwrap();
    let of_other_version = |more: &str| {
        let version = format!("{more}\"version\": \"9.");
        fs::write(&manifest, text.replace("\"version\": \"", &version)).unwrap();
    };
    of_other_version("");
    refused(&sweep("--seed=7"), "    (another version made them)");
    // Whatever else another version writes there.
    of_other_version("\"jitter\": 1, ");
    refused(&sweep("--seed=7"), "    (it writes something more)");
    fs::write(manifest.with_file_name("runs.csv"), "").unwrap();
    for word in ["status", "merge", "figures"] {
        refused(&[word, "whole"], "    (the same)");
    }
    fs::write(&manifest, "{}").unwrap();
    refused(&sweep("--seed=7"), "    (an empty manifest)");
    fs::write(folder.path().join("file"), "").unwrap();
    refused(&["sweep", "s.json", "-ofile"], "    (a file)");
    page.check("folders-going-on");
}

/// Two builds of one version may observe different things: nothing of theirs is mixed.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn runs_of_other_columns_are_told_and_made_again() {
    let folder = undisturbed();
    let out = folder.path().join("whole");
    fs::create_dir(folder.path().join("before")).unwrap();
    for entry in fs::read_dir(&out).unwrap().map(Result::unwrap) {
        if entry.path().is_file() {
            fs::copy(
                entry.path(),
                folder.path().join("before").join(entry.file_name()),
            )
            .unwrap();
        }
    }
    let again = |table: &str, from: &str, to: &str| {
        let path = out.join(table);
        let text = fs::read_to_string(&path).unwrap().replacen(from, to, 1);
        fs::write(&path, &text).unwrap();
        let manifest = fs::read(out.join("manifest.json")).unwrap();
        let mut manifest: Value = serde_json::from_slice(&manifest).unwrap();
        let hash = xxhash_rust::xxh3::xxh3_64(text.as_bytes());
        manifest["tables"][table] = format!("{hash:016x}").into();
        fs::write(out.join("manifest.json"), manifest.to_string()).unwrap();
        let told = done(
            folder.path(),
            &["sweep", "s.json", "-owhole", "--no-figures"],
        );
        for table in ["runs.csv", "depths.csv", "summary.csv"] {
            let [before, after] =
                [&folder.path().join("before"), &out].map(|folder| fs::read(folder.join(table)));
            assert!(before.unwrap() == after.unwrap(), "{table}");
        }
        told
    };
    let mut page = Page::new("Tables without a column");
    for (table, from, to) in [
        ("depths.csv", "load_mean", "load"),
        ("runs.csv", ",accepted,", ",agreed,"),
    ] {
        page.entry(table, without_times(&again(table, from, to)));
    }
    page.check_section("durability");
}
