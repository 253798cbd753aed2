//! The normative text in `spec/` and its ties to the code: formulas are rendered by running the code
//! on symbols, pages are checked against them, and every id is explained from its page.

mod clauses;
mod facts;
mod formulas;
mod pages;
mod references;

pub use clauses::clause_prefix;
pub use formulas::{Block, Equation, block};
pub use pages::{COMMAND, regenerated};
pub use references::{Reference, cited, in_full, references};
