//! One error type: a stable code, what is wrong, where, and what would be right.

use std::fmt;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident => $text:literal, $means:literal;)*) => {
        /// The stable codes of [`Error`]; `dpm-spec explain CODE` prints [`Code::meaning`].
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code { $(#[doc = $means] $name,)* }

        impl Code {
            /// Every code.
            pub const ALL: &'static [Code] = &[$(Code::$name,)*];

            /// The code as printed, e.g. `E-GRID-ORDER`.
            pub fn text(self) -> &'static str {
                match self { $(Code::$name => $text,)* }
            }

            /// What the code means and what to do about it.
            pub fn meaning(self) -> &'static str {
                match self { $(Code::$name => $means,)* }
            }
        }
    };
}

codes! {
    Usage => "E-USAGE", "The command line is malformed: an unknown option, a missing or repeated one, or a value of the wrong kind.";
    UnknownId => "E-ID-UNKNOWN", "An id is not in the catalogue; the message names the nearest one.";
    Parameter => "E-PARAMETER", "A parameter of an id or option is malformed or outside its range.";
    GridOrder => "E-GRID-ORDER", "Nodes must run strictly from noise to data: lambda increases, no node repeats.";
    GridSteps => "E-GRID-STEPS", "The number of steps must be at least 1 and at most what the schedule has nodes for.";
    GridUnfit => "E-GRID-UNFIT", "This grid or end rule is not defined on this schedule.";
    GridRounding => "E-GRID-ROUNDING", "A rounded time index could not be decided; it lies too near a half-integer.";
    Domain => "E-DOMAIN", "A time, index, sigma or lambda lies outside the domain of the schedule, or an argument outside that of a function.";
    SolverRatio => "E-SOLVER-RATIO", "Stage ratios must satisfy 0 < r1 < r2 <= 1 (0 < r1 <= 1 for two stages).";
    Eta => "E-ETA", "eta must lie in [0, 1], and only stochastic solvers take one.";
    Policy => "E-POLICY", "A policy value is unknown or does not fit the solver.";
    PolicyZero => "E-POLICY-ZERO", "A step to sigma = 0 or from alpha = 0 has no limit for this solver, side or prediction.";
    Prediction => "E-PREDICTION", "The prediction type does not fit the schedule or the solver.";
    Threshold => "E-THRESHOLD", "Thresholding needs the data prediction and a bound above 0, or a ratio in (0, 1] and a maximum of at least 1.";
    Problem => "E-PROBLEM", "A problem's parameters describe no data distribution that the exact solution covers.";
    Shape => "E-SHAPE", "A vector has another length than the plan or the start state asks for.";
    NonFinite => "E-NONFINITE", "A value is NaN or infinite where a finite number is needed.";
    Division => "E-DIVISION", "A divisor's enclosure contains zero.";
    Undecided => "E-UNDECIDED", "A correct rounding or a narrow enough enclosure was still undecided at the largest precision (4096 bits), or two grids of a quadrature did not agree; nothing was guessed.";
    Number => "E-NUMBER", "A number is malformed, too long, or does not fit its format.";
    File => "E-FILE", "A file could not be read or written.";
    Format => "E-FORMAT", "A file is malformed, truncated, or of another format or version.";
    Manifest => "E-MANIFEST", "A file's SHA-256 differs from the one in the MANIFEST, or the file is missing or extra.";
    Verify => "E-VERIFY", "A published digit differs from the re-derived one.";
    Import => "E-IMPORT", "A scheduler configuration holds an option that cannot be honoured.";
    Feature => "E-FEATURE", "This build lacks the feature that the command needs.";
    Device => "E-DEVICE", "A device refused a call, was lost, or did not answer in time.";
    Memory => "E-MEMORY", "A tensor needs more memory than the budget, the device or a limit allows.";
    Order => "E-ORDER", "A stepper was called out of order: start, then for each call the model and the step.";
    Declaration => "E-DECLARATION", "A sampler under test declares nothing that could be asked of it, or something that no case uses.";
    Testee => "E-TESTEE", "A testee could not be started, or gave no valid hello in time.";
    Protocol => "E-PROTOCOL", "A testee did not reply in time, ended, or sent what spec/protocol.md does not allow.";
    Known => "E-KNOWN", "A list of known failures and the run disagree: a case that is expected to fail passes, an entry matches nothing that was run, or the list is to be rewritten after a run in which the testee broke.";
    Environment => "E-ENVIRONMENT", "The machine lacks something that the command needs.";
}

/// What is wrong, where, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// Stable code.
    pub code: Code,
    /// What is wrong.
    pub what: String,
    /// Where: an option, a field, a line, a node.
    pub place: String,
    /// What would be right.
    pub remedy: String,
}

impl Error {
    /// An error of the given code.
    pub fn new(
        code: Code,
        what: impl Into<String>,
        place: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Error {
            code,
            what: what.into(),
            place: place.into(),
            remedy: remedy.into(),
        }
    }

    /// The same error at a more precise place: `outer: place`.
    #[must_use]
    pub fn at(mut self, outer: impl fmt::Display) -> Self {
        self.place = if self.place.is_empty() {
            outer.to_string()
        } else {
            format!("{outer}: {}", self.place)
        };
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {} (at {}); {}",
            self.code.text(),
            self.what,
            self.place,
            self.remedy
        )
    }
}

impl std::error::Error for Error {}

/// The result of everything here that can fail.
pub type Result<T> = std::result::Result<T, Error>;
