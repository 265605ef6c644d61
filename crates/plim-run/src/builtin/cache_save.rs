//! `actions/cache/save`: saves a cache now.

use super::{
    Builtin, Failure, Input, Invocation,
    cache::{NOT_IN_CHUNKS, ONLY_ON_WINDOWS, check_version, is_on_a_ref, save},
};

pub(super) const ACTION: Builtin = Builtin {
    name: "actions/cache/save",
    inputs: &[
        Input::implemented("path", ""),
        Input::implemented("key", ""),
        Input::no_effect("upload-chunk-size", "", NOT_IN_CHUNKS),
        Input::no_effect("enableCrossOsArchive", "false", ONLY_ON_WINDOWS),
    ],
    outputs: &[],
    main,
    post: None,
    post_condition: "always()",
    ..Builtin::PLAIN
};

fn main(cx: &mut Invocation<'_>) -> Result<(), Failure> {
    ACTION.begin(cx)?;
    check_version(cx)?;
    if !is_on_a_ref(cx) {
        return Ok(());
    }
    let saved = match cx.input("key") {
        "" => {
            cx.log.line("[warning]Key is not specified.");
            false
        }
        key => save(cx, key)?,
    };
    if !saved {
        cx.log.warning("Cache save failed.");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builtin::bench::Bench;

    #[test]
    fn a_key_is_saved_once() {
        let bench = Bench::new();
        bench.write("d/x", "1");
        let with = [("path", "d"), ("key", "k")];
        assert!(bench.call(&ACTION, &with).passed().log.contains("Cache saved with key: k"));
        let again = bench.call(&ACTION, &with);
        assert!(again.passed().log.contains("Unable to reserve cache with key k"));
        assert_eq!(again.warnings, ["Cache save failed."]);
        let without = bench.call(&ACTION, &[("path", "d")]);
        assert_eq!(without.passed().warnings, ["Cache save failed."]);
    }
}
