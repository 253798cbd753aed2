//! How the production path stores a tensor.

/// Storage of a tensor's elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Format {
    /// IEEE 754 binary32, 4 bytes.
    F32,
    /// IEEE 754 binary16, 2 bytes; arithmetic is done in f32.
    F16,
}

impl Format {
    /// Bytes of one element.
    pub fn bytes(self) -> u64 {
        match self {
            Format::F32 => 4,
            Format::F16 => 2,
        }
    }
}

/// Samples of a batch, and elements of one sample; a tensor is dense, [batch][elements].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Shape {
    /// Samples, at least 1.
    pub batch: usize,
    /// Elements of one sample, at least 1.
    pub elements: usize,
}

impl Shape {
    /// Elements of the tensor.
    pub fn len(self) -> usize {
        self.batch * self.elements
    }

    /// True if there is no element.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }
}
