//! Ctrl-C and SIGTERM: the first asks to stop, the second ends at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM, SIGXFSZ};
use signal_hook::iterator::Signals;

use crate::error::{Error, Kind, Result};
use crate::study::Control;

/// Listens for the rest of the process.
#[derive(Debug)]
pub(super) struct Listener {
    heard: Arc<AtomicI32>,
}

impl Listener {
    /// From now on the first signal stops `control`.
    pub(super) fn new(control: &Arc<Control>) -> Result<Self> {
        let deaf = |error| Error::new(format!("signals cannot be heard: {error}"));
        let mut signals = Signals::new([SIGINT, SIGTERM]).map_err(deaf)?;
        // A file beyond the limit of its size is then an error like a full disk, not a death.
        signal_hook::flag::register(SIGXFSZ, Arc::default()).map_err(deaf)?;
        let heard = Arc::new(AtomicI32::new(0));
        let (noted, control) = (Arc::clone(&heard), Arc::clone(control));
        std::thread::spawn(move || {
            for signal in signals.forever() {
                if noted.swap(signal, Ordering::SeqCst) != 0 {
                    std::process::exit(if signal == SIGTERM { 75 } else { 130 });
                }
                control.stop();
                eprintln!("\nstopping: the runs at hand are finished first (again to end at once)");
            }
        });
        Ok(Self { heard })
    }

    /// Why the work was stopped, if it was.
    pub(super) fn heard(&self) -> Option<Kind> {
        match self.heard.load(Ordering::SeqCst) {
            0 => None,
            SIGTERM => Some(Kind::Terminated),
            _ => Some(Kind::Interrupted),
        }
    }
}
