//! The symbolic arithmetic prints what a paper would print.

use dpm_spec::arithmetic::{Field, Real, Symbolic};
use dpm_spec::solver::{Step, dpmpp_2m, dpmpp_2m_exact, dpmpp_2s, dpmpp_3m, dpmpp_3m_exact};

fn symbol(latex: &str) -> Symbolic {
    Symbolic::symbol(latex)
}

fn vector(latex: &str) -> Symbolic {
    Symbolic::vector(latex)
}

fn number(num: i128, den: i128) -> Symbolic {
    symbol("h").like(num, den)
}

fn assert_prints(table: &[(Symbolic, &str)]) {
    let wrong: Vec<String> = table
        .iter()
        .filter(|(expression, expected)| expression.to_string() != *expected)
        .map(|(expression, expected)| format!("expected {expected}\n but got {expression}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn rationals_units_and_signs_are_folded() {
    let (h, r, s) = (|| symbol("h"), symbol("r_0"), symbol("r_1"));
    let zero = number(0, 1);
    assert_prints(&[
        (number(0, 5), "0"),
        (number(6, 4), r"\frac{3}{2}"),
        (number(-1, 3), r"-\frac{1}{3}"),
        (number(1, 2) + &number(1, 3), r"\frac{5}{6}"),
        (h() + &zero, "h"),
        (h() * &zero, "0"),
        (h() * &number(1, 1), "h"),
        (h() - &h(), "0"),
        (-(-h()), "h"),
        (h() + &h(), "2 h"),
        (h() * &number(3, 2), r"\frac{3 h}{2}"),
        (-h() * &r, "-h r_0"),
        (-h() * &(-r.clone()), "h r_0"),
        (h() / &(-r.clone()), r"-\frac{h}{r_0}"),
        (h() * &(-r.clone() - &s), r"-h \left(r_0 + r_1\right)"),
        (-(h() - &r), "r_0 - h"),
        (-h() - &r, "-h - r_0"),
        (number(1, 1) - &(h() - &r), "1 - h + r_0"),
        (zero.clone() - &h() + &number(1, 1), "1 - h"),
        (h() / &zero, r"\text{undefined}"),
        (zero / &h(), "0"),
    ]);
}

#[test]
fn fractions_products_and_powers_read_like_a_paper() {
    let (h, r, s) = (symbol("h"), symbol("r_0"), symbol("r_1"));
    let sum = r.clone() + &s;
    let product = |factors: &[&Symbolic]| {
        factors
            .iter()
            .fold(number(1, 1), |product, factor| product * factor)
    };
    assert_prints(&[
        (number(1, 1) / &sum, r"\frac{1}{r_0 + r_1}"),
        (r.clone() / &sum, r"\frac{r_0}{r_0 + r_1}"),
        (product(&[&r, &s, &sum]), r"r_0 r_1 \left(r_0 + r_1\right)"),
        (
            number(2, 1) / &product(&[&r, &sum]),
            r"\frac{2}{r_0 \left(r_0 + r_1\right)}",
        ),
        (product(&[&h, &r, &h]), "h^2 r_0"),
        (product(&[&sum, &h, &sum]), r"\left(r_0 + r_1\right)^2 h"),
        (product(&[&sum]) / &(s.clone() + &r), "1"),
        ((r.clone() - &s) / &(s.clone() - &r), "-1"),
        (product(&[&h, &r]) / &product(&[&r, &s]), r"\frac{h}{r_1}"),
        (
            h.clone() * &(number(2, 1) * &r + &(number(4, 1) * &s)),
            r"2 h \left(r_0 + 2 r_1\right)",
        ),
        (
            number(1, 1) / &(number(2, 1) * &r + &(number(2, 1) * &s)),
            r"\frac{1}{2 \left(r_0 + r_1\right)}",
        ),
        (number(1, 2) * &sum, r"\frac{r_0 + r_1}{2}"),
        (number(2, 1) * &sum, r"2 \left(r_0 + r_1\right)"),
        (
            number(2, 1) * &sum - &sum - &r,
            r"2 \left(r_0 + r_1\right) - 2 r_0 - r_1",
        ),
        (
            number(3, 2) * &sum - &(number(1, 2) * &sum) + &r,
            "2 r_0 + r_1",
        ),
        (h.pow(&number(12, 1)), "h^{12}"),
        (h.pow(&number(-2, 1)), r"\frac{1}{h^2}"),
        (h.pow(&number(1, 7)), "h^{1/7}"),
        (
            sum.pow(&(number(1, 1) / &h)),
            r"\left(r_0 + r_1\right)^{1/h}",
        ),
        (number(3, 1).pow(&h) * &number(2, 1), r"2 \cdot 3^{h}"),
        (
            (h.clone() / &r).pow(&number(2, 3)),
            r"\left(\frac{h}{r_0}\right)^{2/3}",
        ),
    ]);
}

#[test]
fn exponentials_and_phi_read_like_a_paper() {
    let (h, z, eta) = (symbol("h"), symbol("z"), symbol(r"\eta"));
    let (alpha, one) = (symbol(r"\alpha_t"), number(1, 1));
    let minus_h = -h.clone();
    let damping = -(one.clone() + &eta) * &h;
    assert_prints(&[
        (z.phi(0), "e^{z}"),
        (z.phi(1), r"\varphi_1(z)"),
        (minus_h.phi(12), r"\varphi_{12}(-h)"),
        (
            (h.clone() / &eta).phi(2),
            r"\varphi_2\left(\frac{h}{\eta}\right)",
        ),
        (h.clone() * &z.phi(1), r"h \varphi_1(z)"),
        (z.phi(1) * &h, r"h \varphi_1(z)"),
        (z.phi(1) * &z.phi(1), r"\varphi_1(z)^2"),
        (z.phi(1) * &z.phi(2), r"\varphi_1(z) \varphi_2(z)"),
        (number(0, 1).phi(3), r"\frac{1}{6}"),
        (number(0, 1).exp(), "1"),
        (number(0, 1).exp_m1(), "0"),
        (minus_h.exp(), "e^{-h}"),
        ((h.clone() / &number(2, 1)).exp(), "e^{h/2}"),
        ((z.clone() / &(eta.clone() * &h)).exp(), r"e^{z/(\eta h)}"),
        (damping.exp(), r"e^{-(1 + \eta) h}"),
        (h.exp() * &minus_h.exp(), "1"),
        (one.clone() / &h.exp(), "e^{-h}"),
        (z.exp() * &z.exp(), "e^{2 z}"),
        (minus_h.exp_m1(), "e^{-h} - 1"),
        (-minus_h.exp_m1(), "1 - e^{-h}"),
        (alpha.clone() - &minus_h.exp_m1(), r"\alpha_t - e^{-h} + 1"),
        (
            -alpha.clone() * &minus_h.exp_m1(),
            r"-\alpha_t \left(e^{-h} - 1\right)",
        ),
        (z.exp_m1() / &z, r"\frac{e^{z} - 1}{z}"),
        (z.exp_m1() * &z.exp_m1(), r"\left(e^{z} - 1\right)^2"),
        (
            alpha * &(one - &minus_h.exp()),
            r"\alpha_t \left(1 - e^{-h}\right)",
        ),
    ]);
}

#[test]
fn weights_of_solvers_read_like_the_paper() {
    let (h, z, r, s) = (symbol("h"), symbol("z"), symbol("r_0"), symbol("r_1"));
    let (g0, g1, g2) = (vector("g_0"), vector("g_1"), vector("g_2"));
    let two = number(2, 1);
    let big = |k| h.clone() * &z.phi(k);
    let d10 = (g0.clone() - &g1) / &r;
    let d11 = (g1.clone() - &g2) / &s;
    let span = r.clone() + &s;
    let (d10_named, d11_named) = (vector("D_{1,0}"), vector("D_{1,1}"));
    let spread = d10_named.clone() - &d11_named;
    let ddim = symbol(r"\sigma_t") / &symbol(r"\sigma_s") * &vector("x")
        - &(symbol(r"\alpha_t") * &(-h.clone()).exp_m1() * &g0);
    assert_prints(&[
        (
            ddim,
            r"\frac{\sigma_t}{\sigma_s} x - \alpha_t \left(e^{-h} - 1\right) g_0",
        ),
        (d10.clone(), r"\frac{g_0 - g_1}{r_0}"),
        (
            big(1) * &(g0.clone() + &(d10.clone() / &two)),
            r"h \varphi_1(z) \left(g_0 + \frac{g_0 - g_1}{2 r_0}\right)",
        ),
        (
            big(1) * &(g0.clone() + &(d10_named.clone() / &two)),
            r"h \varphi_1(z) \left(g_0 + \frac{D_{1,0}}{2}\right)",
        ),
        (
            big(1) * &g0 + &(big(2) * &d10),
            r"h \varphi_1(z) g_0 + \frac{h \varphi_2(z)}{r_0} \left(g_0 - g_1\right)",
        ),
        (
            d10_named.clone() + &(r.clone() / &span * &spread),
            r"D_{1,0} + \frac{r_0}{r_0 + r_1} \left(D_{1,0} - D_{1,1}\right)",
        ),
        (spread / &span, r"\frac{D_{1,0} - D_{1,1}}{r_0 + r_1}"),
        (
            (d10 - &d11) / &span,
            r"\frac{\frac{g_0 - g_1}{r_0} - \frac{g_1 - g_2}{r_1}}{r_0 + r_1}",
        ),
        (-z.phi(1) * &h * &g0, r"-h \varphi_1(z) g_0"),
        (number(-23, 12) * &g1, r"-\frac{23}{12} g_1"),
    ]);
}

#[test]
fn increments_of_the_crate_print_their_formulas() {
    let step = Step {
        h: symbol("h"),
        z: symbol("z"),
    };
    let (r0, r1) = (symbol("r_0"), symbol("r_1"));
    let (g0, g1, g2) = (vector("g_0"), vector("g_1"), vector("g_2"));
    assert_prints(&[
        (
            dpmpp_2m::increment(&step, &r0, [&g0, &g1]),
            r"h \varphi_1(z) \left(g_0 + \frac{g_0 - g_1}{2 r_0}\right)",
        ),
        (
            dpmpp_2m_exact::increment(&step, &r0, [&g0, &g1]),
            r"h \varphi_1(z) g_0 + \frac{h \varphi_2(z)}{r_0} \left(g_0 - g_1\right)",
        ),
        (
            dpmpp_2s::increment(&step, &r1, [&g0, &g1]),
            r"h \varphi_1(z) \left(g_0 + \frac{g_1 - g_0}{2 r_1}\right)",
        ),
        (
            dpmpp_3m::differences(&r0, &r1, [&g0, &g1, &g2])[1].clone(),
            r"\frac{\frac{g_0 - g_1}{r_0} - \frac{g_1 - g_2}{r_1}}{r_0 + r_1}",
        ),
    ]);
}

#[test]
fn named_parts_print_by_their_names() {
    let step = Step {
        h: symbol("h"),
        z: symbol("z"),
    };
    let (r0, r1) = (symbol("r_0"), symbol("r_1"));
    let g = [vector("g_0"), vector("g_1"), vector("g_2")];
    let [g0, g1, g2] = &g;
    let (d10, d11) = (vector("D_{1,0}"), vector("D_{1,1}"));
    let first_differences = [
        ((g0.clone() - g1) / &r0, &d10),
        ((g1.clone() - g2) / &r1, &d11),
    ];
    let name_first_differences = |expression: &Symbolic| {
        first_differences
            .iter()
            .fold(expression.clone(), |expression, (definition, name)| {
                expression.abbreviated(definition, name)
            })
    };
    let [d1, d2] = dpmpp_3m::differences(&r0, &r1, [g0, g1, g2]);
    let (d1, d2) = (name_first_differences(&d1), name_first_differences(&d2));
    let name_differences = |expression: &Symbolic| {
        (1..4).fold(
            name_first_differences(expression)
                .abbreviated(&d1, &vector("D_1"))
                .abbreviated(&d2, &vector("D_2")),
            |expression, k| expression.abbreviated(&step.h_phi(k), &symbol(&format!("H_{k}"))),
        )
    };
    let published = dpmpp_3m::increment(&step, &r0, &r1, [g0, g1, g2]);
    let exact = dpmpp_3m_exact::increment(&step, &r0, &r1, [g0, g1, g2]);
    let difference = symbol("x") - &symbol("y");
    let scaled = |num| (difference.clone() * &number(num, 3)).exp();
    let ratio = r1.clone() / &(r0.clone() * &r0);
    assert_prints(&[
        (
            d1.clone(),
            r"D_{1,0} + \frac{r_0}{r_0 + r_1} \left(D_{1,0} - D_{1,1}\right)",
        ),
        (d2.clone(), r"\frac{D_{1,0} - D_{1,1}}{r_0 + r_1}"),
        (name_differences(&published), "H_1 g_0 + H_2 D_1 + H_3 D_2"),
        (name_differences(&exact), "H_1 g_0 + H_2 D_1 + 2 H_3 D_2"),
        (
            scaled(2).abbreviated(&difference, &symbol("u")),
            "e^{2 u/3}",
        ),
        (
            scaled(1).abbreviated(&-difference.clone(), &symbol("u")),
            "e^{-u/3}",
        ),
        (
            ratio.abbreviated(&(number(2, 1) / &r0), &symbol("q")),
            r"\frac{r_1 q^2}{4}",
        ),
        (ratio.abbreviated(&r0, &symbol("q")), r"\frac{r_1}{q^2}"),
        (
            ratio.abbreviated(&(r0.clone() * &r1), &symbol("q")),
            r"\frac{r_1}{r_0^2}",
        ),
        (g0.abbreviated(&number(1, 1), &symbol("q")), "g_0"),
    ]);
}

#[test]
fn schedules_read_like_the_paper() {
    let (t, s, two) = (symbol("t"), symbol("s"), number(2, 1));
    let (b0, b1) = (symbol(r"\beta_0"), symbol(r"\beta_1"));
    let one = number(1, 1);
    let exponent = b0.clone() * &t + &((b1 - &b0) / &two * &t * &t);
    let e = exponent.exp_m1();
    let big_e = symbol("E");
    let angle = (t.clone() + &s) / &(two.clone() * &(one.clone() + &s));
    assert_prints(&[
        (
            exponent,
            r"\beta_0 t + \frac{\left(\beta_1 - \beta_0\right) t^2}{2}",
        ),
        (
            -e.ln() / &two,
            r"-\frac{\ln\left(e^{\beta_0 t + (\beta_1 - \beta_0) t^2/2} - 1\right)}{2}",
        ),
        (
            one.clone() / &(one.clone() + &big_e).sqrt(),
            r"\frac{1}{\sqrt{1 + E}}",
        ),
        (
            (big_e.clone() / &(one + &big_e)).sqrt(),
            r"\sqrt{\frac{E}{1 + E}}",
        ),
        (big_e.sqrt() * &big_e.sqrt(), "E"),
        (number(1, 1) / &big_e.sqrt() / &big_e.sqrt(), r"\frac{1}{E}"),
        ((-t.clone()).ln_1p(), r"\ln(1 - t)"),
        (t.exp().ln(), "t"),
        (t.ln().exp(), "t"),
        (number(9, 4).sqrt(), r"\frac{3}{2}"),
        (two.sqrt(), r"\sqrt{2}"),
        (t.sin_pi(), r"\sin(\pi t)"),
        (
            angle.cos_pi(),
            r"\cos\left(\frac{\pi \left(t + s\right)}{2 \left(1 + s\right)}\right)",
        ),
        (number(1, 2).sin_pi() - &number(3, 1).cos_pi(), "2"),
        (t.atan2_pi(&s), r"\frac{\operatorname{atan2}(t, s)}{\pi}"),
        (number(-1, 1).ln(), r"\text{undefined}"),
    ]);
}

#[test]
fn numbers_too_large_to_fold_keep_their_value() {
    let large = number(3_i128.pow(75), 1);
    let product = large.clone() * &large;
    assert_prints(&[
        (
            product.clone(),
            r"608266787713357709119683992618861307 \cdot 608266787713357709119683992618861307",
        ),
        (product.clone() / &large / &large, "1"),
        (number(i128::MIN, 1) - &number(i128::MIN, 1), "0"),
    ]);
    let value = product.evaluate(&|_| None, &1.0).unwrap();
    assert!((value / 3_f64.powi(150) - 1.0).abs() < 1e-15);
    for exact in [0.1, -3.0, 0.0, 5e-324, f64::MAX, 1e-310, -1.5e200] {
        let expression = symbol("h").from_f64(exact);
        assert_eq!(expression.evaluate(&|_| None, &1.0), Some(exact));
    }
    assert!(!symbol("h").from_f64(f64::NAN).is_finite());
}

#[test]
fn evaluation_tells_what_it_lacks() {
    let bind = |name: &str| (name == "h").then_some(0.5);
    let (h, z) = (symbol("h"), symbol("z"));
    assert_eq!(h.exp_m1().evaluate(&bind, &1.0), Some(0.5_f64.exp_m1()));
    assert_eq!((h.clone() + &z).evaluate(&bind, &1.0), None);
    assert_eq!(h.ln().evaluate(&bind, &1.0), None);
    assert_eq!(h.ln().evaluate_real(&bind, &1.0), Some(0.5_f64.ln()));
    assert_eq!((h.clone() / &h.like(0, 1)).evaluate(&bind, &1.0), None);
}
