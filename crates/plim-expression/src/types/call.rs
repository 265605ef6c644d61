//! The types that functions give, and what they cannot do with what they are given.

use std::sync::Arc;

use super::{Mistake, Never, Type, Words, Wrong};
use crate::format::{self, Piece};
use crate::{BuiltIn, Function, Node, NodeKind, Value, case, lenient_json};

/// The type that `function` gives for `arguments`, which have `types`.
pub(super) fn check<'n>(
    function: &'n Function,
    arguments: &'n [Node],
    types: &[Type],
    mistakes: &mut Vec<Mistake<'n>>,
) -> Type {
    let mut call = Call { function, arguments, types, mistakes };
    match function {
        Function::BuiltIn(built_in) => call.built_in(*built_in),
        Function::Extension(name) if name.eq_ignore_ascii_case("hashFiles") => {
            call.no_compound("fails when it is evaluated", "give it patterns of files");
            Type::TEXT
        }
        Function::Extension(_) => Type::Boolean,
    }
}

struct Call<'c, 'n> {
    function: &'n Function,
    arguments: &'n [Node],
    types: &'c [Type],
    mistakes: &'c mut Vec<Mistake<'n>>,
}

impl<'n> Call<'_, 'n> {
    fn built_in(&mut self, function: BuiltIn) -> Type {
        match function {
            BuiltIn::Case => self.case(),
            BuiltIn::Contains => self.contains(),
            BuiltIn::StartsWith | BuiltIn::EndsWith => {
                self.no_compound("is always `false` then", "give it a text");
                self.part(function);
                Type::Boolean
            }
            BuiltIn::Format => self.format(),
            BuiltIn::Join => self.join(),
            BuiltIn::ToJson => Type::TEXT,
            BuiltIn::FromJson => self.json(),
        }
    }

    fn case(&mut self) -> Type {
        let last = self.types.len().saturating_sub(1);
        let values = self.types.iter().enumerate().filter(|(at, _)| at % 2 == 1 || *at == last);
        Type::joined(values.map(|(_, kind)| kind.clone()))
    }

    fn contains(&mut self) -> Type {
        let (Some(searched), Some(item)) = (self.arguments.first(), self.arguments.get(1)) else {
            return Type::Boolean;
        };
        match (&self.types[0], &self.types[1]) {
            (Type::Object(_), _) => {
                self.unusable(
                    searched,
                    "is always `false` for an object",
                    "search a list or a text",
                );
            }
            (Type::Array(of), kind) if of.is_compound() && !matches!(kind, Type::Any) => {
                let help = "take the property that is meant from each with `.*.name`";
                self.unusable(searched, "finds nothing in a list of objects", help);
            }
            (_, kind) if kind.is_compound() => {
                self.unusable(item, "never finds a list or an object", "search for a text");
            }
            (Type::Array(of), Type::Text(words)) => self.items(of, item, words),
            _ => {
                self.part_of_text(searched, item);
                self.part(BuiltIn::Contains);
            }
        }
        Type::Boolean
    }

    /// A list of words, of which `item`, which reads as `words` say, may be one.
    fn items(&mut self, of: &Type, item: &'n Node, words: &Words) {
        let (Type::Text(listed), [searched, ..]) = (of, self.arguments) else { return };
        for literal in listed.known().iter().filter(|literal| !words.allow(literal)) {
            let kind = Type::Text(words.clone());
            let never = Never::Word { side: item, kind, literal: Arc::clone(literal) };
            self.add(searched, Wrong::Comparison { holds: false, never });
        }
    }

    /// A text that is known never to have the literal it is asked for.
    fn part(&mut self, function: BuiltIn) {
        let ([side, asked], Some(Type::Text(words))) = (self.arguments, self.types.first()) else {
            return;
        };
        let NodeKind::Literal(Value::String(part)) = &asked.kind else { return };
        let (may, verb) = match function {
            BuiltIn::StartsWith => (words.may_begin(part), "begins with"),
            BuiltIn::EndsWith => (words.may(|word| case::ends_with(word, part)), "ends with"),
            _ => (words.may(|word| case::contains(word, part)), "contains"),
        };
        if !may {
            let never = Never::Part { side, verb, part };
            self.add(asked, Wrong::Comparison { holds: false, never });
        }
    }

    fn part_of_text(&mut self, searched: &'n Node, item: &'n Node) {
        let NodeKind::Literal(Value::String(text)) = &searched.kind else { return };
        if !matches!(item.kind, NodeKind::Literal(_)) {
            self.add(searched, Wrong::PartOfText { text });
        }
    }

    fn format(&mut self) -> Type {
        for (argument, kind) in self.arguments.iter().zip(self.types) {
            if kind.is_compound() {
                let wrong = Wrong::Compound { function: Some(self.function), kind: kind.clone() };
                self.add(argument, wrong);
            }
        }
        let [text, values @ ..] = self.arguments else { return Type::TEXT };
        if let NodeKind::Literal(Value::String(written)) = &text.kind {
            match format::pieces(written, values.len()) {
                Ok(pieces) => self.not_mentioned(&pieces, values),
                Err(why) => self.add(text, Wrong::Format(why)),
            }
        }
        Type::TEXT
    }

    fn not_mentioned(&mut self, pieces: &[Piece<'_>], values: &'n [Node]) {
        for (number, value) in values.iter().enumerate() {
            if !pieces.contains(&Piece::Argument(number)) {
                self.add(value, Wrong::NotMentioned { number });
            }
        }
    }

    fn join(&mut self) -> Type {
        if let [list, ..] = self.arguments
            && matches!(self.types[0], Type::Object(_))
        {
            self.unusable(list, "gives nothing for an object", "take its values with `.*`");
        }
        if let [_, separator] = self.arguments
            && self.types[1].is_compound()
        {
            self.unusable(separator, "takes no list or object as separator", "give it a text");
        }
        Type::TEXT
    }

    fn json(&mut self) -> Type {
        let Some(argument) = self.arguments.first() else { return Type::Any };
        if self.types[0].is_compound() {
            let help = "leave `fromJSON` away, the value is no text any more";
            self.unusable(argument, "fails for what is no text", help);
        }
        let NodeKind::Literal(Value::String(text)) = &argument.kind else { return Type::Any };
        match lenient_json::read(text) {
            Ok(value) => Type::of(&value),
            Err(_) => {
                let help = "write JSON, with double quotes inside of the single ones";
                self.unusable(argument, "fails for what is no JSON", help);
                Type::Any
            }
        }
    }

    fn no_compound(&mut self, effect: &'static str, help: &'static str) {
        for (argument, kind) in self.arguments.iter().zip(self.types) {
            if kind.is_compound() {
                self.unusable(argument, effect, help);
            }
        }
    }

    fn unusable(&mut self, argument: &'n Node, effect: &'static str, help: &'static str) {
        self.add(argument, Wrong::Unusable { function: self.function, effect, help });
    }

    fn add(&mut self, at: &'n Node, wrong: Wrong<'n>) {
        self.mistakes.push(Mistake { span: at.span.clone(), optional: false, wrong });
    }
}
