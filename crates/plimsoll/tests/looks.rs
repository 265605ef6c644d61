//! `plim check --graph` and `plim check --secrets` as a user starts them.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test starts the program as a user would, and fails by a panic"
)]

mod support;

use std::{fs, path::Path};

use serde_json::Value;
use support::Harbour;

const SHIP: &str = "
name: Ship
on:
  push: { tags: ['v*'] }
permissions: {}
jobs:
  crates:
    runs-on: ubuntu-latest
    steps:
      - name: Publish
        run: cargo publish
        env: { TOKEN: '${{ secrets.CRATES_TOKEN }}' }
  release:
    runs-on: ubuntu-latest
    permissions: { contents: write }
    steps:
      - run: gh release create v1
        env: { GH_TOKEN: '${{ secrets.GITHUB_TOKEN }}' }
";

fn plim(harbour: &Harbour, arguments: &[&str]) -> (i32, String, String) {
    let output = harbour.command(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn harbour() -> Harbour {
    let harbour = Harbour::new();
    harbour.workflow("ship.yml", SHIP);
    harbour
}

#[test]
fn a_picture_shows_jobs_and_findings() {
    let harbour = harbour();
    let (code, stdout, stderr) = plim(&harbour, &["check", "--graph", "all.svg"]);
    assert_eq!((code, &*stderr), (0, ""), "{stdout}");
    let text = fs::read_to_string(harbour.root().join("all.svg")).unwrap();
    let document = roxmltree::Document::parse(&text).unwrap();
    let texts: Vec<&str> = document.descendants().filter_map(|node| node.text()).collect();
    for wanted in ["Ship", "crates", "publishes to crates.io", "makes a release public", "missing"]
    {
        assert!(texts.contains(&wanted), "{wanted}: {texts:?}");
    }
    let (code, ..) = plim(&harbour, &["check", "--graph", "all.md"]);
    assert_eq!(code, 0);
    let text = fs::read_to_string(harbour.root().join("all.md")).unwrap();
    assert!(text.contains("w0j0 -. missing .-> w0j1"), "{text}");
    let (code, _, stderr) = plim(&harbour, &["check", "--graph", "all.png"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("cannot tell from `all.png` what to draw"), "{stderr}");
}

#[test]
fn secrets_are_listed_with_who_needs_them() {
    let harbour = harbour();
    let (code, stdout, _) = plim(&harbour, &["check", "--secrets"]);
    assert_eq!(code, 0);
    assert_eq!(
        stdout,
        "CRATES_TOKEN  first needed after merge\n  .github/workflows/ship.yml:12  job `crates` › Publish: env `TOKEN`; on push of tags\n\nGITHUB_TOKEN  there in every job\n  .github/workflows/ship.yml:18  job `release` › step 1: env `GH_TOKEN`; on push of tags\n\n2 secrets, 1 first needed after merge\n"
    );
    let (_, stdout, _) = plim(&harbour, &["check", "--secrets", "--format", "json"]);
    let value: Value = serde_json::from_str(&stdout).unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/schema");
    let schema = fs::read_to_string(folder.join("secrets.schema.json")).unwrap();
    let schema = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    assert!(schema.is_valid(&value), "{value:#}");
    assert_eq!(value["secrets"][0]["after-merge"], true);
    let (code, ..) = plim(&harbour, &["check", "--secrets", "--format", "sarif"]);
    assert_eq!(code, 2);
}
