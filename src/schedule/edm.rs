//! `edm`: alpha = 1, sigma = t > 0 (variance exploding).

use super::{Lambda, Point};
use crate::arithmetic::{Rational, Real, rational};
use crate::error::{Code, Error, Result};
use crate::id::Id;
use std::fmt;

/// The schedule of Karras et al. 2022 (arXiv 2206.00364); sigma_data enters the `edm` prediction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edm {
    /// Standard deviation of the data.
    pub sigma_data: Rational,
}

impl Edm {
    pub(super) fn parse(mut id: Id) -> Result<Self> {
        let sigma_data = id.take_number("sigma_data", rational(1, 2))?;
        id.finish(&["sigma_data"])?;
        if sigma_data <= rational(0, 1) {
            return Err(Error::new(
                Code::Parameter,
                format!("sigma_data = {sigma_data}"),
                "`edm`",
                "choose sigma_data > 0",
            ));
        }
        Ok(Edm { sigma_data })
    }

    /// alpha, sigma, lambda at time t.
    pub fn at_time<T: Real>(&self, t: &T) -> Point<T> {
        Point {
            t: Some(t.clone()),
            alpha: t.like(1, 1),
            sigma: t.clone(),
            lambda: Lambda::Finite(-t.ln()),
        }
    }
}

impl fmt::Display for Edm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "edm:sigma_data={}", self.sigma_data)
    }
}
