//! `plim explain`: why a rule exists, or the list of all rules.

use std::{fs, path::Path};

use plim_audit::{Rule, all_rules, catalogue, rule};
use plim_diag::{Code, Diagnostic, closest};
use serde_json::{Value, json};

use crate::{
    args::{ExplainArgs, Format},
    exit::Exit,
    output::Output,
    refusal::Refusal,
    world::World,
};

/// Prints one rule, or all.
pub(super) fn run(
    arguments: &ExplainArgs,
    world: &World,
    stdout: &mut Output,
) -> Result<Exit, Refusal> {
    if let Some(folder) = &arguments.write {
        write(&world.path(folder))?;
        return Ok(Exit::Passed);
    }
    let rules = match &arguments.code {
        Some(code) => vec![rule(code).ok_or_else(|| unknown(code))?],
        None => all_rules(),
    };
    match (arguments.format.format, arguments.code.is_some()) {
        (Format::Json, _) => {
            let list: Value = rules.iter().map(|rule| described(rule)).collect();
            stdout.add(&format!("{list}\n"));
        }
        (Format::Full, true) => rules.iter().for_each(|rule| stdout.add(&catalogue::page(rule))),
        _ => rules.iter().for_each(|rule| stdout.add(&line(rule))),
    }
    stdout.flush();
    Ok(Exit::Passed)
}

/// The refusal of a code that no rule has.
pub(super) fn unknown(code: &str) -> Refusal {
    let near = closest(code, all_rules().iter().map(|rule| rule.code.0));
    let help = match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`plim explain` lists all".to_owned(),
    };
    let message = format!("there is no rule `{code}`");
    Refusal::usage(Diagnostic::error(Code("unknown-rule"), message).help(help))
}

fn line(rule: &Rule) -> String {
    let (severity, tier) = (rule.severity.as_str(), rule.tier.as_str());
    format!("{:<28} {severity:<8} {tier:<9} {}\n", rule.code.0, rule.summary)
}

fn described(rule: &Rule) -> Value {
    json!({
        "code": rule.code,
        "severity": rule.severity,
        "tier": rule.tier.as_str(),
        "summary": rule.summary,
        "why": rule.why,
        "criterion": rule.criterion,
        "remedy": rule.remedy,
        "example": rule.example,
        "better": rule.better,
    })
}

/// Writes the catalogue into `folder`, and removes the pages of rules that are gone.
fn write(folder: &Path) -> Result<(), Refusal> {
    let failed = |error: std::io::Error| {
        let message = format!("cannot write the pages into `{}`: {error}", folder.display());
        Refusal::failed(Diagnostic::error(Code("output"), message))
    };
    fs::create_dir_all(folder).map_err(failed)?;
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|extension| extension == "md") {
            fs::remove_file(path).map_err(failed)?;
        }
    }
    for rule in all_rules() {
        let page = folder.join(format!("{}.md", rule.code));
        fs::write(page, catalogue::page(rule)).map_err(failed)?;
    }
    fs::write(folder.join("README.md"), catalogue::index()).map_err(failed)
}
