//! The code's own text, for the documentation and the line of what `explain` explains.

/// A source file of this crate.
#[derive(Clone, Copy)]
pub(super) struct Source {
    path: &'static str,
    text: &'static str,
}

/// Where something is defined, and its documentation.
pub(super) struct Definition {
    pub(super) place: String,
    pub(super) documentation: String,
}

macro_rules! source {
    ($path:literal) => {
        Source {
            path: concat!("src/", $path),
            text: include_str!(concat!("../", $path)),
        }
    };
}

const SOLVERS: &[Source] = &[
    source!("solver/adams.rs"),
    source!("solver/ddim.rs"),
    source!("solver/ddim_eta.rs"),
    source!("solver/deis_rho.rs"),
    source!("solver/dpmpp_2m.rs"),
    source!("solver/dpmpp_2m_exact.rs"),
    source!("solver/dpmpp_2s.rs"),
    source!("solver/dpmpp_2s_taylor.rs"),
    source!("solver/dpmpp_3m.rs"),
    source!("solver/dpmpp_3m_exact.rs"),
    source!("solver/dpmpp_3s.rs"),
    source!("solver/dpmpp_3s_taylor.rs"),
    source!("solver/ipndm.rs"),
];
const GRIDS: Source = source!("grid/mod.rs");
const INDICES: Source = source!("grid/spacing.rs");
const POLICY: Source = source!("policy.rs");
const PREDICTION: Source = source!("prediction.rs");
const PROBLEM: Source = source!("problem/mod.rs");

/// The formula of the solver whose file has this stem.
pub(super) fn solver(stem: &str) -> Option<Definition> {
    let file = format!("src/solver/{stem}.rs");
    let source = SOLVERS.iter().find(|source| source.path == file)?;
    source
        .module("pub fn increment")
        .or_else(|| source.module("pub fn coefficients"))
}

/// The schedule of this id.
pub(super) fn schedule(id: &str) -> Option<Definition> {
    match id {
        "vp-linear" => source!("schedule/vp_linear.rs").module("pub fn at_time"),
        "vp-cosine" => source!("schedule/vp_cosine.rs").module("pub fn at_time"),
        "edm" => source!("schedule/edm.rs").module("pub fn at_time"),
        "flow" => source!("schedule/flow.rs").module("pub fn at_time"),
        _ => source!("schedule/discrete.rs").module("fn exact_betas"),
    }
}

/// The spacing of this id.
pub(super) fn grid(id: &str) -> Option<Definition> {
    let variant = capitalised(id);
    GRIDS
        .item("pub enum Spacing", &variant)
        .or_else(|| INDICES.item("pub enum Pattern", &variant))
}

/// The policy of this id.
pub(super) fn policy(id: &str) -> Option<Definition> {
    match id {
        "zero" => POLICY.item("pub struct Policy", "pub zero"),
        _ => POLICY.item("", &format!("pub enum {}", capitalised(id))),
    }
}

/// The prediction of this id.
pub(super) fn prediction(id: &str) -> Option<Definition> {
    PREDICTION.item("pub enum Prediction", &capitalised(id))
}

/// The problem of this id.
pub(super) fn problem(id: &str) -> Option<Definition> {
    let variant = match id.starts_with("rotated-") {
        true => "Product".to_owned(),
        false => capitalised(id),
    };
    PROBLEM.item("pub enum Problem", &variant)
}

/// The error code with this text.
pub(super) fn code(text: &str) -> Option<Definition> {
    let source = source!("error.rs");
    let quoted = format!("\"{text}\"");
    let line = source
        .text
        .lines()
        .position(|line| line.contains(&quoted))?;
    Some(Definition {
        place: format!("{}:{}", source.path, line + 1),
        documentation: String::new(),
    })
}

impl Source {
    /// The item starting with `needle`, explained by the file's own documentation.
    fn module(self, needle: &str) -> Option<Definition> {
        let line = self
            .text
            .lines()
            .position(|line| line.trim_start().starts_with(needle))?;
        let documentation = joined(self.text.lines().map_while(|line| line.strip_prefix("//!")));
        Some(Definition {
            place: format!("{}:{}", self.path, line + 1),
            documentation,
        })
    }

    /// The first item starting with `needle` after the line that starts with `after`.
    fn item(self, after: &str, needle: &str) -> Option<Definition> {
        let lines: Vec<&str> = self.text.lines().collect();
        let from = lines.iter().position(|line| line.starts_with(after))?;
        let starts = |line: &&str| {
            let rest = line.trim_start().strip_prefix(needle);
            rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric()))
        };
        let line = from + lines[from..].iter().position(starts)?;
        let above = lines[..line]
            .iter()
            .rev()
            .map(|line| line.trim_start())
            .skip_while(|line| line.starts_with("#["))
            .map_while(|line| line.strip_prefix("///"));
        let above: Vec<&str> = above.collect();
        let documentation = joined(above.into_iter().rev());
        Some(Definition {
            place: format!("{}:{}", self.path, line + 1),
            documentation,
        })
    }
}

/// One paragraph of plain text: a link keeps its words only.
fn joined<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    let words: Vec<&str> = lines.flat_map(str::split_whitespace).collect();
    let text = words.join(" ");
    let mut pieces = text.split("](");
    let mut plain = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        plain.push_str(piece.split_once(')').map_or("", |(_, rest)| rest));
    }
    plain.replace("[`", "`")
}

fn capitalised(id: &str) -> String {
    let mut characters = id.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => String::new(),
    }
}
