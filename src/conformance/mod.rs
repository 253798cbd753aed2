//! Whether somebody else's sampler computes the same thing: extracted coefficients against plans.
//!
//! A [`Sampler`] is run on impulses (`probe`), which shows its transfer matrix. That is
//! compared with the plan of the recipe that it claims, derived on the sampler's own nodes
//! ([`Reference`]), within what its number format can lose. Clauses: `spec/conformance.md`.

mod case;
mod check;
mod clause;
mod compare;
mod declaration;
mod diagnose;
mod edition;
mod explore;
mod harness;
mod known;
mod pattern;
mod precision;
mod printable;
mod probe;
mod record;
mod reference;
mod run;
mod runs;
mod sampler;
mod selection;
mod session;
mod trial;
mod unasked;
mod verdict;

pub use case::{Case, Level, Setting, Subject};
pub use check::{Check, Evidence};
pub use declaration::{Convention, Declaration, ModelKind};
pub use diagnose::{Diagnosis, Nearest, diagnose};
pub use edition::{EDITION, cases, chosen_settings, everything, settings};
pub use explore::explored;
pub use harness::{assert_conforms, group};
pub use known::{Known, Standing};
pub use pattern::{Only, Pattern};
pub use precision::Precision;
pub use printable::{headline, printable};
pub use probe::{Response, respond};
#[cfg(feature = "cli")]
pub(crate) use record::NOT_RUN;
pub use record::{Counts, Record};
pub use reference::Reference;
pub use run::{Ending, Source, run};
pub use sampler::{Element, Model, Noise, Sampler, Stop, Task};
pub use selection::{Profile, Shard};
pub use session::{Outcome, Report, Session, check, nothing_applies};
pub use unasked::Unasked;
pub use verdict::{Finding, Verdict};
