//! `dpmpp-3s-taylor:r1=1/3,r2=2/3`: the three-stage method with second differences, order 3 only if r2 = 2/3.
//!
//! "taylor" in the DPM-Solver authors' code, "heun" of diffusers' singlestep scheduler at order 3.
//! Stages as in [`dpmpp_3s`](super::dpmpp_3s).

use super::Step;
use crate::arithmetic::Field;

/// H_1 g_0 + H_2 D_1 + H_3 D_2 with the [`differences`]. Outputs oldest first.
pub fn increment<T: Field>(step: &Step<T>, r1: &T, r2: &T, g: [&T; 3]) -> T {
    let [d1, d2] = differences(r1, r2, g);
    step.h_phi(1) * g[0] + &(step.h_phi(2) * &d1) + &(step.h_phi(3) * &d2)
}

/// D_1 and D_2 from E_i = (g_i - g_0)/r_i:
/// D_1 = (r_2 E_1 - r_1 E_2)/(r_2 - r_1), D_2 = 2 (E_2 - E_1)/(r_2 - r_1).
pub fn differences<T: Field>(r1: &T, r2: &T, [g0, g1, g2]: [&T; 3]) -> [T; 2] {
    let e1 = (g1.clone() - g0) / r1;
    let e2 = (g2.clone() - g0) / r2;
    let gap = r2.clone() - r1;
    let d1 = (r2.clone() * &e1 - &(r1.clone() * &e2)) / &gap;
    let d2 = r1.like(2, 1) * &(e2 - &e1) / &gap;
    [d1, d2]
}
