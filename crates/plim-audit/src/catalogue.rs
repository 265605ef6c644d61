//! The catalogue: one page for each rule, made from the rule's own text.

use std::fmt::Write as _;

use crate::{LANGUAGE, RULES, Rule};

/// Every rule, those of the reader of the language included, ordered by code.
#[must_use]
pub fn all_rules() -> Vec<&'static Rule> {
    let mut all: Vec<&'static Rule> = LANGUAGE.iter().chain(RULES).copied().collect();
    all.sort_by_key(|rule| rule.code);
    all
}

/// The rule called `code`.
#[must_use]
pub fn rule(code: &str) -> Option<&'static Rule> {
    LANGUAGE.iter().chain(RULES).copied().find(|rule| rule.code.0 == code)
}

/// The page of `rule`, in Markdown.
#[must_use]
pub fn page(rule: &Rule) -> String {
    let mut page = format!("# {}\n\n", rule.code);
    let (severity, tier) = (rule.severity, rule.tier.as_str());
    // Writing to a string cannot fail.
    _ = write!(page, "{}.\n\n*{severity}, {tier} tier*\n\n", capitalized(rule.summary));
    _ = write!(page, "## Why\n\n{}\n\n## What is reported\n\n{}\n\n", rule.why, rule.criterion);
    if !rule.example.is_empty() {
        _ = write!(page, "```yaml\n{}\n```\n\n", rule.example.trim_end());
    }
    _ = writeln!(page, "## What to do\n\n{}", rule.remedy);
    if !rule.better.is_empty() {
        _ = write!(page, "\n```yaml\n{}\n```\n", rule.better.trim_end());
    }
    page
}

/// The list of all rules, in Markdown.
#[must_use]
pub fn index() -> String {
    let mut page = String::from(
        "# Rules\n\nMade by `plim explain --write docs/rules` from the rules' own texts.\n\n\
         | code | severity | tier | what it finds |\n|---|---|---|---|\n",
    );
    for rule in all_rules() {
        let (code, severity, tier) = (rule.code, rule.severity, rule.tier.as_str());
        _ = writeln!(page, "| [{code}]({code}.md) | {severity} | {tier} | {} |", rule.summary);
    }
    page
}

fn capitalized(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(characters).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::path::Path;

    use super::*;
    use crate::testing;

    #[test]
    fn every_code_is_there_once_in_kebab_case() {
        let mut seen = HashSet::new();
        for rule in all_rules() {
            let code = rule.code.0;
            assert!(seen.insert(code), "`{code}` is there twice");
            assert!(
                code.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'),
                "{code}"
            );
        }
    }

    #[test]
    fn every_rule_finds_its_example_and_nothing_in_what_is_better() {
        // What is wrong with bytes or sizes cannot be shown in a few lines of text.
        for rule in all_rules().into_iter().filter(|rule| !rule.example.is_empty()) {
            let codes = |text: &str| {
                let findings = testing::findings_of(rule, text);
                findings.iter().filter(|f| f.diagnostic.code == rule.code).count()
            };
            assert!(codes(rule.example) > 0, "`{}` does not find its example", rule.code);
            assert_eq!(codes(rule.better), 0, "`{}` finds what it says is better", rule.code);
        }
    }

    #[test]
    fn every_text_is_written_as_the_others() {
        for rule in all_rules() {
            let texts = [rule.why, rule.criterion, rule.remedy];
            assert!(texts.iter().all(|text| text.ends_with('.')), "{}: full sentences", rule.code);
            assert!(!rule.summary.ends_with('.'), "{}: no full stop in a summary", rule.code);
            assert!(!rule.summary.starts_with(char::is_uppercase), "{}", rule.code);
        }
    }

    #[test]
    fn every_page_is_up_to_date() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/rules");
        let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap_or_default();
        let advice = "run `cargo run -p plimsoll -- explain --write docs/rules`";
        for rule in all_rules() {
            let name = format!("{}.md", rule.code);
            assert_eq!(read(&name), page(rule), "`{name}` is not up to date: {advice}");
        }
        assert_eq!(read("README.md"), index(), "{advice}");
        let pages = std::fs::read_dir(&folder).unwrap().count();
        assert_eq!(pages, all_rules().len() + 1, "a page without a rule: {advice}");
    }
}
