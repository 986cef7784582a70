//! How often units that come back go to another leader, and what is counted of those that find a failure out.

use super::*;

/// Computers that come and go by themselves, and half of the times come back elsewhere: what each did, one letter for each return,
/// `r` to its leader or `m` to another one.
fn returns() -> Vec<String> {
    let parameters = json!({
        "gcus_per_broker": 2,
        "return_ms": 5000,
        "migration": {"to": "random", "probability": 0.5},
        "sessions": {
            "up": {"exponential": {"mean_s": 15}},
            "down": {"exponential": {"mean_s": 10}},
            "units": "gcus",
        },
        "detection": {"heartbeat_ms": 2000, "timeout_ms": 2000, "misses": 2},
        "requests": {"for_s": 120, "rate_per_s": 0.5, "deadline_ms": 10000},
    });
    let config = Config::read(&parameters, "").unwrap();
    let run = run(t100(), &config, SEED, Fidelity::Path);
    let membership = export(t100(), &run, "membership");
    let mut left = BTreeMap::new();
    let mut words: BTreeMap<&str, String> = BTreeMap::new();
    for line in membership.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let [_, unit, event, leader] = cells[..] else {
            panic!("{line}")
        };
        if event == "left" {
            left.insert(unit, leader);
        } else if event == "registered"
            && let Some(before) = left.remove(unit)
        {
            let letter = if leader == before { 'r' } else { 'm' };
            words.entry(unit).or_default().push(letter);
        }
    }
    words.into_values().collect()
}

/// Each return is a draw of its own: whoever has come back to its leader once goes elsewhere another time.
#[test]
fn each_return_is_a_draw_of_its_own() {
    let words = returns();
    let pairs = |pair: &str| {
        let of = |word: &String| {
            word.as_bytes()
                .windows(2)
                .filter(|w| *w == pair.as_bytes())
                .count()
        };
        words.iter().map(of).sum::<usize>() as f64
    };
    let all: usize = words.iter().map(String::len).sum();
    let moves = words
        .iter()
        .flat_map(|word| word.chars())
        .filter(|letter| *letter == 'm');
    let share = moves.count() as f64 / all as f64;
    // Five standard deviations.
    let near = |share: f64, count: f64| (share - 0.5).abs() < 2.5 / count.sqrt();
    assert!(all > 500, "{all}");
    assert!(near(share, all as f64), "{share} of {all}");
    for before in ["r", "m"] {
        let [stays, goes] = ["r", "m"].map(|then| pairs(&format!("{before}{then}")));
        let share = goes / (stays + goes);
        assert!(near(share, stays + goes), "after {before}: {share}");
    }
}

/// A run in which brokers fail, with so many seconds and requests a second, and these members set.
fn watched(sets: &[(&str, Value)], loss: f64, (for_s, rate_per_s): (u32, f64)) -> Run<Arigatoni> {
    let mut parameters = json!({
        "gcus_per_broker": 2,
        "return_ms": 5000,
        "detection": {"heartbeat_ms": 2000, "timeout_ms": 2000, "misses": 2},
        "requests": {"for_s": for_s, "rate_per_s": rate_per_s, "deadline_ms": 10000},
    });
    for (member, value) in sets {
        parameters[*member] = value.clone();
    }
    let config = Config::read(&parameters, "").unwrap();
    let conditions = arigatoni::simulation::network::Conditions {
        loss: arigatoni::parameters::number::Fraction(loss),
        ..Fidelity::Path.into()
    };
    run(t100(), &config, SEED, conditions)
}

/// Who comes back under a leader that has long been dead finds that out, but it does not find a crash out late. With hardly any
/// losses units find crashes out as they do without any.
#[test]
fn only_who_was_up_finds_a_crash_out_late() {
    let laws =
        json!({"up": {"exponential": {"mean_s": 100}}, "down": {"exponential": {"mean_s": 30}}});
    let faults = [("faults", json!({"gbus": laws}))];
    let [without, with] = [0.0, 0.001].map(|loss| watched(&faults, loss, (120, 0.5)));
    let [mean, few] = [&without, &with].map(|run| metric(run, "detect_ms_mean").unwrap());
    assert!((few / mean - 1.0).abs() < 0.02, "{few}, not {mean}");
    // A registration that is not answered is given up after 15.5 s; those that came back found out after minutes.
    for run in [&without, &with] {
        let longest = metric(run, "detect_ms_max").unwrap();
        assert!(longest < 20_000.0, "{longest}");
    }
    let counts = ["suspicions", "suspicions_wrong"].map(|name| metric(&with, name).unwrap());
    assert!(counts[0] > 200.0 && counts[1] < 20.0, "{counts:?}");
}

/// However many requests there are, upkeep is the same: what confirms a query, or a packet of a request, is for that request.
#[test]
fn requests_are_no_upkeep() {
    let crash = json!({"at": [{"unit": "gcu/1", "crash_s": 5}]});
    let patient = json!({"heartbeat_ms": 2000, "timeout_ms": 2000, "misses": 4});
    for (set, loss) in [(("faults", crash), 0.0), (("detection", patient), 0.02)] {
        let sets = [set];
        let upkeep = |rate_per_s| {
            let run = watched(&sets, loss, (20, rate_per_s));
            metric(&run, "upkeep_per_unit_s").unwrap()
        };
        let [few, many] = [0.5, 50.0].map(upkeep);
        assert!(
            (many / few - 1.0).abs() < 0.02,
            "loss {loss}: {few}, {many}"
        );
    }
}

/// What is not repaired is in no period of which the length is known, and is told.
#[test]
fn what_stays_broken_is_told() {
    let folder = TempDir::new().unwrap();
    let scenario = shipped("scenarios/ci/healing.json");
    let mut page = Page::new("An overlay that stays broken, and one that does not");
    let mut run = |faults: &str| {
        let faults = format!("/system/*/faults={faults}");
        let sets = [
            &*faults,
            "/system/*/migration=null",
            "/system/*/election=false",
            "/network/loss=0",
        ];
        let mut arguments = vec!["run", scenario.to_str().unwrap()];
        arguments.extend(sets.iter().flat_map(|set| ["--set", set]));
        let output = program(folder.path(), &arguments);
        assert_eq!(code(&output), Some(0), "{}", said(&output));
        page.entry(&faults, of_any_build(&said(&output)));
    };
    run(r#"{"at": [{"unit": "gbu/0", "crash_s": 30}]}"#);
    run(r#"{"at": [{"unit": "gcu/0", "crash_s": 10, "restart_s": 20}]}"#);
    page.check_section("notes");
}

/// What wrong suspicions cost in messages is a figure.
#[test]
fn wrong_suspicions_are_drawn_against_upkeep() {
    use arigatoni::measure::Content;
    use arigatoni::system::System as _;
    let is_drawn = |content: &Content| match content {
        Content::TradeOff { x_metric, metric } => {
            x_metric.as_str() == "upkeep_per_unit_s" && metric.as_str() == "suspicions_wrong"
        }
        _ => false,
    };
    let figures = Arigatoni::figures();
    assert!(figures.iter().any(|figure| is_drawn(&figure.content)));
}
