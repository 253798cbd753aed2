//! A testee that takes scripts alone is asked all that its rows can tell.

use super::hostile;
use dpm_spec::conformance::{Check, Session, Verdict, settings};
use dpm_spec::protocol::Remote;

#[test]
fn errors_on_known_flows_need_no_callback() {
    let way = hostile::all()
        .into_iter()
        .find(|way| way.name == "decimals");
    let way = way.unwrap();
    let mut remote = Remote::start(&way.command(), way.timeout()).unwrap();
    let mut session = Session::new(&mut remote).unwrap();
    let settings = settings();
    let setting = settings
        .iter()
        .find(|it| it.request.recipe.solver.entry.id == "ddim" && it.request.steps == 5)
        .unwrap();
    let outcomes = session.ask(setting, |_| true);
    assert!(outcomes.iter().any(|it| it.case.check == Check::Order));
    for outcome in outcomes {
        let good = [Verdict::Exact, Verdict::Conforms];
        let finding = &outcome.finding;
        assert!(
            good.contains(&finding.verdict),
            "{}: {finding:?}",
            outcome.case
        );
    }
    remote.end().unwrap();
}
