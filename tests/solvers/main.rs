//! One module a solver: its weights by another route, its limits, its order on an exact flow.

mod flow;
mod moments;

mod adams;
mod claims;
mod ddim;
mod ddim_eta;
mod deis_rho;
mod dpmpp_2m;
mod dpmpp_2m_exact;
mod dpmpp_2s;
mod dpmpp_2s_taylor;
mod dpmpp_3m;
mod dpmpp_3m_exact;
mod dpmpp_3s;
mod dpmpp_3s_taylor;
mod ipndm;
