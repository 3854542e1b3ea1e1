//! A channel with a wallet, and everybody who may have to do with it.

use serde_json::{Value, json};

use super::document;
use crate::server::{Server, User, command};

pub(crate) const PIN: &str = "314159";

/// Everybody, from nobody to admin.
pub(crate) struct People {
    pub(crate) server: Server,
    /// Logged out.
    pub(crate) ended: User,
    pub(crate) stranger: User,
    /// In the channel only.
    pub(crate) insider: User,
    /// In the wallet.
    pub(crate) member: User,
    /// Its first admin.
    pub(crate) admin: User,
    /// Its second.
    pub(crate) other_admin: User,
    pub(crate) channel: String,
    /// The group wallet.
    pub(crate) wallet: String,
    /// The admin's own wallet.
    pub(crate) purse: String,
    /// The member's own wallet.
    pub(crate) members_purse: String,
    /// What the admin's own wallet paid into the group's.
    pub(crate) paid: String,
    /// Cells that are not as they should be.
    pub(crate) strayed: Vec<String>,
}

pub(crate) async fn id_of(server: &Server, by: &User, what: (&str, &str), data: Value) -> String {
    let (mutation, field) = what;
    let done = server.run(by, mutation, data).await;
    done.result()[field].as_str().unwrap().to_owned()
}

pub(crate) async fn spend_token(server: &Server, by: &User, wallet: &str) -> String {
    let data = json!({ "walletId": wallet, "pin": PIN });
    id_of(server, by, ("authorizeSpending", "spendToken"), data).await
}

pub(crate) async fn purse(server: &Server, user: &User, amount: &str) -> String {
    let purse = id_of(server, user, ("openWallet", "walletId"), json!({ "pin": PIN })).await;
    let deposit = json!({ "walletId": purse, "amount": amount, "reference": "first" });
    server.run(user, "deposit", deposit).await.result();
    purse
}

impl People {
    pub(crate) async fn new() -> Self {
        let server = Server::start_with(&[("MOIM_DEPOSITS", "self-service")]).await;
        let ended = server.sign_up("ended").await;
        let stranger = server.sign_up("stranger").await;
        let (insider, member) = (server.sign_up("insider").await, server.sign_up("member").await);
        let (admin, other_admin) = (server.sign_up("admin").await, server.sign_up("other").await);
        let out = "mutation($t: String!) { logOut(refreshToken: $t) }";
        server.ask(None, None, out, json!({ "t": ended.refresh_token })).await;
        let channel = server.channel(&admin).await;
        let group = json!({ "channelId": channel, "name": "회비", "pin": PIN });
        let wallet = id_of(&server, &admin, ("openGroupWallet", "walletId"), group).await;
        for user in [&insider, &member, &other_admin] {
            server.run(user, "joinChannel", json!({ "channelId": channel })).await.result();
        }
        for user in [&member, &other_admin] {
            server.run(user, "joinWallet", json!({ "walletId": wallet })).await.result();
        }
        let role = json!({ "walletId": wallet, "userId": other_admin.id, "role": "ADMIN" });
        server.run(&admin, "setWalletRole", role).await.result();
        let pin = json!({ "walletId": wallet, "newPin": PIN });
        server.run(&other_admin, "changePin", pin).await.result();
        let own = purse(&server, &admin, "1000000").await;
        let members_purse = purse(&server, &member, "1000000").await;
        let token = spend_token(&server, &admin, &own).await;
        let order = json!({
            "fromWalletId": own, "toWalletId": wallet, "amount": "500000", "spendToken": token,
        });
        let paid = id_of(&server, &admin, ("transfer", "transferId"), order).await;
        Self {
            server,
            ended,
            stranger,
            insider,
            member,
            admin,
            other_admin,
            channel,
            wallet,
            purse: own,
            members_purse,
            paid,
            strayed: Vec::new(),
        }
    }

    /// A plan of dues of 1,000 each, and its first cycle.
    pub(crate) async fn plan(&self, frequency: &str) -> (Value, Value) {
        let plan = json!({
            "walletId": self.wallet, "name": "회비", "amount": "1000",
            "recurrence": { "frequency": frequency, "startAt": "2040-01-31T09:00:00" },
        });
        let made = self.server.run(&self.admin, "createDuesPlan", plan).await;
        let plan = made.result()["duesPlanId"].clone();
        let asked = "query($id: ID!) { duesPlan(id: $id) { cycles(first: 1) { nodes { id } } } }";
        let (token, position) = (self.admin.token.as_str(), made.body["position"].as_str());
        let told = self.server.ask(Some(token), position, asked, json!({ "id": plan })).await;
        let cycle = told["data"]["duesPlan"]["cycles"]["nodes"][0]["id"].clone();
        assert!(cycle.is_string(), "{told}");
        (plan, cycle)
    }

    /// By nobody, an ended session, a stranger, a channel's member, a wallet's, its admin.
    pub(crate) async fn all_try(&mut self, mutation: &str, data: Value, expected: [&str; 6]) {
        let admin = self.admin.clone();
        self.try_with(&admin, mutation, data, expected).await;
    }

    pub(crate) async fn try_with(
        &mut self,
        admin: &User,
        mutation: &str,
        data: Value,
        expected: [&str; 6],
    ) {
        let tokens = [&self.ended, &self.stranger, &self.insider, &self.member, admin];
        let tokens = std::iter::once(None).chain(tokens.map(|user| Some(user.token.clone())));
        let names = ["nobody", "ended", "stranger", "insider", "member", "admin"];
        for ((token, name), expected) in tokens.zip(names).zip(expected) {
            let token = token.as_deref();
            let mut told = vec![self.as_a_command(token, mutation, &data).await];
            // What is done once may not be done twice.
            if expected != super::OK {
                told.push(self.over_graphql(token, mutation, &data).await);
            }
            if told.iter().any(|told| told != expected) {
                self.strayed.push(format!("{mutation} by {name}: {told:?}, not {expected}"));
            }
        }
    }

    async fn as_a_command(&self, token: Option<&str>, mutation: &str, data: &Value) -> String {
        let reply = self.server.put(token, &command(mutation, data)).await;
        let is_done = reply.status.is_success();
        if is_done { super::OK.to_owned() } else { reply.problem().0.to_owned() }
    }

    async fn over_graphql(&self, token: Option<&str>, mutation: &str, data: &Value) -> String {
        let (document, variables) = document(mutation, data);
        let answer = self.server.ask(token, None, &document, variables).await;
        let code = answer["errors"][0]["extensions"]["code"].as_str();
        code.map_or_else(|| format!("{answer}"), str::to_owned)
    }
}
