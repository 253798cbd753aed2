//! A testee in a process of its own, as a sampler.

use super::conversation::{Conversation, unexpected};
use super::excerpt::shortened;
use super::hello::Greeting;
use super::link::Live;
use super::message::{Call, Number, Reply, Request, Script, at, numbers, texts};
use super::request;
use super::schema::Violation;
use super::transcript::{Player, Recorded, Recorder};
use crate::conformance::{Declaration, Model, NOT_RUN, Noise, Precision, Sampler, Stop, Task};
use crate::error::{Code, Error, Result};
use crate::grid::Grid;
use crate::schedule::Schedule;
use crate::threshold::Threshold;
use std::time::Duration;

/// Broken runs in a row after which a testee is left alone.
const PATIENCE: usize = 3;

/// Characters of a reason that a testee gives.
const REASON: usize = 500;

/// A testee over the protocol. After a broken run (no end in time, an exit, a malformed message)
/// it is killed, and started anew for the next one; after three in a row it is left alone.
#[derive(Debug)]
pub struct Remote {
    conversation: Conversation,
    greeting: Greeting,
    running: bool,
    broken: usize,
    last: String,
}

/// Why a run ended without its result.
enum Interruption {
    /// The testee broke the protocol.
    Fault(Error),
    /// It kept the protocol.
    Stop(Stop),
    /// It kept the protocol, and says what went wrong.
    Failure(String),
}

impl From<Error> for Interruption {
    fn from(error: Error) -> Self {
        Interruption::Fault(error)
    }
}

type Run<T> = std::result::Result<T, Interruption>;

impl Remote {
    /// Starts a testee: a program and its arguments. `timeout` bounds its start, every run, and
    /// its end.
    ///
    /// # Errors
    /// `E-TESTEE` if it cannot be started or gives no valid hello in time.
    pub fn start(command: &[String], timeout: Duration) -> Result<Self> {
        Remote::greet(Conversation::new(Box::new(Live::new(command, timeout))))
    }

    /// The same, and writes down all that is said.
    ///
    /// # Errors
    /// As [`Remote::start`].
    pub fn recorded(command: &[String], timeout: Duration, recorder: Recorder) -> Result<Self> {
        let link = Live::new(command, timeout);
        Remote::greet(Conversation::new(Box::new(Recorded { link, recorder })))
    }

    /// A testee that says again what it said when the transcript was recorded.
    ///
    /// # Errors
    /// As [`Remote::start`].
    pub fn replayed(player: Player) -> Result<Self> {
        Remote::greet(Conversation::new(Box::new(player)))
    }

    fn greet(mut conversation: Conversation) -> Result<Self> {
        let greeting = conversation.start()?;
        Ok(Remote {
            conversation,
            greeting,
            running: true,
            broken: 0,
            last: String::new(),
        })
    }

    /// Says bye and waits for the testee's exit.
    ///
    /// # Errors
    /// `E-PROTOCOL` for another reply than bye, for a further one, and for an exit that is not
    /// clean within the time-out.
    pub fn end(mut self) -> Result<()> {
        match self.running {
            true => self.conversation.finish(),
            false => Ok(()),
        }
    }

    /// Starts the testee anew if it is not running.
    fn ready(&mut self) -> std::result::Result<(), Stop> {
        if self.broken >= PATIENCE {
            return Err(Stop::Failed(format!("{NOT_RUN}; last: {}", self.last)));
        }
        if self.running {
            return Ok(());
        }
        match self.conversation.start() {
            Ok(greeting) if greeting == self.greeting => {
                self.running = true;
                Ok(())
            }
            Ok(_) => {
                let what = "started anew, it says another hello";
                let remedy = "say the same every time";
                let error = Error::new(Code::Protocol, what, "line 1", remedy);
                Err(self.breaks(error))
            }
            Err(error) => Err(self.broke(&error)),
        }
    }

    /// Ends a testee that broke the protocol.
    fn breaks(&mut self, error: Error) -> Stop {
        let error = self.conversation.end(error);
        self.broke(&error)
    }

    fn broke(&mut self, error: &Error) -> Stop {
        self.running = false;
        self.broken += 1;
        self.last = error.to_string();
        Stop::Failed(self.last.clone())
    }

    fn settle<T>(&mut self, run: Run<T>) -> std::result::Result<T, Stop> {
        if !matches!(run, Err(Interruption::Fault(_))) {
            self.broken = 0;
        }
        run.map_err(|interruption| match interruption {
            Interruption::Fault(error) => self.breaks(error),
            Interruption::Stop(stop) => stop,
            Interruption::Failure(message) => Stop::Failed(self.conversation.explained(message)),
        })
    }

    /// Ends a run whose model or noise answers no more.
    fn stop(&mut self, stop: Stop) -> Interruption {
        let reason = stop.to_string();
        match self.conversation.answer(&Request::Stop { reason }) {
            Ok(said) => match said.reply {
                Reply::Stopped {} => Interruption::Stop(stop),
                reply => Interruption::Fault(unexpected(said.line, &reply, "stop")),
            },
            Err(error) => Interruption::Fault(error),
        }
    }

    fn precision(&self) -> Precision {
        self.greeting.declaration.precision
    }

    fn states(&self, line: usize, state: &[Number], field: &str) -> Result<Vec<f64>> {
        let read = numbers(state, field, self.precision());
        read.map_err(|violation| at(line, &violation))
    }

    fn run(
        &mut self,
        task: &Task,
        start: &[f64],
        model: &mut Model<'_, f64>,
        noise: &mut Noise<'_, f64>,
    ) -> Run<Vec<f64>> {
        let precision = self.precision();
        let known = !model.script().is_empty() && !model.is_local();
        let scripted = known && self.greeting.takes("script");
        if !scripted && !self.greeting.takes("callback") {
            let reason = "its models are scripts; this check needs a callback".to_owned();
            return Err(Interruption::Stop(Stop::Refused(reason)));
        }
        let written = |vectors: &[Vec<f64>]| -> Vec<Vec<Number>> {
            vectors.iter().map(|it| texts(it, precision)).collect()
        };
        let mut said = self.conversation.ask(&Request::Run {
            case: request::case(&self.greeting, task),
            start: texts(start, precision),
            script: scripted.then(|| Script {
                outputs: written(model.script()),
                noises: written(noise.script()),
            }),
            local: model.is_local(),
        })?;
        let (mut calls, mut draws, mut steps) = (0, 0, 0);
        loop {
            let line = said.line;
            let answer = match said.reply {
                Reply::Eval { call, time, state } if !scripted => {
                    next(line, "call", call, &mut calls)?;
                    let time = told(line, "time", &time)?;
                    let state = self.states(line, &state, "state")?;
                    match model.call(time, &state) {
                        Ok(output) => Request::Output {
                            call,
                            output: texts(&output, precision),
                        },
                        Err(stop) => return Err(self.stop(stop)),
                    }
                }
                Reply::Draw { draw } if !scripted => {
                    next(line, "draw", draw, &mut draws)?;
                    match noise.draw() {
                        Ok(noise) => Request::Noise {
                            draw,
                            noise: texts(&noise, precision),
                        },
                        Err(stop) => return Err(self.stop(stop)),
                    }
                }
                Reply::Restart { step, state } if model.is_local() => {
                    next(line, "step", step, &mut steps)?;
                    let state = model.restart(self.states(line, &state, "state")?);
                    let state = texts(&state, precision);
                    Request::Restarted { step, state }
                }
                Reply::Result {
                    state,
                    calls,
                    draws,
                } => {
                    match (scripted, calls, draws) {
                        (true, Some(calls), Some(draws)) => {
                            self.replay(line, &calls, &draws, model, noise)?;
                        }
                        (false, None, None) => {}
                        (true, ..) => {
                            let what = "missing, as is draws; a run with a script shows both";
                            return Err(at(line, &Violation::new("calls", what)).into());
                        }
                        (false, ..) => {
                            let what = "not to be sent where every call was asked for";
                            return Err(at(line, &Violation::new("calls", what)).into());
                        }
                    }
                    return Ok(self.states(line, &state, "state")?);
                }
                reply => return Err(declined(line, reply, "run")),
            };
            said = self.conversation.answer(&answer)?;
        }
    }

    /// Shows the model what a run with a script showed it.
    fn replay(
        &self,
        line: usize,
        calls: &[Call],
        draws: &[usize],
        model: &mut Model<'_, f64>,
        noise: &mut Noise<'_, f64>,
    ) -> Run<()> {
        let rising = draws.windows(2).position(|pair| pair[0] > pair[1]);
        let beyond = draws.iter().position(|made| *made > calls.len());
        if let Some(draw) = rising.map(|i| i + 1).or(beyond) {
            let what = format!("{} calls came before it, of {}", draws[draw], calls.len());
            return Err(at(line, &Violation::new(format!("draws[{draw}]"), what)).into());
        }
        let mut draws = draws.iter().peekable();
        for made in 0..=calls.len() {
            while draws.next_if(|before| **before == made).is_some() {
                noise.draw().map_err(Interruption::Stop)?;
            }
            if let Some(call) = calls.get(made) {
                let time = told(line, &format!("calls[{made}].time"), &call.time)?;
                let state = self.states(line, &call.state, &format!("calls[{made}].state"))?;
                model.call(time, &state).map_err(Interruption::Stop)?;
            }
        }
        Ok(())
    }

    fn grid(&mut self, schedule: &Schedule, grid: &Grid, steps: usize) -> Run<Vec<f64>> {
        let said = self.conversation.ask(&Request::Grid {
            schedule: self.greeting.schedule(schedule),
            grid: self.greeting.grid(grid),
            steps,
        })?;
        match said.reply {
            Reply::Nodes { times } => {
                let times = numbers(&times, "times", Precision::F64);
                Ok(times.map_err(|violation| at(said.line, &violation))?)
            }
            reply => Err(declined(said.line, reply, "grid")),
        }
    }

    fn clip(&mut self, threshold: Threshold, samples: &[Vec<f64>]) -> Run<Vec<Vec<f64>>> {
        let precision = self.precision();
        let said = self.conversation.ask(&Request::Threshold {
            rule: request::rule(threshold),
            samples: samples.iter().map(|it| texts(it, precision)).collect(),
        })?;
        match said.reply {
            Reply::Samples { samples } => {
                let sample = |(i, sample): (usize, &Vec<Number>)| {
                    self.states(said.line, sample, &format!("samples[{i}]"))
                };
                let samples = samples.iter().enumerate().map(sample);
                Ok(samples.collect::<Result<_>>()?)
            }
            reply => Err(declined(said.line, reply, "threshold")),
        }
    }
}

impl Sampler for Remote {
    type Element = f64;

    fn declaration(&self) -> Declaration {
        self.greeting.declaration.clone()
    }

    fn sample(
        &mut self,
        task: &Task,
        start: Vec<f64>,
        model: &mut Model<'_, f64>,
        noise: &mut Noise<'_, f64>,
    ) -> std::result::Result<Vec<f64>, Stop> {
        self.ready()?;
        let run = self.run(task, &start, model, noise);
        self.settle(run)
    }

    fn nodes(
        &mut self,
        schedule: &Schedule,
        grid: &Grid,
        steps: usize,
    ) -> std::result::Result<Vec<f64>, Stop> {
        self.ready()?;
        let run = self.grid(schedule, grid, steps);
        self.settle(run)
    }

    fn threshold(
        &mut self,
        threshold: Threshold,
        samples: Vec<Vec<f64>>,
    ) -> std::result::Result<Vec<Vec<f64>>, Stop> {
        self.ready()?;
        let run = self.clip(threshold, &samples);
        self.settle(run)
    }
}

/// A reply that is no result.
fn declined(line: usize, reply: Reply, request: &str) -> Interruption {
    match reply {
        Reply::Skipped { reason } => Interruption::Stop(Stop::Refused(shortened(&reason, REASON))),
        Reply::Error { message } => Interruption::Failure(shortened(&message, REASON)),
        reply => Interruption::Fault(unexpected(line, &reply, request)),
    }
}

/// Checks that an index is the next one.
fn next(line: usize, field: &str, index: usize, made: &mut usize) -> Result<()> {
    if index != *made {
        let what = format!("{index} where {made} is next");
        return Err(at(line, &Violation::new(field, what)));
    }
    *made += 1;
    Ok(())
}

/// A time: whatever the states' format, an f64.
fn told(line: usize, field: &str, text: &Number) -> Result<f64> {
    let text = std::slice::from_ref(text);
    let time = numbers(text, field, Precision::F64);
    let time = time.map_err(|Violation { what, .. }| at(line, &Violation::new(field, what)))?;
    Ok(time.first().copied().unwrap_or(f64::NAN))
}
