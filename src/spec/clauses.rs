//! Clauses as the pages hold them.

/// The prefix of a solver's clause ids: `SOLVER-2M` for `dpmpp-2m`.
pub fn clause_prefix(solver: &str) -> String {
    format!("SOLVER-{}", solver.replace("dpmpp-", "").to_uppercase())
}
