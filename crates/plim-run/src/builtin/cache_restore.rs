//! `actions/cache/restore`: restores a cache and saves nothing.

use super::{
    Builtin, Failure, Input, Invocation,
    cache::{ONLY_ON_WINDOWS, check_version, is_on_a_ref, restore},
};

pub(super) const ACTION: Builtin = Builtin {
    name: "actions/cache/restore",
    inputs: &[
        Input::implemented("path", ""),
        Input::implemented("key", ""),
        Input::implemented("restore-keys", ""),
        Input::no_effect("enableCrossOsArchive", "false", ONLY_ON_WINDOWS),
        Input::implemented("fail-on-cache-miss", "false"),
        Input::implemented("lookup-only", "false"),
    ],
    outputs: &["cache-hit", "cache-primary-key", "cache-matched-key"],
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
    let key = cx.required("key")?;
    cx.set_output("cache-primary-key", key);
    if let Some(found) = restore(cx, key)? {
        cx.set_output("cache-matched-key", found);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builtin::{bench::Bench, cache_save};

    #[test]
    fn it_tells_what_it_looked_for_and_what_it_found() {
        let bench = Bench::new();
        bench.write("d/x", "1");
        bench.call(&cache_save::ACTION, &[("path", "d"), ("key", "a-1")]).passed();
        let later = bench.again();
        let hit = later.call(&ACTION, &[("path", "d"), ("key", "a-1")]);
        assert_eq!(hit.passed().output("cache-hit"), "true");
        assert_eq!(
            (hit.output("cache-primary-key"), hit.output("cache-matched-key")),
            ("a-1", "a-1")
        );
        let near = later.call(&ACTION, &[("path", "d"), ("key", "a-2"), ("restore-keys", "a-")]);
        assert_eq!(near.passed().output("cache-hit"), "false");
        assert_eq!(
            (near.output("cache-primary-key"), near.output("cache-matched-key")),
            ("a-2", "a-1")
        );
        let miss = later.call(&ACTION, &[("path", "d"), ("key", "b")]);
        assert_eq!(miss.passed().outputs, [("cache-primary-key".to_owned(), "b".to_owned())]);
        let other = later.call(&ACTION, &[("path", "d\ne"), ("key", "a-1")]);
        assert_eq!(other.passed().outputs.len(), 1, "other paths are another cache");
    }
}
