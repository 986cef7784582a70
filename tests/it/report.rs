//! The report of a results folder: one page that loads nothing and says what is known.

use std::collections::BTreeSet;
use std::fs;

use arigatoni::arigatoni::Arigatoni;
use arigatoni::system::Observed;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::command::{arigatoni, code, done, put, said, wrote};
use crate::review::{Page, lines_with, reads, section_of, without_times};
use crate::support::{read, shipped};

/// The page of what reports say, each test with a section.
const TEXTS: &str = "report-texts";

/// A folder with a scenario of two axes, and its results in `out`.
fn swept() -> TempDir {
    let folder = TempDir::new().unwrap();
    put(folder.path(), "s.json", &scenario(2));
    done(folder.path(), &["sweep", "s.json", "-oout"]);
    folder
}

fn scenario(replications: u32) -> Value {
    json!({
        "version": 1, "name": "small", "replications": replications,
        "topology": {"file": shipped("topologies/t100-0.gb")},
        "system": {"arigatoni": {"requests": {"count": 60}}},
        "sweep": {"axes": {
            "/system/*/services/density": [0.1, 0.3],
            "/system/*/disconnection/rate": [0, 0.5, 1],
        }},
        "figures": [{"name": "own", "metric": "accepted", "title": "a <b> & \"c\""}],
    })
}

/// The names of elements that are opened, in order, without those in scripts; each is closed in its place.
fn elements(page: &str) -> Vec<String> {
    const VOID: [&str; 5] = ["meta", "link", "br", "!doctype", "rect"];
    let mut open: Vec<String> = Vec::new();
    let mut all = Vec::new();
    let mut rest = page;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        let end = rest.find('>').unwrap();
        let tag = &rest[..end];
        rest = &rest[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(
                open.pop().as_deref(),
                Some(name),
                "…{}",
                &rest[..80.min(rest.len())]
            );
            continue;
        }
        let name = tag.split([' ', '/', '\n']).next().unwrap();
        all.push(name.to_owned());
        if tag.ends_with('/') || VOID.contains(&name) {
            continue;
        }
        open.push(name.to_owned());
        if matches!(name, "script" | "style") {
            let (_, after) = rest.split_at(rest.find(&format!("</{name}>")).unwrap());
            rest = after;
        }
    }
    assert!(open.is_empty(), "{open:?}");
    all
}

/// The values of an attribute.
fn values<'a>(page: &'a str, attribute: &str) -> Vec<&'a str> {
    let begin = format!(" {attribute}=\"");
    page.split(&begin)
        .skip(1)
        .filter_map(|after| after.split('"').next())
        .collect()
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn a_report_is_one_page_that_loads_nothing() {
    let folder = swept();
    let path = folder.path();
    let output = arigatoni(path, &["report", "out"]);
    assert_eq!(wrote(&output), "out/report.html\n", "{}", said(&output));
    let page = read(&path.join("out/report.html"));
    let elements = elements(&page);
    let count = |name: &str| elements.iter().filter(|own| *own == name).count();
    let pictures = fs::read_dir(path.join("out/figures")).unwrap();
    assert_eq!(count("figure"), pictures.count() / 2, "SVG and PNG of each");
    assert_eq!((count("h1"), count("main")), (1, 1));
    for loading in ["src=", "@import", "url(", "fetch(", "import("] {
        assert!(!page.contains(loading), "{loading}");
    }
    // The namespace of SVG is a name, not an address that is loaded.
    let links = values(&page, "href");
    assert!(
        links
            .iter()
            .all(|link| link.starts_with('#') || *link == "data:,"),
        "{links:?}"
    );
    let ids = values(&page, "id");
    let unique: BTreeSet<&&str> = ids.iter().collect();
    assert_eq!(unique.len(), ids.len(), "{ids:?}");
    for named in ["aria-labelledby", "aria-describedby", "for"] {
        for id in values(&page, named) {
            assert!(unique.contains(&id), "{named} = {id}");
        }
    }
    assert!(
        page.contains("a &lt;b&gt; &amp; &quot;c&quot;"),
        "a title is text"
    );
    assert!(!page.contains("a <b>"));
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn a_report_warns_and_answers_the_checklist() {
    let folder = swept();
    let path = folder.path();
    done(path, &["report", "out"]);
    let page = read(&path.join("out/report.html"));
    let mut texts = Page::new("Warnings and answers");
    // At δ = 1 nothing is accepted, so nothing has a latency.
    for section in ["warnings", "trust"] {
        texts.entry(section, section_of(&page, section));
    }
    assert!(page.contains("<code>arigatoni check out</code>"));
    let table = path.join("out/runs.csv");
    fs::write(&table, format!("{}\n", read(&table).trim_end())).unwrap();
    done(path, &["report", "out", "-o", "again.html"]);
    assert!(
        read(&path.join("again.html")) == page,
        "the same results, the same bytes"
    );
    let changed = read(&table).replacen(",60,", ",61,", 1);
    fs::write(&table, changed).unwrap();
    let text = done(path, &["report", "out", "-o", "changed.html"]);
    texts.entry("arigatoni report out    (runs.csv was changed)", text);
    let page = read(&path.join("changed.html"));
    texts.entry("its warnings", section_of(&page, "warnings"));
    texts.check_section(TEXTS);
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn the_values_of_the_page_are_those_of_the_tables() {
    let folder = swept();
    let path = folder.path();
    done(path, &["report", "out"]);
    let page = read(&path.join("out/report.html"));
    let data = |class: &str| -> Vec<Value> {
        let begin = format!("class=\"{class}\">");
        let texts = page.split(&begin).skip(1);
        let texts = texts.filter_map(|after| after.split("</script>").next());
        texts
            .map(|text| serde_json::from_str(text).unwrap())
            .collect()
    };
    let summary = &data("summary")[0];
    assert_eq!(summary["points"].as_array().unwrap().len(), 6);
    let metric = |name: &str| {
        let mut metrics = summary["metrics"].as_array().unwrap().iter();
        metrics.find(|metric| metric["name"] == name).unwrap()
    };
    assert_eq!(metric("issued")["rows"][0], json!(["60", "", "", "0", "2"]));
    let mut metrics = Arigatoni::METRICS.iter();
    let accepted = metrics.find(|own| own.name == "accepted").unwrap();
    assert_eq!(metric("accepted")["meaning"], accepted.meaning);
    assert_eq!(
        metric("latency_ms_mean")["rows"][2],
        json!(["", "", "", "", "0"])
    );
    for chart in data("points") {
        let points = chart["points"].as_array().unwrap();
        assert!(!points.is_empty());
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn a_report_goes_when_its_results_change() {
    let folder = swept();
    let path = folder.path();
    done(path, &["report", "out"]);
    put(path, "s.json", &scenario(3));
    let text = done(path, &["sweep", "s.json", "-oout"]);
    reads(
        TEXTS,
        "A sweep that has made more of its results",
        &[("arigatoni sweep s.json -oout", &without_times(&text))],
    );
    assert!(!path.join("out/report.html").exists());
    done(path, &["report", "out"]);
    done(
        path,
        &["sweep", "s.json", "-oout", "--overwrite", "--set=/seed=2"],
    );
    assert!(!path.join("out/report.html").exists());
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn a_report_stays_while_its_results_do() {
    let folder = swept();
    let path = folder.path();
    done(path, &["report", "out"]);
    done(path, &["parquet", "out"]);
    done(path, &["sweep", "s.json", "-oout"]);
    for made in ["out/report.html", "out/runs.parquet", "out/README.md"] {
        assert!(path.join(made).exists(), "{made}");
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn two_studies_stand_side_by_side() {
    let folder = swept();
    let path = folder.path();
    done(
        path,
        &[
            "sweep",
            "s.json",
            "-oother",
            "--set=/system/*/acceptance_probability=0.5",
        ],
    );
    let output = arigatoni(path, &["report", "--compare", "out", "other"]);
    assert_eq!(
        wrote(&output),
        "other/comparison.html\n",
        "{}",
        said(&output)
    );
    let page = read(&path.join("other/comparison.html"));
    elements(&page);
    let mut texts = Page::new("Two studies side by side");
    texts.entry("out and other", section_of(&page, "between"));
    let ids = values(&page, "id");
    let unique: BTreeSet<&&str> = ids.iter().collect();
    assert_eq!(unique.len(), ids.len());
    // A baseline has runs and a manifest only.
    done(path, &["check", "s.json", "--baseline=base", "--update"]);
    done(
        path,
        &["report", "--compare", "base", "out", "-o", "both.html"],
    );
    let page = read(&path.join("both.html"));
    elements(&page);
    texts.entry("base and out", section_of(&page, "between"));
    texts.check_section(TEXTS);
    // The same runs: the fourth cell of each row is the verdict.
    let rows = page.split("<tr><td").skip(1);
    let verdicts: BTreeSet<&str> = rows
        .filter_map(|row| row.split("</td>").nth(3)?.rsplit('>').next())
        .collect();
    assert_eq!(verdicts, BTreeSet::from(["same"]));
    done(path, &["report", "base", "-o", "base.html"]);
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn a_report_says_of_a_generated_graph_what_holds_at_all_points() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    let mut scenario = scenario(1);
    scenario["topology"] = json!({"transit_stub": {"seed": 5}});
    scenario["sweep"]["axes"] = json!({"/system/*/services/density": [0.1, 0.3]});
    put(path, "s.json", &scenario);
    done(path, &["sweep", "s.json", "-oout"]);
    done(path, &["report", "out"]);
    let page = read(&path.join("out/report.html"));
    let mut texts = Page::new("A generated graph");
    let mut entry = |of: &str, page: &str| {
        let answers = section_of(page, "trust");
        let answers = lines_with(&answers, &["network", "held constant", "stopping rule"]);
        texts.entry(&format!("answers of {of}"), answers);
        let run = section_of(page, "what");
        let facts = lines_with(&run, &["networks", "the same at all points"]);
        texts.entry(&format!("what was run of {of}"), facts);
    };
    entry("one graph", &page);
    scenario["sweep"]["axes"] = json!({"/topology/transit_stub/seed": [5, 6]});
    put(path, "s.json", &scenario);
    done(path, &["sweep", "s.json", "-oseeds"]);
    done(path, &["report", "seeds"]);
    let page = read(&path.join("seeds/report.html"));
    // The graph is swept, and nothing that is the same at all points.
    entry("two graphs", &page);
    texts.check_section(TEXTS);
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn a_figure_of_a_lost_column_is_named() {
    let folder = swept();
    let path = folder.path();
    let table = path.join("out/runs.csv");
    let text = read(&table).replacen(",accepted,", ",accepted_once,", 1);
    fs::write(&table, text).unwrap();
    let output = arigatoni(path, &["figures", "out"]);
    assert_eq!(code(&output), Some(2), "{}", said(&output));
    let text = said(&output);
    done(path, &["report", "out"]);
    let page = read(&path.join("out/report.html"));
    let warnings = section_of(&page, "warnings");
    reads(
        TEXTS,
        "A figure of a column that is lost",
        &[
            ("arigatoni figures out", &text),
            ("warnings of the report", &warnings),
        ],
    );
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn what_cannot_be_reported_is_refused() {
    let folder = swept();
    let path = folder.path();
    let mut page =
        Page::new("Results of which no report can be made, and what is said about them.");
    let mut refused = |words: &[&str], why: &str| {
        let output = arigatoni(path, words);
        let text = said(&output);
        assert_eq!(code(&output), Some(2), "{words:?}: {text}");
        assert_eq!(text.matches("error: ").count(), 1, "{text}");
        page.entry(&format!("arigatoni {}    ({why})", words.join(" ")), text);
    };
    refused(&["report", "nowhere"], "no such folder");
    refused(&["report", "."], "no results");
    refused(&["report", "--compare", "out", "."], "one without results");
    let table = path.join("out/runs.csv");
    let text = read(&table);
    refused(&["report", "out", "-o", "out/runs.csv"], "onto a table");
    assert_eq!(read(&table), text);
    fs::write(&table, text.lines().next().unwrap()).unwrap();
    refused(&["report", "out"], "a table without rows");
    refused(&["figures", "out"], "the same");
    refused(&["parquet", "out"], "the same");
    fs::remove_file(&table).unwrap();
    refused(&["report", "out"], "no table");
    refused(&["figures", "out"], "the same");
    refused(&["parquet", "out"], "the same");
    fs::write(&table, &text).unwrap();
    let manifest = path.join("out/manifest.json");
    let older = read(&manifest).replacen("\"version\": \"0.1.0\"", "\"version\": \"0.0.9\"", 1);
    fs::write(&manifest, older.replacen("\"blocks\"", "\"pieces\"", 1)).unwrap();
    refused(&["report", "out"], "an older version of results");
    page.check("report");
}
