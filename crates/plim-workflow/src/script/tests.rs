//! Tests the reading of scripts.

use super::*;

mod grammar;

fn shown(text: &str) -> Vec<String> {
    let show = |command: &Command| {
        let words: Vec<&str> = command.words.iter().map(|word| word.text.as_str()).collect();
        words.join("·")
    };
    Script::read(text).commands.iter().map(show).collect()
}

#[test]
fn words_lose_their_quotes_and_keep_their_variables() {
    assert_eq!(
        shown("echo 'a b' \"c $D\" e\\ f g\"h\"'i' ${J:-k} # cargo publish\n\ntrue"),
        ["echo·a b·c $D·e f·ghi·${J:-k}", "true"]
    );
}

#[test]
fn lines_are_continued_and_lists_are_split() {
    assert_eq!(
        shown("a b \\\n  c && d || e; f & g | h |& i\n(j; k) { l; }"),
        ["a·b·c", "d", "e", "f", "g", "h", "i", "j", "k", "l"]
    );
}

#[test]
fn branches_and_loops_and_functions_hold_commands() {
    let script = "if [[ $a == (x|y) && -n b ]]; then c; elif ! d; then e; else f; fi
        for i in 1 2; do g $i; done
        while read -r x; do h; done < file
        case $x in
          one|two) i ;;
          *) j ;;
        esac
        name() { k; }
        function other { l; }";
    assert_eq!(shown(script), ["c", "d", "e", "f", "g·$i", "read·-r·x", "h", "i", "j", "k", "l"]);
    assert_eq!(Script::read(script).functions, ["name", "other"]);
    assert!(Script::read(script).commands.iter().all(|command| !command.certain));
}

#[test]
fn substitutions_are_looked_into() {
    assert_eq!(
        shown("a=$(b \"$(c)\") `d` <(e) $((1 + 2)) \"x $(f)\""),
        ["c", "b·$(c)", "d", "e", "f", "a=$(b \"$(c)\")·`d`·$(e)·$((1 + 2))·x $(f)"]
    );
}

#[test]
fn what_is_read_from_the_script_is_no_command() {
    let script =
        Script::read("cat <<EOF > out\ncargo publish\nEOF\nbash <<-'X'\n\tls $a\n\tX\nb <<< c");
    assert_eq!(script.commands.len(), 3);
    assert_eq!(script.commands[0].input.as_deref(), Some("cargo publish\n"));
    assert_eq!(script.commands[1].input.as_deref(), Some("ls $a\n"));
    assert_eq!(script.commands[2].input.as_deref(), Some("c"));
    assert_eq!(script.commands[2].line, 7);
}

#[test]
fn redirections_are_no_words() {
    assert_eq!(shown("a > x 2>&1 b 2>/dev/null c &> y d >> z <in e>f"), ["a·b·c·d·e"]);
}

#[test]
fn only_what_surely_runs_is_certain() {
    let script = Script::read("a\nb | c; d || true; command -v e && e; if f; then g; fi; $(h)");
    let certain: Vec<&str> = script
        .commands
        .iter()
        .filter(|command| command.certain)
        .map(|command| command.words[0].text.as_str())
        .collect();
    assert_eq!(certain, ["a", "b", "c", "$(h)"]);
}

#[test]
fn a_script_that_ends_with_a_list_of_ands_needs_all_of_it() {
    let certain = |script: &str| {
        let script = Script::read(script);
        let certain = script.commands.iter().filter(|command| command.certain);
        certain.map(|command| command.words[0].text.clone()).collect::<Vec<_>>().join(" ")
    };
    for (script, wanted) in [
        ("a && b", "a b"),
        ("a\nb &&\n c && d # e\n\n", "a b c d"),
        ("a && b\nc", "c"),
        ("a && b || c", ""),
        ("a ||\n b", ""),
        ("a && b | c", ""),
        ("a && b &", ""),
        ("! a && b", ""),
        ("if a && b; then c; fi", ""),
        ("(a && b) || c", ""),
        ("a && $(b)", ""),
    ] {
        assert_eq!(certain(script), wanted, "{script}");
    }
}

#[test]
fn assignments_stand_before_the_name() {
    let script = Script::read("A=1 B+=$x cargo test C=2\nD=(e f)");
    let call = |at: usize| {
        script.commands[at].call().iter().map(|w| w.text.clone()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!((call(0).as_str(), call(1).as_str()), ("cargo test C=2", "e f"));
    assert_eq!(script.commands[0].words[1].variable(), None);
    assert_eq!(Word { text: "${TAG}".into(), ..Word::default() }.variable(), Some("TAG"));
}

#[test]
fn what_stands_between_and_around_commands_is_kept() {
    let text = "a b && (c || true) | d 2>/dev/null >x; if e; then f &>y; fi";
    let script = Script::read(text);
    let show =
        |command: &Command| (text[command.span.clone()].to_owned(), command.joint, command.depth);
    let shown: Vec<_> = script.commands.iter().map(show).collect();
    let wanted = [
        ("a b", Joint::And, 0),
        ("c", Joint::Or, 1),
        ("true", Joint::Pipe, 1),
        ("d", Joint::End, 0),
        ("e", Joint::End, 1),
        ("f", Joint::End, 1),
    ];
    assert_eq!(shown, wanted.map(|(text, joint, depth)| (text.to_owned(), joint, depth)));
    let to = |at: usize| {
        let show =
            |to: &Redirection| format!("{:?}{}{}", to.descriptor, to.operator, to.target.text);
        script.commands[at].redirections.iter().map(show).collect::<Vec<_>>()
    };
    assert_eq!(to(3), ["Some(2)>/dev/null", "None>x"]);
    assert_eq!(to(5), ["None&>y"]);
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(200))]

    #[test]
    fn any_text_is_read(text in "[a-z \\n\"'`$(){}<>|&;#\\\\=é-]{0,60}") {
        Script::read(&text);
    }

    #[test]
    fn a_command_after_any_balanced_line_is_found(
        words in proptest::collection::vec("[a-z]{1,6}|\"[a-z ]{0,6}\"|'[a-z$#]{0,6}'", 1..5),
    ) {
        let script = format!("echo {}\ncargo publish\n", words.join(" "));
        let found = Script::read(&script);
        let last = found.commands.last().unwrap();
        let words: Vec<&str> = last.words.iter().map(|word| word.text.as_str()).collect();
        proptest::prop_assert_eq!(words, ["cargo", "publish"]);
        proptest::prop_assert_eq!(last.line, 2);
    }
}
