//! Many certified rows, fast: sixteen numbers a step of vp-linear on a uniform grid.
//!
//! A row holds alpha, sigma, lambda at the step's end, the step size h and the ratios r_0, r_1, and
//! the data-form weights of `dpmpp-2m`, `dpmpp-2m-exact`, `dpmpp-3m` and `dpmpp-3m-exact`
//! on the outputs g_0, g_1, (g_2), before multiplication by alpha.
//!
//! The same numbers as the schedule and the solvers give (`tests/rows.rs`), by a cheaper
//! route that spends one square root, four divisions and about forty cheap operations a row:
//! * S(t) is quadratic in the node's number, so alpha = e^(-S/2) takes two multiplications a node.
//! * sigma = sqrt(1 - alpha^2), and e^-h = (sigma_t alpha_s)/(alpha_t sigma_s).
//! * With e_n = e^(-h_n), h_n - h_{n-1} = 2 artanh((e_{n-1} - e_n)/(e_{n-1} + e_n)): the argument is a second
//!   difference of lambda, so a few terms do. Where it is not small, h = -ln e_n.
//! * H_1 = 1 - e^-h and H_{k+1} = 1/k! - H_k/h at c = -1, for H_k = h phi_k(-h).
//!
//! All of it runs in the arithmetic of the result: in balls each bit lost on the way shows in the
//! radius, so guard bits are a matter of quality, never of rigour. Each block of [`BLOCK`] rows
//! starts anew from exact rationals, which bounds the loss of the recurrences (quadratic in their length)
//! and makes a row independent of where the work was divided.

use crate::arithmetic::{Ball, InPlace, Rational};
use rug::{Float, Rational as BigRational};
use std::mem::swap;
use std::ops::Range;

/// Rows between two fresh starts of the recurrences; work is best divided at multiples of it.
pub const BLOCK: usize = 256;

/// Bits a term of artanh's series must gain: with fewer a logarithm is cheaper.
const LEAST_GAIN: u32 = 14;

/// Sixteen numbers: alpha, sigma, lambda, h, r_0, r_1, and the weights of 2m (2), 2m-exact (2),
/// 3m (3), 3m-exact (3).
pub type Row<A> = [A; 16];

/// vp-linear with uniform t.
#[derive(Clone, Copy, Debug)]
pub struct UniformLinear {
    /// beta at t = 0.
    pub beta_min: Rational,
    /// beta at t = 1.
    pub beta_max: Rational,
    /// The first node's t, the noisiest.
    pub t_start: Rational,
    /// The last node's t, > 0.
    pub t_end: Rational,
}

/// `count` rows on `count` + 3 uniform nodes, so that each row has the two steps before it: row i
/// belongs to the step from node i + 2 to node i + 3. Enclosures, at `bits` bits.
pub fn certified_rows(grid: &UniformLinear, count: usize, bits: u32) -> Vec<Row<Ball>> {
    rows(grid, count, 0..count, bits)
}

/// The same rows without radius.
pub fn scalar_rows(grid: &UniformLinear, count: usize, bits: u32) -> Vec<Row<Float>> {
    rows(grid, count, 0..count, bits)
}

/// The part `range` of `count` rows; ranges that begin at multiples of [`BLOCK`] give the same
/// bits as the whole.
pub fn rows<A: InPlace>(
    grid: &UniformLinear,
    count: usize,
    range: Range<usize>,
    bits: u32,
) -> Vec<Row<A>> {
    let precision = working_precision(count, bits);
    let mut out = Vec::with_capacity(range.len());
    let mut start = range.start;
    while start < range.end {
        let mut recurrence = Recurrence::new(grid, count, start, precision);
        let end = range.end.min(start + BLOCK);
        for _ in start..end {
            recurrence.advance();
            out.push(recurrence.row(bits));
        }
        start = end;
    }
    out
}

/// The differences of lambda lose log2(1/h) bits, H_3 twice that again; the recurrences at most
/// 2 log2 of the block's length.
fn working_precision(count: usize, bits: u32) -> u32 {
    let log2 = usize::BITS - count.leading_zeros();
    (bits + 24 + 4 * log2.saturating_sub(2)).next_multiple_of(64)
}

/// The state at a node, with what the next row needs from the steps before.
struct Recurrence<A> {
    one: A,
    half: A,
    /// 1/(2j+1): artanh(x)/x as a series in x^2.
    artanh: Vec<A>,
    precision: u32,

    alpha: A,
    sigma: A,
    lambda: A,
    alpha_before: A,
    sigma_before: A,
    /// Next alpha over this one, and how that ratio changes from node to node.
    ratio: A,
    ratio_change: A,
    /// e^-h of the last step and of the one before; zero where there is none.
    decay: A,
    decay_before: A,
    /// The last three h, newest first, and their reciprocals.
    h: [A; 3],
    reciprocal: [A; 3],

    work: [A; 8],
}

impl<A: InPlace> Recurrence<A> {
    /// Two steps before row `row`'s own: at node `row` + 2, from exact values at node `row`.
    fn new(grid: &UniformLinear, count: usize, row: usize, precision: u32) -> Self {
        let [s0, s1, s2] = [0, 1, 2].map(|ahead| grid.integral(row + ahead, count + 2));
        let exponential = |s: BigRational| A::nearest(&(s / -2), precision).exp();
        let constant = |value: (u32, u32)| A::nearest(&BigRational::from(value), precision);
        let storage = || A::storage(precision);

        let one = constant((1, 1));
        let alpha = exponential(s0.clone());
        let sigma = (one.clone() - &(alpha.clone() * &alpha)).sqrt();
        let mut state = Recurrence {
            half: constant((1, 2)),
            artanh: (0..=precision / LEAST_GAIN)
                .map(|j| constant((1, 2 * j + 1)))
                .collect(),
            precision,
            lambda: (alpha.clone() / &sigma).ln(),
            alpha,
            sigma,
            one,
            alpha_before: storage(),
            sigma_before: storage(),
            ratio: exponential(BigRational::from(&s1 - &s0)),
            ratio_change: exponential(s2 - BigRational::from(&s1 * 2) + s0),
            decay: storage(),
            decay_before: storage(),
            h: [storage(), storage(), storage()],
            reciprocal: [storage(), storage(), storage()],
            work: std::array::from_fn(|_| storage()),
        };
        state.advance();
        state.advance();
        state
    }

    /// To the next node.
    fn advance(&mut self) {
        let [x, y, z, ..] = &mut self.work;

        swap(&mut self.alpha, &mut self.alpha_before);
        self.alpha.set_product(&self.alpha_before, &self.ratio);
        self.ratio.multiply(&self.ratio_change);

        swap(&mut self.sigma, &mut self.sigma_before);
        x.set_product(&self.alpha, &self.alpha);
        y.set_difference(&self.one, x);
        self.sigma.set_square_root(y);

        swap(&mut self.decay, &mut self.decay_before);
        x.set_product(&self.sigma, &self.alpha_before);
        y.set_product(&self.alpha, &self.sigma_before);
        self.decay.set_quotient(x, y);

        self.h.rotate_right(1);
        x.set_difference(&self.decay_before, &self.decay);
        y.set_sum(&self.decay_before, &self.decay);
        z.set_quotient(x, y);
        // Without a step before, decay_before = 0 and |z| = 1.
        let gain = z.bound_exponent().saturating_mul(-2);
        if gain >= i64::from(LEAST_GAIN) {
            let terms = i64::from(self.precision) / gain + 1;
            let [newest, previous, _] = &mut self.h;
            Self::set_artanh_ratio(x, y, z, &self.artanh[..terms as usize]);
            // The terms left out: z^(2 terms)/(1 - z^2) over 2 terms + 1.
            x.widen(-gain * terms);
            x.multiply(z);
            x.shift(1);
            newest.set_sum(previous, x);
        } else {
            self.h[0].set_logarithm(&self.decay);
            self.h[0].negate();
        }
        self.lambda.increase(&self.h[0]);
        self.reciprocal.rotate_right(1);
        self.reciprocal[0].set_quotient(&self.one, &self.h[0]);
    }

    /// artanh(z)/z by Horner's rule; `square` becomes z^2.
    fn set_artanh_ratio(sum: &mut A, square: &mut A, z: &A, coefficients: &[A]) {
        square.set_product(z, z);
        let Some((last, others)) = coefficients.split_last() else {
            return;
        };
        sum.set(last);
        for coefficient in others.iter().rev() {
            sum.multiply(square);
            sum.increase(coefficient);
        }
    }

    /// The row of the step that ended here.
    fn row(&mut self, bits: u32) -> Row<A> {
        let mut out: Row<A> = std::array::from_fn(|_| A::storage(bits));
        let [w, h1, h2, h3, inverse_r0, d10, g, share] = &mut self.work;
        let [h, h_prev, h_prevprev] = &self.h;
        let [reciprocal, reciprocal_prev, reciprocal_prevprev] = &self.reciprocal;

        out[0].set(&self.alpha);
        out[1].set(&self.sigma);
        out[2].set(&self.lambda);
        out[3].set(h);
        out[4].set_product(h_prev, reciprocal);
        out[5].set_product(h_prevprev, reciprocal);

        h1.set_difference(&self.one, &self.decay);
        w.set_product(h1, reciprocal);
        h2.set_difference(&self.one, w);
        w.set_product(h2, reciprocal);
        h3.set_difference(&self.half, w);
        inverse_r0.set_product(h, reciprocal_prev);

        // 2m: H_1 (g_0 + D_10/2). 2m-exact: H_1 g_0 + H_2 D_10.
        w.set_product(h1, inverse_r0);
        w.shift(-1);
        out[6].set_sum(h1, w);
        out[7].set(w);
        out[7].negate();
        d10.set_product(h2, inverse_r0);
        out[8].set_sum(h1, d10);
        out[9].set(d10);
        out[9].negate();

        // 3m: H_1 g_0 + H_2 D_10 + (H_2 r_0 + s H_3)/(r_0 + r_1) (D_10 - D_11), s = 1 as
        // published, 2 exact. With a = (H_2 + s H_3/r_0)/(r_0 + r_1) the weight of g_2 is
        // a r_0/r_1, and that of g_0 is H_1 + H_2/r_0 + a.
        w.set_sum(h_prev, h_prevprev);
        share.set_quotient(h, w);
        g.set_product(h3, inverse_r0);
        inverse_r0.set_product(h_prev, reciprocal_prevprev);
        let ratio = inverse_r0;
        w.set_sum(h2, g);
        h2.set_sum(w, g);
        for (a, weights) in [w, h2].into_iter().zip([10, 13]) {
            a.multiply(share);
            g.set_product(a, ratio);
            a.increase(d10);
            out[weights].set_sum(h1, a);
            a.increase(g);
            out[weights + 1].set(a);
            out[weights + 1].negate();
            out[weights + 2].set(g);
        }
        out
    }
}

impl UniformLinear {
    /// S(t_i) = beta_min t + (beta_max - beta_min) t^2/2, exactly.
    fn integral(&self, node: usize, intervals: usize) -> BigRational {
        let exact = |value: Rational| BigRational::from((*value.numer(), *value.denom()));
        let [start, end] = [exact(self.t_start), exact(self.t_end)];
        let t = (end - &start) * BigRational::from((node, intervals)) + start;
        let beta_min = exact(self.beta_min);
        let half_slope = (exact(self.beta_max) - &beta_min) / 2;
        (half_slope * &t + beta_min) * t
    }
}
