//! One event of every kind, always the same.

pub(crate) mod schedules;
pub(crate) mod wallets;

use events::channel::{
    About, ChannelCreated, ChannelDeleted, ChannelPasswordFailed, ChannelUpdated,
    GroupWalletClosed, GroupWalletOpened, MemberJoined, MemberLeft, MessageDeleted, MessageEdited,
    MessageSent, NoticeSent, ReactionAdded, ReactionRemoved, Role, RoleChanged, Visibility,
};
use events::email::{EmailReleased, EmailReserved, Registration};
use events::hashing::{HashKey, InputHash};
use events::money::Currency;
use events::personal::Personal;
use events::readers::ReadMarkerMoved;
use events::settled::CommandSettled;
use events::user::{
    ContactAdded, ContactRemoved, LogInFailed, PasswordChanged, PersonalWalletClosed,
    PersonalWalletOpened, ProfileChanged, SessionEnd, SessionEnded, SessionRefreshed,
    SessionStarted, UserDeleted, UserRegistered,
};
use events::{
    Actor, ChannelEvent, ChannelId, CommandId, EmailEvent, EventId, MessageId, Metadata,
    ReadersEvent, SessionId, StreamName, Timestamp, TransferId, UserEvent, UserId, WalletId,
};
use serde_json::json;
use uuid::Uuid;

/// An event and where it stands.
pub(crate) struct Sample<E> {
    /// Where.
    pub(crate) stream: StreamName,
    /// What.
    pub(crate) event: E,
}

/// Whose personal texts the samples hold.
pub(crate) fn user() -> UserId {
    UserId(id(1))
}

fn id(number: u128) -> Uuid {
    Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0000 + number)
}

fn instant() -> Timestamp {
    Timestamp::from_micros(1_700_000_000_123_456)
}

fn personal(text: &str) -> Personal {
    Personal::plain(user(), text)
}

/// What surrounds each of them.
pub(crate) fn metadata() -> Metadata {
    Metadata {
        event_id: EventId(id(100)),
        correlation: CommandId(id(101)),
        causation: CommandId(id(102)),
        input_hash: Some(InputHash("aW5wdXQ".to_owned())),
        actor: Actor::User(user()),
        recorded_at: instant(),
        version: 0,
        trace_parent: Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned()),
    }
}

fn settled() -> CommandSettled {
    CommandSettled { answer: json!({ "code": "LAST_ADMIN", "message": "a sentence" }) }
}

/// Of users.
pub(crate) fn users() -> Vec<Sample<UserEvent>> {
    let (session, expires_at) = (SessionId(id(2)), instant());
    let events: Vec<UserEvent> = vec![
        UserRegistered {
            email: personal("minji@example.com"),
            username: personal("김민지"),
            password: personal("$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA"),
        }
        .into(),
        SessionStarted { session, refresh: personal("aGFzaA"), expires_at }.into(),
        SessionRefreshed { session, refresh: personal("aGFzaDI"), expires_at }.into(),
        SessionEnded { session, reason: SessionEnd::RefreshReused }.into(),
        LogInFailed {}.into(),
        ProfileChanged {
            email: Some(personal("minji@example.org")),
            username: Some(personal("민지")),
        }
        .into(),
        PasswordChanged { password: personal("$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA") }
            .into(),
        ContactAdded { contact: UserId(id(4)) }.into(),
        ContactRemoved { contact: UserId(id(4)) }.into(),
        PersonalWalletOpened {
            wallet: WalletId(id(20)),
            name: "KRW".to_owned(),
            currency: Currency::KRW,
            pin: personal("$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$cGlu"),
        }
        .into(),
        PersonalWalletClosed { wallet: WalletId(id(20)) }.into(),
        UserDeleted {}.into(),
        settled().into(),
    ];
    let stream = StreamName::user(user());
    events.into_iter().map(|event| Sample { stream: stream.clone(), event }).collect()
}

/// Of addresses.
pub(crate) fn emails() -> Vec<Sample<EmailEvent>> {
    let registration = Registration {
        email: personal("minji@example.com"),
        username: personal("김민지"),
        password: personal("$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA"),
    };
    let events: Vec<EmailEvent> = vec![
        EmailReserved { user: user(), registration: Some(Box::new(registration)), change: None }
            .into(),
        EmailReleased { user: user() }.into(),
        settled().into(),
    ];
    let stream = StreamName::email(&HashKey::new([9; 32]).email("minji@example.com"));
    events.into_iter().map(|event| Sample { stream: stream.clone(), event }).collect()
}

/// Of channels.
pub(crate) fn channels() -> Vec<Sample<ChannelEvent>> {
    let (message, by) = (MessageId(id(3)), user());
    let events: Vec<ChannelEvent> = vec![
        ChannelCreated {
            name: "동네 축구".to_owned(),
            description: "Sundays".to_owned(),
            visibility: Visibility::Private,
            password: Some("$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA".to_owned()),
            creator: by,
        }
        .into(),
        ChannelDeleted { by }.into(),
        MemberJoined { user: by, added_by: None, message, seq: 1, number: 0 }.into(),
        MemberLeft { user: by, removed_by: Some(UserId(id(4))), message, seq: 2, number: 0 }.into(),
        ChannelPasswordFailed { user: by }.into(),
        ChannelUpdated {
            name: Some("동네 농구".to_owned()), description: Some(String::new()), by
        }
        .into(),
        RoleChanged { user: UserId(id(4)), role: Role::Admin, by: Some(by) }.into(),
        MessageSent {
            message,
            seq: 3,
            number: 1,
            author: by,
            text: "안녕하세요 👋".to_owned(),
            reply_to: Some(MessageId(id(5))),
        }
        .into(),
        NoticeSent {
            message: MessageId(id(7)),
            seq: 4,
            number: 2,
            text: "“회비” received 30,000 KRW.".to_owned(),
            about: About::Transfer { wallet: WalletId(id(20)), transfer: TransferId(id(21)) },
        }
        .into(),
        MessageEdited { message, seq: 3, text: "안녕히 가세요".to_owned() }.into(),
        MessageDeleted { message, seq: 3, by }.into(),
        ReactionAdded { message, seq: 3, user: by, emoji: "👍🏽".to_owned() }.into(),
        ReactionRemoved { message, seq: 3, user: by, emoji: "👍🏽".to_owned() }.into(),
        GroupWalletOpened {
            wallet: WalletId(id(21)),
            owner: user(),
            name: "회비".to_owned(),
            description: "모임 통장".to_owned(),
            currency: Currency::KRW,
            approvals_required: 2,
            pin: personal("$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$cGlu"),
        }
        .into(),
        GroupWalletClosed { wallet: WalletId(id(21)) }.into(),
        settled().into(),
    ];
    let stream = StreamName::channel(ChannelId(id(6)));
    events.into_iter().map(|event| Sample { stream: stream.clone(), event }).collect()
}

/// Of read markers.
pub(crate) fn readers() -> Vec<Sample<ReadersEvent>> {
    let moved = ReadMarkerMoved { user: user(), up_to_seq: 3 };
    let events: Vec<ReadersEvent> = vec![moved.into(), settled().into()];
    let stream = StreamName::readers(ChannelId(id(6)));
    events.into_iter().map(|event| Sample { stream: stream.clone(), event }).collect()
}
