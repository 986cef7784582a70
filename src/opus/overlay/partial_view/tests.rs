//! What a node knows of others.

use serde_json::json;

use super::*;
use crate::parameters::decode;

#[test]
fn a_silent_source_is_asked_in_a_tree_where_nobody_else_is_left() {
    let rules: Overlay = decode(&json!({"redundancy": 2}), "").unwrap();
    let mut view = PartialView::new(7, 3, Span::from_ns(5), &rules);
    let open = |view: &PartialView| [0, 1].map(|tree| view.peer(3).unwrap().is_open(tree));
    view.silence_source();
    assert_eq!(open(&view), [false, false]);
    view.pardon(1);
    assert_eq!(open(&view), [false, true]);
    // It is silent until it answers, whatever it is asked.
    assert!(view.hear_source());
    assert_eq!(open(&view), [true, true]);
    assert!(!view.hear_source());
}
