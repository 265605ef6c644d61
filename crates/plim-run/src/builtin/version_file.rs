//! Version files: `.nvmrc`, `.python-version`, `go.mod`, `package.json`, `.tool-versions` and their like.

use std::{fs, path::Path};

use serde_json::Value;

use super::{Asked, Failure, Invocation};

/// Reads the version for a tool out of the text of a file with this name; `None` when the file says none.
pub(super) type Reader = fn(name: &str, text: &str) -> Option<String>;

/// The version that the file of an input names, in a running job.
///
/// Errors: the file is not there, cannot be read, or says no version.
pub(super) fn read(cx: &Invocation<'_>, file: &str, reader: Reader) -> Result<String, Failure> {
    let path = crate::bounds::resolve(cx.workspace, file);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let text = format!("The specified version file at: {} does not exist", path.display());
            return Err(Failure::new(text).advise("check out the repository before this step"));
        }
        Err(error) => {
            return Err(Failure::new(format!("could not read `{}`: {error}", path.display()))
                .advise("a version file is a short text"));
        }
    };
    reader(&name(&path), &text).ok_or_else(|| {
        Failure::new(format!("`{}` names no version", path.display()))
            .advise("write the version into the file, or give it as an input")
    })
}

/// What is known of the version while planning: the input itself, else that of the file; `None` when it is not known.
/// Without both it is empty.
pub(super) fn planned(
    asked: &Asked<'_>,
    version: &str,
    file: &str,
    reader: Reader,
) -> Option<String> {
    match (asked.input(version)?, asked.input(file)?) {
        ("", "") => Some(String::new()),
        ("", file) => {
            let path = crate::bounds::resolve(asked.root, file);
            let text = fs::read_to_string(&path).ok()?;
            reader(&name(&path), &text)
        }
        (version, _) => Some(version.to_owned()),
    }
}

fn name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

fn some(text: &str) -> Option<String> {
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// The version behind the name of a tool in a `.tool-versions` of asdf and mise.
pub(super) fn tool_versions(text: &str, tool: &str) -> Option<String> {
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default());
    let mut words = lines.map(|line| line.split_whitespace().collect::<Vec<_>>());
    words.find_map(|words| {
        (words.first() == Some(&tool)).then(|| words.get(1).copied())?.and_then(some)
    })
}

/// `.nvmrc`, `.node-version`, `package.json`, `.tool-versions`, `mise.toml`.
pub(super) fn node(name: &str, text: &str) -> Option<String> {
    if let Ok(Value::Object(package)) = serde_json::from_str(text) {
        return of_package(&Value::Object(package));
    }
    if name.ends_with(".toml") {
        let table: toml::Table = text.parse().ok()?;
        let node = table.get("tools")?.get("node")?;
        return node.as_str().or_else(|| node.get("version")?.as_str()).and_then(some);
    }
    if name == ".tool-versions" {
        return tool_versions(text, "nodejs").or_else(|| tool_versions(text, "node"));
    }
    let line =
        text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'))?;
    some(line.strip_prefix('v').unwrap_or(line))
}

/// Volta's pin, then npm's `devEngines`, then `engines`.
fn of_package(package: &Value) -> Option<String> {
    let text = |value: &Value| value.as_str().and_then(some);
    let runtime = &package["devEngines"]["runtime"];
    let entries = runtime.as_array().cloned().unwrap_or_else(|| vec![runtime.clone()]);
    let is_node =
        |entry: &&Value| entry["name"].as_str().is_some_and(|n| n.eq_ignore_ascii_case("node"));
    text(&package["volta"]["node"])
        .or_else(|| entries.iter().filter(is_node).find_map(|entry| text(&entry["version"])))
        .or_else(|| text(&package["engines"]["node"]))
}

/// `.python-version`, `pyproject.toml`, `.tool-versions`, `Pipfile`.
pub(super) fn python(name: &str, text: &str) -> Option<String> {
    match name {
        ".tool-versions" => tool_versions(text, "python"),
        "Pipfile" => {
            let table: toml::Table = text.parse().ok()?;
            let requires = table.get("requires")?;
            let version =
                requires.get("python_version").or_else(|| requires.get("python_full_version"));
            version?.as_str().and_then(some)
        }
        name if name.ends_with(".toml") => {
            let table: toml::Table = text.parse().ok()?;
            let project = table.get("project").and_then(|project| project.get("requires-python"));
            let poetry = || table.get("tool")?.get("poetry")?.get("dependencies")?.get("python");
            // Commas between the bounds of a range are blanks to semver.
            project
                .or_else(poetry)?
                .as_str()
                .map(|range| range.replace(',', " "))
                .as_deref()
                .and_then(some)
        }
        _ => text
            .lines()
            .map(str::trim)
            .find(|line| !line.is_empty() && !line.starts_with('#'))
            .and_then(some),
    }
}

/// `go.mod`, `go.work`, `.go-version`, `.tool-versions`.
pub(super) fn go(name: &str, text: &str) -> Option<String> {
    if name == ".tool-versions" {
        return tool_versions(text, "golang");
    }
    if !matches!(name, "go.mod" | "go.work") {
        return some(text);
    }
    let after = |word: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(word)?.strip_prefix(' '));
        line.and_then(|rest| rest.split_whitespace().next()).map(str::to_owned)
    };
    after("toolchain")
        .and_then(|version| version.strip_prefix("go").map(str::to_owned))
        .or_else(|| after("go"))
}

/// `.java-version`, `.tool-versions`, `.sdkmanrc`.
pub(super) fn java(name: &str, text: &str) -> Option<String> {
    let version = match name {
        ".tool-versions" => tool_versions(text, "java")?,
        ".sdkmanrc" => text.lines().find_map(|line| line.trim().strip_prefix("java="))?.to_owned(),
        _ => some(text)?,
    };
    // `temurin-21.0.5+11` and `21.0.5-tem` name a vendor too.
    let start = version.find(|c: char| c.is_ascii_digit())?;
    let version = version[start..].split('-').next()?.to_owned();
    some(&version)
}

/// `.dvmrc`, `.tool-versions` of deno and `.bun-version` of bun: a line of text.
pub(super) fn line_for(tool: &str, name: &str, text: &str) -> Option<String> {
    match name {
        ".tool-versions" => tool_versions(text, tool),
        _ => some(text.lines().next()?)
            .map(|line| line.trim_start_matches(['v', 'b', 'u', 'n', '-']).to_owned()),
    }
}

/// The field `packageManager` of `package.json`: the version behind `NAME@`.
pub(super) fn package_manager(tool: &str, text: &str) -> Option<String> {
    let package: Value = serde_json::from_str(text).ok()?;
    let field = package["packageManager"].as_str()?;
    let version = field.strip_prefix(tool)?.strip_prefix('@')?;
    some(version.split('+').next()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn node_has_many_files() {
        for (name, text, wanted) in [
            (".nvmrc", "v20.9.0\n", "20.9.0"),
            (".nvmrc", "# ours\nlts/*\n", "lts/*"),
            (".tool-versions", "ruby 3\nnodejs 22.1.0 # pinned\n", "22.1.0"),
            ("package.json", r#"{"engines": {"node": ">=18"}}"#, ">=18"),
            (
                "package.json",
                r#"{"engines": {"node": "18"}, "volta": {"node": "20.1.0"}}"#,
                "20.1.0",
            ),
            (
                "package.json",
                r#"{"devEngines": {"runtime": [{"name": "node", "version": "22"}]}}"#,
                "22",
            ),
            ("mise.toml", "[tools]\nnode = { version = \"21\" }\n", "21"),
            ("package.json", "{}", ""),
            (".nvmrc", "\n", ""),
        ] {
            assert_eq!(node(name, text).unwrap_or_default(), wanted, "{name} {text}");
        }
    }

    #[test]
    fn the_others_have_theirs() {
        assert_eq!(python(".python-version", "3.12\n").unwrap(), "3.12");
        let project = "[project]\nrequires-python = \">=3.9,<3.13\"\n";
        assert_eq!(python("pyproject.toml", project).unwrap(), ">=3.9 <3.13");
        let module = "module x\n\ngo 1.22\n\ntoolchain go1.22.3\n";
        assert_eq!(go("go.mod", module).unwrap(), "1.22.3");
        assert_eq!(go("go.mod", "module x\ngo 1.21\n").unwrap(), "1.21");
        assert_eq!(java(".sdkmanrc", "java=21.0.5-tem\n").unwrap(), "21.0.5");
        assert_eq!(java(".tool-versions", "java temurin-17.0.9+9\n").unwrap(), "17.0.9+9");
        assert_eq!(
            package_manager("pnpm", r#"{"packageManager": "pnpm@9.1.0+sha512.x"}"#).unwrap(),
            "9.1.0"
        );
        assert_eq!(package_manager("pnpm", r#"{"packageManager": "yarn@4"}"#), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]
        #[test]
        fn any_text_is_read_without_a_panic(text in "\\PC{0,60}", at in 0usize..8) {
            let names = [".nvmrc", "package.json", "mise.toml", ".tool-versions", "go.mod", "Pipfile", ".sdkmanrc", "pyproject.toml"];
            for reader in [node as Reader, python, go, java] {
                let _ = reader(names[at], &text);
            }
            let _ = (line_for("deno", ".dvmrc", &text), package_manager("pnpm", &text));
        }
    }
}
