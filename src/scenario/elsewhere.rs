//! Where a member belongs that stands in the wrong place.
//!
//! It does *not* know any member by name: the schema has them all.

use std::collections::BTreeSet;

use serde_json::Value;

use super::explained::{names_at, shapes_at};
use super::{assignment, json, schema};
use crate::parameters::{KNOWN_HERE, Problem, unknown_member};

/// The maximum depth to which members are searched for.
const DEPTH_MAX: usize = 3;
/// The maximum number of equally near places that are listed; if there are more, none of them is meant.
const PLACES_MAX: usize = 3;

/// `problem` with the place of its member as help, if it is that an object of `document` has a member of this name
/// that others have.
pub(super) fn hint(problem: Problem, document: &Value) -> Problem {
    let segments = json::segments(&problem.pointer);
    let Some((name, around)) = segments.split_last() else {
        return problem;
    };
    let wrong = pointer_of(around);
    if unknown_member(&wrong, name, &[]).what != problem.what {
        return problem;
    }
    let place = place(name, &wrong, document);
    let is_near = |help: &String| !help.starts_with(KNOWN_HERE);
    if let Some(longer) =
        longer(name, &wrong).filter(|_| !problem.help.as_ref().is_some_and(is_near))
    {
        let place = place.map(|place| format!(" {place}")).unwrap_or_default();
        return problem.help(format!("did you mean `{longer}`?{place}"));
    }
    let Some(place) = place else {
        return problem;
    };
    // The members known at the wrong place help a user who meant another name.
    let help = match &problem.help {
        Some(known) if known.starts_with(KNOWN_HERE) => format!("{place}; {known}"),
        Some(near) => format!("{near} {place}"),
        None => place,
    };
    problem.help(help)
}

/// The member of the object at `pointer` whose name is `name` with a unit or another word behind it, such as `queue_packets`
/// for `queue`, if there is only one.
pub(super) fn longer(name: &str, pointer: &str) -> Option<String> {
    let schema = schema();
    let names: BTreeSet<&str> = names_at(&schema, pointer).into_iter().collect();
    let goes_on = |known: &&str| {
        let rest = known.strip_prefix(name);
        rest.is_some_and(|rest| !name.is_empty() && rest.starts_with('_'))
    };
    let mut longer = names.into_iter().filter(goes_on);
    let only = longer.next()?;
    longer.next().is_none().then(|| only.into())
}

/// In words where a member `name` belongs that stands in the `wrong` object of `document`, or is asked for there; `None` if
/// nobody knows, or too many do.
pub(super) fn place(name: &str, wrong: &str, document: &Value) -> Option<String> {
    let own = document.get("system").and_then(assignment::only_name);
    let places = places(name, wrong, own.map(String::as_str));
    if places.is_empty() || places.len() > PLACES_MAX {
        return None;
    }
    let places: Vec<String> = places.into_iter().map(in_words).collect();
    Some(format!(
        "`{name}` is a member of {}",
        places.join(" or of ")
    ))
}

/// The objects that have a member `name`, but for the one in the `wrong` place: those of the least depth, in the
/// system of the scenario (`own`) or beside all systems if there are some, or else in other systems.
fn places(name: &str, wrong: &str, own: Option<&str>) -> Vec<String> {
    let schema = schema();
    let mut others = Vec::new();
    let mut level = vec![String::new()];
    for _ in 0..=DEPTH_MAX {
        let mut found = Vec::new();
        let mut next = Vec::new();
        for place in &level {
            let names: BTreeSet<&str> = names_at(&schema, place).into_iter().collect();
            if names.contains(name) && place != wrong {
                let of_other = place.strip_prefix("/system/");
                let of_other = of_other.map(|inside| inside.split('/').next());
                if of_other.is_some_and(|system| system != own) {
                    others.push(place.clone());
                } else {
                    found.push(place.clone());
                }
            }
            let inside = names.into_iter().map(|inside| join(place, inside));
            next.extend(inside.filter(|inside| is_object(&schema, inside)));
        }
        if !found.is_empty() {
            return found;
        }
        level = next;
    }
    let least = others.iter().map(|place| depth(place)).min();
    others.retain(|place| Some(depth(place)) == least);
    others
}

fn is_object(schema: &Value, pointer: &str) -> bool {
    let mut shapes = shapes_at(schema, pointer).into_iter();
    shapes.any(|shape| shape.get("properties").is_some())
}

fn depth(pointer: &str) -> usize {
    pointer.matches('/').count()
}

fn join(place: &str, name: &str) -> String {
    format!("{place}/{}", json::escape(name))
}

fn pointer_of(segments: &[String]) -> String {
    let start = String::new();
    segments
        .iter()
        .fold(start, |place, name| join(&place, name))
}

fn in_words(place: String) -> String {
    if place.is_empty() {
        "the top level, beside `system`".into()
    } else {
        place
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use serde_json::json;

    use super::*;

    fn told(pointer: &str, name: &str, system: &str) -> String {
        let document = json!({"system": {system: {}}});
        let problem = unknown_member(pointer, name, &["quux"]);
        hint(problem, &document).error().to_string()
    }

    #[test]
    fn a_member_in_the_wrong_place_is_told_its_own() {
        let mut all: Vec<String> = [
            ("", "tunnels", "arigatoni"),
            ("/system/arigatoni", "theory", "arigatoni"),
            ("/system/arigatoni", "bandwidth_mbps", "arigatoni"),
            ("", "deadline_ms", "arigatoni"),
            ("", "qqq", "arigatoni"),
            ("/system/flooding", "firewall", "flooding"),
        ]
        .map(|(pointer, name, system)| told(pointer, name, system))
        .into();
        // A name that is spelled like one that is known here belongs elsewhere all the same.
        let document = json!({"system": {"arigatoni": {}}});
        let near = unknown_member("/network", "slots", &["slot"]);
        let longer = unknown_member("/network", "queue", &["bandwidth_mbps", "queue_packets"]);
        all.extend([near, longer].map(|problem| hint(problem, &document).error().to_string()));
        expect![[r#"
            /tunnels: there is no member "tunnels"
              help: `tunnels` is a member of /system/arigatoni; known here: quux
            /system/arigatoni/theory: there is no member "theory"
              help: `theory` is a member of the top level, beside `system`; known here: quux
            /system/arigatoni/bandwidth_mbps: there is no member "bandwidth_mbps"
              help: `bandwidth_mbps` is a member of /network; known here: quux
            /deadline_ms: there is no member "deadline_ms"
              help: `deadline_ms` is a member of /system/arigatoni/requests; known here: quux
            /qqq: there is no member "qqq"
              help: known here: quux
            /system/flooding/firewall: there is no member "firewall"
              help: `firewall` is a member of /system/arigatoni; known here: quux
            /network/slots: there is no member "slots"
              help: did you mean `slot`? `slots` is a member of /system/arigatoni
            /network/queue: there is no member "queue"
              help: did you mean `queue_packets`? `queue` is a member of /system/arigatoni/brokers"#]].assert_eq(&all.join("\n"));
    }
}
