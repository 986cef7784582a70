//! What reviewers ask of a simulation study, and what the results answer.
//!
//! The four heads are those of Kurkowski, Camp and Colagrosso, "MANET Simulation Studies: The Incredibles"
//! (Mobile Computing and Communications Review 9(4), 2005), who found that most studies answer few of them:
//! repeatable, unbiased, rigorous, statistically sound.

use std::fmt::Write;

use super::Subject;
use super::facts::{Facts, REPLICATIONS_MIN};
use super::html::escaped;
use super::provenance;
use crate::figures::constants_in_words;
use crate::results::Manifest;
use crate::words::{WRITES, brief, counted};

/// An interval whose half width is at most this share of its mean is narrow.
const NARROW: f64 = 0.05;

#[derive(Clone, Copy)]
enum Answer {
    Yes,
    Partly,
    No,
    /// The results do not say.
    Open,
}

impl Answer {
    fn of(is_so: bool) -> Self {
        if is_so { Self::Yes } else { Self::No }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::Partly => "partly",
            Self::No => "no",
            Self::Open => "not known",
        }
    }
}

/// A question, its answer, and the evidence.
struct Item(&'static str, Answer, String);

/// The section of the checklist.
pub(super) fn section(subject: &Subject<'_>, facts: &Facts) -> String {
    let heads = [
        ("Repeatable", repeatable(subject)),
        ("Unbiased", unbiased(subject)),
        ("Rigorous", rigorous(subject, facts)),
        ("Statistically sound", sound(subject, facts)),
    ];
    let mut html = String::new();
    for (head, items) in heads {
        write!(html, "<h3>{head}</h3>\n<ul class=\"checklist\">\n").expect(WRITES);
        for Item(question, answer, evidence) in items {
            let (word, evidence) = (answer.word(), escaped(&evidence));
            let class = word.replace(' ', "-");
            writeln!(
                html,
                "<li><span class=\"answer {class}\">{word}</span> <strong>{question}</strong> {evidence}</li>"
            )
            .expect(WRITES);
        }
        html.push_str("</ul>\n");
    }
    html
}

fn repeatable(subject: &Subject<'_>) -> Vec<Item> {
    let manifest = subject.manifest;
    let program = if manifest.is_baseline() {
        Item(
            "Is the program named?",
            Answer::Open,
            "A baseline names no program on purpose.".into(),
        )
    } else {
        let answer = match (manifest.commit.is_some(), manifest.modified) {
            (true, Some(false)) => Answer::Yes,
            _ => Answer::Partly,
        };
        let ending = match (manifest.commit.is_some(), manifest.modified) {
            (false, _) => "; the commit is not known",
            (true, Some(true)) => "; its sources had changes that the commit does not have",
            (true, None) => "; whether its sources are those of the commit is not known",
            (true, Some(false)) => "; its sources are those of the commit",
        };
        let evidence = format!("{}{ending}.", manifest.program());
        Item("Is the program named?", answer, evidence)
    };
    let inputs = manifest.inputs.len() as u64;
    let scenario = Item(
        "Is everything given that was asked for?",
        Answer::Yes,
        format!(
            "The scenario is above with all defaults and all changes from the command line; {}.",
            match inputs {
                0 => "it names no files of which copies are kept".to_owned(),
                count => format!(
                    "{} in inputs/, named by the hash of {} content",
                    counted(count, "input file"),
                    if count == 1 { "its" } else { "their" }
                ),
            }
        ),
    );
    let seed = manifest.scenario.get("seed");
    let random = Item(
        "Are the random numbers given?",
        seed.map_or(Answer::Open, |_| Answer::Yes),
        format!(
            "Seed {}; {}.",
            seed.map_or("not known".into(), ToString::to_string),
            manifest
                .method
                .as_ref()
                .map_or("the generator is not named", |method| &method
                    .random_generator)
        ),
    );
    let tables = Item(
        "Are the tables as the program wrote them?",
        Answer::of(subject.altered.is_empty()),
        match subject.altered {
            [] => "The hash of each table that was read is the one in the manifest.".into(),
            altered => format!("{}.", altered.join("; ")),
        },
    );
    vec![program, scenario, random, tables]
}

fn unbiased(subject: &Subject<'_>) -> Vec<Item> {
    let manifest = subject.manifest;
    let method = manifest.method.as_ref();
    let transient = Item(
        "Is the initial transient treated?",
        method.map_or(Answer::Open, |_| Answer::Yes),
        method.map_or("The manifest does not say.".into(), |method| {
            format!(
                "A run begins {}; transient: {}.",
                method.initial_state, method.transient
            )
        }),
    );
    let failed = subject.study.failures.rows.len();
    let is_whole = !manifest.is_partial() && failed == 0 && manifest.filters.is_empty();
    let all = Item(
        "Does every run count?",
        if manifest.is_baseline() {
            Answer::Open
        } else if is_whole {
            Answer::Yes
        } else {
            Answer::Partly
        },
        runs_told(manifest, failed),
    );
    let graphs = manifest.topologies.len();
    let networks = Item(
        "Is more than one network simulated?",
        if manifest.is_baseline() {
            Answer::Open
        } else {
            match graphs {
                1 => Answer::No,
                _ => Answer::Yes,
            }
        },
        match graphs {
            1 => format!(
                "All runs use {}: what they show, they show for this graph.",
                provenance::networks(subject)
            ),
            _ => format!("{}.", provenance::networks(subject)),
        },
    );
    let common = Item(
        "Do points differ only by what was changed?",
        method.map_or(Answer::Open, |_| Answer::Yes),
        "Every draw is keyed by what it decides, not by when it is made (common random numbers)."
            .into(),
    );
    vec![transient, all, networks, common]
}

/// How many runs there are, and which are not.
fn runs_told(manifest: &Manifest, failed: usize) -> String {
    let (done, runs) = (manifest.runs_done, manifest.runs);
    let missing = if done < runs {
        let share = brief(100.0 * done as f64 / runs as f64);
        format!(" ({share} %; the others are missing)")
    } else {
        String::new()
    };
    let points = match (manifest.filters.is_empty(), done < runs) {
        (false, _) => "; points were selected with --filter",
        (true, true) => "",
        (true, false) => "; no point was left out",
    };
    format!("{done} of {runs} runs are in the tables{missing}, {failed} failed{points}.")
}

fn rigorous(subject: &Subject<'_>, facts: &Facts) -> Vec<Item> {
    let axes = provenance::axes(subject);
    let constants = constants_in_words(&subject.manifest.constants);
    let factors = Item(
        "Are the factors varied?",
        Answer::of(!axes.is_empty()),
        match &axes[..] {
            [] => "Nothing is swept: the results are those of one point.".into(),
            axes => format!(
                "{}: {}.",
                counted(facts.points as u64, "point"),
                axes.join("; ")
            ),
        },
    );
    let held = Item(
        "Is it said what was held constant?",
        Answer::Yes,
        if constants.is_empty() {
            "All members of the scenario are above.".into()
        } else {
            format!("{constants}; all others are in the scenario above.")
        },
    );
    let defined = subject
        .metrics
        .iter()
        .filter(|metric| !metric.meaning.is_empty());
    let (defined, all) = (defined.count(), subject.metrics.len());
    let metrics = Item(
        "Are the metrics defined?",
        if defined == all {
            Answer::Yes
        } else {
            Answer::Partly
        },
        format!("{defined} of {all} have their meaning beside their table."),
    );
    vec![factors, held, metrics]
}

fn sound(subject: &Subject<'_>, facts: &Facts) -> Vec<Item> {
    let [least, _] = facts.replications;
    let replications = Item(
        "Are there independent replications?",
        match least {
            0 | 1 => Answer::No,
            2..REPLICATIONS_MIN => Answer::Partly,
            _ => Answer::Yes,
        },
        format!("{} at each point.", facts.replications_told()),
    );
    let [with, of] = facts.with_interval;
    let intervals = Item(
        "Are there intervals?",
        match with {
            0 => Answer::No,
            _ if with == of => Answer::Yes,
            _ => Answer::Partly,
        },
        format!(
            "{with} of {of} means of the metrics that figures show have a 95 % interval (Student’s t \
             over replications); a sample whose values are all equal has none."
        ),
    );
    let widest = facts.widest.as_ref().and_then(super::facts::Row::relative);
    let narrow = Item(
        "Are they narrow?",
        match widest {
            None => Answer::Open,
            Some(share) if share <= NARROW => Answer::Yes,
            Some(_) => Answer::Partly,
        },
        match widest {
            None => "There is no interval to judge.".into(),
            Some(share) => format!(
                "The widest of them is ± {} % of its mean (narrow here: ± {} %).",
                brief(100.0 * share),
                brief(100.0 * NARROW)
            ),
        },
    );
    let precise = subject.manifest.scenario.get("precision");
    let is_rule = precise.is_some_and(|precision| !precision.is_null());
    let rule = Item(
        "Was the stopping rule fixed before the runs?",
        match &subject.manifest.method {
            Some(_) if is_rule => Answer::Yes,
            _ => Answer::Open,
        },
        match &subject.manifest.method {
            None => "The manifest does not say.".into(),
            Some(method) if is_rule => format!("{}.", method.stopping_rule),
            Some(method) => format!(
                "{}; the results do not tell whether this number was chosen before they were seen.",
                method.stopping_rule
            ),
        },
    );
    vec![replications, intervals, narrow, rule]
}
