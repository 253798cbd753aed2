//! What the networks of a problem denoise: mixtures of normal distributions, independent in rotated
//! coordinates.

use super::Model;
use super::mixture::Component;
use crate::arithmetic::Real;

/// A network of a problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Network {
    /// The conditional one under guidance; otherwise the only one.
    Conditional,
    /// The unconditional one: `guided` alone has it.
    Unconditional,
}

impl<T: Real> Model<T> {
    /// The mixture of every component of y = Q z, a single normal distribution where the problem has
    /// one; none if there is no such network, or it is no mixture of a few.
    pub(crate) fn mixtures(&self, network: Network) -> Option<Vec<Vec<Component<T>>>> {
        match (self, network) {
            (Model::Guided(guided), _) => Some(vec![vec![guided.component(network)]]),
            (_, Network::Unconditional) | (Model::Images(_), _) => None,
            (Model::Gaussian(gaussian), _) => {
                let pairs = gaussian.mean.iter().zip(&gaussian.variance);
                let alone = |(mean, variance): (&T, &T)| vec![Component::alone(mean, variance)];
                Some(pairs.map(alone).collect())
            }
            (Model::Mixture(mixture), _) => Some(vec![mixture.components.clone()]),
            (Model::Product(product), _) => {
                let mixtures = |factor: &Model<T>| factor.mixtures(network);
                let factors: Option<Vec<_>> = product.factors.iter().map(mixtures).collect();
                Some(factors?.concat())
            }
        }
    }

    /// The rows of Q, of a problem that is rotated.
    pub(crate) fn rotation(&self) -> Option<Vec<Vec<T>>> {
        let Model::Product(product) = self else {
            return None;
        };
        let dimension: usize = product.dimensions.iter().sum();
        let one = self
            .mixtures(Network::Conditional)?
            .first()?
            .first()?
            .weight
            .like(1, 1);
        let unit = |i: usize| {
            let entry = |j: usize| one.like(i128::from(i == j), 1);
            (0..dimension).map(entry).collect::<Vec<T>>()
        };
        // a row of Q is what Q' makes of a unit vector
        let row = |i: usize| product.rotation.turn_back(&unit(i));
        Some((0..dimension).map(row).collect())
    }
}
