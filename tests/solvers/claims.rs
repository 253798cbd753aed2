//! What order the catalogue claims, from an exact start and from the usual one: proved in tests/order.

use dpm_spec::solver::Solver;

#[test]
fn an_order_is_that_of_the_parameters_and_a_run_from_one_step_of_ddim_has_two_at_most() {
    for (id, order, from_ddim) in [
        ("ddim", 1, 1),
        ("dpmpp-2m", 2, 2),
        ("dpmpp-2s", 2, 2),
        ("dpmpp-3m", 2, 2),
        ("dpmpp-3m-exact", 3, 2),
        ("dpm-3m-exact", 3, 2),
        ("dpmpp-3s", 3, 3),
        ("dpmpp-3s:r1=1/3,r2=1/2", 2, 2),
        ("dpmpp-4m-exact", 4, 2),
        ("deis-rho-4", 4, 2),
        ("ipndm-4", 1, 1),
        ("sde-dpmpp-2m", 2, 2),
        ("sde-dpmpp-3m-exact", 2, 2),
        ("ddim-eta", 1, 1),
    ] {
        let solver = Solver::parse(id).unwrap();
        let orders = (solver.order(), solver.order_with_usual_start());
        assert_eq!(orders, (Some(order), Some(from_ddim)), "{id}");
    }
}
