//! `FlowMatchEulerDiscreteScheduler`: Euler on the velocity, which is `ddim` on the flow schedule.

use super::Options;
use super::config::{Config, Shifting, refused};
use crate::arithmetic::{Field, Rational, rational, rational_from_f64};
use crate::error::Result;
use crate::grid::{Ends, Grid, Rounding, Shift, Spacing};
use crate::plan::Request;
use crate::policy::Policy;
use crate::recipe::Recipe;
use crate::schedule::Schedule;
use crate::solver::Solver;

pub(super) fn request(config: &mut Config, options: &Options) -> Result<Request> {
    let count = config.thousand()?;
    let Shifting {
        shift,
        dynamic,
        exponential,
    } = config.shifting("shift")?;
    let terminal = config
        .optional_number("shift_terminal")?
        .filter(|terminal| *terminal != rational(0, 1));
    for key in [
        "use_karras_sigmas",
        "use_exponential_sigmas",
        "use_beta_sigmas",
    ] {
        config.must_be_off(key, "false: spacings in s itself are not defined here")?;
    }
    config.must_be_off("invert_sigmas", "false")?;
    config.must_be_off("stochastic_sampling", "false")?;
    let shift = match (dynamic, options.mu, exponential) {
        (false, None, _) => Shift::By(shift),
        (false, Some(_), _) => {
            return Err(refused("use_dynamic_shifting", "false", "true, or no mu"));
        }
        (true, None, _) => {
            return Err(refused(
                "use_dynamic_shifting",
                "true",
                "--mu (pipelines compute it from the image size)",
            ));
        }
        (true, Some(mu), true) => Shift::Exp(mu),
        (true, Some(mu), false) => Shift::By(mu),
    };
    let zero = rational(0, 1);
    if matches!(shift, Shift::By(by) if by <= zero) {
        return Err(refused("shift", &format!("{shift:?}"), "a number > 0"));
    }
    if terminal.is_some() && options.steps == 1 {
        return Err(refused(
            "shift_terminal",
            "given at N = 1",
            "N >= 2: the library divides 0 by 0",
        ));
    }
    // The library's smallest s is shifted once when the scheduler is made (not with dynamic
    // shifting) and rounded to float32; the grid shifts it again.
    let smallest = match shift {
        Shift::By(by) if !dynamic => shifted_f32(by, count),
        _ => (1.0 / count as f64) as f32,
    };
    let end = rational_from_f64(f64::from(smallest)).unwrap_or(rational(1, 1000));
    let grid = Grid {
        spacing: Spacing::Flow {
            shift,
            terminal,
            train: None,
        },
        ends: Ends::Zero,
        rounding: Rounding::None,
    };
    let schedule = Schedule::parse("flow")?;
    let recipe = Recipe {
        policy: Policy {
            zero: true,
            ..Policy::default()
        },
        ..Recipe::new(Solver::parse("ddim")?, &schedule)
    };
    let domain = Some((rational(1, 1), end));
    Ok(Request {
        domain,
        ..Request::new(recipe, schedule, grid, options.steps)
    })
}

/// shift s/(1 + (shift-1) s) at s = 1/n, operation by operation in float32.
fn shifted_f32(shift: Rational, count: usize) -> f32 {
    let s = 1.0 / count as f32;
    let (shift, less) = (
        0.0_f32.constant(shift),
        0.0_f32.constant(shift - rational(1, 1)),
    );
    shift * s / (1.0 + less * s)
}
