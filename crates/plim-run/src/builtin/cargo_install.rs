//! `baptiste0928/cargo-install`: one program of crates.io.

use super::{Asked, Builtin, Failure, Input, Invocation, provide};
use crate::want::Want;

pub(super) const ACTION: Builtin = Builtin {
    name: "baptiste0928/cargo-install",
    inputs: &[
        Input::implemented("crate", ""),
        Input::refused("features", "", "which features an installed program has cannot be told"),
        Input::no_effect("locked", "true", provide::NO_DOWNLOAD),
        Input::refused("args", "", "nothing is fetched and built here"),
        Input::no_effect("cache-key", "", provide::NO_DOWNLOAD),
        Input::implemented("version", "latest"),
        Input::refused("registry", "", "nothing is fetched and built here"),
        Input::refused("index", "", "nothing is fetched and built here"),
        Input::refused("git", "", "nothing is fetched and built here"),
        Input::refused("branch", "", "nothing is fetched and built here"),
        Input::refused("tag", "", "nothing is fetched and built here"),
        Input::refused("commit", "", "nothing is fetched and built here"),
        Input::refused("rev", "", "nothing is fetched and built here"),
    ],
    outputs: &["version", "cache-hit"],
    main,
    wants: Some(wants),
    ..Builtin::PLAIN
};

fn wants(asked: &Asked<'_>) -> Vec<Want> {
    match (asked.input("crate"), asked.input("version")) {
        (Some(name), Some(version)) if !name.is_empty() => vec![provide::want(name, version)],
        _ => Vec::new(),
    }
}

fn main(cx: &mut Invocation<'_>) -> Result<(), Failure> {
    ACTION.begin(cx)?;
    let program = provide::tool(cx, cx.required("crate")?, cx.input("version"))?;
    cx.set_output("version", program.version_text());
    cx.set_output("cache-hit", "true");
    Ok(())
}
