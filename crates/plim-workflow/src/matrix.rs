//! A matrix: the product of its axes, less what is excluded, with what is included.
//!
//! The order and the comparisons are those of the runner's `MatrixBuilder.cs`.

use std::fmt;
use std::sync::Arc;

use plim_expression::{Object, Value};

/// A matrix after its expressions were evaluated.
#[derive(Clone, Debug, Default)]
pub struct Matrix {
    /// The axes in file order, each with its values.
    pub axes: Vec<(Arc<str>, Vec<Value>)>,
    /// `include`.
    pub include: Vec<Combination>,
    /// `exclude`.
    pub exclude: Vec<Combination>,
}

/// Values by axis, in order.
pub type Combination = Vec<(Arc<str>, Value)>;

/// One leg of a job.
#[derive(Clone, Debug)]
pub struct Leg {
    /// The `matrix` context; `Null` for a job without a matrix.
    pub matrix: Value,
    /// What follows the job's name in brackets, without them: `1.95, linux`; empty for a job without a matrix.
    pub suffix: String,
}

/// Why a matrix cannot be expanded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MatrixError {
    /// It is not a mapping of sequences, or an entry has the wrong shape; says which.
    Shape(String),
    /// It has more legs than [`MOST_LEGS`]; how many, as far as they were counted.
    TooMany(usize),
    /// It has none: no axis and no `include`, or everything is excluded.
    Empty,
}

/// The most legs a matrix may have on GitHub.
pub const MOST_LEGS: usize = 256;

/// A product is refused before anything is excluded from it when that would take more comparisons than this.
const MOST_COMPARISONS: usize = 2_000_000;

impl fmt::Display for MatrixError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shape(what) => f.write_str(what),
            Self::TooMany(legs) => {
                write!(f, "the matrix has {legs} legs, and at most {MOST_LEGS} are allowed")
            }
            Self::Empty => f.write_str("the matrix has no legs"),
        }
    }
}

impl std::error::Error for MatrixError {}

impl MatrixError {
    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> &'static str {
        match self {
            Self::Shape(_) => {
                "write each axis as a sequence, and `include` and `exclude` as sequences of mappings"
            }
            Self::TooMany(_) => "split the job, or exclude combinations that prove nothing",
            Self::Empty => "give the matrix an axis with values, or an `include`",
        }
    }
}

impl Leg {
    /// The one leg of a job without a matrix.
    #[must_use]
    pub fn only() -> Self {
        Self { matrix: Value::Null, suffix: String::new() }
    }
}

impl Matrix {
    /// Reads an evaluated `matrix:`.
    ///
    /// Errors: [`MatrixError::Shape`], as where an axis is not a sequence, is empty, or `exclude` names no axis.
    pub fn from_value(value: &Value) -> Result<Self, MatrixError> {
        let Value::Object(entries) = value else {
            return Err(shape(format!("the matrix must be a mapping, not {}", named(value))));
        };
        let mut matrix = Self::default();
        for (key, value) in entries.iter() {
            match &**key {
                "include" => matrix.include = combinations("include", value)?,
                "exclude" => matrix.exclude = combinations("exclude", value)?,
                _ => matrix.axes.push((Arc::clone(key), axis(key, value)?)),
            }
        }
        matrix.check_excludes()?;
        Ok(matrix)
    }

    /// All legs, in GitHub's order: the first axis changes slowest, new legs of `include` come last.
    ///
    /// Errors: [`MatrixError::TooMany`] and [`MatrixError::Empty`].
    pub fn legs(&self) -> Result<Vec<Leg>, MatrixError> {
        let mut extended = vec![false; self.include.len()];
        let mut legs = Vec::new();
        for combination in self.product()? {
            if self.exclude.iter().any(|filter| self.fits(filter, &combination)) {
                continue;
            }
            legs.push(self.extend(combination, &mut extended));
        }
        for (include, _) in self.include.iter().zip(&extended).filter(|(_, done)| !**done) {
            legs.push(self.separate(include));
        }
        match legs.len() {
            0 => Err(MatrixError::Empty),
            1..=MOST_LEGS => Ok(legs),
            more => Err(MatrixError::TooMany(more)),
        }
    }

    /// Whether there are legs, and not too many, without making them where their number tells.
    ///
    /// Errors: those of [`Matrix::legs`].
    pub fn check(&self) -> Result<(), MatrixError> {
        let most = self.product_size()?.saturating_add(self.include.len());
        if self.exclude.is_empty() && (1..=MOST_LEGS).contains(&most) {
            return Ok(());
        }
        self.legs().map(|_| ())
    }

    fn product_size(&self) -> Result<usize, MatrixError> {
        let sizes = self.axes.iter().map(|(_, values)| values.len());
        let total = sizes.fold(usize::from(!self.axes.is_empty()), usize::saturating_mul);
        let filters = self.include.len() + self.exclude.len() + 1;
        match total.saturating_mul(filters) {
            0..=MOST_COMPARISONS => Ok(total),
            _ => Err(MatrixError::TooMany(total)),
        }
    }

    fn product(&self) -> Result<Vec<Combination>, MatrixError> {
        let total = self.product_size()?;
        Ok((0..total).map(|index| self.combination(index, total)).collect())
    }

    fn combination(&self, index: usize, total: usize) -> Combination {
        let mut block = total;
        let pick = |(axis, values): &(Arc<str>, Vec<Value>)| {
            block /= values.len();
            (Arc::clone(axis), values[index / block % values.len()].clone())
        };
        self.axes.iter().map(pick).collect()
    }

    /// The leg of one combination, with the values of every `include` that does not contradict its axes.
    fn extend(&self, combination: Combination, extended: &mut [bool]) -> Leg {
        let suffix = suffix(combination.iter().map(|(_, value)| value));
        let mut extra = Object::new();
        for (include, extended) in self.include.iter().zip(extended) {
            let (axes, added) = self.parted(include);
            if axes.iter().all(|(axis, wanted)| agrees(wanted, value_of(&combination, axis))) {
                *extended = true;
                extra.extend(added);
            }
        }
        let mut matrix: Object = combination.into_iter().collect();
        matrix.extend(extra.iter().map(|(key, value)| (Arc::clone(key), value.clone())));
        Leg { matrix: Value::from(matrix), suffix }
    }

    /// The leg of an `include` that extended none: its values of axes first, then the others.
    fn separate(&self, include: &Combination) -> Leg {
        let (axes, added) = self.parted(include);
        let matrix: Object = axes.into_iter().chain(added).collect();
        let suffix = suffix(matrix.iter().map(|(_, value)| value));
        Leg { matrix: Value::from(matrix), suffix }
    }

    fn parted(&self, include: &Combination) -> (Combination, Combination) {
        include.iter().cloned().partition(|(key, _)| self.has_axis(key))
    }

    fn has_axis(&self, name: &str) -> bool {
        self.axes.iter().any(|(axis, _)| same_key(axis, name))
    }

    fn fits(&self, filter: &Combination, combination: &Combination) -> bool {
        filter.iter().all(|(axis, wanted)| agrees(wanted, value_of(combination, axis)))
    }

    fn check_excludes(&self) -> Result<(), MatrixError> {
        let keys = self.exclude.iter().flatten().map(|(key, _)| key);
        match keys.into_iter().find(|key| !self.has_axis(key)) {
            Some(key) => {
                Err(shape(format!("`exclude` names `{key}`, which is no axis of the matrix")))
            }
            None => Ok(()),
        }
    }
}

fn axis(name: &str, value: &Value) -> Result<Vec<Value>, MatrixError> {
    match value {
        Value::Array(values) if values.is_empty() => {
            Err(shape(format!("the axis `{name}` has no values")))
        }
        Value::Array(values) => Ok(values.to_vec()),
        other => Err(shape(format!("the axis `{name}` must be a sequence, not {}", named(other)))),
    }
}

fn combinations(key: &str, value: &Value) -> Result<Vec<Combination>, MatrixError> {
    let Value::Array(items) = value else {
        return Err(shape(format!("`{key}` must be a sequence, not {}", named(value))));
    };
    items.iter().map(|item| combination(key, item)).collect()
}

fn combination(key: &str, item: &Value) -> Result<Combination, MatrixError> {
    match item {
        Value::Object(entries) if entries.is_empty() => {
            Err(shape(format!("an entry of `{key}` is empty")))
        }
        Value::Object(entries) => {
            Ok(entries.iter().map(|(key, value)| (Arc::clone(key), value.clone())).collect())
        }
        other => Err(shape(format!("an entry of `{key}` must be a mapping, not {}", named(other)))),
    }
}

fn shape(what: String) -> MatrixError {
    MatrixError::Shape(what)
}

/// The kind of `value` with its article, as messages say it.
pub(crate) fn named(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Boolean(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a sequence",
        Value::Object(_) => "a mapping",
    }
}

/// Keys are compared as `matrix.KEY` would find them.
fn same_key(left: &str, right: &str) -> bool {
    left == right || left.to_uppercase() == right.to_uppercase()
}

fn value_of<'v>(combination: &'v Combination, axis: &str) -> &'v Value {
    let found = combination.iter().find(|(key, _)| same_key(key, axis));
    found.map_or(&Value::Null, |(_, value)| value)
}

/// Whether every leaf of `wanted` equals (`==` of expressions) what `got` has in its place.
///
/// GitHub makes one comparison such as `matrix['os']['name'] == 'linux'` of each leaf, so a mapping is matched in part.
fn agrees(wanted: &Value, got: &Value) -> bool {
    match wanted {
        Value::Object(entries) => {
            entries.iter().all(|(key, wanted)| agrees(wanted, got.get(key).unwrap_or(&Value::Null)))
        }
        Value::Array(items) => items.iter().enumerate().all(|(at, wanted)| {
            let item = match got {
                Value::Array(got) => got.get(at),
                _ => None,
            };
            agrees(wanted, item.unwrap_or(&Value::Null))
        }),
        leaf => loosely_equal(leaf, got),
    }
}

/// `==` of expressions, where `wanted` is no array or object.
fn loosely_equal(wanted: &Value, got: &Value) -> bool {
    match (wanted, got) {
        (Value::Null, Value::Null) => true,
        (Value::String(left), Value::String(right)) => same_key(left, right),
        _ => wanted.to_number() == got.to_number(),
    }
}

/// The leaves that a job's name shows: booleans, numbers and texts, but nothing empty.
fn suffix<'v>(values: impl Iterator<Item = &'v Value>) -> String {
    let mut leaves = Vec::new();
    values.for_each(|value| collect_leaves(value, &mut leaves));
    leaves.join(", ")
}

fn collect_leaves(value: &Value, leaves: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect_leaves(item, leaves)),
        Value::Object(entries) => {
            entries.iter().for_each(|(_, value)| collect_leaves(value, leaves));
        }
        leaf => {
            let text = leaf.to_text();
            if !text.is_empty() {
                leaves.push(text.to_string());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matrix(json: &str) -> Matrix {
        Matrix::from_value(&Value::parse_json(json).unwrap()).unwrap()
    }

    fn legs(json: &str) -> Vec<String> {
        let show = |leg: &Leg| leg.matrix.to_json().to_string().replace('"', "");
        matrix(json).legs().unwrap().iter().map(show).collect()
    }

    fn suffixes(json: &str) -> Vec<String> {
        matrix(json).legs().unwrap().into_iter().map(|leg| leg.suffix).collect()
    }

    fn refused(json: &str) -> String {
        let value = Value::parse_json(json).unwrap();
        Matrix::from_value(&value).and_then(|matrix| matrix.legs()).unwrap_err().to_string()
    }

    #[test]
    fn semantic_33_the_first_axis_changes_slowest() {
        let all = suffixes(r#"{"arch": ["x64", "x86"], "os": ["linux", "windows"]}"#);
        assert_eq!(all, ["x64, linux", "x64, windows", "x86, linux", "x86, windows"]);
    }

    #[test]
    fn semantic_33_include_extends_what_it_does_not_contradict_and_else_adds() {
        // The example of GitHub's documentation.
        let all = legs(
            r#"{"fruit": ["apple", "pear"], "animal": ["cat", "dog"], "include": [
                {"color": "green"}, {"color": "pink", "animal": "cat"},
                {"fruit": "apple", "shape": "circle"}, {"fruit": "banana"},
                {"fruit": "banana", "animal": "cat"}]}"#,
        );
        assert_eq!(
            all,
            [
                "{fruit:apple,animal:cat,color:pink,shape:circle}",
                "{fruit:apple,animal:dog,color:green,shape:circle}",
                "{fruit:pear,animal:cat,color:pink}",
                "{fruit:pear,animal:dog,color:green}",
                "{fruit:banana}",
                "{fruit:banana,animal:cat}",
            ]
        );
    }

    #[test]
    fn semantic_33_a_matrix_may_be_made_of_includes_only() {
        let all = legs(r#"{"include": [{"site": "a", "dc": 1}, {"site": "b", "dc": 2}]}"#);
        assert_eq!(all, ["{site:a,dc:1}", "{site:b,dc:2}"]);
    }

    #[test]
    fn semantic_33_excludes_come_before_includes_and_match_in_part() {
        let all = legs(
            r#"{"os": ["linux", "macos"], "version": [12, 14], "environment": ["a", "b"],
                "exclude": [{"os": "macos", "version": 12}, {"os": "LINUX", "environment": "b"}],
                "include": [{"os": "macos", "version": 12, "environment": "a"}]}"#,
        );
        assert_eq!(
            all,
            [
                "{os:linux,version:12,environment:a}",
                "{os:linux,version:14,environment:a}",
                "{os:macos,version:14,environment:a}",
                "{os:macos,version:14,environment:b}",
                "{os:macos,version:12,environment:a}",
            ]
        );
    }

    #[test]
    fn semantic_33_mappings_are_compared_leaf_by_leaf() {
        let all = legs(
            r#"{"node": [{"version": 14, "npm": 6}, {"version": 16, "npm": 8}],
                "exclude": [{"node": {"version": "14"}}]}"#,
        );
        assert_eq!(all, ["{node:{version:16,npm:8}}"]);
    }

    #[test]
    fn semantic_34_the_suffix_shows_leaves_but_not_what_include_adds() {
        let all = suffixes(
            r#"{"toolchain": [1.95], "os": [{"name": "linux", "arm": false, "note": null}],
                "include": [{"os": {"name": "linux"}, "extra": "unseen"}, {"os": "bsd", "extra": "seen"}]}"#,
        );
        assert_eq!(all, ["1.95, linux, false", "bsd, seen"]);
    }

    #[test]
    fn what_has_the_wrong_shape_is_named() {
        for (json, wanted) in [
            ("[]", "the matrix must be a mapping, not a sequence"),
            (r#"{"os": "linux"}"#, "the axis `os` must be a sequence, not a string"),
            (r#"{"os": []}"#, "the axis `os` has no values"),
            (r#"{"include": {}}"#, "`include` must be a sequence, not a mapping"),
            (
                r#"{"os": [1], "include": [1]}"#,
                "an entry of `include` must be a mapping, not a number",
            ),
            (r#"{"os": [1], "exclude": [{}]}"#, "an entry of `exclude` is empty"),
            (
                r#"{"os": [1], "exclude": [{"so": 1}]}"#,
                "`exclude` names `so`, which is no axis of the matrix",
            ),
            (r#"{"os": [1], "exclude": [{"os": 1}]}"#, "the matrix has no legs"),
            ("{}", "the matrix has no legs"),
        ] {
            assert_eq!(refused(json), wanted);
        }
    }

    #[test]
    fn more_than_256_legs_are_refused_whatever_their_number() {
        let axis = |values: usize| {
            Value::from((0..values).map(|i| Value::from(i as f64)).collect::<Vec<_>>())
        };
        let square = |values: usize| {
            let axes: Object = [("a", axis(values)), ("b", axis(values))].into_iter().collect();
            Matrix::from_value(&Value::from(axes)).unwrap()
        };
        assert_eq!(square(16).legs().unwrap().len(), 256);
        assert_eq!(
            (square(16).check(), square(17).check()),
            (Ok(()), Err(MatrixError::TooMany(289)))
        );
        assert_eq!(square(17).legs().unwrap_err(), MatrixError::TooMany(289));
        assert_eq!(square(100_000).legs().unwrap_err(), MatrixError::TooMany(10_000_000_000));
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(150))]

        #[test]
        fn without_include_the_legs_are_the_product_less_the_excluded(
            sizes in proptest::collection::vec(1usize..4, 1..4), excluded in 0usize..4,
        ) {
            let axis = |size: usize| Value::from((0..size).map(|i| Value::from(i as f64)).collect::<Vec<_>>());
            let mut entries: Object =
                sizes.iter().enumerate().map(|(i, size)| (format!("axis{i}"), axis(*size))).collect();
            let exclude: Object = [("axis0", excluded as f64)].into_iter().collect();
            entries.insert("exclude", vec![Value::from(exclude)]);
            let left = if excluded < sizes[0] { sizes[0] - 1 } else { sizes[0] };
            let wanted = left * sizes[1..].iter().product::<usize>();
            let legs = Matrix::from_value(&Value::from(entries)).unwrap().legs();
            proptest::prop_assert_eq!(legs.map_or(0, |legs| legs.len()), wanted);
        }
    }
}
