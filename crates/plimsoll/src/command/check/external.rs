//! Asks installed checkers about scripts; nothing of the checked folder is run, and they start in none of it.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use plim_audit::{
    Finding, Subject,
    external::{Body, Checker, Remark, bodies},
};
use plim_diag::{Code, Diagnostic, Severity};
use plim_host::{Command, Output, Tool, which};
use serde_json::Value;
use tempfile::TempDir;

use crate::{refusal::Refusal, world::World};

/// A checker that takes longer for one script does not end.
const PATIENCE: Duration = Duration::from_secs(30);

/// The checkers that were asked for, and the empty folder they start in.
pub(super) struct Tools {
    programs: Vec<(Checker, PathBuf)>,
    folder: Option<TempDir>,
    environment: Vec<(&'static str, String)>,
}

impl Tools {
    /// Finds each of `wanted` on this machine.
    ///
    /// Errors: one that is not there, or only within one of `roots`, which are checked and not trusted.
    pub(super) fn find(
        wanted: &[Checker],
        roots: &[&Path],
        world: &World,
    ) -> Result<Self, Refusal> {
        let text = |name| world.host.environment.text(name).map(str::to_owned);
        let search = text("PATH").unwrap_or_default();
        let program = |checker: &Checker| Ok((*checker, found(*checker, &search, roots)?));
        let programs = wanted.iter().map(program).collect::<Result<Vec<_>, Refusal>>()?;
        let folder = match programs.is_empty() {
            true => None,
            false => Some(TempDir::new().map_err(|error| {
                let message = format!("cannot make a folder for checkers: {error}");
                Refusal::failed(Diagnostic::error(Code("with"), message))
            })?),
        };
        let known = [
            ("PATH", Some(search)),
            ("HOME", text("HOME")),
            ("LC_ALL", Some("C.UTF-8".to_owned())),
        ];
        let environment =
            known.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
        Ok(Self { programs, folder, environment })
    }

    /// What they say of the scripts of `subject`; a checker that fails is a finding itself.
    pub(super) fn ask(&self, subject: &Subject) -> Vec<Finding> {
        let Some(folder) = &self.folder else { return Vec::new() };
        let mut findings = Vec::new();
        for body in bodies(subject) {
            let asked = self.programs.iter().find(|(checker, _)| *checker == body.checker);
            let Some((_, program)) = asked else { continue };
            let remarks = self.run(program, folder.path(), &body);
            findings.extend(remarks.iter().map(|remark| body.told(remark)));
        }
        findings
    }

    fn run(&self, program: &Path, folder: &Path, body: &Body<'_>) -> Vec<Remark> {
        let command = Command::new(program, folder).arguments(arguments(body));
        let command = self
            .environment
            .iter()
            .fold(command, |command, (name, value)| command.variable(*name, value));
        let output = Tool::new(command).input(input(body)).timeout(PATIENCE).run();
        let said =
            output.map_err(|error| error.to_string()).and_then(|output| remarks(body, &output));
        said.unwrap_or_else(|why| vec![failed(program, &why)])
    }
}

fn found(checker: Checker, search: &str, roots: &[&Path]) -> Result<PathBuf, Refusal> {
    let name = match checker {
        Checker::ShellCheck => "shellcheck",
        Checker::Python => "python3",
        Checker::Node => "node",
    };
    let outside = |file: &PathBuf| {
        let real = fs::canonicalize(file);
        real.is_ok_and(|real| !roots.iter().any(|root| real.starts_with(root)))
    };
    which(name, search, Path::new("/")).filter(outside).ok_or_else(|| {
        let message = format!("there is no `{name}` on this machine outside of what is checked");
        let help = "install it, or leave it out of `--with`";
        Refusal::usage(Diagnostic::error(Code("with"), message).help(help))
    })
}

/// Reads Python from its input without running it, and prints line, column and message of what is wrong.
const PYTHON: &str = "import sys, json\ntry:\n    compile(sys.stdin.buffer.read(), 'script', 'exec')\nexcept SyntaxError as e:\n    print(json.dumps([e.lineno or 1, e.offset or 1, e.msg]))\nexcept ValueError as e:\n    print(json.dumps([1, 1, str(e)]))\n";

fn arguments(body: &Body<'_>) -> Vec<&'static str> {
    match body.checker {
        // The name of a sourced file, and what an unknown one may do, cannot be known here.
        Checker::ShellCheck => {
            vec![
                "--norc",
                "--format=json1",
                "--shell",
                body.language,
                "--exclude=SC1090,SC1091,SC2194",
                "-",
            ]
        }
        Checker::Python => vec!["-I", "-c", PYTHON],
        Checker::Node => vec!["--check", "-"],
    }
}

/// What is read from standard input; `actions/github-script` makes its text the body of a function.
fn input(body: &Body<'_>) -> String {
    match body.language {
        "github-script" => format!("(async () => {{\n{}\n}})\n", body.text),
        _ => body.text.clone(),
    }
}

fn remarks(body: &Body<'_>, output: &Output) -> Result<Vec<Remark>, String> {
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    let remarks = match body.checker {
        Checker::ShellCheck => of_shellcheck(&stdout),
        Checker::Python if stdout.is_empty() => output.status.is_success().then(Vec::new),
        Checker::Python => of_python(&stdout).map(|remark| vec![remark]),
        Checker::Node if output.status.is_success() => Some(Vec::new()),
        Checker::Node => of_node(&stderr, usize::from(body.language == "github-script"))
            .map(|remark| vec![remark]),
    };
    remarks.ok_or_else(|| match stderr.lines().next() {
        Some(line) => line.to_owned(),
        None => "its answer cannot be read".to_owned(),
    })
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn of_shellcheck(stdout: &str) -> Option<Vec<Remark>> {
    let answer: Value = serde_json::from_str(stdout).ok()?;
    let number = |value: &Value| usize::try_from(value.as_u64()?).ok();
    let remark = |comment: &Value| {
        Some(Remark {
            name: Some(format!("SC{}", number(&comment["code"])?)),
            severity: match comment["level"].as_str()? {
                "error" => Severity::Error,
                "warning" => Severity::Warning,
                _ => Severity::Note,
            },
            message: comment["message"].as_str()?.trim_end_matches('.').to_owned(),
            line: number(&comment["line"])?,
            column: number(&comment["column"])?,
        })
    };
    answer["comments"].as_array()?.iter().map(remark).collect()
}

fn of_python(stdout: &str) -> Option<Remark> {
    let (line, column, message): (usize, usize, String) =
        serde_json::from_str(stdout.trim()).ok()?;
    Some(Remark { name: None, severity: Severity::Error, message, line, column })
}

/// Node.js shows `[stdin]:LINE`, that line, a caret below the place, and the error. The first `before` lines are ours.
fn of_node(stderr: &str, before: usize) -> Option<Remark> {
    let mut lines = stderr.lines().skip_while(|line| !line.starts_with("[stdin]:"));
    let line = lines.next()?.strip_prefix("[stdin]:")?.parse::<usize>().ok()?;
    let column = lines.nth(1).and_then(|carets| carets.find('^')).map_or(1, |at| at + 1);
    let message = stderr.lines().find_map(|line| line.strip_prefix("SyntaxError: "))?.to_owned();
    Some(Remark {
        name: None,
        severity: Severity::Error,
        message,
        line: line.saturating_sub(before).max(1),
        column,
    })
}

fn failed(program: &Path, why: &str) -> Remark {
    let message = format!("`{}` could not judge this script: {why}", program.display());
    Remark { name: None, severity: Severity::Error, message, line: 1, column: 1 }
}
