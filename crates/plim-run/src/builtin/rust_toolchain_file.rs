//! `dsherret/rust-toolchain-file`: the toolchain that the repository's own file names.

use std::path::Path;

use super::{Builtin, Failure, Invocation, rustup};
use crate::toolbox::toolchain_file;

pub(super) const ACTION: Builtin = Builtin {
    name: "dsherret/rust-toolchain-file",
    inputs: &[],
    outputs: &["cachekey", "name"],
    main,
    wants: Some(|asked| rustup::file_wants(asked, "")),
    ..Builtin::PLAIN
};

/// What the toolchain file of a folder asks for; `None` when there is none.
pub(super) fn wanted(folder: &Path) -> Result<Option<rustup::Wanted>, Failure> {
    let advice = "a toolchain file has a table `[toolchain]` with a `channel`";
    let file = toolchain_file(folder).map_err(|error| Failure::new(error).advise(advice))?;
    let wanted = file.as_ref().map(rustup::Wanted::of_file).transpose();
    wanted.map_err(|error| Failure::new(error).advise("name a `channel` in the toolchain file"))
}

fn main(cx: &mut Invocation<'_>) -> Result<(), Failure> {
    ACTION.begin(cx)?;
    let Some(wanted) = wanted(cx.workspace)? else {
        let text = "No rust-toolchain or rust-toolchain.toml file found in repo.";
        return Err(Failure::new(text).advise("check out the repository before this step"));
    };
    // The file decides in each folder; what is the default elsewhere does not matter.
    let toolchain = rustup::provide(cx, &wanted, false)?;
    rustup::set_cargo_variables(cx, &toolchain);
    cx.log.line(toolchain.verbose.trim_end());
    cx.set_output("cachekey", toolchain.cache_key());
    cx.set_output("name", wanted.channel);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builtin::bench::Bench;

    #[test]
    fn a_file_that_is_not_there_or_cannot_be_read_is_told() {
        let bench = Bench::new();
        assert!(bench.call(&ACTION, &[]).failure().starts_with("No rust-toolchain"));
        bench.write("rust-toolchain.toml", "[toolchain\n");
        let failure = bench.call(&ACTION, &[]).failure();
        assert!(failure.starts_with("`rust-toolchain.toml` cannot be read: "), "{failure}");
        bench.write("rust-toolchain.toml", "[toolchain]\npath = \"/x\"\n");
        assert!(bench.call(&ACTION, &[]).failure().contains("is not provided here"));
        bench.write("rust-toolchain.toml", "[toolchain]\nchannel = \"1.80\"\n");
        assert_eq!(bench.call(&ACTION, &[]).failure(), "needs Rust 1.80");
    }
}
