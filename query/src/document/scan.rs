//! A look at the bare text before it is parsed.
//!
//! The parser works by recursion and on the whole text: a body of nothing but `{` would exhaust
//! its stack, which ends the process. So brackets and tokens are counted first, in one pass.

use async_graphql::parser::Error;
use async_graphql::parser::types::ExecutableDocument;

use super::fault::Fault;
use super::limits::Limits;

/// Parses a document whose nesting and length are within bounds.
pub(super) fn parse(text: &str, limits: &Limits) -> Result<ExecutableDocument, Fault> {
    if text.len() > limits.text_bytes_max {
        return Err(Fault::too_complex("the document is too long", limits.text_bytes_max as u64));
    }
    scan(text, limits)?;
    async_graphql::parser::parse_query(text).map_err(|error| syntax(&error))
}

fn scan(text: &str, limits: &Limits) -> Result<(), Fault> {
    let bytes = text.as_bytes();
    let (mut at, mut nesting, mut tokens) = (0, 0_usize, 0_usize);
    while let Some(byte) = bytes.get(at) {
        at += 1;
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' | b',' => continue,
            b'#' => {
                at += line_len(&bytes[at..]);
                continue;
            }
            b'"' => at = string_end(bytes, at),
            b'{' | b'(' | b'[' => nesting += 1,
            b'}' | b')' | b']' => nesting = nesting.saturating_sub(1),
            _ if is_name(*byte) => {
                at += bytes[at..].iter().take_while(|next| is_name(**next)).count();
            }
            _ => {}
        }
        tokens += 1;
        if nesting > limits.nesting_max {
            return Err(Fault::too_complex(
                "brackets are nested too deep",
                limits.nesting_max as u64,
            ));
        }
        if tokens > limits.tokens_max {
            return Err(Fault::too_complex("the document is too long", limits.tokens_max as u64));
        }
    }
    Ok(())
}

/// Numbers count as names here: both are one token.
fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn line_len(rest: &[u8]) -> usize {
    rest.iter().take_while(|byte| !matches!(byte, b'\n' | b'\r')).count()
}

/// The place behind a string whose first quote ends at `start`.
fn string_end(bytes: &[u8], start: usize) -> usize {
    let block = bytes[start..].starts_with(b"\"\"");
    let mut at = if block { start + 2 } else { start };
    while at < bytes.len() {
        let rest = &bytes[at..];
        if block && rest.starts_with(b"\\\"\"\"") {
            at += 4;
        } else if block && rest.starts_with(b"\"\"\"") {
            return at + 3;
        } else if !block && rest[0] == b'\\' {
            at += 2;
        } else if !block && matches!(rest[0], b'"' | b'\n' | b'\r') {
            // Behind an empty string stands no third quote, so `block` was told right.
            return at + 1;
        } else {
            at += 1;
        }
    }
    // A string that never ends: what follows it can't nest, and the parser refuses it.
    bytes.len()
}

const MESSAGE_CHARS_MAX: usize = 200;

/// The parser's message quotes the whole line at fault; only what was expected is of use.
fn syntax(error: &Error) -> Fault {
    let text = error.to_string();
    let told = text.rsplit_once("= ").map_or(text.as_str(), |(_, told)| told).trim();
    let told: String = told.chars().take(MESSAGE_CHARS_MAX).collect();
    Fault::syntax(format!("Syntax error: {told}"), error.positions().next())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::fault::{PARSE_FAILED, TOO_COMPLEX};

    fn code(text: &str) -> &'static str {
        parse(text, &Limits::default()).map_or_else(|fault| fault.code, |_| "")
    }

    #[test]
    fn a_megabyte_of_open_brackets_is_refused_without_being_parsed() {
        for bracket in ["{", "[", "(", "{a", "{a(b:[", "{a(b:{c:"] {
            let text = bracket.repeat((1 << 20) / bracket.len());
            let limits = Limits { text_bytes_max: text.len(), ..Limits::default() };
            assert_eq!(parse(&text, &limits).unwrap_err().code, TOO_COMPLEX);
        }
    }

    #[test]
    fn brackets_in_strings_and_comments_do_not_count() {
        let many = "{[(".repeat(10_000);
        assert_eq!(code(&format!("{{ a(b: \"{many}\") }}")), "");
        assert_eq!(code(&format!("{{ a(b: \"\"\"{many} \\\"\"\" {many}\"\"\") }}")), "");
        assert_eq!(code(&format!("{{ a(b: \"\", c: \"\\\"{many}\") # {many}\n }}")), "");
    }

    #[test]
    fn a_document_of_too_many_tokens_is_refused() {
        assert_eq!(code(&format!("{{ {} }}", "id ".repeat(100_000))), TOO_COMPLEX);
    }

    #[test]
    fn a_long_comment_counts_too() {
        assert_eq!(code(&format!("{{ a }} # {}", "x".repeat(100_000))), "");
        assert_eq!(code(&format!("{{ a }} # {}", "x".repeat(200_000))), TOO_COMPLEX);
    }

    #[test]
    fn broken_documents_are_told_from_big_ones_and_not_quoted() {
        for text in ["", "{", "}", "{ a(b: \"never ends) }", "query", "fragment F on X { a }", "\0"]
        {
            assert_eq!(code(text), PARSE_FAILED, "{text:?}");
        }
        let fault = parse(&format!("{{ a {} ", "x".repeat(5_000)), &Limits::default()).unwrap_err();
        assert!(fault.message.len() < 400, "{}", fault.message);
        assert!(fault.at.is_some());
    }
}
