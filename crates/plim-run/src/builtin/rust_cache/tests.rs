//! Tests of the Rust cache with a fake compiler and a fake cargo.

use super::*;
use crate::builtin::bench::Bench;

/// A machine with a compiler, whose workspace depends on `serde`.
fn bench() -> Bench {
    let bench = Bench::new();
    tools(&bench);
    bench
}

fn tools(bench: &Bench) {
    bench.says("rustc", "release: 1.90.0\nhost: h\ncommit-hash: c");
    bench.program(
        "cargo",
        "cat <<END\n{\"packages\": [{\"name\": \"serde\", \"manifest_path\": \"/registry/serde/Cargo.toml\", \"targets\": [{\"name\": \"serde\", \"kind\": [\"lib\"]}]}, {\"name\": \"own\", \"manifest_path\": \"$PWD/Cargo.toml\", \"targets\": [{\"name\": \"own\", \"kind\": [\"lib\"]}]}]}\nEND",
    );
    bench.write("Cargo.toml", "[package]\nname = \"own\"\nversion = \"0.1.0\"\n");
    bench.write("Cargo.lock", "version = 4\n[[package]]\nname = \"own\"\nversion = \"0.1.0\"\n[[package]]\nname = \"serde\"\nversion = \"1.0.0\"\nsource = \"r\"\n");
}

fn build(bench: &Bench) {
    for file in [
        "deps/libserde-0123.rlib",
        "deps/libown-0123.rlib",
        ".fingerprint/serde-0123/dep",
        ".fingerprint/own-0123/dep",
        "incremental/own/x",
        "own",
    ] {
        bench.write(&format!("target/debug/{file}"), "built");
    }
    bench.write("target/CACHEDIR.TAG", "tag");
}

fn key(done: &crate::builtin::bench::Done) -> String {
    done.state[KEY].clone()
}

#[test]
fn dependencies_are_kept_and_the_workspace_itself_is_not() {
    let bench = bench();
    let first = bench.call(&ACTION, &[]);
    assert_eq!(first.passed().output("cache-hit"), "false");
    build(&bench);
    bench.post(&ACTION, &[], &first.state).passed();
    assert!(bench.exists("target/debug/deps/libown-0123.rlib"), "nothing is deleted here");

    let later = bench.again();
    tools(&later);
    let second = later.call(&ACTION, &[]);
    assert_eq!(second.passed().output("cache-hit"), "true", "{}", second.log);
    assert!(later.exists("target/debug/deps/libserde-0123.rlib"));
    assert!(later.exists("target/debug/.fingerprint/serde-0123/dep"));
    assert!(later.exists("target/CACHEDIR.TAG"));
    for gone in ["deps/libown-0123.rlib", ".fingerprint/own-0123", "incremental", "own"] {
        assert!(!later.exists(&format!("target/debug/{gone}")), "{gone}");
    }
    let kept = later.post(&ACTION, &[], &second.state);
    assert!(kept.passed().log.contains("Cache up-to-date."));
}

#[test]
fn a_release_of_the_workspace_keeps_the_key_and_a_new_dependency_changes_it() {
    let bench = bench();
    let first = key(&bench.call(&ACTION, &[]));
    bench.write("Cargo.toml", "[package]\nname = \"own\"\nversion = \"0.2.0\"\n");
    assert_eq!(key(&bench.call(&ACTION, &[])), first);
    bench.write(
        "Cargo.toml",
        "[package]\nname = \"own\"\nversion = \"0.2.0\"\n[dependencies]\nx = \"1\"\n",
    );
    let changed = key(&bench.call(&ACTION, &[]));
    assert_ne!(changed, first);
    assert_eq!(changed.rsplit_once('-').unwrap().0, first.rsplit_once('-').unwrap().0);
}

#[test]
fn the_parts_of_the_key_are_those_that_are_asked_for() {
    let mut bench = bench();
    bench.variables.insert("GITHUB_JOB".into(), "test".into());
    let key_of = |inputs: &[(&str, &str)]| key(&bench.call(&ACTION, inputs));
    assert!(key_of(&[]).starts_with("v0-rust-test-Linux-"));
    assert!(key_of(&[("key", "a"), ("prefix-key", "v1")]).starts_with("v1-a-test-Linux-"));
    assert!(key_of(&[("shared-key", "all"), ("key", "a")]).starts_with("v0-rust-all-Linux-"));
    let bare = key_of(&[("add-job-id-key", "false"), ("add-rust-environment-hash-key", "false")]);
    assert_eq!(bare, format!("v0-rust-Linux-{}", crate::toolbox::architecture()));
    let before = key_of(&[("env-vars", "MINE")]);
    bench.variables.insert("MINE_X".into(), "1".into());
    assert_ne!(key(&bench.call(&ACTION, &[("env-vars", "MINE")])), before);
}

#[test]
fn other_folders_are_kept_and_saving_can_be_left_out() {
    let bench = bench();
    let inputs = [("cache-directories", "data"), ("cache-targets", "false")];
    let first = bench.call(&ACTION, &inputs);
    bench.write("data/x", "kept");
    build(&bench);
    bench.post(&ACTION, &[inputs[0], inputs[1], ("save-if", "false")], &first.state).passed();
    let again = bench.again();
    tools(&again);
    assert_eq!(again.call(&ACTION, &inputs).passed().output("cache-hit"), "false");
    bench.post(&ACTION, &inputs, &first.state).passed();
    let later = again.again();
    tools(&later);
    assert_eq!(later.call(&ACTION, &inputs).passed().output("cache-hit"), "true");
    assert!(later.exists("data/x") && !later.exists("target"));
}

#[test]
fn what_a_pull_request_saves_is_not_seen_by_trunk() {
    let pull = bench().on_pull_request();
    let first = pull.call(&ACTION, &[]);
    build(&pull);
    pull.post(&ACTION, &[], &first.state).passed();
    let trunk = pull.again().on_main();
    tools(&trunk);
    assert_eq!(trunk.call(&ACTION, &[]).passed().output("cache-hit"), "false");
    assert!(!trunk.exists("target"));
}

#[test]
fn an_entry_cut_short_is_a_miss() {
    let bench = bench();
    let first = bench.call(&ACTION, &[]);
    build(&bench);
    bench.post(&ACTION, &[], &first.state).passed();
    bench.damage_caches();
    let later = bench.again();
    tools(&later);
    let done = later.call(&ACTION, &[]);
    assert_eq!(done.passed().output("cache-hit"), "false");
    assert!(done.warnings[0].contains("was damaged and has been removed"));
}

#[test]
fn what_the_workspace_still_holds_is_not_overwritten() {
    let bench = bench();
    let first = bench.call(&ACTION, &[]);
    build(&bench);
    bench.post(&ACTION, &[], &first.state).passed();
    bench.write("target/debug/deps/libserde-0123.rlib", "newer");
    let done = bench.call(&ACTION, &[]);
    assert_eq!(done.passed().output("cache-hit"), "true");
    assert_eq!(bench.read("target/debug/deps/libserde-0123.rlib"), "newer");
}

#[test]
fn without_a_compiler_it_fails_as_the_real_one_does() {
    let bench = Bench::new();
    bench.program("rustc", "exit 3");
    assert!(bench.call(&ACTION, &[]).failure().contains("`rustc -vV` ended with exit code 3"));
}
