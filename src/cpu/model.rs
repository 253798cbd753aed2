//! Exact denoisers as the production path runs them: in f32, with numbers from double-double.
//!
//! In a state x = alpha z a component k of a mixture has variance V = alpha^2 s2 + sigma^2, and what
//! a network would return for it alone is affine in the network's input. The output is these affine
//! functions weighted by w N(x; alpha mu, V): e^(h - (r input - t)^2) over the sum of the same. A
//! normal distribution is the case of one component. Slope, intercept, r, t and h are derived in
//! double-double for every call and rounded once.

use super::exponential::{exp, reciprocal};
use crate::arithmetic::{DoubleDouble, Real};
use crate::error::{Code, Error, Result};
use crate::fused::Shape;
use crate::plan::{Instruction, Node, Plan};
use crate::problem::{Network, Problem};
use crate::solver::Side;
use bytemuck::{Pod, Zeroable};
use rayon::prelude::*;

/// Elements that one thread computes at a time.
const BLOCK: usize = 1 << 14;

/// A component at a call: output `slope` input + `intercept`, and the exponent
/// `height` - (`scale` input - `shift`)^2 of its weight.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
pub(crate) struct Row {
    pub(super) slope: f32,
    pub(super) intercept: f32,
    pub(super) scale: f32,
    pub(super) shift: f32,
    pub(super) height: f32,
}

/// Fills up mixtures of fewer components: its weight is 0 everywhere.
const ABSENT: Row = Row {
    slope: 0.0,
    intercept: 0.0,
    scale: 0.0,
    shift: 0.0,
    height: -1e30,
};

/// A problem's networks at all calls of a plan.
///
/// A problem of dimension d fills a sample by repetition: element e is component e mod d.
#[derive(Clone, Debug)]
pub struct Denoiser {
    pub(crate) dimension: usize,
    /// Rows of a component of the problem.
    pub(crate) components: usize,
    pub(crate) calls: usize,
    /// Q row by row, if the problem is rotated.
    pub(crate) rotation: Option<Vec<f32>>,
    /// Conditional, and unconditional if there is one.
    networks: usize,
    /// [network][call][dimension][components].
    pub(crate) rows: Vec<Row>,
}

impl Denoiser {
    /// The networks that `plan` calls; `side` is what its recipe integrates.
    ///
    /// # Errors
    /// `E-PARAMETER` for `images`; `E-NONFINITE` if a number does not fit f32.
    pub fn new(problem: &Problem, plan: &Plan<DoubleDouble>, side: Side) -> Result<Self> {
        let model = problem.model(&DoubleDouble::ONE);
        let mut networks = 0;
        let mut components = 1;
        let mut rows = Vec::new();
        for network in [Network::Conditional, Network::Unconditional] {
            let Some(mixtures) = model.mixtures(network) else {
                continue;
            };
            components = mixtures.iter().map(Vec::len).fold(components, usize::max);
            networks += 1;
            for weights in Weights::all(plan, side) {
                for mixture in &mixtures {
                    let own: Vec<[DoubleDouble; 5]> = mixture
                        .iter()
                        .map(|c| weights.row(c.weight, c.mean, c.variance))
                        .collect();
                    rows.extend(rounded(&own)?);
                    rows.resize(rows.len() + components - own.len(), ABSENT);
                }
            }
        }
        if networks == 0 {
            return Err(Error::new(
                Code::Parameter,
                format!("`{problem}` is no mixture of a few normal distributions"),
                "problem",
                "choose gaussian, guided, mixture, rotated-gaussian or rotated-mixture",
            ));
        }
        let matrix = model.rotation();
        Ok(Denoiser {
            dimension: problem.dimension(),
            components,
            calls: plan.calls(),
            rotation: matrix.map(|rows| {
                rows.concat()
                    .into_iter()
                    .map(DoubleDouble::to_f32)
                    .collect()
            }),
            networks,
            rows,
        })
    }

    /// Components of the problem.
    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// Model calls of the plan.
    pub fn calls(&self) -> usize {
        self.calls
    }

    /// Whether there is an unconditional network beside the conditional one.
    pub fn guided(&self) -> bool {
        self.networks == 2
    }

    /// What a network returns at a call for a run of elements within one sample; the first one has
    /// number `first` there.
    ///
    /// # Errors
    /// `E-PARAMETER` for a call or network that is not there; `E-SHAPE` for slices of unequal length
    /// or, of a rotated problem, a run that is not of whole groups.
    pub fn output(
        &self,
        call: usize,
        network: Network,
        input: &[f32],
        output: &mut [f32],
        first: usize,
    ) -> Result<()> {
        let rows = self.rows(call, network)?;
        equal(input.len(), output.len())?;
        let Some(rotation) = &self.rotation else {
            for (i, (x, made)) in input.iter().zip(output).enumerate() {
                *made = self.denoised(rows, (first + i) % self.dimension, *x);
            }
            return Ok(());
        };
        self.whole(first)?;
        self.whole(input.len())?;
        let groups = input.chunks_exact(self.dimension);
        let mut turned = vec![0.0; self.dimension];
        for (group, made) in groups.zip(output.chunks_exact_mut(self.dimension)) {
            for (i, (row, y)) in rotation
                .chunks_exact(self.dimension)
                .zip(&mut turned)
                .enumerate()
            {
                *y = self.denoised(rows, i, dot(row.iter().zip(group)));
            }
            for (j, made) in made.iter_mut().enumerate() {
                let column = rotation.iter().skip(j).step_by(self.dimension);
                *made = dot(column.zip(&turned));
            }
        }
        Ok(())
    }

    /// The same for a whole tensor, on all threads.
    ///
    /// # Errors
    /// As [`Denoiser::output`].
    pub fn batch(
        &self,
        call: usize,
        network: Network,
        shape: Shape,
        input: &[f32],
        output: &mut [f32],
    ) -> Result<()> {
        equal(input.len(), shape.len())?;
        equal(output.len(), shape.len())?;
        if self.rotation.is_some() {
            self.whole(shape.elements)?;
        }
        let block = BLOCK.next_multiple_of(self.dimension);
        let samples = input
            .par_chunks(shape.elements)
            .zip(output.par_chunks_mut(shape.elements));
        samples.try_for_each(|(input, output)| {
            let blocks = input.par_chunks(block).zip(output.par_chunks_mut(block));
            blocks.enumerate().try_for_each(|(k, (input, output))| {
                self.output(call, network, input, output, k * block)
            })
        })
    }

    /// The first row of a call.
    pub(crate) fn place(&self, call: usize, network: Network) -> Result<usize> {
        let size = self.dimension * self.components;
        let unconditional = usize::from(network == Network::Unconditional);
        if call < self.calls && unconditional < self.networks {
            return Ok((unconditional * self.calls + call) * size);
        }
        Err(Error::new(
            Code::Parameter,
            format!("call {call} of the {network:?} network"),
            "model",
            format!(
                "the plan makes {} calls of {} networks",
                self.calls, self.networks
            ),
        ))
    }

    pub(super) fn rows(&self, call: usize, network: Network) -> Result<&[Row]> {
        let place = self.place(call, network)?;
        Ok(&self.rows[place..][..self.dimension * self.components])
    }

    /// A number of elements is a multiple of the dimension.
    pub(crate) fn whole(&self, elements: usize) -> Result<()> {
        if elements.is_multiple_of(self.dimension) {
            return Ok(());
        }
        Err(Error::new(
            Code::Shape,
            format!("{elements} elements of a rotated problem"),
            "shape",
            format!("give a multiple of its dimension, {}", self.dimension),
        ))
    }

    fn denoised(&self, rows: &[Row], component: usize, x: f32) -> f32 {
        let rows = &rows[component * self.components..][..self.components];
        let mut largest = rows[0].exponent(x);
        for row in &rows[1..] {
            let exponent = row.exponent(x);
            if exponent > largest {
                largest = exponent;
            }
        }
        let mut sum = rows[0].alone(x);
        if rows.len() == 1 {
            return sum;
        }
        let mut total = exp(rows[0].exponent(x) - largest);
        sum *= total;
        for row in &rows[1..] {
            let weight = exp(row.exponent(x) - largest);
            total += weight;
            sum += weight * row.alone(x);
        }
        sum * reciprocal(total)
    }
}

impl Row {
    fn alone(&self, x: f32) -> f32 {
        self.slope * x + self.intercept
    }

    fn exponent(&self, x: f32) -> f32 {
        let distance = self.scale * x - self.shift;
        self.height - distance * distance
    }
}

/// Products summed from the first on.
fn dot<'a>(mut pairs: impl Iterator<Item = (&'a f32, &'a f32)>) -> f32 {
    let first = pairs.next().map_or(0.0, |(a, b)| a * b);
    pairs.fold(first, |sum, (a, b)| sum + a * b)
}

fn equal(found: usize, wanted: usize) -> Result<()> {
    if found == wanted {
        return Ok(());
    }
    Err(Error::new(
        Code::Shape,
        format!("{found} elements beside {wanted}"),
        "model",
        "give as many inputs as outputs, as many as the shape says",
    ))
}

/// Heights relative to the largest, and all rounded.
fn rounded(rows: &[[DoubleDouble; 5]]) -> Result<Vec<Row>> {
    let above = |a: DoubleDouble, b: DoubleDouble| (a - b).hi() > 0.0;
    let highest = rows.iter().map(|row| row[4]);
    let highest = highest.reduce(|a, b| if above(b, a) { b } else { a });
    let mut made = Vec::with_capacity(rows.len());
    for row in rows {
        let mut row = *row;
        row[4] = highest.map_or(row[4], |highest| row[4] - highest);
        let numbers = row.map(DoubleDouble::to_f32);
        if numbers.iter().any(|number| !number.is_finite()) {
            return Err(Error::new(
                Code::NonFinite,
                format!("the denoiser's numbers {numbers:?}"),
                "model",
                "start and end where alpha and sigma are moderate",
            ));
        }
        let [slope, intercept, scale, shift, height] = numbers;
        made.push(Row {
            slope,
            intercept,
            scale,
            shift,
            height,
        });
    }
    Ok(made)
}

/// A call: the output is `state` x + `data` x_0.
struct Weights<'a> {
    node: &'a Node<DoubleDouble>,
    state: DoubleDouble,
    data: DoubleDouble,
}

impl<'a> Weights<'a> {
    /// What the conversion takes back: x_0, or (x - alpha x_0)/sigma on the noise side, less the
    /// state's share, over the output's weight.
    fn all(plan: &'a Plan<DoubleDouble>, side: Side) -> impl Iterator<Item = Self> {
        plan.program.iter().filter_map(move |instruction| {
            let Instruction::Evaluate {
                node,
                state_weight,
                output_weight,
                ..
            } = instruction
            else {
                return None;
            };
            let node = &plan.nodes[*node];
            let (alpha, sigma) = (node.point.alpha, node.point.sigma);
            let (state, data) = match side {
                Side::Data => (DoubleDouble::ZERO, DoubleDouble::ONE),
                Side::Noise => (DoubleDouble::ONE / sigma, -(alpha / sigma)),
            };
            Some(Weights {
                node,
                state: (state - state_weight) / output_weight,
                data: data / output_weight,
            })
        })
    }

    /// Slope, intercept, scale, shift and height of N(mean, variance).
    fn row(
        &self,
        weight: DoubleDouble,
        mean: DoubleDouble,
        variance: DoubleDouble,
    ) -> [DoubleDouble; 5] {
        let (alpha, sigma) = (self.node.point.alpha, self.node.point.sigma);
        let total = alpha * alpha * variance + sigma * sigma;
        let one = DoubleDouble::ONE;
        let per_input = one / self.node.input_scale;
        let slope = self.state + self.data * (alpha * variance / total);
        let intercept = self.data * (sigma * sigma * mean / total);
        let inverse = one / (total + total).sqrt();
        let height = weight.ln() - total.ln() * DoubleDouble::exact(0.5);
        [
            slope * per_input,
            intercept,
            inverse * per_input,
            alpha * mean * inverse,
            height,
        ]
    }
}
