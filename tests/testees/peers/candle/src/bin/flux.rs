//! `flux::sampling::denoise`, in single precision on the times that the runner gives. Its network
//! returns a velocity: a data prediction m is handed over as (x - m) / t.

use candle_core::{DType, Device, Error, Tensor};
use candle_testees::VERSION;
use candle_testees::dpm_spec_testee::{Case, Runner, Sampler, Stop, Testee, serve};
use candle_transformers::models::flux::{WithForward, sampling::denoise};
use std::cell::RefCell;

struct Flux;

struct Network<'a> {
    runner: RefCell<&'a mut Runner>,
    stop: RefCell<Option<Stop>>,
    velocity: bool,
}

fn numbers(image: &Tensor) -> candle_core::Result<Vec<f64>> {
    image.flatten_all()?.to_dtype(DType::F64)?.to_vec1()
}

fn image(x: &[f64]) -> candle_core::Result<Tensor> {
    Tensor::from_slice(x, (1, 1, x.len()), &Device::Cpu)?.to_dtype(DType::F32)
}

impl WithForward for Network<'_> {
    fn forward(
        &self,
        x: &Tensor,
        _: &Tensor,
        _: &Tensor,
        _: &Tensor,
        t: &Tensor,
        _: &Tensor,
        _: Option<&Tensor>,
    ) -> candle_core::Result<Tensor> {
        let time = numbers(t)?[0];
        match self.runner.borrow_mut().model(time, &numbers(x)?) {
            Ok(m) if self.velocity => image(&m),
            Ok(m) => (x - image(&m)?)? / time,
            Err(stop) => {
                self.stop.replace(Some(stop));
                Err(Error::Msg("stopped".to_owned()))
            }
        }
    }
}

impl Sampler for Flux {
    fn sample(&mut self, case: &Case, runner: &mut Runner, x: Vec<f64>) -> Result<Vec<f64>, Stop> {
        let network = Network {
            runner: RefCell::new(runner),
            stop: RefCell::new(None),
            velocity: case.prediction == "flow",
        };
        let none = Tensor::zeros(1, DType::F32, &Device::Cpu)?;
        let last = denoise(
            &network,
            &image(&x)?,
            &none,
            &none,
            &none,
            &none,
            &case.times,
            1.0,
        );
        match network.stop.into_inner() {
            Some(stop) => Err(stop),
            None => Ok(numbers(&last?)?),
        }
    }
}

fn main() {
    let testee = Testee {
        name: "candle flux::sampling",
        version: VERSION,
        element: "f32",
        spaces: &["flow"],
        solvers: &["ddim"],
        schedules: &["flow"],
        predictions: &["flow"],
        ..Testee::default()
    };
    serve(&testee, &mut Flux);
}
