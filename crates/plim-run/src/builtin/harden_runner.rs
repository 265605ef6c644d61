//! `step-security/harden-runner`: left out, because it watches a machine of GitHub's.

use super::{Builtin, Input};

/// Why no input changes anything.
const NOTHING: &str = "no agent is installed on this machine";

pub(super) const ACTION: Builtin = Builtin {
    name: "step-security/harden-runner",
    inputs: &[
        Input::no_effect("allowed-endpoints", "", NOTHING),
        Input::no_effect("egress-policy", "block", NOTHING),
        Input::no_effect("token", "${{ github.token }}", NOTHING),
        Input::no_effect("disable-telemetry", "false", NOTHING),
        Input::no_effect("disable-sudo", "false", NOTHING),
        Input::no_effect("disable-sudo-and-containers", "false", NOTHING),
        Input::no_effect("disable-file-monitoring", "false", NOTHING),
        Input::no_effect("policy", "", NOTHING),
        Input::no_effect("api-key", "", NOTHING),
        Input::no_effect("use-policy-store", "false", NOTHING),
        Input::no_effect("deploy-on-self-hosted-vm", "false", NOTHING),
    ],
    outputs: &[],
    main: |cx| ACTION.begin(cx),
    left_out: Some("the network of this machine is neither watched nor blocked"),
    ..Builtin::PLAIN
};
