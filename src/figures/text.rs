//! The words around a picture: lines that fit, and the caption.

use super::canvas::{Canvas, TextStyle};
use super::labels::shortened;
use super::plot::{BAND_VALUES_MIN, Plot, Sample};
use super::{About, symbols};
use crate::measure::{FigureSpec, Period};

/// A text of more lines is cut off with an ellipsis.
const LINES_MAX: usize = 16;

/// `text` in lines of at most `width` logical pixels; a word that is longer stands alone.
pub(super) fn wrapped(text: &str, width: f32, style: &TextStyle) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in words(text) {
        if let Some(line) = lines.last_mut() {
            let longer = format!("{line} {word}");
            if Canvas::text_width(&longer, style) <= width {
                *line = longer;
                continue;
            }
            if lines.len() == LINES_MAX {
                lines[LINES_MAX - 1].push('…');
                break;
            }
        }
        lines.push(word);
    }
    lines
}

/// The words of a text; `μ = 0.1` is one.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        match words.last_mut() {
            Some(last) if word == "=" || last.ends_with(" =") => {
                last.push(' ');
                last.push_str(word);
            }
            _ => words.push(word.to_owned()),
        }
    }
    words
}

/// `text` in as few lines as fit into `width`, and those of about the same length.
pub(super) fn balanced(text: &str, width: f32, style: &TextStyle) -> Vec<String> {
    let count = wrapped(text, width, style).len();
    let narrower = (1..=10)
        .rev()
        .map(|tenth| width * (0.5 + 0.05 * tenth as f32));
    let lines = narrower.map(|width| wrapped(text, width, style));
    let balanced = lines.take_while(|lines| lines.len() == count).last();
    balanced.unwrap_or_default()
}

/// The caption of `plot`: how many replications there are, what the bands are, what is the same at all
/// points, and what cannot be seen.
pub(super) fn caption(spec: &FigureSpec, plot: &Plot, about: About<'_>) -> String {
    let samples = || {
        let curves = plot.panels.iter().flat_map(|panel| &panel.curves);
        curves.flatten()
    };
    let (banded, band) = (samples().any(|sample| sample.band.is_some()), band(plot));
    let mut sentences = vec![format!(
        "{}: {}.",
        shortened(about.name),
        means(plot, banded)
    )];
    if !about.constants.is_empty() {
        sentences.push(format!("At all points: {}.", about.constants));
    }
    sentences.extend(symbols(spec, plot, about));
    sentences.extend(periods(spec));
    sentences.extend(scales(plot).map(str::to_owned));
    let few =
        samples().any(|sample| sample.mean.is_some() && (1..BAND_VALUES_MIN).contains(&sample.n));
    if banded && few {
        let what =
            format!("No {band} where fewer than {BAND_VALUES_MIN} replications have a value.");
        sentences.push(what);
    }
    let uniform = |curve: &Vec<Sample>| {
        let alike = |s: &Sample| s.mean.is_some() && s.n >= BAND_VALUES_MIN && s.band.is_none();
        curve.iter().any(|sample| sample.band.is_some()) && curve.iter().any(alike)
    };
    if plot
        .panels
        .iter()
        .flat_map(|panel| &panel.curves)
        .any(uniform)
    {
        sentences.push(format!("No {band} where all values are equal."));
    }
    if samples().any(|sample| sample.mean.is_none()) {
        sentences.push("Gaps: no run has a value there.".into());
    }
    let [missing, runs] = plot.left_out;
    if missing > 0 {
        let have = if missing == 1 { "has" } else { "have" };
        sentences.push(format!(
            "Left out: {missing} of {runs} runs, which {have} no value."
        ));
    }
    let without = without_bands(plot);
    if !without.is_empty() {
        sentences.push(format!("Without {band}s: {}.", without.join(", ")));
    }
    sentences.extend(plot.notes.iter().map(|note| format!("{note}.")));
    sentences.join(" ")
}

/// What the grey bands are, if there are some.
fn periods(spec: &FigureSpec) -> Option<String> {
    let clause = |period: &Period| {
        let Period { from_s, to_s, what } = period;
        if to_s.is_finite() {
            format!("{what} from {from_s} to {to_s} s")
        } else {
            format!("{what} from {from_s} s on")
        }
    };
    let clauses: Vec<String> = spec.periods.iter().map(clause).collect();
    (!clauses.is_empty()).then(|| format!("Grey: {}.", clauses.join("; ")))
}

/// What the symbols in the caption, the legend and the titles of panels stand for.
fn symbols(spec: &FigureSpec, plot: &Plot, about: About<'_>) -> Option<String> {
    let titles = plot.panels.iter().filter_map(|panel| panel.title.as_ref());
    let words = titles.chain(&plot.curves.labels).chain(&plot.categories);
    let words = words.chain(&plot.notes).map(String::as_str);
    let words: Vec<&str> = words.chain([about.constants]).collect();
    symbols::explained(spec, &words).map(|all| format!("{all}."))
}

/// What the numbers are over, and what their bands are.
fn means(plot: &Plot, banded: bool) -> String {
    let [least, most] = plot.replications;
    let count = match (least, most) {
        (1, 1) => "1 replication".to_owned(),
        _ if least == most => format!("{most} replications"),
        _ => format!("{least} to {most} replications"),
    };
    let what = match &plot.boxes_over {
        Some(_) if most > 1 => "each number averaged over ",
        None if most > 1 => "means over ",
        _ => "",
    };
    let band = band(plot);
    let also = if drawn_as(plot) == [true, true] {
        " (bars where a point stands alone)"
    } else {
        ""
    };
    let bands = match banded {
        true => format!("; {band}s{also}: 95 % confidence intervals of the mean (Student’s t)"),
        false if (most as u64) < BAND_VALUES_MIN => format!(", hence no confidence {band}s"),
        false => String::new(),
    };
    format!("{what}{count}{bands}")
}

/// What the interval of a mean is drawn as, nearly everywhere.
fn band(plot: &Plot) -> &'static str {
    if drawn_as(plot) == [false, true] {
        "bar"
    } else {
        "band"
    }
}

/// Whether some intervals are drawn as parts of bands, and some as bars: a point that is joined to no other has a bar.
fn drawn_as(plot: &Plot) -> [bool; 2] {
    if plot.places || plot.named {
        return [false, true];
    }
    let curves = plot.panels.iter().flat_map(|panel| &panel.curves);
    let stretches = curves.flat_map(|curve| curve.split(|sample| sample.band.is_none()));
    stretches.fold([false, false], |[bands, bars], stretch| {
        [bands || stretch.len() > 1, bars || stretch.len() == 1]
    })
}

/// Which axes are logarithmic, if one is.
fn scales(plot: &Plot) -> Option<&'static str> {
    match plot.logarithmic {
        [true, true] => Some("Both axes are logarithmic."),
        [true, false] => Some("The x axis is logarithmic."),
        [false, true] => Some("The y axis is logarithmic."),
        [false, false] => None,
    }
}

/// The labels of the curves that have no band though others have one; of those that are compared with
/// them nobody expects any.
fn without_bands(plot: &Plot) -> Vec<&str> {
    let banded: Vec<bool> = (0..plot.curves.labels.len())
        .map(|i| {
            let curves = plot.panels.iter().filter_map(|panel| panel.curves.get(i));
            curves.flatten().any(|sample| sample.band.is_some())
        })
        .collect();
    if !banded.contains(&true) {
        return Vec::new();
    }
    let own = plot.curves.labels.len().saturating_sub(plot.references);
    let labels = plot.curves.labels.iter().zip(banded).take(own);
    labels
        .filter_map(|(label, banded)| (!banded).then_some(label.as_str()))
        .collect()
}

/// The figure in words: the caption, then the axes, the panels and the curves.
pub(super) fn description(plot: &Plot, caption: &str, y_label: &str) -> String {
    let x_label = &plot.x_label;
    let mut sentences = vec![format!("{caption} Across: {x_label}. Upwards: {y_label}.")];
    let titles = plot
        .panels
        .iter()
        .filter_map(|panel| panel.title.as_deref());
    let panels: Vec<&str> = titles.collect();
    if !panels.is_empty() {
        sentences.push(format!("Panels: {}.", panels.join("; ")));
    }
    let names = plot
        .panels
        .first()
        .into_iter()
        .flat_map(|panel| &panel.names);
    let names: Vec<&str> = names.map(|name| &*name.text).collect();
    if !names.is_empty() {
        sentences.push(format!("Marks: {}.", names.join("; ")));
    }
    if !plot.categories.is_empty() {
        sentences.push(format!("Places: {}.", plot.categories.join("; ")));
    }
    if let Some(over) = &plot.boxes_over {
        sentences.push(format!(
            "Boxes: quartiles, median and extremes over {over}."
        ));
    }
    if !plot.curves.labels.is_empty() {
        sentences.push(format!("Curves: {}.", plot.curves.labels.join("; ")));
    }
    if let Some(thin) = &plot.thin {
        sentences.push(format!("Thin lines: {thin}."));
    }
    sentences.join(" ")
}

#[cfg(test)]
mod tests {
    use super::super::plot::tests::plot_of;
    use super::*;

    #[test]
    fn a_caption_names_bars_beside_bands() {
        let band = |at: f64| (at, Some([at - 0.1, at + 0.1]), 5);
        let none = (0.5, None, 1);
        let said = |samples: &[(f64, Option<[f64; 2]>, u64)]| means(&plot_of(samples), true);
        let all = said(&[band(0.0), band(0.1)]);
        assert!(all.contains("; bands: 95 %"), "{all}");
        let some = said(&[band(0.0), band(0.1), none, band(0.2)]);
        let both = "; bands (bars where a point stands alone): 95 %";
        assert!(some.contains(both), "{some}");
        let each = said(&[band(0.0), none, band(0.2)]);
        assert!(each.contains("; bars: 95 %"), "{each}");
    }
}
