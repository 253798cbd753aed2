//! What any conforming device may compute: rigorous bounds of the rounding errors in f32 and f16.
//!
//! WGSL lets an addition or a product be rounded in either direction (relative error u = 2^-23),
//! operands and results below 2^-126 be flushed to 0, sums be taken in any order, and a product and
//! a sum be fused. A sum of T products is then a tree in which every term meets at most T roundings,
//! one of its product and T-1 of sums:
//!
//! |computed - exact| <= g(T) S + F, S = sum |w_i v_i|, g(k) = k u/(1 - k u),
//! F = (1 + g(T)) 2^-126 (sum |w_i| + 2T - 1), plus |w_i v_i| for a weight under 2^-126:
//!
//! T operands, T products and T-1 sums may be flushed once each. The conversion is such a sum of K
//! terms, S0, F0. The next state is one of T terms, of which one may be the converted prediction m;
//! it is charged at S0 and not at |m|, so that multiplying the conversion out (K + T roundings a
//! term) is covered as well: |x' - exact| <= g(K+T) S + F. Fusing only takes roundings away. No sum
//! overflows if S + error does not; beyond that WGSL promises nothing, and neither is anything
//! promised here. Clipping compares and does not round.
//!
//! Storage in f16 rounds to nearest once more, by integers: half an ulp, at least 2^-25.
//!
//! Over N steps each rounding is one unknown of at most this size, and everything after it is affine
//! in it as long as the network is: the errors are carried along as linear forms ([`Enclosure`]), so
//! that a state and a prediction made of it do not count their common error twice. The register and
//! the stored copy of m may be computed separately and get an unknown each.
//! Clauses: `spec/bounds.md`.

use super::dynamic::thresholded;
use super::enclosure::{Enclosure, OUTWARD, Response};
use super::{Conversion, Format, Pass, Program, Source, Stage, Sum, from_f16, to_f16};
use crate::error::{Code, Error, Result};
use crate::plan::Node;
use crate::threshold::Threshold;

/// u: relative error of a rounding in either direction.
const UNIT: f64 = 1.0 / (1 << 23) as f64;
/// 2^-126: what is smaller may be flushed to 0.
pub(super) const SMALLEST: f64 = f32::MIN_POSITIVE as f64;

/// g(k) = k u/(1 - k u): k roundings, relative.
pub(super) fn growth(roundings: usize) -> f64 {
    let sum = roundings as f64 * UNIT;
    sum / (1.0 - sum)
}

/// Error of a sum of weight times a number of at most this magnitude; infinite on overflow.
fn error_of_sum(terms: &[(f64, f64)], folded: f64) -> f64 {
    let mut sum = 0.0;
    let mut flushed = folded + SMALLEST * (2 * terms.len()).saturating_sub(1) as f64;
    for (weight, magnitude) in terms {
        sum += weight.abs() * magnitude;
        flushed += SMALLEST * weight.abs() + lost(*weight) * magnitude;
    }
    let growth = growth(terms.len());
    let error = (growth * sum + (1.0 + growth) * flushed) * OUTWARD;
    // Not `>`: a NaN is no promise either.
    match sum + error <= f64::from(f32::MAX) {
        true => error,
        false => f64::INFINITY,
    }
}

/// What flushing a weight loses of it.
fn lost(weight: f64) -> f64 {
    match weight.abs() < SMALLEST {
        true => weight.abs(),
        false => 0.0,
    }
}

/// One element of all arrays of a program, enclosed.
#[derive(Clone, Debug, PartialEq)]
pub struct Element {
    /// State arrays.
    pub states: Vec<Enclosure>,
    /// Output arrays.
    pub outputs: Vec<Enclosure>,
    /// What the network returned: conditional, then unconditional under guidance.
    pub networks: Vec<Enclosure>,
    /// The noise that the next pass adds, if it adds any.
    pub noise: Enclosure,
    /// Roundings so far.
    roundings: usize,
}

/// The converted prediction, not rounded to the format.
struct Register {
    number: Enclosure,
    /// Sum of the magnitudes of what it was made of.
    size: f64,
    /// Weights and magnitudes of its terms, if a compiler may multiply them out.
    terms: Vec<(f64, f64)>,
}

impl Element {
    /// An element of so many state and output arrays, all 0.
    pub fn new(states: usize, outputs: usize) -> Self {
        let zero = Enclosure::exact(0.0);
        Element {
            states: vec![zero.clone(); states],
            outputs: vec![zero.clone(); outputs],
            networks: Vec::new(),
            noise: zero,
            roundings: 0,
        }
    }

    /// What a conforming device may hold in this element after the pass.
    pub fn pass(&mut self, pass: &Pass<f32>, format: Format) {
        let converted = pass
            .conversion
            .as_ref()
            .map(|conversion| self.converted(conversion, format));
        let (register, kept) = converted.map_or((None, None), |(r, k)| (Some(r), k));
        let made = pass
            .sum
            .as_ref()
            .map(|sum| (sum.target, self.summed(sum, register.as_ref(), format)));
        if let Some((array, number)) = kept {
            self.outputs[array] = number;
        }
        if let Some((array, number)) = made {
            self.states[array] = number;
        }
    }

    fn rounding(&mut self) -> usize {
        self.roundings += 1;
        self.roundings - 1
    }

    fn converted(
        &mut self,
        conversion: &Conversion<f32>,
        format: Format,
    ) -> (Register, Option<(usize, Enclosure)>) {
        let marks: [usize; 5] = std::array::from_fn(|_| self.rounding());
        let mut terms = Vec::with_capacity(3);
        if let Some((state, weight)) = conversion.state {
            terms.push((f64::from(weight), &self.states[state]));
        }
        let networks = [Some(conversion.conditional), conversion.unconditional];
        for (weight, network) in networks.into_iter().flatten().zip(&self.networks) {
            terms.push((f64::from(weight), network));
        }
        let sizes = magnitudes(&terms);
        let error = error_of_sum(&sizes, 0.0);
        let exact = Enclosure::combined(&terms);
        let shaped = |rounding: usize, clipping: usize| {
            let number = exact.clone().widened(error, rounding);
            match conversion.clip {
                None => number,
                Some(bound) => number.clipped(f64::from(bound), clipping),
            }
        };
        let kept = conversion
            .keep
            .map(|array| (array, shaped(marks[0], marks[1]).stored(format, marks[2])));
        let number = shaped(marks[3], marks[4]);
        let register = match conversion.clip {
            None => Register {
                size: error + sizes.iter().map(|(w, v)| w.abs() * v).sum::<f64>(),
                terms: sizes,
                number,
            },
            // No compiler multiplies out across a comparison.
            Some(_) => Register {
                size: number.magnitude(),
                terms: Vec::new(),
                number,
            },
        };
        (register, kept)
    }

    fn summed(&mut self, sum: &Sum<f32>, register: Option<&Register>, format: Format) -> Enclosure {
        let (rounding, storing) = (self.rounding(), self.rounding());
        let mut terms = Vec::with_capacity(sum.terms.len());
        let mut sizes = Vec::with_capacity(sum.terms.len());
        let mut folded = 0.0;
        for (source, weight) in &sum.terms {
            let weight = f64::from(*weight);
            let number = match source {
                Source::State(array) => &self.states[*array],
                Source::Output(array) => &self.outputs[*array],
                Source::Noise(_) => &self.noise,
                Source::Register => match register {
                    None => continue,
                    Some(register) => {
                        // A product of two weights may be flushed, too.
                        let products = register.terms.iter();
                        folded += products.map(|(k, v)| lost(k * weight) * v).sum::<f64>();
                        &register.number
                    }
                },
            };
            terms.push((weight, number));
            sizes.push(match (source, register) {
                (Source::Register, Some(register)) => (weight, register.size),
                _ => (weight, number.magnitude()),
            });
        }
        Enclosure::combined(&terms)
            .widened(error_of_sum(&sizes, folded), rounding)
            .stored(format, storing)
    }
}

fn magnitudes(terms: &[(f64, &Enclosure)]) -> Vec<(f64, f64)> {
    let magnitude = |(weight, number): &(f64, &Enclosure)| (*weight, number.magnitude());
    terms.iter().map(magnitude).collect()
}

/// An element of a network's input.
#[derive(Debug)]
pub struct Shown<'a> {
    /// Index of the call, from 0.
    pub call: usize,
    /// The node: label, alpha, sigma, lambda.
    pub node: &'a Node<f32>,
    /// Number of the element in the tensor.
    pub element: usize,
    /// The input.
    pub input: &'a Enclosure,
}

impl Program<f32> {
    /// Encloses the result of a run on any conforming device: the centres are the run without
    /// rounding (in f64, the program's f32 numbers taken as exact), the radii bound what all
    /// roundings of the run may do to it.
    ///
    /// `model` returns the network's response to an element, under guidance the conditional and the
    /// unconditional one; the response must hold on the whole enclosure of the input. `noise(k)` is
    /// the k-th noise. To dynamic thresholding the vectors are one sample.
    ///
    /// # Errors
    /// `E-SHAPE` for a wrong number of start states, responses or components; the errors of `model`
    /// and `noise`.
    pub fn enclose(
        &self,
        start: &[Vec<f32>],
        mut model: impl FnMut(&Shown<'_>) -> Result<Vec<Response>>,
        mut noise: impl FnMut(usize) -> Result<Vec<f32>>,
        format: Format,
    ) -> Result<Vec<Enclosure>> {
        let stored = |value: f32| match format {
            Format::F32 => Enclosure::exact(value),
            Format::F16 => Enclosure::exact(from_f16(to_f16(value))),
        };
        let element = Element::new(self.states, self.outputs);
        let mut elements = vec![element; start.first().map_or(0, Vec::len)];
        check(start.len(), self.initial.states, "start states")?;
        for (state, values) in start.iter().enumerate() {
            check(values.len(), elements.len(), "components")?;
            for (element, value) in elements.iter_mut().zip(values) {
                element.states[state] = stored(*value);
            }
        }
        for stage in &self.stages {
            match stage {
                Stage::Call { call, node, input } => {
                    for (i, element) in elements.iter_mut().enumerate() {
                        let input = element.states[*input].clone();
                        let responses = model(&Shown {
                            call: *call,
                            node: &self.nodes[*node],
                            element: i,
                            input: &input,
                        })?;
                        element.networks.clear();
                        for response in &responses {
                            let (rounding, storing) = (element.rounding(), element.rounding());
                            let answer = input.answered(response, rounding);
                            element.networks.push(answer.stored(format, storing));
                        }
                    }
                }
                Stage::Threshold { output } => {
                    if let Some(Threshold::Dynamic { ratio, max }) = self.threshold {
                        let sample = |element: &Element| element.outputs[*output].clone();
                        let sample: Vec<Enclosure> = elements.iter().map(sample).collect();
                        let marks: Vec<[usize; 2]> = elements
                            .iter_mut()
                            .map(|element| [element.rounding(), element.rounding()])
                            .collect();
                        let made = thresholded(&sample, (ratio, max), |i| marks[i][0]);
                        for ((element, number), marks) in elements.iter_mut().zip(made).zip(marks) {
                            element.outputs[*output] = number.stored(format, marks[1]);
                        }
                    }
                }
                Stage::Pass(pass) => {
                    let networks = pass.conversion.as_ref().map_or(0, Conversion::networks);
                    let terms = pass.sum.iter().flat_map(|sum| &sum.terms);
                    for (source, _) in terms {
                        if let Source::Noise(k) = source {
                            let drawn = noise(*k)?;
                            check(drawn.len(), elements.len(), "components")?;
                            for (element, value) in elements.iter_mut().zip(drawn) {
                                element.noise = stored(value);
                            }
                        }
                    }
                    for element in &mut elements {
                        if networks > 0 {
                            check(element.networks.len(), networks, "responses")?;
                        }
                        element.pass(pass, format);
                    }
                }
            }
        }
        let result = |mut element: Element| element.states.swap_remove(self.result);
        Ok(elements.into_iter().map(result).collect())
    }
}

fn check(found: usize, wanted: usize, what: &str) -> Result<()> {
    if found == wanted {
        return Ok(());
    }
    Err(Error::new(
        Code::Shape,
        format!("{found} {what}"),
        "enclose",
        format!("give {wanted}"),
    ))
}
