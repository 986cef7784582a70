//! What a scenario lets happen at stated times of a run: a domain is cut off, links are slow, units are down.
//!
//! It does *not* know how that is drawn.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::measure::Period;
use crate::scenario::Scenario;

/// What happens at stated times.
struct Happening {
    /// The list of its times in a scenario.
    pointer: &'static str,
    /// The member of an item that says when it begins.
    begin: &'static str,
    /// The member that says when it ends, and whether that counts from the beginning.
    end: (&'static str, bool),
    /// The member that says where.
    place: &'static str,
    /// The words for one place, around its name, and for several ones.
    words: [&'static str; 3],
}

const HAPPENINGS: [Happening; 3] = [
    Happening {
        pointer: "/network/partitions",
        begin: "at_s",
        end: ("for_s", true),
        place: "domain",
        words: ["domain ", " is cut off", "domains are cut off"],
    },
    Happening {
        pointer: "/network/slowdowns",
        begin: "at_s",
        end: ("for_s", true),
        place: "domain",
        words: ["links of domain ", " are slow", "links are slow"],
    },
    Happening {
        pointer: "/system/*/faults/at",
        begin: "crash_s",
        end: ("restart_s", false),
        place: "unit",
        words: ["", " is down", "units are down"],
    },
];

/// All periods that the scenario states, by kind and time. What happens at other times at one point of a sweep than at another is left out: one
/// picture shows several points.
pub(super) fn of(scenario: &Scenario) -> Vec<Period> {
    let of_kind = |kind: &Happening| {
        let values = scenario.values(kind.pointer).unwrap_or_default();
        let lists = || values.iter().filter_map(Value::as_array);
        let all_spans = lists().map(|list| kind.spans(list));
        let mut spans = all_spans.filter(|spans| !spans.is_empty());
        let first = spans.next().unwrap_or_default();
        if spans.any(|other| other != first) {
            return Vec::new();
        }
        let items: Vec<&Value> = lists().flatten().collect();
        let periods = first.into_iter().map(|span| kind.period(span, &items));
        periods.collect()
    };
    HAPPENINGS.iter().flat_map(of_kind).collect()
}

/// When something begins and ends, in nanoseconds: these can be compared.
type Times = [u64; 2];

/// The end of what does not end.
const NEVER: u64 = u64::MAX;

impl Happening {
    /// When an item of a list begins and ends.
    fn times(&self, item: &Value) -> Option<Times> {
        let ns = |name: &str| Some((item.get(name)?.as_f64()? * 1e9).round() as u64);
        let begin = ns(self.begin)?;
        let (end, counts_from_begin) = self.end;
        let end = match ns(end) {
            Some(end) if counts_from_begin => begin.saturating_add(end),
            Some(end) => end,
            None => NEVER,
        };
        Some([begin, end])
    }

    /// When the items of a list begin and end.
    fn spans(&self, list: &[Value]) -> BTreeSet<Times> {
        list.iter().filter_map(|item| self.times(item)).collect()
    }

    /// The period with these times, named by the `items` that have them.
    fn period(&self, times: Times, items: &[&Value]) -> Period {
        let own = items.iter().filter(|item| self.times(item) == Some(times));
        let places: BTreeSet<Option<&str>> =
            own.map(|item| item.get(self.place)?.as_str()).collect();
        let [before, behind, several] = self.words;
        let what = match places.into_iter().collect::<Vec<_>>()[..] {
            [Some(place)] => format!("{before}{place}{behind}"),
            _ => several.to_owned(),
        };
        let seconds = |ns| {
            if ns == NEVER {
                f64::INFINITY
            } else {
                ns as f64 / 1e9
            }
        };
        let [from_s, to_s] = times.map(seconds);
        Period { from_s, to_s, what }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(network: &Value, faults: &Value, sweep: &Value) -> Vec<String> {
        let scenario = json!({
            "version": 1, "name": "x", "replications": 1, "topology": {"file": "g.gb"},
            "network": network, "system": {"arigatoni": {"faults": faults}}, "sweep": sweep,
        });
        let scenario = Scenario::parse(&scenario.to_string(), "x.json", &[]).unwrap();
        let word = |period: Period| format!("{} {}-{}", period.what, period.from_s, period.to_s);
        of(&scenario).into_iter().map(word).collect()
    }

    #[test]
    fn what_happens_is_told_with_its_times() {
        let cut = |domain: &str| json!({"at_s": 60, "for_s": 30.5, "domain": domain});
        let network = json!({
            "partitions": [cut("T:0")],
            "slowdowns": [{"at_s": 1, "for_s": 2, "factor": 3}],
        });
        let crashes = [1, 2].map(|unit| json!({"unit": format!("gbu/{unit}"), "crash_s": 5}));
        let all = told(&network, &json!({"at": crashes}), &json!({}));
        let cut_off = "domain T:0 is cut off 60-90.5";
        assert_eq!(all, [cut_off, "links are slow 1-3", "units are down 5-inf"]);
        let swept = |axis: &str, values: &Value| {
            let partitions = json!({"partitions": [cut("T:0")]});
            told(&partitions, &Value::Null, &json!({"axes": {axis: values}}))
        };
        let lists = |values: &Value| swept("/network/partitions", values);
        assert_eq!(lists(&json!([[], [cut("T:0")]])), [cut_off]);
        let two = lists(&json!([[cut("T:0")], [cut("T:1")]]));
        assert_eq!(two, ["domains are cut off 60-90.5"]);
        let later = json!({"at_s": 61, "for_s": 30.5, "domain": "T:0"});
        assert!(lists(&json!([[cut("T:0")], [later]])).is_empty());
        let part =
            |part: &str, values: &Value| swept(&format!("/network/partitions/0/{part}"), values);
        assert!(part("at_s", &json!([1, 2])).is_empty());
        // Where it happens may differ, and what is not told.
        let domains = part("domain", &json!(["T:0", "S:0.0/0"]));
        assert_eq!(domains, ["domains are cut off 60-90.5"]);
        let slow = json!({"slowdowns": [{"at_s": 1, "for_s": 2, "factor": 3}]});
        let factors = json!({"axes": {"/network/slowdowns/0/factor": [2, 4]}});
        assert_eq!(told(&slow, &Value::Null, &factors), ["links are slow 1-3"]);
    }
}
