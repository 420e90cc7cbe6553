//! The same steps, hidden from whoever reads the script: put together at run time, or in comments that servers run.

use fastrand::Rng;

use super::Step;

/// A text of the engine that the server makes of two halves; `None` where it would have to be quoted.
pub(super) fn halves(sql: &str, rng: &mut Rng, joined: fn(&str, &str) -> String) -> Option<String> {
    if sql.contains(['\'', '\\']) {
        return None;
    }
    let ats: Vec<usize> = sql.char_indices().map(|(at, _)| at).collect();
    let (left, right) = sql.split_at(ats[rng.usize(..ats.len())]);
    Some(joined(&format!("'{left}'"), &format!("'{right}'")))
}

/// In a comment that MariaDB runs, or doesn't.
pub(super) fn in_comment(step: Step, rng: &mut Rng) -> Step {
    let Step { sql, effect } = step;
    if sql.contains("*/") || sql.contains("/*") {
        return Step { sql, effect };
    }
    let mark = ["/*!", "/*!40000", "/*M!", "/*M!100000", "/*!80000", "/*!999999"][rng.usize(..6)];
    let runs = !mark.ends_with("80000") && !mark.ends_with("999999");
    let sql = format!("{mark} {sql} */");
    if runs { Step { sql, effect } } else { Step::new(format!("{sql} SELECT 1"), |_| {}) }
}

/// The name as `U&"\0061"`, some letters by their numbers.
pub(super) fn in_numbers(name: &str, rng: &mut Rng) -> String {
    let letter = |letter: char| match (rng.u8(..4), u32::from(letter)) {
        (0, code) => format!("\\+{code:06x}"),
        (1, code @ ..0x1_0000) => format!("\\{code:04X}"),
        _ if letter == '\\' || letter == '"' => format!("{letter}{letter}"),
        _ => letter.to_string(),
    };
    format!("U&\"{}\"", name.chars().map(letter).collect::<String>())
}
