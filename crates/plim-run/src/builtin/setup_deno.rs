//! `denoland/setup-deno`: Deno.

use super::{Asked, Builtin, Failure, Input, Invocation, provide, version_file};
use crate::want::Want;

pub(super) const ACTION: Builtin = Builtin {
    name: "denoland/setup-deno",
    inputs: &[
        Input::implemented("deno-version", "2.x"),
        Input::implemented("deno-version-file", ""),
        Input::refused("deno-binary-name", "deno", "the program keeps its name here"),
        Input::no_effect("cache", "false", provide::SHARED),
        Input::no_effect("cache-hash", "", provide::SHARED),
    ],
    outputs: &["cache-hit", "deno-version", "release-channel"],
    main,
    wants: Some(wants),
    ..Builtin::PLAIN
};

/// A file decides only where no version is given, and `2.x` is what is given otherwise.
fn reader(name: &str, text: &str) -> Option<String> {
    version_file::line_for("deno", name, text)
}

fn wants(asked: &Asked<'_>) -> Vec<Want> {
    let version = match asked.input("deno-version-file") {
        Some("") => asked.input("deno-version").map(str::to_owned),
        _ => version_file::planned(asked, "", "deno-version-file", reader),
    };
    version.map(|version| provide::want("deno", plain(&version))).into_iter().collect()
}

/// `latest` and `lts` are any release.
fn plain(version: &str) -> &str {
    if matches!(version, "lts" | "latest") { "latest" } else { version }
}

fn main(cx: &mut Invocation<'_>) -> Result<(), Failure> {
    ACTION.begin(cx)?;
    let version = match cx.input("deno-version-file") {
        "" => cx.input("deno-version").to_owned(),
        file => version_file::read(cx, file, reader)?,
    };
    let deno = provide::tool(cx, "deno", plain(&version))?;
    cx.set_output("cache-hit", "false");
    cx.set_output("deno-version", deno.version_text());
    cx.set_output("release-channel", "stable");
    Ok(())
}
