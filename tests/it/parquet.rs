//! Parquet files have what the CSV files have, with types.

use std::fs;
use std::path::Path;

use arigatoni::measure::{Cell, Table};
use arigatoni::results::parquet;
use tempfile::TempDir;

use crate::command::{arigatoni, code, done, many_short_runs, put, said, wrote};
use crate::review::reads;

/// A Parquet file ends with its footer, the footer's length and four letters.
fn is_whole(bytes: &[u8]) -> bool {
    let footer = u32::from_le_bytes(bytes[bytes.len() - 8..][..4].try_into().unwrap());
    bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1") && footer as usize <= bytes.len() - 12
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes
        .windows(text.len())
        .any(|window| window == text.as_bytes())
}

#[test]
fn a_small_table_has_the_bytes_that_were_read_by_others() {
    let table = Table {
        columns: ["count", "real", "word", "none", "mixed"]
            .map(str::to_owned)
            .to_vec(),
        rows: vec![
            vec![
                Cell::Count(1),
                Cell::Real(0.5),
                Cell::Text("a,b".into()),
                Cell::Absent,
                Cell::Count(3),
            ],
            vec![
                Cell::Absent,
                Cell::Absent,
                Cell::Fingerprint(255),
                Cell::Absent,
                Cell::Real(-1.5),
            ],
        ],
    };
    let bytes = parquet::encode(&table, &[("made", "here")]);
    assert!(is_whole(&bytes));
    assert_eq!(bytes, parquet::encode(&table, &[("made", "here")]));
    // These bytes were read with pyarrow and DuckDB when they were written: see .ci/nightly.
    expect_test::expect_file![crate::support::shipped("tests/data/small.parquet.hex")]
        .assert_eq(&hex(&bytes));
    let empty = parquet::encode(
        &Table {
            rows: Vec::new(),
            ..table
        },
        &[],
    );
    assert!(is_whole(&empty));
}

#[test]
fn the_type_of_a_column_follows_from_its_name() {
    let of = |name: &str, cells: [Cell; 2]| {
        let table = Table {
            columns: vec![name.to_owned()],
            rows: cells.into_iter().map(|cell| vec![cell]).collect(),
        };
        parquet::encode(&table, &[])
    };
    let whole = || [Cell::Count(1), Cell::Count(2)];
    let real = || [Cell::Real(1.0), Cell::Real(2.0)];
    let metric = of("accepted", whole());
    assert_eq!(metric, of("accepted", real()), "a metric is a real number");
    let number = of("run", whole());
    assert_ne!(number, of("run", real()), "the number of a run is whole");
}

/// The bytes in hexadecimal digits, forty to a line.
fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    for (i, byte) in bytes.iter().enumerate() {
        if i > 0 && i % 40 == 0 {
            text.push('\n');
        }
        write!(text, "{byte:02x}").unwrap();
    }
    text
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn tables_are_written_beside_the_csv_files_and_go_when_these_change() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    put(path, "s.json", &many_short_runs());
    done(path, &["sweep", "s.json", "-oout"]);
    let output = arigatoni(path, &["parquet", "out"]);
    assert_eq!(code(&output), Some(0), "{}", said(&output));
    assert_eq!(
        wrote(&output),
        "out/depths.parquet\nout/runs.parquet\nout/summary.parquet\n"
    );
    let read = |name: &str| fs::read(path.join(name)).unwrap();
    for name in ["depths", "runs", "summary"] {
        let bytes = read(&format!("out/{name}.parquet"));
        assert!(is_whole(&bytes));
        for told in [
            "arigatoni.scenario",
            "arigatoni.version",
            "accepted ÷ issued",
        ] {
            assert!(contains(&bytes, told), "{name}: {told}");
        }
    }
    done(path, &["parquet", "out", "-o", "elsewhere"]);
    assert_eq!(read("elsewhere/runs.parquet"), read("out/runs.parquet"));
    done(path, &["sweep", "s.json", "-oout", "--set=/replications=5"]);
    assert!(!path.join("out/runs.parquet").exists());
    done(path, &["parquet", "out"]);
    done(
        path,
        &["sweep", "s.json", "-oout", "--overwrite", "--seed=2"],
    );
    assert!(!path.join("out/runs.parquet").exists());
    done(
        path,
        &[
            "run",
            "s.json",
            "--requests",
            "r.parquet",
            "--brokers",
            "b.csv",
        ],
    );
    assert!(is_whole(&read("r.parquet")) && !is_whole_file(&path.join("b.csv")));
    let output = arigatoni(path, &["run", "s.json", "--world", "w.parquet"]);
    assert_eq!(code(&output), Some(2), "{}", said(&output));
    reads(
        "command-texts",
        "A world as a Parquet file",
        &[("run s.json --world w.parquet", &said(&output))],
    );
    let output = arigatoni(path, &["parquet", "nowhere"]);
    assert_eq!(code(&output), Some(2));
}

fn is_whole_file(path: &Path) -> bool {
    is_whole(&fs::read(path).unwrap())
}
