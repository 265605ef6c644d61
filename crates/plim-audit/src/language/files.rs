//! Files beyond what the forge reads.

use super::{Rule, Texts, error};

pub(super) const TOO_DEEP: Rule = error(
    "yaml-too-deep",
    Texts {
        summary: "values are nested deeper than GitHub reads",
        why: "GitHub refuses the file.",
        criterion: "More levels of lists and mappings than GitHub allows.",
        remedy: "Split the value.",
        example: "",
        better: "",
    },
);

pub(super) const TOO_LARGE: Rule = error(
    "yaml-too-large",
    Texts {
        summary: "the file is larger than GitHub reads",
        why: "GitHub refuses the file.",
        criterion: "More characters than GitHub allows.",
        remedy: "Move scripts to files of their own, or split the workflow.",
        example: "",
        better: "",
    },
);

pub(super) const TOO_MANY_NODES: Rule = error(
    "yaml-too-many-nodes",
    Texts {
        summary: "aliases make more values than GitHub reads",
        why: "GitHub refuses the file.",
        criterion: "More values, those behind aliases counted each time, than GitHub allows.",
        remedy: "Use fewer aliases inside of what others name.",
        example: "",
        better: "",
    },
);

pub(super) const UNREADABLE_FILE: Rule = error(
    "unreadable-file",
    Texts {
        summary: "the file cannot be read from the disk",
        why: "What cannot be read is not checked, and silence about it would look like a pass.",
        criterion: "A file that the system refuses to hand out.",
        remedy: "Mend its permissions, or leave it out.",
        example: "",
        better: "",
    },
);
