//! What the generator is about, for those who wait for it.
//!
//! This module does *not* know who waits, nor for how long.

use std::sync::{Mutex, PoisonError};

/// What is being drawn at the moment; shared between the generator and who waits for it.
#[derive(Debug, Default)]
pub struct Watch(Mutex<Option<Drawing>>);

#[derive(Debug, Clone, Copy)]
struct Drawing {
    graph: u64,
    subject: &'static str,
    routers: usize,
    draw: u32,
    draws_max: u32,
}

impl Watch {
    /// Records that this graph of a spec file is begun, counting from 0.
    pub(super) fn begin(&self, graph: u64) {
        *self.lock() = Some(Drawing {
            graph,
            subject: "",
            routers: 0,
            draw: 0,
            draws_max: 0,
        });
    }

    /// Records that `subject`, with `routers` routers, is drawn for the `draw`-th time (from 0) of at most
    /// `draws_max`.
    pub(super) fn draw(&self, subject: &'static str, routers: usize, draw: u32, draws_max: u32) {
        let mut now = self.lock();
        *now = Some(Drawing {
            graph: now.map_or(0, |drawing| drawing.graph),
            subject,
            routers,
            draw,
            draws_max,
        });
    }

    /// What is going on, to be put after the name of the spec file: `graph 2, draw 3 of at most 5 of the
    /// flat graph, 60000 routers`. Graphs count from 0, as in the names of their files.
    pub fn now(&self) -> String {
        let Some(now) = *self.lock() else {
            return "beginning".into();
        };
        let Drawing { graph, subject, .. } = now;
        if subject.is_empty() {
            return format!("graph {graph}");
        }
        format!(
            "graph {graph}, draw {} of at most {} of {subject}, {} routers",
            now.draw + 1,
            now.draws_max,
            now.routers
        )
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Drawing>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_going_on_is_told() {
        let watch = Watch::default();
        assert_eq!(watch.now(), "beginning");
        watch.begin(2);
        assert_eq!(watch.now(), "graph 2");
        watch.draw("the flat graph", 60_000, 1, 5);
        assert_eq!(
            watch.now(),
            "graph 2, draw 2 of at most 5 of the flat graph, 60000 routers"
        );
    }
}
