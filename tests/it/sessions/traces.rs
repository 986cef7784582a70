//! Sessions that follow a trace, and what is refused of sessions.

use super::*;

/// The membership of a run whose sessions are `sessions`, in a folder with the file `trace`; else what is said.
fn traced(trace: &str, sessions: &Value) -> Result<String, String> {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("t"), trace).unwrap();
    let scenario = json!({
        "version": 1, "name": "traced",
        "topology": {"file": shipped("topologies/t100-0.gb")},
        "system": {"arigatoni": {
            "sessions": sessions,
            "requests": {"count": 50, "rate_per_s": 5, "deadline_ms": 1000},
        }},
    });
    put(folder.path(), "s.json", &scenario);
    let output = arigatoni(folder.path(), &["run", "s.json", "--membership", "m.csv"]);
    match code(&output) {
        Some(0) => {
            let note = "t: commands that do not say which nodes are up are not used: 2";
            assert_eq!(
                said(&output).contains(note),
                trace.contains("GET"),
                "{}",
                said(&output)
            );
            Ok(std::fs::read_to_string(folder.path().join("m.csv")).unwrap())
        }
        Some(2) => Err(said(&output)),
        other => panic!("{other:?}: {}", said(&output)),
    }
}

/// In each format: who is up when is what the file says.
#[test]
fn a_trace_says_who_comes_and_goes() {
    let mut csv = String::new();
    let mut fta = String::new();
    for unit in 0..100 {
        let (down, up) = (unit % 3, unit % 3 + 1);
        writeln!(csv, "{unit},{down}.5,down\n{unit},{up}.25,up").unwrap();
        let (start, stop) = (1000, 1001 + unit % 3);
        writeln!(
            fta,
            "{unit}\t1\t{unit}\t1\tn{unit}\t1\t{start}\t{stop}\tNULL"
        )
        .unwrap();
    }
    let mut changes: Vec<(u32, u32, &str)> = Vec::new();
    for unit in 0..100 {
        changes.push((0, unit, "JOIN"));
        changes.push((unit % 3 + 1, unit, "LEAVE"));
    }
    changes.sort_unstable();
    let line = |(time, unit, what): &(u32, u32, &str)| format!("{time} {unit} {what}\n");
    let oversim: String = changes.iter().map(line).collect();
    let oversim = format!("{oversim}9 1 GET key\n9 2 PUT key value\n");
    for (text, format) in [(csv, "csv"), (oversim, "oversim"), (fta, "fta")] {
        let sessions = json!({"trace": {"file": "t", "format": format}, "units": "gcus"});
        let rows = rows(&traced(&text, &sessions).unwrap());
        let times = |event: &str| -> Vec<u64> {
            let of = rows
                .iter()
                .filter(|(_, unit, what)| unit == "gcu/4" && what == event);
            of.map(|(time, ..)| *time).collect()
        };
        // Unit 4 is of those with 4 mod 3 = 1.
        let (up, down) = match format {
            "csv" => (vec![0, 2_250_000_000], vec![1_500_000_000]),
            _ => (vec![0], vec![2_000_000_000]),
        };
        assert_eq!((times("up"), times("down")), (up, down), "{format}");
    }
}

#[test]
fn a_trace_that_does_not_fit_is_refused_with_its_line() {
    let mut page = Page::new("Traces of when units are up that cannot be used");
    for (format, trace) in [
        ("oversim", "5 0 JION\n"),
        ("oversim", "5 0 JOIN\n4 0 LEAVE\n"),
        ("oversim", "5 0 JOIN\n6 0 JOIN\n"),
        ("oversim", "5 0 LEAVE\n"),
        ("oversim", "soon 0 JOIN\n"),
        ("oversim", "5 0 JOIN now\n"),
        ("oversim", "# nobody\n"),
        ("csv", "0,1,down\n1,2,down\n"),
        ("csv", "0,2,down\n0,1,up\n"),
        ("csv", "0,1,down\n0,2,down\n"),
        ("csv", "0,1,dwn\n"),
        ("csv", "0,-1,down\n"),
        ("csv", "unit,time_s,state\n0,1\n"),
        ("fta", "0 1 0 1 n 1 1000 900 NULL\n"),
        (
            "fta",
            "0 1 0 1 n 1 1000 1100 NULL\n0 1 0 1 n 1 1050 1200 NULL\n",
        ),
        ("fta", "0 1 0 1 n 7 1000 1100 NULL\n"),
        ("fta", "0 1 0 1\n"),
    ] {
        let sessions = json!({"trace": {"file": "t", "format": format}, "units": "gcus"});
        let said = traced(trace, &sessions).unwrap_err();
        assert!(
            said.contains("/system/arigatoni/sessions/trace/file: t:"),
            "{said}"
        );
        page.entry(&format!("{format} {trace:?}"), said);
    }
    page.check("session-traces");
}

#[test]
fn comings_and_goings_without_end_are_refused() {
    let folder = TempDir::new().unwrap();
    put(folder.path(), "s.json", &crate::command::many_short_runs());
    let refused = |words: &[&str]| {
        let output = arigatoni(folder.path(), &[&["run", "s.json"], words].concat());
        assert_eq!(code(&output), Some(2), "{words:?}: {}", said(&output));
        said(&output)
    };
    let mut page = Page::new("Comings and goings without end");
    for words in [
        &[r#"--set=/system/*/sessions={"up":1e-9,"down":1e-9}"#][..],
        // The phase lasts until the last service could have ended: 31 years.
        &[
            r#"--set=/system/*/sessions={"up":2,"down":1}"#,
            "--set=/system/*/requests/service_time_ms=1e12",
        ],
    ] {
        page.entry(&words.join(" "), refused(words));
    }
    for word in [
        "--set=/system/*/services/change=1e-9",
        "--set=/system/*/return_ms=0.5",
    ] {
        page.entry(word, refused(&[word]));
    }
    page.check("session-without-end");
}

/// Reading a pipe to which nobody writes would wait for ever.
#[test]
fn a_pipe_in_the_place_of_a_file_is_refused() {
    let folder = TempDir::new().unwrap();
    put(folder.path(), "s.json", &crate::command::many_short_runs());
    let made = std::process::Command::new("mkfifo")
        .arg(folder.path().join("pipe"))
        .status();
    assert!(made.unwrap().success());
    let mut page = Page::new("A pipe in the place of a file");
    for set in [
        r#"--set=/system/*/sessions={"trace":{"file":"pipe","format":"csv"}}"#,
        r#"--set=/system/*/brokers/placement={"file":"pipe"}"#,
    ] {
        let output = arigatoni(folder.path(), &["run", "s.json", set]);
        assert_eq!(code(&output), Some(2), "{}", said(&output));
        page.entry(set, said(&output));
    }
    page.check_section("scenario-texts");
}
