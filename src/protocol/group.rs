//! A process with everything that it starts: its own process group.

use std::io;
use std::process::{Child, Command, ExitStatus};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How often a process is asked whether it has ended.
const PAUSE: Duration = Duration::from_millis(2);

/// The leader of a process group. Dropped, it kills the group.
#[derive(Debug)]
pub(super) struct Group {
    leader: Child,
    status: Option<ExitStatus>,
}

impl Group {
    /// Starts a command as the leader of a new group.
    pub(super) fn start(command: &mut Command) -> io::Result<Self> {
        Ok(Group {
            leader: spawn(command)?,
            status: None,
        })
    }

    /// The leader, for its pipes.
    pub(super) fn leader(&mut self) -> &mut Child {
        &mut self.leader
    }

    /// Whether the leader has ended.
    pub(super) fn has_ended(&mut self) -> bool {
        self.status.is_some() || ended(&mut self.leader)
    }

    /// Waits for the leader's end; whether it came within `limit`.
    pub(super) fn wait(&mut self, limit: Duration) -> bool {
        let start = Instant::now();
        while !self.has_ended() {
            if start.elapsed() >= limit {
                return false;
            }
            sleep(PAUSE);
        }
        true
    }

    /// Kills what is left of the group; how the leader ended, if it did.
    ///
    /// The leader is reaped last: until then no other group can have its number.
    pub(super) fn kill(&mut self) -> Option<ExitStatus> {
        if self.status.is_none() {
            kill(&mut self.leader);
            // What is killed ends at once, unless the system holds it; then nobody waits for it.
            if self.wait(Duration::from_millis(500)) {
                forget(&self.leader);
                self.status = self.leader.wait().ok();
            }
        }
        self.status
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}

#[cfg(unix)]
mod system {
    use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
    use std::io;
    use std::os::unix::process::CommandExt;
    use std::process::{Child, Command};
    use std::sync::{Mutex, MutexGuard, PoisonError};

    /// Leaders that have not been reaped: their numbers are their own, and their groups'.
    static LEADERS: Mutex<Vec<Pid>> = Mutex::new(Vec::new());

    fn leaders() -> MutexGuard<'static, Vec<Pid>> {
        LEADERS.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn spawn(command: &mut Command) -> io::Result<Child> {
        // Nothing is started that [`kill_all`] does not find.
        let mut leaders = leaders();
        let leader = command.process_group(0).spawn()?;
        leaders.push(Pid::from_child(&leader));
        Ok(leader)
    }

    /// Before it is reaped.
    pub(super) fn forget(leader: &Child) {
        let leader = Pid::from_child(leader);
        leaders().retain(|it| *it != leader);
    }

    /// Kills every testee with all processes of its group, and lets no other start: for a process
    /// that is about to end.
    pub fn kill_all() {
        let leaders = leaders();
        for leader in leaders.iter() {
            // As below.
            let _ = kill_process_group(*leader, Signal::KILL);
        }
        std::mem::forget(leaders);
    }

    /// Without reaping it, so that its number stays its own.
    pub(super) fn ended(leader: &mut Child) -> bool {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        let waited = waitid(WaitId::Pid(Pid::from_child(leader)), options);
        !matches!(waited, Ok(None))
    }

    pub(super) fn kill(leader: &mut Child) {
        // It fails where all of the group have ended.
        let _ = kill_process_group(Pid::from_child(leader), Signal::KILL);
    }
}

#[cfg(not(unix))]
mod system {
    use std::io;
    use std::process::{Child, Command};

    pub(super) fn spawn(command: &mut Command) -> io::Result<Child> {
        command.spawn()
    }

    pub(super) fn forget(_: &Child) {}

    pub(super) fn ended(leader: &mut Child) -> bool {
        !matches!(leader.try_wait(), Ok(None))
    }

    pub(super) fn kill(leader: &mut Child) {
        // It fails where the process has ended.
        let _ = leader.kill();
    }
}

#[cfg(unix)]
pub use system::kill_all;
use system::{ended, forget, kill, spawn};
