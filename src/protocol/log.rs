//! What a testee writes to standard error: its end is kept.

use super::excerpt::shortened;
use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read};
use std::process::ChildStderr;
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::Builder;
use std::time::Duration;

/// The last bytes that are kept.
const KEPT: usize = 8 << 10;
/// The last characters of them that a message shows.
const SHOWN: usize = 400;

/// A pipe that a thread of its own empties.
#[derive(Debug)]
pub(super) struct Log {
    source: Arc<File>,
    kept: Arc<Mutex<Kept>>,
    ended: Receiver<()>,
}

#[derive(Debug, Default)]
struct Kept {
    bytes: VecDeque<u8>,
    /// Bytes that came since the mark, kept or not.
    fresh: usize,
}

impl Log {
    pub(super) fn of(stderr: ChildStderr) -> io::Result<Self> {
        let (source, kept) = (Arc::new(system::file(stderr)), Arc::default());
        let (done, ended) = sync_channel(1);
        let (followed, shared) = (Arc::clone(&source), Arc::clone(&kept));
        Builder::new().spawn(move || {
            system::follow(&followed, &shared);
            // Nobody may be listening any more.
            let _ = done.send(());
        })?;
        Ok(Log {
            source,
            kept,
            ended,
        })
    }

    /// What was written until now is of the past.
    pub(super) fn mark(&self) {
        system::catch_up(&self.source, &self.kept);
        locked(&self.kept).fresh = 0;
    }

    /// The end of what was written since the mark.
    pub(super) fn since_mark(&self) -> String {
        system::catch_up(&self.source, &self.kept);
        let kept = locked(&self.kept);
        kept.tail(kept.fresh)
    }

    /// The end of it all, once the process has ended; `grace` is for what has the pipe open still.
    pub(super) fn last(&self, grace: Duration) -> String {
        let _ = self.ended.recv_timeout(grace);
        locked(&self.kept).tail(usize::MAX)
    }
}

impl Kept {
    /// Reads what the source has; whether there may be more.
    fn read(&mut self, mut source: &File) -> bool {
        let mut buffer = [0; 4096];
        let count = source.read(&mut buffer).unwrap_or(0);
        self.take(&buffer[..count]);
        count > 0
    }

    fn take(&mut self, bytes: &[u8]) {
        self.bytes.extend(bytes);
        self.fresh = self.fresh.saturating_add(bytes.len());
        let old = self.bytes.len().saturating_sub(KEPT);
        self.bytes.drain(..old);
    }

    /// The end of the last `count` bytes, as a message shows it.
    fn tail(&self, count: usize) -> String {
        let old = self.bytes.len().saturating_sub(count);
        let bytes: Vec<u8> = self.bytes.iter().skip(old).copied().collect();
        let text = String::from_utf8_lossy(&bytes);
        let text = text.trim_end();
        let skipped = text.chars().count().saturating_sub(SHOWN);
        let tail: String = text.chars().skip(skipped).collect();
        let dots = if skipped > 0 { "..." } else { "" };
        format!("{dots}{}", shortened(&tail, SHOWN))
    }
}

fn locked(kept: &Mutex<Kept>) -> MutexGuard<'_, Kept> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(unix)]
mod system {
    use super::{Kept, locked};
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::io::retry_on_intr;
    use std::fs::File;
    use std::os::fd::OwnedFd;
    use std::process::ChildStderr;
    use std::sync::Mutex;

    /// More reads than a full pipe takes: whoever goes on writing is not waited for.
    const READS: usize = 32;

    pub(super) fn file(stderr: ChildStderr) -> File {
        File::from(OwnedFd::from(stderr))
    }

    /// Reads to the end. Bytes go from the pipe to what is kept under its lock: they are never
    /// between the two, where [`catch_up`] would miss them.
    pub(super) fn follow(source: &File, kept: &Mutex<Kept>) {
        loop {
            is_ready(source, None);
            let mut kept = locked(kept);
            if is_ready(source, Some(&Timespec::default())) && !kept.read(source) {
                break;
            }
        }
    }

    /// Reads what has been written. What a testee wrote before its reply is in the pipe when the
    /// reply comes, so that nothing is left to chance.
    pub(super) fn catch_up(source: &File, kept: &Mutex<Kept>) {
        let mut kept = locked(kept);
        for _ in 0..READS {
            if !(is_ready(source, Some(&Timespec::default())) && kept.read(source)) {
                break;
            }
        }
    }

    /// Whether reading would not wait; waits for that itself without a limit.
    fn is_ready(source: &File, limit: Option<&Timespec>) -> bool {
        let ready = retry_on_intr(|| poll(&mut [PollFd::new(source, PollFlags::IN)], limit));
        // Reading says what is wrong.
        !matches!(ready, Ok(0))
    }
}

#[cfg(not(unix))]
mod system {
    use super::{Kept, locked};
    use std::fs::File;
    use std::io::Read;
    use std::os::windows::io::OwnedHandle;
    use std::process::ChildStderr;
    use std::sync::Mutex;
    use std::time::Duration;

    pub(super) fn file(stderr: ChildStderr) -> File {
        File::from(OwnedHandle::from(stderr))
    }

    pub(super) fn follow(mut source: &File, kept: &Mutex<Kept>) {
        let mut buffer = [0; 4096];
        while let Ok(count @ 1..) = source.read(&mut buffer) {
            locked(kept).take(&buffer[..count]);
        }
    }

    /// Gives [`follow`] the time to read.
    pub(super) fn catch_up(_: &File, _: &Mutex<Kept>) {
        std::thread::sleep(Duration::from_millis(5));
    }
}
