//! The figures of a study in a page, with the values of their points for the pointer and the keyboard.

use std::fmt::Write;

use serde_json::{Value, json};

use super::Subject;
use super::html::{data, escaped, paragraph};
use crate::figures::{PlottedPoint, Sheet};
use crate::words::{WRITES, brief};

/// Of more points a figure tells the values of every second, third, … only.
const POINTS_MAX: usize = 2000;

/// The section of all figures, whose ids begin with `prefix`.
pub(super) fn section(subject: &Subject<'_>, prefix: &str) -> String {
    if subject.figures.is_empty() {
        return paragraph("No figure could be drawn.");
    }
    let mut html = paragraph(
        "The pointer shows the values of the nearest point. With the keyboard: the arrow keys go from \
         point to point (left, right) and from curve to curve (up, down) of the figure that has the focus.",
    );
    html.push_str("<div class=\"figures\">\n");
    for (name, sheet) in subject.figures {
        html.push_str(&figure(sheet, &format!("{prefix}-{name}"), ""));
    }
    html.push_str("</div>\n");
    html
}

/// A figure whose parts are named by `id`, and whose title begins with `whose`.
pub(super) fn figure(sheet: &Sheet, id: &str, whose: &str) -> String {
    let title = format!("{whose}{}", sheet.title);
    let (id, title, caption) = (escaped(id), escaped(&title), escaped(&sheet.caption));
    let every = sheet.points.len().div_ceil(POINTS_MAX).max(1);
    let thinned = if every == 1 {
        String::new()
    } else {
        format!(" The values are those of one in {every} points.")
    };
    let mut html =
        format!("<figure aria-labelledby=\"{id}-title\">\n<h3 id=\"{id}-title\">{title}</h3>\n");
    write!(
        html,
        "<div class=\"plot\" role=\"group\" tabindex=\"0\" aria-label=\"{title}: arrow keys read the values\" \
         aria-describedby=\"{id}-caption\">\n{}<div class=\"tip\" role=\"status\"></div></div>\n\
         <figcaption id=\"{id}-caption\">{caption}{thinned}</figcaption>\n\
         <details class=\"values\"><summary>Values<span class=\"hidden\"> of {title}</span></summary></details>\n{}\
         </figure>\n",
        sheet.canvas.inline_svg(),
        data("points", &points(sheet, every)),
    )
    .expect(WRITES);
    html
}

/// The points for the page's program: where each is, its panel and curve, and its values as texts.
fn points(sheet: &Sheet, every: usize) -> Value {
    let tenth = |px: f32| f64::from((px * 10.0).round()) / 10.0;
    let interval = |[low, high]: [f64; 2]| format!("{} … {}", brief(low), brief(high));
    let across = |x: f64| sheet.categories.get(x as usize).cloned();
    let point = |point: &PlottedPoint| {
        let five = point.five.map(|five| five.map(brief).join(", "));
        json!([
            tenth(point.at.0),
            tenth(point.at.1),
            point.panel,
            point.curve,
            across(point.x).unwrap_or_else(|| brief(point.x)),
            brief(point.mean),
            point.band.map(interval),
            point.n,
            five,
        ])
    };
    let points: Vec<Value> = sheet.points.iter().step_by(every).map(point).collect();
    json!({
        "axes": sheet.axes, "panels": sheet.panels, "curves": sheet.curves, "points": points,
    })
}
