//! The proven order beside a measured one.

use super::{Measure, Pattern, Refinement, Study};
use crate::grid::Spacing;
use crate::order::weak;
use crate::order::whole_run::{GridClass, whole_run};

/// The slope that the study tends to, proved: the order of the whole run with its start-up, on its
/// class of grids; one more for a single step. Of weak errors the order on Gaussian data.
///
/// `None` where nothing is proved: a step to sigma = 0, a discrete schedule (lambda between its
/// indices is only Lipschitz), weak errors on other data.
pub fn proven(study: &Study) -> Option<u32> {
    let class = class(study)?;
    let recipe = &study.recipe;
    let policy = study.request(*study.steps.first()?).ok()?.policy();
    let order = || whole_run(&recipe.solver, &policy, class);
    match study.measure {
        Measure::Global => order(),
        Measure::Local => order().map(|order| order + 1),
        Measure::WeakMean | Measure::WeakVariance if !policy.zero => {
            weak::prove(&recipe.solver).map(|proof| proof.order)
        }
        _ => None,
    }
}

fn class(study: &Study) -> Option<GridClass> {
    if study.schedule.discrete().is_some() {
        return None;
    }
    match &study.refinement {
        Refinement::Pattern { pattern, .. } => Some(match pattern {
            Pattern::Uniform => GridClass::Uniform,
            Pattern::Smooth => GridClass::Smooth,
            Pattern::Alternating => GridClass::Arbitrary,
        }),
        Refinement::Grid { grid, .. } => match grid.spacing {
            Spacing::Lambda | Spacing::Exponential => Some(GridClass::Uniform),
            // Quantiles of a Beta distribution are not smooth at their ends.
            Spacing::Beta { .. } => Some(GridClass::Arbitrary),
            Spacing::Indexed(_) | Spacing::Nodes(..) => None,
            Spacing::Time
            | Spacing::Quadratic
            | Spacing::Karras(_)
            | Spacing::Polyexponential(_)
            | Spacing::Flow { .. } => Some(GridClass::Smooth),
        },
    }
}
