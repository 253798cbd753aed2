//! The order of `ddim-eta`, for every eta at once.
//!
//! Its step is u' = kept u + (1 - kept) x_0 + noise in u = x/alpha, with
//! kept = e^(-h) sqrt(1 - eta^2 (1 - e^(-2h))) = 1 - (1 + eta^2) h + O(h^2) and variance
//! (sigma_t/alpha_t)^2 eta^2 (1 - e^(-2h)): to first order the reverse SDE's with eta^2 for its eta,
//! whose step has e^(-(1 + eta^2) h) and 1 - e^(-2 eta^2 h). So that is what the sampler converges to.
//!
//! *All eta.* With s = eta^2, every s stands beside a factor 1 - e^(-2h) = O(h) in the scheme's step,
//! and beside an h in the SDE's: the coefficient of h^m in their difference is a polynomial in s of
//! degree at most m. Three values of s therefore prove what is said of the coefficients through h^2.

use super::proof::{Failing, fraction};
use crate::arithmetic::{Field, Rational, Series, rational};
use crate::solver::{Step, ddim_eta};

/// One difference between a step of `ddim-eta` and the SDE's: `factor` times `form` h^2 + O(h^3).
#[derive(Clone, Debug)]
pub struct Defect {
    /// What differs.
    pub name: &'static str,
    /// A polynomial in eta^2.
    pub form: &'static str,
    /// Its factor, an exact constant.
    pub factor: rug::Rational,
    /// Coefficients of h^0, h^1, h^2 at each eta; `None` if unknown.
    pub coefficients: Vec<Vec<Option<rug::Rational>>>,
    /// True if those of h^0 and h^1 are zero and that of h^2 is `factor` times `form` at every eta.
    pub holds: bool,
}

/// All differences.
#[derive(Clone, Debug)]
pub struct EtaProof {
    /// The values of eta; their squares differ.
    pub etas: Vec<Rational>,
    /// State factor, R_0, R_1 and the noise's variance.
    pub defects: Vec<Defect>,
}

/// Degree of a coefficient of h^2 in eta^2.
pub const DEGREE: usize = 2;

impl EtaProof {
    /// The order: 1 if everything holds, as R_1 = -(1 + eta^2) h^2/2 + O(h^3) never vanishes; else 0.
    pub fn order(&self) -> u32 {
        u32::from(self.defects.iter().all(|defect| defect.holds))
    }

    /// What stands in the way of order 2, whatever eta: R_1.
    pub fn first_failing(&self) -> Option<Failing> {
        let always = self.defects.iter().find(|d| d.form == ONE_PLUS)?;
        Some(always.failing())
    }
}

impl Defect {
    /// As an order condition.
    pub fn failing(&self) -> Failing {
        Failing {
            condition: format!("{} at ({}) h^2", self.name, self.form),
            leading: self.factor.to_string(),
        }
    }
}

const ONE_PLUS: &str = "1 + eta^2";
const BETWEEN: &str = "eta^2 - eta^4";

/// Examines the step that the catalogue's code makes.
pub fn examine() -> EtaProof {
    let etas: Vec<Rational> = [(1, 2), (0, 1), (1, 1)].map(|(n, d)| rational(n, d)).into();
    let at: Vec<[Series; 4]> = etas.iter().map(|eta| differences(*eta)).collect();
    let defect = |i: usize, name, form: &'static str| {
        let table = at.iter().map(|differences| &differences[i]);
        let coefficients: Vec<Vec<Option<rug::Rational>>> = table
            .map(|d| (0..=DEGREE as i64).map(|m| d.coefficient(m)).collect())
            .collect();
        let factor = coefficients[0][DEGREE].clone().unwrap_or_default() / form_at(form, etas[0]);
        let holds = coefficients.iter().zip(&etas).all(|(row, eta)| {
            let wanted = [0.into(), 0.into(), factor.clone() * form_at(form, *eta)];
            row.iter().zip(&wanted).all(|(c, w)| c.as_ref() == Some(w))
        });
        Defect {
            name,
            form,
            factor,
            coefficients,
            holds,
        }
    };
    let defects = vec![
        defect(0, "state factor", BETWEEN),
        defect(1, "R_0", BETWEEN),
        defect(2, "R_1", ONE_PLUS),
        defect(3, "noise variance", BETWEEN),
    ];
    EtaProof { etas, defects }
}

fn form_at(form: &str, eta: Rational) -> rug::Rational {
    let square = fraction(eta * eta);
    match form {
        ONE_PLUS => square + 1,
        _ => square.clone() - square.clone() * square,
    }
}

/// Scheme less SDE: state factor, R_0, R_1 (one output, at 0), variance.
fn differences(eta: Rational) -> [Series; 4] {
    let h = Series::variable(DEGREE + 2);
    let eta = h.constant(eta);
    let square = eta.clone() * &eta;
    let gain = square.clone() + &h.like(1, 1);
    let step = Step::new(h.clone(), &-gain.clone());
    let [kept, data] = ddim_eta::kept_and_data(&h, &eta, Series::sqrt);
    let variance = square.clone() * &ddim_eta::lost(&h);
    [
        kept - &step.z.exp(),
        data - &(gain.clone() * &step.h_phi(1)),
        -(gain * &h * &step.h_phi(2)),
        variance - &ddim_eta::lost(&(square * &h)),
    ]
}
