use crate::flow::shows_order;
use crate::moments::{dual, exact_adams, number, small_step};
use dpm_spec::solver::Method;

#[test]
fn its_weight_is_the_integral_of_the_exponential() {
    exact_adams(Method::Ddim, 1);
    dual(Method::Ddim);
    small_step(Method::Ddim, [number(1.0); 2], &[(1, 1)]);
}

#[test]
fn its_order_is_one_in_both_forms() {
    shows_order("ddim", "", 1.0);
    shows_order("sde-dpmpp-1", "", 1.0);
    shows_order("sde-dpm-1", "", 1.0);
}
