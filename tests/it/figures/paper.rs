//! Figures for a paper: as wide as a column, with type that can be read in print.

use std::fs;

use arigatoni::experiment::{self, Experiment};
use arigatoni::figures::{About, Drawing, Layout, Sheet, sheet};
use arigatoni::measure::{Cell, RunOutcome};
use arigatoni::results::SweepResults;
use arigatoni::scenario::Scenario;
use tempfile::TempDir;

use super::CAPTIONS;
use crate::command::{arigatoni, code, done, many_short_runs, put, said};
use crate::review::{Page, reads};
use crate::support::shipped;

const COLUMN: Layout = Layout {
    width_in: Some(3.5),
    title: true,
    caption: true,
};
/// The least size of type in print, in points.
const TYPE_MIN_PT: f64 = 6.0;
/// So many points of each scenario are enough to have all its curves and panels.
const POINTS_MAX: u64 = 400;

/// Results that nobody has simulated, with as many points, curves and panels as those of a scenario.
fn invented(scenario: &Scenario) -> SweepResults {
    let columns = experiment::columns(scenario);
    let (metrics, details) = (columns.metrics.len(), columns.details.clone());
    let mut study = columns.study();
    for point in 0..scenario.point_count().min(POINTS_MAX) {
        for replication in 0..3 {
            let number = |i: usize| (point * 7 + i as u64 * 3 + replication) % 11 + 1;
            let rows = |detail: &arigatoni::measure::Detail| -> Vec<Vec<Cell>> {
                let row = |first: usize| {
                    let others =
                        (1..detail.columns.len()).map(|i| Cell::Real(number(i) as f64 / 12.0));
                    std::iter::once(Cell::Count(first as u64))
                        .chain(others)
                        .collect()
                };
                (0..4).map(row).collect()
            };
            let outcome = RunOutcome {
                metrics: (0..metrics)
                    .map(|i| Cell::Real(number(i) as f64 / 12.0))
                    .collect(),
                fingerprint: point,
                details: details.iter().map(rows).collect(),
            };
            let run = point * 3 + replication;
            study.add(
                (run, replication),
                &scenario.axis_values(point),
                Ok(outcome),
            );
        }
    }
    study
}

/// The sizes of a picture's type in print, in points, and its width in inches.
fn printed(sheet: &Sheet) -> (Vec<f64>, f64) {
    let svg = sheet.canvas.svg_with_text();
    let document = roxmltree::Document::parse(&svg).unwrap();
    let root = document.root_element();
    let number = |text: &str| text.parse::<f64>().unwrap();
    let width = number(root.attribute("width").unwrap());
    let drawn = root
        .attribute("viewBox")
        .unwrap()
        .split(' ')
        .nth(2)
        .map(number);
    let scale = width / drawn.unwrap();
    let texts = document
        .descendants()
        .filter(|node| node.has_tag_name("text"));
    let sizes = texts.map(|text| number(text.attribute("font-size").unwrap()) * scale * 0.75);
    (sizes.collect(), width / 96.0)
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn the_type_of_every_figure_can_be_read_in_a_column() {
    let mut drawn = 0;
    for entry in fs::read_dir(shipped("scenarios")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|ending| ending != "json") {
            continue;
        }
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let scenario = Scenario::parse(&fs::read_to_string(&path).unwrap(), &name, &[]).unwrap();
        let study = invented(&scenario);
        for spec in Experiment::figures(&scenario) {
            let about = About {
                name: &name,
                constants: "topology = t100-0, α = 0.75, k = 1, requests = 50000, seed = 1",
            };
            match sheet(&spec, &study, about, COLUMN) {
                Ok(Drawing::Picture(sheet)) => {
                    let (sizes, width) = printed(&sheet);
                    let least = sizes.iter().copied().fold(f64::INFINITY, f64::min);
                    assert!(least >= TYPE_MIN_PT, "{name}, {}: {least} pt", spec.name);
                    assert!(
                        (width - 3.5).abs() < 0.01,
                        "{name}, {}: {width} in",
                        spec.name
                    );
                    drawn += 1;
                }
                Ok(_) => {}
                Err(error) => panic!("{name}, {}: {error}", spec.name),
            }
        }
    }
    assert!(drawn > 100, "{drawn}");
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn figures_are_drawn_as_wide_as_a_column_in_three_formats() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    put(path, "s.json", &many_short_runs());
    done(path, &["sweep", "s.json", "-oout"]);
    let words = [
        "figures",
        "out",
        "--width-in=3.5",
        "--no-title",
        "--no-caption",
        "--pdf",
        "--svg-text",
        "-opaper",
    ];
    done(path, &words);
    let read = |name: &str| fs::read(path.join(name)).unwrap();
    let pdf = read("paper/figures/acceptance.pdf");
    assert!(pdf.starts_with(b"%PDF-") && pdf.trim_ascii_end().ends_with(b"%%EOF"));
    let page = String::from_utf8_lossy(&pdf).into_owned();
    assert!(
        page.contains("/MediaBox [0 0 252"),
        "3.5 in are 252 pt: {page}"
    );
    let svg = String::from_utf8(read("paper/figures/acceptance.svg")).unwrap();
    assert!(svg.contains(">accepted ÷ issued requests</text>"), "{svg}");
    let said = svg.matches("Average acceptance ratio").count();
    assert_eq!(said, 1, "in the title of the document, and drawn nowhere");
    done(path, &words);
    assert_eq!(
        read("paper/figures/acceptance.pdf"),
        pdf,
        "the same results, the same bytes"
    );
    // A PDF file of another layout does not stay.
    done(path, &["figures", "out", "-opaper"]);
    assert!(!path.join("paper/figures/acceptance.pdf").exists());
    let svg = String::from_utf8(read("paper/figures/acceptance.svg")).unwrap();
    assert_eq!(
        svg,
        String::from_utf8(read("out/figures/acceptance.svg")).unwrap()
    );
    let document = roxmltree::Document::parse(&svg).unwrap();
    let caption = document.descendants().find(|it| it.has_tag_name("desc"));
    reads(
        CAPTIONS,
        "What is the same at all points",
        &[("acceptance", caption.and_then(|it| it.text()).unwrap())],
    );
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn labels_are_those_of_the_scenario_as_it_is_now() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    let mut scenario = many_short_runs();
    put(path, "s.json", &scenario);
    done(path, &["sweep", "s.json"]);
    scenario["sweep"]["labels"] =
        serde_json::json!({"/system/*/services/density": ["few", "some", "many"]});
    put(path, "s.json", &scenario);
    done(path, &["figures", "s.json", "--svg-text", "-odrawn"]);
    let svg = fs::read_to_string(path.join("drawn/figures/acceptance.svg")).unwrap();
    assert!(svg.contains(">many</text>"), "{svg}");
    let mut page = Page::new("Figures that cannot be drawn as asked, and what is said about them.");
    let mut refused = |words: &[&str]| {
        let output = arigatoni(path, words);
        let text = said(&output);
        assert_eq!(code(&output), Some(2), "{words:?}: {text}");
        page.entry(&format!("arigatoni {}", words.join(" ")), text);
    };
    refused(&["figures", "s.json", "--width-in=0"]);
    refused(&["figures", "s.json", "--width-in=-3"]);
    refused(&["figures", "s.json", "--width-in=wide"]);
    refused(&["figures", "s.json", "--width-in=1.2", "-onarrow"]);
    scenario["figures"] = serde_json::json!([{"name": "own", "metric": "acceptance"}]);
    put(path, "s.json", &scenario);
    refused(&["figures", "s.json"]);
    scenario["figures"] = serde_json::json!([]);
    scenario["seed"] = 9.into();
    put(path, "s.json", &scenario);
    for command in ["figures", "report", "parquet"] {
        refused(&[command, "s.json"]);
    }
    page.check("figures-for-paper");
    assert!(
        !path.join("narrow").exists(),
        "nothing is drawn of what does not fit"
    );
}
