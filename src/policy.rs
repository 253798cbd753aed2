//! What a solver's formula leaves open: start-up, final order, the step to sigma = 0, blocks.
//!
//! Clauses: `spec/policy.md`. Half of the field's real bugs live here, so it is a room of its own.

use crate::error::{Code, Error, Result};
use crate::id::{choose, suggestion};
use std::fmt;

/// How a multistep method gets its history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// ddim, then 2m, then the method; 2m also where the final order is lowered to 2.
    Ramp,
    /// As `Ramp` with 2m-exact in place of 2m.
    RampExact,
    /// p-1 exact states are given.
    Exact,
}

/// How the order falls at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Final {
    /// It does not.
    Full,
    /// Order of step i is min(p, N-i).
    Lower,
    /// As `Lower`, if N is below this number.
    LowerBelow(usize),
    /// The last step has order 1.
    Euler,
}

/// Which blocks a single-step solver makes of N.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blocks {
    /// N blocks of full order.
    Fixed,
    /// N model calls in blocks of falling order (DPM-Solver-fast).
    Fast(Outer),
    /// N model calls; every node is a grid node, ratios come from the grid (diffusers).
    Progressive,
}

/// Where the outer nodes of `fast` lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outer {
    /// Every k-th node of an N-step grid, k the block's order (the authors, except on lambda grids).
    Nodes,
    /// A grid of as many steps as there are blocks (k-diffusion; the authors on lambda grids).
    Blocks,
}

/// Where the stages of a single-step solver lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stages {
    /// At the solver's own parts of the step in lambda.
    Ratios,
    /// At even parts of the step in time, and the solver's r1, r2 are what that comes to in lambda.
    Time,
}

/// The whole policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Start-up.
    pub start: Start,
    /// Final order.
    pub last: Final,
    /// True: the grid ends with a step to sigma = 0.
    pub zero: bool,
    /// Blocks of a single-step solver.
    pub blocks: Blocks,
    /// Stages of a single-step solver.
    pub stages: Stages,
}

impl Default for Policy {
    fn default() -> Self {
        Policy {
            start: Start::Ramp,
            last: Final::Full,
            zero: false,
            blocks: Blocks::Fixed,
            stages: Stages::Ratios,
        }
    }
}

const STARTS: &[(&str, Start)] = &[
    ("ramp", Start::Ramp),
    ("ramp-exact", Start::RampExact),
    ("exact", Start::Exact),
];
const STAGES: &[(&str, Stages)] = &[("ratios", Stages::Ratios), ("time", Stages::Time)];
const SWITCH: &[(&str, bool)] = &[("off", false), ("on", true)];

impl Policy {
    /// The ids of all policy values.
    pub const IDS: &'static [(&'static str, &'static str)] = &[
        ("start", "ramp|ramp-exact|exact"),
        ("final", "full|lower|lower<N|euler"),
        ("zero", "off|on"),
        ("blocks", "fixed|fast|progressive"),
        ("outer", "blocks|nodes"),
        ("stages", "ratios|time"),
    ];

    /// Parses `start=..,final=..,zero=..,blocks=..,outer=..,stages=..`; what is left out keeps its default.
    ///
    /// # Errors
    /// `E-POLICY` with the nearest suggestion.
    pub fn parse(text: &str) -> Result<Self> {
        let mut policy = Policy::default();
        let mut outer = None;
        let mut seen = Vec::new();
        for item in text.split(',').filter(|item| !item.is_empty()) {
            let Some((key, value)) = item.split_once('=') else {
                return Err(Error::new(
                    Code::Policy,
                    format!("`{item}` has no value"),
                    "policy",
                    "write key=value,key=value",
                ));
            };
            let place = format!("policy, {key}");
            if seen.contains(&key) {
                return Err(Error::new(
                    Code::Policy,
                    format!("`{key}` is given twice"),
                    place,
                    "give each policy once",
                ));
            }
            seen.push(key);
            match key {
                "start" => policy.start = choose(value, STARTS, Code::Policy, &place)?,
                "final" => policy.last = Final::parse(value)?,
                "stages" => policy.stages = choose(value, STAGES, Code::Policy, &place)?,
                "zero" => policy.zero = choose(value, SWITCH, Code::Policy, &place)?,
                "blocks" => {
                    let names = [
                        ("fixed", Blocks::Fixed),
                        ("fast", Blocks::Fast(Outer::Blocks)),
                        ("progressive", Blocks::Progressive),
                    ];
                    policy.blocks = choose(value, &names, Code::Policy, &place)?;
                }
                "outer" => {
                    outer = Some(choose(
                        value,
                        &[("nodes", Outer::Nodes), ("blocks", Outer::Blocks)],
                        Code::Policy,
                        &place,
                    )?)
                }
                _ => {
                    let names: Vec<&str> = Self::IDS.iter().map(|(name, _)| *name).collect();
                    return Err(Error::new(
                        Code::Policy,
                        format!("unknown policy `{key}`"),
                        "policy",
                        suggestion(key, &names),
                    ));
                }
            }
        }
        match (outer, policy.blocks) {
            (None, _) => {}
            (Some(outer), Blocks::Fast(_)) => policy.blocks = Blocks::Fast(outer),
            (Some(_), _) => {
                return Err(Error::new(
                    Code::Policy,
                    "outer without blocks=fast",
                    "policy, outer",
                    "add blocks=fast or drop outer",
                ));
            }
        }
        Ok(policy)
    }
}

impl Final {
    fn parse(text: &str) -> Result<Self> {
        if let Some(bound) = text.strip_prefix("lower<") {
            let malformed = || {
                Error::new(
                    Code::Policy,
                    format!("`{text}`"),
                    "policy, final",
                    "write final=lower<15",
                )
            };
            return bound
                .parse()
                .map(Final::LowerBelow)
                .map_err(|_| malformed());
        }
        choose(
            text,
            &[
                ("full", Final::Full),
                ("lower", Final::Lower),
                ("euler", Final::Euler),
            ],
            Code::Policy,
            "policy, final",
        )
    }

    /// The order of step `i` of `steps` for a method of `outputs` points.
    pub fn order(self, outputs: usize, i: usize, steps: usize) -> usize {
        let lowered = outputs.min(steps - i);
        match self {
            Final::Full => outputs,
            Final::Lower => lowered,
            Final::LowerBelow(bound) if steps < bound => lowered,
            Final::LowerBelow(_) => outputs,
            Final::Euler if i + 1 == steps => 1,
            Final::Euler => outputs,
        }
    }
}

impl fmt::Display for Start {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut names = STARTS.iter();
        let name = names.find(|(_, start)| start == self);
        f.write_str(name.map_or("", |(name, _)| name))
    }
}

impl fmt::Display for Final {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Final::Full => f.write_str("full"),
            Final::Lower => f.write_str("lower"),
            Final::LowerBelow(bound) => write!(f, "lower<{bound}"),
            Final::Euler => f.write_str("euler"),
        }
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Policy { start, last, .. } = self;
        let blocks = match self.blocks {
            Blocks::Fixed => "fixed",
            Blocks::Fast(Outer::Blocks) => "fast,outer=blocks",
            Blocks::Fast(Outer::Nodes) => "fast,outer=nodes",
            Blocks::Progressive => "progressive",
        };
        let zero = if self.zero { "on" } else { "off" };
        write!(f, "start={start},final={last},zero={zero},blocks={blocks}")?;
        match self.stages {
            Stages::Ratios => Ok(()),
            Stages::Time => f.write_str(",stages=time"),
        }
    }
}
