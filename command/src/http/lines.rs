//! Many commands in one request: NDJSON in and out, a line each, in the order asked.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::HeaderMap;
use futures::stream::{self, StreamExt};

use super::answer::Answer;
use super::body::Origin;
use super::order::{Order, Turn};
use super::problem::Problem;
use super::request::{self, Asked};
use super::{Endpoint, LINES_IN_FLIGHT_MAX, LINES_LEN_MAX, bearer};
use crate::rejection::Rejection;

/// A line that is too early waits so long at a time; who has to wait longer is locked out.
const PACE_WAIT_MAX: Duration = Duration::from_secs(1);
/// How often a line is tried that is too early each time.
const PACED_TRIES_MAX: usize = 60;

/// Who sent the lines.
#[derive(Clone)]
struct Sender {
    endpoint: Endpoint,
    token: Option<String>,
    origin: Origin,
}

/// Starts working on the lines; the body of the answer is written while that goes on. Refused as
/// a whole are a token that is no good and more lines than there may be, before anything is done.
pub(super) async fn run(
    endpoint: &Endpoint,
    headers: &HeaderMap,
    request: Request,
) -> Result<Body, Problem> {
    bearer::viewer(&*endpoint.0.access, headers).await?;
    let origin = Origin::of(&request);
    let body = endpoint.0.bodies.read(request.into_body(), headers).await?;
    // Who sends slowly takes no other's place.
    let room = endpoint.0.line_requests.clone();
    let permit = room.try_acquire_owned().map_err(|_| Problem::overloaded())?;
    let lines = split(&body.bytes);
    if lines.len() > LINES_LEN_MAX {
        let detail = format!("A request has up to {LINES_LEN_MAX} lines.");
        return Err(Problem::too_large(detail, LINES_LEN_MAX));
    }
    let (endpoint, token) = (endpoint.clone(), bearer::token(headers)?);
    let sender = Sender { endpoint, token, origin };
    let mut order = Order::default();
    let work = stream::iter(lines).map(move |line| {
        let _held = (&permit, &body);
        let read = request::read(&line).map(|asked| (order.next(&asked), asked));
        answered(sender.clone(), line, read)
    });
    let answers = work.buffered(LINES_IN_FLIGHT_MAX).map(Ok::<_, Infallible>);
    Ok(Body::from_stream(answers))
}

/// The lines of a body; blank ones are none.
fn split(body: &Bytes) -> Vec<Bytes> {
    let lines = body.split(|byte| *byte == b'\n');
    let lines = lines.filter(|line| !line.trim_ascii().is_empty());
    lines.map(|line| body.slice_ref(line)).collect()
}

/// A line's answer, as a line.
async fn answered(sender: Sender, asks: Bytes, read: Result<(Turn, Asked), Problem>) -> Vec<u8> {
    let answer = match read {
        Ok((turn, asked)) => turn.take(sender.carry_out_paced(&asks, asked)).await,
        Err(problem) => Err(problem),
    };
    let line = match &answer {
        Ok(answer) => answer.line(),
        Err(problem) => problem.line(),
    };
    // Structs of texts and numbers always have a JSON form.
    let mut line = line.unwrap_or_default();
    line.push(b'\n');
    line
}

impl Sender {
    /// Many lines are one request, which goes no faster than its sender may: a line that is too
    /// early waits for its time, and is refused only if that doesn't come.
    async fn carry_out_paced(&self, line: &[u8], asked: Asked) -> Result<Answer, Problem> {
        let mut answer = self.carry_out(asked).await;
        for _ in 1..PACED_TRIES_MAX {
            let early = answer.as_ref().err().and_then(Problem::too_early_by);
            let Some(early) = early.filter(|early| *early <= PACE_WAIT_MAX) else { break };
            tokio::time::sleep(early).await;
            answer = self.carry_out(request::read(line)?).await;
        }
        answer
    }

    async fn carry_out(&self, asked: Asked) -> Result<Answer, Problem> {
        let viewer = match &self.token {
            Some(token) if !asked.signs_up() => {
                // Asked for each line: the session may have ended since the one before.
                let verified = self.endpoint.0.access.verify(token).await;
                let refused = |rejection: Rejection| Problem::from(rejection).of(asked.id.clone());
                Some(verified.map_err(refused)?)
            }
            _ => None,
        };
        self.endpoint.carry_out(asked, viewer, &self.origin).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_lines_are_none_and_the_last_needs_no_end() {
        let body = Bytes::from_static(b"{1}\n\r\n  \n{2}\r\n{3}");
        let lines = split(&body);
        assert_eq!(lines, [&b"{1}"[..], b"{2}\r", b"{3}"]);
        assert!(split(&Bytes::new()).is_empty());
    }
}
