//! Texts that are terms, and texts that are none.

use expect_test::expect;

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

const NO_TERMS: [&str; 27] = [
    "B0[ g1 | g1 ]",
    "g1 | g1",
    "B0[ g1 ] | B1[ g1 ]",
    "B0[ B1[ B0[] ] ]",
    "B0 B1[ g1 ]",
    "B0 | B1[ g1 ]",
    "g1[ g2 ]",
    "B0[ g1",
    "B0[ g1 ] ]",
    "g1 g2",
    "g1 | ",
    "g1 || g2",
    "B0[] | B0 ~ B7",
    "B0[] | B0 ~ B0",
    "B0[] | B1[] | B0 ~ B1 | B1 ~ B0",
    "g1 | g1 => B1",
    "B1[ g1 ] | g1 => B1",
    "B1[ g1 ] | g2 | g3 | g2 => B1 via g3",
    "B1[ g1 ] | g2 | g2 => B1 via g2",
    "B1[] | g2 | g2 => B1 | g2 => B1",
    "B1[] | g2 | g2 => g2",
    "g1!",
    "g1@D1",
    "via",
    "_g",
    "1g",
    "g1 | é",
];

#[test]
fn what_is_no_term_is_refused_where_it_shows() {
    let refused = NO_TERMS.map(|text| {
        let error = Community::parse(text).expect_err(text).to_string();
        error.lines().next().unwrap().to_owned()
    });
    expect![[r#"
        character 10: the name `g1` stands twice
        character 6: the name `g1` stands twice
        character 16: `g1` has two leaders: `B0` and `B1`
        character 9: `B0` is inside itself
        character 4: the colony of `B0` has one leader, and here is another
        character 4: expected `[` after the broker `B0`, found `|`
        character 1: `g1` is a computer, and leads no colony
        character 7: expected `|`, or `]` to close the colony of `B0`, found the end
        character 10: expected `|` or the end, found `]`
        character 4: expected `|` or the end, found `g2`
        character 6: expected a computer like `g1` or a colony like `B1[ g2 ]`, found the end
        character 5: expected a computer like `g1` or a colony like `B1[ g2 ]`, found `|`
        character 13: there is no `B7` in the community; do you mean `B0`?
        character 13: a link joins two colonies, not `B0` with itself
        character 30: the link of `B1` and `B0` stands twice
        character 12: there is no `B1` in the community
        character 18: `g1` is a member of `B1`, and needs no tunnel to it
        character 35: the friend of a tunnel to `B1` is another member of its colony, and `g3` is none
        character 30: the friend of a tunnel to `B1` is another member of its colony, and `g2` is none
        character 30: `g2` has two tunnels to `B1`
        character 19: expected a broker like `B1`, found `g2`
        character 3: only brokers are marked as faulty
        character 4: expected the name of a domain, like `d1`, found `D1`
        character 1: `via` is no name
        character 1: expected a computer like `g1` or a colony like `B1[ g2 ]`, found `_g`
        character 1: expected a computer like `g1` or a colony like `B1[ g2 ]`, found `1g`
        character 6: expected a computer like `g1` or a colony like `B1[ g2 ]`, found `é`"#]].assert_eq(&refused.join("\n"));
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
