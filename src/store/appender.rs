//! A file that grows line by line, and is brought to the disk in the background.
//!
//! It does *not* know what the lines mean.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{self, SyncSender};
use std::thread::{Builder, JoinHandle};

use super::{exists, sync_folder, temporary, trouble};
use crate::error::Result;

/// A file of this process alone that grows, and is brought to the disk in the background. It is
/// locked for as long as its process lives.
#[derive(Debug)]
pub(crate) struct Appender {
    path: PathBuf,
    file: Arc<File>,
    /// Whether the last line may be torn.
    torn: bool,
    /// Absent where no thread can be started: then each line is brought to the disk at once.
    syncer: Option<Syncer>,
}

/// The thread that brings lines to the disk.
#[derive(Debug)]
struct Syncer {
    wake: SyncSender<()>,
    thread: JoinHandle<io::Result<()>>,
}

impl Syncer {
    fn start(file: &Arc<File>) -> Option<Self> {
        let (wake, woken) = mpsc::sync_channel(1);
        let file = Arc::clone(file);
        let work = move || {
            for () in woken {
                file.sync_data()?;
            }
            Ok(())
        };
        let thread = Builder::new().spawn(work).ok()?;
        Some(Self { wake, thread })
    }

    fn end(self) -> io::Result<()> {
        drop(self.wake);
        self.thread.join().unwrap_or(Ok(()))
    }
}

impl Appender {
    /// Makes a new file in `folder`, under a name of its own that ends in `ending`.
    pub(crate) fn create(folder: &Path, ending: &str) -> Result<Self> {
        let (path, file) = temporary::unique(|name| folder.join(format!("{name}{ending}")))
            .map_err(|error| trouble(folder, &error))?;
        // Where the file system knows no locks, nobody will find it unlocked either.
        let _ = file.try_lock();
        let file = Arc::new(file);
        Ok(Self {
            path,
            torn: false,
            syncer: Syncer::start(&file),
            file,
        })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Appends a line. When this returns, the death of the process does not lose it; moments
    /// later a power cut does not either.
    pub(crate) fn append(&mut self, line: &[u8]) -> Result<()> {
        let mut file = &*self.file;
        let written = if self.torn {
            file.write_all(b"\n").and_then(|()| file.write_all(line))
        } else {
            file.write_all(line)
        };
        self.torn = written.is_err();
        written.map_err(|error| trouble(&self.path, &error))?;
        match &self.syncer {
            Some(syncer) => {
                // If the channel is full the syncer will see this line as well.
                let _ = syncer.wake.try_send(());
                Ok(())
            }
            None => file
                .sync_data()
                .map_err(|error| trouble(&self.path, &error)),
        }
    }

    /// Brings everything to the disk, or with `remove` removes the file.
    pub(crate) fn end(self, remove: bool) -> Result<()> {
        let synced = self.syncer.map_or(Ok(()), Syncer::end);
        if remove {
            if let Some(folder) = self.path.parent().filter(|folder| exists(folder)) {
                sync_folder(folder)?;
            }
            return super::remove(&self.path);
        }
        synced
            .and_then(|()| self.file.sync_data())
            .map_err(|error| trouble(&self.path, &error))
    }
}
