//! What the symbols in a figure's words stand for.
//!
//! It does *not* know where the words stand.

use crate::measure::{AxisName, FigureSpec};

/// What each symbol that some of the `texts` have stands for, in the order in which the figure names its axes: `δ:
/// disconnection rate; k: instances of a request`.
pub(super) fn explained(spec: &FigureSpec, texts: &[&str]) -> Option<String> {
    let mut explained: Vec<String> = Vec::new();
    for name in spec.axis_names.iter() {
        let Some((symbol, meaning)) = symbol(name) else {
            continue;
        };
        let one = format!("{symbol}: {meaning}");
        let is_there = texts.iter().any(|text| names(text, &name.short));
        if is_there && !explained.contains(&one) {
            explained.push(one);
        }
    }
    (!explained.is_empty()).then(|| explained.join("; "))
}

/// The symbol that an axis is called by, if it is called by one, and what it stands for.
fn symbol(name: &AxisName) -> Option<(&str, String)> {
    let symbol = name.short.split(' ').next()?;
    if symbol.chars().count() != 1 {
        return None;
    }
    let words = name.long.split(' ').filter(|word| *word != symbol);
    let meaning = words.collect::<Vec<_>>().join(" ");
    let meaning = meaning.strip_suffix(" in %").unwrap_or(&meaning);
    if meaning.is_empty() {
        return None;
    }
    let is_share = name.percent && !meaning.ends_with("rate");
    Some((
        symbol,
        if is_share {
            format!("share of the {meaning}")
        } else {
            meaning.to_owned()
        },
    ))
}

/// Whether `text` gives `short` a value (`k = 3`), or ends with it.
fn names(text: &str, short: &str) -> bool {
    text.match_indices(short).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let behind = &text[at + short.len()..];
        let is_whole = before.is_none_or(|letter| !letter.is_alphanumeric());
        is_whole && (behind.is_empty() || behind.starts_with(" = "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::plot::tests::figure_of;
    use crate::measure::Content;

    #[test]
    fn symbols_that_are_shown_are_explained_and_no_others() {
        let of = AxisName::of;
        let spec = FigureSpec {
            axis_names: vec![
                AxisName::of_share("disconnection/rate", "δ", "disconnection rate δ in %"),
                AxisName::of_share("moving/rate", "μ", "moved nodes μ in %"),
                of("requests/instances", "k", "instances k of a request"),
                of("refresh_ms", "T in ms", "refresh T in ms"),
                of("search", "search", "search"),
            ]
            .into(),
            ..figure_of(Content::Series { series: Vec::new() })
        };
        let told = |texts: &[&str]| explained(&spec, texts).unwrap_or_default();
        assert_eq!(
            told(&["δ = 0.1, k = 3"]),
            "δ: disconnection rate; k: instances of a request"
        );
        assert_eq!(
            told(&["T in ms = 5", "μ = 0"]),
            "μ: share of the moved nodes; T: refresh in ms"
        );
        assert_eq!(told(&["Along a curve: δ"]), "δ: disconnection rate");
        // Words and ends of words are no symbols.
        assert_eq!(told(&["risk = 0.1, search = selective", "k nearest"]), "");
    }
}
