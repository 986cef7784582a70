//! Tables as CSV, axis values as cells, studies and manifests: there and back, and what is said
//! when they cannot be read.

use std::collections::BTreeMap;

use crate::measure::{AxisColumn, AxisName, Cell, Detail, Metric, RunOutcome, Table};
use crate::results::{
    Machine, Manifest, SweepResults, axis_cell, axis_columns, axis_value, compact, csv,
};
use expect_test::expect;
use proptest::prelude::*;
use serde_json::{Value, json};

fn table(columns: &[&str], rows: &[&[Cell]]) -> Table {
    Table {
        columns: columns.iter().map(|&name| name.to_owned()).collect(),
        rows: rows.iter().map(|row| row.to_vec()).collect(),
    }
}

fn text(word: &str) -> Cell {
    Cell::Text(word.into())
}

#[test]
fn numbers_are_plain_decimals_and_absent_is_empty() {
    let cells = [
        (Cell::Real(0.1 + 0.2), "0.30000000000000004"),
        (Cell::Real(0.15), "0.15"),
        (Cell::Real(1.0), "1"),
        (Cell::Real(-2.5e-7), "-0.00000025"),
        (Cell::Real(1e21), "1000000000000000000000"),
        (Cell::Count(u64::MAX), "18446744073709551615"),
        (Cell::Absent, ""),
        (Cell::Fingerprint(0xab), "x00000000000000ab"),
        (text("gcus"), "gcus"),
    ];
    for (cell, expected) in cells {
        assert_eq!(csv::cell_text(&cell), expected);
    }
}

#[test]
fn a_table_is_written_as_expected() {
    let written = csv::encode(&table(
        &["run", "mode", "ratio", "fingerprint"],
        &[
            &[
                Cell::Count(0),
                text("a,b"),
                Cell::Real(0.5),
                Cell::Fingerprint(1),
            ],
            &[
                Cell::Count(1),
                text("0.5"),
                Cell::Absent,
                Cell::Fingerprint(2),
            ],
        ],
    ));
    let expected = "run,mode,ratio,fingerprint\n\
                    0,\"a,b\",0.5,x0000000000000001\n\
                    1,\"\"\"0.5\"\"\",,x0000000000000002\n";
    assert_eq!(String::from_utf8(written).unwrap(), expected);
}

fn any_cell() -> impl Strategy<Value = Cell> {
    prop_oneof![
        Just(Cell::Absent),
        any::<u64>().prop_map(Cell::Count),
        any::<f64>()
            .prop_filter("finite", |real| real.is_finite())
            .prop_map(Cell::Real),
        any::<String>().prop_map(Cell::Text),
        "[0-9.eE+\"-]{0,6}".prop_map(Cell::Text),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_table_reads_back_as_it_was(rows in prop::collection::vec(prop::collection::vec(any_cell(), 3), 0..8)) {
        let columns = ["a", "b", "c"].map(str::to_owned).to_vec();
        let written = Table { columns, rows };
        let bytes = csv::encode(&written);
        let read = csv::decode(&bytes).unwrap();
        prop_assert_eq!(csv::encode(&read), bytes);
        for (cell, back) in written.rows.iter().flatten().zip(read.rows.iter().flatten()) {
            // A real number that is a count reads back as one, and is the same number.
            if let (Cell::Real(real), Cell::Count(count)) = (cell, back) {
                prop_assert_eq!(real.to_bits(), (*count as f64).to_bits());
            } else {
                prop_assert_eq!(cell, back);
            }
        }
    }

    #[test]
    fn no_bytes_make_the_readers_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), tail in "[\"a1,\n/{}.-]{0,80}") {
        let _ = csv::decode(&bytes);
        let _ = Manifest::decode(&bytes);
        let mut runs = b"run,replication,/x,m,fingerprint\n0,0,".to_vec();
        runs.extend(tail.bytes());
        let _ = SweepResults::decode(&runs, &[("d", &bytes)], &BTreeMap::new());
        let valid = b"run,replication,/x,m,fingerprint\n0,0,1,2,00000000000000ff\n";
        let mut detail = b"run,replication,".to_vec();
        detail.extend(tail.bytes());
        let _ = SweepResults::decode(valid, &[("d", &bytes), ("e", &detail)], &BTreeMap::new());
    }

    #[test]
    fn an_axis_value_comes_back_from_its_cell(word in any::<String>(), real in -1e12..1e12_f64) {
        let values = [json!(word), json!({ "k": [word, real.floor() + 0.5] })];
        for value in values {
            prop_assert_eq!(&axis_value(&axis_cell(&value)), &value);
        }
        prop_assert_eq!(axis_value(&axis_cell(&json!(real))).as_f64(), Some(real));
    }
}

#[test]
fn words_and_json_values_on_an_axis_stay_apart() {
    let values = [
        (json!("selective"), "selective"),
        (json!("0.5"), "\"0.5\""),
        (json!(0.5), "0.5"),
        (json!(-3), "-3"),
        (json!(7), "7"),
        (json!(null), "null"),
        (json!(true), "true"),
        (json!("true"), "\"true\""),
        (json!({"poisson": 2.0}), "{\"poisson\":2}"),
        (
            json!([1, "a", {"b": 1e21}]),
            "[1,\"a\",{\"b\":1000000000000000000000}]",
        ),
    ];
    for (value, expected) in values {
        assert_eq!(compact(&value).replace("2.0", "2"), compact(&value));
        let Cell::Text(word) = axis_cell(&value) else {
            assert_eq!(csv::cell_text(&axis_cell(&value)), expected);
            continue;
        };
        assert_eq!(word, expected);
    }
}

const METRICS: [Metric; 2] = [
    Metric::share("ratio", "a share"),
    Metric::new("events", "a count"),
];

const DETAIL: Detail = Detail {
    name: "depths",
    about: "",
    columns: &[Metric::new("depth", ""), Metric::new("load", "")],
};

/// The columns of the axes at `pointers`, beside a metric `nodes`.
fn names_of(pointers: &[&str]) -> Vec<String> {
    let names = [
        AxisName::of_share("disconnection/rate", "δ", "δ in %").in_column("delta"),
        AxisName::of("nodes/count", "nodes", "nodes").in_column("nodes"),
    ];
    let columns = axis_columns(
        pointers.iter().copied(),
        &names.each_ref(),
        ["nodes"].into_iter(),
    );
    assert!(columns.iter().map(|axis| &axis.pointer).eq(pointers));
    columns.into_iter().map(|axis| axis.column).collect()
}

#[test]
fn axes_have_short_columns_where_these_mean_one_thing() {
    let star = ["/system/*/disconnection/rate", "/system/*/services/density"];
    assert_eq!(names_of(&star), ["delta", "density"]);
    let named = ["/system/tiny/disconnection/rate", "/seed", "/system"];
    assert_eq!(names_of(&named), ["delta", "seed", "system"]);
    let two = ["/system/*/tracking/method", "/system/*/overlay/method"];
    assert_eq!(names_of(&two), ["tracking_method", "overlay_method"]);
    let seeds = ["/topology/transit_stub/seed", "/seed"];
    assert_eq!(names_of(&seeds), ["transit_stub_seed", "seed"]);
    let metric = ["/system/*/nodes/count"];
    assert_eq!(names_of(&metric), ["count"], "`nodes` is a metric");
    let other_columns = ["/x/mean", "/run"];
    assert_eq!(names_of(&other_columns), ["x_mean", "/run"]);
    let no_names = ["/applications/0", "/a~1b", "/a b", "/0"];
    let expected = ["applications_0", "/a~1b", "/a b", "/0"];
    assert_eq!(names_of(&no_names), expected);
    let nested = ["/x/y/rate", "/z/y/rate"];
    assert_eq!(names_of(&nested), nested, "neither is unique");
}

#[test]
fn columns_are_axes_if_the_manifest_knows_them_or_they_are_pointers() {
    let axes = |head: &str, known: &[(&str, &str)]| {
        let known = known
            .iter()
            .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()));
        let study = SweepResults::decode(head.as_bytes(), &[], &known.collect());
        let pairs = |axes: Vec<AxisColumn>| axes.into_iter().map(|a| (a.column, a.pointer));
        study.map(|study| pairs(study.axes).collect::<Vec<_>>())
    };
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    assert_eq!(
        axes(
            "run,replication,b,a,m,fingerprint\n",
            &[("a", "/x/a"), ("b", "/b")]
        )
        .unwrap(),
        [pair("b", "/b"), pair("a", "/x/a")],
    );
    let earlier = axes(
        "run,replication,/x/a,m,fingerprint\n0,0,1,2,00000000000000ff\n",
        &[],
    );
    assert_eq!(earlier.unwrap(), [pair("/x/a", "/x/a")]);
    let error = axes("run,replication,m,fingerprint\n", &[("a", "/a")]).unwrap_err();
    expect![[r#"
        runs.csv:1: there is no column `a`
          help: the manifest beside the table calls an axis so"#]]
    .assert_eq(&error.to_string());
}

fn small_study() -> SweepResults {
    let axes = vec!["/x".into(), "/mode".into()];
    let mut study = SweepResults::new(axes, &METRICS, &[DETAIL]);
    for run in 0..4 {
        study.add(
            (run, run % 2),
            &[json!(0.5), json!(["a", "b"][run as usize / 2])],
            Ok(RunOutcome {
                metrics: vec![Cell::Real(run as f64 / 4.0), Cell::Absent],
                fingerprint: run,
                details: vec![vec![vec![Cell::Count(0), Cell::Real(1.5)]]],
            }),
        );
    }
    study
}

fn file<'a>(files: &'a [(String, Vec<u8>)], name: &str) -> &'a [u8] {
    &files.iter().find(|(file, _)| file == name).unwrap().1
}

#[test]
fn a_study_is_written_and_read_back() {
    let study = small_study();
    let files = study.encode(&Table::default());
    let runs = file(&files, "runs.csv");
    assert_eq!(
        String::from_utf8_lossy(runs).lines().nth(2).unwrap(),
        "1,1,0.5,a,0.25,,x0000000000000001"
    );
    let details = [("depths", file(&files, "depths.csv"))];
    let read = SweepResults::decode(runs, &details, &BTreeMap::new()).unwrap();
    assert_eq!(read.axes, study.axes);
    assert_eq!(read.metrics().collect::<Vec<_>>(), ["ratio", "events"]);
    assert_eq!(read.encode(&Table::default()), files);
    let points: Vec<(String, Vec<usize>)> = read
        .points()
        .into_iter()
        .map(|point| (csv::cell_text(&point.values[1]), point.rows))
        .collect();
    assert_eq!(
        points,
        [("a".to_owned(), vec![0, 1]), ("b".to_owned(), vec![2, 3])]
    );
}

/// The message for a `runs.csv` and a `depths.csv` that cannot be read.
fn message(runs: &str, depths: &str) -> String {
    SweepResults::decode(
        runs.as_bytes(),
        &[("depths", depths.as_bytes())],
        &BTreeMap::new(),
    )
    .unwrap_err()
    .to_string()
}

/// The first line of a table of runs.
const HEAD: &str = "run,replication,/x,ratio,fingerprint\n";

/// What is said of tables that cannot be read.
fn unreadable() -> [String; 13] {
    let head = HEAD;
    let good = format!("{head}0,0,1,0.5,00000000000000ff\n");
    [
        message("", ""),
        message("runs,replication\n", ""),
        message("run,replication,m,/x\n", ""),
        message("run,replication,m,m\n", ""),
        message(&format!("{head}0,0,1,0.5\n"), ""),
        message(&format!("{head}0,0,1,half,00000000000000ff\n"), ""),
        message(&format!("{head}0,0,1,0.5,ff\n"), ""),
        message(&format!("{good}-1,0,2,0.5,00000000000000ff\n"), ""),
        message(&format!("{good}0,1,1,0.5,00000000000000ff\n"), ""),
        message(&format!("{good}1,0,1,0.5,00000000000000ff\n"), ""),
        message(&good, "run,depth\n"),
        message(&good, "run,replication,depth\n0,1,2\n"),
        message(&good, "run,replication,depth\n0,0,2\n3,0,2\n"),
    ]
}

#[test]
fn what_cannot_be_read_is_named_with_file_line_and_column() {
    expect![[r#"
        runs.csv:1: the file is empty; its first line must name the columns
        runs.csv:1: column 1 should be `run`
          help: is `runs` meant?
        runs.csv:1: the axis `/x` follows a metric; axes come first
        runs.csv:1: two columns are called `m`
        runs.csv:2: the row has 4 cells, but the first line names 5 columns
        runs.csv:2: column `ratio`: `half` is not a number
        runs.csv:2: column `fingerprint`: `ff` is not `x` and 16 hexadecimal digits
        runs.csv:3: column `run`: `-1` is not a whole number
        runs.csv:3: run 0 is not greater than the run above it; runs are in ascending order
        runs.csv:3: run 1 has the axis values and the replication of a run above it
        depths.csv:1: column 2 should be `replication`
          help: give a table made by `sweep`
        depths.csv:2: run 0 is replication 0 in runs.csv
        depths.csv:3: there is no run 3 in runs.csv"#]]
    .assert_eq(&unreadable().join("\n"));
    let mut bytes = HEAD.as_bytes().to_vec();
    bytes.extend(b"0,0,\xff,1,00000000000000ff\n");
    let message = SweepResults::decode(&bytes, &[], &BTreeMap::new())
        .unwrap_err()
        .to_string();
    expect!["runs.csv:2: column `/x`: the cell is not UTF-8 text"].assert_eq(&message);
}

fn manifest() -> Manifest {
    Manifest {
        version: "0.1.0".into(),
        sources: Some("0f".into()),
        commit: None,
        modified: None,
        study: Some("aa".into()),
        build: None,
        command: Some(vec!["arigatoni".into(), "sweep".into()]),
        constants: serde_json::Map::new(),
        method: None,
        scenario: json!({"name": "x", "seed": 1}),
        filters: vec!["/x=1".into()],
        complete: false,
        runs: 4,
        runs_done: 3,
        runs_failed: 0,
        chunk_runs: 2,
        run_ms: Some(12.5),
        shards: None,
        topologies: [("a.gb".to_owned(), "00".to_owned())].into(),
        inputs: [("a.gb".to_owned(), "a-00.gb.gz".to_owned())].into(),
        axes: BTreeMap::from([("x".into(), "/x".into())]),
        tables: [("runs.csv".to_owned(), "ff".to_owned())].into(),
        blocks: None,
        started: Some("2000-01-01T00:00:00Z".into()),
        ended: None,
        machine: Some(Machine {
            os: "linux".into(),
            os_release: None,
            processor: Some("x".into()),
            architecture: "x86_64".into(),
            cores: Some(2),
        }),
        threads: Some(2),
    }
}

#[test]
fn a_manifest_reads_back_and_refuses_what_it_does_not_know() {
    let bytes = manifest().encode();
    assert_eq!(Manifest::decode(&bytes).unwrap(), manifest());
    let text = String::from_utf8(bytes).unwrap();
    assert!(text.contains("\"commit\": null") && text.ends_with("}\n"));
    let mut value: Value = serde_json::from_str(&text).unwrap();
    value["jitter"] = json!(1);
    let error = Manifest::decode(value.to_string().as_bytes()).unwrap_err();
    expect![[r#"
        1:488: this is not a manifest of results: unknown field `jitter`, expected one of `version`, `sources`, `commit`, `modified`, `study`, `build`, `command`, `scenario`, `constants`, `method`, `filters`, `complete`, `runs`, `runs_done`, `runs_failed`, `chunk_runs`, `run_ms`, `shards`, `topologies`, `axes`, `inputs`, `tables`, `blocks`, `started`, `ended`, `machine`, `threads`
          help: give a folder made by `sweep`"#]].assert_eq(&error.to_string());
    let error = Manifest::decode(b"{\n  \"version\": 3}").unwrap_err();
    assert!(error.to_string().starts_with("2:"), "{error}");
}
