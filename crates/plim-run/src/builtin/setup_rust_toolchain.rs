//! `actions-rust-lang/setup-rust-toolchain`: toolchains, flags, problem matchers, and a cache.

use std::path::PathBuf;

use super::{
    Asked, Builtin, Failure, Input, Invocation, matchers, provide, rust_cache, rust_toolchain_file,
    rustup,
};
use crate::{bounds::resolve, want::Want};

pub(super) const ACTION: Builtin = Builtin {
    name: "actions-rust-lang/setup-rust-toolchain",
    inputs: &[
        Input::implemented("toolchain", ""),
        Input::implemented("target", ""),
        Input::implemented("components", ""),
        Input::implemented("cache", "true"),
        Input::implemented("cache-workspaces", ""),
        Input::implemented("cache-directories", ""),
        Input::implemented("cache-on-failure", "true"),
        Input::implemented("cache-key", ""),
        Input::implemented("cache-shared-key", ""),
        Input::implemented("cache-bin", "true"),
        Input::no_effect("cache-provider", "github", "caches are kept on this machine"),
        Input::no_effect("cache-all-crates", "false", rust_cache::REGISTRY_IS_WHOLE),
        Input::implemented("cache-workspace-crates", "false"),
        Input::implemented("cache-save-if", "true"),
        Input::implemented("cache-targets", "true"),
        Input::implemented("matcher", "true"),
        Input::implemented("rustflags", "-D warnings"),
        Input::implemented("override", "true"),
        Input::implemented("rust-src-dir", ""),
    ],
    outputs: &["rustc-version", "cargo-version", "rustup-version", "cachekey"],
    main,
    post: Some(post),
    post_condition: "success() || env.CACHE_ON_FAILURE == 'true'",
    wants: Some(wants),
    ..Builtin::PLAIN
};

/// Several may be named; the last is the default.
fn of_list(channels: &str, components: &str, targets: &str) -> Vec<rustup::Wanted> {
    let channels = rustup::words(channels);
    channels.iter().map(|one| rustup::Wanted::new(one, components, targets)).collect()
}

fn wants(asked: &Asked<'_>) -> Vec<Want> {
    let read = |name: &str| asked.input(name);
    let (Some(channels), Some(components), Some(targets), Some(folder)) =
        (read("toolchain"), read("components"), read("target"), read("rust-src-dir"))
    else {
        return Vec::new();
    };
    if !channels.is_empty() {
        return of_list(channels, components, targets).iter().map(rustup::Wanted::want).collect();
    }
    let file = rust_toolchain_file::wanted(&asked.root.join(folder)).ok().flatten();
    let wanted = file.unwrap_or_else(|| rustup::Wanted::new("stable", "", ""));
    vec![with(wanted, components, targets).want()]
}

/// A toolchain with more components and targets.
fn with(mut wanted: rustup::Wanted, components: &str, targets: &str) -> rustup::Wanted {
    wanted.components.extend(rustup::words(components));
    wanted.targets.extend(rustup::words(targets));
    wanted
}

fn main(cx: &mut Invocation<'_>) -> Result<(), Failure> {
    ACTION.begin(cx)?;
    let folder = source(cx)?;
    set_variables(cx);
    if cx.is_true("matcher") {
        matchers::add(cx, matchers::RUST)?;
    }
    let toolchain = toolchain(cx, folder)?;
    let first = toolchain.verbose.lines().next().unwrap_or_default().to_owned();
    cx.log.line(toolchain.verbose.trim_end());
    cx.set_output("rustc-version", first);
    cx.set_output("cachekey", toolchain.cache_key());
    let cargo = toolchain.folder.join("bin/cargo").to_string_lossy().into_owned();
    for (output, program) in [("cargo-version", cargo), ("rustup-version", "rustup".to_owned())] {
        let said = provide::ask(cx, &program, &["--version"]).unwrap_or_default();
        cx.set_output(output, said.lines().next().unwrap_or_default());
    }
    if cx.is_true("cache") {
        let settings = cache(cx);
        rust_cache::restore(cx, &settings)?;
        // Its own output is not one of this action.
        cx.outputs.retain(|(name, _)| name != "cache-hit");
    }
    Ok(())
}

fn post(cx: &mut Invocation<'_>) -> Result<(), Failure> {
    if !cx.is_true("cache") {
        return Ok(());
    }
    let settings = cache(cx);
    rust_cache::save(cx, &settings)
}

fn source(cx: &Invocation<'_>) -> Result<PathBuf, Failure> {
    let given = cx.input("rust-src-dir");
    let folder = resolve(cx.workspace, given);
    if folder.is_dir() {
        return Ok(folder);
    }
    let text = format!("'rust-src-dir' does not point to an existing directory: {given}");
    Err(Failure::new(text).advise("check out the repository before this step"))
}

/// Variables are set unless they are set already.
fn set_variables(cx: &mut Invocation<'_>) {
    for (name, value) in [
        ("CARGO_INCREMENTAL", "0"),
        ("CARGO_PROFILE_DEV_DEBUG", "0"),
        ("CARGO_TERM_COLOR", "always"),
        ("RUST_BACKTRACE", "short"),
        ("CARGO_UNSTABLE_SPARSE_REGISTRY", "true"),
        ("CARGO_REGISTRIES_CRATES_IO_PROTOCOL", "sparse"),
    ] {
        provide::set_unless_set(cx, name, value);
    }
    // An input that is given and empty leaves them to the settings of cargo.
    let flags = cx.inputs.get("rustflags").map_or("", String::as_str);
    if !flags.is_empty() {
        provide::set_unless_set(cx, "RUSTFLAGS", flags);
    }
}

fn toolchain(
    cx: &mut Invocation<'_>,
    folder: PathBuf,
) -> Result<crate::toolbox::Toolchain, Failure> {
    let (components, targets) = (cx.input("components"), cx.input("target"));
    let listed = of_list(cx.input("toolchain"), components, targets);
    if let Some((last, others)) = listed.split_last() {
        for other in others {
            rustup::provide(cx, other, false)?;
        }
        let default = cx.is_true("override");
        return rustup::provide(cx, last, default);
    }
    match rust_toolchain_file::wanted(&folder)? {
        Some(wanted) => rustup::provide(cx, &with(wanted, components, targets), false),
        None => {
            let default = cx.is_true("override");
            rustup::provide(cx, &rustup::Wanted::new("stable", components, targets), default)
        }
    }
}

/// The settings of the cache under the names that they have here.
fn cache(cx: &Invocation<'_>) -> rust_cache::Settings {
    let workspaces = match cx.input("cache-workspaces") {
        "" => cx.input("rust-src-dir"),
        given => given,
    };
    rust_cache::Settings {
        prefix: "v0-rust".to_owned(),
        shared: cx.input("cache-shared-key").to_owned(),
        key: cx.input("cache-key").to_owned(),
        has_job: true,
        has_hash: true,
        variables: String::new(),
        workspaces: workspaces.to_owned(),
        directories: cx.input("cache-directories").to_owned(),
        targets: cx.is_true("cache-targets"),
        on_failure: cx.is_true("cache-on-failure"),
        workspace_crates: cx.is_true("cache-workspace-crates"),
        save: cx.is_true("cache-save-if"),
        bin: cx.is_true("cache-bin"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builtin::bench::Bench;

    #[test]
    fn a_compiler_of_the_system_gets_flags_matchers_and_a_cache() {
        let bench = Bench::new();
        bench.says("rustc", "rustc 1.90.0 (abc 2026-04-14)\nhost: h\nrelease: 1.90.0");
        bench.says("cargo", "cargo 1.90.0");
        let done = bench.call(&ACTION, &[]);
        let set = |name: &str| {
            done.changes.environment.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
        };
        assert_eq!(done.passed().output("rustc-version"), "rustc 1.90.0 (abc 2026-04-14)");
        assert_eq!(set("RUSTFLAGS"), Some("-D warnings"));
        assert_eq!(set("CACHE_ON_FAILURE"), Some("true"));
        assert!(bench.matchers.owners().contains(&"cargo-common".to_owned()));
        let plain = bench.call(&ACTION, &[("rustflags", ""), ("cache", "false")]);
        assert!(plain.passed().changes.environment.iter().all(|(name, _)| name != "RUSTFLAGS"));
        let lost = bench.call(&ACTION, &[("rust-src-dir", "none")]);
        assert!(lost.failure().contains("does not point to an existing directory"));
        let many = bench.call(&ACTION, &[("toolchain", "stable, nightly")]);
        assert!(many.failure().starts_with("needs Rust nightly"));
    }
}
