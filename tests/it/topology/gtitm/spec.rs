//! The spec file's syntax.

use arigatoni::topology::gtitm::Spec;
use proptest::prelude::*;

use super::{exact, refusal};
use crate::review::Page;

#[test]
fn a_spec_is_read_as_leniently_as_by_the_original() {
    let plain = Spec::parse(b"ts 1 47\n3 0 0\n1 20 3 1.0\n4 20 3 0.6\n8 10 3 0.42\n").unwrap();
    for lenient in [
        // No LF at the end, tabs and blanks, comments and blank lines between records.
        "# a comment\n\n  \t\nts\t1 47 \n #x\n 3 0 0\n1 20 3 1.0\n\n4 20 3 0.6\n8 10 3 0.42",
        // Tokens too many, text behind numbers, text behind the last record.
        "ts 1 47 graphs\n3 0 0 0\n1 20 3 1.0 0 0 7\n4 20x 3 0.6\n8 10 3 .42 # last\nwhatever\n",
        // Carriage returns stick to the last token.
        "ts 1 47\r\n3 0 0\r\n1 20 3 1.0\r\n4 20 3 0.6\r\n8 10 3 0.42\r\n",
        "ts +1 47.9\n3 0x zero\n1 20 3.5 1e0\n4 20 3 6e-1 b c\n08 10 3 42E-2e5\n",
    ] {
        let spec = Spec::parse(lenient.as_bytes()).unwrap();
        assert_eq!(
            (spec.method, spec.count, spec.seed),
            (plain.method, 1, 47),
            "{lenient}"
        );
    }
    for (head, count, seed) in [
        ("geo 2", 2, 417_890_326),
        ("geo 2 0", 2, 417_890_326),
        ("geo 2 x", 2, 417_890_326),
        ("geo 2 -5", 2, -5),
        ("geo 2 2147483648", 2, 2_147_483_648),
        ("geo 2 4294967295", 2, 4_294_967_295),
        ("geo -2 -4294967295", 0, -4_294_967_295),
        ("geo x 1", 0, 1),
    ] {
        let spec = Spec::parse(format!("{head}\n5 9 3 1").as_bytes()).unwrap();
        assert_eq!((spec.count, spec.seed), (count, seed), "{head}");
    }
}

#[test]
fn a_mark_at_the_beginning_is_passed_over_and_a_second_record_is_told() {
    let text = "geo 1 7\n5 9 3 1\n";
    let marked = Spec::parse(format!("\u{feff}{text}").as_bytes()).unwrap();
    assert_eq!(marked, Spec::parse(text.as_bytes()).unwrap());
    assert_eq!(marked.left_out, None);
    let twice = Spec::parse(format!("{text}# more\n{text}").as_bytes()).unwrap();
    assert_eq!(twice.left_out, Some(4));
}

#[test]
fn seeds_are_reduced_to_31_bits() {
    let id_and_links = |seed: &str| {
        let graph = exact(&format!("geo 1 {seed} / 9 9 3 .5"))
            .unwrap()
            .remove(0);
        (graph.routers, graph.links)
    };
    assert_eq!(id_and_links("47"), id_and_links("2147483695"));
    assert_eq!(id_and_links("-1"), id_and_links("2147483647"));
    assert_ne!(id_and_links("2147483648"), id_and_links("0"));
}

#[test]
fn bad_specs_are_refused_with_their_line() {
    let mut page = Page::new("Specs that cannot be read");
    for (lines, line) in [
        ("", None),
        ("# only a comment", None),
        ("ts", Some(1)),
        ("geo 1 4294967296 / 5 9 3 1", Some(1)),
        ("geo 1 -99999999999999999999 / 5 9 3 1", Some(1)),
        ("TS 1 / 1 0 0", Some(1)),
        ("hier 1 47 / 3 0 0", Some(1)),
        ("geo 1000001 / 5 9 3 1", Some(1)),
        ("geo 1 47", None),
        ("ts 1 / 3 0 0 / 1 20 3 1", None),
        ("ts 1 / 3 0", Some(2)),
        ("ts 1 / # / -3 0 0", Some(3)),
        ("geo 1 / 5 9 3", Some(2)),
        ("geo 1 / 0 9 3 1", Some(2)),
        ("geo 1 / n 9 3 1", Some(2)),
        ("geo 1 / 5 -9 3 1", Some(2)),
        ("geo 1 / 5 9 0 1", Some(2)),
        ("geo 1 / 5 9 7 1", Some(2)),
        ("geo 1 / 5 9 -9223372036854775808 1", Some(2)),
        ("geo 1 / 5 9 3 1.01", Some(2)),
        ("geo 1 / 5 9 3 -.5", Some(2)),
        ("geo 1 / 5 9 3 1 -1", Some(2)),
        ("geo 1 / 5 9 3 1 1 -1", Some(2)),
        ("geo 1 / 5 9 3 1 1 1e999", Some(2)),
        ("geo 1 / \u{0}5 9 3 1", Some(2)),
    ] {
        let error = refusal(lines);
        let (place, _, _) = error.clone().into_parts();
        // What is missing stands on no line.
        if let Some(line) = line {
            assert_eq!(place, Some(format!("{line}")), "{lines}: {error}");
        }
        page.entry(&format!("{lines:?}"), error);
    }
    let line = |length: usize| format!("geo 1 / {:0<length$}", "5 9 3 1 ");
    assert!(exact(&line(510)).is_ok());
    page.entry("a line of 511 characters", refusal(&line(511)));
    page.check("spec-lines");
}

proptest! {
    #[test]
    fn no_bytes_make_the_spec_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        let _ = Spec::parse(&bytes);
    }

    #[test]
    fn no_tokens_make_the_spec_reader_panic(
        text in "(geo|ts|hier) [0-9]{0,25}( [-+]?[0-9]{0,25})?(\n[-+0-9.eEx \t#]{0,40}){0,5}",
    ) {
        let _ = Spec::parse(text.as_bytes());
    }
}
