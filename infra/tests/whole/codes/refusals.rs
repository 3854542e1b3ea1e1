//! What commands are refused with.

use serde_json::{Value, json};

use crate::server::{Reply, Server, User, command, fresh_id, password};

/// Wrong passwords of a channel that are listened to.
const TRIES_MAX: usize = 5;

/// The code of a refusal that has the status of its kind.
fn code(reply: &Reply, status: u16) -> &'static str {
    let (code, _) = reply.problem();
    assert_eq!(reply.status.as_u16(), status, "{reply:?}");
    super::CODES.into_iter().find(|known| *known == code).unwrap_or_else(|| panic!("{reply:?}"))
}

pub(super) async fn provoke(server: &Server) -> Vec<&'static str> {
    let (admin, member) = (server.sign_up("admin").await, server.sign_up("member").await);
    let channel = server.channel(&admin).await;
    let join = json!({ "channelId": channel });
    server.run(&member, "joinChannel", join.clone()).await.result();
    let mut seen = people(server, &admin, &member).await;
    seen.extend(messages(server, &admin, &channel).await);
    seen.extend(ids(server, &admin, &member, &channel).await);
    seen.push(code(&server.run(&member, "joinChannel", join.clone()).await, 409));
    seen.push(code(&server.run(&admin, "leaveChannel", join).await, 409));
    let rename = json!({ "channelId": channel, "name": "mine" });
    seen.push(code(&server.run(&member, "updateChannel", rename).await, 403));
    seen.extend(passwords(server, &admin, &member).await);
    seen
}

async fn people(server: &Server, minji: &User, other: &User) -> Vec<&'static str> {
    let sign_up = |email: &str| json!({ "email": email, "username": "N", "password": password() });
    let taken = server.put(None, &command("signUp", &sign_up(&minji.email))).await;
    let anonymous = server.put(None, &command("addContact", &json!({ "email": "a@b.kr" }))).await;
    let invalid = server.put(None, &command("signUp", &sign_up("no address"))).await;
    assert_eq!(invalid.problem().1, Some("email"));
    let wrong = json!({ "currentPassword": "no", "newPassword": "another walk by a lake" });
    let wrong = server.run(minji, "changePassword", wrong).await;
    let contact = |user: &User| json!({ "email": user.email });
    let own = server.run(minji, "addContact", contact(minji)).await;
    server.run(minji, "addContact", contact(other)).await.result();
    let again = server.run(minji, "addContact", contact(other)).await;
    let unknown = server.run(minji, "removeContact", json!({ "userId": fresh_id() })).await;
    vec![
        code(&taken, 409),
        code(&anonymous, 401),
        code(&invalid, 422),
        code(&wrong, 401),
        code(&own, 409),
        code(&again, 409),
        code(&unknown, 404),
    ]
}

async fn messages(server: &Server, admin: &User, channel: &str) -> Vec<&'static str> {
    let say = json!({ "channelId": channel, "text": "said and regretted" });
    let sent = server.run(admin, "sendMessage", say).await.result()["messageId"].clone();
    let delete = json!({ "messageId": sent });
    server.run(admin, "deleteMessage", delete.clone()).await.result();
    vec![code(&server.run(admin, "deleteMessage", delete).await, 409)]
}

async fn ids(server: &Server, one: &User, two: &User, channel: &str) -> Vec<&'static str> {
    let id = fresh_id();
    let say = |text: &str| {
        let data = json!({ "channelId": channel, "text": text });
        json!({ "type": "sendMessage", "id": id, "data": data })
    };
    server.put(Some(&one.token), &say("mine")).await.result();
    let other_input = server.put(Some(&one.token), &say("mine, too")).await;
    let other_actor = server.put(Some(&two.token), &say("mine")).await;
    assert!(!other_actor.body.to_string().contains(&one.email));
    vec![code(&other_input, 409), code(&other_actor, 409)]
}

async fn passwords(server: &Server, admin: &User, guest: &User) -> Vec<&'static str> {
    let private = json!({ "name": "문", "visibility": "PRIVATE", "password": "열려라 참깨" });
    let door = server.run(admin, "createChannel", private).await;
    let channel = door.result()["channelId"].clone();
    let knock = |password: &str| json!({ "channelId": channel, "password": password });
    let mut codes = Vec::new();
    for _ in 0..TRIES_MAX {
        let reply = server.run(guest, "joinChannel", knock("열려라 보리")).await;
        codes.push(code(&reply, 403));
    }
    let locked = server.run(guest, "joinChannel", knock("열려라 참깨")).await;
    codes.push(code(&locked, 429));
    let after_ms = locked.body["retryAfterMs"].as_u64().unwrap();
    assert_eq!(locked.body["retryable"], Value::Bool(true));
    let seconds = after_ms.div_ceil(1_000).to_string();
    assert_eq!(locked.headers["retry-after"], seconds.as_str());
    codes
}
