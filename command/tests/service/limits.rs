//! How often one may ask.

use std::net::IpAddr;
use std::time::Duration;

use command::service::Rate;
use command::{Code, Command, CommandBus, Done, Rejection, Request, ServiceConfig};

use crate::scene::{CONFIG, PASSWORD, Scene, create, leave, log_in, new_id, send, sign_up};

async fn from(scene: &Scene, client: &str, command: Command) -> Result<Done, Rejection> {
    let client = Some(client.parse::<IpAddr>().unwrap());
    let request = Request { id: None, viewer: None, command, trace_parent: None, client };
    scene.service.submit(request).await
}

#[tokio::test]
async fn sign_ups_and_log_ins_from_one_address_are_limited_together() {
    let sign_ins_per_client = Rate { max: 4, window: Duration::from_mins(15) };
    let scene = Scene::new();
    let stores = scene.stores.clone();
    let node = scene.node_with(stores, ServiceConfig { sign_ins_per_client, ..CONFIG });
    from(&node, "192.0.2.1", sign_up("minji", PASSWORD)).await.unwrap();
    for _ in 0..2 {
        from(&node, "192.0.2.1", log_in("minji", PASSWORD)).await.unwrap();
    }
    let refused = from(&node, "192.0.2.1", log_in("nobody", "wrong")).await.unwrap_err();
    assert_eq!(refused.code, Code::WrongCredentials);
    let invalid = Command::LogIn { email: "nonsense".into(), password: crate::scene::secret("x") };
    let refused = from(&node, "192.0.2.1", invalid).await.unwrap_err();
    assert_eq!(refused.code, Code::InvalidInput);
    let events = scene.kinds().len();
    for command in [log_in("minji", PASSWORD), log_in("nobody", "wrong"), sign_up("jun", PASSWORD)]
    {
        let refused = from(&node, "192.0.2.1", command).await.unwrap_err();
        assert_eq!(refused.code, Code::RateLimited);
        assert!(refused.retry_after_ms.is_some());
    }
    assert_eq!(scene.kinds().len(), events);
    from(&node, "192.0.2.2", log_in("minji", PASSWORD)).await.unwrap();
}

#[tokio::test]
async fn a_users_commands_are_limited_after_bad_input_and_before_what_is_not_there() {
    let commands_per_user = Rate { max: 3, window: Duration::from_hours(1) };
    let scene = Scene::new();
    let stores = scene.stores.clone();
    let node = scene.node_with(stores, ServiceConfig { commands_per_user, ..CONFIG });
    let (minji, jun) = (node.user("minji").await, node.user("jun").await);
    let (channel, id) = (node.channel(minji).await, new_id());
    let first = node.again(minji, &id, send(channel, "하나")).await.unwrap();
    node.run(minji, send(channel, "둘")).await.unwrap();
    let unknown = events::ChannelId::generate();
    let refused = node.run(minji, send(channel, "셋")).await.unwrap_err();
    assert_eq!(refused.code, Code::RateLimited);
    assert!(refused.retry_after_ms.is_some());
    for command in
        [send(unknown, "x"), leave(channel), create(events::channel::Visibility::Public, None)]
    {
        assert_eq!(node.code(minji, command).await, Code::RateLimited);
    }
    assert_eq!(node.code(minji, send(channel, " ")).await, Code::InvalidInput);
    let nonsense = Command::LeaveChannel { channel: "no id".into() };
    assert_eq!(node.code(minji, nonsense).await, Code::RateLimited);
    assert_eq!(node.again(minji, &id, send(channel, "하나")).await.unwrap(), first);
    assert!(node.run(jun, create(events::channel::Visibility::Public, None)).await.is_ok());
}
