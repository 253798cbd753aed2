//! The normative text in `spec/` and its ties to the code: formulas are rendered by running the code
//! on symbols, pages are checked against them, and every id is explained from its page.

mod clauses;
mod explain;
mod facts;
mod formulas;
mod names;
mod pages;
mod references;
mod sources;

pub use clauses::{Clause, clause_prefix, clauses, grid_prefix, sourced};
pub use explain::{Explanation, Formula, explain};
pub use formulas::{Block, Equation, block};
pub use pages::{COMMAND, regenerated};
pub use references::{Reference, cited, in_full, references};
