//! Tests of what the grammar of bash makes of scripts.

use proptest::prelude::*;

use crate::script::{Command, Script};

fn read(text: &str) -> Script {
    Script::read(text)
}

#[test]
fn what_bash_takes_is_taken() {
    for text in [
        "if a; then b; elif c; then d; else e; fi",
        "for x in a b; do echo $x; done",
        "for x\ndo\n  y\ndone",
        "for ((i=0; i<3; i++)); do a; done",
        "while read -r x; do a; done < file",
        "case $x in\n  a|b) c ;;\n  (d) e ;&\n  *) f\nesac",
        "f() { a; }\ng ()\n{\n  b\n}\nfunction h { c; }\nfunction i() ( d )",
        "cat <<EOF > x\nit's $(fine\nEOF\necho done",
        "cat <<-'EOF'\n\tif\n\tEOF\necho ok",
        "[[ $a =~ ^(b|c)$ && ! -f x ]] || exit 1",
        "x=$((1 + (2 * 3))) y=(a b) ; z+=(c)",
        "echo \"a $(b \"c d\" | e) ${f:-\"g\"} `h` it's\"",
        "echo ${x/\\'/} \"${x%'}\" $'a\\'b'",
        "(a; b) | { c; d; } 2>&1 &",
        "a && \\\n  b ||\n  c # if (",
        "diff <(a) <(b)",
        "! a; time b",
        "echo }; echo fi then",
        "shopt -s extglob; rm !(a|b)",
        "( ( a ) ; b )",
        "while :; do case a in a) break;; esac; done",
        "x=$(case a in a) b;; esac)",
        "if ! a; then b; fi; if ((x > 1)); then c; fi",
        "cmd >&2 2>/dev/null &>> log < in",
        "declare -A m=([a]=b [c]=d)",
        "",
        "# nothing",
    ] {
        assert_eq!(read(text).refusal, None, "{text}");
    }
}

#[test]
fn what_bash_refuses_is_pointed_at() {
    for (text, at, message) in [
        ("if a; then b", "if", "what `if` opens here is never closed"),
        ("echo 'a\nb", "'", "what `'` opens here is never closed"),
        ("a\necho \"b", "\"", "what `\"` opens here is never closed"),
        ("x=$(a", "$(", "what `$(` opens here is never closed"),
        ("for x in a; do b; fi", "fi", "`fi` stands where `done` is missing"),
        ("a\nfi", "fi", "`fi` closes nothing"),
        ("a )", ")", "this `)` closes nothing"),
        ("if a\n  b\nfi", "fi", "`fi` stands where `then` is missing"),
        ("a &&", "&&", "nothing follows here"),
        ("a >\nb", "\n", "no file follows `>`"),
        ("case x in a) b;;", "case", "what `case` opens here is never closed"),
    ] {
        let refusal = read(text).refusal.unwrap_or_else(|| panic!("{text:?} is refused"));
        assert_eq!((refusal.span.text(text).unwrap(), refusal.message.as_str()), (at, message));
    }
}

#[test]
fn words_know_what_is_quoted_in_them() {
    let text = "echo $a \"$b\" '$c' \"x$(d)\" `e` ${f:+g}";
    let script = read(text);
    let command = script.understood().last().unwrap();
    let parts: Vec<_> = command
        .words
        .iter()
        .flat_map(|word| &word.parts)
        .map(|part| (part.span.text(text).unwrap(), part.is_quoted))
        .collect();
    let wanted = [
        ("$a", false),
        ("$b", true),
        ("'$c'", false),
        ("$(d)", true),
        ("`e`", false),
        ("${f:+g}", false),
    ];
    assert_eq!(parts, wanted);
    let names: Vec<_> = script.understood().filter_map(|command| command.name(text)).collect();
    assert_eq!(names, ["d", "echo"], "what is in a substitution is a command, too");
}

#[test]
fn what_nests_without_end_is_given_up_on() {
    for piece in
        ["${a:-", "\"$(", "! ", "function f ", "{ ", "( ", "if ", "x=$(( ", "\"${a:-\"", "[[ $("]
    {
        // It must come back, and soon.
        assert!(read(&piece.repeat(20_000)).commands.len() <= 20_000, "{piece}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_text_is_read(text in "[a-f \"'`$(){};&|<>\\\\\n#=!\\[\\]é]{0,60}") {
        let script = Script::read(&text);
        for word in script.commands.iter().flat_map(|command| &command.words) {
            prop_assert!(word.span.text(&text).is_some());
        }
    }
}

#[test]
fn commands_know_what_becomes_of_their_failure() {
    let shown = |text: &str| {
        let show = |command: &Command| {
            let name = command.name(text).unwrap_or("?").to_owned();
            let checked = if command.is_checked { " checked" } else { "" };
            let piped = if command.in_pipe { " piped" } else { "" };
            format!("{name}{checked}{piped}")
        };
        read(text).understood().map(show).collect::<Vec<_>>().join(", ")
    };
    for (text, wanted) in [
        ("a; b", "a, b"),
        ("a && b", "a checked, b"),
        ("a || b | c\nd", "a checked, b piped, c piped, d"),
        ("! a\nb", "a checked, b"),
        ("if a; then b; elif c; then d; fi; e", "a checked, b, c checked, d, e"),
        ("while a; do b; done", "a checked, b"),
        ("! { a; }; b", "a checked, b"),
        ("{ a; b; } && c", "a, b, c"),
        ("(a) | b", "a, b piped"),
        ("a |\n  b", "a piped, b piped"),
        ("if (a); then $(b); fi", "a checked, b, ?"),
        ("a `b` || c=(d e)", "a checked, ?"),
    ] {
        assert_eq!(shown(text), wanted, "{text}");
    }
}

#[test]
fn commands_behind_what_is_refused_are_not_understood() {
    let script = read("a\nb )\nc");
    assert_eq!((script.commands.len(), script.understood().count()), (3, 1));
    assert_eq!(read("x=(a\n b)\nc").understood().count(), 2);
}
