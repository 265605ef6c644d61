//! `actions-rs/cargo`: one command of cargo, or of cross.

use super::{Builtin, Failure, Input, Invocation, provide};

pub(super) const ACTION: Builtin = Builtin {
    name: "actions-rs/cargo",
    inputs: &[
        Input::implemented("command", ""),
        Input::implemented("toolchain", ""),
        Input::implemented("args", ""),
        Input::implemented("use-cross", "false"),
    ],
    main,
    wants: Some(|asked| match asked.input("use-cross") {
        Some("true") => vec![provide::want("cross", "")],
        _ => vec![provide::want("cargo", "")],
    }),
    ..Builtin::PLAIN
};

fn main(cx: &mut Invocation<'_>) -> Result<(), Failure> {
    ACTION.begin(cx)?;
    let command = cx.required("command")?;
    let program = if cx.boolean("use-cross")? { "cross" } else { "cargo" };
    let toolchain = Some(cx.input("toolchain")).filter(|name| !name.is_empty());
    let mut arguments: Vec<String> = toolchain.map(|name| format!("+{name}")).into_iter().collect();
    arguments.push(command.to_owned());
    arguments.extend(provide::split(cx.input("args"))?);
    provide::run(cx, program, arguments, Vec::new())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builtin::bench::Bench;

    #[test]
    fn a_command_runs_with_its_arguments() {
        let bench = Bench::new();
        bench.program("cargo", "printf '%s|' \"$@\" > said");
        let with = [("command", "test"), ("toolchain", "nightly"), ("args", "--all -- 'a b'")];
        bench.call(&ACTION, &with).passed();
        assert_eq!(bench.read("said"), "+nightly|test|--all|--|a b|");
        bench.program("cargo", "exit 101");
        assert!(bench.call(&ACTION, &with).failure().contains("exit code 101"));
        let open = bench.call(&ACTION, &[("command", "test"), ("args", "'a")]);
        assert!(open.failure().contains("quote"), "{}", open.failure());
    }
}
