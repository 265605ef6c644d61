//! What must hold of any text that is read as a command line: a script of a step, a shell's template, a recipe.

use std::path::Path;

use plim_run::{privilege, publish, shell::Shell};
use plim_workflow::script::{Script, Word, just_recipe, make_recipe, npm_script, quoted_commands};

/// Panics when `input` breaks a property.
pub(crate) fn holds(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    script_holds(&text);
    shell_holds(&text);
    let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
    for recipe in [make_recipe(rest, Some(first)), make_recipe(rest, None)] {
        recipe.iter().for_each(|recipe| script_holds(recipe));
    }
    for recipe in [just_recipe(rest, Some(first)), just_recipe(rest, None), npm_script(rest, first)]
    {
        recipe.iter().for_each(|recipe| script_holds(recipe));
    }
    script_holds(&quoted_commands(&text));
}

/// Every command, and whatever it starts, stands on a line of the text.
fn script_holds(text: &str) {
    let lines = u32::try_from(text.lines().count()).unwrap_or(u32::MAX).max(1);
    let script = Script::read(text);
    for command in &script.commands {
        assert!((1..=lines).contains(&command.line), "{command:?} is on none of {lines} lines");
        command.words.iter().for_each(word_holds);
    }
    for invoked in script.programs() {
        assert!((1..=lines).contains(&invoked.line), "{invoked:?} is on none of {lines} lines");
        assert!(!invoked.words.is_empty() && !invoked.shown().contains('\n'), "{invoked:?}");
        _ = (publish::command(&invoked), privilege::command(&invoked));
    }
}

fn word_holds(word: &Word) {
    let named = |name: &str| !word.literal && word.text.contains(name);
    assert!(word.variable().is_none_or(named), "{word:?}");
}

/// A shell that is found runs the script that it is given: its path is among the arguments.
fn shell_holds(text: &str) {
    const SCRIPT: &str = "/w/1.sh";
    let find = |name: &str| Some(Path::new("/bin").join(name));
    let Ok(shell) = Shell::find(Some(text), &find) else { return };
    let invocation = shell.invocation(Path::new(SCRIPT));
    let given = invocation.arguments.concat();
    // `{{0}}` is a template too, of a text in braces.
    assert!(given.contains(SCRIPT) || given.contains("{0}"), "{text:?} gives {given:?}");
}
