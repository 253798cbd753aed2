use crate::assert_solves_the_flow;

#[test]
fn solution_of_mixtures_solves_the_flow() {
    assert_solves_the_flow("mixture");
    assert_solves_the_flow("mixture:w=1/3;2/3,mu=-1;1/2,s2=0;1/4");
    assert_solves_the_flow("mixture:w=1,mu=2,s2=3");
}
