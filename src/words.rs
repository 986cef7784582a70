//! Numbers and counts as a person reads them, for messages and for provenance in words.
//!
//! It does *not* know how tables write numbers, which lose nothing there.

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

/// `1 run`, `2 runs`: so many of what `one` names.
pub(crate) fn counted(count: u64, one: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {one}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
