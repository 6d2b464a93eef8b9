//! Names that others chose (threads, files, sockets), as text for a terminal.

use std::fmt::Write;

/// What isn't UTF-8 is replaced, and control characters are spelt out, so that no name moves the cursor or begins a line.
pub fn escaped(bytes: &[u8]) -> String {
    let mut text = String::new();
    for c in String::from_utf8_lossy(bytes).chars() {
        let _ = match c {
            '\n' => write!(text, "\\n"),
            '\t' => write!(text, "\\t"),
            _ if c.is_control() => write!(text, "\\x{:02x}", u32::from(c)),
            _ => write!(text, "{c}"),
        };
    }
    text
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn what_a_terminal_would_obey() {
        assert_eq!(escaped(b"a\x1b[31m\n\x7f\tb"), "a\\x1b[31m\\n\\x7f\\tb");
        assert_eq!(escaped("\u{9b}2J ä \\n".as_bytes()), "\\x9b2J ä \\n");
        assert_eq!(escaped(b"\xff"), "\u{fffd}");
    }
}
