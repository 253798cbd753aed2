//! What an adapter does to sums and products, found by trying: WGSL allows more than one answer.

use super::device::Gpu;
use crate::error::Result;
use bytemuck::{Pod, Zeroable};
use wgpu::{BufferUsages, util::BufferInitDescriptor, util::DeviceExt};

/// What an adapter's compiler and arithmetic do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Probe {
    /// a*b + c is rounded once.
    pub fuses: bool,
    /// (a + b) - a is taken for b, or anything else that is not two roundings.
    pub rearranges: bool,
    /// Sums and products are rounded to nearest, ties to even.
    pub rounds_to_nearest: bool,
    /// Operands and results below 2^-126 are not taken for 0.
    pub keeps_subnormals: bool,
}

impl Probe {
    /// True if every step equals the reference bit for bit; a deterministic stepper bars the
    /// compiler from fusing and rearranging.
    pub fn exact(self, deterministic: bool) -> bool {
        let as_written = deterministic || !(self.fuses || self.rearranges);
        as_written && self.rounds_to_nearest && self.keeps_subnormals
    }
}

/// Operands, one a lane.
#[repr(C)]
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
struct Row {
    a: [f32; 4],
    b: [f32; 4],
    c: [f32; 4],
}

/// What came of them.
#[repr(C)]
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
struct Seen {
    fused: [f32; 4],
    rearranged: [f32; 4],
    sum: [f32; 4],
    product: [f32; 4],
}

/// Operands (a, b, c); the first group are normal numbers throughout.
fn rows() -> (Vec<Row>, usize) {
    let ulp = f32::EPSILON;
    let power = |exponent: i32| 2.0_f32.powi(exponent);
    let normal = [
        // ab = 1 + 2^-11 + 2^-24: a rounded product loses the last term, and c the rest.
        (1.0 + power(-12), 1.0 + power(-12), -1.0 - power(-11)),
        (1.0 + ulp, 1.0 - ulp, -1.0),
        (-3.0 - 2.0 * ulp, 1.0 / 3.0, 1.0),
        // b vanishes beside a, or is a tie, or just above or below one.
        (1.0, power(-30), 0.5),
        (1.0, ulp / 2.0, 0.5),
        (1.0 + ulp, ulp / 2.0, 0.5),
        (1.0, ulp / 2.0 * (1.0 + ulp), 0.5),
        (1.0, ulp / 2.0 * (1.0 - ulp / 2.0), 0.5),
        (-1.0, -ulp / 2.0 * (1.0 + ulp), 0.5),
        (-1.0 - ulp, -ulp / 2.0, 0.5),
        (16_777_216.0, -0.3, 0.1),
        (1.0e30, 1.0e-3, -1.0e27),
    ];
    let (least, smallest) = (f32::MIN_POSITIVE, f32::from_bits(1));
    let subnormal = [
        (least, 0.5, 0.0),
        (least / 4.0, 16_777_216.0, 0.0),
        (least * 1.5, -least, 0.0),
        (least / 2.0, least / 4.0, 0.0),
        (smallest, 1.0, 0.0),
        (-smallest, smallest, smallest),
    ];
    let row = |(a, b, c): &(f32, f32, f32)| Row {
        a: [*a; 4],
        b: [*b; 4],
        c: [*c; 4],
    };
    let all = normal.iter().chain(&subnormal).map(row).collect();
    (all, normal.len())
}

impl Gpu {
    /// Tries out what this adapter does to sums and products; waits.
    ///
    /// # Errors
    /// `E-DEVICE`.
    pub fn probe(&self) -> Result<Probe> {
        let (rows, normal) = rows();
        let bytes = self.run_probe(&rows)?;
        let seen: Vec<Seen> = bytes
            .chunks_exact(size_of::<Seen>())
            .map(bytemuck::pod_read_unaligned)
            .collect();
        let mut probe = Probe {
            fuses: false,
            rearranges: false,
            rounds_to_nearest: true,
            keeps_subnormals: true,
        };
        for (i, (row, seen)) in rows.iter().zip(&seen).enumerate() {
            for lane in 0..4 {
                let (a, b, c) = (row.a[lane], row.b[lane], row.c[lane]);
                let same = |found: f32, said: f32| found.to_bits() == said.to_bits();
                let (sum, product) = (a + b, a * b);
                let rounded = same(seen.sum[lane], sum) && same(seen.product[lane], product);
                if i >= normal {
                    probe.keeps_subnormals &= rounded;
                    continue;
                }
                probe.rounds_to_nearest &= rounded;
                // Judged against the adapter's own roundings, whatever these are.
                probe.fuses |= rounded && !same(seen.fused[lane], product + c);
                probe.rearranges |= rounded && !same(seen.rearranged[lane], sum - a);
            }
        }
        Ok(probe)
    }

    fn run_probe(&self, rows: &[Row]) -> Result<Vec<u8>> {
        let device = self.device();
        let (output, encoder) = self.scoped("probe", || {
            let input = device.create_buffer_init(&BufferInitDescriptor {
                label: Some("probe"),
                contents: bytemuck::cast_slice(rows),
                usage: BufferUsages::STORAGE,
            });
            let output = device.create_buffer(&wgpu::BufferDescriptor {
                label: Some("probe"),
                size: size_of::<Seen>() as u64 * rows.len() as u64,
                usage: BufferUsages::STORAGE | BufferUsages::COPY_SRC,
                mapped_at_creation: false,
            });
            let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
                label: Some("probe"),
                source: wgpu::ShaderSource::Wgsl(include_str!("probe.wgsl").into()),
            });
            let pipeline = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
                label: Some("probe"),
                layout: None,
                module: &module,
                entry_point: Some("probe"),
                compilation_options: Default::default(),
                cache: None,
            });
            let group = device.create_bind_group(&wgpu::BindGroupDescriptor {
                label: Some("probe"),
                layout: &pipeline.get_bind_group_layout(0),
                entries: &[
                    wgpu::BindGroupEntry {
                        binding: 0,
                        resource: input.as_entire_binding(),
                    },
                    wgpu::BindGroupEntry {
                        binding: 1,
                        resource: output.as_entire_binding(),
                    },
                ],
            });
            let mut encoder = device.create_command_encoder(&Default::default());
            {
                let mut recorded = encoder.begin_compute_pass(&Default::default());
                recorded.set_pipeline(&pipeline);
                recorded.set_bind_group(0, &group, &[]);
                recorded.dispatch_workgroups(1, 1, 1);
            }
            (output, encoder)
        })?;
        self.submit(encoder)?;
        self.read(&output)
    }
}
