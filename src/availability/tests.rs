//! The three formats: what they say, what is wrong in them, and that nothing panics.

use expect_test::expect;
use proptest::prelude::*;

use super::*;

const FORMATS: [Format; 3] = [Format::Oversim, Format::Fta, Format::Csv];

fn read(text: &str, format: Format) -> Trace {
    Trace::read(text.as_bytes(), format, "t").unwrap()
}

/// Whether a node is up at first, and its changes, in s.
fn told(trace: &Trace, node: usize) -> (bool, Vec<(f64, bool)>) {
    let changes = trace
        .of(node)
        .map(|(at, is_up)| (at.as_ns() as f64 / 1e9, is_up));
    (trace.is_up_at_start(node), changes.collect())
}

#[test]
fn oversim_nodes_are_down_until_they_join() {
    let text = "0.5 7 JOIN\n0.5 0 DISCONNECT_NODETYPES 1 2\r\n 2\t2 JOIN\n60 7 LEAVE\n\
                75.25 3 JOIN\n80 2 GET key7\n90 7 JOIN\n90 7 LEAVE\n95 0 CONNECT_NODETYPES 1 2\n";
    let trace = read(text, Format::Oversim);
    assert_eq!((trace.len(), trace.ignored()), (3, 3));
    assert_eq!(told(&trace, 0), (false, vec![(0.5, true), (60.0, false)]));
    assert_eq!(told(&trace, 1), (false, vec![(2.0, true)]));
    assert_eq!(told(&trace, 2), (false, vec![(75.25, true)]));
    assert!(read("0 1 JOIN", Format::Oversim).is_up_at_start(0));
}

#[test]
fn archived_nodes_are_up_in_their_intervals() {
    let text = "# event_trace_id\tcomponent_id\tnode_id\tplatform_id\tnode_name\tevent_type\t\
                event_start_time\tevent_stop_time\tevent_end_reason\n\
                0\t0\t5\t0\tpeer a\t1\t1041300000\t1041304800\tNULL\n\
                1   0  5 0\tpeer-a\t1 \t1041304800\t1041304900.5\t NULL\n\
                2\t0\t5\t0\tpeer-a\t0\t1041304900.5\t1041312000\tNULL\n\
                3\t1\t1\t0\tpeer-b\t1\t1041301200\t1041301200\tNULL\n\
                4\t1\t1\t0\tpeer-b\t1\t1041301260\t1041310800\t\n";
    let trace = read(text, Format::Fta);
    assert_eq!(trace.len(), 2);
    assert_eq!(told(&trace, 0), (true, vec![(4900.5, false)]));
    assert_eq!(
        told(&trace, 1),
        (false, vec![(1260.0, true), (10_800.0, false)])
    );
    // Of what is never up too there is something to say.
    let text = "event_trace_id component_id node_id platform_id node_name event_type start stop why\n\
                0 0 0 0 a 0 5 7 NULL";
    assert_eq!(told(&read(text, Format::Fta), 0), (false, vec![]));
}

#[test]
fn units_of_a_table_are_numbered_and_begin_as_the_opposite() {
    let text = "unit,time_s,state\n2,5,up\n0,1,down\n 0 , 2.5 , up \n1,0,up\n1,4,down\n";
    let trace = read(text, Format::Csv);
    assert_eq!(told(&trace, 0), (true, vec![(1.0, false), (2.5, true)]));
    assert_eq!(told(&trace, 1), (true, vec![(4.0, false)]));
    assert_eq!(told(&trace, 2), (false, vec![(5.0, true)]));
    assert!(trace.check_units(3).is_ok());
    let error = trace.check_units(4).unwrap_err().to_string();
    expect![[r#"
        the trace has 3 nodes, but 4 units come and go
          help: use a trace of more nodes, or fewer units"#]]
    .assert_eq(&error);
}

/// Unix times have ten digits before the point, so their nanoseconds are beyond an `f64`.
#[test]
fn times_are_read_to_the_nanosecond() {
    let text = "0 0 5 0 a 1 1041300000.000000001 1041300000.000000004 NULL\n\
                1 0 5 0 a 1 1041300001.123456789 1041304800.3 NULL\n";
    let changes: Vec<u64> = read(text, Format::Fta)
        .of(0)
        .map(|(at, _)| at.as_ns())
        .collect();
    assert_eq!(changes, [3, 1_123_456_788, 4_800_299_999_999]);
    let latest = "0,999999999.000000001,up\n0,999999999.999999999,down";
    let at = read(latest, Format::Csv).change(0, 1);
    assert_eq!(at, Some(Span::from_ns(999_999_999_999_999_999)));
    let at = read("999999999.000000001 0 JOIN", Format::Oversim).change(0, 0);
    assert_eq!(at, Some(Span::from_ns(999_999_999_000_000_001)));
}

#[test]
fn decimals_are_rounded_to_the_nearest_nanosecond() {
    for (text, ns) in [
        ("0", Some(0)),
        ("00.50", Some(500_000_000)),
        (".5", Some(500_000_000)),
        ("5.", Some(5_000_000_000)),
        ("1.0000000014", Some(1_000_000_001)),
        ("1.0000000015", Some(1_000_000_002)),
        ("0.9999999999", Some(1_000_000_000)),
        ("1e-05", Some(10_000)),
        ("1.5E+3", Some(1_500_000_000_000)),
        ("5e-10", Some(1)),
        ("9e-11", Some(0)),
        ("9e-30000", Some(0)),
        ("0e30000", Some(0)),
        ("18446744073.709551615", Some(u64::MAX)),
        ("18446744073.7095516155", None),
        ("1e30", None),
        ("1e99999", None),
        ("", None),
        (".", None),
        ("e3", None),
        ("1e", None),
        ("-1", None),
        ("1_000", None),
        ("1.2.3", None),
        ("nan", None),
    ] {
        assert_eq!(decimal(text).map(Span::as_ns), ns, "{text}");
    }
    for text in ["0", "1041300000.000000001", "0.5", "120"] {
        assert_eq!(said(decimal(text).unwrap()), text);
    }
}

/// What is wrong, by format: the lines, the number of the one that is wrong (0: all), and a word of what
/// is said.
const WRONG: [(Format, &str, u32); 33] = [
    (Format::Oversim, "", 0),
    (Format::Oversim, "# 1 2 JOIN\n\n", 0),
    (Format::Oversim, "1 2 JOIN\n0.5 3 JOIN", 2),
    (Format::Oversim, "1 2 JOIN\n2 2 JOIN", 2),
    (Format::Oversim, "1 2 LEAVE", 1),
    (Format::Oversim, "1 2 FLY", 1),
    (Format::Oversim, "1 2", 1),
    (Format::Oversim, "1 2 JOIN now", 1),
    (Format::Oversim, "1 0 CONNECT_NODETYPES 1", 1),
    (Format::Oversim, "1 x JOIN", 1),
    (Format::Oversim, "NaN 1 JOIN", 1),
    (Format::Oversim, "inf 1 JOIN", 1),
    (Format::Oversim, "-1 1 JOIN", 1),
    (Format::Oversim, "2e9 1 JOIN", 1),
    (Format::Fta, "\n", 0),
    (Format::Fta, "0 0 0 0 a 1 5 7", 1),
    (Format::Fta, "0 0 0 0 a b 1 5 7 NULL", 1),
    (Format::Fta, "0 0 x 0 a 1 5 7 NULL", 1),
    (Format::Fta, "0 0 0 0 a 2 5 7 NULL", 1),
    (Format::Fta, "0 0 0 0 a 1 x 7 NULL", 1),
    (Format::Fta, "0 0 0 0 a 1 5 -7 NULL", 1),
    (Format::Fta, "0 0 0 0 a 1 7 5 NULL", 1),
    (Format::Fta, "0 0 0 0 a 1 5 7 NULL\n1 0 0 0 a 0 6 9 NULL", 2),
    (Format::Csv, "unit,time_s,state", 0),
    (Format::Csv, "0,1,up\n0,0.5,down", 2),
    (Format::Csv, "0,1,up\n0,1,down", 2),
    (Format::Csv, "0,0,up\n0,0,down", 2),
    (Format::Csv, "0,1,up\n1,1,up\n0,2,up", 3),
    (
        Format::Csv,
        "unit,time_s,state\n5,1,up\n0,1,up\n5,2,down",
        2,
    ),
    (Format::Csv, "1,1,up", 1),
    (Format::Csv, "0,1,off", 1),
    (Format::Csv, "0,1", 1),
    (Format::Csv, "gcu/0,1,up", 1),
];

#[test]
fn what_is_wrong_is_told_with_its_line() {
    let mut told = Vec::new();
    for (format, text, line) in WRONG {
        let error = Trace::read(text.as_bytes(), format, "t.txt").unwrap_err();
        let (place, what, _) = error.into_parts();
        let wanted = match line {
            0 => "t.txt".to_owned(),
            line => format!("t.txt:{line}"),
        };
        assert_eq!(place, Some(wanted), "{text}");
        told.push(what);
    }
    expect![[r#"
        the trace has no nodes
        the trace has no nodes
        the time 0.5 s comes after 1 s
        node 2 joins, but has joined already
        node 2 leaves, but has not joined
        there is no command "FLY"
        expected a time, a node and a command, found "1 2"
        the command JOIN has 0 arguments, found 1
        the command CONNECT_NODETYPES has 2 arguments, found 1
        "x" is not the number of a node
        the time "NaN" is not a number of seconds from 0 to 1000000000
        the time "inf" is not a number of seconds from 0 to 1000000000
        the time "-1" is not a number of seconds from 0 to 1000000000
        the time "2e9" is not a number of seconds from 0 to 1000000000
        the trace has no nodes
        expected 9 columns, found 8
        expected 9 columns, found 10
        the node id "x" is not a whole number
        the event type "2" is neither 0 nor 1
        the start "x" is not a number of seconds from 0 to 4000000000
        the stop "-7" is not a number of seconds from 0 to 4000000000
        the interval stops at 5 s, before its start at 7 s
        an interval of node 0 begins at 6 s, before the end of the one above it, 7 s
        the trace has no nodes
        the time 0.5 s of unit 0 comes after 1 s
        unit 0 has two rows at 1 s
        unit 0 has two rows at 0 s
        unit 0 is up already
        unit 5 has rows, but unit 1 has none
        unit 1 has rows, but unit 0 has none
        expected `up` or `down`, found "off"
        expected unit,time_s,up or down, found 2 cells
        "gcu/0" is not the number of a unit"#]]
    .assert_eq(&told.join("\n"));
    let error = Trace::read(b"0,1,up\n\xFF", Format::Csv, "t.csv").unwrap_err();
    assert!(error.to_string().starts_with("t.csv:2: "), "{error}");
}

/// Periods of nodes in whole ms, and whether each is up at first.
fn schedules() -> impl Strategy<Value = Vec<(bool, Vec<u32>)>> {
    let periods = prop::collection::vec(1..1_000_000_u32, 0..8);
    prop::collection::vec((any::<bool>(), periods), 1..6)
}

/// The changes of each node: the time in ms, the node, and whether it comes up.
fn changes(schedules: &[(bool, Vec<u32>)]) -> Vec<(u64, usize, bool)> {
    let mut all = Vec::new();
    for (node, (is_up, periods)) in schedules.iter().enumerate() {
        let (mut is_up, mut at_ms) = (*is_up, 0);
        for period in periods {
            at_ms += u64::from(*period);
            is_up = !is_up;
            all.push((at_ms, node, is_up));
        }
    }
    all.sort_unstable();
    all
}

proptest! {
    #[test]
    fn nothing_panics(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for format in FORMATS {
            let _ = Trace::read(&bytes, format, "t");
        }
    }

    /// Lines that are nearly right get farther.
    #[test]
    fn nothing_panics_on_pieces_of_traces(pieces in prop::collection::vec(
        prop::sample::select(vec![
            "0", "1", "5", "1e9", "4e9", "0.1", "-0", "JOIN", "LEAVE", "GET", "up", "down", "#", "NULL",
            " ", " ", " ", "\t", "\t", ",", ",", "\n", "\n", "\r", "unit,time_s,", "node_id",
            "0 0 0 0 a 1 ", "1 0 1 0 b 0 ",
        ]), 0..60))
    {
        let text = pieces.concat();
        for format in FORMATS {
            let Ok(trace) = Trace::read(text.as_bytes(), format, "t") else { continue };
            for node in 0..trace.len() {
                let mut before = (Span::ZERO, trace.is_up_at_start(node));
                for change in trace.of(node) {
                    prop_assert!(change.0 > before.0 && change.1 != before.1);
                    before = change;
                }
            }
        }
    }

    #[test]
    fn what_is_written_is_read(schedules in schedules()) {
        let changes = changes(&schedules);
        let decimal = |ms: u64| format!("{}.{:03}", ms / 1000, ms % 1000);
        let mut oversim: String = schedules.iter().enumerate()
            // So that all appear in order; two commands at one instant are none.
            .map(|(node, (is_up, _))| {
                let joins = format!("0 {node} JOIN\n");
                if *is_up { joins } else { format!("{joins}0 {node} LEAVE\n") }
            })
            .collect();
        // A unit that never changes has one row, at 0.
        let still = schedules.iter().enumerate().filter(|(_, (_, periods))| periods.is_empty());
        let rows = still.map(|(unit, (is_up, _))| format!("{unit},0,{}\n", if *is_up { "up" } else { "down" }));
        let mut csv = rows.collect::<Vec<String>>().concat();
        for (at_ms, node, is_up) in &changes {
            let at = decimal(*at_ms);
            let (command, word) = if *is_up { ("JOIN", "up") } else { ("LEAVE", "down") };
            oversim += &[&*at, " ", &node.to_string(), " ", command, "\n"].concat();
            csv += &[&*node.to_string(), ",", &at, ",", word, "\n"].concat();
        }
        let mut wanted = vec![Vec::new(); schedules.len()];
        for (at_ms, node, is_up) in changes {
            wanted[node].push((Span::from_ns(at_ms * 1_000_000), is_up));
        }
        for trace in [read(&oversim, Format::Oversim), read(&csv, Format::Csv)] {
            prop_assert_eq!(trace.len(), schedules.len());
            for (node, (is_up, _)) in schedules.iter().enumerate() {
                prop_assert_eq!(trace.is_up_at_start(node), *is_up);
                prop_assert!(trace.of(node).eq(wanted[node].iter().copied()));
            }
        }
    }
}
