//! What is the same at all points of a study, in words.
//!
//! It does *not* know which members are told.

use serde_json::{Map, Value};

use super::labels::{NONE, value_in_words};

/// How the description of a generated graph begins.
const GENERATED: &str = "transit_stub";
/// A value that takes more letters is not told: the scenario has it.
const LENGTH_MAX: usize = 60;

/// What holds at every point, `topology = t100-0, α = 0.75`, without what is absent and values that are too long
/// for a caption.
pub fn constants_in_words(constants: &Map<String, Value>) -> String {
    let told = constants.iter().filter_map(|(name, value)| {
        let text = match value {
            Value::Null => return None,
            Value::String(text) if name == "topology" => stem(text),
            value => value_in_words(value, NONE),
        };
        let is_short = name == "topology" || text.chars().count() <= LENGTH_MAX;
        is_short.then(|| format!("{name} = {text}"))
    });
    let told: Vec<String> = told.collect();
    let has_comma = |one: &String| one.contains(", ");
    told.join(if told.iter().any(has_comma) {
        "; "
    } else {
        ", "
    })
}

/// A topology in a word: a graph file without folders and endings; what is not a file, as it is.
fn stem(topology: &str) -> String {
    let is_generated = topology == GENERATED
        || topology
            .strip_prefix(GENERATED)
            .is_some_and(|rest| rest.starts_with([',', ' ']));
    if is_generated {
        return topology.to_owned();
    }
    // Behind a path stands what is done with the graph, as JSON.
    let (path, options) = topology.split_once(" {").unwrap_or((topology, ""));
    let file = path.rsplit('/').next().unwrap_or(path);
    let stem = file.split_once('.').map_or(file, |(stem, _)| stem);
    let options = options.trim_end_matches('}').replace(['"', '\\'], "");
    if options.is_empty() {
        return stem.to_owned();
    }
    format!("{stem} ({})", options.replace(':', " ").replace(',', ", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn constants_are_told_in_words_if_they_are_short() {
        let told = |value: Value| constants_in_words(value.as_object().unwrap());
        assert_eq!(
            told(json!({"topology": "a/t100-0.gb", "α": 0.75, "tunnels": null, "firewall": true})),
            "topology = t100-0, α = 0.75, firewall = true"
        );
        assert_eq!(
            told(json!({"k": 2, "quorum": [2, null]})),
            "k = 2; quorum = 2, none"
        );
        let law = json!({"time up": {"exponential": {"mean_s": 600}}});
        assert_eq!(told(law), "time up = exponential, mean 10 min");
        assert_eq!(told(json!({"long": "x".repeat(LENGTH_MAX + 1)})), "");
    }

    #[test]
    fn only_files_lose_folders_and_endings() {
        assert_eq!(stem("topologies/t100-0.gb"), "t100-0");
        assert_eq!(
            stem(r#"a/g.graphml {"component":"largest","simplify":true}"#),
            "g (component largest, simplify true)"
        );
        assert_eq!(
            stem("transit_stub, seed 47, alpha 0.5"),
            "transit_stub, seed 47, alpha 0.5"
        );
        assert_eq!(stem("transit_stub/g.gb"), "g");
    }
}
