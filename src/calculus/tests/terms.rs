//! Texts that are terms, and texts that are none.

use super::community;
use crate::calculus::{Community, Label};

#[test]
fn congruent_terms_have_one_text() {
    for (text, canonical) in [
        ("", "0"),
        ("0", "0"),
        (" 0 | g1|0", "g1"),
        ("B0[]", "B0[]"),
        ("B0[0]", "B0[]"),
        (
            "B0[ g1 | g2 | B1[ g3 ] ] | g9",
            "g9 | B0[ g1 | g2 | B1[ g3 ] ]",
        ),
        ("g10 | g9 | a | B10[] | B9[]", "a | g9 | g10 | B9[] | B10[]"),
        ("B0@d0[ g1@d0 ]", "B0[ g1 ]"),
        (
            "B0@d2[ g1@d2 | g2@d0 | B1@d1[ g3@d2 ] ]",
            "B0@d2[ g1 | g2@d0 | B1@d1[ g3@d2 ] ]",
        ),
        (
            "B0[ B1 ~ B0 | g3 => B1 | B1[ g1 ] ] | g3",
            "g3 | B0[ B1[ g1 ] ] | B0 ~ B1 | g3 => B1",
        ),
        (
            "B1[g1] | g3@d1* | g3 => B1 via g1 | B2![]",
            "g3@d1* | B1[ g1 ] | B2![] | g3 => B1 via g1",
        ),
        ("B2*[g1*] # busy\n|g2", "g2 | B2*[ g1* ]"),
    ] {
        let read = community(text);
        assert_eq!(read.to_string(), canonical, "{text}");
        assert_eq!(community(canonical), read, "{text}");
        assert_eq!(community(canonical).hash(), read.hash(), "{text}");
    }
}

#[test]
fn the_hash_is_the_one_of_the_page() {
    // FNV-1a of the empty text would be its offset; of `0`, one step of it.
    assert_eq!(community("").hash(), 0xaf63_ad4c_8601_9caf);
    assert_ne!(community("g1").hash(), community("g2").hash());
}

#[test]
fn what_is_no_term_is_refused_where_it_shows() {
    for (text, character, word) in [
        ("B0[ g1 | g1 ]", 10, "twice"),
        ("g1 | g1", 6, "twice"),
        ("B0[ g1 ] | B1[ g1 ]", 16, "two leaders"),
        ("B0[ B1[ B0[] ] ]", 9, "inside itself"),
        ("B0 B1[ g1 ]", 4, "one leader"),
        ("B0 | B1[ g1 ]", 4, "expected `[`"),
        ("g1[ g2 ]", 1, "computer"),
        ("B0[ g1", 7, "to close"),
        ("B0[ g1 ] ]", 10, "expected"),
        ("g1 g2", 4, "expected"),
        ("g1 | ", 6, "expected"),
        ("g1 || g2", 5, "expected"),
        ("B0[] | B0 ~ B7", 13, "no `B7`"),
        ("B0[] | B0 ~ B0", 13, "itself"),
        ("B0[] | B1[] | B0 ~ B1 | B1 ~ B0", 30, "twice"),
        ("g1 | g1 => B1", 12, "no `B1`"),
        ("B1[ g1 ] | g1 => B1", 18, "needs no tunnel"),
        ("B1[ g1 ] | g2 | g3 | g2 => B1 via g3", 35, "friend"),
        ("B1[ g1 ] | g2 | g2 => B1 via g2", 30, "friend"),
        ("B1[] | g2 | g2 => B1 | g2 => B1", 30, "two tunnels"),
        ("B1[] | g2 | g2 => g2", 19, "a broker"),
        ("g1!", 3, "only brokers"),
        ("g1@D1", 4, "domain"),
        ("via", 1, "no name"),
        ("_g", 1, "expected"),
        ("1g", 1, "expected"),
        ("g1 | é", 6, "expected"),
    ] {
        let error = Community::parse(text).expect_err(text).to_string();
        assert!(
            error.starts_with(&format!("character {character}: ")),
            "{text}: {error}"
        );
        assert!(error.contains(word), "{text}: {error}");
    }
}

#[test]
fn colonies_may_be_nested_deeply() {
    let depth = 5_000;
    let brokers: Vec<String> = (0..depth).map(|number| format!("B{number}[")).collect();
    let text = format!("{}g1{}", brokers.concat(), "]".repeat(depth));
    let read = community(&text);
    assert_eq!(community(&read.to_string()), read);
    assert!(Community::parse(&"B0[".repeat(depth)).is_err());
}

/// Of a long term messages show what a label is about.
#[test]
fn around_a_label_are_its_individuals_and_those_above_them() {
    let whole = community(
        "g7 | B0[ g0 | B1@d1[ g1 | g2 ] | B2![ g3 ] ] | B4[ g4 ] | B0 ~ B4 | B1 ~ B4 | g7 => B1 via g1 | g4 => B1 via g2",
    );
    for (label, near) in [
        ("leave g1 B1", "g7 | B0[ B1@d1[ g1 ] ] | g7 => B1 via g1"),
        ("join g9 B2", "B0[ B2![] ]"),
        ("link B1 B4", "B0[ B1@d1[] ] | B4[] | B0 ~ B4 | B1 ~ B4"),
        ("leave g8 B9", "0"),
    ] {
        let label = Label::parse(label).unwrap();
        assert_eq!(whole.around(label.names()).to_string(), near, "{label}");
    }
}
