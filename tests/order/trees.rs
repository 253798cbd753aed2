//! trees
use dpm_spec::arithmetic::rational;
use dpm_spec::order::{Progressive, Tree, trees::examine};
use dpm_spec::solver::Solver;

#[test]
fn look() {
    for n in 1..6 {
        println!(
            "{}",
            Tree::all(5).iter().filter(|t| t.vertices == n).count()
        );
    }
    for id in [
        "ddim",
        "dpmpp-2s",
        "dpmpp-2s:r1=2/3",
        "dpmpp-2s-taylor",
        "dpmpp-3s",
        "dpmpp-3s:r1=1/2,r2=3/4",
        "dpmpp-3s-taylor",
        "dpmpp-3s-taylor:r2=1",
    ] {
        let s = Solver::parse(id).unwrap();
        for c in [(-1, 1), (1, 1), (-3, 2)] {
            let t = std::time::Instant::now();
            let e = examine(&s.method, rational(c.0, c.1));
            println!(
                "{id} {c:?} order {} stiff {} exact {:?} shift {:?} {:?}",
                e.order,
                e.stiff_order,
                e.identically_exact(),
                e.shift.iter().map(|s| s.identical).collect::<Vec<_>>(),
                t.elapsed()
            );
            for p in e.principal() {
                print!(" {} {:?}", p.tree.name, p.leading().unwrap());
            }
            println!();
        }
    }
    for id in ["dpmpp-2s", "dpmpp-3s", "dpmpp-3s-taylor"] {
        let s = Solver::parse(id).unwrap();
        let e = examine(&Progressive::uniform(s.method), rational(-1, 1));
        println!("{id} progressive order {} stiff {}", e.order, e.stiff_order);
    }
}
