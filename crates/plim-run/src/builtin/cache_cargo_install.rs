//! `taiki-e/cache-cargo-install-action`: one program of crates.io.

use super::{Asked, Builtin, Failure, Input, Invocation, provide, rustup};
use crate::want::Want;

pub(super) const ACTION: Builtin = Builtin {
    name: "taiki-e/cache-cargo-install-action",
    inputs: &[
        Input::implemented("tool", ""),
        Input::no_effect("locked", "true", provide::NO_DOWNLOAD),
        Input::refused("git", "", "nothing is fetched and built here"),
        Input::refused("tag", "", "nothing is fetched and built here"),
        Input::refused("rev", "", "nothing is fetched and built here"),
        Input::refused("features", "", "which features an installed program has cannot be told"),
        Input::refused(
            "no-default-features",
            "false",
            "which features an installed program has cannot be told",
        ),
        Input::refused(
            "all-features",
            "false",
            "which features an installed program has cannot be told",
        ),
    ],
    outputs: &[],
    main,
    wants: Some(wants),
    ..Builtin::PLAIN
};

/// A crate and its version: `cargo-hack@0.6`.
fn tools(list: &str) -> Vec<(String, String)> {
    let split = |word: &String| match word.split_once('@') {
        Some((name, version)) => (name.to_owned(), version.to_owned()),
        None => (word.clone(), String::new()),
    };
    rustup::words(list).iter().map(split).collect()
}

fn wants(asked: &Asked<'_>) -> Vec<Want> {
    let tools = tools(asked.input("tool").unwrap_or_default());
    tools.iter().map(|(name, version)| provide::want(name, version)).collect()
}

fn main(cx: &mut Invocation<'_>) -> Result<(), Failure> {
    ACTION.begin(cx)?;
    for (name, version) in tools(cx.required("tool")?) {
        provide::tool(cx, &name, &version)?;
    }
    Ok(())
}
