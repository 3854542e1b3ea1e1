//! Somebody in a part, and what there is to act on.

use serde_json::{Value, json};

use crate::server::{Server, User, command, fresh_id, password};

/// The parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Anonymous,
    Stranger,
    Member,
    Admin,
    /// Logged out; the access token would still be good.
    Ended,
    /// Whose account is deleted.
    Deleted,
}

impl Role {
    pub(super) const ALL: [Self; 6] =
        [Self::Anonymous, Self::Stranger, Self::Member, Self::Admin, Self::Ended, Self::Deleted];
}

/// What all scenes share.
pub(super) struct World {
    pub(super) server: Server,
    owner: User,
    other: User,
    outsider: User,
    ended: User,
    deleted: User,
}

/// One of them.
pub(super) struct Scene {
    role: Role,
    actor: User,
    pub(super) channel: String,
    /// Somebody who is in the channel, and no admin.
    pub(super) other: String,
    /// Somebody who is not in it.
    pub(super) outsider: User,
    /// Somebody who is a contact of whoever acts.
    pub(super) contact: String,
    /// A message of whoever acts, if that is a member.
    pub(super) own: String,
    /// A message of another member.
    pub(super) others: String,
}

impl World {
    pub(super) async fn new() -> Self {
        let server = Server::start().await;
        let owner = server.sign_up("owner").await;
        let other = server.sign_up("other").await;
        let outsider = server.sign_up("outsider").await;
        let (ended, deleted) = (server.sign_up("ended").await, server.sign_up("deleted").await);
        let out = "mutation($t: String!) { logOut(refreshToken: $t) }";
        let out = server.ask(None, None, out, json!({ "t": ended.refresh_token })).await;
        assert_eq!(out["data"]["logOut"], true, "{out}");
        // Over GraphQL, which answers when this node knows of it.
        let delete = "mutation($p: String!) { deleteAccount(password: $p) { position } }";
        let deletion = json!({ "p": password() });
        let gone = server.ask(Some(&deleted.token), None, delete, deletion).await;
        assert!(gone["data"]["deleteAccount"]["position"].is_string(), "{gone}");
        Self { server, owner, other, outsider, ended, deleted }
    }
}

impl Scene {
    /// Sets it up. Nobody of another scene has a part in its channel but the extras.
    pub(super) async fn of(world: &World, role: Role) -> Self {
        let World { server, owner, other, .. } = world;
        let actor = match role {
            Role::Anonymous | Role::Ended => world.ended.clone(),
            Role::Deleted => world.deleted.clone(),
            Role::Stranger | Role::Member | Role::Admin => server.sign_up("actor").await,
        };
        let by = if role == Role::Admin { &actor } else { owner };
        let (channel, others) = (fresh_id(), fresh_id());
        let add = |user: &User| {
            command("addChannelMember", &json!({ "channelId": channel, "userId": user.id }))
        };
        let mut made = vec![
            json!({ "type": "createChannel", "id": channel, "data": { "name": "scene" } }),
            add(other),
        ];
        if role == Role::Member {
            made.push(add(&actor));
        }
        done(server, by, &made).await;
        let say = |id: &str| {
            let data = json!({ "channelId": channel, "text": "a line" });
            json!({ "type": "sendMessage", "id": id, "data": data })
        };
        done(server, other, &[say(&others)]).await;
        let own = fresh_id();
        if matches!(role, Role::Member | Role::Admin) {
            done(server, &actor, &[say(&own)]).await;
        }
        if matches!(role, Role::Stranger | Role::Member | Role::Admin) {
            let contact = command("addContact", &json!({ "email": other.email }));
            done(server, &actor, &[contact]).await;
        }
        let (contact, outsider) = (other.id.clone(), world.outsider.clone());
        Self { role, actor, channel, other: other.id.clone(), outsider, contact, own, others }
    }

    /// What is sent for a token.
    pub(super) fn token(&self) -> Option<&str> {
        (self.role != Role::Anonymous).then_some(self.actor.token.as_str())
    }

    /// An account of one's own; nobody has one who has none.
    pub(super) fn email(&self) -> String {
        match self.role {
            Role::Anonymous => "nobody@example.com".to_owned(),
            _ => self.actor.email.clone(),
        }
    }

    /// The session's.
    pub(super) fn refresh_token(&self) -> String {
        match self.role {
            Role::Anonymous => "none".to_owned(),
            _ => self.actor.refresh_token.clone(),
        }
    }

    /// An address that is free: who deleted an account may have its address again.
    pub(super) fn free_email(&self) -> String {
        match self.role {
            Role::Deleted => self.actor.email.clone(),
            _ => format!("{}@example.com", fresh_id()),
        }
    }
}

async fn done(server: &Server, by: &User, commands: &[Value]) {
    for answer in server.put_lines(Some(&by.token), commands).await {
        assert!(answer["position"].is_string(), "{answer} to {commands:?}");
    }
}
