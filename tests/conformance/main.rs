//! The suite accepts correct samplers, rejects wrong ones by the check that should, and names them.

mod edition;
mod made;
mod mistakes;
mod paper;
mod planned;
mod readme;
mod spaces;
