//! Normal data with a full covariance, in f64: `gaussian` along the eigenvectors of the covariance.

use crate::error::{Code, Error, Result};
use nalgebra::{DMatrix, DVector, SymmetricEigen};

/// Mean and covariance of normal data, the covariance as its eigenvectors and variances along them.
#[derive(Clone, Debug)]
pub struct FullGaussian {
    mean: DVector<f64>,
    /// One eigenvector a column.
    axes: DMatrix<f64>,
    variances: DVector<f64>,
}

impl FullGaussian {
    /// `mean`: n >= 1 components; `covariance`: n x n, symmetric to the last bit, positive
    /// semidefinite. An eigenvalue that rounding may have put below zero, by at most n 2^-52 times
    /// the largest, is taken for zero.
    ///
    /// # Errors
    /// `E-PROBLEM`, also if an entry is not finite or the eigenvalues are not found.
    pub fn new(mean: DVector<f64>, covariance: DMatrix<f64>) -> Result<Self> {
        let malformed =
            |what: String, remedy: &str| Err(Error::new(Code::Problem, what, "covariance", remedy));
        let n = mean.len();
        if n == 0 || covariance.shape() != (n, n) {
            let (rows, columns) = covariance.shape();
            let what = format!("{n} means and a covariance of {rows} x {columns}");
            return malformed(what, "give n >= 1 means and n x n entries");
        }
        if !mean.iter().chain(&covariance).all(|x| x.is_finite()) {
            return malformed("an entry is not finite".to_owned(), "give finite numbers");
        }
        let crooked = (0..n)
            .flat_map(|i| (0..i).map(move |j| (i, j)))
            .find(|&(i, j)| covariance[(i, j)] != covariance[(j, i)]);
        if let Some((i, j)) = crooked {
            let what = format!("entries ({i}, {j}) and ({j}, {i}) differ");
            return malformed(what, "average the matrix with its transpose");
        }
        // a bound on the sweeps, so that nothing can hang
        let eigen = SymmetricEigen::try_new(covariance, f64::EPSILON, 1000 * n)
            .filter(|eigen| eigen.eigenvalues.iter().all(|value| value.is_finite()));
        let Some(eigen) = eigen else {
            let what = "the eigenvalues are not found".to_owned();
            return malformed(what, "scale the entries to about 1");
        };
        let allowed = n as f64 * f64::EPSILON * eigen.eigenvalues.amax();
        let least = eigen.eigenvalues.min();
        if least < -allowed {
            let what = format!("the eigenvalue {least:e} is negative");
            return malformed(what, "a covariance is positive semidefinite");
        }
        Ok(FullGaussian {
            mean,
            axes: eigen.eigenvectors,
            variances: eigen.eigenvalues.map(|variance| variance.max(0.0)),
        })
    }

    /// m(tau, z) = mu + S (S + tau)^-1 (z - mu) for the covariance S; tau > 0.
    ///
    /// # Errors
    /// `E-SHAPE` if `z` has another length than the mean.
    pub fn denoise(&self, tau: f64, z: &DVector<f64>) -> Result<DVector<f64>> {
        self.along_axes(z, |variance| variance / (variance + tau))
    }

    /// The point at `tau_t` >= 0 of the flow line through `z` at `tau_s` > 0:
    /// mu + ((S + tau_t) (S + tau_s)^-1)^(1/2) (z - mu).
    ///
    /// # Errors
    /// `E-SHAPE` if `z` has another length than the mean.
    pub fn solution(&self, z: &DVector<f64>, tau_s: f64, tau_t: f64) -> Result<DVector<f64>> {
        self.along_axes(z, |variance| {
            ((variance + tau_t) / (variance + tau_s)).sqrt()
        })
    }

    /// mu + f(S) (z - mu).
    fn along_axes(&self, z: &DVector<f64>, f: impl Fn(f64) -> f64) -> Result<DVector<f64>> {
        super::check_length(z.as_slice(), self.mean.len())?;
        let scaled = self
            .axes
            .tr_mul(&(z - &self.mean))
            .component_mul(&self.variances.map(f));
        Ok(&self.mean + &self.axes * scaled)
    }
}
