//! `oven-sh/setup-bun`: Bun.

use super::{Asked, Builtin, Failure, Input, Invocation, provide, version_file};
use crate::want::Want;

pub(super) const ACTION: Builtin = Builtin {
    name: "oven-sh/setup-bun",
    inputs: &[
        Input::implemented("bun-version", ""),
        Input::implemented("bun-version-file", ""),
        Input::refused("bun-download-url", "", "nothing is downloaded here"),
        Input::refused("registries", "", "registries are not written here"),
        Input::refused("registry-url", "", "registries are not written here"),
        Input::refused("scope", "", "registries are not written here"),
        Input::no_effect("no-cache", "false", provide::NO_DOWNLOAD),
        Input::no_effect(
            "token",
            "${{ github.server_url == 'https://github.com' && github.token || '' }}",
            provide::NO_DOWNLOAD,
        ),
    ],
    outputs: &["bun-version", "bun-revision", "bun-path", "bun-download-url", "cache-hit"],
    main,
    wants: Some(wants),
    ..Builtin::PLAIN
};

fn reader(name: &str, text: &str) -> Option<String> {
    match name {
        "package.json" => version_file::package_manager("bun", text),
        name => version_file::line_for("bun", name, text),
    }
}

fn wants(asked: &Asked<'_>) -> Vec<Want> {
    let version = version_file::planned(asked, "bun-version", "bun-version-file", reader);
    version.map(|version| provide::want("bun", &version)).into_iter().collect()
}

fn main(cx: &mut Invocation<'_>) -> Result<(), Failure> {
    ACTION.begin(cx)?;
    let version = match (cx.input("bun-version"), cx.input("bun-version-file")) {
        ("", "") => String::new(),
        ("", file) => version_file::read(cx, file, reader)?,
        (version, _) => version.to_owned(),
    };
    let bun = provide::tool(cx, "bun", &version)?;
    cx.set_output("bun-version", bun.version_text());
    cx.set_output("bun-path", bun.program.to_string_lossy());
    cx.set_output("cache-hit", "false");
    Ok(())
}
