//! Finds what a recipe runs: a target of a `Makefile`, a recipe of a `justfile`, a script of a `package.json`, a task of
//! a `deno.json`.

use std::collections::HashSet;

/// What stands under a name in a `Makefile` or `justfile`.
struct Recipe<'t> {
    names: Vec<&'t str>,
    needs: Vec<&'t str>,
    lines: Vec<&'t str>,
}

/// The commands of `target` (the first target when `None`) and of what it depends on, as a shell script.
pub fn make_recipe(makefile: &str, target: Option<&str>) -> Option<String> {
    let text = gathered(&make_rules(makefile), target)?;
    // `$(CARGO)` is a variable here, and `$$` a dollar.
    let mut script = String::new();
    let mut rest = text.as_str();
    while let Some(at) = rest.find('$') {
        script.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let name = after.strip_prefix('(').and_then(|inner| inner.split_once(')'));
        match name {
            Some((name, tail)) if name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') => {
                script.push_str(&format!("${{{name}}}"));
                rest = tail;
            }
            _ => {
                script.push('$');
                rest = after.strip_prefix('$').unwrap_or(after);
            }
        }
    }
    script.push_str(rest);
    Some(script)
}

fn make_rules(makefile: &str) -> Vec<Recipe<'_>> {
    let mut rules: Vec<Recipe<'_>> = Vec::new();
    for line in makefile.lines() {
        if let Some(command) = line.strip_prefix('\t') {
            if let Some(rule) = rules.last_mut() {
                rule.lines.push(command.trim_start_matches(['@', '-', '+', ' ']));
            }
            continue;
        }
        let Some((names, needs)) = line.split_once(':') else { continue };
        if names.contains(['=', '#']) || needs.starts_with('=') || needs.starts_with(":=") {
            continue;
        }
        let needs = needs.trim_start_matches(':');
        let (needs, inline) = needs.split_once(';').unwrap_or((needs, ""));
        rules.push(Recipe {
            names: names.split_whitespace().filter(|name| !name.starts_with('.')).collect(),
            needs: needs.split_whitespace().collect(),
            lines: vec![inline],
        });
    }
    rules.retain(|rule| !rule.names.is_empty());
    rules
}

/// The commands of `recipe` (the first one when `None`) and of what it depends on, as a shell script.
pub fn just_recipe(justfile: &str, recipe: Option<&str>) -> Option<String> {
    let text = gathered(&just_recipes(justfile), recipe)?;
    Some(text.replace("{{", "${").replace("}}", "}"))
}

fn just_recipes(justfile: &str) -> Vec<Recipe<'_>> {
    let mut recipes: Vec<Recipe<'_>> = Vec::new();
    for line in justfile.lines() {
        if line.starts_with([' ', '\t']) {
            if let Some(recipe) = recipes.last_mut() {
                recipe.lines.push(line.trim_start().trim_start_matches(['@', '-']));
            }
            continue;
        }
        let Some((head, needs)) = line.split_once(':') else { continue };
        if needs.starts_with('=') || line.starts_with(['#', '[']) {
            continue;
        }
        let name = head.trim_start_matches('@').split_whitespace().next();
        let needs = needs.split(|c: char| c.is_whitespace() || "()&".contains(c));
        recipes.push(Recipe {
            names: name.into_iter().collect(),
            needs: needs.filter(|need| !need.is_empty()).collect(),
            lines: Vec::new(),
        });
    }
    recipes.retain(|recipe| !recipe.names.is_empty());
    recipes
}

fn gathered(recipes: &[Recipe<'_>], name: Option<&str>) -> Option<String> {
    let first = || recipes.first()?.names.first().copied();
    let mut open = vec![name.or_else(first)?];
    let (mut seen, mut script) = (HashSet::new(), String::new());
    let mut found = false;
    while let Some(name) = open.pop() {
        if !seen.insert(name) {
            continue;
        }
        for recipe in recipes.iter().filter(|recipe| recipe.names.contains(&name)) {
            found = true;
            open.extend(&recipe.needs);
            for line in &recipe.lines {
                script.push_str(line);
                script.push('\n');
            }
        }
    }
    found.then_some(script)
}

/// The command of `name` in the `scripts` of a `package.json`, with those that run before and after it.
pub fn npm_script(package: &str, name: &str) -> Option<String> {
    let package: serde_json::Value = serde_json::from_str(package).ok()?;
    let script = |name: &str| Some(package.get("scripts")?.get(name)?.as_str()?.to_owned());
    let own = script(name)?;
    let around = [script(&format!("pre{name}")), Some(own), script(&format!("post{name}"))];
    Some(around.into_iter().flatten().collect::<Vec<_>>().join("\n"))
}

/// The command of the task `name` in a `deno.json` or `deno.jsonc`, with those of the tasks that it depends on.
pub fn deno_task(config: &str, name: &str) -> Option<String> {
    let plain: String = config
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| [line, "\n"])
        .collect();
    let config: serde_json::Value = serde_json::from_str(&plain).ok()?;
    let tasks = config.get("tasks")?;
    let (mut open, mut seen, mut commands) = (vec![name.to_owned()], HashSet::new(), Vec::new());
    while let Some(name) = open.pop().filter(|_| commands.len() < 64) {
        let Some(task) = tasks.get(&name).filter(|_| seen.insert(name.clone())) else { continue };
        let command = task.as_str().or_else(|| task.get("command")?.as_str());
        commands.extend(command.map(str::to_owned));
        let needs = task.get("dependencies").and_then(serde_json::Value::as_array);
        open.extend(
            needs.into_iter().flatten().filter_map(|need| need.as_str().map(str::to_owned)),
        );
    }
    commands.reverse();
    (!commands.is_empty()).then(|| commands.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_runs_what_it_depends_on() {
        let makefile = "V := 1\n.PHONY: all\nall: build\nbuild:\n\t@$(CARGO) build $$X\n\t-$(shell pwd)\nrelease: build push\npush:\n\tgit push\n";
        let all = make_recipe(makefile, None).unwrap();
        assert!(all.contains("${CARGO} build $X") && !all.contains("git push"), "{all}");
        assert!(make_recipe(makefile, Some("release")).unwrap().contains("git push"));
        assert_eq!(make_recipe(makefile, Some("nothing")), None);
    }

    #[test]
    fn a_recipe_runs_what_it_depends_on() {
        let justfile = "x := 'a'\n\ndefault:\n    @just --list\n\n[private]\nrelease v='1': (build v) && push\n    echo {{v}}\nbuild v:\n  cargo build\npush:\n  git push\n";
        assert_eq!(just_recipe(justfile, None).unwrap(), "just --list\n");
        let release = just_recipe(justfile, Some("release")).unwrap();
        assert!(
            release.contains("echo ${v}")
                && release.contains("git push")
                && release.contains("cargo build")
        );
    }

    #[test]
    fn a_task_runs_what_it_depends_on() {
        let config = "{\n  // a comment\n  \"tasks\": { \"ci\": { \"command\": \"deno test\", \"dependencies\": [\"fmt\"] }, \"fmt\": \"deno fmt --check\" }\n}";
        assert_eq!(deno_task(config, "ci").unwrap(), "deno fmt --check\ndeno test");
        assert_eq!(deno_task(config, "nothing"), None);
    }

    #[test]
    fn a_script_runs_with_those_around_it() {
        let package =
            r#"{"scripts": {"prerelease": "a", "release": "npm publish", "postrelease": "b"}}"#;
        assert_eq!(npm_script(package, "release").unwrap(), "a\nnpm publish\nb");
        assert_eq!(npm_script(package, "x"), None);
        assert_eq!(npm_script("not json", "x"), None);
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(100))]

        #[test]
        fn any_file_is_read(text in "[a-z:=;$(){}@\\t\\n .]{0,80}") {
            make_recipe(&text, None);
            just_recipe(&text, None);
            npm_script(&text, "a");
        }
    }
}
