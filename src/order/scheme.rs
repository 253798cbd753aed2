//! What a proof by trees is about: a single-step scheme, written over any arithmetic.

use crate::arithmetic::{Field, Rational};
use crate::solver::{Method, Step, Tableau, final_weights};

/// An explicit single-step scheme for u' = c u + g(lambda, u).
pub trait Scheme {
    /// Positions of the stages in the step, in (0, 1].
    fn stages(&self) -> Vec<Rational>;

    /// All weights of a step whose stages lie at `ratios`.
    fn tableau<T: Field>(&self, step: &Step<T>, ratios: Vec<T>) -> Tableau<T>;
}

/// Single-step methods, and `ddim` as the method without a stage.
impl Scheme for Method {
    fn stages(&self) -> Vec<Rational> {
        Method::stages(*self)
    }

    fn tableau<T: Field>(&self, step: &Step<T>, ratios: Vec<T>) -> Tableau<T> {
        Tableau::new(*self, step, ratios)
    }
}

/// A block of `blocks=progressive`: the stages are grid nodes, and the state at each is the result of
/// the lower method of the same family from the block's first node, at the grid's own ratios.
#[derive(Clone, Debug)]
pub struct Progressive {
    /// The method of the block's last step.
    pub method: Method,
    /// The nodes between, in units of the block.
    pub stages: Vec<Rational>,
}

impl Progressive {
    /// The block on a grid that is uniform in lambda.
    pub fn uniform(method: Method) -> Self {
        Progressive {
            method,
            stages: method.even_stages(),
        }
    }
}

impl Scheme for Progressive {
    fn stages(&self) -> Vec<Rational> {
        self.stages.clone()
    }

    fn tableau<T: Field>(&self, step: &Step<T>, ratios: Vec<T>) -> Tableau<T> {
        let stage = |i: usize| {
            let to = &ratios[i];
            let inner: Vec<T> = ratios[..i].iter().map(|r| r.clone() / to).collect();
            final_weights(self.method.lowered(i + 1), &step.part(to), &inner)
        };
        Tableau {
            stages: (0..ratios.len()).map(stage).collect(),
            last: final_weights(self.method, step, &ratios),
            ratios,
        }
    }
}
