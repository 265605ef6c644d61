//! Compares our globs with the real `@actions/glob` on random trees, where that package is present.
//!
//! `npm install @actions/glob` in any folder, then
//! `PLIM_ACTIONS_GLOB=that/folder cargo test -p plim-run --test glob_reference`.
#![expect(
    clippy::disallowed_methods,
    reason = "the reference is a program of its own, and a test finds its own material"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use libtest_mimic::{Arguments, Failed, Trial};
use plim_run::glob::{Glob, NamePattern, Options};
use plim_run::hash_files::hash_files;
use plim_test::sandbox::Sandbox;
use serde_json::{Value, json};

const TREES: u64 = 40;
const QUESTIONS: usize = 120;

/// Answers each question about the tree it stands in, as one line of JSON.
const REFERENCE: &str = r"
import fs from 'node:fs'
import {pathToFileURL} from 'node:url'
const glob = await import(pathToFileURL(process.argv[2] + '/node_modules/@actions/glob/lib/glob.js'))
const {Minimatch} = await import(pathToFileURL(process.argv[2] + '/node_modules/minimatch/dist/esm/index.js'))
const answers = []
for (const {patterns, options, pattern, names} of JSON.parse(fs.readFileSync(process.argv[3], 'utf8'))) {
  try {
    if (names) {
      const matcher = new Minimatch(pattern)
      answers.push({found: names.filter(name => matcher.match(name))})
      continue
    }
    const globber = await glob.create(patterns, options)
    const hash = await glob.hashFiles(patterns, process.cwd(), options)
    answers.push({found: await globber.glob(), search: globber.getSearchPaths(), hash})
  } catch (error) {
    answers.push({error: String(error.message)})
  }
}
console.log(JSON.stringify(answers))
";

fn main() -> ExitCode {
    let package = std::env::var_os("PLIM_ACTIONS_GLOB").map(PathBuf::from);
    let absent = package.is_none();
    let trial = |name: String, compare: fn(&Path, u64) -> Result<(), Failed>, seed: u64| {
        let package = package.clone();
        let run = move || compare(package.as_deref().ok_or("no package")?, seed);
        Trial::test(name, run).with_ignored_flag(absent)
    };
    let trees = (0..TREES).map(|seed| trial(format!("tree_{seed}"), compare_trees, seed));
    let names = (0..TREES).map(|seed| trial(format!("names_{seed}"), compare_names, seed));
    let trials = trees.chain(names);
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit_code()
}

fn compare_names(package: &Path, seed: u64) -> Result<(), Failed> {
    let mut dice = Dice::new(seed);
    let world = tree(&mut dice);
    let questions: Vec<Value> = (0..QUESTIONS).map(|_| name_question(&mut dice)).collect();
    let answers = ask(package, &world, &questions)?;
    let mut differences = Vec::new();
    for (question, theirs) in questions.iter().zip(&answers) {
        let pattern = NamePattern::new(question["pattern"].as_str().unwrap_or_default());
        let Ok(pattern) = pattern else { continue };
        let names = question["names"].as_array().cloned().unwrap_or_default();
        let matched = |name: &Value| pattern.matches(name.as_str().unwrap_or_default());
        let ours: Vec<Value> = names.into_iter().filter(matched).collect();
        if Value::from(ours.clone()) != theirs["found"] {
            differences.push(format!("{question}\n  ours   {ours:?}\n  theirs {theirs}"));
        }
    }
    if differences.is_empty() { Ok(()) } else { Err(Failed::from(differences.join("\n"))) }
}

fn compare_trees(package: &Path, seed: u64) -> Result<(), Failed> {
    let mut dice = Dice::new(seed);
    let world = tree(&mut dice);
    let questions: Vec<Value> = (0..QUESTIONS).map(|_| question(&mut dice)).collect();
    let answers = ask(package, &world, &questions)?;
    let mut differences = Vec::new();
    for (question, theirs) in questions.iter().zip(&answers) {
        let ours = answer(&world, question);
        let agree = match (&ours, &theirs["error"]) {
            (Ok(ours), Value::Null) => ours == theirs,
            (Err(_), Value::String(_)) => true,
            // A POSIX class beside a blank or a comma: the original's regular expression is broken.
            (Ok(_), Value::String(error)) => error.starts_with("Invalid regular expression"),
            _ => false,
        };
        if !agree {
            differences.push(format!("{question}\n  ours   {ours:?}\n  theirs {theirs}"));
        }
    }
    if differences.is_empty() { Ok(()) } else { Err(Failed::from(differences.join("\n"))) }
}

fn ask(package: &Path, world: &Sandbox, questions: &[Value]) -> Result<Vec<Value>, String> {
    let desk = Sandbox::new();
    desk.write("ask.mjs", REFERENCE).write("questions.json", Value::from(questions).to_string());
    let output = Command::new("node")
        .args([desk.at("ask.mjs"), package.to_owned(), desk.at("questions.json")])
        .current_dir(world.at("w"))
        .env("HOME", world.at("home"))
        .output()
        .map_err(|error| format!("cannot start node: {error}"))?;
    let said = String::from_utf8_lossy(&output.stdout);
    let last = said.lines().last().unwrap_or_default();
    serde_json::from_str(last)
        .map_err(|error| format!("{error}: {said}{}", String::from_utf8_lossy(&output.stderr)))
}

fn answer(world: &Sandbox, question: &Value) -> Result<Value, String> {
    let patterns = question["patterns"].as_str().unwrap_or_default();
    let on = |name: &str| question["options"][name].as_bool();
    let all = Options::default();
    let options = Options {
        follow_symbolic_links: on("followSymbolicLinks").unwrap_or(all.follow_symbolic_links),
        implicit_descendants: on("implicitDescendants").unwrap_or(all.implicit_descendants),
        match_directories: on("matchDirectories").unwrap_or(all.match_directories),
        exclude_hidden_files: on("excludeHiddenFiles").unwrap_or(all.exclude_hidden_files),
    };
    let glob = Glob::new(patterns, &world.at("w"), &world.at("home"), options);
    let glob = glob.map_err(|error| error.to_string())?;
    let mut arguments = vec!["--follow-symbolic-links", patterns];
    if !options.follow_symbolic_links {
        arguments.remove(0);
    }
    let hash = hash_files(&arguments, &world.at("w"), &world.at("home"), &|| false);
    let hash = hash.map_err(|error| error.to_string())?;
    let found = glob.find().map_err(|error| error.to_string())?;
    Ok(json!({ "found": found, "search": glob.search_paths(), "hash": hash }))
}

/// Random numbers that are the same each time.
struct Dice(u64);

impl Dice {
    fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap_or(0) % sides
    }

    fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.roll(of.len())]
    }
}

const NAMES: &[&str] = &[
    "a", "b", "ab", "B", ".a", ".git", "a.js", "b.js", "x.rs", "[a]", "a-b", "é", "😀", "a b", "*",
    "a\\b", "{a,b}", "+(a)", "]", "!a", "#a", "~", "0", "Aa", "-", "a.b.js", ".js", "..x",
];

fn tree(dice: &mut Dice) -> Sandbox {
    let world = Sandbox::new();
    world.folder("w").folder("home");
    for i in 0..(10 + dice.roll(30)) {
        let mut path = String::from(if dice.roll(8) == 0 { "home" } else { "w" });
        for _ in 0..=dice.roll(4) {
            path = format!("{path}/{}", dice.pick(NAMES));
        }
        let occupied = Path::new(&path).ancestors().any(|part| {
            part.components().count() > 1 && world.exists(part) && !world.at(part).is_dir()
        });
        if occupied || world.exists(&path) {
            continue;
        }
        match dice.roll(10) {
            0 => drop(world.folder(&path)),
            1 => {
                let target = dice.pick(&[".", "..", "nowhere", "../a", "a", "../b", "../../w/ab"]);
                world.symlink(&path, target);
            }
            _ => drop(world.write(&path, i.to_string())),
        }
    }
    world
}

const PIECES: &[&str] = &[
    "*",
    "?",
    "a",
    "b",
    "ab",
    ".js",
    "a.js",
    "[a]",
    "[ab]",
    "[!a]",
    "[^b]",
    "[a-c]",
    "[c-a]",
    "[]a]",
    "[!]]",
    "[a-]",
    "[[:alpha:]]",
    "[[:digit:]a]",
    "[![:upper:]]",
    "[[:graph:]]",
    "[[]",
    "\\*",
    "\\a",
    "[",
    "]",
    "{a,b}",
    "+(a)",
    "@(b)",
    ".",
    "é",
    "😀",
    "x.rs",
    " ",
    "!",
    "#",
    "\\",
    "[\\]]",
    "[😀]",
    "??",
    "[[:xdigit:]]",
    "(",
    "|",
];

fn question(dice: &mut Dice) -> Value {
    let mut lines = Vec::new();
    for i in 0..=dice.roll(3) {
        lines.push(line(dice, i > 0));
    }
    let mut options = json!({});
    for name in
        ["followSymbolicLinks", "implicitDescendants", "matchDirectories", "excludeHiddenFiles"]
    {
        if dice.roll(4) == 0 {
            options[name] = Value::Bool(dice.roll(2) == 0);
        }
    }
    json!({ "patterns": lines.join("\n"), "options": options })
}

fn line(dice: &mut Dice, may_negate: bool) -> String {
    let mut line = String::from(match dice.roll(10) {
        0 | 1 if may_negate => "!",
        2 => "./",
        3 => "~/",
        4 => "# ",
        5 if may_negate => "! !",
        _ => "",
    });
    for depth in 0..=dice.roll(4) {
        if depth > 0 {
            line.push_str(dice.pick(&["/", "/", "/", "//"]));
        }
        line.push_str(&segment(dice));
    }
    if dice.roll(6) == 0 {
        line.push('/');
    }
    line
}

fn segment(dice: &mut Dice) -> String {
    match dice.roll(6) {
        0 | 1 => "**".to_owned(),
        2 | 3 => dice.pick(NAMES).to_owned(),
        _ => (0..=dice.roll(3)).map(|_| dice.pick(PIECES)).collect(),
    }
}

const NAME_PIECES: &[&str] = &[
    "*",
    "?",
    "a",
    "b",
    "ab",
    "build-",
    ".",
    "[ab]",
    "[!a]",
    "[a-c]",
    "{a,b}",
    "{1..3}",
    "{b,a{1,2}}",
    "@(a|b)",
    "!(a)",
    "!(b|ab)",
    "+(a|b)",
    "?(a)",
    "*(a|b)",
    "-",
    "1",
    "\\*",
    "\\{",
    "(",
    ")",
    "|",
    "{",
    "}",
    ",",
];

fn name_question(dice: &mut Dice) -> Value {
    let start = dice.pick(&["", "", "", "", "!", "#", "x/"]);
    let pattern: String = (0..=dice.roll(4)).map(|_| dice.pick(NAME_PIECES)).collect();
    let pieces =
        &["a", "b", "ab", "build-", "-", "1", "2", ".", "*", "{a,b}", "(", ")", "|", "c", ","];
    let name = |dice: &mut Dice| (0..=dice.roll(4)).map(|_| dice.pick(pieces)).collect::<String>();
    let names: Vec<String> = (0..12).map(|_| name(dice)).collect();
    json!({ "pattern": format!("{start}{pattern}"), "names": names })
}
