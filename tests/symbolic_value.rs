//! A symbolic expression has the value of the code that built it: simplification changes none.

use dpm_spec::arithmetic::{Real, Symbolic};

/// Formulas of schedules, generic as the crate writes them; every one is well conditioned for
/// t, s in [0.1, 0.9], so a few rounding errors are all that may separate two evaluations.
fn schedule_formulas<T: Real>(t: &T, s: &T) -> Vec<T> {
    let constant = |num, den| t.like(num, den);
    let growth = (constant(1, 10) * t + &(constant(199, 20) * t * t)).exp_m1();
    let one = constant(1, 1);
    vec![
        growth.ln() / &constant(-2, 1),
        one.clone() / &(one.clone() + &growth).sqrt(),
        (growth.clone() / &(one.clone() + &growth)).sqrt(),
        t.ln_1p() * &t.sqrt() * &t.sqrt() / &s.sqrt(),
        ((t.clone() + s) / &(constant(2, 1) * &(one.clone() + s))).cos_pi(),
        (t.clone() * s).sin_pi() / &one.cos_pi(),
        t.atan2_pi(s) * &s.atan2_pi(t),
        t.pow(&constant(1, 7)).pow(&constant(7, 1)) * &s.pow(&(-s.clone())),
        t.exp() * &s.exp() / &(t.clone() * s).exp(),
        t.phi(2) * &s.phi(1) * &s.phi(1) + &t.phi(0),
    ]
}

#[test]
fn rendered_schedule_formulas_have_the_value_of_the_code() {
    let formulas = schedule_formulas(&Symbolic::symbol("t"), &Symbolic::symbol("s"));
    for (i, j) in (1..=9).flat_map(|i| (1..=9).map(move |j| (i, j))) {
        let (t, s) = (f64::from(i) / 10.0, f64::from(j) / 10.0);
        let bind = |name: &str| match name {
            "t" => Some(t),
            "s" => Some(s),
            _ => None,
        };
        for (formula, direct) in formulas.iter().zip(schedule_formulas(&t, &s)) {
            let value = formula.evaluate_real(&bind, &t).unwrap();
            assert!(
                (value - direct).abs() <= 16.0 * f64::EPSILON * direct.abs(),
                "{formula} at t = {t}, s = {s}: {value}, the code gives {direct}"
            );
        }
    }
}

/// Random expressions, run exactly: simplification must not change a single coefficient.
#[cfg(feature = "oracle")]
mod exact {
    use dpm_spec::arithmetic::{Field, Series, Symbolic};
    use proptest::prelude::*;
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;

    const SYMBOLS: [&str; 3] = ["h", "r_0", "g_0"];
    const TERMS: usize = 14;

    #[derive(Clone, Debug)]
    enum Recipe {
        Symbol(usize),
        Constant(i128, i128),
        Neg(Box<Recipe>),
        Binary(char, Box<Recipe>, Box<Recipe>),
        /// x/2 operation n x/2: like terms and like factors.
        Again(char, Box<Recipe>, i128),
        /// (x - y) operation (y - x): factors that differ in sign.
        Mirror(char, Box<Recipe>, Box<Recipe>),
        Exp(Box<Recipe>),
        ExpM1(Box<Recipe>),
        Phi(u32, Box<Recipe>),
    }

    fn recipe() -> impl Strategy<Value = Recipe> {
        let leaf = prop_oneof![
            3 => (0..SYMBOLS.len()).prop_map(Recipe::Symbol),
            2 => (-3_i128..4, 1_i128..4).prop_map(|(num, den)| Recipe::Constant(num, den)),
        ];
        leaf.prop_recursive(6, 24, 2, |inner| {
            let boxed = inner.prop_map(Box::new);
            let operation = prop::sample::select(vec!['+', '-', '*', '/']);
            prop_oneof![
                1 => boxed.clone().prop_map(Recipe::Neg),
                8 => (operation.clone(), boxed.clone(), boxed.clone())
                    .prop_map(|(operation, left, right)| Recipe::Binary(operation, left, right)),
                2 => (operation.clone(), boxed.clone(), -3_i128..4)
                    .prop_map(|(operation, x, n)| Recipe::Again(operation, x, n)),
                1 => (operation, boxed.clone(), boxed.clone())
                    .prop_map(|(operation, x, y)| Recipe::Mirror(operation, x, y)),
                1 => boxed.clone().prop_map(Recipe::Exp),
                1 => boxed.clone().prop_map(Recipe::ExpM1),
                1 => (0_u32..4, boxed).prop_map(|(k, x)| Recipe::Phi(k, x)),
            ]
        })
    }

    impl Recipe {
        /// Functions are taken of h times their argument, so that most values are rational.
        fn build<T: Field>(&self, symbols: &[T]) -> T {
            let small = |x: &Recipe| x.build(symbols) * &symbols[0];
            let apply = |operation: &char, x: T, y: &T| match operation {
                '+' => x + y,
                '-' => x - y,
                '*' => x * y,
                _ => x / y,
            };
            match self {
                Recipe::Symbol(at) => symbols[*at].clone(),
                Recipe::Constant(num, den) => symbols[0].like(*num, *den),
                Recipe::Neg(x) => -x.build(symbols),
                Recipe::Binary(operation, x, y) => {
                    apply(operation, x.build(symbols), &y.build(symbols))
                }
                Recipe::Again(operation, x, n) => {
                    let half = symbols[0].like(1, 2) * &x.build(symbols);
                    let scaled = half.like(*n, 1) * &half;
                    apply(operation, half, &scaled)
                }
                Recipe::Mirror(operation, x, y) => {
                    let (x, y) = (x.build(symbols), y.build(symbols));
                    apply(operation, x.clone() - &y, &(y - &x))
                }
                Recipe::Exp(x) => small(x).exp(),
                Recipe::ExpM1(x) => small(x).exp_m1(),
                Recipe::Phi(k, x) => small(x).phi(*k),
            }
        }
    }

    #[test]
    fn simplification_never_changes_the_value() {
        let h = Series::variable(TERMS);
        let values = [
            h.clone(),
            h.like(2, 3) + &h,
            h.like(-5, 2) - &(h.clone() * &h),
        ];
        let bind = |name: &str| {
            let at = SYMBOLS.iter().position(|symbol| *symbol == name)?;
            Some(values[at].clone())
        };
        let symbols = SYMBOLS.map(Symbolic::symbol);
        let mut runner = TestRunner::deterministic();
        let (mut compared, mut coefficients) = (0, 0);
        for _ in 0..4000 {
            let recipe = recipe().new_tree(&mut runner).unwrap().current();
            let direct = recipe.build(&values);
            if !direct.is_known() {
                continue;
            }
            let expression = recipe.build(&symbols);
            let value = expression.evaluate(&bind, &h);
            let value = value.unwrap_or_else(|| panic!("{recipe:?} became {expression}"));
            assert!(value.is_known(), "{recipe:?} became {expression}");
            compared += 1;
            for j in -30..30 {
                let pair = (direct.coefficient(j), value.coefficient(j));
                if let (Some(expected), Some(found)) = pair {
                    coefficients += usize::from(j >= 0);
                    assert_eq!(expected, found, "{recipe:?} became {expression}; h^{j}");
                }
            }
        }
        assert!(compared > 3000, "only {compared} expressions had a value");
        assert!(coefficients > 12 * compared, "hardly anything was compared");
    }

    #[test]
    fn naming_a_part_never_changes_the_value() {
        let h = Series::variable(TERMS);
        let values = [h.clone(), h.like(2, 3) + &h];
        let [h_symbol, r0, _] = SYMBOLS.map(Symbolic::symbol);
        let name = Symbolic::symbol("D");
        let mut runner = TestRunner::deterministic();
        let (mut compared, mut named) = (0, 0);
        for _ in 0..2000 {
            let mut draw = || recipe().new_tree(&mut runner).unwrap().current();
            let (part, whole) = (draw(), draw());
            let leaf = h.like(1, 1) - &h;
            let part_value = part.build(&[values[0].clone(), values[1].clone(), leaf.clone()]);
            let direct = whole.build(&[values[0].clone(), values[1].clone(), part_value.clone()]);
            if !direct.is_known() || !part_value.is_known() {
                continue;
            }
            let part = part.build(&[h_symbol.clone(), r0.clone(), Symbolic::symbol("g_0")]);
            let whole = whole.build(&[h_symbol.clone(), r0.clone(), part.clone()]);
            let short = whole.abbreviated(&part, &name);
            let bind = |latex: &str| match latex {
                "h" => Some(values[0].clone()),
                "r_0" => Some(values[1].clone()),
                "g_0" => Some(leaf.clone()),
                "D" => Some(part_value.clone()),
                _ => None,
            };
            let value = short.evaluate(&bind, &h);
            let value = value.unwrap_or_else(|| panic!("{whole} became {short}"));
            compared += 1;
            named += usize::from(short.to_string().contains('D'));
            for j in -30..30 {
                if let (Some(x), Some(y)) = (direct.coefficient(j), value.coefficient(j)) {
                    assert_eq!(x, y, "{whole} became {short} with D = {part}; h^{j}");
                }
            }
        }
        assert!(compared > 1000, "only {compared} expressions had a value");
        assert!(
            4 * named > compared,
            "only {named} of {compared} had a named part"
        );
    }
}
