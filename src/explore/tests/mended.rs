//! What the search has found in the protocol, and what has been mended since.

use super::*;

/// A unit that was told to leave, waits to try again, and is told to come back: its timer stayed set.
#[test]
fn who_comes_back_before_it_is_let_go_does_not_try_to_leave_any_more() {
    let bounds = bounds(Faults {
        leaves: 1,
        joins: 1,
        timers: 2,
        ..Faults::default()
    });
    let explored = explored(built("pair", &json!({})), Arigatoni::handle, &bounds);
    assert_eq!(explored.found, None);
    assert_eq!(explored.stopped, None);
}
