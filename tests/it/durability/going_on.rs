//! What may go on in a folder of results, and what may not.

use super::*;

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
    assert!(said(&second).contains("out: another sweep is running in this folder"));
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
    let said = done(folder.path(), &PLAIN);
    assert!(
        said.contains("resuming: 12 of 24 runs are already done"),
        "{said}"
    );
    rates(
        &mut scenario,
        serde_json::json!([0, 0.1, 0.2, 0.4, 0.6, 0.8, 0.95]),
    );
    put(folder.path(), "s.json", &scenario);
    let said = done(folder.path(), &PLAIN);
    assert!(
        said.contains("resuming: 24 of 84 runs are already done"),
        "{said}"
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
    let refused = |words: &[&str], expected: &str| {
        let words = [&["sweep", "s.json", "-owhole"], words].concat();
        let output = arigatoni(folder.path(), &words);
        assert_eq!(code(&output), Some(2));
        assert!(said(&output).contains(expected), "{}", said(&output));
    };
    refused(
        &["--set=/system/*/acceptance_probability=0.7"],
        "/system/arigatoni/acceptance_probability: 0.75 there, 0.7 here",
    );
    refused(&["--seed=7"], "/seed: 1 there, 7 here");
    refused(&["--set=/replications=3"], "/replications: 4 there, 3 here");
    refused(
        &["--filter=/system/*/services/density=0.1"],
        "points that this one does not have, such as [0.02,0] of its axes",
    );
    refused(&["--chunk-runs=6"], "planned with chunks of 5 runs, not 6");
    done(
        folder.path(),
        &[
            "sweep",
            "s.json",
            "-owhole",
            "--seed=7",
            "--overwrite",
            "--no-figures",
        ],
    );

    let manifest = folder.path().join("whole/manifest.json");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(
        &manifest,
        text.replace("\"version\": \"", "\"version\": \"9."),
    )
    .unwrap();
    refused(
        &["--seed=7"],
        "another program made the results in this folder\n  made by arigatoni 9.",
    );
    // Whatever else another version writes there.
    let other = text.replace("\"version\": \"", "\"jitter\": 1, \"version\": \"9.");
    fs::write(&manifest, other).unwrap();
    refused(&["--seed=7"], "these results were made by version 9.");
    fs::write(manifest.with_file_name("runs.csv"), "").unwrap();
    for words in [
        ["status", "whole"],
        ["merge", "whole"],
        ["figures", "whole"],
    ] {
        let output = arigatoni(folder.path(), &words);
        assert_eq!(code(&output), Some(2));
        assert!(
            said(&output).contains("these results were made by version 9."),
            "{words:?}"
        );
    }
    fs::write(&manifest, "{}").unwrap();
    refused(&["--seed=7"], "this is not a manifest of results");
    fs::write(folder.path().join("file"), "").unwrap();
    let output = arigatoni(folder.path(), &["sweep", "s.json", "-ofile"]);
    assert!(said(&output).contains("there is a file where the results folder should be"));
    assert_eq!(code(&output), Some(2));
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
    for (table, from, to, expected) in [
        (
            "depths.csv",
            "load_mean",
            "load",
            "the table depths has no column load_mean; 0 of 84 runs are intact, the others are \
            repeated",
        ),
        (
            "runs.csv",
            ",accepted,",
            ",agreed,",
            "the table runs has no column accepted; 0 of 84 runs are intact, the others are \
            repeated",
        ),
    ] {
        let text = again(table, from, to);
        assert!(text.contains(expected), "{text}");
    }
}
