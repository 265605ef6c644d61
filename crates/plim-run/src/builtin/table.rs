//! Holds every built-in against the inputs and outputs of the real `action.yml`, read in 2026-11.

mod tools;

use super::{ACTIONS, Builtin, Support};

/// An action, its inputs with their defaults, and its outputs.
type Real = (&'static str, &'static [(&'static str, &'static str)], &'static [&'static str]);

const REAL: &[Real] = &[
    (
        // v7.0.1
        "actions/checkout",
        &[
            ("repository", "${{ github.repository }}"),
            ("ref", ""),
            ("token", "${{ github.token }}"),
            ("ssh-key", ""),
            ("ssh-known-hosts", ""),
            ("ssh-strict", "true"),
            ("ssh-user", "git"),
            ("persist-credentials", "true"),
            ("path", ""),
            ("clean", "true"),
            ("filter", ""),
            ("sparse-checkout", ""),
            ("sparse-checkout-cone-mode", "true"),
            ("fetch-depth", "1"),
            ("fetch-tags", "false"),
            ("show-progress", "true"),
            ("lfs", "false"),
            ("submodules", "false"),
            ("set-safe-directory", "true"),
            ("github-server-url", ""),
            ("allow-unsafe-pr-checkout", "false"),
        ],
        &["ref", "commit"],
    ),
    (
        // v7.0.0
        "actions/upload-artifact",
        &[
            ("name", "artifact"),
            ("path", ""),
            ("if-no-files-found", "warn"),
            ("retention-days", ""),
            ("compression-level", "6"),
            ("overwrite", "false"),
            ("include-hidden-files", "false"),
            ("archive", "true"),
        ],
        &["artifact-id", "artifact-url", "artifact-digest"],
    ),
    (
        "actions/upload-artifact/merge",
        &[
            ("name", "merged-artifacts"),
            ("pattern", "*"),
            ("separate-directories", "false"),
            ("retention-days", ""),
            ("compression-level", "6"),
            ("delete-merged", "false"),
            ("include-hidden-files", "false"),
        ],
        &["artifact-id", "artifact-url", "artifact-digest"],
    ),
    (
        // v8.0.1
        "actions/download-artifact",
        &[
            ("name", ""),
            ("artifact-ids", ""),
            ("path", ""),
            ("pattern", ""),
            ("merge-multiple", "false"),
            ("github-token", ""),
            ("repository", "${{ github.repository }}"),
            ("run-id", "${{ github.run_id }}"),
            ("skip-decompress", "false"),
            ("digest-mismatch", "error"),
        ],
        &["download-path"],
    ),
    (
        // v5.0.5
        "actions/cache",
        &[
            ("path", ""),
            ("key", ""),
            ("restore-keys", ""),
            ("upload-chunk-size", ""),
            ("enableCrossOsArchive", "false"),
            ("fail-on-cache-miss", "false"),
            ("lookup-only", "false"),
            ("save-always", "false"),
        ],
        &["cache-hit"],
    ),
    (
        "actions/cache/restore",
        &[
            ("path", ""),
            ("key", ""),
            ("restore-keys", ""),
            ("enableCrossOsArchive", "false"),
            ("fail-on-cache-miss", "false"),
            ("lookup-only", "false"),
        ],
        &["cache-hit", "cache-primary-key", "cache-matched-key"],
    ),
    (
        "actions/cache/save",
        &[("path", ""), ("key", ""), ("upload-chunk-size", ""), ("enableCrossOsArchive", "false")],
        &[],
    ),
];

#[test]
fn every_input_and_output_of_the_real_actions_is_there() {
    assert_eq!(ACTIONS.len(), REAL.len() + tools::TOOLS.len());
    for (name, inputs, outputs) in REAL.iter().chain(tools::TOOLS) {
        let action = Builtin::find(name).unwrap_or_else(|| panic!("`{name}` is not built in"));
        let ours: Vec<_> = action.inputs.iter().map(|input| (input.name, input.default)).collect();
        assert_eq!(ours, *inputs, "inputs of `{name}`");
        assert_eq!(action.outputs, *outputs, "outputs of `{name}`");
    }
}

#[test]
fn what_is_not_done_says_why() {
    for action in ACTIONS {
        for input in action.inputs {
            if let Support::Refused(reason) | Support::NoEffect(reason) = input.support {
                assert!(
                    reason.len() > 10 && !reason.ends_with('.'),
                    "`{}` of `{}`",
                    input.name,
                    action.name
                );
            }
        }
    }
}

#[test]
fn what_is_left_out_says_so() {
    let why = |action: &&&Builtin| action.left_out;
    assert!(ACTIONS.iter().filter_map(|action| why(&action)).all(|why| why.len() > 10));
}

#[test]
fn actions_are_found_in_any_case() {
    assert!(Builtin::find("Actions/Checkout").is_some());
    assert!(Builtin::find("actions/setup").is_none());
    assert!(ACTIONS.iter().all(|action| action.name == action.name.to_lowercase()));
}

#[test]
fn a_refused_input_is_named_unless_it_has_its_default() {
    use std::collections::BTreeMap;

    use serde_json::Value;

    const ACTION: Builtin = Builtin {
        name: "a/b",
        inputs: &[super::Input {
            name: "fast",
            default: "false",
            support: Support::Refused("there is no network"),
        }],
        outputs: &[],
        main: |_| Ok(()),
        post: None,
        post_condition: "always()",
        ..Builtin::PLAIN
    };
    let given = |value: &str| {
        ACTION.refusal(&BTreeMap::from([("fast".to_owned(), value.to_owned())]), &Value::Null)
    };
    assert_eq!(given("true").map(|refusal| refusal.input), Some("fast"));
    assert_eq!(given("False"), None);
    assert_eq!(given(" "), None);
    assert_eq!(ACTION.refusal(&BTreeMap::new(), &Value::Null), None);
}
