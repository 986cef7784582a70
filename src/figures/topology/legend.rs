//! The legend of an underlay's picture: every kind of router and link on it, with its number.

use super::super::canvas::{Across, Canvas, Down, Point, TextStyle};
use super::super::palette::{INK, SOFT_INK};
use super::{CLASSES, LEFT, Looks, WIDTH};
use crate::topology::LinkClass;
use crate::topology::{Domain, Graph, Reading, RouterId};

const LINE_HEIGHT: f32 = 20.0;
const TEXT_SIZE: f32 = 12.0;
/// The maximum number of parallel links that are named, if their names are not too long.
const NAMED_MAX: usize = 4;
const NOTE_MAX: usize = 90;

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
    pub(super) fn of(reading: &Reading) -> Self {
        let graph = &reading.graph;
        let mut entries = router_entries(graph);
        let (drawn, parallel) = pairs(graph);
        for class in CLASSES.into_iter().rev() {
            let of_class = drawn.iter().filter(|(_, of)| *of == class);
            let count = of_class.count();
            if count > 0 {
                let text = format!("{} ({})", name_of(class), grouped(count));
                entries.push((Sample::Link(class), text));
            }
        }
        let is_map = entries
            .iter()
            .any(|(sample, _)| matches!(sample, Sample::Router));
        let mut notes = Vec::new();
        notes.extend(left_out(graph, &parallel));
        notes.extend(unplaced(reading).filter(|_| is_map));
        let note = (!notes.is_empty()).then(|| notes.join("; "));
        Self { entries, note }
    }

    /// How high it is.
    pub(super) fn height(&self) -> f32 {
        let lines = self.entries.len().div_ceil(3) + usize::from(self.note.is_some());
        LINE_HEIGHT * lines as f32 + 20.0
    }

    /// The legend as a sentence.
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

type Pair = [RouterId; 2];

/// The pairs of routers that a line joins, with its class, and for each further link between them the
/// pair again.
fn pairs(graph: &Graph) -> (Vec<(Pair, LinkClass)>, Vec<Pair>) {
    let mut pairs: Vec<(Pair, LinkClass)> = Vec::new();
    for link in graph
        .links
        .iter()
        .filter(|link| link.ends[0] != link.ends[1])
    {
        let [a, b] = link.ends;
        pairs.push(([a.min(b), a.max(b)], graph.class_of(link)));
    }
    pairs.sort_unstable_by_key(|(pair, _)| *pair);
    let doubled = pairs.windows(2).filter(|two| two[0].0 == two[1].0);
    let parallel = doubled.map(|two| two[0].0).collect();
    pairs.dedup_by_key(|(pair, _)| *pair);
    (pairs, parallel)
}

/// Which links are not shown.
fn left_out(graph: &Graph, parallel: &[Pair]) -> Option<String> {
    let is_loop = |link: &&crate::topology::Link| link.ends[0] == link.ends[1];
    let loops = graph.links.iter().filter(is_loop).count() + graph.loops_unlisted as usize;
    let mut all: Vec<String> = Vec::new();
    if loops > 0 {
        all.push(counted(loops, "loop"));
    }
    if !parallel.is_empty() {
        let label = |end: RouterId| graph.routers[end.index()].label.as_str();
        let between = |[a, b]: &Pair| format!("{} to {}", label(*a), label(*b));
        let mut named: Vec<String> = parallel.iter().take(NAMED_MAX).map(between).collect();
        if parallel.len() > NAMED_MAX {
            named.push("…".into());
        }
        let count = counted(parallel.len(), "parallel link");
        let text = format!("{count} ({})", named.join(", "));
        let fits = text.chars().count() <= NOTE_MAX;
        all.push(if fits { text } else { count });
    }
    (!all.is_empty()).then(|| format!("not shown: {}", all.join(", ")))
}

/// How many routers have no place of their own, though others have.
fn unplaced(reading: &Reading) -> Option<String> {
    let graph = &reading.graph;
    let unplaced = if reading.on_plane().is_empty() {
        let routers = graph.routers.iter();
        routers.filter(|router| router.position.is_none()).count()
    } else {
        reading
            .on_plane()
            .iter()
            .filter(|place| place.is_none())
            .count()
    };
    // Without any position the routers are on a circle, which is no map.
    (1..graph.routers.len()).contains(&unplaced).then(|| {
        let routers = counted(unplaced, "router");
        let whose = if unplaced == 1 { "its" } else { "their" };
        format!("of unknown place: {routers}, drawn beside {whose} neighbours")
    })
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
