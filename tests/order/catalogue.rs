//! Promises of the proofs over the whole catalogue: every claim is confirmed, a wrong claim is not.

use dpm_spec::order::{Evidence, Grounds, Proof, certificate, prove};
use dpm_spec::solver::{Entry, Side, Solver};
use std::sync::LazyLock;

/// The proof of every entry at its default parameters.
pub(crate) static PROOFS: LazyLock<Vec<(&Entry, Proof)>> = LazyLock::new(|| {
    let entries = Solver::ENTRIES.iter();
    entries.map(|e| (e, prove(&solver(e.id)))).collect()
});

fn proof(id: &str) -> &'static Proof {
    let found = PROOFS.iter().find(|(entry, _)| entry.id == id);
    &found.unwrap().1
}

fn solver(id: &str) -> Solver {
    Solver::parse(id).unwrap()
}

#[test]
fn every_solver_of_the_catalogue_is_proved_to_have_the_order_it_claims() {
    for (entry, proof) in PROOFS.iter() {
        assert!(proof.confirms(), "{proof:?}");
        assert_eq!(proof.evidence, Evidence::Proof);
        assert!(proof.first_failing.is_some(), "{}", entry.id);
        let proven = proof.proven;
        assert!(proven.arbitrary <= proven.smooth && proven.smooth <= proven.uniform);
    }
}

#[test]
fn orders_are_the_known_ones_on_all_grids_and_after_a_ddim_start() {
    let known = [
        ("ddim", 1, 1),
        ("ddim-eta", 1, 1),
        ("dpmpp-2m", 2, 2),
        ("dpmpp-2m-exact", 2, 2),
        ("dpmpp-3m", 2, 2),
        ("dpmpp-3m-exact", 3, 2),
        ("dpm-3m", 2, 2),
        ("dpm-3m-exact", 3, 2),
        ("dpmpp-2s", 2, 2),
        ("dpmpp-3s", 3, 3),
        ("dpmpp-3s:r2=3/4", 2, 2),
        ("dpm-3s-taylor:r1=1/5", 3, 3),
        ("dpmpp-4m-exact", 4, 2),
        ("dpm-4m-exact", 4, 2),
        ("deis-rho-2", 2, 2),
        ("deis-rho-3", 3, 2),
        ("deis-rho-4", 4, 2),
        ("sde-dpmpp-2m", 2, 2),
        ("sde-dpmpp-3m-exact", 3, 2),
        ("sde-dpm-1", 1, 1),
    ];
    for (id, order, with_start) in known {
        let proof = prove(&solver(id));
        let proven = [
            proof.proven.arbitrary,
            proof.proven.smooth,
            proof.proven.uniform,
        ];
        assert_eq!(proven, [order; 3], "{id}");
        assert_eq!(proof.with_ddim_start, with_start, "{id}");
        assert!(proof.confirms(), "{id}");
    }
}

#[test]
fn noise_form_and_stochastic_drift_have_the_proofs_of_the_data_form() {
    for entry in Solver::ENTRIES
        .iter()
        .filter(|entry| !["ddim_eta", "deis_rho", "ipndm"].contains(&entry.stem))
    {
        let same = |other: &&Entry| {
            other.stem == entry.stem && other.side == Side::Data && !other.stochastic
        };
        let data = Solver::ENTRIES.iter().find(same).unwrap();
        let (proof, dual) = (proof(data.id), proof(entry.id));
        assert_eq!(proof.proven, dual.proven, "{}", entry.id);
        assert_eq!(proof.first_failing, dual.first_failing, "{}", entry.id);
        assert_eq!(proof.error_constants, dual.error_constants);
        assert_eq!(proof.identically_exact, dual.identically_exact);
    }
}

#[test]
fn first_failing_condition_of_3m_as_published_is_half_a_second_moment() {
    let failing = proof("dpmpp-3m").first_failing.clone().unwrap();
    assert_eq!(failing.condition, "R_2 at h^3");
    assert_eq!(failing.leading, "-1/6");
}

#[test]
fn a_claim_that_is_too_high_or_too_low_is_not_confirmed() {
    for (id, claim) in [
        ("dpmpp-3m", "3"),
        ("dpmpp-3m-exact", "2"),
        ("dpmpp-3s", "2"),
        ("dpmpp-2m", "weak 1"),
        ("ddim", "good"),
    ] {
        let mut proof = proof(id).clone();
        assert!(proof.confirms());
        proof.claimed = claim.to_owned();
        assert!(!proof.confirms(), "{id} is not {claim}");
    }
    let mut proof = proof("dpmpp-2m").clone();
    proof.evidence = Evidence::Sampled;
    assert!(!proof.confirms(), "a sample is no proof");
}

#[test]
fn ddim_eta_converges_to_the_sde_with_eta_squared() {
    let Grounds::Eta(proof) = &proof("ddim-eta").grounds else {
        panic!("ddim-eta has its own proof");
    };
    // ln kept = -h + ln(1 - s E)/2 with E = 2h - 2h^2: -(1 + s) h + (s - s^2) h^2.
    let expected = [
        ("state factor", "eta^2 - eta^4", (1, 1)),
        ("R_0", "eta^2 - eta^4", (-1, 1)),
        ("R_1", "1 + eta^2", (-1, 2)),
        ("noise variance", "eta^2 - eta^4", (-2, 1)),
    ];
    for (defect, (name, form, factor)) in proof.defects.iter().zip(expected) {
        assert!(defect.holds, "{defect:?}");
        assert_eq!((defect.name, defect.form), (name, form));
        assert_eq!(defect.factor, rug::Rational::from(factor), "{name}");
    }
    assert_eq!(proof.defects.len(), expected.len());
}

#[test]
fn all_stage_positions_are_proved_with_every_single_step_solver() {
    for (entry, proof) in PROOFS.iter() {
        if let Grounds::Trees { all_stages, .. } = &proof.grounds {
            assert!(all_stages.as_ref().unwrap().holds(), "{}", entry.id);
        }
    }
}

#[test]
fn the_certificate_is_one_json_document_with_every_proof() {
    let proofs: Vec<_> = ["ddim", "ddim-eta", "dpmpp-3m", "dpmpp-3s"]
        .map(|id| (solver(id), proof(id).clone()))
        .into();
    let document: serde_json::Value = serde_json::from_str(&certificate(&proofs)).unwrap();
    let entries = document["proofs"].as_array().unwrap();
    assert_eq!(entries.len(), proofs.len());
    for (entry, grounds) in entries.iter().zip(["moments", "eta", "moments", "trees"]) {
        assert!(entry[grounds].is_object(), "{entry}");
        assert_eq!(entry["confirms"], true);
    }
    let residuals = entries[2]["moments"]["residuals"].as_array().unwrap();
    assert_eq!(residuals.len(), 5 * 4);
    assert_eq!(residuals[0]["coefficients"][2][3], "-1/6");
}
