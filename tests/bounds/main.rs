//! The bounds of `spec/bounds.md` hold for everything that WGSL lets a device do, and for little more.

mod runs;

use dpm_spec::fused::{
    Conversion, Element, Enclosure, Format, Pass, Source, Sum, from_f16, to_f16,
};
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;

fn configuration() -> ProptestConfig {
    let soak = std::env::var("DPM_SPEC_SOAK").is_ok_and(|value| value == "1");
    ProptestConfig {
        cases: if soak { 25_600 } else { 256 },
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(
            "tests/proptest-regressions/bounds.txt",
        ))),
        ..ProptestConfig::default()
    }
}

/// A device as WGSL allows it: every choice it leaves open is drawn from a stream of bits.
struct Device {
    choices: u64,
}

impl Device {
    fn choose(&mut self, count: u64) -> u64 {
        self.choices = self
            .choices
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.choices >> 33) % count
    }

    /// Perhaps 0 in place of a subnormal.
    fn flushed(&mut self, value: f32) -> f32 {
        match value.is_subnormal() && self.choose(2) == 0 {
            true => 0.0,
            false => value,
        }
    }

    /// To nearest or in either direction.
    fn rounded(&mut self, value: f64) -> f32 {
        let nearest = value as f32;
        let other = match f64::from(nearest) < value {
            true => nearest.next_up(),
            false => nearest.next_down(),
        };
        let exact = f64::from(nearest) == value;
        let chosen = match exact || self.choose(2) == 0 {
            true => nearest,
            false => other,
        };
        self.flushed(chosen)
    }

    /// Sum of weight times value in any order; a product and a sum perhaps fused. In f64: its
    /// rounding is far below the bound's own margin.
    fn sum(&mut self, terms: &[(f32, f32)]) -> f32 {
        let mut parts: Vec<(f64, bool)> = Vec::new();
        for (weight, value) in terms {
            let (weight, value) = (self.flushed(*weight), self.flushed(*value));
            parts.push((f64::from(weight) * f64::from(value), true));
        }
        while parts.len() > 1 {
            let (i, j) = (
                self.choose(parts.len() as u64),
                self.choose(parts.len() as u64 - 1),
            );
            let (a, fresh) = parts.swap_remove(i as usize);
            let (b, other) = parts.swap_remove(j as usize % parts.len());
            // At most one product goes into a fused sum as it is.
            let kept = self.choose(2) == 0 && fresh != other;
            let mut entering = |part: f64, product: bool| match product && !kept {
                true => f64::from(self.rounded(part)),
                false => part,
            };
            let (a, b) = (entering(a, fresh), entering(b, other));
            let sum = self.rounded(a + b);
            parts.push((f64::from(self.flushed(sum)), false));
        }
        let (sum, fresh) = parts[0];
        match fresh {
            true => self.rounded(sum),
            false => sum as f32,
        }
    }
}

/// Numbers that hurt: any exponent, cancelling, subnormal, signed zeros.
fn number() -> impl Strategy<Value = f32> + Clone {
    prop_oneof![
        6 => -2.0_f32..2.0,
        2 => any::<u32>().prop_map(|bits| {
            let value = f32::from_bits(bits);
            if value.is_finite() { value } else { 1.0 }
        }),
        1 => (0_u32..1 << 23).prop_map(f32::from_bits),
        1 => prop_oneof![Just(0.0_f32), Just(-0.0), Just(1.0), Just(-1.0), Just(f32::MIN_POSITIVE)],
        1 => (-126_i32..40).prop_map(|exponent| 2.0_f32.powi(exponent)),
    ]
}

/// Weights and operands of a pass with a conversion of 1 to 3 terms, a sum of 1 to 5.
#[derive(Clone, Debug)]
struct Case {
    weights: Vec<f32>,
    values: Vec<f32>,
    shown: bool,
    guided: bool,
    outputs: usize,
    noise: bool,
    cancels: bool,
    clip: Option<f32>,
    choices: u64,
}

fn cases(number: impl Strategy<Value = f32> + Clone) -> impl Strategy<Value = Case> {
    let numbers = move || prop::collection::vec(number.clone(), 9);
    let flags = (
        any::<[bool; 4]>(),
        0_usize..3,
        prop::option::of(0.1_f32..3.0),
    );
    (numbers(), numbers(), flags, any::<u64>()).prop_map(
        |(weights, values, ([shown, guided, noise, cancels], outputs, clip), choices)| Case {
            weights,
            values,
            shown,
            guided,
            outputs,
            noise,
            cancels,
            clip,
            choices,
        },
    )
}

/// Weights and operands of a sum; none stands for the register.
type Summed = Vec<(f32, Option<f32>)>;

impl Case {
    /// The pass, and the conversion's and the sum's weights with the operands they meet.
    fn pass(&self) -> (Pass<f32>, Vec<(f32, f32)>, Summed) {
        let mut numbers = self
            .weights
            .iter()
            .copied()
            .zip(self.values.iter().copied());
        let mut next = || numbers.next().unwrap_or((1.0, 1.0));
        let (state_weight, x) = next();
        let mut converted = Vec::new();
        let (conditional, c) = next();
        if self.shown {
            converted.push((state_weight, x));
        }
        converted.push((conditional, c));
        let guided = self.guided.then(&mut next);
        converted.extend(guided);
        let (base, register) = (next().0, next().0);
        let mut summed = vec![(base, Some(x)), (register, None)];
        let mut terms = vec![(Source::State(0), base), (Source::Register, register)];
        for output in 0..self.outputs {
            let (weight, value) = next();
            summed.push((weight, Some(value)));
            terms.push((Source::Output(output), weight));
        }
        if self.noise {
            let (mut weight, value) = next();
            if self.cancels && value != 0.0 {
                // The sum all but vanishes.
                let rest: f32 = base * x;
                weight = -rest / value;
            }
            if !weight.is_finite() {
                weight = 1.0;
            }
            summed.push((weight, Some(value)));
            terms.push((Source::Noise(0), weight));
        }
        let pass = Pass {
            conversion: Some(Conversion {
                state: self.shown.then_some((0, state_weight)),
                conditional,
                unconditional: guided.map(|(weight, _)| weight),
                clip: self.clip,
                keep: Some(2),
            }),
            sum: Some(Sum { target: 1, terms }),
        };
        (pass, converted, summed)
    }

    fn element(&self, converted: &[(f32, f32)], summed: &[(f32, Option<f32>)]) -> Element {
        let exact = |value: f32| Enclosure::exact(value);
        let mut element = Element::new(2, 3);
        element.states[0] = exact(self.values[0]);
        let networks = &converted[usize::from(self.shown)..];
        element.networks = networks.iter().map(|(_, value)| exact(*value)).collect();
        let mut rest = summed[2..].iter().filter_map(|(_, value)| *value);
        for output in 0..self.outputs {
            element.outputs[output] = exact(rest.next().unwrap_or(0.0));
        }
        element.noise = exact(rest.next().unwrap_or(0.0));
        element
    }
}

fn clipped(value: f32, bound: Option<f32>) -> f32 {
    bound.map_or(value, |bound| value.clamp(-bound, bound))
}

proptest! {
    #![proptest_config(configuration())]

    #[test]
    fn whatever_a_device_may_do_lies_within(case in cases(number())) {
        let (pass, converted, summed) = case.pass();
        let mut element = case.element(&converted, &summed);
        element.pass(&pass, Format::F32);
        let mut device = Device { choices: case.choices };
        for _ in 0..8 {
            let kept = clipped(device.sum(&converted), case.clip);
            let register = clipped(device.sum(&converted), case.clip);
            let terms: Vec<(f32, f32)> =
                summed.iter().map(|(w, v)| (*w, v.unwrap_or(register))).collect();
            let made = device.sum(&terms);
            for (enclosure, value) in [(&element.outputs[2], kept), (&element.states[1], made)] {
                for format in [Format::F32, Format::F16] {
                    let stored = match format {
                        Format::F32 => value,
                        Format::F16 => from_f16(to_f16(value)),
                    };
                    prop_assert!(
                        enclosure.admits(stored, format),
                        "{stored:e} is not within {:e} of {:e}, {format:?}",
                        enclosure.radius(),
                        enclosure.centre()
                    );
                }
            }
        }
    }

    #[test]
    fn bounds_are_no_wider_than_the_page_says(case in cases(-2.0_f32..2.0)) {
        let (pass, converted, summed) = case.pass();
        let mut element = case.element(&converted, &summed);
        element.pass(&pass, Format::F32);
        let size = |terms: &[(f32, f32)]| -> f64 {
            terms.iter().map(|(w, v)| (f64::from(*w) * f64::from(*v)).abs()).sum()
        };
        let inner = size(&converted);
        let magnitude = |(w, v): &(f32, Option<f32>)| {
            f64::from(w.abs()) * v.map_or(inner, |v| f64::from(v.abs()))
        };
        let outer: f64 = summed.iter().map(magnitude).sum();
        let roundings = (converted.len() + summed.len()) as f64;
        let bound = 1.00001 * roundings * 2.0_f64.powi(-23) * outer + 2.0_f64.powi(-100);
        let made = &element.states[1];
        prop_assert!(made.radius() <= bound, "{:e} exceeds {bound:e}", made.radius());
    }
}
