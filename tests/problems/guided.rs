use crate::{Number, assert_solves_the_flow, number};
use dpm_spec::arithmetic::{Real, Special, parse_rational};
use dpm_spec::problem::{Model, Problem};

const CASES: &[&str] = &[
    "guided",
    "guided:G=1",
    "guided:G=2",
    "guided:G=5/2",
    "guided:G=15/2",
    "guided:G=4,s2_c=1,s2_u=1/16",
    "guided:G=7/3,s2_c=4,s2_u=1/100",
    "guided:G=8,s2_c=1/1000,s2_u=3",
    "guided:G=6,s2_c=1/4,s2_u=1/4",
];

#[test]
fn solution_of_guided_data_solves_the_flow() {
    for problem in CASES {
        assert_solves_the_flow(problem);
    }
}

/// (G, s2_c, s2_u, tau_s, z_s, z at tau = 0) for mu_c = 1, mu_u = -1/4: computed with python-flint
/// 0.9 at 2000 bits from z = mu_u + H (C + K) with K through Arb's own 2F1(-w/2, 1/2; 3/2; x).
/// x = (s2_c - s2_u)/s2_c is -1, 0, 1 - 1e-9 and -1e9 in the first rows of each G; in the last ones
/// v_c/v_u lies on both sides of where the series change.
#[rustfmt::skip]
const FROM_ARB: &[(&str, &str, &str, &str, &str, &str)] = &[
    ("2", "1/2", "1", "1", "3/2", "1.52921118606324571823148764543496803491012000044544731299341"),
    ("2", "1", "1", "1", "3/2", "1.71966991411008935669936672842136322053637304673364447255875"),
    ("2", "1", "1/1000000000", "1", "3/2", "38951.0325202728079913733344387312994306894887077796922481869"),
    ("2", "1/1000000001", "1", "1", "3/2", "1.00000001342386491462734820211138706957030291616808801793503"),
    ("5/2", "1", "1", "1", "3/2", "1.90272817586849715394883900210583257098335058567834819969103"),
    ("5/2", "1", "1/1000000000", "1", "3/2", "5967390.27801603191744933866783518546794631538531939669162456"),
    ("5/2", "1/1000000001", "1", "1", "3/2", "1.00000000373221083688108963394914166988199971099200854266569"),
    ("1000001/1000000", "1/2", "1", "1", "3/2", "1.28867540332017006500754014701712383979056961493885376679585"),
    ("1000001/1000000", "1", "1", "1", "3/2", "1.35355375670979727901601667999697188858111886279931490770162"),
    ("1000001/1000000", "1", "1/1000000000", "1", "3/2", "1.35356964829191801260006445973329390741991928572198592501984"),
    ("1000001/1000000", "1/1000000001", "1", "1", "3/2", "1.00001581126097788799649545878060770425046257191872796551449"),
    ("3", "1/2", "1", "1", "3/2", "1.72076225324284304919994695120653899898969839466905036364961"),
    ("3", "1", "1", "1", "3/2", "2.08578643762690495119831127579030192143032812462305192682332"),
    ("3", "1", "1/1000000000", "1", "3/2", "909009743.507044765394737066364300752135331400022142402098354"),
    ("3", "1/1000000001", "1", "1", "3/2", "1.00000000249995256333516072236318385321264232791015359395027"),
    ("10/3", "1/2", "1", "1", "3/2", "1.77542394076403509201666493070951166439771862011486836688853"),
    ("10/3", "1", "1", "1", "3/2", "2.20782527879917681603129279157994815506164648391952107824485"),
    ("10/3", "1", "1/1000000000", "1", "3/2", "25870066512.1640885202199615283392762825839857721677271215267"),
    ("10/3", "1/1000000001", "1", "1", "3/2", "1.00000000218749960300997507728680329479736686880099301884253"),
    ("20", "1/2", "1", "1", "3/2", "2.37663808109268883927991851479821552867712507110822785349445"),
    ("20", "1", "1", "1", "3/2", "8.30976733741277005768036858106225983662756444874297864932110"),
    ("20", "1", "1/1000000000", "1", "30000", "9.26491590846384231638655731482206280347712228940307834710673e+86"),
    ("20", "1/1000000001", "1", "1", "3/2", "1.00000000131944444452690972223989335318196614583848741320024"),
    ("2000001/1000000", "1", "1", "1", "3/2", "1.71967028022661287351496122736591058947507394068872236196620"),
    ("2000001/1000000", "1", "1/1000000000", "1", "3/2", "38951.4248043005754472062856122041760896972962049197261212353"),
    ("2000001/1000000", "1/1000000001", "1", "1", "3/2", "1.00000001342380596643704805465926398068985141587328719866497"),
    ("2", "249/1000", "1", "4", "-2", "0.933847975960548241109877447070265467149788790892559353086078"),
    ("2", "251/1000", "1", "4", "-2", "0.932488604458589654707588785978861905607817986947085840455527"),
    ("2", "1749/1000", "1", "4", "-2", "-0.171542692633664766561804560491545516511724401884105477113556"),
    ("2", "1751/1000", "1", "4", "-2", "-0.172799031186260746900178470248984292640290971245769790557286"),
    ("7/3", "249/1000", "1", "4", "-2", "1.06919298095560366327555705920714934107310344154672199062471"),
    ("7/3", "251/1000", "1", "4", "-2", "1.06854949559481640309884461333453909385755030779396836364928"),
    ("7/3", "1749/1000", "1", "4", "-2", "0.0173673983865806097806868053899296344769690861214092720671252"),
    ("7/3", "1751/1000", "1", "4", "-2", "0.0159367469748830152998763390752995234224348385283382773054103"),
    ("3000001/1000000", "249/1000", "1", "4", "-2", "1.25901192909787091602115874123851430089906361230028068505550"),
    ("3000001/1000000", "251/1000", "1", "4", "-2", "1.25981162073287953184046345970187190827255610945084443654386"),
    ("3000001/1000000", "1749/1000", "1", "4", "-2", "0.443746451484366569337073151079719507924617206971295473767233"),
    ("3000001/1000000", "1751/1000", "1", "4", "-2", "0.442025165590907819583298271858307481567758572004610776683049"),
];

fn constant<T: Special>(text: &str, witness: &T) -> T {
    witness.constant(parse_rational(text).unwrap())
}

/// The solution of a row of the table at tau = 0.
fn solved<T: Special>(row: usize, witness: &T) -> T {
    let (guidance, conditional, unconditional, tau, z, _) = FROM_ARB[row];
    let problem =
        format!("guided:G={guidance},mu_c=1,s2_c={conditional},mu_u=-1/4,s2_u={unconditional}");
    let model: Model<T> = Problem::parse(&problem).unwrap().model(witness);
    let (tau, z) = (constant(tau, witness), constant(z, witness));
    model.solution(&[z], &tau, &witness.like(0, 1)).unwrap()[0].clone()
}

#[test]
fn guided_solution_agrees_with_arb_in_f64_and_double_double() {
    for (row, data) in FROM_ARB.iter().enumerate() {
        let expected: f64 = data.5.parse().unwrap();
        let narrow = solved(row, &1.0_f64);
        // beside the means, which are of the order of one
        let relative = (narrow - expected).abs() / expected.abs().max(1.0);
        assert!(
            relative < 2e-14,
            "{data:?}: {narrow:e}, off by {relative:e}"
        );
        // 35 digits hold more than a double-double, and are an exact rational
        let (digits, power) = data.5.split_once('e').unwrap_or((data.5, "0"));
        let expected = constant(&digits[..34], &number(1.0))
            * number(10.0).pow(&number(power.parse().unwrap()));
        let wide: Number = solved(row, &number(1.0));
        let relative = (wide - expected).to_f64().abs() / expected.to_f64().abs().max(1.0);
        assert!(relative < 1e-28, "{data:?}: {wide:?}, off by {relative:e}");
    }
}

#[test]
fn guidance_that_the_closed_form_does_not_cover_is_refused() {
    for (text, code) in [
        ("guided:G=0", "E-PROBLEM"),
        ("guided:G=0.999", "E-PROBLEM"),
        ("guided:G=-3", "E-PROBLEM"),
        ("guided:G=10001", "E-PROBLEM"),
        ("guided:s2_c=0", "E-PROBLEM"),
        ("guided:s2_u=0", "E-PROBLEM"),
        ("guided:s2_c=0,s2_u=0,mu_c=1,mu_u=1", "E-PROBLEM"),
        ("guided:s2_u=-1", "E-PROBLEM"),
        ("guided:G=inf", "E-NUMBER"),
        ("guided:G=nan", "E-NUMBER"),
        ("guided:w=2", "E-PARAMETER"),
    ] {
        let error = Problem::parse(text).unwrap_err();
        assert_eq!(error.code.text(), code, "{text}: {error}");
    }
}

#[test]
fn id_of_guided_data_is_canonical() {
    let text = "guided:G=3,mu_c=1,s2_c=1/16,mu_u=-1/4,s2_u=1";
    assert_eq!(Problem::parse("guided").unwrap().to_string(), text);
    let parsed = Problem::parse("guided:s2_c=0.0625,G=3.0").unwrap();
    assert_eq!(parsed.to_string(), text);
}

#[test]
fn guidance_of_one_is_the_conditional_gaussian() {
    let witness = number(1.0);
    let guided = Problem::parse("guided:G=1,mu_c=1/3,s2_c=1/7,mu_u=5,s2_u=2").unwrap();
    let gaussian = Problem::parse("gaussian:mu=1/3,s2=1/7").unwrap();
    let [guided, gaussian] = [guided, gaussian].map(|problem| problem.model(&witness));
    for (z, tau_s, tau_t) in [(2.0, 9.0, 0.5), (-1.0, 100.0, 0.0), (0.1, 1e-3, 1e-6)] {
        let [z, tau_s, tau_t] = [z, tau_s, tau_t].map(number);
        let at = |model: &Model<Number>| model.solution(&[z], &tau_s, &tau_t).unwrap()[0];
        let difference = (at(&guided) - at(&gaussian)).to_f64();
        assert!(difference.abs() < 1e-29, "{difference:e}");
        let shown = |model: &Model<Number>| model.denoise(&tau_s, &[z]).unwrap()[0];
        assert!((shown(&guided) - shown(&gaussian)).to_f64().abs() < 1e-30);
    }
}

#[cfg(feature = "oracle")]
mod in_balls {
    use super::{FROM_ARB, constant, solved};
    use dpm_spec::arithmetic::{Ball, Field, Special};
    use dpm_spec::problem::{Passage, Problem, enclosed_within, solution_within};
    use rug::Float;
    use rug::ops::Pow;

    fn witness(bits: u32) -> Ball {
        Ball::exact(Float::with_val(bits, 1))
    }

    /// Within the radius and what the last printed digit leaves.
    fn holds(ball: &Ball, text: &str) -> bool {
        let expected = Float::with_val(400, Float::parse(text).unwrap());
        let printed = Float::with_val(400, 10).pow(-59) * Float::with_val(400, expected.abs_ref());
        ball.clone()
            .to_precision(400)
            .widened(&Ball::exact(printed))
            .contains(&expected)
    }

    #[test]
    fn guided_balls_hold_the_digits_of_arb() {
        for (row, data) in FROM_ARB.iter().enumerate() {
            for bits in [64, 128, 256, 700] {
                let ball = solved(row, &witness(bits));
                assert!(holds(&ball, data.5), "{data:?} at {bits} bits: {ball:?}");
                let bound = ball.mid().get_exp().unwrap().max(0) - bits as i32 + 40;
                let radius = ball.radius().exponent().unwrap();
                assert!(
                    radius < i64::from(bound),
                    "{data:?} at {bits} bits: 2^{radius}"
                );
            }
            let float = solved(row, &Float::with_val(300, 1));
            let ball = solved(row, &witness(1024));
            let near = constant("1e-36", &ball) * &constant("1e-36", &ball);
            let near = near * &ball.clone().widened(&ball.like(1, 1));
            assert!(ball.widened(&near).contains(&float), "{data:?}: {float}");
        }
    }

    /// Enclosures of what lies between: a ball of noise levels holds the solution at each of them.
    #[test]
    fn wide_guided_balls_hold_every_solution_in_them() {
        for text in super::CASES {
            let problem = Problem::parse(text).unwrap();
            let one = witness(128);
            let model = problem.model(&one);
            for (middle, reach) in [
                ("1/2", "1/1000"),
                ("1/100", "1/200"),
                ("3", "1/4"),
                ("1", "9/10"),
            ] {
                let tau_t = constant(middle, &one).widened(&constant(reach, &one));
                let (z, tau_s) = ([one.like(-7, 5)], one.like(5, 1));
                let wide = model.solution(&z, &tau_s, &tau_t).unwrap();
                for part in -8..=8 {
                    let tau =
                        constant(middle, &one) + &(constant(reach, &one) * &one.like(part, 9));
                    let inside = model.solution(&z, &tau_s, &tau).unwrap();
                    assert!(wide[0].contains(inside[0].mid()), "{text}, tau {tau:?}");
                }
            }
        }
    }

    /// A polynomial at even w, a series beside it: the two differ by as much as w does.
    #[test]
    fn solution_is_continuous_in_guidance_at_even_w() {
        let at = |guidance: &str, s2: &str| {
            let text = format!("guided:G={guidance},s2_c={s2}");
            let problem = Problem::parse(&text).unwrap();
            let passage = |one: &Ball| {
                Ok(Passage {
                    z: vec![one.like(5, 4)],
                    tau_s: one.like(9, 1),
                    tau_t: one.like(1, 50),
                })
            };
            solution_within(&problem, 200, passage).unwrap()[0].clone()
        };
        for s2 in ["1/16", "1/2", "3"] {
            for even in [3, 5, 9] {
                let polynomial = at(&format!("{even}"), s2);
                let series = at(&format!("{even}.0000000000000000000000000001"), s2);
                let difference = Float::with_val(64, polynomial.mid() - series.mid());
                assert!(
                    difference != 0 && difference.clone().abs() < 1e-26,
                    "{difference}"
                );
            }
        }
    }

    #[test]
    fn published_guided_solution_is_enclosed_to_200_bits() {
        let problem = Problem::parse("guided").unwrap();
        let one = witness(256);
        let model = problem.model(&one);
        for tau_s in [one.like(55, 1), one.like(22026, 1)] {
            let z = model.start(&tau_s).unwrap();
            let solution = model.solution(&z, &tau_s, &one.like(1, 55)).unwrap();
            assert!(solution[0].radius().exponent().unwrap() < -200);
        }
    }

    #[test]
    fn precision_is_raised_until_the_enclosure_is_as_narrow_as_asked() {
        let problem = Problem::parse("guided:G=19/2,s2_c=2,s2_u=1/100000000").unwrap();
        let passage = |one: &Ball| {
            Ok(Passage {
                z: vec![one.like(1, 3)],
                tau_s: one.like(100, 1),
                tau_t: one.like(0, 1),
            })
        };
        for accuracy in [1, 100, 300, 2000] {
            let solution = solution_within(&problem, accuracy, passage).unwrap();
            assert!(solution[0].radius().exponent().unwrap() < -i64::from(accuracy));
        }
        let error = solution_within(&problem, 4090, passage).unwrap_err();
        assert_eq!(error.code.text(), "E-UNDECIDED");
        let error = enclosed_within(10, |one| Ok(vec![Ball::unbounded(one.precision())]));
        assert_eq!(error.unwrap_err().code.text(), "E-UNDECIDED");
    }
}
