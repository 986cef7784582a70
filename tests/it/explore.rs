//! `arigatoni explore`: the examples of its page, schedules that are replayed, and what is refused.

mod refused;

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::command::{arigatoni, code, said, wrote};
use crate::review::{Page, reads, without_times};
use crate::support::shipped;

/// The page of what is said of searches and replays, each test with a section.
const TEXTS: &str = "explore-texts";
const PAGE: &str = "docs/explore.md";

/// The commands of a page that begin with `$`, and what is printed below each.
pub(crate) fn examples(page: &str) -> Vec<(String, String)> {
    let page = fs::read_to_string(shipped(page)).unwrap();
    let mut all: Vec<(String, String)> = Vec::new();
    let mut is_shown = false;
    for line in page.lines() {
        let Some(line) = line.strip_prefix("    ") else {
            is_shown = is_shown && line.is_empty();
            continue;
        };
        if let Some(command) = line.strip_prefix("$ arigatoni ") {
            all.push((command.to_owned(), String::new()));
            is_shown = true;
        } else if is_shown {
            let (_, shown) = all.last_mut().unwrap();
            shown.push_str(line);
            shown.push('\n');
        }
    }
    all
}

/// What is the same on every platform.
fn comparable(text: &str) -> Vec<&str> {
    let lines = text.lines();
    lines
        .filter(|line| !line.starts_with("memory_bytes") && !line.is_empty())
        .collect()
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn the_examples_print_what_the_page_shows() {
    let examples = examples(PAGE);
    assert!(examples.len() >= 3, "{examples:?}");
    for (command, shown) in examples {
        let words: Vec<&str> = command.split_whitespace().collect();
        let output = arigatoni(&shipped(""), &words);
        assert_eq!(code(&output), Some(0), "{command}: {}", said(&output));
        assert_eq!(comparable(&wrote(&output)), comparable(&shown), "{command}");
    }
}

/// The smaller worlds of the table that says how many steps there are for each state.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn the_table_of_steps_says_what_the_program_counts() {
    let page = fs::read_to_string(shipped(PAGE)).unwrap();
    let mut table = page
        .lines()
        .skip_while(|line| !line.contains("steps for each state"));
    table.by_ref().take(2).for_each(drop);
    let mut counted = 0;
    for row in table.take_while(|line| line.starts_with('|')) {
        let cells: Vec<String> = row
            .split('|')
            .map(|it| it.trim().replace(',', ""))
            .collect();
        let [_, world, states, steps, ratio, _] = &cells[..] else {
            panic!("{row}")
        };
        let [of_states, of_steps]: [f64; 2] = [states, steps].map(|it| it.parse().unwrap());
        assert_eq!(format!("{:.1}", of_steps / of_states), *ratio, "{row}");
        if of_states > 20_000.0 {
            continue;
        }
        let mut words = world.trim_matches('`').split(' ');
        let scenario = format!("scenarios/explore/{}.json", words.next().unwrap());
        let words: Vec<&str> = ["explore", &scenario].into_iter().chain(words).collect();
        let printed = wrote(&arigatoni(&shipped(""), &words));
        let number = |name: &str| {
            let line = printed.lines().find(|line| line.starts_with(name));
            line.and_then(|line| line.split_whitespace().nth(1).map(str::to_owned))
        };
        assert_eq!(number("states ").as_ref(), Some(states), "{row}");
        assert_eq!(number("transitions ").as_ref(), Some(steps), "{row}");
        counted += 1;
    }
    assert!(counted >= 2, "{counted}");
}

fn last_line(text: &str) -> &str {
    text.lines().last().unwrap()
}

/// A text with … in place of its numbers, which depend on the memory or on the moment.
fn without_numbers(text: &str) -> String {
    let masked = |word: &str| match word.parse::<u64>() {
        Ok(_) => "…".to_owned(),
        Err(_) => word.to_owned(),
    };
    text.split(' ').map(masked).collect::<Vec<_>>().join(" ")
}

#[test]
fn the_memory_ends_a_search() {
    let words = [
        "explore",
        "scenarios/explore/request.json",
        "--losses",
        "1",
        "--memory",
        "4",
    ];
    let output = arigatoni(&shipped(""), &words);
    assert_eq!(code(&output), Some(3), "{}", said(&output));
    let printed = wrote(&output);
    reads(
        TEXTS,
        "A search that the memory ends",
        &[
            ("what was covered", &without_numbers(last_line(&printed))),
            ("what is said of it", &without_times(&said(&output))),
        ],
    );
    let again = arigatoni(&shipped(""), &words);
    assert_eq!(wrote(&again), printed);
}

/// The schedule that a search in these `words` writes, and what it prints.
fn searched(words: &[&str]) -> (Value, String) {
    let folder = TempDir::new().unwrap();
    let (schedule, chart) = (folder.path().join("s.json"), folder.path().join("s.svg"));
    let mut all = vec!["explore"];
    all.extend(words);
    let files = [&schedule, &chart].map(|path| path.to_str().unwrap());
    all.extend(["--schedule", files[0], "--chart", files[1]]);
    let output = arigatoni(&shipped(""), &all);
    assert_eq!(code(&output), Some(0), "{words:?}: {}", said(&output));
    let svg = fs::read_to_string(chart).unwrap();
    assert!(svg.starts_with("<svg"), "{svg}");
    let schedule = fs::read_to_string(schedule).unwrap();
    (serde_json::from_str(&schedule).unwrap(), wrote(&output))
}

const REQUEST: &str = "scenarios/explore/request.json";
const LINKS: &str = "scenarios/explore/links.json";
const TUNNELS: &str = "scenarios/explore/tunnels.json";

#[test]
fn a_history_to_a_goal_is_written_and_played_again() {
    let (schedule, printed) = searched(&[REQUEST, "--reach", "accepted"]);
    let mut page = Page::new("Histories to a goal");
    page.entry("--reach accepted", without_times(&printed));
    let steps = schedule["steps"].as_array().unwrap();
    // The first of them issues the request.
    assert!(steps.len() > 4 && steps[0]["event"]["give"].is_object());
    let (code, printed, said) = replayed(REQUEST, &schedule, &[]);
    assert_eq!(code, Some(0), "{said}");
    assert!(printed.contains("acceptance_ratio "), "{printed}");
    let ratio = printed
        .lines()
        .find(|line| line.starts_with("acceptance_ratio "));
    assert!(ratio.unwrap().contains(" 1 "), "{printed}");
    // All agree to everything: nothing is rejected.
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("s.json");
    let file = file.to_str().unwrap();
    let words = [
        "explore",
        REQUEST,
        "--reach",
        "rejected",
        "--timers",
        "0",
        "--schedule",
        file,
    ];
    let output = arigatoni(&shipped(""), &words);
    let said = crate::command::said(&output);
    assert_eq!(crate::command::code(&output), Some(1), "{said}");
    let said = said.replace(file, "s.json");
    page.entry("--reach rejected --schedule s.json", without_times(&said));
    page.check_section(TEXTS);
}

/// The network of the scenario is lossy, so units send again what is not acknowledged, in the replay as well.
#[test]
fn a_lossy_network_is_explored_and_replayed_as_one() {
    let lossy = [
        "--set",
        "/network/loss=0.1",
        "--set",
        "/system/*/gcus_per_broker=1",
    ];
    let mut words = vec!["explore", REQUEST, "--timers", "0"];
    words.extend(lossy);
    let output = arigatoni(&shipped(""), &words);
    assert_eq!(code(&output), Some(0), "{}", said(&output));
    let mut page = Page::new("A network that may lose");
    page.entry("a search", last_line(&wrote(&output)));
    words.remove(0);
    words.extend(["--reach", "accepted"]);
    let (mut schedule, _) = searched(&words);
    assert_eq!(schedule["losses"], true);
    assert!(schedule.to_string().contains("packet query"), "{schedule}");
    let (code, _, said) = replayed(REQUEST, &schedule, &lossy);
    assert_eq!(code, Some(0), "{said}");
    schedule["losses"] = false.into();
    let (code, _, said) = replayed(REQUEST, &schedule, &lossy);
    assert_eq!(code, Some(2), "{said}");
    page.entry("a schedule without losses", said);
    page.check_section(TEXTS);
}

/// What units are told from outside is told again, and taken back, in the replay.
#[test]
fn links_that_are_cut_and_made_again_are_replayed() {
    let tell = |input: &str| {
        let units = ["gbu/1", "gbu/2"];
        json!({"tell": {"occasion": 0, "units": units, "input": input}})
    };
    let [cut, linked] = ["unlink", "link"].map(tell);
    let (code, _, said) = replayed(LINKS, &schedule(&[cut.clone(), linked.clone()]), &[]);
    assert_eq!(code, Some(0), "{said}");
    let (code, _, said) = replayed(LINKS, &schedule(&[cut.clone(), cut]), &[]);
    assert_eq!(code, Some(2), "{said}");
    reads(
        TEXTS,
        "A schedule that cuts a link twice",
        &[("arigatoni run", &said)],
    );
}

/// The rules of the calculus follow units with two leaders as well.
#[test]
fn the_rules_follow_what_has_two_leaders() {
    let words = ["explore", TUNNELS, "--timers", "0", "--leaves", "1"];
    let output = arigatoni(&shipped(""), &words);
    let said = said(&output);
    assert_eq!(code(&output), Some(0), "{said}");
    // No note says of a rule that it does not follow.
    reads(
        TEXTS,
        "Units with two leaders",
        &[("arigatoni explore", &without_times(&said))],
    );
}

/// Ctrl-C ends a search at once, and what was covered is told.
#[cfg(unix)]
#[test]
fn ctrl_c_tells_what_was_covered() {
    let words = [
        "explore",
        REQUEST,
        "--losses",
        "3",
        "--duplicates",
        "3",
        "--timers",
        "9",
    ];
    let mut program = crate::command::program(&shipped(""));
    let mut child = program.args(words).spawn().unwrap();
    // It says something about the network when it listens already.
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    stderr.read_line(&mut line).unwrap();
    assert!(line.starts_with("note: "), "{line}");
    let interrupt = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(interrupt.unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(code(&output), Some(130));
    let printed = wrote(&output);
    let mut said = String::new();
    stderr.read_to_string(&mut said).unwrap();
    reads(
        TEXTS,
        "A search that Ctrl-C ends",
        &[
            ("what was covered", &without_numbers(last_line(&printed))),
            // Nothing is said of runs.
            ("what is said of it", &without_times(&said)),
        ],
    );
}

#[test]
fn what_cannot_happen_as_often_as_asked_is_told() {
    let notes = |words: &[&str]| {
        let mut all = vec!["explore", "scenarios/explore/crash.json", "--timers", "0"];
        all.extend(words);
        let output = arigatoni(&shipped(""), &all);
        let said = said(&output);
        let notes = said.lines().filter(|line| line.contains("--"));
        notes.map(str::to_owned).collect::<Vec<_>>()
    };
    let none: [&str; 0] = [];
    assert_eq!(notes(&["--crashes", "1", "--restarts", "1"]), none);
    let told = notes(&["--restarts", "1", "--leaves", "1", "--joins", "2"]);
    reads(
        TEXTS,
        "What cannot happen as often as asked",
        &[("--restarts 1 --leaves 1 --joins 2", &told.join("\n"))],
    );
}

/// The first events of one request of `scenarios/explore/request.json`.
fn events(count: usize) -> Vec<Value> {
    let query = json!({"from": "gcu/0", "to": "gbu/0", "message": "query"});
    let mut events = vec![
        json!({"give": {"unit": "gcu/0", "task": 0, "input": "issue"}}),
        json!({ "deliver": query }),
    ];
    events.truncate(count);
    events
}

/// Replays a schedule in a scenario with `more` words; the exit code, what is printed and what is said.
fn replayed(scenario: &str, schedule: &Value, more: &[&str]) -> (Option<i32>, String, String) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("schedule.json");
    fs::write(&path, schedule.to_string()).unwrap();
    let path = path.to_str().unwrap();
    let mut words = vec!["run", scenario, "--schedule", path];
    words.extend(more);
    let output = arigatoni(&shipped(""), &words);
    let said = said(&output).replace(path, "schedule.json");
    (code(&output), wrote(&output), said)
}

#[test]
fn a_run_that_is_stopped_counts_open_requests_as_rejected() {
    let mut page = Page::new("Schedules that stop a run");
    for count in 0..3 {
        let (code, printed, said) = replayed(REQUEST, &schedule(&events(count)), &[]);
        assert_eq!(code, Some(0), "{count}: {said}");
        let ratio = printed
            .lines()
            .find(|line| line.starts_with("acceptance_ratio "));
        assert!(ratio.unwrap().contains(" 0 "), "{printed}");
        page.entry(&format!("{count} of the events of a request"), said);
    }
    page.check_section(TEXTS);
}

/// The schedule of these events on a network without losses.
fn schedule(events: &[Value]) -> Value {
    let steps = events.iter().map(|event| json!({ "event": event }));
    json!({"version": 1, "losses": false, "steps": steps.collect::<Vec<_>>()})
}
