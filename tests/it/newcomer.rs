//! What stops somebody who uses the program for the first time is told before any run is made, with what to do.

use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::command::{arigatoni, done, many_plain_runs, put, said, wrote};
use crate::messages::refused;
use crate::review::{Page, reads, section_of, without_times};
use crate::support::shipped;

/// The page of what is said to newcomers, each test with a section.
const NEWCOMER: &str = "newcomer";

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
    let mut page = Page::new("Metrics that there are not");
    for (metric, update) in [
        ("--metric=acceptance_ration", &[][..]),
        ("--metric=acceptance_ration", &["--update"]),
        ("--metric=hops", &[]),
    ] {
        let words = ["check", "s.json", "--baseline=base", metric];
        let words = [&words[..], update].concat();
        // Nothing is said of runs.
        page.entry(&words.join(" "), refused(path, &words));
    }
    page.check_section(NEWCOMER);
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
    let [too_many, first, again] = ["0/6", "1/3", "1/3"].map(|it| without_times(&shard(it)));
    reads(
        NEWCOMER,
        "Shards of a sweep of four chunks",
        &[
            ("--shard 0/6", &too_many),
            ("--shard 1/3", &first),
            ("--shard 1/3, once more", &again),
        ],
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
    let refused = refused(path, &["check", "other.json", "--baseline=base"]);
    reads(
        NEWCOMER,
        "A baseline of another scenario",
        &[
            ("check like.json --baseline=base", &without_times(&told)),
            ("check other.json --baseline=base", &without_times(&refused)),
        ],
    );
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
    let (_, head) = page.split_once("<p class=\"lede\">").unwrap();
    let (head, _) = head.split_once("</p>").unwrap();
    reads(
        NEWCOMER,
        "Two studies of one name",
        &[
            ("at the head", head),
            ("in what they differ", &section_of(&page, "between")),
        ],
    );
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
