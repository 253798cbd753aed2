//! The flow line that errors are measured against.

use super::number::Number;
use super::run::ABSURD;
use crate::arithmetic::Special;
use crate::error::{Code, Error, Result};
use crate::plan::{Node, Plan};
use crate::problem::{Evaluation, Model, Problem};

/// The exact solution through one state at the first node of a plan.
pub(super) struct Line<'a, E> {
    model: Model<E>,
    nodes: &'a [Node<E>],
    start: Vec<E>,
}

impl<'a, E: Special> Line<'a, E> {
    /// The line of the problem's named start, moved to the nearest state of type `N`, as `store`
    /// keeps it; also that state, x_T.
    pub(super) fn new<N: Number<Exact = E>>(
        problem: &Problem,
        exact: &'a Plan<E>,
        one: &N,
        store: impl Fn(N) -> N,
    ) -> Result<(Self, Vec<N>)> {
        let nodes = &exact.nodes;
        let first = &first(exact)?.point;
        let model = problem.model(&exact.initial.scale);
        let named = model.start(&squared(&(first.sigma.clone() / &first.alpha)))?;
        let state: Vec<N> = named
            .into_iter()
            .map(|z| store(one.nearest(&(z * &first.alpha))))
            .collect();
        let start = state
            .iter()
            .map(|x| x.exact(&first.alpha) / &first.alpha)
            .collect();
        let line = Line {
            model,
            nodes,
            start,
        };
        Ok((line, state))
    }

    /// The largest |x/alpha| of a run that has not diverged.
    pub(super) fn absurd(&self) -> f64 {
        let sizes = self.start.iter().map(|z| z.to_f64().abs());
        ABSURD * sizes.fold(1.0, f64::max)
    }

    /// (sigma/alpha)^2 at a node.
    fn tau(&self, node: usize) -> E {
        let point = &self.nodes[node].point;
        squared(&(point.sigma.clone() / &point.alpha))
    }

    /// z = x/alpha at a node.
    fn at(&self, node: usize) -> Result<Vec<E>> {
        match node {
            0 => Ok(self.start.clone()),
            _ => self
                .model
                .solution(&self.start, &self.tau(0), &self.tau(node)),
        }
    }

    /// The nearest state x at a node.
    pub(super) fn state<N: Number<Exact = E>>(&self, node: usize, one: &N) -> Result<Vec<N>> {
        let alpha = &self.nodes[node].point.alpha;
        let z = self.at(node)?;
        Ok(z.into_iter().map(|z| one.nearest(&(z * alpha))).collect())
    }

    /// max |x/alpha - z| at a node; none if the enclosure is too wide.
    pub(super) fn error<N: Number<Exact = E>>(
        &self,
        node: usize,
        state: &[N],
    ) -> Result<Option<f64>> {
        let alpha = &self.nodes[node].point.alpha;
        let mut largest = Some(0.0_f64);
        for (x, z) in state.iter().zip(self.at(node)?) {
            let size = x.size(&(x.exact(alpha) / alpha - &z));
            largest = largest.zip(size).map(|(a, b)| a.max(b));
        }
        Ok(largest)
    }

    /// What a network has to return at an evaluation of the exact plan, so that its conversion is
    /// the exact prediction; computed from the very input that the network is shown, rounded once.
    pub(super) fn network<N: Number<Exact = E>>(
        &self,
        evaluation: &Evaluation<'_, E>,
        input: &[N],
    ) -> Result<Vec<N>> {
        let like = &self.nodes[evaluation.node].point.alpha;
        let shown: Vec<E> = input.iter().map(|x| x.exact(like)).collect();
        let exact = evaluation.answer(&self.model, &shown)?;
        if !exact.iter().all(E::is_finite) {
            return Err(Error::new(
                Code::Undecided,
                "the denoiser has no finite enclosure at this precision",
                format!("node {}", evaluation.node),
                "raise the precision: --backend big:BITS",
            ));
        }
        let rounded = exact
            .iter()
            .zip(input)
            .map(|(exact, like)| like.nearest(exact));
        Ok(rounded.collect())
    }
}

/// The first node, where lambda must be finite.
pub(super) fn first<E>(exact: &Plan<E>) -> Result<&Node<E>> {
    let first = exact.nodes.first();
    first
        .filter(|node| node.point.lambda.finite().is_some())
        .ok_or_else(|| {
            Error::new(
                Code::Domain,
                "x/alpha is infinite where alpha = 0: no flow line starts there",
                "t-start",
                "start where alpha > 0: for flow --t-start 0.999, for a zero-SNR table --t-start 998",
            )
        })
}

pub(super) fn squared<E: Special>(value: &E) -> E {
    value.clone() * value
}
