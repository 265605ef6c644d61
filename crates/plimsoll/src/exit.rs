//! The exit codes, one table for all commands.

use std::{fmt::Write, process::ExitCode};

use plim_run::event::RunResult;

/// How a command ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Everything is as it should be.
    Passed,
    /// Something failed.
    Failed,
    /// The command line or a configuration is wrong.
    Usage,
    /// Something could not run here.
    Incomplete,
    /// Nothing was triggered.
    Nothing,
    /// What ran says nothing about what was asked.
    Undetermined,
    /// A person stopped it.
    Interrupted,
}

/// Every way to end, its code, and what it means.
pub(crate) const TABLE: [(Exit, u8, &str); 7] = [
    (Exit::Passed, 0, "passed"),
    (Exit::Failed, 1, "failed, refused or errors found"),
    (Exit::Usage, 2, "usage or configuration"),
    (Exit::Incomplete, 3, "incomplete: something could not run here"),
    (Exit::Nothing, 4, "nothing was triggered"),
    (Exit::Undetermined, 5, "undetermined"),
    (Exit::Interrupted, 130, "interrupted"),
];

impl Exit {
    /// The number that the process ends with.
    pub(crate) fn code(self) -> u8 {
        TABLE.iter().find(|(exit, ..)| *exit == self).map_or(1, |(_, code, _)| *code)
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

impl From<RunResult> for Exit {
    fn from(result: RunResult) -> Self {
        match result {
            RunResult::Passed => Self::Passed,
            RunResult::Failed => Self::Failed,
            RunResult::Incomplete => Self::Incomplete,
            RunResult::Nothing => Self::Nothing,
            RunResult::Undetermined => Self::Undetermined,
            RunResult::Interrupted => Self::Interrupted,
        }
    }
}

/// The table as a part of help texts and man pages.
pub(crate) fn help() -> String {
    let mut text = String::from("Exit codes:\n");
    for (_, code, meaning) in TABLE {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "  {code:>3}  {meaning}");
    }
    text
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn every_way_to_end_has_a_code_of_its_own() {
        let mut codes: Vec<u8> = TABLE.iter().map(|(exit, ..)| exit.code()).collect();
        assert_eq!(codes, [0, 1, 2, 3, 4, 5, 130]);
        codes.dedup();
        assert_eq!(codes.len(), TABLE.len());
    }

    #[test]
    fn only_a_passed_run_ends_with_zero() {
        let results = [
            (RunResult::Passed, 0),
            (RunResult::Failed, 1),
            (RunResult::Incomplete, 3),
            (RunResult::Nothing, 4),
            (RunResult::Undetermined, 5),
            (RunResult::Interrupted, 130),
        ];
        for (result, code) in results {
            assert_eq!(Exit::from(result).code(), code);
        }
    }

    #[test]
    fn the_readme_states_the_same_table() {
        let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
        let readme = std::fs::read_to_string(readme).unwrap();
        for (_, code, meaning) in TABLE {
            assert!(readme.contains(&format!("\n| {code} | {meaning} |\n")), "{code}");
        }
    }

    #[test]
    fn help_states_all_of_them() {
        assert_eq!(help().lines().count(), 1 + TABLE.len());
    }
}
