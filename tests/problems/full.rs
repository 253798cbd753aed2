use crate::assert_solves_the_flow;
use dpm_spec::arithmetic::{Field, parse_rational};
use dpm_spec::problem::{FullGaussian, Model, Problem};
use nalgebra::{DMatrix, DVector};

/// A matrix of order n that is symmetric, positive and far from diagonal.
fn covariance(n: usize) -> DMatrix<f64> {
    let factor = DMatrix::from_fn(n, n, |i, j| ((3 * i + 5 * j) % 7) as f64 / 4.0 - 0.6);
    symmetric(&factor * factor.transpose()) + DMatrix::identity(n, n) * 0.125
}

fn symmetric(matrix: DMatrix<f64>) -> DMatrix<f64> {
    (&matrix + matrix.transpose()) / 2.0
}

fn mean(n: usize) -> DVector<f64> {
    DVector::from_fn(n, |i, _| i as f64 / 3.0 - 1.0)
}

fn point(n: usize) -> DVector<f64> {
    DVector::from_fn(n, |i, _| 2.0 - 0.7 * i as f64)
}

#[test]
fn denoiser_of_a_full_covariance_is_the_conditional_mean() {
    for n in [1, 2, 5, 16] {
        let gaussian = FullGaussian::new(mean(n), covariance(n)).unwrap();
        for tau in [1e-3, 0.5, 80.0] {
            // S (S + tau)^-1 (z - mu) by elimination instead of eigenvectors
            let noisy = covariance(n) + DMatrix::identity(n, n) * tau;
            let solved = noisy.lu().solve(&(point(n) - mean(n))).unwrap();
            let expected = mean(n) + covariance(n) * solved;
            let difference = (gaussian.denoise(tau, &point(n)).unwrap() - expected).amax();
            assert!(difference < 1e-12, "n = {n}, tau = {tau}: {difference:e}");
        }
    }
}

#[test]
fn solution_of_a_full_covariance_solves_the_flow() {
    let n = 6;
    let gaussian = FullGaussian::new(mean(n), covariance(n)).unwrap();
    let at = |lambda: f64| {
        let tau = (-2.0 * lambda).exp();
        gaussian.solution(&point(n), 9.0, tau).unwrap()
    };
    for lambda in [-1.0, 0.0, 0.8, 2.0] {
        let step = 1e-3;
        let near = (at(lambda + step) - at(lambda - step)) * 0.75;
        let middle = (at(lambda + 2.0 * step) - at(lambda - 2.0 * step)) * 0.15;
        let far = (at(lambda + 3.0 * step) - at(lambda - 3.0 * step)) / 60.0;
        let slope = (near - middle + far) / step;
        let m = gaussian
            .denoise((-2.0 * lambda).exp(), &at(lambda))
            .unwrap();
        let residual = (slope - (m - at(lambda))).amax();
        assert!(residual < 1e-11, "lambda {lambda}: {residual:e}");
    }
    let same = gaussian.solution(&point(n), 9.0, 9.0).unwrap() - point(n);
    assert!(same.amax() < 1e-14);
}

#[test]
fn diagonal_covariance_is_the_gaussian_problem() {
    let problem = Problem::parse("gaussian:mu=1/2;-3;1,s2=1/4;0;2").unwrap();
    let model = problem.model(&1.0_f64);
    let variances = DVector::from_vec(vec![0.25, 0.0, 2.0]);
    let mean = DVector::from_vec(vec![0.5, -3.0, 1.0]);
    let gaussian = FullGaussian::new(mean, DMatrix::from_diagonal(&variances)).unwrap();
    let z = DVector::from_vec(vec![1.5, 0.25, -2.0]);
    for (tau_s, tau_t) in [(4.0, 0.1), (100.0, 0.0)] {
        let exact = model.solution(z.as_slice(), &tau_s, &tau_t).unwrap();
        let solved = gaussian.solution(&z, tau_s, tau_t).unwrap();
        assert!((solved - DVector::from_vec(exact)).amax() < 1e-14);
        let shown = model.denoise(&tau_s, z.as_slice()).unwrap();
        let denoised = gaussian.denoise(tau_s, &z).unwrap();
        assert!((denoised - DVector::from_vec(shown)).amax() < 1e-14);
    }
}

/// In y = Q z a rotated Gaussian has a diagonal covariance D; in z it is Q' D Q.
#[test]
fn rotated_gaussian_is_a_gaussian_with_full_covariance() {
    for parameters in [
        "mu=1/2;-1;2,s2=1/4;2;1/16,v=1;2;-1|2;-1;3",
        "mu=0;3,s2=0;5,v=1;-7",
        "mu=1;2;3;4,s2=1;1/3;1/3;9,v=1;1;1;1|0;2;0;-5|3;1;4;1",
    ] {
        let id = format!("rotated-gaussian:{parameters}");
        let Problem::Product(product) = Problem::parse(&id).unwrap() else {
            panic!("{id} is a product");
        };
        assert_eq!(Problem::Product(product.clone()).to_string(), id);
        let n = product.dimension();
        let model = Model::Product(product.model(&1.0_f64));
        let rotation = product.rotation(&1.0_f64);
        let identity = DMatrix::<f64>::identity(n, n);
        let columns = identity.column_iter();
        let turned = columns.map(|unit| DVector::from_vec(rotation.turn(unit.as_slice())));
        let turn = DMatrix::from_columns(&turned.collect::<Vec<_>>());
        let list = |key: &str| {
            let (_, rest) = parameters.split_once(key).unwrap();
            let (list, _) = rest.split_once(',').unwrap();
            let number = |x: &str| 1.0_f64.constant(parse_rational(x).unwrap());
            DVector::from_iterator(n, list.split(';').map(number))
        };
        let spread = turn.transpose() * DMatrix::from_diagonal(&list("s2=")) * &turn;
        let full = FullGaussian::new(turn.transpose() * list("mu="), symmetric(spread)).unwrap();
        for (tau_s, tau_t) in [(100.0, 1.0), (2.0, 0.01)] {
            let z = point(n);
            let exact = model.solution(z.as_slice(), &tau_s, &tau_t).unwrap();
            let exact = DVector::from_vec(exact);
            let difference = (full.solution(&z, tau_s, tau_t).unwrap() - exact).amax();
            assert!(difference < 1e-13, "{id}: {difference:e}");
            let shown = DVector::from_vec(model.denoise(&tau_s, z.as_slice()).unwrap());
            assert!((full.denoise(tau_s, &z).unwrap() - shown).amax() < 1e-13);
        }
    }
}

#[test]
fn solution_of_a_rotated_gaussian_solves_the_flow() {
    assert_solves_the_flow("rotated-gaussian");
}

#[test]
fn parameters_that_make_no_rotated_gaussian_are_refused() {
    for (parameters, code) in [
        ("mu=1;2,s2=1;1", "E-PROBLEM"),
        ("mu=1;2,s2=1;-1,v=1;1", "E-PROBLEM"),
        ("mu=1;2,s2=1,v=1;1", "E-PROBLEM"),
        ("v=0;0;0", "E-PROBLEM"),
        ("w=1", "E-PARAMETER"),
    ] {
        let error = Problem::parse(&format!("rotated-gaussian:{parameters}")).unwrap_err();
        assert_eq!(error.code.text(), code, "{parameters}: {error}");
    }
}

#[test]
fn singular_covariance_is_a_covariance() {
    let direction = DVector::from_vec(vec![0.3, -0.7, 1.1]);
    let singular = symmetric(&direction * direction.transpose());
    let gaussian = FullGaussian::new(DVector::zeros(3), singular).unwrap();
    // across the direction the data is one point, which the flow reaches
    let across = DVector::from_vec(vec![0.7, 0.3, 0.0]);
    let end = gaussian.solution(&across, 1.0, 0.0).unwrap();
    assert!(end.amax() < 1e-7, "{end}");
}

#[test]
fn matrices_that_are_no_covariance_are_refused() {
    let square = |entries: &[f64]| DMatrix::from_row_slice(2, 2, entries);
    for (name, n, matrix) in [
        ("not symmetric", 2, square(&[1.0, 0.5, 0.25, 1.0])),
        ("not positive", 2, square(&[1.0, 2.0, 2.0, 1.0])),
        ("negative", 2, square(&[-1.0, 0.0, 0.0, 1.0])),
        ("not a number", 2, square(&[1.0, f64::NAN, f64::NAN, 1.0])),
        ("infinite", 2, square(&[f64::INFINITY, 0.0, 0.0, 1.0])),
        ("too large", 2, DMatrix::from_element(2, 2, f64::MAX)),
        ("another size", 3, square(&[1.0, 0.0, 0.0, 1.0])),
        ("not square", 2, DMatrix::zeros(2, 3)),
        ("empty", 0, DMatrix::zeros(0, 0)),
    ] {
        let error = FullGaussian::new(DVector::zeros(n), matrix).unwrap_err();
        assert_eq!(error.code.text(), "E-PROBLEM", "{name}: {error}");
    }
    let bad_mean = FullGaussian::new(DVector::from_element(2, f64::NAN), DMatrix::identity(2, 2));
    assert_eq!(bad_mean.unwrap_err().code.text(), "E-PROBLEM");
    let gaussian = FullGaussian::new(mean(2), covariance(2)).unwrap();
    let error = gaussian.denoise(1.0, &point(3)).unwrap_err();
    assert_eq!(error.code.text(), "E-SHAPE");
}
