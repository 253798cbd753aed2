//! The reference run of a program, in any arithmetic, with any rounding of what is stored.

use super::{Conversion, Program, Source, Stage, Sum};
use crate::arithmetic::Real;
use crate::error::{Code, Error, Result};
use crate::plan::Call;

impl<T: Real> Program<T> {
    /// Runs the program on one sample; slow and plain, for comparison with the backends.
    ///
    /// `model` returns the network's output for a call, under guidance the conditional and the
    /// unconditional one; `noise(k)` the k-th noise; `store` rounds to the storage format and is
    /// applied to all that stands in an array: start, network outputs, noises, predictions, states.
    ///
    /// # Errors
    /// `E-SHAPE` for a wrong number of start states or network outputs, or vectors of unequal
    /// length; the errors of `model` and `noise`.
    pub fn run(
        &self,
        start: &[Vec<T>],
        model: impl FnMut(&Call<'_, T>) -> Result<Vec<Vec<T>>>,
        noise: impl FnMut(usize) -> Result<Vec<T>>,
        store: impl Fn(T) -> T,
    ) -> Result<Vec<T>> {
        self.run_batch(1, start, model, noise, store)
    }

    /// As [`Program::run`], for a dense batch of samples of one size: thresholding acts on each.
    ///
    /// # Errors
    /// As [`Program::run`].
    pub(crate) fn run_batch(
        &self,
        samples: usize,
        start: &[Vec<T>],
        mut model: impl FnMut(&Call<'_, T>) -> Result<Vec<Vec<T>>>,
        mut noise: impl FnMut(usize) -> Result<Vec<T>>,
        store: impl Fn(T) -> T,
    ) -> Result<Vec<T>> {
        let length = start.first().map_or(0, Vec::len);
        check(start.len(), self.initial.states, "start states", "start")?;
        let stored = |vectors: Vec<Vec<T>>, place: &str| -> Result<Vec<Vec<T>>> {
            for vector in &vectors {
                check(vector.len(), length, "components", place)?;
            }
            let rounded = |vector: Vec<T>| vector.into_iter().map(&store).collect();
            Ok(vectors.into_iter().map(rounded).collect())
        };
        let mut states = stored(start.to_vec(), "start")?;
        states.resize(self.states, Vec::new());
        let mut outputs: Vec<Vec<T>> = vec![Vec::new(); self.outputs];
        let mut networks: Vec<Vec<T>> = Vec::new();
        for stage in &self.stages {
            match stage {
                Stage::Call { call, node, input } => {
                    let call = Call {
                        index: *call,
                        node: &self.nodes[*node],
                        input: &states[*input],
                    };
                    networks = stored(model(&call)?, "model output")?;
                }
                Stage::Threshold { output } => {
                    if let Some(threshold) = self.threshold {
                        let elements = (length / samples).max(1);
                        for sample in outputs[*output].chunks_mut(elements) {
                            threshold.apply(sample);
                        }
                    }
                    for value in &mut outputs[*output] {
                        *value = store(value.clone());
                    }
                }
                Stage::Pass(pass) => {
                    let mut register = Vec::new();
                    if let Some(conversion) = &pass.conversion {
                        check(
                            networks.len(),
                            conversion.networks(),
                            "network outputs",
                            "model output",
                        )?;
                        register = conversion.apply(&states, &networks);
                    }
                    let made = match &pass.sum {
                        None => None,
                        Some(sum) => {
                            let mut drawn = Vec::new();
                            for (source, _) in &sum.terms {
                                if let Source::Noise(k) = source {
                                    drawn = stored(vec![noise(*k)?], "noise")?
                                        .pop()
                                        .unwrap_or_default();
                                }
                            }
                            Some((sum.target, sum.apply(&states, &outputs, &register, &drawn)))
                        }
                    };
                    let kept = pass
                        .conversion
                        .as_ref()
                        .and_then(|conversion| conversion.keep);
                    if let Some(kept) = kept {
                        outputs[kept] = register.into_iter().map(&store).collect();
                    }
                    if let Some((target, state)) = made {
                        states[target] = state.into_iter().map(&store).collect();
                    }
                }
            }
        }
        Ok(states.swap_remove(self.result))
    }
}

impl<T> Conversion<T> {
    /// Network outputs it takes: 1, or 2 under guidance.
    pub fn networks(&self) -> usize {
        1 + usize::from(self.unconditional.is_some())
    }
}

impl<T: Real> Conversion<T> {
    fn apply(&self, states: &[Vec<T>], networks: &[Vec<T>]) -> Vec<T> {
        let element = |i: usize| {
            let conditional = networks[0][i].clone() * &self.conditional;
            let mut m = match &self.state {
                None => conditional,
                Some((state, weight)) => states[*state][i].clone() * weight + &conditional,
            };
            if let Some(weight) = &self.unconditional {
                m = m + &(networks[1][i].clone() * weight);
            }
            match &self.clip {
                None => m,
                Some(bound) => clipped(m, bound),
            }
        };
        (0..networks[0].len()).map(element).collect()
    }
}

impl<T: Real> Sum<T> {
    fn apply(&self, states: &[Vec<T>], outputs: &[Vec<T>], register: &[T], drawn: &[T]) -> Vec<T> {
        let mut result: Vec<T> = Vec::new();
        for (source, weight) in &self.terms {
            let vector = match source {
                Source::State(i) => &states[*i],
                Source::Output(i) => &outputs[*i],
                Source::Register => register,
                Source::Noise(_) => drawn,
            };
            let products = vector.iter().map(|x| x.clone() * weight);
            result = match result.is_empty() {
                true => products.collect(),
                false => result
                    .into_iter()
                    .zip(products)
                    .map(|(s, p)| s + &p)
                    .collect(),
            };
        }
        result
    }
}

/// A NaN passes.
fn clipped<T: Real>(value: T, bound: &T) -> T {
    if (value.clone() - bound).to_f64() > 0.0 {
        bound.clone()
    } else if (value.clone() + bound).to_f64() < 0.0 {
        -bound.clone()
    } else {
        value
    }
}

fn check(found: usize, wanted: usize, what: &str, place: &str) -> Result<()> {
    if found == wanted {
        return Ok(());
    }
    Err(Error::new(
        Code::Shape,
        format!("{found} {what}"),
        place,
        format!("give {wanted}"),
    ))
}
