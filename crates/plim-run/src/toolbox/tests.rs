//! Tests of the toolbox with fake tools in a sandbox.

use super::*;
use plim_test::sandbox::Sandbox;

/// A machine whose `PATH` is `bin` and whose home is `home`.
fn toolbox(sandbox: &Sandbox) -> Toolbox {
    let text = |path: &str| sandbox.at(path).to_string_lossy().into_owned();
    let path = format!("{}:/usr/bin:/bin", text("bin"));
    let environment = [("PATH", path), ("HOME", text("home"))];
    Toolbox::of(&environment.into_iter().collect())
}

fn says(sandbox: &Sandbox, path: &str, text: &str) {
    sandbox.executable(path, format!("#!/bin/sh\necho '{text}'\n"));
}

/// A version in the tool cache whose program says `says_version`.
fn cached(sandbox: &Sandbox, tool: &str, version: &str, program: &str, said: &str) {
    let place = format!("home/.cache/plimsoll/tools/{tool}/{version}/{}", architecture());
    says(sandbox, &format!("{place}/bin/{program}"), said);
    sandbox.write(format!("{place}.complete"), "");
}

fn version(found: Found<Installed>) -> String {
    match found {
        Found::Here(tool) => tool.version_text(),
        Found::Other(what) => format!("other: {what}"),
        Found::Nothing => "nothing".to_owned(),
    }
}

#[test]
fn the_tool_on_path_is_used_where_it_will_do() {
    let sandbox = Sandbox::new();
    says(&sandbox, "bin/node", "v20.9.0");
    cached(&sandbox, "node", "20.18.0", "node", "v20.18.0");
    cached(&sandbox, "node", "22.1.0", "node", "v22.1.0");
    cached(&sandbox, "node", "22.3.0", "node", "v22.3.0");
    let toolbox = toolbox(&sandbox);
    assert_eq!(version(toolbox.tool("node", Some("20"))), "20.9.0");
    assert_eq!(version(toolbox.tool("node", Some("22"))), "22.3.0");
    assert_eq!(version(toolbox.tool("node", Some("22.1"))), "22.1.0");
    let wanted = "other: 20.9.0, 20.18.0, 22.1.0, 22.3.0";
    assert_eq!(version(toolbox.tool("node", Some("18"))), wanted);
    assert!(toolbox.tool("node", Some("20")).here().unwrap().on_path);
}

#[test]
fn a_version_that_is_not_complete_does_not_count() {
    let sandbox = Sandbox::new();
    cached(&sandbox, "deno", "2.0.0", "deno", "deno 2.0.0");
    let toolbox = toolbox(&sandbox);
    assert_eq!(version(toolbox.tool("deno", Some("2"))), "2.0.0");
    sandbox.remove(format!("home/.cache/plimsoll/tools/deno/2.0.0/{}.complete", architecture()));
    assert_eq!(version(toolbox.tool("deno", Some("2"))), "nothing");
}

#[test]
fn a_program_that_is_not_what_its_folder_says_is_not_used() {
    let sandbox = Sandbox::new();
    cached(&sandbox, "deno", "22.1.0", "deno", "v18.0.0");
    let found = version(toolbox(&sandbox).tool("deno", Some("22")));
    assert!(found.starts_with("other: 18.0.0 in `"), "{found}");
    assert!(found.ends_with("which should be 22.1.0"), "{found}");
}

#[test]
fn version_managers_and_series_are_looked_at() {
    let sandbox = Sandbox::new();
    says(&sandbox, "home/.nvm/versions/node/v21.7.0/bin/node", "v21.7.0");
    says(&sandbox, "bin/python3", "Python 3.19.2");
    says(&sandbox, "bin/python3.18", "Python 3.18.7");
    let toolbox = toolbox(&sandbox);
    assert_eq!(version(toolbox.tool("node", Some("^21.1"))), "21.7.0");
    assert_eq!(version(toolbox.tool("python", Some("3.19"))), "3.19.2");
    let series = toolbox.tool("python", Some("3.18")).here().unwrap();
    assert_eq!(series.program, sandbox.at("bin/python3.18"));
    assert!(!series.on_path);
}

#[test]
fn a_cargo_command_is_asked_as_cargo_calls_it() {
    let sandbox = Sandbox::new();
    sandbox.executable(
        "bin/cargo-nextest",
        "#!/bin/sh\n[ \"$1\" = nextest ] && echo cargo-nextest 0.9.85\n",
    );
    assert_eq!(version(toolbox(&sandbox).tool("cargo-nextest", Some("0.9"))), "0.9.85");
}

#[test]
fn a_tool_that_does_not_say_its_version_does_for_any() {
    let sandbox = Sandbox::new();
    sandbox.executable("bin/odd", "#!/bin/sh\nexit 3\n");
    assert_eq!(version(toolbox(&sandbox).tool("odd", None)), "");
    assert_eq!(version(toolbox(&sandbox).tool("odd", Some("1"))), "nothing");
}

#[test]
fn what_setup_put_away_is_found_and_is_on_the_path() {
    let sandbox = Sandbox::new();
    let toolbox = toolbox(&sandbox);
    let place = toolbox.place("just", &Version::of([1, 36, 0])).unwrap();
    let inside = place.strip_prefix(sandbox.path()).unwrap().to_string_lossy().into_owned();
    says(&sandbox, &format!("{inside}/just"), "just 1.36.0");
    assert!(!toolbox.has_program("just"));
    sandbox.write(format!("{inside}.complete"), "");
    assert!(toolbox.has_program("just"));
    let want = Want::Tool { name: "just".into(), version: Some("^1.30".into()) };
    assert_eq!(toolbox.has(&want), Found::Here(()));
}

/// A toolchain of the user's rustup.
fn toolchain(sandbox: &Sandbox, name: &str, release: &str, components: &str) {
    let at = format!("home/.rustup/toolchains/{name}");
    let host = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let verbose = format!(
        "rustc {release} (abc 2026-04-14)\ncommit-hash: 59807616e1fa\ncommit-date: 2026-04-14\nhost: {host}\nrelease: {release}"
    );
    says(sandbox, &format!("{at}/bin/rustc"), &verbose);
    sandbox.write(format!("{at}/lib/rustlib/components"), components.replace("HOST", &host));
}

fn release(found: Found<Toolchain>) -> String {
    match found {
        Found::Here(toolchain) => toolchain.release.to_string(),
        Found::Other(what) => format!("other: {what}"),
        Found::Nothing => "nothing".to_owned(),
    }
}

#[test]
fn toolchains_are_found_by_name_channel_and_version() {
    let sandbox = Sandbox::new();
    let host = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    toolchain(&sandbox, &format!("stable-{host}"), "1.90.0", "rustc-HOST\n");
    toolchain(&sandbox, &format!("1.80.1-{host}"), "1.80.1", "rustc-HOST\n");
    toolchain(&sandbox, &format!("nightly-2026-01-02-{host}"), "1.94.0-nightly", "rustc-HOST\n");
    let toolbox = toolbox(&sandbox);
    let find = |channel: &str| release(toolbox.toolchain(channel, &[], &[]));
    assert_eq!(find("stable"), "1.90.0");
    assert_eq!(find(&format!("stable-{host}")), "1.90.0");
    assert_eq!(find("1.90"), "1.90.0");
    assert_eq!(find("1.80"), "1.80.1");
    assert_eq!(find("1.80.0"), "other: Rust 1.80.1, Rust nightly-2026-01-02, Rust stable");
    assert_eq!(find("nightly"), "1.94.0-nightly");
    assert_eq!(find("nightly-2026-01-02"), "1.94.0-nightly");
    assert!(find("nightly-2026-01-03").starts_with("other: "));
    assert_eq!(toolbox.toolchain("stable", &[], &[]).here().unwrap().cache_key(), "202604145980");
}

#[test]
fn a_toolchain_without_a_part_is_not_enough() {
    let sandbox = Sandbox::new();
    let host = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let components = "rustc-HOST\nclippy-preview-HOST\nrust-src\n";
    toolchain(&sandbox, &format!("stable-{host}"), "1.90.0", components);
    sandbox.folder(format!(
        "home/.rustup/toolchains/stable-{host}/lib/rustlib/wasm32-unknown-unknown/lib"
    ));
    let toolbox = toolbox(&sandbox);
    let find = |components: &[&str], targets: &[&str]| {
        let owned =
            |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        release(toolbox.toolchain("stable", &owned(components), &owned(targets)))
    };
    assert_eq!(find(&["clippy", "rust-src"], &["wasm32-unknown-unknown"]), "1.90.0");
    assert_eq!(find(&["clippy-preview"], &[]), "1.90.0");
    assert_eq!(find(&["clippy", "miri"], &["x"]), "other: Rust 1.90.0 without miri, x");
}

#[test]
fn a_compiler_of_the_system_is_a_stable_toolchain() {
    let sandbox = Sandbox::new();
    says(&sandbox, "bin/rustc", "rustc 1.85.0 (4d91de4e4 2025-02-17)\nhost: h");
    says(&sandbox, "bin/cargo-clippy", "");
    let find = |channel: &str, component: &str| {
        release(toolbox(&sandbox).toolchain(channel, &[component.to_owned()], &[]))
    };
    assert_eq!(find("stable", "clippy"), "1.85.0");
    assert_eq!(find("1.85", "rustc"), "1.85.0");
    assert_eq!(find("stable", "rustfmt"), "other: Rust 1.85.0 without rustfmt");
    assert!(find("nightly", "rustc").starts_with("other: "));
    // rustup standing in for a compiler is none.
    says(&sandbox, "bin/rustup", "rustup 1.29.0");
    assert_eq!(find("stable", "clippy"), "nothing");
}

#[test]
fn toolchain_files_of_both_kinds_are_read() {
    let sandbox = Sandbox::new();
    assert_eq!(toolchain_file(sandbox.path()), Ok(None));
    sandbox.write(
        "rust-toolchain.toml",
        "[toolchain]\nchannel = \"1.80\"\ncomponents = [\"clippy\"]\nprofile = \"minimal\"\n",
    );
    let file = toolchain_file(sandbox.path()).unwrap().unwrap();
    assert_eq!((file.channel.as_deref(), file.components.len()), (Some("1.80"), 1));
    sandbox.write("rust-toolchain", "nightly-2026-01-01\n");
    let older = toolchain_file(sandbox.path()).unwrap().unwrap();
    assert_eq!(older.channel.as_deref(), Some("nightly-2026-01-01"));
    sandbox.write("rust-toolchain", "[toolchain]\nchannel = 3\n");
    let error = toolchain_file(sandbox.path()).unwrap_err();
    assert!(error.starts_with("`rust-toolchain` cannot be read: "), "{error}");
}
