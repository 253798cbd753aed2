//! Ctrl-C. A testee has a process group of its own, which no terminal sends a signal to: whoever is
//! told to end ends the testees first, and takes back the files that are not whole.

use dpm_spec::file::remove_partial;
use dpm_spec::protocol::kill_all;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::exit;
use std::thread::Builder;

/// Heeds SIGINT and SIGTERM from now on; the exit code is 128 and the signal's number, as a shell
/// has it. SIGHUP is left as it is, so that `nohup` works.
pub(crate) fn heed() {
    // Where that is not possible the signals do what they always do.
    let Ok(mut signals) = Signals::new([SIGINT, SIGTERM]) else {
        return;
    };
    let _ = Builder::new().spawn(move || {
        if let Some(signal) = signals.forever().next() {
            kill_all();
            remove_partial();
            exit(128 + signal);
        }
    });
}
