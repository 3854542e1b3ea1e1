//! One command as it comes: `{"type", "id", "data"}`.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::input;
use super::problem::Problem;
use crate::bus::Command;

/// A command that was read.
#[derive(Debug)]
pub(super) struct Asked {
    /// The client's id for it, not looked at yet.
    pub(super) id: Option<String>,
    /// What is asked for.
    pub(super) command: Command,
}

impl Asked {
    /// Whether it makes the account that its sender has none of yet.
    pub(super) fn signs_up(&self) -> bool {
        matches!(self.command, Command::SignUp { .. })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Envelope<'a> {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    id: Option<String>,
    #[serde(borrow)]
    data: &'a RawValue,
}

/// Reads a command, or says what about it is none.
pub(super) fn read(json: &[u8]) -> Result<Asked, Problem> {
    // Serde would read a struct from an array, too.
    if json.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{') {
        return Err(Problem::malformed("A command is a JSON object."));
    }
    let envelope: Envelope<'_> = parse(json)?;
    let Envelope { kind, id, data } = envelope;
    let named = id.clone();
    match input::command(&kind, data) {
        Ok(command) => Ok(Asked { id, command }),
        Err(problem) => Err(problem.of(named)),
    }
}

/// Reads an object's fields; what doesn't fit is told by its path.
pub(super) fn parse<'a, T: Deserialize<'a>>(json: &'a [u8]) -> Result<T, Problem> {
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let parsed = serde_path_to_error::deserialize(&mut deserializer);
    let parsed = parsed.map_err(|error| misfit(&error))?;
    deserializer.end().map_err(|_| no_json())?;
    Ok(parsed)
}

/// Reads what a type of command takes.
pub(super) fn parse_data<T: DeserializeOwned>(data: &RawValue) -> Result<T, Problem> {
    if !data.get().starts_with('{') {
        return Err(Problem::malformed("`data` is a JSON object.").at("data"));
    }
    parse(data.get().as_bytes())
}

/// The messages of serde are not passed on: they repeat what was sent, a password perhaps.
fn misfit(error: &serde_path_to_error::Error<serde_json::Error>) -> Problem {
    if !error.inner().is_data() {
        return no_json();
    }
    let said = error.inner().to_string();
    for (start, what) in [
        ("missing field `", "is missing"),
        ("unknown field `", "is no field of this command"),
        ("duplicate field `", "is there twice"),
    ] {
        let rest = said.strip_prefix(start).and_then(|rest| rest.split_once('`'));
        if let Some((field, _)) = rest {
            return Problem::malformed(format!("`{field}` {what}.")).at(field);
        }
    }
    let field = error.path().to_string();
    Problem::malformed(format!("`{field}` is of another type, or none of its values.")).at(field)
}

fn no_json() -> Problem {
    Problem::malformed("A command is a JSON object, in UTF-8.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(json: &str) -> serde_json::Value {
        let problem = read(json.as_bytes()).unwrap_err();
        serde_json::from_slice(&problem.line().unwrap()).unwrap()
    }

    #[test]
    fn a_command_is_read() {
        let json = r#" {"type": "sendMessage", "id": "x", "data": {"channelId": "c", "text": "t",
            "replyToId": null}}"#;
        let asked = read(json.as_bytes()).unwrap();
        assert_eq!(asked.id.as_deref(), Some("x"));
        let Command::SendMessage { channel, text, reply_to } = asked.command else { panic!() };
        assert_eq!((channel.as_str(), text.as_str(), reply_to), ("c", "t", None));
    }

    #[test]
    fn what_is_none_is_told_by_its_field() {
        let cases = [
            (r#"{"id": "x", "data": {}}"#, "type"),
            (r#"{"type": 1, "data": {}}"#, "type"),
            (r#"{"type": "logIn", "data": {"email": "e", "password": "p"}}"#, "type"),
            (r#"{"type": "leaveChannel"}"#, "data"),
            (r#"{"type": "leaveChannel", "data": null}"#, "data"),
            (r#"{"type": "leaveChannel", "data": ["c"]}"#, "data"),
            (r#"{"type": "leaveChannel", "data": {}, "extra": 1}"#, "extra"),
            (r#"{"type": "leaveChannel", "id": 7, "data": {}}"#, "id"),
            (r#"{"type": "leaveChannel", "data": {}}"#, "channelId"),
            (r#"{"type": "leaveChannel", "data": {"channelId": null}}"#, "channelId"),
            (r#"{"type": "leaveChannel", "data": {"channelId": "c", "why": 1}}"#, "why"),
            (
                r#"{"type": "leaveChannel", "data": {"channelId": "c", "channelId": "d"}}"#,
                "channelId",
            ),
            (
                r#"{"type": "createChannel", "data": {"name": "n", "visibility": "OPEN"}}"#,
                "visibility",
            ),
            (r#"{"type": "markRead", "data": {"channelId": "c", "upToSeq": 1.5}}"#, "upToSeq"),
        ];
        for (json, field) in cases {
            let problem = refused(json);
            assert_eq!(problem["code"], "BAD_USER_INPUT", "{json}");
            assert_eq!(problem["status"], 400, "{json}");
            assert_eq!(problem["field"], field, "{json}");
        }
    }

    #[test]
    fn what_is_no_json_has_no_field() {
        let lone = r#"{"type": "sendMessage", "data": {"channelId": "c", "text": "\ud800"}}"#;
        for json in ["", "[]", "null", "{", r#"{"type": "x", "data": {}} {}"#, lone] {
            assert_eq!(refused(json).get("field"), None, "{json}");
        }
        assert!(read(b"{\"type\": \"\xff\"}").is_err());
    }

    #[test]
    fn a_secret_of_the_wrong_type_is_not_repeated() {
        let json = r#"{"type": "deleteAccount", "data": {"password": 123456}}"#;
        assert!(!refused(json).to_string().contains("123456"));
    }
}
