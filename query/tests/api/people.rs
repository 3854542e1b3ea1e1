//! Who does things in these tests.

use command::bus::{Secret, Viewer, Visibility};
use command::{Command, CommandBus, Done, Outcome, Rejection, Request};

use crate::world::World;

pub(crate) const PASSWORD: &str = "correct horse battery staple";

impl World {
    pub(crate) async fn submit(
        &self,
        viewer: Option<Viewer>,
        command: Command,
    ) -> Result<Done, Rejection> {
        let request = Request { id: None, viewer, command, trace_parent: None, client: None };
        self.service.submit(request).await
    }

    pub(crate) async fn done(&self, viewer: Viewer, command: Command) -> Done {
        self.submit(Some(viewer), command).await.unwrap()
    }

    /// Signs somebody up, whose address is made of the name.
    pub(crate) async fn sign_up(&self, name: &str) -> Viewer {
        let command = Command::SignUp {
            email: format!("{name}@example.org"),
            username: name.into(),
            password: Secret::new(PASSWORD.into()),
        };
        let Outcome::Session(grant) = self.submit(None, command).await.unwrap().outcome else {
            panic!("sign-up starts a session")
        };
        Viewer { user: grant.user, session: grant.session }
    }

    /// Starts another session of somebody's.
    pub(crate) async fn log_in(&self, name: &str, password: &str) -> Viewer {
        let command = Command::LogIn {
            email: format!("{name}@example.org"),
            password: Secret::new(password.into()),
        };
        let Outcome::Session(grant) = self.submit(None, command).await.unwrap().outcome else {
            panic!("log-in starts a session")
        };
        Viewer { user: grant.user, session: grant.session }
    }

    pub(crate) async fn channel_of(&self, viewer: Viewer, name: &str) -> String {
        let command = Command::CreateChannel {
            name: name.into(),
            description: None,
            visibility: Visibility::Public,
            password: None,
        };
        let Outcome::Channel(id) = self.done(viewer, command).await.outcome else {
            panic!("creating a channel names it")
        };
        id.to_string()
    }

    pub(crate) async fn join(&self, viewer: Viewer, channel: &str) {
        let command = Command::JoinChannel { channel: channel.into(), password: None };
        self.done(viewer, command).await;
    }

    pub(crate) async fn leave(&self, viewer: Viewer, channel: &str) {
        self.done(viewer, Command::LeaveChannel { channel: channel.into() }).await;
    }

    /// Sends a message and gives its id.
    pub(crate) async fn send(&self, viewer: Viewer, channel: &str, text: &str) -> String {
        let command =
            Command::SendMessage { channel: channel.into(), text: text.into(), reply_to: None };
        let Outcome::Message(id) = self.done(viewer, command).await.outcome else {
            panic!("sending a message names it")
        };
        id.to_string()
    }
}
