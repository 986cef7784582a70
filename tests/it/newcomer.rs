//! What stops somebody who uses the program for the first time is told before any run is made, with what to do.

use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::command::{arigatoni, done, many_plain_runs, put, said, wrote};
use crate::messages::refused;
use crate::review::Page;
use crate::support::shipped;

/// Four runs of a scenario without figures, unless one is given.
fn few_runs(name: &str) -> Value {
    json!({
        "version": 1, "name": name, "replications": 2,
        "topology": {"file": shipped("topologies/t100-0.gb")},
        "system": {"arigatoni": {"requests": {"count": 20}}},
        "sweep": {"axes": {"/system/*/search": ["selective", "exhaustive"]}},
    })
}

#[test]
fn an_unknown_metric_is_refused_before_any_run() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    put(path, "s.json", &few_runs("s"));
    done(path, &["check", "s.json", "--baseline=base", "--update"]);
    for update in [&[][..], &["--update"]] {
        let words = [
            "check",
            "s.json",
            "--baseline=base",
            "--metric=acceptance_ration",
        ];
        let told = refused(path, &[&words[..], update].concat());
        let expected = "error: --metric: there is no metric `acceptance_ration`\n  help: did you mean `acceptance_ratio`?\n";
        assert_eq!(told, expected, "nothing is said of runs");
    }
    let told = refused(
        path,
        &["check", "s.json", "--baseline=base", "--metric=hops"],
    );
    assert!(told.contains("did you mean `hops_mean`?"), "{told}");
}

#[test]
fn a_figure_against_what_is_no_axis_is_refused_before_any_run() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    let mut scenario = few_runs("s");
    scenario["sweep"]["axes"]["/system/*/disconnection/rate"] = json!([0, 0.5]);
    let with = |x: &str| {
        let mut scenario = scenario.clone();
        scenario["figures"] = json!([{"name": "own", "metric": "hops_mean", "x": x}]);
        scenario
    };
    put(path, "s.json", &with("/system/*/requests/rate_per_s"));
    put(
        path,
        "near.json",
        &with("/system/arigatoni/disconnection/mode"),
    );
    let mut page = Page::new("Figures that are to be drawn against what is no axis");
    for words in [
        &["sweep", "s.json"][..],
        &["sweep", "s.json", "--dry-run"],
        &["sweep", "near.json"],
        &["check", "s.json", "--baseline=base", "--update"],
    ] {
        page.entry(&words.join(" "), refused(path, words));
    }
    put(path, "bare.json", &{
        let mut bare = with("/system/*/disconnection/rate");
        bare["sweep"] = json!({});
        bare
    });
    page.entry("sweep bare.json", refused(path, &["sweep", "bare.json"]));
    page.check("figures-without-axis");
    assert!(!path.join("results").exists(), "nothing was begun");
    // An axis that is replaced for once is not missed, and what was made so can be made again.
    put(
        path,
        "s.json",
        &with("/system/arigatoni/disconnection/rate"),
    );
    let one = "--set=/system/*/disconnection/rate=0.5";
    done(path, &["sweep", "s.json", one, "-oone", "--no-figures"]);
    done(path, &["check", "one"]);
}

#[test]
fn results_are_found_by_their_name() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    put(path, "s.json", &few_runs("s"));
    done(path, &["sweep", "s.json", "-oresults/own", "--no-figures"]);
    fs::create_dir(path.join("bin")).unwrap();
    fs::write(path.join("owl.log"), "").unwrap();
    let output = arigatoni(path, &["report", "own"]);
    assert_eq!(
        wrote(&output),
        "results/own/report.html\n",
        "{}",
        said(&output)
    );
    done(path, &["status", "own"]);
    let mut page = Page::new("Results that are somewhere else");
    for words in [
        &["report", "bon"][..],
        &["figures", "onw"],
        &["compare", "own", "results/owm"],
        &["sweep", "own"],
        &["parquet", "nothing-like-it"],
    ] {
        page.entry(&words.join(" "), refused(path, words));
    }
    page.check("results-elsewhere");
}

#[test]
fn shards_without_work_are_told() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    put(path, "s.json", &few_runs("s"));
    let shard = |shard: &str| {
        let words = [
            "sweep",
            "s.json",
            "-oout",
            "--chunk-runs=1",
            "--threads=1",
            "--shard",
            shard,
        ];
        done(path, &words)
    };
    let few = "the sweep has 4 chunks, so that 2 of 6 shards have nothing to do";
    let first = shard("0/6");
    assert!(first.contains(few), "{first}");
    let second = shard("1/3");
    assert!(!second.contains("nothing to do"), "{second}");
    let made = "1 run to make; none was made before";
    assert!(second.contains(made), "{second}");
    assert!(!second.contains("resuming"), "{second}");
    let again = shard("1/3");
    assert!(
        again.contains("resuming: 1 of 1 runs are already done"),
        "{again}"
    );
}

#[test]
fn a_baseline_of_another_scenario_is_called_that() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    put(path, "mine.json", &few_runs("mine"));
    put(path, "like.json", &few_runs("like"));
    let mut other = many_plain_runs();
    other["name"] = "other".into();
    put(path, "other.json", &other);
    done(path, &["check", "mine.json", "--baseline=base", "--update"]);
    let told = done(path, &["check", "like.json", "--baseline=base"]);
    let is_other = |name: &str| {
        format!("the baseline is one of the scenario `mine`, and the scenario to check is `{name}`")
    };
    assert!(told.contains(&is_other("like")), "{told}");
    let told = refused(path, &["check", "other.json", "--baseline=base"]);
    // A machine that is busy says first how long it prepares.
    let error = format!("error: base: {}: ", is_other("other"));
    assert!(told.contains(&error), "{told}");
}

/// Two studies of one name, side by side: the page says at once which is which and in what they differ.
#[test]
fn studies_of_one_name_are_told_apart() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    let mut scenario = few_runs("mine");
    scenario["figures"] = json!([
        {"name": "own", "metric": "hops_mean"}, {"name": "other", "metric": "busiest_load"}
    ]);
    put(path, "mine.json", &scenario);
    done(path, &["sweep", "mine.json", "-oa", "--no-figures"]);
    let other = "--set=/system/*/acceptance_probability=0.5";
    done(path, &["sweep", "mine.json", "-ob", "--no-figures", other]);
    done(path, &["report", "--compare", "a", "b"]);
    let page = fs::read_to_string(path.join("b/comparison.html")).unwrap();
    assert!(page.contains("<h1>mine: a and b</h1>"));
    let head = page.split("<nav").next().unwrap();
    let differ = "/system/arigatoni/acceptance_probability: 0.75 in A, 0.5 in B";
    assert!(
        head.contains(&format!("the scenarios differ in {differ}")),
        "{head}"
    );
    assert!(page.contains("both were made by arigatoni"));
    // The verdict and the interval stand before what a narrow window cuts off.
    let heads: Vec<&str> = page.split("<button type=\"button\">").skip(1).collect();
    let heads: Vec<&str> = heads
        .iter()
        .map(|head| head.split('<').next().unwrap())
        .collect();
    let expected = [
        "metric", "search", "verdict", "B − A", "in %", "interval", "n", "A", "B",
    ];
    assert_eq!(heads, expected);
    // On paper nobody can choose a metric: the tables of one's own figures are there.
    done(path, &["report", "a"]);
    let page = fs::read_to_string(path.join("a/report.html")).unwrap();
    let paper = page.split("<div class=\"paper\">").nth(1).unwrap();
    let paper = paper.split("<script").next().unwrap();
    for metric in ["hops_mean", "busiest_load"] {
        assert!(paper.contains(metric), "{metric}");
    }
}
