//! The legend of an underlay's picture: every kind of router and link on it, with its number.

use super::super::canvas::{Across, Canvas, Down, Point, TextStyle};
use super::{CLASSES, INK, LEFT, Looks, SOFT_INK, WIDTH};
use crate::topology::graph::LinkClass;
use crate::topology::{Domain, Graph, RouterId};

const LINE_HEIGHT: f32 = 20.0;
const TEXT_SIZE: f32 = 12.0;

/// One kind of thing on the picture.
enum Sample {
    Transit,
    Stub,
    Router,
    Link(LinkClass),
}

/// What the legend says.
pub(super) struct Legend {
    entries: Vec<(Sample, String)>,
    /// What is in the graph and not on the picture, or not where it is.
    note: Option<String>,
}

impl Legend {
    pub(super) fn of(graph: &Graph) -> Self {
        let mut entries = router_entries(graph);
        let is_loop = |link: &&crate::topology::Link| link.ends[0] == link.ends[1];
        for class in CLASSES.into_iter().rev() {
            let of_class = graph
                .links
                .iter()
                .filter(|link| graph.class_of(link) == class);
            let count = of_class.filter(|link| !is_loop(link)).count();
            if count > 0 {
                let text = format!("{} ({})", name_of(class), grouped(count));
                entries.push((Sample::Link(class), text));
            }
        }
        let loops = graph.links.iter().filter(is_loop).count() + graph.loops_unlisted as usize;
        let mut pairs: Vec<[RouterId; 2]> = graph
            .links
            .iter()
            .filter(|link| !is_loop(link))
            .map(|link| {
                [
                    link.ends[0].min(link.ends[1]),
                    link.ends[0].max(link.ends[1]),
                ]
            })
            .collect();
        let without_loops = pairs.len();
        pairs.sort_unstable();
        pairs.dedup();
        let left_out: Vec<String> = [
            (loops, "loop"),
            (without_loops - pairs.len(), "parallel link"),
        ]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| counted(count, what))
        .collect();
        let unplaced = graph
            .routers
            .iter()
            .filter(|router| router.position.is_none())
            .count();
        let is_map = entries
            .iter()
            .any(|(sample, _)| matches!(sample, Sample::Router));
        let mut notes = Vec::new();
        if !left_out.is_empty() {
            notes.push(format!("not shown: {}", left_out.join(", ")));
        }
        // Without any position the routers are on a circle, which is no map.
        if is_map && (1..graph.routers.len()).contains(&unplaced) {
            let routers = counted(unplaced, "router");
            notes.push(format!(
                "of unknown place: {routers}, drawn beside their neighbours"
            ));
        }
        let note = (!notes.is_empty()).then(|| notes.join("; "));
        Self { entries, note }
    }

    /// How high it is.
    pub(super) fn height(&self) -> f32 {
        let lines = self.entries.len().div_ceil(3) + usize::from(self.note.is_some());
        LINE_HEIGHT * lines as f32 + 20.0
    }

    /// The same as a sentence.
    pub(super) fn in_words(&self) -> String {
        let entries = self.entries.iter().map(|(_, text)| text.as_str());
        let all: Vec<&str> = entries.chain(self.note.as_deref()).collect();
        all.join("; ")
    }

    /// Draws it in three columns, `at` being its upper left corner.
    pub(super) fn draw(&self, canvas: &mut Canvas, looks: &Looks, at: Point) {
        let column = (WIDTH - 2.0 * LEFT) / 3.0;
        let lines = self.entries.len().div_ceil(3);
        let mut style = TextStyle::new(TEXT_SIZE).anchored(Across::Left, Down::Middle);
        style.colour = INK;
        for (index, (sample, text)) in self.entries.iter().enumerate() {
            let x = at.0 + column * (index / lines) as f32;
            let y = at.1 + LINE_HEIGHT * ((index % lines) as f32 + 0.5);
            match sample {
                Sample::Transit => looks.transit_mark(canvas, (x + 15.0, y)),
                Sample::Stub => looks.stub_sample(canvas, (x + 15.0, y)),
                Sample::Router => looks.stub_mark(canvas, (x + 15.0, y)),
                Sample::Link(class) => canvas.line((x, y), (x + 30.0, y), &looks.link(*class)),
            }
            canvas.text(text, (x + 38.0, y), &style);
        }
        if let Some(text) = &self.note {
            style.colour = SOFT_INK;
            canvas.text(
                text,
                (at.0, at.1 + LINE_HEIGHT * (lines as f32 + 0.5)),
                &style,
            );
        }
    }
}

fn router_entries(graph: &Graph) -> Vec<(Sample, String)> {
    let mut domains: Vec<Domain> = graph.routers.iter().map(|router| router.domain).collect();
    domains.sort_unstable();
    let is_transit = |domain: &&Domain| matches!(domain, Domain::Transit(_));
    let is_stub = |domain: &&Domain| matches!(domain, Domain::Stub { .. });
    let transit = domains.iter().filter(is_transit).count();
    let stub = domains.iter().filter(is_stub).count();
    let other = domains.len() - transit - stub;
    domains.dedup();
    let in_domains = |count: usize| counted(count, "domain");
    let mut entries = Vec::new();
    if transit > 0 {
        let of = in_domains(domains.iter().filter(is_transit).count());
        entries.push((
            Sample::Transit,
            format!("transit router ({} in {of})", grouped(transit)),
        ));
    }
    if stub > 0 {
        let of = in_domains(domains.iter().filter(is_stub).count());
        let text = format!("stub router ({} in {of})", grouped(stub));
        entries.push((Sample::Stub, text));
    }
    if other > 0 {
        entries.push((Sample::Router, format!("router ({})", grouped(other))));
    }
    entries
}

fn name_of(class: LinkClass) -> &'static str {
    match class {
        LinkClass::IntraTransit => "link inside a transit domain",
        LinkClass::InterTransit => "link between transit domains",
        LinkClass::TransitStub => "link from transit to stub domain",
        LinkClass::IntraStub => "link inside a stub domain",
        LinkClass::StubStub => "link between stub domains",
        LinkClass::NoDomain => "link",
    }
}

/// `1 router`, `1,000 routers`.
pub(super) fn counted(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {what}{plural}", grouped(count))
}

/// The number with commas between groups of three digits.
fn grouped(count: usize) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
