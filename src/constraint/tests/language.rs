//! Texts: what is canonical, and at which character something is wrong.

use proptest::prelude::*;

use crate::constraint::Attributes;

fn attributes() -> Attributes {
    let json = r#"{"Type": ["CPU", "MEM", "DISK"], "Link": ["up", "down"], "Time": "s", "Lag": "ms",
                   "Mem": "B", "Clock": "Hz", "Cores": null}"#;
    Attributes::from_json(json).unwrap()
}

#[test]
fn texts_are_canonical() {
    let attributes = attributes();
    for (text, canonical) in [
        ("[Type=CPU]&[Time>10s]", "[Time>10s] & [Type=CPU]"),
        ("  [ Time < 2ks ] ", "[Time<2000s]"),
        ("[Type!=MEM] & [Type!=CPU]", "[Type=DISK]"),
        ("[Type!=MEM] & [Type!=MEM]", "[Type!=MEM]"),
        ("[Type=CPU] & [Type!=MEM]", "[Type=CPU]"),
        ("[Link!=up]", "[Link=down]"),
        ("[Time<=3]&[Time>=3]", "[Time=3s]"),
        (
            "[Time<9] & [Time>1] & [Time<=5] & [Time>=1]",
            "[Time>1s] & [Time<=5s]",
        ),
        ("[Time=1.5h]", "[Time=5400s]"),
        ("[Time=0.1us]", "[Time=0.0000001s]"),
        ("[Time=2d]&[Time<1Ms]", "[Time=172800s]"),
        ("[Lag>1min] & [Lag<0.5ks]", "[Lag>60000ms] & [Lag<500000ms]"),
        ("[Lag<=5ns]", "[Lag<=0.000005ms]"),
        (
            "[Mem>=1.5GiB] & [Mem<1TB]",
            "[Mem>=1610612736B] & [Mem<1000000000000B]",
        ),
        ("[Mem=1Ti]", "[Mem=1099511627776B]"),
        ("[Clock>2.40GHz]", "[Clock>2400000000Hz]"),
        ("[Cores>-0.50]", "[Cores>-0.5]"),
        ("[Cores=-0]", "[Cores=0]"),
        ("[Cores<007k]", "[Cores<7000]"),
    ] {
        let constraint = attributes.parse(text).unwrap();
        assert_eq!(attributes.text(&constraint), canonical, "{text}");
        assert_eq!(attributes.parse(canonical).unwrap(), constraint);
    }
}

#[test]
fn long_numbers_are_exact() {
    let attributes = attributes();
    let nines = "9".repeat(10_000);
    let below = attributes.parse(&format!("[Cores<0.{nines}]")).unwrap();
    let above = attributes.parse(&format!("[Cores>0.{nines}9]")).unwrap();
    let from = attributes
        .parse(&format!("[Cores>0.{}8]", &nines[1..]))
        .unwrap();
    assert!(!below.matches(&above) && below.matches(&from) && from.covers(&above));
}

#[test]
fn a_fault_is_told_with_its_character() {
    let attributes = attributes();
    for (text, character) in [
        ("", 1),
        ("Type=CPU", 1),
        ("[Type=CPU", 10),
        ("[=CPU]", 2),
        ("[Type CPU]", 7),
        ("[Type=]", 7),
        ("[Type=C P]", 9),
        ("[Type==CPU]", 6),
        ("[Type=CPU] &", 13),
        ("[Type=CPU] && [Time>1]", 13),
        ("[Type=CPU][Time>1]", 11),
        ("[Type=CPU] x", 12),
        ("[Typ=CPU]", 2),
        ("[Type=cpu]", 7),
        ("[Type<CPU]", 6),
        ("[Time!=3]", 6),
        ("[Time≤3]", 6),
        ("[Time>]", 7),
        ("[Time>x]", 7),
        ("[Time>-x]", 8),
        ("[Time>1.]", 9),
        ("[Time>.5]", 7),
        ("[Time>+5]", 7),
        ("[Time>1e3]", 8),
        ("[Time>1Ks]", 8),
        ("[Time>10B]", 9),
        ("[Time>10kB]", 10),
        ("[Time>10 s]", 10),
        ("[Cores>10s]", 10),
        ("[Cores=äöü]", 8),
        ("[ü=1] & [Cores=x]", 2),
        ("[Time>10] & [Type=CPU] & [Time<10]", 26),
        ("[Type=CPU] & [Type=MEM]", 14),
        ("[Time>5] & [Time<3] & [Time=1]", 12),
        ("[Time>5] & [Type=CPU] & [Type=MEM] & [Time<3]", 25),
    ] {
        let error = attributes.parse(text).unwrap_err();
        let (place, what, _) = error.into_parts();
        assert_eq!(
            place,
            Some(format!("character {character}")),
            "{text}: {what}"
        );
    }
}

#[test]
fn a_contradiction_names_its_clauses_and_no_others() {
    let attributes = attributes();
    for (text, clauses) in [
        (
            "[Time>5] & [Time<20] & [Time=3]",
            &["[Time>5]", "[Time=3]"][..],
        ),
        ("[Time<20] & [Time>=20s]", &["[Time<20]", "[Time>=20s]"]),
        (
            "[Type!=CPU] & [Time>1] & [Type=MEM] & [Type!=MEM]",
            &["[Type=MEM]", "[Type!=MEM]"],
        ),
        (
            "[Type!=CPU] & [Type!=CPU] & [Type!=DISK] & [Type!=MEM]",
            &["[Type!=CPU]", "[Type!=DISK]", "[Type!=MEM]"],
        ),
        (
            "[Time>5] & [Time<3] & [Time<20] & [Time=1] & [Time<3s]",
            &["[Time>5]", "[Time<3]", "[Time=1]"],
        ),
        (
            "[Time>5] & [Type=CPU] & [Type=MEM] & [Time<3] & [Cores=1]",
            &["[Type=CPU]", "[Type=MEM]", "[Time>5]", "[Time<3]"],
        ),
    ] {
        let (_, what, _) = attributes.parse(text).unwrap_err().into_parts();
        let told = what.lines().next().unwrap();
        let named: Vec<&str> = told.split('`').skip(1).step_by(2).collect();
        assert_eq!(named, clauses, "{told}");
    }
}

#[test]
fn carets_stand_below_what_is_wrong() {
    let attributes = attributes();
    let text = format!(
        "[Type=CPU] & {}[Time>5s] & [Tima<3]",
        "[Cores>1] & ".repeat(20)
    );
    let (_, what, _) = attributes.parse(&text).unwrap_err().into_parts();
    let [_, shown, carets] = what.lines().collect::<Vec<_>>()[..] else {
        panic!("{what}");
    };
    assert!(shown.chars().count() < 80, "{shown}");
    let marked = shown
        .chars()
        .zip(carets.chars())
        .filter(|&(_, caret)| caret == '^');
    assert_eq!(marked.map(|(char, _)| char).collect::<String>(), "Tima");
}

#[test]
fn attributes_that_nobody_declares_are_inferred() {
    let texts = [
        "[Type=CPU] & [Time<200] & [Cores!=4]",
        "[Type!=MEM] & [Time>10ms]",
    ];
    let attributes = Attributes::inferred(&texts);
    let [offer, request] = texts.map(|text| attributes.parse(text).unwrap());
    assert_eq!(
        attributes.text(&offer),
        "[Cores!=4] & [Time<200s] & [Type=CPU]"
    );
    assert_eq!(attributes.text(&request), "[Time>0.01s] & [Type!=MEM]");
    assert!(offer.matches(&request));
    let only = Attributes::inferred(&["[Type!=CPU]"]);
    assert_eq!(
        only.text(&only.parse("[Type!=CPU]").unwrap()),
        "[Type!=CPU]"
    );
    let units = ["[Time<2s]", "[Time>3B]"];
    assert!(Attributes::inferred(&units).parse(units[1]).is_err());
}

#[test]
fn what_begins_like_a_number_is_one_where_nobody_declares_words() {
    for (text, place) in [
        ("[A=x] & [B=1e5]", 13),
        ("[A=.5]", 4),
        ("[A=5.]", 6),
        ("[A=+5]", 4),
        ("[A!=3D]", 6),
        ("[A=-0.5x]", 8),
    ] {
        let (at, ..) = Attributes::check_numbers(text).unwrap_err().into_parts();
        assert_eq!(at, Some(format!("character {place}")), "{text}");
    }
    for text in ["[A=-x]", "[A=x5]", "[A=5ms]", "[A=.x]", "[A!=-2.5Gi]"] {
        assert!(Attributes::check_numbers(text).is_ok(), "{text}");
    }
}

#[test]
fn what_is_wrong_with_declared_attributes_has_its_pointer_and_a_help_line() {
    for (json, pointer) in [
        (r#"{"T": ["x"]}"#, Some("/T")),
        (r#"{"T": ["a", "a"]}"#, Some("/T")),
        (r#"{"T": "foo"}"#, Some("/T")),
        (r#"{"T": ["a b", "c"]}"#, Some("/T/0")),
        (r#"{"T b": "s"}"#, Some("/T b")),
        (r#"{"": "s"}"#, Some("/")),
        ("{}", None),
        ("3", None),
    ] {
        let (place, what, help) = Attributes::from_json(json).unwrap_err().into_parts();
        assert_eq!(place.as_deref(), pointer, "{json}: {what}");
        assert!(help.is_some(), "{json}: {what}");
    }
}

#[test]
fn attributes_are_written_as_they_are_declared() {
    let json = r#"{"Cores":null,"Time":"ms","Type":["MEM","CPU"]}"#;
    let attributes = Attributes::from_json(json).unwrap();
    assert_eq!(serde_json::to_string(&attributes).unwrap(), json);
}

/// Texts of pieces of the language, and of a few characters that are none.
fn pieces() -> impl Strategy<Value = String> {
    let pieces = "[ ] & = != < <= > >= Type CPU MEM Link up Time Lag Mem Cores - 0 12 .5 1.50 k Ki ms s d GiB \
                  \t ü 漢 \u{301} \u{0} [Time>=2s] [Type!=CPU] [Cores<-3] &";
    let mut pieces: Vec<&str> = pieces.split(' ').collect();
    pieces.push(" ");
    let text = prop::collection::vec(prop::sample::select(pieces), 0..12);
    text.prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_text_is_read_or_its_fault_has_a_place(text in pieces()) {
        for attributes in [attributes(), Attributes::inferred(&[&text])] {
            match attributes.parse(&text) {
                Ok(constraint) => {
                    let canonical = attributes.text(&constraint);
                    prop_assert_eq!(attributes.parse(&canonical).unwrap(), constraint);
                }
                Err(error) => {
                    let place = error.into_parts().0.unwrap();
                    let character = place.strip_prefix("character ").unwrap();
                    let character: usize = character.parse().unwrap();
                    prop_assert!((1..=text.chars().count() + 1).contains(&character));
                }
            }
        }
    }
}
