//! How a member of an overlay with a degree limit comes to meet its delay goal, or finds out that it cannot, and why
//! members under a degree limit come to rest.
//!
//! A member is *on time* if it meets its goal and so do all above it in the tree. A place with a parent is *held*
//! against members farther from the source by a child that is on time there, and by one that had to take it since it
//! found no other ([`Priority::must`]). All other children have to make room for whoever would be on time in their
//! place.
//!
//! **Rules** for a request to a member that has as many children as it may:
//! 1. It pushes a child out only if it would be on time there, or has no parent.
//! 2. The child that is pushed out is the last by (its place is not held, rank), and only if it comes after the request
//!    by the same order. A request is for a held place if the member would be on time there, or says that it must.
//! 3. A request says that it must only if the member has no parent and all have refused it; after that until it loses
//!    its parent or is on time.
//! 4. A member with a parent makes a request only for a better place. With one tree, to be on time is better than not
//!    to be. Of two places where it is on time that with the shorter link is better. Of two others that below a member
//!    that is late is better, since others may be on time in the other one; then that with less delay.
//!
//! **Claim.** With one tree: while latencies and members stay as they are, all come to rest.
//!
//! **What they believe of each other.** A child knows where its parent stands a trip after the last change, since each
//! change is announced. A parent knows of a child what that one said in its last request ([`Priority`]), which may be
//! old:
//! - A child that had to take its place forgets so once it is on time, and its parent does not. If it comes to be late
//!   again, the parent still keeps the place for it.
//! - The latency of the child's link or the child's goal may have changed since, or its request told the latency before
//!   a change. Then the parent may take a child for late that is on time, or for on time that is late.
//!
//! Both last until the child makes its parent another request or leaves it. A place that is kept for a late child is
//! refused to members farther from the source that would be on time there. A child that is on time and taken for late
//! may lose its place to a farther member; it then asks again, and says what is so by now. An answer to a request
//! measures the link, so while latencies stay as they are, only finitely many requests tell a wrong one, and only
//! finitely many places are lost in this way.
//!
//! **Proof.** Begin after the last of them. Write for each member, the nearest to the source first: `(0, the merit of
//! its place)` if it is on time, `(1)` if it has told its parent that it must take this place and has not been on time
//! since, `(2)` otherwise. Compare such lists from the left. Each of these makes the list less, because it makes the
//! entry of a member less and raises those of members farther from the source only:
//! - A member comes to be on time, or to a better place where it is. Who is pushed out holds its place and is farther
//!   from the source, or has `(2)` already.
//! - A member takes a place that it must take. The same.
//!
//! All below either of them are farther from the source. Descendants of a member that is not on time are not either, so
//! changes of its place change no entry `(0)` of theirs. And a member leaves an entry `(0)` or `(1)` only because of a
//! member nearer to the source, or for a lesser one. Since ranks are well ordered and merits finitely many, there are
//! finitely many such changes.
//!
//! Between two of them only members with `(1)` and `(2)` move: to a better place by rule 4 where there is room, or, having
//! no parent, to where there is room or a farther one with `(2)` has to go. Let all nearer to the source than one of them
//! be at rest, so that none of them comes to be late or on time, or to another delay. Nobody pushes it out any more, and
//! each of its moves is to a better place, but for those to a member of which it
//! believed what was no longer so: it learns that with the answer, once for each. So it comes to rest as well. If it
//! has no parent it finds one: `i` members nearer to the source have at least `2 i` places of which they take `i − 1`,
//! and the others are free or go to it if it must.
//!
//! **Further trees.** There a parent that is not yet the member's parent in a tree before comes first, also before the
//! goal: a member may give up a place where it is on time for a free one where it is late, so its entry rises by its
//! own choice, and the proof does not hold. So late members do not prefer late parents there: where they did,
//! some never came to rest. `tests/it/opus/goals.rs` lets overlays with one, two and three trees come
//! to rest.
//!
//! How many changes there are the proof does not say. The same tests bound the messages and the time.
//!
//! This module does *not* know how a parent is chosen, nor whose latencies change.

use super::branch::Link;
use super::member::{OverlayMember, Port};
use super::message::{Observation, Priority};
use super::partial_view::PartialView;
use crate::time::Span;

/// How many times a member that is not on time searches for a parent with which it would be. It may search this
/// many times again when it checks its parents and children, and when it has moved.
const SEARCHES: u8 = 4;

/// The search of a member that is not on time for a parent with which it would be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct GoalSearch {
    /// Whether it goes on: somebody may not have been asked yet.
    open: bool,
    /// How many searches there have been, this one included.
    count: u8,
    /// Whether the last of them failed.
    over: bool,
}

impl GoalSearch {
    const FIRST: Self = Self {
        open: true,
        count: 1,
        over: false,
    };
}

/// What a member knows of its goal in one tree.
#[derive(Debug, Default)]
pub(super) struct GoalState {
    /// Whether its parent is not on time.
    pub(super) above_late: bool,
    /// Its search, while it is not on time.
    search: Option<GoalSearch>,
    /// Whether it must be taken, see [`Priority::must`].
    must: bool,
    /// Whether it has reported that it cannot meet its goal.
    reported: bool,
}

impl GoalState {
    /// Whether it looks for a parent with whom it would be on time, or rests before it does so again: answers may still come.
    pub(super) fn is_searching(&self) -> bool {
        self.search.is_some_and(|search| !search.over)
    }

    /// It has no parent any more.
    pub(super) fn fall(&mut self) {
        (self.above_late, self.must) = (false, false);
    }
}

impl OverlayMember {
    /// Its delay goal.
    fn goal(&self) -> Option<Span> {
        let known = self.known.as_ref()?;
        Some(self.rules.goal(known.shortest()))
    }

    /// What a parent request to the node at the end of `link` says of how badly it is needed; `late`: it would not be on time
    /// there. `None`: there is room for all.
    pub(super) fn priority(&self, tree: u8, link: Link, late: bool) -> Option<Priority> {
        self.rules.degree_limit?;
        let goal = self.goal()?;
        let state = &self.branches[usize::from(tree)].goal;
        Some(Priority {
            // Below any delay if the link alone takes too long.
            delay_max: (goal >= link.latency).then(|| goal.saturating_sub(link.latency)),
            must: state.must && late,
        })
    }

    /// Nobody takes it as it is: it must be taken.
    pub(super) fn must(&mut self, tree: u8) {
        let limited = self.rules.degree_limit.is_some();
        self.branch(tree).goal.must |= limited;
    }

    /// Finds out whether it is on time in `tree`. Returns whether that has changed, so that children have to know.
    pub(super) fn mark_late(&mut self, tree: u8) -> bool {
        if self.rules.degree_limit.is_none() {
            return false;
        }
        let Some(goal) = self.goal() else {
            return false;
        };
        let branch = self.branch(tree);
        let above_late = branch.goal.above_late;
        let Some(state) = branch
            .path_state
            .as_mut()
            .filter(|_| branch.parent.is_some())
        else {
            return false;
        };
        let late = above_late || state.delay > goal;
        std::mem::replace(&mut state.late, late) != late
    }

    /// A member that refused a node while it was on time may accept it now that it is not.
    pub(super) fn notice_lateness(&mut self, tree: u8, port: &mut impl Port) {
        if self.rules.degree_limit.is_none() {
            return;
        }
        if self.mark_late(tree) {
            self.doubt();
            self.announce(tree, port);
        }
        let branch = &mut self.branches[usize::from(tree)];
        let state = branch.parent.and(branch.path_state.as_ref());
        let late = state.is_some_and(|state| state.late);
        let begins = late && branch.goal.search.is_none();
        if begins {
            branch.goal.search = Some(GoalSearch::FIRST);
            self.known.iter_mut().for_each(|known| known.pardon(tree));
            self.doubt();
            self.wake(port);
        } else if !late {
            branch.goal.search = None;
            branch.goal.must &= state.is_none();
        }
        self.report_goal(tree, port);
    }

    /// The member or others may have moved: failed searches no longer count.
    pub(super) fn search_again(&mut self) {
        for branch in &mut self.branches {
            if let Some(search) = &mut branch.goal.search {
                *search = GoalSearch::FIRST;
            }
        }
    }

    /// Ends the search for a parent with whom it would be on time if everybody has been asked, or begins the next one if it
    /// has `rested` since.
    ///
    /// The search goes down from the source through nodes with whom it would be on time and that have no room for it. By the
    /// triangle inequality the nodes above one with whom it would be on time are such nodes as well, and nearer to the source than
    /// it is. So in a tree that stands still it comes to all of them.
    pub(super) fn search_goal(&mut self, tree: u8, rested: bool, port: &mut impl Port) {
        let Some(mut search) = self.branches[usize::from(tree)].goal.search else {
            return;
        };
        if search.open {
            search.open = self.idle < 2 || !self.knows_no_other(tree);
            if !search.open {
                // It rests before the next one.
                self.idle = 0;
            }
        } else if rested && search.count < SEARCHES {
            search.open = true;
            search.count += 1;
            self.known.iter_mut().for_each(|known| known.pardon(tree));
            self.doubt();
            self.idle = 0;
        } else if rested {
            search.over = true;
        }
        self.branch(tree).goal.search = Some(search);
        self.report_goal(tree, port);
    }

    /// Reports whether it cannot meet its goal, if that has changed. Below a node that is late it may still meet its own.
    fn report_goal(&mut self, tree: u8, port: &mut impl Port) {
        let goal = self.goal();
        let branch = &mut self.branches[usize::from(tree)];
        let state = branch.parent.and(branch.path_state.as_ref());
        let misses = state
            .zip(goal)
            .is_some_and(|(state, goal)| state.delay > goal);
        let infeasible = misses && branch.goal.search.is_some_and(|search| search.over);
        if std::mem::replace(&mut branch.goal.reported, infeasible) != infeasible {
            port.emit(Observation::Goal { tree, infeasible });
        }
    }

    /// Whether it would be on time with `node`, as far as it knows.
    pub(super) fn would_be_on_time(&self, tree: u8, node: u32) -> bool {
        let (Some(known), Some(goal)) = (&self.known, self.goal()) else {
            return false;
        };
        let Some(peer) = known.peer(node) else {
            return false;
        };
        let upper = peer.path_states[usize::from(tree)].as_ref();
        upper.is_some_and(|upper| !upper.late && upper.delay + peer.latency <= goal)
    }

    /// Whether it asks nobody in `tree`, and knows nobody else whom it could ask or seek.
    pub(super) fn knows_no_other(&self, tree: u8) -> bool {
        let seeks = self.known.as_ref().is_some_and(PartialView::is_seeking);
        let asks = self.branches[usize::from(tree)].asking.is_some();
        !asks && !seeks && self.better(tree).is_none()
    }
}
