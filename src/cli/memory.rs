//! Whether what is asked for fits into this machine's memory: said before it is taken, since a
//! process that gets none ends without a message of its own.
//!
//! What is there decides only whether the work begins, never what comes out of it.

use super::cores;
use crate::error::{Error, Result};
use crate::store;
use crate::study::Prepared;
use crate::system::Memory;

/// Checks that `threads` concurrent runs of a sweep (`None`: one for each core) fit into the available memory.
///
/// # Errors
/// If they do not.
pub(super) fn check_memory(prepared: &Prepared, threads: Option<usize>) -> Result<()> {
    let at_once = threads.unwrap_or_else(cores::count) as u64;
    check(
        prepared.experiment.memory(),
        at_once.min(prepared.runs()) as usize,
    )
}

/// Checks that `at_once` runs, each of which takes `needed`, fit into the memory that is there, as far as both are
/// known.
///
/// # Errors
/// If they do not.
pub(super) fn check(needed: Option<Memory>, at_once: usize) -> Result<()> {
    match needed.zip(store::memory_there()) {
        Some((needed, there)) => fits(needed, at_once, there),
        None => Ok(()),
    }
}

fn fits(needed: Memory, at_once: usize, there: f64) -> Result<()> {
    let all = needed.bytes * at_once as f64;
    if all <= there {
        return Ok(());
    }
    let fitting = (there / needed.bytes) as usize;
    let short = |what: &str, bytes: f64| {
        Error::new(format!(
            "{what} would need about {} GB of memory, but only {} GB are available",
            gigabytes(bytes),
            gigabytes(there)
        ))
    };
    Err(if fitting == 0 {
        short("a run", needed.bytes)
            .at(format!("/system/*/{}", needed.member))
            .help("reduce it, or use a larger machine")
    } else {
        short(&format!("{at_once} runs at once"), all)
            .at("--threads")
            .help(format!("make fewer runs at once: --threads {fitting}"))
    })
}

/// Two digits, or all before the point.
fn gigabytes(bytes: f64) -> String {
    let gigabytes = bytes / 1e9;
    if gigabytes < 10.0 {
        format!("{gigabytes:.1}")
    } else {
        format!("{gigabytes:.0}")
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn what_does_not_fit_is_refused_with_what_would() {
        let needed = Memory {
            bytes: 3e9,
            member: "gcus_per_broker",
        };
        let refused = |at_once, there| fits(needed, at_once, there).unwrap_err().to_string();
        assert_eq!(fits(needed, 2, 6e9), Ok(()));
        expect![[r#"
            --threads: 4 runs at once would need about 12 GB of memory, but only 7.0 GB are available
              help: make fewer runs at once: --threads 2"#]].assert_eq(&refused(4, 7e9));
        expect![[r#"
            /system/*/gcus_per_broker: a run would need about 3.0 GB of memory, but only 2.0 GB are available
              help: reduce it, or use a larger machine"#]].assert_eq(&refused(4, 2e9));
    }
}
