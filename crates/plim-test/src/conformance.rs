//! Finds the shared conformance data and runs it as ordinary tests, visibly ignored where it is absent.
//!
//! The vectors were written by others and stay outside this repository, so a checkout without them
//! must still build and test. A test that silently passed in their absence would prove nothing:
//! [`Suite::main`] reports such a suite as *ignored*, and a folder that holds no case as *failed*.
//!
//! ```toml
//! [[test]]
//! name = "conformance"
//! harness = false
//! ```

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use libtest_mimic::{Arguments, Failed, Trial};

/// The folder that holds `conformance/`, or `None` where this checkout has none.
///
/// It is `PLIM_SHARED`, or else `../shared` beside the workspace.
pub fn shared() -> Option<PathBuf> {
    #[expect(clippy::disallowed_methods, reason = "a test finds its own material")]
    let named = std::env::var_os("PLIM_SHARED").map(PathBuf::from);
    let folder = named.unwrap_or_else(|| workspace_root().join("../shared"));
    folder.is_dir().then_some(folder)
}

/// The folder of the workspace's `Cargo.toml`.
pub fn workspace_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// One vector and how to hold our code against it.
pub struct Case {
    group: String,
    name: String,
    check: Box<dyn FnOnce() -> Result<(), String> + Send>,
}

impl Case {
    /// A case `name` of `group`; the cases of one group are reported as one test.
    ///
    /// `check` returns what differed, in words that show both sides.
    pub fn new(
        group: impl Into<String>,
        name: impl Into<String>,
        check: impl FnOnce() -> Result<(), String> + Send + 'static,
    ) -> Self {
        Case { group: group.into(), name: name.into(), check: Box::new(check) }
    }
}

/// A folder of vectors, and how to read its cases.
pub struct Suite {
    /// Names the suite in test names and in the last line, such as `expressions`.
    pub name: &'static str,
    /// The folder below [`shared`], such as `conformance/expressions`.
    pub folder: &'static str,
    /// Reads every case of the folder; an error fails the suite.
    pub collect: fn(&Path) -> Result<Vec<Case>, String>,
}

impl Suite {
    /// Runs the suite with the command line of an ordinary Rust test (filters, `--list`, `--exact`).
    ///
    /// The last line printed is `conformance NAME: PASSED of ALL`.
    pub fn main(self) -> ExitCode {
        let arguments = Arguments::from_args();
        let passed = Arc::new(AtomicUsize::new(0));
        let (trials, all) = self.trials(&passed);
        let conclusion = libtest_mimic::run(&arguments, trials);
        if !arguments.list {
            self.report(all, passed.load(Ordering::Relaxed));
        }
        conclusion.exit_code()
    }

    fn trials(&self, passed: &Arc<AtomicUsize>) -> (Vec<Trial>, Option<usize>) {
        let Some(folder) = shared().map(|shared| shared.join(self.folder)).filter(|f| f.is_dir())
        else {
            return (vec![self.absent()], None);
        };
        match (self.collect)(&folder) {
            Ok(cases) if !cases.is_empty() => {
                let all = cases.len();
                (self.grouped(cases, passed), Some(all))
            }
            Ok(_) => (vec![self.broken(format!("`{}` holds no case", folder.display()))], Some(0)),
            Err(error) => (vec![self.broken(error)], Some(0)),
        }
    }

    fn absent(&self) -> Trial {
        Trial::test(self.name, || Err(Failed::from("the conformance data is absent")))
            .with_ignored_flag(true)
    }

    fn broken(&self, reason: String) -> Trial {
        Trial::test(self.name, move || Err(Failed::from(reason)))
    }

    fn grouped(&self, cases: Vec<Case>, passed: &Arc<AtomicUsize>) -> Vec<Trial> {
        let mut groups: BTreeMap<String, Vec<Case>> = BTreeMap::new();
        for case in cases {
            groups.entry(case.group.clone()).or_default().push(case);
        }
        let trial = |(group, cases): (String, Vec<Case>)| {
            let passed = Arc::clone(passed);
            Trial::test(format!("{}::{group}", self.name), move || check_all(cases, &passed))
        };
        groups.into_iter().map(trial).collect()
    }

    #[expect(clippy::print_stdout, reason = "this is the report of a test program")]
    fn report(&self, all: Option<usize>, passed: usize) {
        match all {
            Some(all) => println!("conformance {}: {passed} of {all}", self.name),
            None => println!("conformance {}: ignored, `{}` is absent", self.name, self.folder),
        }
    }
}

fn check_all(cases: Vec<Case>, passed: &AtomicUsize) -> Result<(), Failed> {
    let all = cases.len();
    let mut failures = Vec::new();
    for case in cases {
        match (case.check)() {
            Ok(()) => _ = passed.fetch_add(1, Ordering::Relaxed),
            Err(difference) => failures.push(format!("{}: {difference}", case.name)),
        }
    }
    if failures.is_empty() {
        return Ok(());
    }
    let summary = format!("{} of {all} cases failed\n{}", failures.len(), failures.join("\n"));
    Err(Failed::from(summary))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn suite() -> Suite {
        Suite { name: "sample", folder: "nowhere", collect: |_| Ok(Vec::new()) }
    }

    #[test]
    fn an_absent_folder_is_ignored_and_not_passed() {
        assert!(suite().absent().has_ignored_flag());
        assert!(!suite().broken("empty".to_owned()).has_ignored_flag());
    }

    #[test]
    fn cases_are_grouped_and_every_failure_is_told() {
        let passed = AtomicUsize::new(0);
        let case = |name: &str, verdict: Result<(), String>| Case::new("g", name, move || verdict);
        let cases = vec![case("a", Ok(())), case("b", Err("1 is not 2".to_owned()))];
        let failed = check_all(cases, &passed).unwrap_err();
        assert_eq!(failed.message(), Some("1 of 2 cases failed\nb: 1 is not 2"));
        assert_eq!(passed.load(Ordering::Relaxed), 1);
    }
}
