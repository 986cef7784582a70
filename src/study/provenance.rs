//! Where results come from: what the manifest tells of the program, the machine and the method.
//!
//! No result depends on any of it.

use std::num::NonZeroUsize;
use std::path::Path;

use crate::experiment::Experiment;
use crate::results::{Build, Machine, Manifest, Method};
use crate::scenario::Scenario;
use crate::system::Procedure;
use crate::words::brief;
use crate::{program, random, store};

/// The build of the program that runs.
pub(super) fn build() -> Build {
    Build {
        rustc: program::RUSTC.into(),
        target: program::TARGET.into(),
        profile: program::PROFILE.into(),
    }
}

/// The machine that it runs on.
pub(super) fn machine() -> Machine {
    let text = |path: &str| store::read_text(Path::new(path)).ok();
    let release = text("/proc/sys/kernel/osrelease");
    Machine {
        os: std::env::consts::OS.into(),
        os_release: release.map(|release| release.trim().to_owned()),
        processor: text("/proc/cpuinfo").and_then(|text| processor(&text)),
        architecture: std::env::consts::ARCH.into(),
        cores: cores().map(|cores| cores as u32),
    }
}

/// The model of the first processor in the text of `/proc/cpuinfo`.
fn processor(text: &str) -> Option<String> {
    let named = text
        .lines()
        .find_map(|line| line.strip_prefix("model name"));
    let (_, name) = named?.split_once(':')?;
    Some(name.trim().to_owned())
}

/// How many threads this machine runs at once, if known.
pub(super) fn cores() -> Option<usize> {
    let cores = std::thread::available_parallelism().ok();
    cores.map(NonZeroUsize::get)
}

/// The words of the command line.
pub(super) fn command() -> Vec<String> {
    let words = std::env::args_os();
    words
        .map(|word| word.to_string_lossy().into_owned())
        .collect()
}

/// Enters in the manifest how the runs of `scenario` are asked for and go.
pub(super) fn describe(manifest: &mut Manifest, scenario: &Scenario) {
    manifest.constants = Experiment::constants(scenario);
    manifest.method = Some(method(scenario));
}

fn method(scenario: &Scenario) -> Method {
    let procedures = Experiment::procedures(scenario);
    let of_all = |what: fn(&Procedure) -> &'static str| match &procedures[..] {
        [(_, only)] => what(only).to_owned(),
        several => {
            let several = several.iter();
            let texts = several.map(|(system, procedure)| format!("{system}: {}", what(procedure)));
            texts.collect::<Vec<_>>().join("; ")
        }
    };
    Method {
        random_generator: random::GENERATOR.into(),
        run_type: "terminating".into(),
        initial_state: of_all(|procedure| procedure.from),
        end: of_all(|procedure| procedure.until),
        transient: of_all(|procedure| procedure.transient),
        stopping_rule: stopping_rule(scenario),
    }
}

/// When a point has been run often enough, in words.
fn stopping_rule(scenario: &Scenario) -> String {
    match scenario.precision() {
        None => match scenario.replications() {
            1 => "1 replication at each point".into(),
            replications => format!("{replications} replications at each point"),
        },
        Some(precision) => format!(
            "{} to {} replications at each point, until the half width of the {} % interval of the \
            mean of {} (Student's t) is at most {} % of that mean; checked after each quarter \
            more",
            precision.min.0,
            precision.max.0,
            percent(precision.confidence.0),
            precision.metric,
            percent(precision.relative_half_width.0),
        ),
    }
}

/// A share in per cent, without what binary fractions leave behind.
fn percent(share: f64) -> String {
    brief(100.0 * share)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_processor_is_the_first_that_is_named() {
        let text = "processor\t: 0\nmodel name\t: Some CPU @ 2.00GHz\n\nprocessor\t: 1\nmodel name\t: Other\n";
        assert_eq!(processor(text).as_deref(), Some("Some CPU @ 2.00GHz"));
        assert_eq!(processor("Features\t: fp asimd\n"), None);
    }
}
