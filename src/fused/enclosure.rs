//! A number known up to bounded errors, with the errors' signs kept: what two numbers share cancels.

use super::{Format, from_f16, to_f16};

/// Covers the roundings of the f64 arithmetic here: far above them, far below those of f32.
pub(super) const OUTWARD: f64 = 1.0 + 1.0 / (1 << 20) as f64;
/// From here on f16 rounds to infinity.
const OUT_OF_RANGE: f64 = 65520.0;
/// Half an ulp of f16, relative; and of its subnormals, absolute.
const HALF_ULP: f64 = 1.0 / 2048.0;
const HALF_SUBNORMAL: f64 = HALF_ULP / 16384.0;

/// centre + sum of term_k e_k with every |e_k| <= 1 (affine arithmetic); e_k is one rounding of a
/// run, the same in every number that it went into.
#[derive(Clone, Debug, PartialEq)]
pub struct Enclosure {
    centre: f64,
    terms: Vec<f64>,
}

impl Enclosure {
    /// The number itself.
    pub fn exact(value: f32) -> Self {
        Enclosure {
            centre: f64::from(value),
            terms: Vec::new(),
        }
    }

    /// The value without any rounding.
    pub fn centre(&self) -> f64 {
        self.centre
    }

    /// Largest distance from the centre; infinite where nothing is promised.
    pub fn radius(&self) -> f64 {
        let sum: f64 = self.terms.iter().map(|term| term.abs()).sum();
        match (self.centre + sum).is_finite() {
            true => sum * OUTWARD,
            false => f64::INFINITY,
        }
    }

    /// Largest magnitude; infinite where nothing is promised.
    pub fn magnitude(&self) -> f64 {
        match self.radius() {
            radius if radius.is_finite() => self.centre.abs() + radius,
            _ => f64::INFINITY,
        }
    }

    /// False if an operand was not finite, or an intermediate may leave the range.
    pub fn is_bounded(&self) -> bool {
        self.radius().is_finite()
    }

    /// True if a device may hold `value` after rounding once to the format; always where nothing
    /// is promised.
    pub fn admits(&self, value: f32, format: Format) -> bool {
        if !self.is_bounded() {
            return true;
        }
        let radius = self.radius();
        // Rounding to f16 is monotone, so the ends may be rounded instead.
        let (low, high) = (
            ((self.centre - radius) as f32).next_down(),
            ((self.centre + radius) as f32).next_up(),
        );
        match format {
            Format::F32 => (f64::from(value) - self.centre).abs() <= radius,
            Format::F16 => from_f16(to_f16(low)) <= value && value <= from_f16(to_f16(high)),
        }
    }

    /// Sum of weight times number.
    pub(super) fn combined(terms: &[(f64, &Enclosure)]) -> Self {
        let length = terms.iter().map(|(_, number)| number.terms.len()).max();
        let mut sum = Enclosure {
            centre: 0.0,
            terms: vec![0.0; length.unwrap_or(0)],
        };
        for (weight, number) in terms {
            sum.centre += weight * number.centre;
            for (sum, term) in sum.terms.iter_mut().zip(&number.terms) {
                *sum += weight * term;
            }
        }
        sum
    }

    /// slope self + offset, within `error`.
    pub(super) fn answered(&self, response: &Response, rounding: usize) -> Self {
        let mut made = Enclosure::combined(&[(response.slope, self)]);
        made.centre += response.offset;
        let size = response.slope.abs() * self.magnitude() + response.offset.abs();
        made.widened(response.error + size * (OUTWARD - 1.0).powi(2), rounding)
    }

    /// The same number with one rounding more, of at most `size`.
    pub(super) fn widened(mut self, size: f64, rounding: usize) -> Self {
        if self.terms.len() <= rounding {
            self.terms.resize(rounding + 1, 0.0);
        }
        self.terms[rounding] = size;
        self
    }

    /// Clipped to [-bound, bound].
    pub(super) fn clipped(self, bound: f64, rounding: usize) -> Self {
        let radius = self.radius();
        let inside = self.centre.abs() + radius <= bound;
        if inside || !radius.is_finite() {
            return self;
        }
        let low = (self.centre - radius).clamp(-bound, bound);
        let high = (self.centre + radius).clamp(-bound, bound);
        Enclosure::between(low, high, rounding)
    }

    /// Anything from `low` to `high`.
    pub(super) fn between(low: f64, high: f64, rounding: usize) -> Self {
        let centre = Enclosure {
            centre: low + (high - low) / 2.0,
            terms: Vec::new(),
        };
        centre.widened((high - low) / 2.0 * OUTWARD, rounding)
    }

    /// Rounded to the format; unbounded if it may leave the range.
    pub(super) fn stored(self, format: Format, rounding: usize) -> Self {
        let magnitude = self.magnitude();
        match format {
            Format::F32 => self,
            Format::F16 if magnitude < OUT_OF_RANGE => {
                let half = (HALF_ULP * magnitude).max(HALF_SUBNORMAL);
                self.widened(half * OUTWARD, rounding)
            }
            Format::F16 => self.widened(f64::INFINITY, rounding),
        }
    }
}

/// A network's answer near one input: slope times input plus offset, within `error`.
///
/// For a normal component the denoiser is exactly that, and `error` holds the network's own
/// roundings; for any smooth one, slope at the centre and error = largest |second derivative|
/// radius^2/2 plus roundings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Response {
    /// Derivative of the output by the input.
    pub slope: f64,
    /// Output at input 0.
    pub offset: f64,
    /// Largest distance from the line, at least 0.
    pub error: f64,
}
