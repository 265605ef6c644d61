//! Jobs that ask for tools: what is here is used, what is not blocks the job before anything runs.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails by a panic"
)]

mod support;

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use serde_json::Value;
use support::Harbour;

/// A program that says `text`.
fn says(path: &Path, text: &str) {
    script(path, &format!("echo '{text}'"));
}

fn script(path: &Path, body: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, format!("#!/bin/sh\n{body}\n")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// The word of the tool cache for this machine.
fn architecture() -> &'static str {
    if cfg!(target_arch = "aarch64") { "arm64" } else { "x64" }
}

/// Puts a program into the tool cache of the user.
fn cached(harbour: &Harbour, tool: &str, version: &str, program: &str, text: &str) {
    let place = harbour.home().join(".cache/plimsoll/tools").join(tool).join(version);
    let place = place.join(architecture());
    says(&place.join("bin").join(program), text);
    fs::write(place.with_extension("complete"), "").unwrap();
}

/// The plan as JSON.
fn plan(harbour: &Harbour) -> Value {
    let output = harbour.command(&["run", "-n", "--format", "json"]).output().unwrap();
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&output.stderr)))
}

#[test]
fn a_tool_of_the_tool_cache_is_found_by_the_steps_after_it() {
    let harbour = Harbour::with_steps(
        "- uses: taiki-e/install-action@v2\n  with: {tool: 'frob@1.2,other-tool'}\n- run: frob; other-tool\n",
    );
    cached(&harbour, "frob", "1.2.3", "frob", "frob 1.2.3");
    cached(&harbour, "other-tool", "0.1.0", "other-tool", "other 0.1.0");
    let ran = harbour.run().passed();
    ran.prints("frob 1.2.3").prints("other 0.1.0");
}

#[test]
fn a_version_that_is_not_here_blocks_the_job_and_is_wanted() {
    let harbour =
        Harbour::with_steps("- uses: extractions/setup-just@v2\n  with: {just-version: '^99.1'}\n");
    cached(&harbour, "just", "1.36.0", "just", "just 1.36.0");
    let plan = plan(&harbour);
    let leg = &plan["workflows"][0]["jobs"][0]["legs"][0];
    assert_eq!(leg["blocked"]["cause"], "missing", "{leg}");
    let want = serde_json::json!([{ "want": "tool", "name": "just", "version": "^99.1" }]);
    assert_eq!(leg["wants"], want);
    assert_eq!(plan["wants"], want);
    assert_eq!(harbour.run().job("job"), "blocked");
}

#[test]
fn a_program_that_is_not_what_its_folder_says_is_not_used() {
    let harbour = Harbour::with_steps(
        "- uses: extractions/setup-just@v2\n  with: {just-version: '99.1.0'}\n",
    );
    cached(&harbour, "just", "99.1.0", "just", "just 1.0.0");
    let output = harbour.command(&["run", "-n"]).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("which should be 99.1.0"), "{text}");
}

#[test]
fn what_is_left_out_says_so_and_passes() {
    let harbour = Harbour::with_steps(
        "- uses: codecov/codecov-action@v5\n  with: {files: x}\n- run: echo on\n",
    );
    let ran = harbour.run().passed();
    ran.prints("on");
    assert_eq!(
        ran.annotations("notice"),
        ["left out here: coverage is not uploaded from this machine"]
    );
}

#[test]
fn a_toolchain_becomes_the_default_of_its_job_alone() {
    let harbour = Harbour::with_steps(
        "- uses: dtolnay/rust-toolchain@stable\n  id: rust\n- run: |\n    echo \"${{ steps.rust.outputs.name }} $CARGO_INCREMENTAL\"\n    cat $RUSTUP_HOME/settings.toml\n",
    );
    let host = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let rustup = harbour.home().join(".rustup");
    let verbose = format!("rustc 1.90.0 (abc 2026-04-14)\nhost: {host}");
    says(&rustup.join(format!("toolchains/stable-{host}/bin/rustc")), &verbose);
    fs::write(rustup.join("settings.toml"), "user\n").unwrap();
    says(&harbour.home().join("bin/rustup"), "rustup 1.29.0");
    let path = format!("{}:/usr/bin:/bin", harbour.home().join("bin").display());
    let harbour = harbour.variable("PATH", &path);
    let ran = harbour.run().passed();
    ran.prints("stable 0").prints(&format!("default_toolchain = \"stable-{host}\""));
    assert_eq!(fs::read_to_string(rustup.join("settings.toml")).unwrap(), "user\n");
}
