//! Rows beside others, coefficient by coefficient.

/// How far rows are from expected ones of the same shape: the largest difference, over the largest
/// entry of its row.
pub(super) fn apart(rows: &[Vec<f64>], expected: &[Vec<f64>]) -> f64 {
    let row = |(row, expected): (&Vec<f64>, &Vec<f64>)| {
        let size = expected
            .iter()
            .fold(f64::MIN_POSITIVE, |size, x| size.max(x.abs()));
        let off = row.iter().zip(expected).map(|(x, y)| (x - y).abs());
        off.fold(0.0, f64::max) / size
    };
    rows.iter().zip(expected).map(row).fold(0.0, f64::max)
}
