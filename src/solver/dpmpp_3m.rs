//! `dpmpp-3m`: the three-step method as published, order 2.
//!
//! The multistep DPM-Solver-3 of the authors' code, of diffusers and of k-diffusion's
//! `sample_dpmpp_3m_sde`. Its last term is half of what third order needs: `dpmpp-3m-exact`
//! has 2 H_3 D_2.

use super::Step;
use crate::arithmetic::Field;

/// H_1 g_0 + H_2 D_1 + H_3 D_2 with the [`differences`]; r_0 = h_prev/h, r_1 = h_prevprev/h.
pub fn increment<T: Field>(step: &Step<T>, r0: &T, r1: &T, g: [&T; 3]) -> T {
    let [d1, d2] = differences(r0, r1, g);
    step.h_phi(1) * g[0] + &(step.h_phi(2) * &d1) + &(step.h_phi(3) * &d2)
}

/// D_1 and D_2 from D_10 = (g_0 - g_1)/r_0 and D_11 = (g_1 - g_2)/r_1:
/// D_1 = D_10 + r_0/(r_0+r_1) (D_10 - D_11), D_2 = (D_10 - D_11)/(r_0+r_1).
pub fn differences<T: Field>(r0: &T, r1: &T, [g0, g1, g2]: [&T; 3]) -> [T; 2] {
    let d10 = (g0.clone() - g1) / r0;
    let d11 = (g1.clone() - g2) / r1;
    let d2 = (d10.clone() - &d11) / &(r0.clone() + r1);
    let d1 = d10 + &(r0.clone() * &d2);
    [d1, d2]
}
