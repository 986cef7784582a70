//! `arigatoni constraint`, as its users see it.

use std::path::Path;

use crate::command::{arigatoni, code, said, wrote};
use crate::review::Page;

const ATTRIBUTES: &str =
    r#"{"Type": ["CPU", "MEM", "DISK"], "Time": "s", "Mem": "B", "Cores": null}"#;

/// What the command prints about these texts.
fn printed(words: &[&str]) -> String {
    let output = arigatoni(Path::new("."), &[&["constraint"], words].concat());
    assert_eq!(code(&output), Some(0), "{words:?}: {}", said(&output));
    wrote(&output)
}

/// What the command says against them.
fn refused(words: &[&str]) -> String {
    let output = arigatoni(Path::new("."), &[&["constraint"], words].concat());
    assert_eq!(code(&output), Some(2), "{words:?}: {}", said(&output));
    assert_eq!(wrote(&output), "", "{words:?}");
    said(&output)
}

#[test]
fn constraints_are_printed_and_compared() {
    let compare = |first, second| printed(&["--attributes", ATTRIBUTES, first, second]);
    for (first, second, expected) in [
        (
            "[Type=CPU] & [Time<200]",
            "[Time>10s]&[Type=CPU]",
            "[Time<200s] & [Type=CPU]\n[Time>10s] & [Type=CPU]\nmatch yes\ncovers no\n",
        ),
        (
            "[Time<10]",
            "[Time>10]",
            "[Time<10s]\n[Time>10s]\nmatch no\ncovers no\n",
        ),
        (
            "[Time<=10]",
            "[Time>=10]",
            "[Time<=10s]\n[Time>=10s]\nmatch yes\ncovers no\n",
        ),
        (
            "[Mem>=1Gi]",
            "[Mem>=2GiB] & [Type!=MEM] & [Cores=8]",
            "[Mem>=1073741824B]\n[Cores=8] & [Mem>=2147483648B] & [Type!=MEM]\nmatch yes\ncovers yes\n",
        ),
    ] {
        assert_eq!(compare(first, second), expected);
    }
    let one = printed(&["--attributes", ATTRIBUTES, "[Type!=MEM]&[Type!=CPU]"]);
    assert_eq!(one, "[Type=DISK]\n");
}

#[test]
fn attributes_need_not_be_declared() {
    let text = printed(&["[Type=CPU] & [Time<200]", "[Type!=MEM] & [Time>10ms]"]);
    let expected = "[Time<200s] & [Type=CPU]\n[Time>0.01s] & [Type!=MEM]\nmatch yes\ncovers no\n";
    assert_eq!(text, expected);
}

#[test]
fn what_is_wrong_with_a_constraint_is_pointed_at() {
    let mut page = Page::new("Constraints that are refused");
    for text in [
        "",
        "Type=CPU",
        "[Type=CPU",
        "[Type=CPU][Time<200]",
        "[Type=CPU] &",
        "[Type=CPU] && [Time<200]",
        "[Type]",
        "[Type==CPU]",
        "[Time≤10]",
        "[=10]",
        "[Tyme<10]",
        "[Type=GPU]",
        "[Type<CPU]",
        "[Time!=10]",
        "[Time>ten]",
        "[Time>1.]",
        "[Time>1e3]",
        "[Time>1,5]",
        "[Time>10 s]",
        "[Time>10Ks]",
        "[Time>10kB]",
        "[Cores>8s]",
        "[Time>10] & [Type=CPU] & [Time<=10]",
        "[Type!=CPU] & [Type!=MEM] & [Type!=DISK]",
        "[Time>1]\t& [Time>2",
    ] {
        page.entry(
            &format!("{text:?}"),
            refused(&["--attributes", ATTRIBUTES, text]),
        );
    }
    let second = ["--attributes", ATTRIBUTES, "[Time>1]", "[Time>1x]"];
    page.entry("\"[Time>1]\" \"[Time>1x]\"", refused(&second));
    // Nobody would see the difference.
    let unseen = "[Ti\u{200b}me>1]";
    page.entry(
        &format!("{unseen:?} without attributes"),
        refused(&[unseen]),
    );
    let words: Vec<String> = (0..20).map(|word| format!("w{word}")).collect();
    let declared = serde_json::json!({ "A": words }).to_string();
    let none = words.iter().map(|word| format!("[A!={word}]"));
    let none = none.collect::<Vec<_>>().join(" & ");
    let texts = ["--attributes", &declared, &none];
    page.entry(&format!("{none:?} of these words"), refused(&texts));
    page.check("constraint-texts");
}

#[test]
fn attributes_are_read_strictly() {
    let mut page = Page::new("Attributes that are refused");
    for json in [
        "",
        "{\"Time\": \"s\",}",
        "[]",
        "{}",
        r#"{"Time": "s", "Time": "ms"}"#,
        r#"{"Time": "seconds"}"#,
        r#"{"Time": "min"}"#,
        r#"{"Time": 1}"#,
        r#"{"Type": []}"#,
        r#"{"Type": ["CPU"]}"#,
        r#"{"Type": ["CPU", "CPU"]}"#,
        r#"{"Type": ["CPU", 3]}"#,
        r#"{"Type": ["CPU", "a b"]}"#,
        r#"{"Type": ["CPU", ""]}"#,
        r#"{"Type]": null}"#,
        r#"{"a/b": "x"}"#,
    ] {
        page.entry(json, refused(&["--attributes", json, "[Time>1]"]));
    }
    page.check("constraint-attributes");
}
