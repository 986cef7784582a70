//! What a study says while its runs are made, on the terminal.

use std::sync::Arc;

use super::progress::{Begun, Progress};
use super::stderr::print_stderr;
use crate::study::{Control, Round, Watch};

/// Says on stderr what should be known, and how far the work is.
#[derive(Debug)]
pub(super) struct Screen {
    control: Arc<Control>,
    /// When the first round began.
    begun: Option<Begun>,
    progress: Option<Progress>,
}

impl Screen {
    /// The screen for work that `control` counts.
    pub(super) fn new(control: &Arc<Control>) -> Self {
        Self {
            control: Arc::clone(control),
            begun: None,
            progress: None,
        }
    }
}

impl Watch for Screen {
    fn report(&mut self, note: &str) {
        print_stderr(note);
    }

    fn begin(&mut self, round: Round) {
        let control = &self.control;
        let now = || Begun::now(control, round.resumed);
        let begun = *self.begun.get_or_insert_with(now);
        let (left, total) = (round.left, round.total);
        self.progress = Some(Progress::start(Arc::clone(control), begun, left, total));
    }

    fn end(&mut self, last: bool) {
        if self.control.refused() > 0 {
            print_stderr(format_args!(
                "the system refused to start {} of the threads; the other threads did their work",
                self.control.refused()
            ));
        }
        if let Some(progress) = self.progress.take() {
            progress.finish(last);
        }
    }
}
