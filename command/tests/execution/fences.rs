//! A second attempt that is refused keeps the first from being appended after all, even where
//! there is no stream yet.

use command::execution::machine::Mailbox;
use command::execution::machine::effect::{Effect, Input, Reply, Request, Ticket};
use command::execution::{Ask, Limits, Policy};
use command::ports::{Claim, Claimed};
use events::hashing::InputHash;
use events::personal::KeyRing;
use events::{Actor, Append, ChannelId, CommandId, Expected, StreamName, Timestamp, UserId};

use crate::board::{Board, BoardCommand};

const NOW: Timestamp = Timestamp::from_micros(2_000_000);

/// Replies to all that the mailbox asks for, until it wants to append or asks for nothing more.
/// The command was claimed by an attempt of which nothing is known.
fn first_append(mailbox: &mut Mailbox<Board>, claim: &Claim, ask: Ask<Board>) -> Option<Append> {
    let mut inputs = vec![Input::Ask(1, Box::new(ask))];
    loop {
        let effects = mailbox.step(NOW, std::mem::take(&mut inputs));
        for effect in effects {
            let Effect::Io(ticket, request) = effect else { continue };
            match reply(claim, ticket, request) {
                Ok(input) => inputs.push(input),
                Err(append) => return Some(append),
            }
        }
        if inputs.is_empty() {
            return None;
        }
    }
}

fn reply(claim: &Claim, ticket: Ticket, request: Request) -> Result<Input<Board>, Append> {
    let reply = match request {
        Request::Core => Reply::Core(Ok(None)),
        Request::Items(_) => Reply::Items(Ok(Vec::new())),
        Request::Read { .. } => Reply::Read(Ok(Vec::new())),
        Request::Claim(_) => Reply::Claim(Ok(vec![Claimed::Existing(claim.clone())])),
        Request::TakeUp { seen, .. } => {
            let taken = Claim { attempt: seen + 1, ..claim.clone() };
            Reply::TakeUp(Ok(Some((taken, true))))
        }
        Request::Append(append) => return Err(append),
        Request::Find { .. } => Reply::Find(Ok(Some(claim.clone()))),
        Request::Save(..) => Reply::Save(Ok(())),
        Request::Settle { .. } | Request::Release { .. } | Request::Advance { .. } => {
            Reply::Held(Ok(true))
        }
    };
    Ok(Input::Reply(ticket, reply))
}

#[test]
fn a_refusal_that_may_have_come_out_otherwise_before_takes_the_place_of_what_was_decided_then() {
    let stream = StreamName::channel(ChannelId::generate());
    let (id, actor) = (CommandId::generate(), Actor::User(UserId::generate()));
    let input_hash = InputHash("aW5wdXQ".to_owned());
    let claim = Claim {
        id,
        actor: actor.clone(),
        input_hash: input_hash.clone(),
        stream: stream.clone(),
        from_revision: None,
        attempt: 1,
        answer: None,
        at: Timestamp::from_micros(1_000_000),
    };
    let ask = Ask {
        id,
        correlation: id,
        actor,
        policy: Policy::Claimed { input_hash, things: Vec::new() },
        ring: KeyRing::new(),
        cause_at: None,
        trace_parent: None,
        fresh_id: CommandId::generate(),
        // The first attempt was in time.
        command: BoardCommand::Hurry { until: claim.at, for_good: false },
    };
    let mut mailbox = Mailbox::new(stream, Limits::STANDARD);
    let append = first_append(&mut mailbox, &claim, ask).unwrap();
    assert_eq!(append.expected, Expected::NoStream);
    let kinds: Vec<_> = append.events.iter().map(|event| event.kind.as_str()).collect();
    assert_eq!(kinds, ["CommandSettled"]);
}
