//! What people and programs read: a plan as text, CSV, Markdown, LaTeX or NumPy arrays, and the HTML page.

mod badge;
mod conformance;
pub mod convergence;
mod csv;
mod decimal;
pub mod figure;
mod junit;
mod latex;
mod markdown;
mod merge;
mod ndjson;
mod npz;
mod page;
mod recipes;
mod results;
mod rows;
mod scoreboard;
mod steps;
mod summary;
mod template;
mod terminal;
mod tested;

pub use csv::csv;
pub use decimal::most_digits;
pub use latex::latex;
pub use markdown::markdown;
pub use merge::{Merged, Run};
pub use ndjson::{Event, Reader};
pub use npz::npz;
pub use page::{Ability, Content, Outcome, Sweep, page};
pub use recipes::Recipes;
pub use results::{Conclusion, Files, Header, View, Views};
pub use scoreboard::{Cell, Explained, Library, Line, Scoreboard};
pub use terminal::terminal;
pub use tested::Tested;
