//! Constraints, with declared attributes: nothing panics, and the canonical text of what is read means the
//! same.
#![no_main]

use arigatoni::constraint::Attributes;
use libfuzzer_sys::fuzz_target;

const ATTRIBUTES: &str =
    r#"{"Type": ["CPU", "MEM", "DISK"], "Time": "s", "Lag": "ms", "Mem": "B", "Cores": null}"#;

fuzz_target!(|texts: (&str, &str)| {
    let attributes = Attributes::from_json(ATTRIBUTES).expect("these are attributes");
    let read = [texts.0, texts.1].map(|text| attributes.parse(text));
    for constraint in read.iter().flatten() {
        let text = attributes.text(constraint);
        let again = attributes.parse(&text).expect("a canonical text is one");
        assert_eq!(&again, constraint);
        assert_eq!(attributes.text(&again), text);
    }
    if let [Ok(one), Ok(other)] = &read {
        assert_eq!(one.matches(other), one.intersection(other).is_some());
        let hull = one.hull(other);
        assert!(hull.covers(one) && hull.covers(other));
        assert!(!one.covers(other) || hull == *one);
    }
});
