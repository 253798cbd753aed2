use dpm_spec::problem::{FullGaussian, Problem};
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
