//! Where values stand on an axis, and its ticks.

use serde::Serialize;

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

/// A tick; without a name it is a minor one.
#[derive(Serialize)]
pub(super) struct Tick {
    pub(super) at: f64,
    pub(super) name: String,
    zero: bool,
}

/// A scale over a range of values, drawn from one place to another.
pub(super) struct Placed {
    scale: Scale,
    values: [f64; 2],
    places: [f64; 2],
    pub(super) ticks: Vec<Tick>,
}

/// Space kept free between the ends of the axis and the first and last value.
const INSET: f64 = 16.0;
/// Least distance of named ticks.
const APART: f64 = 42.0;
/// What a tick may be off by in floating point, as a share of its value.
const SLACK: f64 = 1e-9;

impl Placed {
    /// An axis that holds all values that its scale can show.
    pub(super) fn new(scale: Scale, values: &[f64], [from, to]: [f64; 2]) -> Self {
        let mut shown: Vec<f64> = values.to_vec();
        shown.retain(|value| scale.shows(*value));
        shown.sort_by(f64::total_cmp);
        shown.dedup();
        let range = match (shown.first(), shown.last()) {
            (Some(low), Some(high)) => [*low, *high],
            _ => [1.0, 10.0],
        };
        let most = ((to - from).abs() / APART) as i32;
        let (values, ticks) = match scale {
            Scale::Linear => linear(range, most),
            Scale::Log => decades(range, most),
            Scale::Counts => (range, shown.iter().map(|x| (*x, x.to_string())).collect()),
        };
        let inset = INSET.copysign(to - from);
        let mut placed = Placed {
            scale,
            values,
            places: [from + inset, to - inset],
            ticks: Vec::new(),
        };
        let mut free = 0.0;
        for (value, mut name) in ticks {
            let at = placed.place(value).unwrap_or(from);
            let half = width(&name) / 2.0;
            match scale == Scale::Counts && at - half < free {
                true => name.clear(),
                false => free = at + half + 5.0,
            }
            let zero = value == 0.0;
            placed.ticks.push(Tick { at, name, zero });
        }
        placed
    }

    /// The place of a value; none if the scale cannot show it.
    pub(super) fn place(&self, value: f64) -> Option<f64> {
        let [low, high, value] = match (self.scale, self.scale.shows(value)) {
            (_, false) => return None,
            (Scale::Linear, _) => [self.values[0], self.values[1], value],
            _ => [self.values[0], self.values[1], value].map(f64::ln),
        };
        let share = if low == high {
            0.5
        } else {
            (value - low) / (high - low)
        };
        Some(self.places[0] + share * (self.places[1] - self.places[0]))
    }
}

impl Scale {
    fn shows(self, value: f64) -> bool {
        value.is_finite() && (self == Scale::Linear || value > 0.0)
    }
}

type Ticks = Vec<(f64, String)>;

/// The range widened to whole steps of 1, 2 or 5 times a power of ten, and those steps.
fn linear([low, high]: [f64; 2], most: i32) -> ([f64; 2], Ticks) {
    let span = if high > low { high - low } else { 1.0 };
    let power = power_of_ten((span / f64::from(most)).log10().floor() as i32);
    let steps = [1.0, 2.0, 5.0, 10.0].map(|digit| digit * power);
    let fits = |step: &f64| span / step <= f64::from(most);
    let step = steps.into_iter().find(fits).unwrap_or(10.0 * power);
    let places = (-(step * (1.0 + SLACK)).log10().floor()).max(0.0) as usize;
    let (first, last) = ((low / step).floor(), ((low + span) / step).ceil());
    // Adding zero turns -0 into 0.
    let values = (0..=(last - first) as usize).map(|index| (first + index as f64) * step + 0.0);
    let written = |value: f64| format!("{value:.places$}").replace('-', "\u{2212}");
    let ticks = values.map(|value| (value, written(value))).collect();
    ([first * step, last * step], ticks)
}

/// Decades with minor ticks; where fewer than three would stand there, 2 and 5 times each too, and the
/// range widened to them.
fn decades([mut low, mut high]: [f64; 2], most: i32) -> ([f64; 2], Ticks) {
    let exponent = |value: f64| (value.log10() + SLACK).floor() as i32;
    let (first, last) = (exponent(low), exponent(high));
    let round = (first - 1..=last + 1).flat_map(|e| (1..=9).map(move |digit| (digit, e)));
    let value = |digit: i32, exponent| f64::from(digit) * power_of_ten(exponent);
    let narrow = f64::from(last) - low.log10() < 2.0;
    if narrow {
        let named = round.clone().filter(|(digit, _)| [1, 2, 5].contains(digit));
        let values: Vec<f64> = named.map(|(digit, e)| value(digit, e)).collect();
        let below = values.iter().rfind(|tick| **tick <= low * (1.0 + SLACK));
        let above = values
            .iter()
            .find(|tick| **tick >= high * (1.0 - SLACK) && **tick > low);
        (low, high) = (*below.unwrap_or(&low), *above.unwrap_or(&high));
    }
    let fits = |every: &i32| (last - first) / every < most;
    let every = [1, 2, 5, 10, 20, 50].into_iter().find(fits).unwrap_or(100);
    let name = |digit, exponent: i32| match (narrow, digit) {
        (true, 2 | 5) => format!("{digit}\u{b7}10^{exponent}"),
        (_, 1) if exponent % every == 0 => format!("10^{exponent}"),
        _ => String::new(),
    };
    let ticks = round
        .filter(|(digit, _)| *digit == 1 || every == 1)
        .map(|(digit, e)| (value(digit, e), name(digit, e).replace('-', "\u{2212}")))
        .filter(|(value, _)| (low * (1.0 - SLACK)..=high * (1.0 + SLACK)).contains(value));
    ([low, high], ticks.collect())
}

/// Read from its decimal text: the nearest number, on every machine.
fn power_of_ten(exponent: i32) -> f64 {
    format!("1e{exponent}").parse().unwrap_or(f64::NAN)
}

/// Width of text in the ticks' size in a wide sans-serif font, from classes of letters: an upper estimate, as
/// nobody knows the reader's font.
pub(super) fn width(words: &str) -> f64 {
    let em = |letter: char| match letter {
        '^' => 0.0,
        'i' | 'j' | 'l' | '.' | ',' | ':' | ';' | '|' | '\'' => 0.32,
        'f' | 't' | 'r' | 'I' | '(' | ')' | '-' | '/' | ' ' => 0.42,
        'm' | 'w' | 'M' | 'W' => 0.96,
        'A'..='Z' => 0.72,
        _ => 0.62,
    };
    words.chars().map(em).sum::<f64>() * 12.0
}
