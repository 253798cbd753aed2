//! The kernels of the quantile.

use super::super::device::Gpu;
use super::super::kernels::{Kernel, compile, storage_entry, uniform_entry};
use super::super::shader::{select, storage};
use crate::error::Result;
use crate::fused::Format;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Finds s of a sample with one workgroup.
    Whole,
    /// Find s with several workgroups a sample, one after the other.
    Start,
    Count,
    Choose,
    Seek,
    Settle,
    /// Clips to s and divides by it.
    Apply,
}

/// The WGSL of every kernel of the quantile and of dynamic thresholding; no device is asked.
pub fn quantile_texts(format: Format) -> Vec<String> {
    let kinds = [
        Kind::Whole,
        Kind::Start,
        Kind::Count,
        Kind::Choose,
        Kind::Seek,
        Kind::Settle,
        Kind::Apply,
    ];
    kinds.iter().map(|kind| kind.wgsl(format)).collect()
}

impl Kind {
    pub(super) fn kernel(self, gpu: &Gpu, format: Format) -> Result<Arc<Kernel>> {
        let features = BTreeSet::from(["threshold".to_owned(), self.feature()]);
        gpu.compiled().compiled((format, features, Vec::new()), || {
            let mut entries = vec![uniform_entry(0, true)];
            let bindings = self.bindings().into_iter();
            entries.extend(bindings.map(|(binding, _, written)| storage_entry(binding, !written)));
            compile(gpu, "threshold", self.wgsl(format), &entries)
        })
    }

    /// Binding, whether it is the tensor or `found`, and whether it is written.
    pub(super) fn bindings(self) -> [(u32, bool, bool); 2] {
        [(1, true, self == Kind::Apply), (2, false, true)]
    }

    fn feature(self) -> String {
        format!("{self:?}").to_lowercase()
    }

    pub(super) fn wgsl(self, format: Format) -> String {
        let features = BTreeSet::from([self.feature(), format.to_string()]);
        let search = select(include_str!("../quantile.wgsl"), &features);
        let kernel = match self {
            Kind::Whole => include_str!("../quantile_whole.wgsl"),
            Kind::Apply => include_str!("../quantile_apply.wgsl"),
            _ => include_str!("../quantile_tiles.wgsl"),
        };
        format!(
            "{}\n{search}\n{}",
            storage(format),
            select(kernel, &features)
        )
    }
}
