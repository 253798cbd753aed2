//! The quantile of each sample's magnitudes beside `torch.quantile`, in turn, in one run.
//!
//! `cargo bench --features cpu --bench quantile`; the peer, `benches/peers/torch_quantile.py`, runs
//! as that of `cpu_step` does, and is given magnitudes, which this side makes itself. At 8 samples of
//! 3 x 64 x 64 the ratio over the fastest peer is to be 3 at least. Both must find the same numbers.

mod peers;

use dpm_spec::arithmetic::rational;
use dpm_spec::cpu::{quantile, quantiles};
use peers::{Outcome, REST, median, peers};
use std::hint::black_box;
use std::time::Instant;

const ROUNDS: usize = 15;
const REPEATS: usize = 20;
/// 0.995, as Imagen has it.
const RATIO: (i128, i128) = (199, 200);

fn main() -> Outcome<()> {
    let mut peers = peers("torch_quantile.py");
    println!("| samples | | microseconds | faster than as installed | than any |");
    println!("|---|---|---|---|---|");
    for [batch, elements] in [[8, 3 * 64 * 64], [1, 4 * 64 * 64]] {
        let samples = numbers(batch * elements);
        let question = format!("{batch} {elements} {}", RATIO.0 as f64 / RATIO.1 as f64);
        let mut own = [Vec::new(), Vec::new()];
        let mut others: Vec<Vec<f64>> = vec![Vec::new(); peers.len()];
        for _ in 0..ROUNDS {
            let mut expected = None;
            for (peer, times) in peers.iter_mut().zip(&mut others) {
                let (seconds, found) = peer.run(&question)?;
                times.push(seconds);
                expected = Some(found);
                std::thread::sleep(REST);
            }
            let ratio = rational(RATIO.0, RATIO.1);
            let ways: [&dyn Fn() -> Vec<f32>; 2] =
                [&|| quantiles(black_box(&samples), elements, ratio), &|| {
                    let samples = black_box(&samples).chunks(elements);
                    samples.map(|sample| quantile(sample, ratio)).collect()
                }];
            for (way, times) in ways.iter().zip(&mut own) {
                let found = way();
                agree(&found, expected.as_deref())?;
                let begin = Instant::now();
                for _ in 0..REPEATS {
                    black_box(way());
                }
                times.push(begin.elapsed().as_secs_f64() / REPEATS as f64);
                std::thread::sleep(REST);
            }
        }
        let others: Vec<f64> = others.into_iter().map(median).collect();
        let fastest = |any: bool| {
            let counted = peers.iter().zip(&others).filter(|(p, _)| any || !p.keeping);
            counted.map(|(_, time)| *time).min_by(f64::total_cmp)
        };
        let line = |name: &str, time: f64| {
            let ratio =
                |other: Option<f64>| other.map_or(String::new(), |o| format!("{:.1}", o / time));
            let ratios = [ratio(fastest(false)), ratio(fastest(true))].join(" | ");
            println!(
                "| {batch} x {elements} | {name} | {:.1} | {ratios} |",
                1e6 * time
            );
        };
        for (name, times) in ["dpm-spec", "dpm-spec, 1 thread"].iter().zip(own) {
            line(name, median(times));
        }
        for (peer, time) in peers.iter().zip(&others) {
            line(&peer.name, *time);
        }
    }
    for peer in peers {
        peer.end()?;
    }
    Ok(())
}

/// Sums of four uniform numbers, the same as the peer's.
fn numbers(length: usize) -> Vec<f32> {
    let number = |i: u64| {
        let uniform = [2_654_435_761, 2_246_822_519, 3_266_489_917, 668_265_263];
        let sum: u64 = uniform.iter().map(|odd| (i + 1) * odd % (1 << 32)).sum();
        (sum as f64 / f64::from(1_u32 << 30) - 8.0) as f32
    };
    (0..length as u64).map(number).collect()
}

/// torch rounds rank and interpolation in its own way.
fn agree(own: &[f32], peer: Option<&[f32]>) -> Outcome<()> {
    let near = |(a, b): (&f32, &f32)| (a - b).abs() <= 1e-5 * b.abs();
    match peer {
        Some(peer) if own.len() != peer.len() || !own.iter().zip(peer).all(near) => {
            Err(format!("found {own:?}, torch {peer:?}").into())
        }
        _ => Ok(()),
    }
}
