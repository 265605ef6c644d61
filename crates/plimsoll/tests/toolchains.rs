//! Jobs that ask for tools: what is here is used, what is not blocks the job before anything runs.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test fails by a panic, and starts the program as a user would"
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
    let output = harbour.command(&["run", "-n", "-v"]).output().unwrap();
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
    let output = harbour.command(&["run", "-n"]).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("left out here: codecov/codecov-action (coverage"), "{text}");
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

#[test]
fn a_version_of_node_from_the_tool_cache_comes_before_that_of_the_user() {
    let harbour = Harbour::with_steps(
        "- uses: actions/setup-node@v4\n  id: node\n  with: {node-version-file: .nvmrc}\n- run: echo \"${{ steps.node.outputs.node-version }}\"; node --version\n",
    );
    harbour.file(".nvmrc", "v96\n");
    cached(&harbour, "node", "96.1.0", "node", "v96.1.0");
    let steps = "- uses: actions/checkout@v4\n- uses: actions/setup-node@v4\n  with: {node-version-file: .nvmrc}\n- run: node --version\n";
    let with_checkout = Harbour::with_steps(steps);
    with_checkout.file(".nvmrc", "v96\n").commit();
    cached(&with_checkout, "node", "96.1.0", "node", "v96.1.0");
    with_checkout.run().passed().prints("v96.1.0");
    // Without a checkout the file is not there, and the step says so.
    let ran = harbour.run().failed();
    assert!(
        ran.annotations("error")[0].contains("does not exist"),
        "{:?}",
        ran.annotations("error")
    );
}

#[test]
fn what_a_job_builds_of_dependencies_is_cached() {
    let harbour = Harbour::with_steps(
        "- uses: Swatinem/rust-cache@v2\n  with: {shared-key: s, cache-directories: made}\n- run: ls made || mkdir made; echo built > made/file\n",
    );
    let bin = harbour.home().join("bin");
    says(&bin.join("rustc"), "release: 1.90.0\nhost: h\ncommit-hash: c");
    says(&bin.join("cargo"), "{\"packages\": []}");
    let path = format!("{}:/usr/bin:/bin", bin.display());
    let harbour = harbour.variable("PATH", &path);
    harbour.run().passed().never_prints("file");
    harbour.run().passed().prints("file");
}

/// Puts a toolchain of Rust into the folder of `plim setup`, and a rustup of the user that knows another one.
fn with_own_toolchain(harbour: Harbour, name: &str, release: &str) -> Harbour {
    let host = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let home = harbour.home();
    let verbose = |release: &str| format!("rustc {release} (x)\nhost: {host}\nrelease: {release}");
    let own = home.join(".cache/plimsoll/tools/rustup/toolchains").join(format!("{name}-{host}"));
    says(&own.join("bin/rustc"), &verbose(release));
    says(&own.join("bin/cargo"), "cargo of setup");
    let users = home.join(".rustup/toolchains").join(format!("stable-{host}"));
    says(&users.join("bin/rustc"), &verbose("1.70.0"));
    // As rustup's proxy does: by the name in `+NAME`, else by the file of the repository.
    let proxy = "case \"$1\" in +*) t=${1#+} ;; *) t=$(sed -n 's/^channel = \"\\(.*\\)\"/\\1/p' rust-toolchain.toml) ;; esac\n\
                 exec \"$RUSTUP_HOME\"/toolchains/$t-*/bin/cargo";
    script(&home.join(".cargo/bin/cargo"), proxy);
    script(&home.join(".cargo/bin/rustup"), "exit 0");
    let path = format!("{}:{}", home.join(".cargo/bin").display(), std::env::var("PATH").unwrap());
    harbour.variable("PATH", &path)
}

#[test]
fn what_setup_got_is_found_by_the_users_own_rustup() {
    let harbour = Harbour::with_steps(
        "- uses: actions/checkout@v4\n- run: cargo +1.80.0 build\n- run: cargo build\n",
    );
    let harbour = with_own_toolchain(harbour, "1.80.0", "1.80.0");
    harbour.file("rust-toolchain.toml", "[toolchain]\nchannel = \"1.80.0\"\n").commit();
    let ran = harbour.run().passed();
    assert_eq!(ran.printed().iter().filter(|line| **line == "cargo of setup").count(), 2);
    let users = harbour.home().join(".rustup/toolchains");
    assert_eq!(fs::read_dir(users).unwrap().count(), 1, "the user's own is as it was");
}

#[test]
fn a_pinned_toolchain_that_is_not_here_blocks_the_job_and_is_wanted_with_what_is_used_of_it() {
    let steps =
        "- run: |\n    rustup component add rustfmt\n    cargo fmt --check\n- run: cargo clippy\n";
    let harbour = with_own_toolchain(Harbour::with_steps(steps), "1.80.0", "1.80.0");
    harbour.file("rust-toolchain.toml", "[toolchain]\nchannel = \"1.98.0\"\n").commit();
    let plan = plan(&harbour);
    let leg = &plan["workflows"][0]["jobs"][0]["legs"][0];
    assert_eq!(leg["blocked"]["cause"], "missing", "{leg}");
    let want = serde_json::json!([{
        "want": "toolchain", "channel": "1.98.0", "components": ["clippy", "rustfmt"], "targets": [], "profile": null
    }]);
    assert_eq!(leg["wants"], want);
}

/// A machine on which dpkg knows that `zsh` is installed and nothing else.
fn with_zsh(harbour: Harbour) -> Harbour {
    let bin = harbour.home().join("bin");
    script(&bin.join("apt-get"), "echo the real one; exit 1");
    script(&bin.join("dpkg-query"), "echo 'install ok installed'");
    let status = "Package: zsh\nStatus: install ok installed\nArchitecture: amd64\n";
    fs::write(bin.join("status"), status).unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    harbour.variable("PATH", &path).variable("DPKG_ADMINDIR", &bin.display().to_string())
}

#[test]
fn a_job_that_installs_what_is_installed_runs_and_changes_nothing() {
    let steps = "- run: sudo apt-get update && sudo apt-get install -y zsh && echo went on\n";
    let ran = with_zsh(Harbour::with_steps(steps)).run().passed();
    ran.prints("plim: nothing to do, because all of it is installed: zsh").prints("went on");
    ran.never_prints("the real one");
}

#[test]
fn packages_that_are_missing_are_named_in_the_plan() {
    let harbour = with_zsh(Harbour::with_steps("- run: sudo apt-get install zsh mold lld\n"));
    let output = harbour.command(&["run", "-n"]).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let wanted = "packages are missing: `sudo apt-get install lld mold`";
    assert!(text.contains(wanted), "{text}");
    let leg = &plan(&harbour)["workflows"][0]["jobs"][0]["legs"][0];
    assert_eq!(leg["blocked"]["packages"], serde_json::json!(["mold", "lld"]));
}
