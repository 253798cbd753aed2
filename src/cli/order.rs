//! `dpm-spec order`: the order of every solver, proved.

use super::answer::Answer;
use clap::Args;
use dpm_spec::Result;
use std::path::PathBuf;

/// Options of `order`.
#[derive(Args)]
pub(crate) struct Options {
    /// Solver id with its parameters [default: every solver]
    #[arg(long)]
    solver: Option<String>,
    /// Also write the grids, degree bounds and residuals that prove it, as JSON
    #[arg(long, value_name = "FILE")]
    certificate: Option<PathBuf>,
}

/// Proves; the answer is no if a proof does not give the order that the catalogue claims.
#[cfg(feature = "oracle")]
pub(crate) fn run(options: &Options, json: bool) -> Result<Answer> {
    use dpm_spec::file::write_whole;
    use dpm_spec::order::{Proof, certificate, prove};
    use dpm_spec::solver::Solver;

    let solvers: Vec<Solver> = match &options.solver {
        Some(id) => vec![Solver::parse(id)?],
        None => {
            let ids = Solver::ENTRIES.iter().map(|entry| entry.id);
            ids.map(Solver::parse).collect::<Result<_>>()?
        }
    };
    let bar = super::progress::bar(solvers.len());
    let proved = |solver: Solver| {
        let proof = prove(&solver);
        bar.inc(1);
        (solver, proof)
    };
    let proofs: Vec<(Solver, Proof)> = solvers.into_iter().map(proved).collect();
    bar.finish_and_clear();
    if let Some(path) = &options.certificate {
        write_whole(path, certificate(&proofs).as_bytes())?;
    }
    let proofs: Vec<Proof> = proofs.into_iter().map(|(_, proof)| proof).collect();
    let text = match json {
        true => {
            let list: Vec<serde_json::Value> = proofs.iter().map(Proof::to_json).collect();
            Answer::json(&list.into()).text
        }
        false => table(&proofs).into(),
    };
    let yes = proofs.iter().all(Proof::confirms);
    Ok(Answer { text, yes })
}

/// Exact arithmetic on series takes big rationals.
#[cfg(not(feature = "oracle"))]
pub(crate) fn run(_: &Options, _: bool) -> Result<Answer> {
    Err(super::answer::lacks_oracle("order"))
}

#[cfg(feature = "oracle")]
fn table(proofs: &[dpm_spec::order::Proof]) -> String {
    use dpm_spec::order::Evidence;

    let head = [
        "solver",
        "claimed",
        "any grid",
        "smooth",
        "uniform",
        "ddim start",
        "fails next",
        "its coefficient",
        "verdict",
    ];
    let mut rows = vec![head.map(str::to_owned)];
    for proof in proofs {
        let failing = proof.first_failing.as_ref();
        let verdict = match (proof.confirms(), proof.evidence) {
            (true, _) => "proved",
            (false, Evidence::Sampled) => "only sampled",
            (false, Evidence::Proof) => "NOT as claimed",
        };
        rows.push([
            proof.solver.clone(),
            proof.claimed.clone(),
            proof.proven.arbitrary.to_string(),
            proof.proven.smooth.to_string(),
            proof.proven.uniform.to_string(),
            proof.with_ddim_start.to_string(),
            failing.map_or_else(String::new, |f| f.condition.clone()),
            failing.map_or_else(String::new, |f| f.leading.clone()),
            verdict.to_owned(),
        ]);
    }
    let widths: Vec<usize> = (0..head.len())
        .map(|column| rows.iter().map(|row| row[column].len()).max().unwrap_or(0))
        .collect();
    let mut text: String = rows
        .iter()
        .map(|row| {
            let cells = row.iter().zip(&widths);
            let line: Vec<String> = cells
                .map(|(cell, width)| format!("{cell:width$}"))
                .collect();
            format!("{}\n", line.join("  ").trim_end())
        })
        .collect();
    text.push_str(
        "\nOrders: error O(h^p) on any grid with bounded step ratios, on smooth grids, on uniform grids; exact start.\n\
         `ddim start`: a whole run with the usual start-up. Stochastic solvers: the order of the drift.\n\
         `fails next`: the first condition of the next order that fails, with its exact coefficient, at equal steps unless other ratios stand there.\n",
    );
    text
}
