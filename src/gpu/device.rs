//! A device to compute on: its own, or the host application's; with typed errors and time-outs.

use super::kernels::Kernels;
use crate::error::{Code, Error, Result};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use wgpu::{Backends, Instance, InstanceDescriptor};

/// How long a wait may take before the device counts as hung.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A device, its queue, the kernels compiled on it, and what has gone wrong.
///
/// Clones share all of these: a second stepper of the same kind compiles nothing.
#[derive(Clone, Debug)]
pub struct Gpu {
    device: wgpu::Device,
    queue: wgpu::Queue,
    broken: Arc<Mutex<Option<String>>>,
    kernels: Kernels,
}

impl Gpu {
    /// The first adapter of this machine, hardware before software.
    ///
    /// # Errors
    /// `E-ENVIRONMENT` if there is none, or it gives no device.
    pub fn new() -> Result<Self> {
        let adapters = available(Backends::PRIMARY | Backends::GL)?;
        Gpu::open(&adapters[0])
    }

    /// A device of an adapter, with all of the adapter's limits.
    ///
    /// # Errors
    /// `E-ENVIRONMENT` if the adapter gives no device.
    pub fn open(adapter: &wgpu::Adapter) -> Result<Self> {
        let descriptor = wgpu::DeviceDescriptor {
            label: Some("dpm-spec"),
            required_limits: adapter.limits(),
            ..Default::default()
        };
        let opened = pollster::block_on(adapter.request_device(&descriptor));
        let (device, queue) = opened.map_err(|error| {
            Error::new(
                Code::Environment,
                format!("`{}` gives no device: {error}", adapter.get_info().name),
                "gpu",
                "choose another adapter or backend",
            )
        })?;
        let gpu = Gpu::on(device, queue);
        let broken = Arc::clone(&gpu.broken);
        gpu.device
            .on_uncaptured_error(Arc::new(move |error| note(&broken, error.to_string())));
        let broken = Arc::clone(&gpu.broken);
        gpu.device.set_device_lost_callback(move |reason, text| {
            note(&broken, format!("device lost ({reason:?}): {text}"));
        });
        Ok(gpu)
    }

    /// The host application's device and queue; its error handlers stay as they are.
    pub fn on(device: wgpu::Device, queue: wgpu::Queue) -> Self {
        Gpu {
            device,
            queue,
            broken: Arc::new(Mutex::new(None)),
            kernels: Kernels::default(),
        }
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

    /// Runs `create` under error scopes.
    pub(crate) fn scoped<T>(&self, place: &str, create: impl FnOnce() -> T) -> Result<T> {
        self.check()?;
        let memory = self.device.push_error_scope(wgpu::ErrorFilter::OutOfMemory);
        let validation = self.device.push_error_scope(wgpu::ErrorFilter::Validation);
        let made = create();
        let invalid = pollster::block_on(validation.pop());
        let exhausted = pollster::block_on(memory.pop());
        if let Some(error) = exhausted {
            return Err(Error::new(
                Code::Memory,
                error.to_string(),
                place,
                "choose a smaller batch, f16, or a device with more memory",
            ));
        }
        match invalid {
            None => Ok(made),
            Some(error) => Err(failed(error.to_string()).at(place)),
        }
    }

    /// Submits and waits.
    ///
    /// # Errors
    /// As [`Gpu::wait`].
    pub fn submit(&self, encoder: wgpu::CommandEncoder) -> Result<()> {
        let buffer = self.scoped("submit", || self.queue.submit([encoder.finish()]))?;
        self.wait_for(buffer)
    }

    /// Waits until all submitted work is done.
    ///
    /// # Errors
    /// `E-DEVICE` if the device is lost, or not done within [`PATIENCE`].
    pub fn wait(&self) -> Result<()> {
        self.wait_for(self.queue.submit([]))
    }

    fn wait_for(&self, index: wgpu::SubmissionIndex) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            self.check()?;
            let wait = wgpu::PollType::Wait {
                submission_index: Some(index.clone()),
                timeout: Some(Duration::from_millis(500)),
            };
            match self.device.poll(wait) {
                Ok(_) => return self.check(),
                Err(wgpu::PollError::Timeout) if Instant::now() < deadline => {}
                Err(error) => {
                    note(&self.broken, format!("the device does not answer: {error}"));
                    return self.check();
                }
            }
        }
    }

    /// The bytes of a buffer that has `COPY_SRC`; waits. For results and tests, not between steps.
    ///
    /// # Errors
    /// As [`Gpu::wait`].
    pub fn read(&self, buffer: &wgpu::Buffer) -> Result<Vec<u8>> {
        let staging = self.scoped("read", || {
            let staging = self.device.create_buffer(&wgpu::BufferDescriptor {
                label: Some("read back"),
                size: buffer.size(),
                usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
                mapped_at_creation: false,
            });
            let mut encoder = self.device.create_command_encoder(&Default::default());
            encoder.copy_buffer_to_buffer(buffer, 0, &staging, 0, buffer.size());
            self.queue.submit([encoder.finish()]);
            staging
        })?;
        let mapped = Arc::new(Mutex::new(None));
        let told = Arc::clone(&mapped);
        staging.map_async(wgpu::MapMode::Read, .., move |result| {
            *told.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
        });
        self.wait()?;
        let told = mapped.lock().unwrap_or_else(PoisonError::into_inner).take();
        if !matches!(told, Some(Ok(()))) {
            return Err(failed("a buffer could not be mapped".to_owned()));
        }
        let view = staging
            .get_mapped_range(..)
            .map_err(|error| failed(error.to_string()))?;
        Ok(view.to_vec())
    }
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
        return Err(Error::new(
            Code::Environment,
            "no adapter found",
            "gpu",
            "install a Vulkan, Metal or DirectX 12 driver; on Debian `make setup` installs a software one",
        ));
    }
    Ok(found)
}

fn note(broken: &Mutex<Option<String>>, what: String) {
    let mut broken = broken.lock().unwrap_or_else(PoisonError::into_inner);
    broken.get_or_insert(what);
}

fn failed(what: String) -> Error {
    Error::new(
        Code::Device,
        what,
        "gpu",
        "create a new device and stepper; the old ones stay unusable after a loss",
    )
}
