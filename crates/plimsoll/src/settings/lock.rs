//! `plimsoll.lock`: what the tags of actions and images led to when somebody looked.
//!
//! A table `[actions]` has a line for each `owner/repository@reference`, with its `commit` and the `version` that is
//! tagged there; `[images]` has the digest of each `name:tag`. Lines are sorted, so that two branches merge by line.

use std::{fmt::Write as _, fs, io, path::Path};

use plim_audit::pins::{Lock, Pinned};
use plim_diag::{Code, Diagnostic, Spanned};
use plim_run::actions::ActionName;

use super::{
    table::{self, Reader, Table},
    unknown,
};
use crate::refusal::Refusal;

/// The name of the file.
pub(crate) const FILE: &str = "plimsoll.lock";

const CODE: Code = Code("lock");

const VERSION: i64 = 1;

const KEYS: &[&str] = &["version", "actions", "images"];

const ACTION_KEYS: &[&str] = &["commit", "version"];

/// Reads the lock of the repository at `root`; `None` where there is none.
///
/// Errors: it cannot be read, or something in it is not understood.
pub(crate) fn read(root: &Path) -> Result<Option<Lock>, Refusal> {
    let text = match fs::read_to_string(root.join(FILE)) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => {
            let message = format!("cannot read `{FILE}`: {error}");
            return Err(Refusal::usage(Diagnostic::error(CODE, message)));
        }
    };
    let (lock, diagnostics) = parse(&text);
    if diagnostics.is_empty() {
        Ok(Some(lock))
    } else {
        Err(Refusal::usage_in(diagnostics, FILE, &text))
    }
}

/// Understands as much of `text` as can be understood, and says what else is in it.
pub(crate) fn parse(text: &str) -> (Lock, Vec<Diagnostic>) {
    table::document(FILE, CODE, text, read_document)
}

fn read_document(reader: &mut Reader, document: &Table<'_>) -> Lock {
    let mut lock = Lock::default();
    let version = document.get("version").and_then(|value| reader.integer(value));
    if let Some((version, span)) = version.filter(|(version, _)| *version != VERSION) {
        let message = format!("this lock is of version {version}, and `plim` reads {VERSION}");
        reader.fault(span, &message, Some("update `plim`".to_owned()));
        return lock;
    }
    unknown(reader, document, KEYS, "a table or key of this file");
    if let Some(actions) = document.get("actions").and_then(|value| reader.table(value)) {
        for (name, value) in actions.entries() {
            let key = action_key(reader, name);
            let pinned = reader.table(value).and_then(|table| pinned(reader, name, &table));
            lock.actions.extend(key.zip(pinned));
        }
    }
    let images = document.get("images").map(|value| reader.pairs(value)).unwrap_or_default();
    for pair in images {
        let (name, digest) = (pair.key.value, pair.value.value);
        match is_image(&name) {
            false => {
                let help = "write its name with a tag, such as `\"node:22\"`".to_owned();
                reader.fault(
                    pair.key.span,
                    &format!("`{name}` is no image with a tag"),
                    Some(help),
                );
            }
            true if !is_digest(&digest) => {
                let help = "write `sha256:` and 64 digits from 0 to f".to_owned();
                reader.fault(pair.value.span, &format!("`{digest}` is no digest"), Some(help));
            }
            true => _ = lock.images.insert(name, digest),
        }
    }
    lock
}

fn action_key(reader: &mut Reader, name: Spanned<&str>) -> Option<String> {
    let parsed = ActionName::parse(name.value).ok();
    let key = parsed.map(|name| Lock::key(&name.repository_name(), &name.reference));
    // A path in the repository would never be looked for.
    let whole = key.filter(|key| key.eq_ignore_ascii_case(name.value));
    if whole.is_none() {
        let help = "write `\"owner/repository@reference\"`, such as `\"actions/checkout@v4\"`";
        let message = format!("`{}` names no reference of a repository", name.value);
        reader.fault(name.span, &message, Some(help.to_owned()));
    }
    whole
}

fn pinned(reader: &mut Reader, name: Spanned<&str>, table: &Table<'_>) -> Option<Pinned> {
    unknown(reader, table, ACTION_KEYS, "a key of an action");
    let version = table.get("version").and_then(|value| {
        let text = reader.text(value)?;
        let is_word = !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || c == '#');
        if !is_word {
            let help = "write the tag, such as `\"v4.2.2\"`".to_owned();
            reader.fault(value.span, &format!("`{text}` is no version"), Some(help));
        }
        is_word.then_some(text)
    });
    let Some(value) = table.get("commit") else {
        let help = "write `commit = \"…\"` with all its digits".to_owned();
        reader.fault(name.span, &format!("`{}` has no commit", name.value), Some(help));
        return None;
    };
    let text = reader.text(value)?;
    let commit = is_commit(&text).then(|| text.to_ascii_lowercase());
    if commit.is_none() {
        let help = "write all 40 digits of it, or 64".to_owned();
        reader.fault(value.span, &format!("`{text}` is no commit"), Some(help));
    }
    Some(Pinned { commit: commit?, version })
}

fn is_commit(text: &str) -> bool {
    [40, 64].contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn is_digest(text: &str) -> bool {
    let digits = text.strip_prefix("sha256:").unwrap_or("");
    digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn is_image(name: &str) -> bool {
    let is_odd = |c: char| c.is_whitespace() || c.is_control() || "@#'\"\\".contains(c);
    let last = name.rsplit('/').next().unwrap_or(name);
    last.split_once(':').is_some_and(|(name, tag)| !name.is_empty() && !tag.is_empty())
        && !name.contains(is_odd)
}

/// The text of the file for `lock`.
pub(crate) fn render(lock: &Lock) -> String {
    let mut text = String::from(
        "# Kept by `plim pin`: what tags led to when they were looked at. Commit this file.\nversion = 1\n",
    );
    // Writing to a string cannot fail.
    if !lock.actions.is_empty() {
        text.push_str("\n[actions]\n");
    }
    for (key, pinned) in &lock.actions {
        _ = write!(text, "{} = {{ commit = {}", quoted(key), quoted(&pinned.commit));
        if let Some(version) = &pinned.version {
            _ = write!(text, ", version = {}", quoted(version));
        }
        text.push_str(" }\n");
    }
    if !lock.images.is_empty() {
        text.push_str("\n[images]\n");
    }
    for (name, digest) in &lock.images {
        _ = writeln!(text, "{} = {}", quoted(name), quoted(digest));
    }
    text
}

/// A text of TOML that is also a key; the library writes some texts in a form that keys may not have.
fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => _ = write!(quoted, "\\u{:04X}", u32::from(c)),
            c => quoted.push(c),
        }
    }
    quoted + "\""
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{args::Format, render::paint::Paint};

    const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

    fn faults(text: &str) -> String {
        let (_, diagnostics) = parse(text);
        Refusal::usage_in(diagnostics, FILE, text).render(Format::Full, Paint::plain())
    }

    #[test]
    fn what_is_not_understood_is_shown_where_it_stands() {
        let text = format!(
            "version = 1\naction = {{}}\n[actions]\n\"a/b@v1\" = {{ comit = \"{COMMIT}\" }}\n\"a/b/c@v1\" = {{ commit = \"{COMMIT}\" }}\n\"a/c@v1\" = {{ commit = \"0123\", version = \"a b\" }}\n[images]\nnode = \"sha256:0\"\n\"node:22\" = \"sha256:0\"\n"
        );
        insta::assert_snapshot!(faults(&text), @r##"
error[lock]: `action` is not a table or key of this file
 --> plimsoll.lock:2:1
  |
2 | action = {}
  | ^^^^^^
  |
  = help: did you mean `actions`?

error[lock]: `a/b@v1` has no commit
 --> plimsoll.lock:4:1
  |
4 | "a/b@v1" = { comit = "0123456789abcdef0123456789abcdef01234567" }
  | ^^^^^^^^
  |
  = help: write `commit = "…"` with all its digits

error[lock]: `comit` is not a key of an action
 --> plimsoll.lock:4:14
  |
4 | "a/b@v1" = { comit = "0123456789abcdef0123456789abcdef01234567" }
  |              ^^^^^
  |
  = help: did you mean `commit`?

error[lock]: `a/b/c@v1` names no reference of a repository
 --> plimsoll.lock:5:1
  |
5 | "a/b/c@v1" = { commit = "0123456789abcdef0123456789abcdef01234567" }
  | ^^^^^^^^^^
  |
  = help: write `"owner/repository@reference"`, such as `"actions/checkout@v4"`

error[lock]: `0123` is no commit
 --> plimsoll.lock:6:23
  |
6 | "a/c@v1" = { commit = "0123", version = "a b" }
  |                       ^^^^^^
  |
  = help: write all 40 digits of it, or 64

error[lock]: `a b` is no version
 --> plimsoll.lock:6:41
  |
6 | "a/c@v1" = { commit = "0123", version = "a b" }
  |                                         ^^^^^
  |
  = help: write the tag, such as `"v4.2.2"`

error[lock]: `node` is no image with a tag
 --> plimsoll.lock:8:1
  |
8 | node = "sha256:0"
  | ^^^^
  |
  = help: write its name with a tag, such as `"node:22"`

error[lock]: `sha256:0` is no digest
 --> plimsoll.lock:9:13
  |
9 | "node:22" = "sha256:0"
  |             ^^^^^^^^^^
  |
  = help: write `sha256:` and 64 digits from 0 to f
"##);
    }

    #[test]
    fn a_newer_lock_says_so_and_nothing_else() {
        assert!(faults("version = 2\nfuture = 1\n").contains("this lock is of version 2"));
        assert!(!faults("version = 2\nfuture = 1\n").contains("future` is not"));
    }

    #[test]
    fn the_schema_for_editors_and_the_page_name_every_key() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
        let schema = fs::read_to_string(folder.join("schema/lock.schema.json")).unwrap();
        let schema: serde_json::Value = serde_json::from_str(&schema).unwrap();
        let page = fs::read_to_string(folder.join("pins.md")).unwrap();
        let actions = "/properties/actions/additionalProperties/properties";
        for (at, keys) in [("/properties", KEYS), (actions, ACTION_KEYS)] {
            let named: Vec<&String> =
                schema.pointer(at).unwrap().as_object().unwrap().keys().collect();
            let mut keys = keys.to_vec();
            keys.sort_unstable();
            assert_eq!(named, keys);
            assert!(keys.iter().all(|key| page.contains(&format!("`{key}`"))), "{keys:?}");
        }
    }

    fn locks() -> impl Strategy<Value = Lock> {
        let key = "[a-z][a-z0-9-]{0,8}/[a-z0-9_]{1,8}@[A-Za-z0-9][A-Za-z0-9/_\"'-]{0,7}v";
        let pinned = ("[0-9a-f]{40}", prop::option::of("v[0-9]{1,3}\\.[0-9]{1,2}[\"'+-]?"))
            .prop_map(|(commit, version)| Pinned { commit, version });
        let actions = prop::collection::btree_map(key, pinned, 0..6);
        let images =
            prop::collection::btree_map("[a-z]{1,6}:[a-z0-9.]{1,6}", "sha256:[0-9a-f]{64}", 0..4);
        (actions, images).prop_map(|(actions, images)| Lock { actions, images })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]

        #[test]
        fn what_is_written_is_read_again(lock in locks()) {
            let (again, diagnostics) = parse(&render(&lock));
            prop_assert!(diagnostics.is_empty(), "{:?}", diagnostics);
            prop_assert_eq!(again, lock);
        }

        #[test]
        fn any_text_is_a_lock_or_a_fault_in_it(text in "\\PC{0,40}", at in 0..200_usize) {
            _ = parse(&text);
            let mut whole = render(&Lock {
                actions: [("a/b@v1".to_owned(), Pinned { commit: COMMIT.into(), version: None })].into(),
                images: [("a:1".to_owned(), format!("sha256:{COMMIT}{}", &COMMIT[..24]))].into(),
            });
            let at = at.min(whole.len());
            if whole.is_char_boundary(at) {
                whole.insert_str(at, &text);
            }
            for diagnostic in parse(&whole).1 {
                let span = diagnostic.span().unwrap();
                prop_assert!(span.range().end <= whole.len());
            }
        }
    }
}
