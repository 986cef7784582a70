//! The trace format of OverSim (its `GlobalTraceManager`): `time node COMMAND`, one a line.
//!
//! This module does *not* know what units make of it.

use super::nodes::{ByAppearance, Node};
use super::{SECONDS_MAX, Trace, for_each_line, said, seconds, shortened};
use crate::error::{Error, Result};
use crate::time::Span;

/// Commands that change who is up, and those that do not, each with its number of arguments.
const COMMANDS: [(&str, usize); 7] = [
    ("JOIN", 0),
    ("LEAVE", 0),
    ("PUT", 2),
    ("GET", 1),
    ("CONNECT_NODETYPES", 2),
    ("DISCONNECT_NODETYPES", 2),
    ("MERGE_BOOTSTRAPNODES", 3),
];

pub(super) fn read(bytes: &[u8]) -> Result<Trace> {
    let mut nodes = ByAppearance::new();
    let mut ignored = 0;
    let mut latest = Span::ZERO;
    for_each_line(bytes, |_, line| {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        let [time, id, command, arguments @ ..] = &words[..] else {
            let what = format!(
                "expected a time, a node and a command, found {}",
                shortened(line)
            );
            return Err(Error::new(what));
        };
        let at = seconds("time", time, SECONDS_MAX)?;
        let id = node(id)?;
        check_command(command, arguments.len())?;
        if at < latest {
            let what = format!("the time {} s comes after {} s", said(at), said(latest));
            return Err(Error::new(what).help("sort the lines by time"));
        }
        latest = at;
        let comes = match *command {
            "JOIN" => true,
            "LEAVE" => false,
            _ => {
                ignored += 1;
                return Ok(());
            }
        };
        let node = nodes.of(id, || Node::new(false));
        if node.is_up() == comes {
            let what = if comes {
                "joins, but has joined already"
            } else {
                "leaves, but has not joined"
            };
            return Err(Error::new(format!("node {id} {what}")));
        }
        node.change(at);
        Ok(())
    })?;
    Ok(Trace {
        nodes: nodes.into_list(),
        ignored,
    })
}

fn node(text: &str) -> Result<i64> {
    let id = text.parse();
    id.map_err(|_| Error::new(format!("{} is not the number of a node", shortened(text))))
}

/// Checks that there is such a command, and that it takes `arguments` arguments.
fn check_command(command: &str, arguments: usize) -> Result<()> {
    let known = COMMANDS.iter().find(|(name, _)| *name == command);
    let Some((_, wanted)) = known else {
        let names = COMMANDS.map(|(name, _)| name);
        let what = format!("there is no command {}", shortened(command));
        return Err(Error::new(what).help(format!("known here: {}", names.join(", "))));
    };
    if arguments == *wanted {
        return Ok(());
    }
    Err(Error::new(format!(
        "the command {command} has {wanted} arguments, found {arguments}"
    )))
}
