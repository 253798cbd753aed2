//! Certified rows against python-flint and mpmath, side by side in one run.
//!
//! `cargo bench --features oracle --bench rows`; the peers need the Python named by
//! `DPM_SPEC_PYTHON` (default `target/cross/bin/python`, made by `make cross`).
//! The table at the end takes the best of several times each, in alternation, so that a busy
//! machine disturbs all alike; criterion's own report stands above it.

use criterion::Criterion;
use dpm_spec::arithmetic::{Ball, InPlace, rational};
use dpm_spec::golden::rows::{BLOCK, UniformLinear, rows};
use rug::Float;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

const BITS: u32 = 256;
const COUNTS: [usize; 5] = [250, 500, 1000, 2000, 4000];
const PEER_COUNT: usize = 1000;
const ROUNDS: usize = 7;

fn main() {
    let grid = UniformLinear {
        beta_min: rational(1, 10),
        beta_max: rational(20, 1),
        t_start: rational(1, 1),
        t_end: rational(1, 1000),
    };
    let mut criterion = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
        .configure_from_args();
    let mut group = criterion.benchmark_group("rows");
    for count in COUNTS {
        group.bench_function(format!("ball/{count}"), |bencher| {
            bencher.iter(|| run::<Ball>(&grid, count, 1));
        });
        group.bench_function(format!("scalar/{count}"), |bencher| {
            bencher.iter(|| run::<Float>(&grid, count, 1));
        });
    }
    group.finish();
    criterion.final_summary();
    if std::env::args().any(|argument| argument == "--test" || argument == "--list") {
        return;
    }
    table(&grid);
}

fn table(grid: &UniformLinear) {
    let peers = peers();
    // Per count: ball and scalar on one thread, then on two.
    let mut own = [[f64::INFINITY; 4]; COUNTS.len()];
    let mut others = vec![f64::INFINITY; peers.len()];
    for _ in 0..ROUNDS {
        for (best, count) in own.iter_mut().zip(COUNTS) {
            for (best, work) in best.iter_mut().zip(
                [
                    run::<Ball> as fn(&UniformLinear, usize, usize) -> Duration,
                    run::<Float>,
                ]
                .into_iter()
                .flat_map(|work| [(work, 1), (work, 2)]),
            ) {
                let (work, threads) = work;
                for _ in 0..3 {
                    *best = best.min(work(grid, count, threads).as_secs_f64());
                }
            }
        }
        for (best, peer) in others.iter_mut().zip(&peers) {
            *best = best.min(peer.seconds());
        }
    }
    println!("\nrows of 16 numbers, vp-linear, uniform t, {BITS} bits; best of {ROUNDS} rounds");
    println!(
        "{:>6} {:>14} {:>14} {:>16} {:>16}",
        "rows", "ball rows/s", "scalar rows/s", "ball 2 threads", "scalar 2 threads"
    );
    for (best, count) in own.iter().zip(COUNTS) {
        let [ball, ball_twice, scalar, scalar_twice] = best;
        println!(
            "{count:>6} {:>14.0} {:>14.0} {:>15.2}x {:>15.2}x",
            count as f64 / ball,
            count as f64 / scalar,
            ball / ball_twice,
            scalar / scalar_twice
        );
    }
    println!(
        "time ~ rows^p: p = {:.3} (ball), {:.3} (scalar)",
        exponent(own.map(|best| best[0])),
        exponent(own.map(|best| best[2]))
    );
    let at_peer_count = COUNTS
        .iter()
        .position(|count| *count == PEER_COUNT)
        .map(|k| own[k]);
    let Some([ball, _, scalar, _]) = at_peer_count else {
        return;
    };
    println!(
        "\n{:<24} {:>10} {:>16} {:>16}",
        "peer, 1000 rows", "rows/s", "ball is faster", "scalar is faster"
    );
    for (peer, seconds) in peers.iter().zip(others) {
        if seconds.is_infinite() {
            println!("{:<24} failed", peer.name());
            continue;
        }
        println!(
            "{:<24} {:>10.0} {:>15.2}x {:>15.2}x",
            peer.name(),
            PEER_COUNT as f64 / seconds,
            seconds / ball,
            seconds / scalar
        );
    }
}

/// All rows, in blocks spread over the threads.
fn run<A: InPlace + Send>(grid: &UniformLinear, count: usize, threads: usize) -> Duration {
    let begin = Instant::now();
    let share = count.div_ceil(threads).next_multiple_of(BLOCK).min(count);
    if threads == 1 {
        black_box(rows::<A>(grid, count, 0..count, BITS));
    } else {
        std::thread::scope(|scope| {
            for start in (0..count).step_by(share) {
                scope.spawn(move || {
                    black_box(rows::<A>(
                        grid,
                        count,
                        start..count.min(start + share),
                        BITS,
                    ));
                });
            }
        });
    }
    begin.elapsed()
}

/// The least-squares slope of log time over log count.
fn exponent(seconds: [f64; COUNTS.len()]) -> f64 {
    let points: Vec<(f64, f64)> = COUNTS
        .iter()
        .zip(seconds)
        .map(|(count, s)| ((*count as f64).ln(), s.ln()))
        .collect();
    let n = points.len() as f64;
    let (mx, my) = points
        .iter()
        .fold((0.0, 0.0), |(a, b), (x, y)| (a + x / n, b + y / n));
    let covariance: f64 = points.iter().map(|(x, y)| (x - mx) * (y - my)).sum();
    let variance: f64 = points.iter().map(|(x, _)| (x - mx) * (x - mx)).sum();
    covariance / variance
}

struct Peer {
    python: PathBuf,
    script: &'static str,
    variant: &'static str,
    repeats: &'static str,
}

impl Peer {
    fn name(&self) -> String {
        format!("{} {}", self.script.trim_end_matches(".py"), self.variant)
    }

    /// Best time of one child process; infinite if it fails.
    fn seconds(&self) -> f64 {
        let script = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("benches/peers")
            .join(self.script);
        let output = Command::new(&self.python)
            .arg(script)
            .args([
                self.variant,
                &PEER_COUNT.to_string(),
                &BITS.to_string(),
                self.repeats,
            ])
            .output();
        output
            .ok()
            .and_then(|output| String::from_utf8(output.stdout).ok())
            .and_then(|text| text.lines().next()?.parse().ok())
            .unwrap_or(f64::INFINITY)
    }
}

fn peers() -> Vec<Peer> {
    let python = std::env::var_os("DPM_SPEC_PYTHON").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("target/cross/bin/python"),
        PathBuf::from,
    );
    let has_peers = Command::new(&python)
        .args(["-c", "import flint, mpmath"])
        .status()
        .is_ok_and(|status| status.success());
    if !has_peers {
        println!(
            "no peers: {} has no python-flint and mpmath; run `make cross` or set DPM_SPEC_PYTHON",
            python.display()
        );
        return Vec::new();
    }
    [
        ("rows_flint.py", "plain", "20"),
        ("rows_flint.py", "recurrence", "20"),
        ("rows_mpmath.py", "plain", "2"),
        ("rows_mpmath.py", "recurrence", "2"),
    ]
    .map(|(script, variant, repeats)| Peer {
        python: python.clone(),
        script,
        variant,
        repeats,
    })
    .into()
}
