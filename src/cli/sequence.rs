//! The sequence chart of a counter-example.
//!
//! It does *not* know how a chart is drawn.

use std::iter;

use crate::explore::CounterExample;
use crate::figures::sequence::{Arrow, Fate, Mark, Sequence};
use crate::system::{Event, Flight};

/// A message on its way: its channel, its name, and the row in which it was sent.
struct UnderWay {
    channel: (usize, usize),
    name: String,
    row: usize,
}

/// The chart of `found`.
pub(super) fn chart(found: &CounterExample) -> Sequence {
    let place = |name: &str| found.units.iter().position(|unit| unit == name);
    let mut chart = Sequence {
        title: found.broken.name.to_owned(),
        about: found.broken.sentence.to_owned(),
        lifelines: found.units.clone(),
        rows: found.lines.len(),
        left_alone: Some(found.length).filter(|length| *length < found.lines.len()),
        ..Sequence::default()
    };
    let mut under_way: Vec<UnderWay> = Vec::new();
    for (row, line) in found.lines.iter().enumerate() {
        let flight = match &line.step.event {
            Event::Deliver(flight) => Some((flight, Fate::Arrives)),
            Event::Lose(flight) => Some((flight, Fate::Lost)),
            Event::Duplicate(flight) => Some((flight, Fate::UnderWay)),
            _ => None,
        };
        let (unit, mark) = match flight {
            Some((flight, fate)) => {
                let at = sent(flight, &under_way, place);
                chart
                    .arrows
                    .extend(at.and_then(|at| moved(&mut under_way, at, fate, row)));
                let doubled = (fate == Fate::UnderWay).then(|| "doubled".to_owned());
                (place(&flight.to).unwrap_or_default(), doubled)
            }
            None => marked(&line.step.event, place),
        };
        if let Some(text) = mark {
            let others = told(&line.step.event).iter().skip(1);
            let others = others.filter_map(|unit| place(unit));
            let marks = iter::once(unit).chain(others).map(|unit| Mark {
                at: (unit, row),
                text: text.clone(),
            });
            chart.marks.extend(marks);
        }
        for (to, name) in &line.told.sent {
            // Those that are told something at once say something to each other only.
            let mut peers = told(&line.step.event).iter().filter(|unit| *unit != to);
            let from = peers.find_map(|unit| place(unit)).unwrap_or(unit);
            if let Some(to) = place(to) {
                let (channel, name) = ((from, to), name.clone());
                under_way.push(UnderWay { channel, name, row });
            }
        }
    }
    left_under_way(&mut chart, under_way);
    let order = shortest_order(&chart);
    let idle = chart.lifelines.iter().enumerate();
    let idle = idle.filter(|(unit, _)| !order.contains(unit));
    let idle: Vec<&str> = idle.map(|(_, name)| name.as_str()).collect();
    if !idle.is_empty() {
        let idle = idle.join(", ");
        chart.about = format!("{} (nothing happens to {idle})", chart.about);
    }
    reordered(chart, &order)
}

/// Draws those messages that are on their way in the end.
fn left_under_way(chart: &mut Sequence, under_way: Vec<UnderWay>) {
    let rows = chart.rows;
    chart.arrows.extend(under_way.into_iter().map(|left| Arrow {
        from: (left.channel.0, left.row),
        to: (left.channel.1, rows.saturating_sub(1).max(left.row)),
        name: left.name,
        fate: Fate::UnderWay,
    }));
}

/// Who is told something at once.
fn told(event: &Event) -> &[String] {
    match event {
        Event::Tell { units, .. } => units,
        _ => &[],
    }
}

/// The maximum number of units that are put in order: there are as many orders as permutations.
const ORDERED_MAX: usize = 7;

/// The order of the lifelines in which the arrows are shortest together, of several the first one. Units to which
/// nothing happens are left out.
fn shortest_order(chart: &Sequence) -> Vec<usize> {
    let units = chart.lifelines.len();
    let is_busy = |unit: &usize| {
        let mut arrows = chart.arrows.iter();
        arrows.any(|arrow| arrow.from.0 == *unit || arrow.to.0 == *unit)
            || chart.marks.iter().any(|mark| mark.at.0 == *unit)
    };
    let as_given: Vec<usize> = (0..units).filter(is_busy).collect();
    let count = as_given.len();
    if count > ORDERED_MAX {
        return as_given;
    }
    let mut weights = vec![vec![0_usize; units]; units];
    for arrow in &chart.arrows {
        weights[arrow.from.0][arrow.to.0] += 1;
    }
    let length = |order: &[usize]| -> usize {
        let pairs = (0..count).flat_map(|one| (0..count).map(move |other| (one, other)));
        pairs
            .map(|(one, other)| weights[order[one]][order[other]] * one.abs_diff(other))
            .sum()
    };
    let mut best = (length(&as_given), as_given.clone());
    let mut order = as_given;
    while next_order(&mut order) {
        let length = length(&order);
        if length < best.0 {
            best = (length, order.clone());
        }
    }
    best.1
}

/// The next permutation in ascending order, if there is one.
fn next_order(order: &mut [usize]) -> bool {
    let Some(place) = order.windows(2).rposition(|pair| pair[0] < pair[1]) else {
        return false;
    };
    let larger = order.iter().rposition(|other| *other > order[place]);
    order.swap(place, larger.unwrap_or(place));
    order[place + 1..].reverse();
    true
}

/// The chart with its lifelines in this order.
fn reordered(mut chart: Sequence, order: &[usize]) -> Sequence {
    let place = |unit: usize| order.iter().position(|other| *other == unit);
    let put = |at: &mut (usize, usize)| at.0 = place(at.0).unwrap_or(at.0);
    for arrow in &mut chart.arrows {
        put(&mut arrow.from);
        put(&mut arrow.to);
    }
    chart.marks.iter_mut().for_each(|mark| put(&mut mark.at));
    chart.lifelines = order
        .iter()
        .map(|unit| chart.lifelines[*unit].clone())
        .collect();
    chart
}

/// What becomes in a row of one of the messages on their way; one that is doubled is there twice.
fn moved(under_way: &mut Vec<UnderWay>, at: usize, fate: Fate, row: usize) -> Option<Arrow> {
    if fate == Fate::UnderWay {
        let (channel, name) = (under_way[at].channel, under_way[at].name.clone());
        under_way.push(UnderWay { channel, name, row });
        return None;
    }
    let UnderWay {
        channel,
        name,
        row: begun,
    } = under_way.remove(at);
    Some(Arrow {
        from: (channel.0, begun),
        to: (channel.1, row),
        name,
        fate,
    })
}

/// Which of the messages on their way that is.
fn sent(
    flight: &Flight,
    under_way: &[UnderWay],
    place: impl Fn(&str) -> Option<usize>,
) -> Option<usize> {
    let channel = (place(&flight.from)?, place(&flight.to)?);
    let all = under_way.iter().enumerate();
    let mut all = all.filter(|(_, message)| message.channel == channel);
    all.nth(flight.before as usize).map(|(at, _)| at)
}

/// What happens to a unit that is no message.
fn marked(event: &Event, place: impl Fn(&str) -> Option<usize>) -> (usize, Option<String>) {
    let (unit, text) = match event {
        Event::Give { unit, input, .. } => (unit, input.clone()),
        Event::Fire { unit, timer, .. } => (unit, format!("timer: {timer}")),
        Event::Crash { unit } => (unit, "crash".into()),
        Event::Restart { unit } => (unit, "restart".into()),
        Event::Leave { unit } => (unit, "leave".into()),
        Event::Join { unit } => (unit, "join".into()),
        Event::Tell { units, input, .. } => {
            let first = units.first().and_then(|unit| place(unit));
            return (first.unwrap_or_default(), Some(input.clone()));
        }
        Event::Deliver(flight) | Event::Lose(flight) | Event::Duplicate(flight) => {
            (&flight.to, flight.message.clone())
        }
    };
    (place(unit).unwrap_or_default(), Some(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explore::Line;
    use crate::simulation::stepping::Told;
    use crate::system::{Step, Violation};

    fn line(event: Event, sent: &[(&str, &str)]) -> Line {
        let sent = sent.iter().map(|(to, name)| ((*to).into(), (*name).into()));
        Line {
            step: Step {
                passes_ns: 0,
                event,
            },
            told: Told {
                sent: sent.collect(),
                in_vain: false,
            },
        }
    }

    /// A query that is doubled; one copy is lost, the other answered, and the answer is still under way.
    fn found() -> CounterExample {
        let flight = || Flight {
            from: "gcu/0".into(),
            to: "gbu/0".into(),
            message: "query".into(),
            before: 0,
        };
        let issue = Event::Give {
            unit: "gcu/0".into(),
            task: 0,
            input: "issue".into(),
        };
        let crash = Event::Crash {
            unit: "gcu/0".into(),
        };
        CounterExample {
            broken: Violation {
                name: "slots",
                sentence: "no computer holds a slot",
                cases: vec!["one does".into()],
            },
            units: ["gcu/0", "gbu/0"].map(str::to_owned).to_vec(),
            lines: vec![
                line(issue, &[("gbu/0", "query")]),
                line(Event::Duplicate(flight()), &[]),
                line(Event::Lose(flight()), &[]),
                line(Event::Deliver(flight()), &[("gcu/0", "answer")]),
                line(crash, &[]),
            ],
            length: 4,
            losses: false,
        }
    }

    #[test]
    fn each_message_is_an_arrow_and_everything_else_a_mark() {
        let chart = chart(&found());
        let arrow = |from, to, name: &str, fate| Arrow {
            from,
            to,
            name: name.into(),
            fate,
        };
        let arrows = [
            arrow((0, 0), (1, 2), "query", Fate::Lost),
            arrow((0, 1), (1, 3), "query", Fate::Arrives),
            arrow((1, 3), (0, 4), "answer", Fate::UnderWay),
        ];
        assert_eq!(chart.arrows, arrows);
        let marks = chart.marks.iter();
        let marks: Vec<_> = marks.map(|mark| (mark.at, mark.text.as_str())).collect();
        assert_eq!(
            marks,
            [((0, 0), "issue"), ((1, 1), "doubled"), ((0, 4), "crash")]
        );
        assert_eq!((chart.rows, chart.left_alone), (5, Some(4)));
    }

    /// A star in the middle of two others.
    #[test]
    fn units_that_say_much_to_each_other_stand_side_by_side() {
        let arrow = |from, to| Arrow {
            from: (from, 0),
            to: (to, 1),
            name: "x".into(),
            fate: Fate::Arrives,
        };
        let mut chart = Sequence {
            lifelines: ["a", "b", "middle", "idle"].map(str::to_owned).to_vec(),
            rows: 2,
            arrows: vec![arrow(0, 2), arrow(2, 1)],
            ..Sequence::default()
        };
        chart.marks.push(Mark {
            at: (2, 0),
            text: "crash".into(),
        });
        let order = shortest_order(&chart);
        let chart = reordered(chart, &order);
        assert_eq!(chart.lifelines, ["a", "middle", "b"]);
        assert_eq!((chart.arrows[0].from.0, chart.arrows[0].to.0), (0, 1));
        assert_eq!(chart.marks[0].at.0, 1);
        let mut order = [0, 1, 2];
        let orders = std::iter::from_fn(|| next_order(&mut order).then_some(order));
        assert_eq!(orders.last(), Some([2, 1, 0]));
    }
}
