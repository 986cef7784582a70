//! Numbers and counts as a person reads them, for messages and for provenance in words.
//!
//! It does *not* know how tables write numbers, which lose nothing there.

/// Writing to a `String` cannot fail.
pub(crate) const WRITES: &str = "a string takes any text";

/// A number as a person reads it: four digits that matter.
pub(crate) fn brief(number: f64) -> String {
    if number == 0.0 {
        return "0".into();
    }
    let magnitude = libm::floor(libm::log10(number.abs()));
    if !(-5.0..9.0).contains(&magnitude) {
        return format!("{number:.3e}");
    }
    let decimals = (3.0 - magnitude).max(0.0) as usize;
    let text = format!("{number:.decimals$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// `1 run`, `2 runs`: a count of what `one` names.
pub(crate) fn counted(count: u64, one: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {one}{ending}")
}

/// `a, b and c`; with semicolons where the items have commas.
pub(crate) fn enumerated(items: &[&str]) -> String {
    let has_comma = items.iter().any(|item| item.contains(','));
    let comma = if has_comma { "; " } else { ", " };
    match items {
        [first @ .., last] if !first.is_empty() => {
            format!("{} and {last}", first.join(comma))
        }
        _ => items.concat(),
    }
}

/// The units of time that people read, with their seconds, from the longest on.
const TIMES: [(&str, f64); 7] = [
    ("d", 86400.0),
    ("h", 3600.0),
    ("min", 60.0),
    ("s", 1.0),
    ("ms", 1e-3),
    ("µs", 1e-6),
    ("ns", 1e-9),
];

/// A time as a person reads it: in the longest unit in which it is at least 1, or, if one decimal
/// cannot say it there, in a shorter one in which it is below 1,000 and one decimal can.
pub(crate) fn duration(seconds: f64) -> String {
    if seconds == 0.0 {
        return "0 s".into();
    }
    let (last, units) = (TIMES[TIMES.len() - 1], TIMES.iter().copied());
    // 0.05 s are not quite 50 times 0.001 s.
    let count = |unit: f64| libm::round(seconds / unit * 1e9) / 1e9;
    let mut fitting = units.filter(|(_, unit)| count(*unit) >= 1.0);
    let longest = fitting.clone().next().unwrap_or(last);
    let is_plain = |tenths: f64| (tenths - libm::round(tenths)).abs() < 1e-6;
    let plain = fitting.find(|(_, unit)| count(*unit) < 1000.0 && is_plain(count(*unit) * 10.0));
    let (name, unit) = plain.unwrap_or(longest);
    format!("{} {name}", brief(count(unit)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_in_the_unit_that_makes_them_short() {
        let cases = [
            (0.0, "0 s"),
            (0.05, "50 ms"),
            (0.00025, "250 µs"),
            (2e-9, "2 ns"),
            (90.0, "1.5 min"),
            (100.0, "100 s"),
            (600.0, "10 min"),
            (5400.0, "1.5 h"),
            (7344.0, "122.4 min"),
            (1234.567, "20.58 min"),
            (86_400.0, "1 d"),
            (1e9, "11574 d"),
        ];
        for (seconds, text) in cases {
            assert_eq!(duration(seconds), text);
        }
    }

    #[test]
    fn numbers_are_brief() {
        let cases = [
            (0.0, "0"),
            (0.75, "0.75"),
            (123.456, "123.5"),
            (123_456.7, "123457"),
            (-0.012_345_6, "-0.01235"),
            (1e-7, "1.000e-7"),
        ];
        for (number, text) in cases {
            assert_eq!(brief(number), text);
        }
    }

    #[test]
    fn items_are_enumerated_with_what_they_do_not_hold() {
        assert_eq!(enumerated(&["a", "b"]), "a and b");
        assert_eq!(enumerated(&["a", "b", "c"]), "a, b and c");
        assert_eq!(enumerated(&["a, 1", "b", "c"]), "a, 1; b and c");
        assert_eq!(enumerated(&["a"]), "a");
    }
}
