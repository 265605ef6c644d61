//! `moonrepo/setup-rust`: a toolchain, programs, and a cache of one profile.

use super::{
    Asked, Builtin, Failure, Input, Invocation, provide, rust_cache, rust_toolchain_file, rustup,
};
use crate::want::Want;

pub(super) const ACTION: Builtin = Builtin {
    name: "moonrepo/setup-rust",
    inputs: &[
        Input::implemented("bins", ""),
        Input::implemented("cache", "true"),
        Input::refused("cache-base", "", "a cache is saved for the ref of its own job here"),
        Input::no_effect(
            "cache-target",
            "debug",
            "all profiles of a target folder are cached here",
        ),
        Input::implemented("cache-extra-identifier", ""),
        Input::implemented("channel", ""),
        Input::implemented("components", ""),
        Input::no_effect("inherit-toolchain", "false", "the toolchain file is heeded in any case"),
        Input::implemented("targets", ""),
        Input::implemented("target-dirs", "target"),
        Input::implemented("profile", ""),
    ],
    outputs: &["cache-key", "cache-hit", "rust-version", "rust-hash"],
    main,
    post: Some(post),
    post_condition: "success()",
    wants: Some(wants),
    ..Builtin::PLAIN
};

/// The toolchain: that of the input, else of the toolchain file, else stable.
fn wanted(
    input: &dyn Fn(&str) -> Option<String>,
    file: Option<rustup::Wanted>,
) -> Option<rustup::Wanted> {
    let (channel, components) = (input("channel")?, input("components")?);
    let (targets, profile) = (input("targets")?, input("profile")?);
    let mut wanted = match (channel.as_str(), file) {
        ("", Some(file)) => file,
        ("", None) => rustup::Wanted::new("stable", "", ""),
        (channel, _) => rustup::Wanted::new(channel, "", ""),
    };
    wanted.components.extend(rustup::words(&components));
    wanted.targets.extend(rustup::words(&targets));
    if !profile.is_empty() {
        wanted.profile = Some(profile);
    }
    Some(wanted)
}

/// `cargo-nextest@0.9`, or `nextest` for what cargo calls so.
fn bins(list: &str) -> Vec<(String, String)> {
    let split = |word: &String| {
        let (name, version) = word.split_once('@').unwrap_or((word, ""));
        (name.to_owned(), version.to_owned())
    };
    rustup::words(list).iter().map(split).collect()
}

fn wants(asked: &Asked<'_>) -> Vec<Want> {
    let input = |name: &str| asked.input(name).map(str::to_owned);
    let file = rust_toolchain_file::wanted(asked.root).ok().flatten();
    let toolchain = wanted(&input, file).map(|wanted| wanted.want());
    let bins = bins(asked.input("bins").unwrap_or_default());
    let bins = bins.iter().map(|(name, version)| provide::want(name, version));
    toolchain.into_iter().chain(bins).collect()
}

fn main(cx: &mut Invocation<'_>) -> Result<(), Failure> {
    ACTION.begin(cx)?;
    let file = rust_toolchain_file::wanted(cx.workspace)?;
    let default = file.is_none() || !cx.input("channel").is_empty();
    let wanted = wanted(&|name| Some(cx.input(name).to_owned()), file).unwrap_or_default();
    let toolchain = rustup::provide(cx, &wanted, default)?;
    cx.set_output("rust-version", toolchain.release.to_string());
    cx.set_output("rust-hash", toolchain.said("commit-hash"));
    provide::set_unless_set(cx, "CARGO_INCREMENTAL", "0");
    provide::set_unless_set(cx, "CARGO_TERM_COLOR", "always");
    for (name, version) in bins(cx.input("bins")) {
        provide::tool(cx, &name, &version)?;
    }
    if cx.is_true("cache") {
        let settings = cache(cx);
        rust_cache::restore(cx, &settings)?;
        let key = rust_cache::key_of(cx);
        cx.set_output("cache-key", key);
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

fn cache(cx: &Invocation<'_>) -> rust_cache::Settings {
    let targets = rustup::words(cx.input("target-dirs"));
    let lines: Vec<String> = targets.iter().map(|target| format!(". -> {target}")).collect();
    rust_cache::Settings {
        prefix: "setup-rustcargo".to_owned(),
        key: cx.input("cache-extra-identifier").to_owned(),
        has_job: true,
        has_hash: true,
        workspaces: lines.join("\n"),
        targets: true,
        save: true,
        bin: true,
        ..rust_cache::Settings::default()
    }
}
