//! What is said where nothing can be asked: of samplers, and of ourselves.

use crate::ask;
use crate::sessions::{Doing, right};
use dpm_spec::Code;
use dpm_spec::arithmetic::rational;
use dpm_spec::conformance::{
    Declaration, Model, Noise, Sampler, Session, Stop, Task, Verdict, check,
};
use dpm_spec::grid::{Spacing, Unit};

/// A sampler whose declaration panics.
struct Undeclared;

impl Sampler for Undeclared {
    type Element = f32;

    fn declaration(&self) -> Declaration {
        panic!("no {}", "model file")
    }

    fn sample(
        &mut self,
        _: &Task,
        start: Vec<f32>,
        _: &mut Model<'_, f32>,
        _: &mut Noise<'_, f32>,
    ) -> Result<Vec<f32>, Stop> {
        Ok(start)
    }
}

#[test]
fn a_panic_in_a_declaration_is_an_error_with_its_words() {
    for error in [
        Session::new(&mut Undeclared).err().unwrap(),
        check(&mut Undeclared, |_| true).unwrap_err(),
    ] {
        assert_eq!(error.code, Code::Declaration);
        assert!(error.to_string().contains("no model file"), "{error}");
    }
}

/// 10^-36 is no number that a reference is derived for.
#[test]
fn what_we_cannot_derive_ourselves_is_not_applicable_with_the_reason() {
    let mut case = ask::case("core/ddim/rows/vp-linear:n=1:grid=time");
    let nodes = vec![rational(1, 1), rational(1, 10_i128.pow(36))];
    case.request.grid.spacing = Spacing::Nodes(Unit::Time, nodes);
    let finding = ask::found(&mut Doing(right), &case);
    assert_eq!(finding.verdict, Verdict::NotApplicable);
    assert!(finding.message.contains("the time"), "{finding:?}");
}
