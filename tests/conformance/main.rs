//! The suite accepts correct samplers, rejects wrong ones by the check that should, and names them.

mod ask;
mod bent;
mod chosen;
mod coarse;
mod declared;
mod digits;
mod edition;
mod formats;
mod kept;
mod made;
mod measured;
mod memory;
mod mistakes;
mod named;
mod nodes;
mod paper;
mod planned;
mod readme;
mod references;
mod rounded;
mod scripts;
mod sessions;
mod spaces;
mod sums;
mod trials;
mod unasked;
