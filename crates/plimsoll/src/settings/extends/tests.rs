//! What holds in a repository that extends shared files.

use plim_audit::{Pins, Tier, Waiver};

use super::super::read_check;
use super::*;
use crate::{args::Format, render::paint::Paint};

/// A folder with a repository in `own` and whatever stands beside it.
struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Self {
        let desk = Self(tempfile::tempdir().unwrap());
        fs::create_dir(desk.0.path().join("own")).unwrap();
        desk
    }

    fn write(&self, path: &str, bytes: impl AsRef<[u8]>) -> String {
        let place = self.0.path().join(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, bytes.as_ref()).unwrap();
        hexadecimal(&Sha256::digest(bytes))
    }

    fn read(&self) -> Result<CheckSettings, Refusal> {
        read_check(&self.0.path().join("own"))
    }

    fn faults(&self) -> String {
        self.read().unwrap_err().render(Format::Full, Paint::plain())
    }

    /// What is wrong when the repository extends `path` with this digest.
    fn faults_of(&self, path: &str, digest: &str) -> String {
        self.write("own/plimsoll.toml", extending(&[(path, digest)], ""));
        self.faults()
    }
}

/// `[check]` that extends these files with these digests, and then says `more`.
fn extending(files: &[(&str, &str)], more: &str) -> String {
    let table =
        |(path, digest): &(&str, &str)| format!("{{ path = \"{path}\", sha256 = \"{digest}\" }}");
    let tables: Vec<_> = files.iter().map(table).collect();
    format!("[check]\nextends = [{}]\n{more}", tables.join(", "))
}

#[test]
fn what_is_shared_holds_and_what_is_said_at_home_wins() {
    let desk = Desk::new();
    let shared = "version = 1\n[check]\ntier = \"pedantic\"\npins = \"tag\"\nignore = [\"unknown-key\"]\nvariables = [\"A\"]\nallowed-actions = [\"actions/*\"]\nrunner-labels = [\"big\"]\nconsumed = [\"ci\"]\nrelease-workflows = [\"a.yml\"]\n[check.actions]\n\"our/*\" = [\"unpinned-action\"]\n";
    let digest = desk.write("shared/check.toml", shared);
    let more = "tier = \"opt-in\"\nignore = [\"unpinned-action\"]\nvariables = [\"B\"]\nrunner-labels = [\"small\"]\n[check.actions]\n\"our/*\" = [\"unknown-key\"]\n";
    let own = extending(&[("../shared/check.toml", &digest.to_uppercase())], more);
    desk.write("own/plimsoll.toml", own);
    let waiver = |code: &str| Waiver {
        codes: vec![code.to_owned()],
        place: plim_audit::WaivedPlace::Action("our/*".to_owned()),
    };
    let texts = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
    let expected = CheckSettings {
        tier: Some(Tier::OptIn),
        pins: Some(Pins::Tag),
        ignore: texts(&["unknown-key", "unpinned-action"]),
        variables: Some(texts(&["A", "B"])),
        allowed_actions: Some(texts(&["actions/*"])),
        runner_labels: texts(&["big", "small"]),
        consumed: texts(&["ci"]),
        release_workflows: texts(&["a.yml"]),
        waivers: vec![waiver("unpinned-action"), waiver("unknown-key")],
        ..CheckSettings::default()
    };
    assert_eq!(desk.read().unwrap(), expected);
}

#[test]
fn the_last_of_a_list_wins_over_the_others_and_over_what_it_extends() {
    let desk = Desk::new();
    let far = desk.write("shared/far.toml", "[check]\ntier = \"default\"\npins = \"tag\"\n");
    let near = extending(&[("far.toml", &far)], "tier = \"pedantic\"\n");
    let near = desk.write("shared/near.toml", near);
    let other = desk.write("other.toml", "[check]\ntier = \"opt-in\"\npins = \"sha\"\n");
    let (near, other) = (("../shared/near.toml", &*near), ("../other.toml", &*other));
    for (files, tier, pins) in
        [([near, other], Tier::OptIn, Pins::Sha), ([other, near], Tier::Pedantic, Pins::Tag)]
    {
        desk.write("own/plimsoll.toml", extending(&files, ""));
        let settings = desk.read().unwrap();
        assert_eq!((settings.tier, settings.pins), (Some(tier), Some(pins)));
    }
}

#[test]
fn one_table_will_do_and_run_asks_for_no_shared_file() {
    let desk = Desk::new();
    let digest = desk.write("own/a.toml", "[check]\nignore = [\"unknown-key\"]\n");
    desk.write(
        "own/plimsoll.toml",
        format!("[check.extends]\npath = \"a.toml\"\nsha256 = \"{digest}\"\n"),
    );
    assert_eq!(desk.read().unwrap().ignore, ["unknown-key"]);
    fs::remove_file(desk.0.path().join("own/a.toml")).unwrap();
    assert!(desk.read().is_err());
    assert!(super::super::read(&desk.0.path().join("own")).is_ok());
}

#[test]
fn another_digest_is_refused_with_the_one_that_was_found() {
    let desk = Desk::new();
    desk.write("shared/check.toml", "[check]\nthis is not even read\n");
    insta::assert_snapshot!(desk.faults_of("../shared/check.toml", &"0".repeat(64)), @r#"
error[settings]: `../shared/check.toml` has another digest: c527d691050a5aaa11d393fdada930cb5e5181746158820eae019e1664cb88fa
 --> plimsoll.toml:2:54
  |
2 | extends = [{ path = "../shared/check.toml", sha256 = "0000000000000000000000000000000000000000000000000000000000000000" }]
  |                                                      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: read what changed in it, then write `sha256 = "c527d691050a5aaa11d393fdada930cb5e5181746158820eae019e1664cb88fa"`
"#);
}

#[test]
fn what_is_wrong_in_a_shared_file_is_shown_there() {
    let desk = Desk::new();
    let text = "version = 1\nchek = 1\n[run]\njobs = 1\n[check]\nignroe = []\nignore = [\"unknwon-key\"]\n[future]\n";
    let digest = desk.write("shared/check.toml", text);
    insta::assert_snapshot!(desk.faults_of("../shared/check.toml", &digest), @r#"
error[settings]: `chek` is not a table or key of a shared file
 --> ../shared/check.toml:2:1
  |
2 | chek = 1
  | ^^^^
  |
  = help: did you mean `check`?

error[settings]: `[run]` cannot be shared, only `[check]` can
 --> ../shared/check.toml:3:2
  |
3 | [run]
  |  ^^^
  |
  = help: write it in the `plimsoll.toml` of each repository

error[settings]: `ignroe` is not a key of `[check]`
 --> ../shared/check.toml:6:1
  |
6 | ignroe = []
  | ^^^^^^
  |
  = help: did you mean `ignore`?

error[settings]: there is no rule `unknwon-key`
 --> ../shared/check.toml:7:11
  |
7 | ignore = ["unknwon-key"]
  |           ^^^^^^^^^^^^^
  |
  = help: did you mean `unknown-key`?

error[settings]: `future` is not a table or key of a shared file
 --> ../shared/check.toml:8:2
  |
8 | [future]
  |  ^^^^^^
  |
  = help: remove it, or update `plim` if it comes from a newer one than 0.1.0; known are `version`, `check`
"#);
}

#[test]
fn what_is_wrong_in_a_table_is_shown_there() {
    let desk = Desk::new();
    let text = "[check]\nextends = [\n  \"a.toml\",\n  { path = \"/a.toml\", sha256 = \"0123\" },\n  { pth = \"a.toml\" },\n]\n";
    desk.write("own/plimsoll.toml", text);
    insta::assert_snapshot!(desk.faults(), @r#"
error[settings]: expected a table, such as `{ path = "…", sha256 = "…" }`, found a text
 --> plimsoll.toml:3:3
  |
3 |   "a.toml",
  |   ^^^^^^^^

error[settings]: `/a.toml` is no relative path
 --> plimsoll.toml:4:12
  |
4 |   { path = "/a.toml", sha256 = "0123" },
  |            ^^^^^^^^^
  |
  = help: write it as it is seen from the folder of this file

error[settings]: `0123` is no digest
 --> plimsoll.toml:4:32
  |
4 |   { path = "/a.toml", sha256 = "0123" },
  |                                ^^^^^^
  |
  = help: write the 64 digits from 0 to f that `sha256sum` tells of the file

error[settings]: no `path` says which file is extended
 --> plimsoll.toml:5:3
  |
5 |   { pth = "a.toml" },
  |   ^^^^^^^^^^^^^^^^^^
  |
  = help: write `path = "…"`, seen from the folder of this file

error[settings]: no `sha256` pins the file that is extended
 --> plimsoll.toml:5:3
  |
5 |   { pth = "a.toml" },
  |   ^^^^^^^^^^^^^^^^^^
  |
  = help: read the file, then write the digest that `sha256sum` tells of it

error[settings]: `pth` is not a key of a file that is extended
 --> plimsoll.toml:5:5
  |
5 |   { pth = "a.toml" },
  |     ^^^
  |
  = help: did you mean `path`?
"#);
}

#[test]
fn what_is_no_file_of_text_is_refused_where_it_is_named() {
    let desk = Desk::new();
    let none = "0".repeat(64);
    insta::assert_snapshot!(desk.faults_of("../shared/check.toml", &none), @r#"
error[settings]: cannot read `../shared/check.toml`: there is no such file
 --> plimsoll.toml:2:21
  |
2 | extends = [{ path = "../shared/check.toml", sha256 = "0000000000000000000000000000000000000000000000000000000000000000" }]
  |                     ^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: write its path as it is seen from the folder of this file
"#);
    let folder = desk.faults_of("..", &none);
    assert!(folder.contains("cannot read `..`: it is no file"), "{folder}");
    let long = desk.write("long.toml", "#".repeat((256 << 10) + 1));
    let long = desk.faults_of("../long.toml", &long);
    assert!(long.contains("cannot read `../long.toml`: it is longer than 256 KiB"), "{long}");
    let bytes = desk.write("bytes.toml", b"# \xff\n");
    let bytes = desk.faults_of("../bytes.toml", &bytes);
    assert!(bytes.contains("`../bytes.toml` is not UTF-8") && bytes.contains(":2:21"), "{bytes}");
    let longest = desk.write("longest.toml", "#".repeat(256 << 10));
    desk.write("own/plimsoll.toml", extending(&[("../longest.toml", &longest)], ""));
    assert_eq!(desk.read().unwrap(), CheckSettings::default());
}

#[test]
fn a_circle_is_refused_before_its_digests() {
    let desk = Desk::new();
    let none = "0".repeat(64);
    let back = desk.write("a.toml", extending(&[("own/../own/plimsoll.toml", &none)], ""));
    insta::assert_snapshot!(desk.faults_of("../a.toml", &back), @r#"
error[settings]: `../own/../own/plimsoll.toml` extends itself
 --> ../a.toml:2:21
  |
2 | extends = [{ path = "own/../own/plimsoll.toml", sha256 = "0000000000000000000000000000000000000000000000000000000000000000" }]
  |                     ^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: remove it here
"#);
    let itself = desk.faults_of("plimsoll.toml", &none);
    assert!(itself.contains("`plimsoll.toml` extends itself"), "{itself}");
}

/// Writes a chain of `length` files, of which the last ignores a rule, and the repository that extends its first.
fn chain(desk: &Desk, length: usize) {
    let mut digest = desk.write(&format!("{length}.toml"), "[check]\nignore = [\"unknown-key\"]\n");
    for n in (1..length).rev() {
        let next = format!("{}.toml", n + 1);
        digest = desk.write(&format!("{n}.toml"), extending(&[(&next, &digest)], ""));
    }
    desk.write("own/plimsoll.toml", extending(&[("../1.toml", &digest)], ""));
}

#[test]
fn five_files_may_follow_each_other() {
    let desk = Desk::new();
    chain(&desk, 5);
    assert_eq!(desk.read().unwrap().ignore, ["unknown-key"]);
    chain(&desk, 6);
    let told = desk.faults();
    assert!(told.contains("`../6.toml` is more than 5 files away from `plimsoll.toml`"), "{told}");
    assert!(told.contains("--> ../5.toml:2:21"), "{told}");
}

#[test]
fn files_that_multiply_are_refused_and_a_fault_is_told_once() {
    let desk = Desk::new();
    let digest = desk.write("a.toml", "[check]\nignroe = []\n");
    let files = [("../a.toml", &*digest); 33];
    desk.write("own/plimsoll.toml", extending(&files, ""));
    let told = desk.faults();
    assert!(told.contains("is one file more than the 32 that are read"), "{told}");
    assert_eq!(told.matches("did you mean `ignore`?").count(), 1, "{told}");
}
