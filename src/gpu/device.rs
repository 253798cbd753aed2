//! A device to compute on: its own, or the host application's; with typed errors and time-outs.

use super::kernels::{GROUP, Kernels};
use crate::error::{Code, Error, Result};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::{Duration, Instant};
use wgpu::{Backends, Instance, InstanceDescriptor};

/// How long a wait may take before the device counts as hung.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// wgpu 30.0.1 panics with these words if a wait ends in time-out while another thread finds the
/// queue empty: the work may be done, and asking again is right (gfx-rs/wgpu, pull request 9958).
const PREMATURE: &str = "If the queue is empty, the current submission index";

/// A device, its queue, the kernels compiled on it, and what has gone wrong.
///
/// Clones share all of these: a second stepper of the same kind compiles nothing. Nothing here
/// panics, also where wgpu by itself does: errors are caught in scopes, and a lost or hung device
/// makes every later call fail.
#[derive(Clone, Debug)]
pub struct Gpu {
    device: wgpu::Device,
    queue: wgpu::Queue,
    patience: Duration,
    broken: Arc<Mutex<Option<String>>>,
    kernels: Kernels,
}

impl Gpu {
    /// The first adapter of this machine that gives a device, hardware before software.
    ///
    /// # Errors
    /// `E-ENVIRONMENT` if there is none.
    pub fn new() -> Result<Self> {
        let mut adapters = available(Backends::PRIMARY | Backends::GL)?.into_iter();
        let first = adapters.next().map(|adapter| Gpu::open(&adapter));
        let opened = first.unwrap_or_else(|| Err(no_adapter()));
        opened.or_else(|error| adapters.find_map(|next| Gpu::open(&next).ok()).ok_or(error))
    }

    /// A device of an adapter, with all of the adapter's limits and no optional feature.
    ///
    /// # Errors
    /// `E-ENVIRONMENT` if the adapter cannot run the kernels or gives no device.
    pub fn open(adapter: &wgpu::Adapter) -> Result<Self> {
        Gpu::open_with(adapter, wgpu::Features::empty())
    }

    /// As [`Gpu::open`], with optional features that the host application wants.
    ///
    /// # Errors
    /// As [`Gpu::open`]; `E-ENVIRONMENT` also if the adapter lacks a feature.
    pub fn open_with(adapter: &wgpu::Adapter, features: wgpu::Features) -> Result<Self> {
        let unfit = |what: String| {
            let name = adapter.get_info().name;
            Error::new(
                Code::Environment,
                format!("`{name}` {what}"),
                "gpu",
                "choose another adapter or backend",
            )
        };
        let missing = features - adapter.features();
        if !missing.is_empty() {
            return Err(unfit(format!("lacks {missing:?}")));
        }
        let limits = adapter.limits();
        if let Some(what) = lacking(&limits) {
            return Err(unfit(what));
        }
        let descriptor = wgpu::DeviceDescriptor {
            label: Some("dpm-spec"),
            required_features: features,
            required_limits: limits,
            ..Default::default()
        };
        let opened = pollster::block_on(adapter.request_device(&descriptor));
        let (device, queue) = opened.map_err(|error| unfit(format!("gives no device: {error}")))?;
        let gpu = Gpu::on(device, queue);
        let broken = Arc::clone(&gpu.broken);
        gpu.device
            .on_uncaptured_error(Arc::new(move |error| note(&broken, one_line(&error))));
        let broken = Arc::clone(&gpu.broken);
        gpu.device.set_device_lost_callback(move |reason, text| {
            note(&broken, format!("device lost ({reason:?}): {text}"));
        });
        Ok(gpu)
    }

    /// The host application's device and queue; its error handlers stay as they are.
    ///
    /// Buffers given to a stepper must come from the same `wgpu::Instance` as the device.
    pub fn on(device: wgpu::Device, queue: wgpu::Queue) -> Self {
        Gpu {
            device,
            queue,
            patience: PATIENCE,
            broken: Arc::new(Mutex::new(None)),
            kernels: Kernels::default(),
        }
    }

    /// Waits so long before the device counts as hung, instead of [`PATIENCE`].
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        Gpu { patience, ..self }
    }

    /// The device.
    pub fn device(&self) -> &wgpu::Device {
        &self.device
    }

    /// The queue.
    pub fn queue(&self) -> &wgpu::Queue {
        &self.queue
    }

    /// Storage buffers that one kernel may bind: what a program is lowered for.
    pub fn arrays(&self) -> usize {
        self.device.limits().max_storage_buffers_per_shader_stage as usize
    }

    /// Kernels compiled so far.
    pub fn kernels(&self) -> usize {
        self.kernels.count()
    }

    pub(crate) fn compiled(&self) -> &Kernels {
        &self.kernels
    }

    /// Fails if the device was lost, or an error was seen that no scope caught.
    ///
    /// # Errors
    /// `E-DEVICE`.
    pub fn check(&self) -> Result<()> {
        let broken = self.broken.lock().unwrap_or_else(PoisonError::into_inner);
        match broken.as_ref() {
            None => Ok(()),
            Some(what) => Err(failed(what.clone())),
        }
    }

    /// Runs `create` with every error of wgpu caught.
    pub(crate) fn scoped<T>(&self, place: &str, create: impl FnOnce() -> T) -> Result<T> {
        self.check()?;
        let memory = self.device.push_error_scope(wgpu::ErrorFilter::OutOfMemory);
        let internal = self.device.push_error_scope(wgpu::ErrorFilter::Internal);
        let validation = self.device.push_error_scope(wgpu::ErrorFilter::Validation);
        let made = caught(create);
        let found = [
            pollster::block_on(validation.pop()),
            pollster::block_on(internal.pop()),
            pollster::block_on(memory.pop()),
        ];
        match found.iter().flatten().next() {
            None => made.map_err(|what| refused(what, place)),
            Some(error @ wgpu::Error::OutOfMemory { .. }) => Err(Error::new(
                Code::Memory,
                one_line(error),
                place,
                "choose a smaller batch, f16, or a device with more memory",
            )),
            Some(error) => Err(refused(one_line(error), place)),
        }
    }

    /// Submits and waits.
    ///
    /// # Errors
    /// As [`Gpu::wait`]; `E-DEVICE` also if something recorded is invalid: nothing of it is done then.
    pub fn submit(&self, encoder: wgpu::CommandEncoder) -> Result<()> {
        let index = self.scoped("submit", || self.queue.submit([encoder.finish()]))?;
        self.wait_for(&index)
    }

    /// Waits until all submitted work is done.
    ///
    /// # Errors
    /// `E-DEVICE` if the device is lost, or not done in time.
    pub fn wait(&self) -> Result<()> {
        let index = self.scoped("wait", || self.queue.submit([]))?;
        self.wait_for(&index)
    }

    fn wait_for(&self, index: &wgpu::SubmissionIndex) -> Result<()> {
        let deadline = Instant::now() + self.patience;
        loop {
            self.check()?;
            let left = deadline.saturating_duration_since(Instant::now());
            if self.poll(index, left.min(Duration::from_millis(500)))? {
                return self.check();
            }
            if left.is_zero() {
                let seconds = self.patience.as_secs_f64();
                note(&self.broken, format!("not done within {seconds} s"));
            }
        }
    }

    /// Whether a submission is done, after at most so long.
    fn poll(&self, index: &wgpu::SubmissionIndex, timeout: Duration) -> Result<bool> {
        let wait = wgpu::PollType::Wait {
            submission_index: Some(index.clone()),
            timeout: Some(timeout),
        };
        let lost = match caught(|| self.device.poll(wait)) {
            Ok(Ok(_)) => return Ok(true),
            Ok(Err(wgpu::PollError::Timeout)) => return Ok(false),
            // A lost device takes no submission, and no index is right then.
            Ok(Err(error)) => format!("device lost: {error}"),
            Err(what) if what.contains(PREMATURE) => return Ok(false),
            Err(what) => what,
        };
        note(&self.broken, lost);
        self.check()?;
        Ok(false)
    }

    /// Asks whether the device still makes what it is asked for: creation on a lost one fails in
    /// silence, and what it made cannot be mapped.
    pub(crate) fn alive(&self) -> Result<()> {
        let made = self.scoped("device", || {
            self.device.create_buffer(&wgpu::BufferDescriptor {
                label: Some("alive"),
                size: 4,
                usage: wgpu::BufferUsages::COPY_SRC,
                mapped_at_creation: true,
            })
        })?;
        if let Err(error) = made.get_mapped_range(..) {
            note(&self.broken, format!("device lost: {error}"));
        }
        self.check()
    }

    /// The bytes of a buffer that has `COPY_SRC`; waits. For results and tests, not between steps.
    ///
    /// # Errors
    /// As [`Gpu::wait`]; `E-DEVICE` also if the buffer cannot be copied from.
    pub fn read(&self, buffer: &wgpu::Buffer) -> Result<Vec<u8>> {
        self.read_first(buffer, buffer.size())
    }

    /// The first `size` bytes of a buffer, a multiple of 4.
    pub(crate) fn read_first(&self, buffer: &wgpu::Buffer, size: u64) -> Result<Vec<u8>> {
        let (tell, told) = mpsc::channel();
        let staging = self.scoped("read", || {
            let staging = self.device.create_buffer(&wgpu::BufferDescriptor {
                label: Some("read back"),
                size,
                usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
                mapped_at_creation: false,
            });
            let mut encoder = self.device.create_command_encoder(&Default::default());
            encoder.copy_buffer_to_buffer(buffer, 0, &staging, 0, size);
            self.queue.submit([encoder.finish()]);
            staging.map_async(wgpu::MapMode::Read, .., move |result| {
                tell.send(result).ok();
            });
            staging
        })?;
        self.wait()?;
        // Another thread's wait may have taken the answer, and be about to tell it.
        if !matches!(told.recv_timeout(self.patience), Ok(Ok(()))) {
            return Err(refused("a buffer could not be mapped".to_owned(), "read"));
        }
        let view = staging
            .get_mapped_range(..)
            .map_err(|error| refused(error.to_string(), "read"))?;
        Ok(view.to_vec())
    }
}

/// What the kernels need and these limits do not give.
fn lacking(limits: &wgpu::Limits) -> Option<String> {
    let group = limits
        .max_compute_workgroup_size_x
        .min(limits.max_compute_invocations_per_workgroup);
    if group < GROUP || limits.max_compute_workgroups_per_dimension == 0 {
        return Some(format!(
            "has no compute shaders of {GROUP} invocations, but of {group}"
        ));
    }
    let arrays = limits.max_storage_buffers_per_shader_stage;
    (arrays < 4).then(|| format!("binds {arrays} arrays; guidance needs 4"))
}

/// All adapters of the given backends, hardware first; never empty.
///
/// # Errors
/// `E-ENVIRONMENT` if there is none.
pub fn available(backends: Backends) -> Result<Vec<wgpu::Adapter>> {
    let instance = Instance::new(InstanceDescriptor {
        backends,
        ..InstanceDescriptor::new_without_display_handle_from_env()
    });
    let mut found = pollster::block_on(instance.enumerate_adapters(backends));
    found.sort_by_key(|adapter| {
        let software = adapter.get_info().device_type == wgpu::DeviceType::Cpu;
        (software, adapter.get_info().backend == wgpu::Backend::Gl)
    });
    if found.is_empty() {
        return Err(no_adapter());
    }
    Ok(found)
}

fn no_adapter() -> Error {
    Error::new(
        Code::Environment,
        "no adapter found",
        "gpu",
        "install a Vulkan, Metal or DirectX 12 driver; on Debian `make setup` installs a software one",
    )
}

fn note(broken: &Mutex<Option<String>>, what: String) {
    let mut broken = broken.lock().unwrap_or_else(PoisonError::into_inner);
    broken.get_or_insert(what);
}

/// Runs what wgpu panics on: losses that it calls fatal, and resources of another instance.
fn caught<T>(run: impl FnOnce() -> T) -> std::result::Result<T, String> {
    catch_unwind(AssertUnwindSafe(run)).map_err(|cause| {
        let text = cause.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| cause.downcast_ref::<&str>().copied());
        text.unwrap_or("wgpu panicked").to_owned()
    })
}

fn one_line(error: &wgpu::Error) -> String {
    let text = error.to_string();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn refused(what: String, place: &str) -> Error {
    Error::new(
        Code::Device,
        what,
        place,
        "nothing of this call was done; give buffers of this device, large enough, with the usages asked for",
    )
}

fn failed(what: String) -> Error {
    Error::new(
        Code::Device,
        what,
        "gpu",
        "create a new device and stepper; the old ones stay unusable",
    )
}
