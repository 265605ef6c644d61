//! A matrix: the product of its axes, less what is excluded, with what is included.

use plim_expression::Value;

/// A matrix after its expressions were evaluated.
#[derive(Clone, Debug, Default)]
pub struct Matrix {
    /// The axes in file order, each with its values.
    pub axes: Vec<(std::sync::Arc<str>, Vec<Value>)>,
    /// `include`.
    pub include: Vec<Combination>,
    /// `exclude`.
    pub exclude: Vec<Combination>,
}

/// Values by axis, in order.
pub type Combination = Vec<(std::sync::Arc<str>, Value)>;

/// One leg of a job.
#[derive(Clone, Debug)]
pub struct Leg {
    /// The `matrix` context; `Null` for a job without a matrix.
    pub matrix: Value,
    /// What follows the job's name in brackets, `` for a job without a matrix: `(1.95, linux)`.
    pub suffix: String,
}

/// Why a matrix cannot be expanded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MatrixError {
    /// It is not a mapping of sequences, or an entry has the wrong shape; says which.
    Shape(String),
    /// It has more legs than GitHub's 256.
    TooMany(usize),
    /// It has none.
    Empty,
}
