//! A scheduler configuration, read key by key.

use crate::arithmetic::{Rational, parse_rational, rational};
use crate::error::{Code, Error, Result};
use crate::id::{choose, suggestion};
use crate::prediction::Prediction;
use crate::schedule::Schedule;
use serde_json::{Map, Value};

/// Keys of other classes and of pipelines, which `from_config` carries along and these classes ignore.
const ELSEWHERE: &[&str] = &[
    "skip_prk_steps",
    "set_alpha_to_one",
    "clip_sample",
    "clip_sample_range",
    "interpolation_type",
    "variance_type",
    "timestep_type",
    "sigma_min",
    "sigma_max",
    "final_sigmas_type",
    "base_shift",
    "max_shift",
    "base_image_seq_len",
    "max_image_seq_len",
    "shift",
    "steps_offset",
    "timestep_spacing",
    "rescale_betas_zero_snr",
    "use_lu_lambdas",
    "euler_at_final",
    "use_karras_sigmas",
    "algorithm_type",
    "solver_order",
    "solver_type",
    "lower_order_final",
    "thresholding",
    "dynamic_thresholding_ratio",
    "sample_max_value",
    "lambda_min_clipped",
];

const CLASSES: &[&str] = &[
    "DPMSolverMultistepScheduler",
    "DPMSolverSinglestepScheduler",
    "DDIMScheduler",
    "FlowMatchEulerDiscreteScheduler",
];

/// The keys not yet read, the class, and the notes made on the way.
pub(super) struct Config {
    class: String,
    left: Map<String, Value>,
    notes: Vec<String>,
}

impl Config {
    pub(super) fn parse(text: &str) -> Result<Self> {
        let malformed = |what: String| {
            Error::new(
                Code::Format,
                what,
                "configuration",
                "give a scheduler_config.json as a model repository ships it",
            )
        };
        let value: Value = serde_json::from_str(&finite(text))
            .map_err(|error| malformed(format!("not JSON: {error}")))?;
        let Value::Object(mut left) = value else {
            return Err(malformed("not a JSON object".to_owned()));
        };
        left.retain(|key, value| {
            !(value.is_null() || (key.starts_with('_') && key != "_class_name"))
        });
        let Some(Value::String(class)) = left.remove("_class_name") else {
            return Err(malformed("no `_class_name`".to_owned()));
        };
        if !CLASSES.contains(&class.as_str()) {
            let remedy = format!(
                "{}; or change the class as `from_config` does",
                suggestion(&class, CLASSES)
            );
            return Err(Error::new(
                Code::Import,
                format!("unknown scheduler class `{class}`"),
                "_class_name",
                remedy,
            ));
        }
        Ok(Config {
            class,
            left,
            notes: Vec::new(),
        })
    }

    pub(super) fn class(&self) -> &str {
        &self.class
    }

    pub(super) fn note(&mut self, text: impl Into<String>) {
        self.notes.push(text.into());
    }

    pub(super) fn flag(&mut self, key: &str, default: bool) -> Result<bool> {
        match self.left.remove(key) {
            None => Ok(default),
            Some(Value::Bool(value)) => Ok(value),
            Some(other) => Err(mistyped(key, &other, "true or false")),
        }
    }

    pub(super) fn number(&mut self, key: &str, default: Rational) -> Result<Rational> {
        Ok(self.optional_number(key)?.unwrap_or(default))
    }

    pub(super) fn optional_number(&mut self, key: &str) -> Result<Option<Rational>> {
        match self.left.remove(key) {
            None => Ok(None),
            Some(Value::Number(number)) => parse_rational(&number.to_string())
                .map(Some)
                .map_err(|e| e.at(key)),
            Some(other) => Err(mistyped(key, &other, "a number")),
        }
    }

    pub(super) fn whole(&mut self, key: &str, default: usize) -> Result<usize> {
        let value = self.number(key, rational(default as i128, 1))?;
        match value.is_integer() && (0..=100_000).contains(value.numer()) {
            true => Ok(value.to_integer() as usize),
            false => Err(refused(
                key,
                &value.to_string(),
                "a whole number from 0 to 100000",
            )),
        }
    }

    /// One of the named choices.
    pub(super) fn choice<T: Clone>(
        &mut self,
        key: &str,
        choices: &[(&str, T)],
        default: &str,
    ) -> Result<T> {
        let text = match self.left.remove(key) {
            None => default.to_owned(),
            Some(Value::String(text)) => text,
            Some(other) => return Err(mistyped(key, &other, "a string")),
        };
        choose(&text, choices, Code::Import, key)
    }

    /// Drops a key that another option overrides, with a note if it was there.
    pub(super) fn ignore(&mut self, key: &str, why: &str) {
        if self.left.remove(key).is_some() {
            self.note(format!("`{key}` is ignored: {why}"));
        }
    }

    /// Fails if a switch that has no counterpart here is on.
    pub(super) fn must_be_off(&mut self, key: &str, why: &str) -> Result<()> {
        if self.flag(key, false)? {
            Err(refused(key, "true", why))
        } else {
            Ok(())
        }
    }

    /// `prediction_type`.
    pub(super) fn prediction(&mut self) -> Result<Prediction> {
        let names = [
            ("epsilon", Prediction::Noise),
            ("sample", Prediction::Data),
            ("v_prediction", Prediction::V),
            ("flow_prediction", Prediction::Flow),
        ];
        self.choice("prediction_type", &names, "epsilon")
    }

    /// The discrete schedule with PyTorch's float32 betas; `zero_snr` as the class treats abar_T = 0.
    pub(super) fn schedule(&mut self, default_curve: &str, zero_snr: &str) -> Result<Schedule> {
        if self.left.remove("trained_betas").is_some() {
            return Err(refused(
                "trained_betas",
                "given",
                "null: only betas that follow from a formula are certified",
            ));
        }
        let names = [
            ("linear", "discrete-linear"),
            ("scaled_linear", "discrete-scaled-linear"),
            ("squaredcos_cap_v2", "discrete-cosine"),
        ];
        let curve = self.choice("beta_schedule", &names, default_curve)?;
        let count = self.whole("num_train_timesteps", 1000)?;
        let start = self.number("beta_start", rational(1, 10_000))?;
        let end = self.number("beta_end", rational(2, 100))?;
        let rescaled = zero_snr != "off" && self.flag("rescale_betas_zero_snr", false)?;
        let ends = if curve == "discrete-cosine" {
            String::new()
        } else {
            format!("beta_start={start},beta_end={end},")
        };
        let zero_snr = if rescaled { zero_snr } else { "off" };
        if zero_snr == "floor" {
            self.note("zero terminal SNR: the library sets abar_T to 2^-24, and so does this plan");
        }
        Schedule::parse(&format!(
            "{curve}:n={count},{ends}betas=f32,interp=log-sigma,zero_snr={zero_snr}"
        ))
    }

    /// How time is shifted: the number under `key`, `use_dynamic_shifting`, and whether mu enters
    /// as e^mu.
    pub(super) fn shifting(&mut self, key: &str) -> Result<Shifting> {
        Ok(Shifting {
            shift: self.number(key, rational(1, 1))?,
            dynamic: self.flag("use_dynamic_shifting", false)?,
            exponential: self.choice(
                "time_shift_type",
                &[("exponential", true), ("linear", false)],
                "exponential",
            )?,
        })
    }

    /// `num_train_timesteps` of a flow model: labels are 1000 s, so anything else is refused.
    pub(super) fn thousand(&mut self) -> Result<usize> {
        match self.whole("num_train_timesteps", 1000)? {
            1000 => Ok(1000),
            count => Err(refused(
                "num_train_timesteps",
                &count.to_string(),
                "1000: labels are 1000 s",
            )),
        }
    }

    /// The notes; fails on a key that nobody read and no class knows.
    pub(super) fn finish(mut self) -> Result<Vec<String>> {
        for key in self.left.keys() {
            if !ELSEWHERE.contains(&key.as_str()) {
                return Err(Error::new(
                    Code::Import,
                    format!("unknown option `{key}`"),
                    key.as_str(),
                    format!(
                        "remove it; it is no option of `{}` that is known here",
                        self.class
                    ),
                ));
            }
            self.notes
                .push(format!("`{key}` is ignored by {}", self.class));
        }
        Ok(self.notes)
    }
}

/// The keys of a flow model's shift.
pub(super) struct Shifting {
    pub(super) shift: Rational,
    pub(super) dynamic: bool,
    pub(super) exponential: bool,
}

/// An option's value that cannot be honoured.
pub(super) fn refused(key: &str, value: &str, right: &str) -> Error {
    Error::new(
        Code::Import,
        format!("`{key}` = {value} cannot be honoured"),
        key,
        format!("needed: {right}"),
    )
}

fn mistyped(key: &str, value: &Value, right: &str) -> Error {
    let mut shown = value.to_string();
    if shown.len() > 40 {
        shown = "a value of another type".to_owned();
    }
    Error::new(
        Code::Import,
        format!("`{key}` is {shown}"),
        key,
        format!("write {right}"),
    )
}

/// Python writes `-Infinity` for the default of `lambda_min_clipped`; outside strings it becomes null.
fn finite(text: &str) -> String {
    let mut parts = text.split('"');
    let mut result = parts
        .next()
        .unwrap_or_default()
        .replace("-Infinity", "null");
    let mut inside = true;
    for part in parts {
        result.push('"');
        result.push_str(&if inside {
            part.to_owned()
        } else {
            part.replace("-Infinity", "null")
        });
        let escapes = part.len() - part.trim_end_matches('\\').len();
        if !(inside && escapes % 2 == 1) {
            inside = !inside;
        }
    }
    result
}
