//! What channels are told of their money.

use std::time::Duration;

use command::bus::Frequency;
use events::channel::About;
use events::{ChannelEvent, ChannelId, StreamName};

use crate::engagements::{plan, plan_of, schedule, when};
use crate::purse::{decline, transfer, transfer_of};
use crate::scene::Scene;
use crate::timing::at;

fn notices(scene: &Scene, channel: ChannelId) -> Vec<(String, About)> {
    let told = scene.told::<ChannelEvent>(&StreamName::channel(channel)).into_iter();
    let notices = told.filter_map(|(_, event)| match event {
        ChannelEvent::NoticeSent(sent) => Some((sent.text, sent.about)),
        _ => None,
    });
    notices.collect()
}

fn texts(scene: &Scene, channel: ChannelId) -> Vec<String> {
    notices(scene, channel).into_iter().map(|(text, _)| text).collect()
}

#[tokio::test]
async fn a_channel_is_told_once_of_each_transfer_of_its_wallet() {
    let scene = Scene::new();
    let owner = scene.user("mina").await;
    let channel = scene.channel(owner).await;
    let club = scene.group_purse(owner, channel, 1).await;
    let jun = scene.purse("jun", 5_000).await;
    let token = scene.token(jun.owner, jun.id).await;
    let paid = scene.run(jun.owner, transfer(jun.id, club.id, 1_200, &token)).await.unwrap();
    let minute = Duration::from_mins(1);
    scene.work_for(minute).await;
    scene.other_node().work_for(minute).await;
    let (wallet, transfer_id) = (club.id, transfer_of(&paid));
    let about = About::Transfer { wallet, transfer: transfer_id };
    let told = notices(&scene, channel);
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].1, about);
    assert!(told[0].0.contains(" received 1,200 KRW"), "{told:?}");
    let token = scene.token(owner, club.id).await;
    scene.run(owner, transfer(club.id, jun.id, 200, &token)).await.unwrap();
    scene.work_for(minute).await;
    let told = texts(&scene, channel);
    assert!(told.len() == 2 && told[1].contains(" paid 200 KRW"), "{told:?}");
    let other = scene.purse("sora", 100).await;
    let token = scene.token(other.owner, other.id).await;
    scene.run(other.owner, transfer(other.id, jun.id, 100, &token)).await.unwrap();
    scene.work_for(minute).await;
    assert_eq!(texts(&scene, channel).len(), 2, "what is between others is nobody's business");
}

#[tokio::test]
async fn a_channel_is_told_of_what_waits_and_of_what_was_declined() {
    let scene = Scene::new();
    let owner = scene.user("mina").await;
    let channel = scene.channel(owner).await;
    let club = scene.group_purse(owner, channel, 2).await;
    let club = scene.fill(club, 1_000).await;
    let jun = scene.purse("jun", 1).await;
    let token = scene.token(owner, club.id).await;
    let asked = scene.run(owner, transfer(club.id, jun.id, 700, &token)).await.unwrap();
    scene.run(owner, decline(transfer_of(&asked))).await.unwrap();
    scene.work_for(Duration::from_mins(1)).await;
    let told = texts(&scene, channel);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told.iter().any(|text| text.contains("wait for 2 approvals")), "{told:?}");
    assert!(told.iter().any(|text| text.contains("was declined")), "{told:?}");
}

#[tokio::test]
async fn a_channel_is_told_of_a_cycle_of_dues_and_of_a_payment_that_failed() {
    let scene = Scene::beginning(at("2027-01-15T00:00:00Z"));
    let club = scene.club(5_000).await;
    let owner = club.wallet.owner;
    let dues =
        plan(club.wallet.id, 1_000, when(Frequency::Monthly, "2027-02-01T09:00:00", Some(1)));
    plan_of(&scene.run(owner, dues).await.unwrap());
    let token = scene.token(owner, club.wallet.id).await;
    let once = when(Frequency::Once, "2027-01-16T09:00:00", None);
    let rent = schedule(club.wallet.id, club.jun.id, 90_000, once, &token);
    scene.run(owner, rent).await.unwrap();
    scene.work_until(at("2027-01-18T00:00:00Z")).await;
    let channel = club.channel;
    let told = texts(&scene, channel);
    let cycle = "Dues “월 회비”, no. 1: 1,000 KRW each from 3 members, due on 2027-02-01 09:00 \
                 (Asia/Seoul).";
    assert_eq!(told[0], cycle);
    assert!(told[1].contains("90,000 KRW") && told[1].ends_with("failed: INSUFFICIENT_FUNDS."));
    assert_eq!(told.len(), 2, "{told:?}");
}
