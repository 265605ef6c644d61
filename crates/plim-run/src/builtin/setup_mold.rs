//! `rui314/setup-mold`: the linker mold.

use super::{Asked, Builtin, Failure, Input, Invocation, provide};
use crate::want::Want;

pub(super) const ACTION: Builtin = Builtin {
    name: "rui314/setup-mold",
    inputs: &[
        Input::no_effect(
            "mold-version",
            "2.40.4",
            "the mold of this machine is used, whichever it is",
        ),
        Input::implemented("make-default", "true"),
    ],
    outputs: &[],
    main,
    wants: Some(wants),
    ..Builtin::PLAIN
};

fn wants(_: &Asked<'_>) -> Vec<Want> {
    vec![provide::want("mold", "")]
}

/// The linker of the machine stays what it is; for this job compilers are told to use mold.
fn main(cx: &mut Invocation<'_>) -> Result<(), Failure> {
    ACTION.begin(cx)?;
    let mold = provide::tool(cx, "mold", "")?;
    if cx.is_true("make-default") {
        let folder = provide::fresh(cx, "mold")?;
        let link = folder.join("ld");
        provide::at(&link, std::os::unix::fs::symlink(&mold.program, &link))?;
        // Compilers look for `ld` in the folders of COMPILER_PATH first.
        cx.changes
            .environment
            .push(("COMPILER_PATH".to_owned(), folder.to_string_lossy().into_owned()));
        cx.changes.paths.push(folder.to_string_lossy().into_owned());
    }
    Ok(())
}
