//! The parts of `github/codeql-action`: left out, because they analyse with a program and a service of GitHub's.

use super::{Builtin, Input};

/// Why no input changes anything.
const NOTHING: &str = "nothing is analysed or uploaded from here";

pub(super) const INIT: Builtin = Builtin {
    name: "github/codeql-action/init",
    inputs: &[
        Input::no_effect("tools", "", NOTHING),
        Input::no_effect("languages", "", NOTHING),
        Input::no_effect("build-mode", "", NOTHING),
        Input::no_effect("analysis-kinds", "code-scanning", NOTHING),
        Input::no_effect("token", "${{ github.token }}", NOTHING),
        Input::no_effect("registries", "", NOTHING),
        Input::no_effect("matrix", "${{ toJson(matrix) }}", NOTHING),
        Input::no_effect("config-file", "", NOTHING),
        Input::no_effect("db-location", "", NOTHING),
        Input::no_effect("config", "", NOTHING),
        Input::no_effect("queries", "", NOTHING),
        Input::no_effect("quality-queries", "", NOTHING),
        Input::no_effect("packs", "", NOTHING),
        Input::no_effect("external-repository-token", "", NOTHING),
        Input::no_effect("setup-python-dependencies", "", NOTHING),
        Input::no_effect("source-root", "", NOTHING),
        Input::no_effect("ram", "", NOTHING),
        Input::no_effect("threads", "", NOTHING),
        Input::no_effect("debug", "false", NOTHING),
        Input::no_effect("debug-artifact-name", "", NOTHING),
        Input::no_effect("debug-database-name", "", NOTHING),
        Input::no_effect("trap-caching", "", NOTHING),
        Input::no_effect("dependency-caching", "", NOTHING),
        Input::no_effect("check-run-id", "${{ job.check_run_id }}", NOTHING),
    ],
    outputs: &["codeql-path", "codeql-version"],
    main: |cx| INIT.begin(cx),
    left_out: Some("CodeQL analyses nothing on this machine"),
    ..Builtin::PLAIN
};

pub(super) const AUTOBUILD: Builtin = Builtin {
    name: "github/codeql-action/autobuild",
    inputs: &[
        Input::no_effect("token", "${{ github.token }}", NOTHING),
        Input::no_effect("matrix", "${{ toJson(matrix) }}", NOTHING),
        Input::no_effect("working-directory", "", NOTHING),
    ],
    outputs: &[],
    main: |cx| AUTOBUILD.begin(cx),
    left_out: Some("CodeQL analyses nothing on this machine"),
    ..Builtin::PLAIN
};

pub(super) const ANALYZE: Builtin = Builtin {
    name: "github/codeql-action/analyze",
    inputs: &[
        Input::no_effect("check_name", "", NOTHING),
        Input::no_effect("output", "../results", NOTHING),
        Input::no_effect("upload", "always", NOTHING),
        Input::no_effect("cleanup-level", "", NOTHING),
        Input::no_effect("ram", "", NOTHING),
        Input::no_effect("add-snippets", "", NOTHING),
        Input::no_effect("skip-queries", "false", NOTHING),
        Input::no_effect("threads", "", NOTHING),
        Input::no_effect("checkout_path", "${{ github.workspace }}", NOTHING),
        Input::no_effect("ref", "", NOTHING),
        Input::no_effect("sha", "", NOTHING),
        Input::no_effect("category", "", NOTHING),
        Input::no_effect("upload-database", "true", NOTHING),
        Input::no_effect("post-processed-sarif-path", "", NOTHING),
        Input::no_effect("wait-for-processing", "true", NOTHING),
        Input::no_effect("token", "${{ github.token }}", NOTHING),
        Input::no_effect("matrix", "${{ toJson(matrix) }}", NOTHING),
        Input::no_effect("expect-error", "false", NOTHING),
    ],
    outputs: &["db-locations", "sarif-output", "sarif-id"],
    main: |cx| ANALYZE.begin(cx),
    left_out: Some("CodeQL analyses nothing on this machine"),
    ..Builtin::PLAIN
};

pub(super) const UPLOAD: Builtin = Builtin {
    name: "github/codeql-action/upload-sarif",
    inputs: &[
        Input::no_effect("sarif_file", "../results", NOTHING),
        Input::no_effect("checkout_path", "${{ github.workspace }}", NOTHING),
        Input::no_effect("ref", "", NOTHING),
        Input::no_effect("sha", "", NOTHING),
        Input::no_effect("token", "${{ github.token }}", NOTHING),
        Input::no_effect("matrix", "${{ toJson(matrix) }}", NOTHING),
        Input::no_effect("category", "", NOTHING),
        Input::no_effect("wait-for-processing", "true", NOTHING),
    ],
    outputs: &["sarif-id", "sarif-ids"],
    main: |cx| UPLOAD.begin(cx),
    left_out: Some("findings are not uploaded from this machine"),
    ..Builtin::PLAIN
};
