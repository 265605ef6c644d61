//! `extractions/setup-just`: the command runner `just`.

use super::{Asked, Builtin, Failure, Input, Invocation, provide};
use crate::want::Want;

pub(super) const ACTION: Builtin = Builtin {
    name: "extractions/setup-just",
    inputs: &[
        Input::implemented("just-version", ""),
        Input::no_effect("github-token", "${{ github.token }}", "nothing is downloaded here"),
    ],
    main,
    wants: Some(wants),
    ..Builtin::PLAIN
};

fn wants(asked: &Asked<'_>) -> Vec<Want> {
    asked.input("just-version").map(|version| provide::want("just", version)).into_iter().collect()
}

fn main(cx: &mut Invocation<'_>) -> Result<(), Failure> {
    ACTION.begin(cx)?;
    provide::tool(cx, "just", cx.input("just-version")).map(drop)
}
