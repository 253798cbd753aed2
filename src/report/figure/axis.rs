//! Where values stand on an axis, and its ticks.

/// How an axis is divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// Round ticks.
    Linear,
    /// Decades, labelled 10^-5.
    Log,
    /// Logarithmic, labelled with the values that occur: numbers of steps or of model calls.
    Counts,
}

/// A placed tick; without a name it is a minor one.
pub(super) struct Tick {
    pub(super) value: f64,
    pub(super) name: String,
}

/// A scale over a range of values, drawn from one place to another.
pub(super) struct Placed {
    scale: Scale,
    low: f64,
    high: f64,
    from: f64,
    to: f64,
    pub(super) ticks: Vec<Tick>,
}

/// Space kept free between the ends of the axis and the first and last value.
const INSET: f64 = 16.0;
const MINUS: char = '\u{2212}';

impl Placed {
    /// An axis that holds all values that its scale can show, with at most `most` named ticks.
    pub(super) fn new(scale: Scale, values: &[f64], [from, to]: [f64; 2], most: usize) -> Self {
        let shown = || values.iter().copied().filter(|value| scale.shows(*value));
        let (mut low, mut high) = shown().fold((f64::INFINITY, 0.0), |(low, high), value| {
            (value.min(low), value.max(high))
        });
        if scale == Scale::Linear {
            high = shown().fold(f64::NEG_INFINITY, f64::max);
        }
        if low > high {
            (low, high) = (1.0, 10.0);
        }
        let ticks = match scale {
            Scale::Linear => linear(&mut low, &mut high, most),
            Scale::Log => decades(&mut low, &mut high, most),
            Scale::Counts => counts(shown().collect()),
        };
        if low == high {
            (low, high) = (low / 2.0, high * 2.0);
        }
        let inset = INSET.copysign(to - from);
        let (from, to) = (from + inset, to - inset);
        Placed {
            scale,
            low,
            high,
            from,
            to,
            ticks,
        }
    }

    /// The place of a value; none if the scale cannot show it.
    pub(super) fn place(&self, value: f64) -> Option<f64> {
        let of = |value: f64| match self.scale {
            Scale::Linear => value,
            Scale::Log | Scale::Counts => value.ln(),
        };
        let share = (of(value) - of(self.low)) / (of(self.high) - of(self.low));
        self.scale
            .shows(value)
            .then_some(self.from + share * (self.to - self.from))
    }
}

impl Scale {
    fn shows(self, value: f64) -> bool {
        value.is_finite() && (self == Scale::Linear || value > 0.0)
    }
}

fn linear(low: &mut f64, high: &mut f64, most: usize) -> Vec<Tick> {
    if low == high {
        (*low, *high) = (*low - 0.5, *high + 0.5);
    }
    let span = *high - *low;
    let power = power_of_ten((span / most as f64).log10().floor() as i32);
    let steps = [1.0, 2.0, 5.0, 10.0].map(|digit| digit * power);
    let fits = |step: &f64| span / step <= most as f64;
    let step = steps.into_iter().find(fits).unwrap_or(10.0 * power);
    let places = (-(step * 1.001).log10().floor()).max(0.0) as usize;
    let (first, last) = ((*low / step).floor(), (*high / step).ceil());
    (*low, *high) = (first * step, last * step);
    (0..=(last - first) as usize)
        .map(|index| {
            // Adding zero turns -0 into 0.
            let value = (first + index as f64) * step + 0.0;
            let name = format!("{value:.places$}").replace('-', &MINUS.to_string());
            Tick { value, name }
        })
        .collect()
}

/// Decades, and 2 and 5 times each where fewer than three decades would stand there.
fn decades(low: &mut f64, high: &mut f64, most: usize) -> Vec<Tick> {
    let exponent = |value: f64| (value.log10() + 1e-9).floor() as i32;
    let digits = |exponent: i32| [1, 2, 5].map(|digit| (digit, exponent));
    let value = |(digit, exponent): (i32, i32)| f64::from(digit) * power_of_ten(exponent);
    let (first, last) = (exponent(*low), exponent(*high));
    let narrow = f64::from(last) - low.log10() < 2.0;
    let slack = 1e-9;
    if narrow {
        let round: Vec<f64> = (first - 1..=last + 1).flat_map(digits).map(value).collect();
        let below = round
            .iter()
            .rev()
            .find(|tick| **tick <= *low * (1.0 + slack));
        let above = round
            .iter()
            .find(|tick| **tick >= *high * (1.0 - slack) && **tick > *low * (1.0 + slack));
        (*low, *high) = (
            below.map_or(*low, |t| t.min(*low)),
            above.map_or(*high, |t| t.max(*high)),
        );
    }
    let fits = |every: &i32| (last - first) / every < most as i32;
    let every = [1, 2, 5, 10, 20, 50].into_iter().find(fits).unwrap_or(100);
    let mut ticks = Vec::new();
    for exponent in first - 1..=last + 1 {
        for digit in 1..=9 {
            let value = value((digit, exponent));
            let named = match narrow {
                true => matches!(digit, 1 | 2 | 5),
                false => digit == 1 && exponent.rem_euclid(every) == 0,
            };
            let drawn = named || every == 1 || digit == 1;
            if drawn && (*low * (1.0 - slack)..=*high * (1.0 + slack)).contains(&value) {
                let name = if named {
                    power(digit, exponent)
                } else {
                    String::new()
                };
                ticks.push(Tick { value, name });
            }
        }
    }
    ticks
}

/// `10^-5` or `2·10^-5`; the drawing raises what stands behind the `^`.
fn power(digit: i32, exponent: i32) -> String {
    let power = format!("10^{exponent}").replace('-', &MINUS.to_string());
    match digit {
        1 => power,
        _ => format!("{digit}\u{b7}{power}"),
    }
}

fn counts(mut values: Vec<f64>) -> Vec<Tick> {
    values.sort_by(f64::total_cmp);
    values.dedup();
    let tick = |value: f64| Tick {
        value,
        name: format!("{value}"),
    };
    values.into_iter().map(tick).collect()
}

/// Read from its decimal text, so that it is the nearest number on every machine.
fn power_of_ten(exponent: i32) -> f64 {
    format!("1e{exponent}").parse().unwrap_or(f64::NAN)
}
