//! Mean and variance of what SDE solvers make of Gaussian data, as JSON on standard output:
//!
//! ```sh
//! cargo run --features oracle --example sde_moments
//! ```
//!
//! N equal steps in lambda from -2 to 2, z = x/alpha = 5 at the first node, mu = 1/2, s2 = 1/4;
//! 256 bits, far more than the 60 decimals that are compared.

use dpm_spec::Result;
use dpm_spec::arithmetic::{Field, Rational, rational};
use dpm_spec::grid::{Grid, Unit};
use dpm_spec::plan::{Request, derive};
use dpm_spec::problem::{Gaussian, Law, exact_law, gaussian_law};
use dpm_spec::recipe::Recipe;
use dpm_spec::schedule::Schedule;
use dpm_spec::solver::Solver;
use rug::Float;
use serde_json::{Value, json};

const BITS: u32 = 256;
const DIGITS: usize = 75;

fn main() -> Result<()> {
    let mut laws = Vec::new();
    for solver in [
        "sde-dpmpp-1",
        "sde-dpmpp-2m",
        "sde-dpmpp-3m",
        "sde-dpmpp-3m-exact",
        "sde-dpm-1",
        "sde-dpm-2m",
        "ddim-eta",
    ] {
        for eta in [rational(1, 3), rational(1, 1)] {
            for steps in [1, 2, 7, 40] {
                laws.push(compared(&request(solver, eta, steps)?)?);
            }
        }
    }
    println!("{}", Value::Array(laws));
    Ok(())
}

fn request(solver: &str, eta: Rational, steps: usize) -> Result<Request> {
    let schedule = Schedule::parse("edm")?;
    let mut recipe = Recipe::new(Solver::parse(solver)?, &schedule);
    recipe.eta = eta;
    let count = steps as i128;
    let nodes = (0..=count).map(|i| rational(4 * i - 2 * count, count));
    let grid = Grid::explicit(Unit::Lambda, nodes.collect())?;
    Ok(Request::new(recipe, schedule, grid, steps))
}

fn compared(request: &Request) -> Result<Value> {
    let one = Float::with_val(BITS, 1);
    let data = Gaussian::new(vec![rational(1, 2)], vec![rational(1, 4)])?;
    let start = [Law::fixed(one.like(5, 1))];
    let plan = derive(request, &one)?;
    Ok(json!({
        "solver": request.recipe.solver.to_string(),
        "eta": request.recipe.eta.to_string(),
        "steps": request.steps,
        "solver_law": decimals(&gaussian_law(&plan, request, &data, &start)?),
        "exact_law": decimals(&exact_law(&plan, request, &data, &start)?),
    }))
}

fn decimals(laws: &[Law<Float>]) -> Vec<[String; 2]> {
    let decimal = |x: &Float| x.to_string_radix(10, Some(DIGITS));
    laws.iter()
        .map(|law| [decimal(&law.mean), decimal(&law.variance)])
        .collect()
}
