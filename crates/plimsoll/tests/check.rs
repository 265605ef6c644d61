//! `plim check` as a user starts it.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test starts the program as a user would, and fails by a panic"
)]

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use plim_test::sandbox::{Repository, Sandbox};
use serde_json::Value;

const GOOD: &str = "on: push\npermissions: {}\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: make\n";
const BAD: &str = "on: push\npermissions: {}\njobs:\n  a:\n    runs-on: ubuntu-latest\n    stesp: []\n    steps:\n      - run: make\n";

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_plim"));
    // The same at a desk and in a job of a forge, where colours and more are asked for by variables.
    let path = std::env::var_os("PATH").unwrap();
    command.current_dir(folder).arg("check").args(arguments).env_clear().env("PATH", path);
    command
}

fn check(folder: &Path, arguments: &[&str]) -> Output {
    command(folder, arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn found(folder: &Path, arguments: &[&str]) -> Vec<Value> {
    let arguments: Vec<&str> = arguments.iter().copied().chain(["--format", "json"]).collect();
    let output = check(folder, &arguments);
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let schema =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/schema/findings.schema.json");
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(schema).unwrap()).unwrap();
    assert!(jsonschema::is_valid(&schema, &document), "{document:#}");
    document["findings"].as_array().unwrap().clone()
}

fn codes(findings: &[Value]) -> Vec<(&str, &str)> {
    findings
        .iter()
        .map(|one| (one["path"].as_str().unwrap(), one["code"].as_str().unwrap()))
        .collect()
}

#[test]
fn everything_of_a_repository_is_checked_without_git() {
    let sandbox = Sandbox::new();
    sandbox
        .write(".github/workflows/bad.yml", BAD)
        .write(".github/workflows/good.yml", GOOD)
        .write(".github/actions/x/action.yml", "name: x\n")
        .write("action.yml", "runs:\n  using: node7\n  main: x.js\n")
        .write("docs/ci.yml", "not: [a workflow\n");
    let findings = found(sandbox.path(), &[]);
    assert_eq!(
        codes(&findings),
        [
            (".github/actions/x/action.yml", "missing-key"),
            (".github/workflows/bad.yml", "unknown-key"),
            ("action.yml", "invalid-value"),
        ]
    );
    assert_eq!(findings[1]["start"], serde_json::json!({ "line": 6, "column": 5 }));
    assert_eq!(check(sandbox.path(), &[]).status.code(), Some(1));
}

#[test]
fn the_projects_own_workflows_are_clean_at_the_pedantic_tier() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for folder in [root.clone(), root.join("examples/harbour")] {
        let workflow = folder.join(".github/workflows/ci.yml");
        assert!(workflow.is_file(), "{} is gone", workflow.display());
        let found = found(&folder, &["--tier", "pedantic", "."]);
        assert_eq!(codes(&found), [], "{}", folder.display());
    }
}

#[test]
fn a_path_is_a_file_or_a_folder_and_is_shown_from_here() {
    let sandbox = Sandbox::new();
    sandbox.write("a/.github/workflows/bad.yml", BAD).write("b/loose.yml", BAD);
    let folder = sandbox.at("a/.github");
    assert_eq!(codes(&found(&folder, &[])), [("workflows/bad.yml", "unknown-key")]);
    assert_eq!(
        codes(&found(sandbox.path(), &["a", "b"])),
        [("a/.github/workflows/bad.yml", "unknown-key"), ("b/loose.yml", "unknown-key")]
    );
    let output = check(sandbox.path(), &["c"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("cannot check `c`"), "{output:?}");
}

#[test]
fn one_bad_file_never_hides_another() {
    let sandbox = Sandbox::new();
    let folder = ".github/workflows";
    sandbox
        .write(format!("{folder}/1.yml"), b"\xff\xfe\x00")
        .write(format!("{folder}/2.yml"), "\t- [")
        .write(format!("{folder}/3.yml"), "")
        .write(format!("{folder}/4.yml"), BAD.replace('\n', "\r\n"))
        .write(format!("{folder}/5.yml"), format!("\u{feff}{BAD}"))
        .write(format!("{folder}/6.yml"), format!("# {}\n{BAD}", "x".repeat(5_000_000)))
        .symlink(format!("{folder}/loop"), ".")
        .symlink(format!("{folder}/7.yml"), "7.yml")
        .write(format!("{folder}/8.yml"), BAD);
    let findings = found(sandbox.path(), &[]);
    let of = |name: &str| {
        let path = format!("{folder}/{name}.yml");
        codes(&findings)
            .into_iter()
            .filter(|(at, _)| *at == path)
            .map(|(_, code)| code)
            .collect::<Vec<_>>()
    };
    for name in ["1", "2", "3"] {
        assert!(!of(name).is_empty(), "{name}");
    }
    for name in ["4", "5", "8"] {
        assert_eq!(of(name), ["unknown-key"], "{name}");
    }
    assert_eq!(of("6"), ["yaml-too-large"]);
}

#[test]
fn a_rule_can_be_chosen_and_left_out() {
    let sandbox = Sandbox::new();
    let steps = "      - run: echo ::set-output name=a::b\n";
    sandbox.write(".github/workflows/a.yml", format!("{BAD}{steps}"));
    let all = found(sandbox.path(), &[]);
    assert_eq!(all.len(), 2);
    let chosen = found(sandbox.path(), &["--select", "deprecated-command"]);
    assert_eq!(codes(&chosen), [(".github/workflows/a.yml", "deprecated-command")]);
    let rest = found(sandbox.path(), &["--ignore", "deprecated-command"]);
    assert_eq!(codes(&rest), [(".github/workflows/a.yml", "unknown-key")]);
    let output = check(sandbox.path(), &["--select", "deprecated-comand"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("did you mean `deprecated-command`?"), "{output:?}");
}

#[test]
fn warnings_fail_only_when_denied() {
    let sandbox = Sandbox::new();
    sandbox.write(
        ".github/workflows/a.yml",
        format!("{GOOD}      - run: echo ::set-output name=a::b\n"),
    );
    assert_eq!(check(sandbox.path(), &[]).status.code(), Some(0));
    assert_eq!(check(sandbox.path(), &["--deny", "warning"]).status.code(), Some(1));
}

#[test]
fn each_format_tells_the_same() {
    let sandbox = Sandbox::new();
    sandbox.write(".github/workflows/a b.yml", BAD);
    let format = |format: &str| text(&check(sandbox.path(), &["--format", format]).stdout);
    assert_eq!(
        format("concise"),
        ".github/workflows/a b.yml:6:5: error[unknown-key]: `stesp` is not a key of a job that runs steps\n"
    );
    assert_eq!(
        format("github"),
        "::error title=unknown-key,file=.github/workflows/a b.yml,line=6,endLine=6,col=5,endColumn=10\
         ::`stesp` is not a key of a job that runs steps%0Ahelp: write `steps`\n"
    );
    let full = format("full");
    assert!(full.contains("6 |     stesp: []\n  |     ^^^^^\n"), "{full}");
    assert!(full.ends_with("1 error in 1 file\n"), "{full}");
    let sarif: Value = serde_json::from_str(&format("sarif")).unwrap();
    let run = &sarif["runs"][0];
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    let location = &run["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(location["artifactLocation"]["uri"], ".github/workflows/a%20b.yml");
    assert_eq!(location["region"]["startLine"], 6);
}

#[test]
fn what_fires_often_is_told_together() {
    let sandbox = Sandbox::new();
    let lines: String = (0..40).map(|i| format!("    key{i}: 1\n")).collect();
    let job = "jobs:\n  a:\n    runs-on: ubuntu-latest\n    steps: [run: make]\n";
    sandbox.write(".github/workflows/a.yml", format!("on: push\npermissions: {{}}\n{job}{lines}"));
    let full = text(&check(sandbox.path(), &[]).stdout);
    assert!(full.contains("40 × unknown-key"), "{full}");
    assert!(full.contains("… and 37 more"), "{full}");
}

#[test]
fn a_file_may_come_through_standard_input() {
    let sandbox = Sandbox::new();
    sandbox.write(".github/workflows/a.yml", GOOD);
    let path = ".github/workflows/a.yml";
    let mut child = command(sandbox.path(), &["--stdin", path, "--format", "concise"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(BAD.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(text(&output.stdout).starts_with(".github/workflows/a.yml:6:5: error"), "{output:?}");
}

const CONDITION: &str = "        if: ${{ github.ref == 'refs/heads/x' }} && success() # why\r\n";

#[test]
fn a_fix_is_shown_first_and_then_made_and_nothing_else_changes() {
    let sandbox = Sandbox::new();
    let path = ".github/workflows/a.yml";
    let text = format!("# é\r\n{GOOD}{CONDITION}");
    sandbox.write(path, &text);
    let diff = text_of(sandbox.path(), &["--diff", "--unsafe-fixes"]);
    assert!(
        diff.contains("-        if: ${{ github.ref == 'refs/heads/x' }} && success() # why\r\n"),
        "{diff}"
    );
    assert!(
        diff.contains("+        if: github.ref == 'refs/heads/x' && success() # why\r\n"),
        "{diff}"
    );
    assert_eq!(sandbox.read(path), text);
    text_of(sandbox.path(), &["--fix"]);
    assert_eq!(sandbox.read(path), text, "it may change more, so it is not made unasked");
    let told = text_of(sandbox.path(), &["--fix", "--unsafe-fixes"]);
    assert_eq!(told, "nothing found in 1 file; mended 1\n");
    let mended = text.replace(
        "${{ github.ref == 'refs/heads/x' }} && success()",
        "github.ref == 'refs/heads/x' && success()",
    );
    assert_eq!(sandbox.read(path), mended);
}

#[test]
fn a_comment_with_a_reason_ignores_a_finding() {
    let sandbox = Sandbox::new();
    let ignored =
        BAD.replace("stesp: []", "stesp: [] # plim: ignore[unknown-key] because it is a test");
    sandbox.write(".github/workflows/a.yml", ignored);
    assert_eq!(text_of(sandbox.path(), &[]), "nothing found in 1 file\n");
}

#[test]
fn the_settings_of_a_repository_choose_too() {
    let sandbox = Sandbox::new();
    sandbox.write(".github/workflows/a.yml", BAD);
    sandbox.write("plimsoll.toml", "[check]\nignore = [\"unknown-key\"]\n");
    assert_eq!(text_of(sandbox.path(), &[]), "nothing found in 1 file\n");
    assert_eq!(found(sandbox.path(), &["--select", "unknown-key"]).len(), 1);
    sandbox.write("plimsoll.toml", "[check]\nignore = [\"unknwon-key\"]\ntier = \"all\"\n");
    let output = check(sandbox.path(), &[]);
    assert_eq!(output.status.code(), Some(2));
    let told = text(&output.stderr);
    assert!(
        told.contains("did you mean `unknown-key`?") && told.contains("`all` is no tier"),
        "{told}"
    );
}

#[test]
fn findings_are_not_wanted_at_some_paths_and_of_some_actions() {
    let sandbox = Sandbox::new();
    let uses = GOOD.replace("run: make", "uses: actions/checkout@v6\n        with: { a: 1 }");
    let code = "unknown-action-input";
    sandbox.write(".github/workflows/a.yml", &uses).write(".github/workflows/b.yml", &uses);
    let codes = |settings: &str| {
        sandbox.write("plimsoll.toml", settings);
        found(sandbox.path(), &["--select", code]).len()
    };
    assert_eq!(codes(""), 2);
    assert_eq!(codes(&format!("[check.paths]\n\"**/a.yml\" = [\"{code}\"]\n")), 1);
    assert_eq!(codes(&format!("[check.actions]\n\"actions/*\" = [\"{code}\"]\n")), 0);
    sandbox.write("plimsoll.toml", "[check.paths]\n\"a[\" = [\"unknown-acton-input\"]\n");
    let output = check(sandbox.path(), &[]);
    assert_eq!(output.status.code(), Some(2));
    let told = text(&output.stderr);
    assert!(
        told.contains("`a[` is no pattern") && told.contains("did you mean `unknown-action-input`"),
        "{told}"
    );
}

#[test]
fn what_is_said_to_other_checkers_counts() {
    let sandbox = Sandbox::new();
    let contains = GOOD
        .replace("run: make", "if: contains('main release', github.ref_name)\n        run: make");
    sandbox.write(".github/workflows/a.yml", contains);
    assert_eq!(codes(&found(sandbox.path(), &[])).len(), 1);
    sandbox.write(".github/zizmor.yml", "rules: { unsound-contains: { ignore: ['a.yml:7'] } }\n");
    assert_eq!(codes(&found(sandbox.path(), &[])), []);
    sandbox.write(".github/zizmor.yml", "rules: { unsound-contains: { ignore: ['a.yml:8'] } }\n");
    assert_eq!(codes(&found(sandbox.path(), &[])).len(), 1);
    sandbox.write(".github/zizmor.yml", "rules: { unsound-contains: { disable: true } }\n");
    assert_eq!(codes(&found(sandbox.path(), &[])), []);
}

#[test]
fn of_a_change_only_what_it_brings_is_told() {
    let repository = Repository::new();
    let old = format!("{BAD}      - run: echo ::set-output name=a::b\n");
    let action = "name: a\ndescription: b\nruns: { using: composite, steps: [] }\n";
    let uses = GOOD.replace("run: make", "uses: ./tools/a");
    repository
        .write(".github/workflows/a.yml", &old)
        .write(".github/workflows/uses.yml", uses)
        .write("tools/a/action.yml", action);
    repository.commit("before");
    let folder = repository.path();
    assert!(!found(folder, &[]).is_empty());
    assert_eq!(found(folder, &["--base", "HEAD"]), [] as [Value; 0]);
    assert!(text_of(folder, &["--base", "HEAD"]).contains("of before the change not shown"));

    let moved = format!("# one\n# two\n{old}      - run: echo ::set-output name=c::d\n");
    repository.write(".github/workflows/a.yml", &moved).remove("tools/a/action.yml");
    let brought = [
        (".github/workflows/a.yml", "deprecated-command"),
        (".github/workflows/uses.yml", "missing-local-action"),
    ];
    assert_eq!(codes(&found(folder, &["--base", "HEAD"])), brought);
    repository.commit("after");
    assert_eq!(codes(&found(folder, &["--base", "HEAD^"])), brought);
    assert_eq!(codes(&found(folder, &["--base", "HEAD"])), []);
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let repository = Repository::new();
    repository.write(".github/workflows/a.yml", GOOD);
    repository.commit("before");
    let refused = |folder: &Path, base: &str, why: &str| {
        let output = check(folder, &[&format!("--base={base}")]);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        assert!(text(&output.stderr).contains(why), "{output:?}");
    };
    refused(repository.path(), "nowhere", "`nowhere` leads to no commit");
    refused(repository.path(), "-x", "`-x` leads to no commit");
    // The commit is there, and what its file held is not.
    let blob = repository.git(&["rev-parse", "HEAD:.github/workflows/a.yml"]);
    let blob = blob.trim();
    repository.remove(format!(".git/objects/{}/{}", &blob[..2], &blob[2..]));
    refused(repository.path(), "HEAD", "cannot read what was there at `HEAD`");
    let sandbox = Sandbox::new();
    sandbox.write(".github/workflows/a.yml", GOOD);
    refused(sandbox.path(), "HEAD", "in no git repository");
}

fn text_of(folder: &Path, arguments: &[&str]) -> String {
    text(&check(folder, arguments).stdout)
}

#[test]
fn a_checker_that_is_asked_for_and_not_there_is_told() {
    let sandbox = Sandbox::new();
    sandbox.write(".github/workflows/good.yml", GOOD).write("bin/shellcheck", "#!/bin/sh\n");
    let mut command = command(sandbox.path(), &["--with", "shellcheck"]);
    // One that lies in the checked folder is not run.
    let output = command.env("PATH", sandbox.at("bin")).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(
        text(&output.stderr).contains("there is no `shellcheck` on this machine"),
        "{output:?}"
    );
}

#[test]
fn what_a_checker_says_is_told_at_its_line() {
    let (sandbox, tools) = (Sandbox::new(), Sandbox::new());
    sandbox.write(
        ".github/workflows/good.yml",
        GOOD.replace("run: make", "run: |\n          make\n          make $x"),
    );
    let answer = r#"{"comments":[{"line":2,"column":6,"level":"info","code":2086,"message":"Quote this."}]}"#;
    tools.write("shellcheck", format!("#!/bin/sh\nread line\necho '{answer}'\n"));
    let program = tools.at("shellcheck");
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&program, executable).unwrap();
    let path = format!("{}:/usr/bin:/bin", tools.path().display());
    let mut command = command(sandbox.path(), &["--with", "shellcheck", "--format", "concise"]);
    let output = command.env("PATH", path).output().unwrap();
    let stdout = text(&output.stdout);
    assert!(stdout.contains("good.yml:9:16: note[shellcheck]: SC2086: Quote this"), "{stdout}");
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

#[test]
fn fixes_are_made_until_none_is_left() {
    let sandbox = Sandbox::new();
    let bad = "on: push\npermissions: {}\njobs:\n  a:\n    runs-on: ubuntu-latest\n    stesp:\n      - run: echo ${{ github.ref_nmae }}\n";
    sandbox.write(".github/workflows/bad.yml", bad);
    let shown = text(&check(sandbox.path(), &["--diff", "--unsafe-fixes"]).stdout);
    assert!(shown.contains("-    stesp:"), "{shown}");
    check(sandbox.path(), &["--fix", "--unsafe-fixes"]);
    // The steps are read only once their key is.
    let mended = std::fs::read_to_string(sandbox.at(".github/workflows/bad.yml")).unwrap();
    assert!(mended.contains("    steps:\n") && mended.contains("github.ref_name"), "{mended}");
}

#[test]
fn settings_are_shared_in_a_file_with_its_digest() {
    let sandbox = Sandbox::new();
    sandbox.write(".github/workflows/a.yml", BAD);
    sandbox.write("shared/check.toml", "[check]\nignore = [\"unknown-key\"]\n");
    let extends = |digest: &str| {
        let table = format!("path = \"shared/check.toml\"\nsha256 = \"{digest}\"\n");
        sandbox.write("plimsoll.toml", format!("[check.extends]\n{table}"));
    };
    extends(&"0".repeat(64));
    let output = check(sandbox.path(), &[]);
    assert_eq!(output.status.code(), Some(2));
    let told = text(&output.stderr);
    let digest = told.split("write `sha256 = \"").nth(1).and_then(|rest| rest.get(..64)).unwrap();
    assert!(told.contains("plimsoll.toml:3:10"), "{told}");
    extends(digest);
    assert_eq!(text_of(sandbox.path(), &[]), "nothing found in 1 file\n");
}

#[test]
fn what_is_told_after_mending_is_what_is_found_then() {
    let sandbox = Sandbox::new();
    let caller = "on: push\npermissions: {}\njobs:\n  a:\n    uses: ./.github/workflows/called.yml\n    with:\n      name: x\n";
    let called =
        format!("on:\n  workflow_call:\n    inptus:\n      name:\n        type: string\n{JOBS}");
    sandbox.write(".github/workflows/a.yml", caller);
    sandbox.write(".github/workflows/called.yml", called);
    // What is wrong with the call depends on the file that is mended after it.
    let mended = text(&check(sandbox.path(), &["--fix", "--unsafe-fixes"]).stdout);
    let again = text(&check(sandbox.path(), &[]).stdout);
    assert_eq!(mended.replace("; mended 1", ""), again);
}

const JOBS: &str =
    "permissions: {}\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: make\n";

#[test]
fn a_script_that_nobody_can_look_at_is_not_called_missing() {
    let workflow = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v5\n      - run: ./gone.sh\n      - run: ./round.sh\n";
    let sandbox = Sandbox::new();
    sandbox
        .write("Cargo.toml", "")
        .write(".github/workflows/ci.yml", workflow)
        .symlink("round.sh", "round.sh");
    let findings = found(sandbox.path(), &["--select", "script-missing"]);
    let messages: Vec<&str> = findings.iter().filter_map(|one| one["message"].as_str()).collect();
    assert!(matches!(messages[..], [one] if one.contains("gone.sh")), "{messages:?}");
}
