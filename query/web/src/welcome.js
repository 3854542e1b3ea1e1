/** What stands in the editor of who comes for the first time. */
export const welcome = `# Moim. Log in, then put the token into the headers below:
#   {"Authorization": "Bearer <accessToken>"}

mutation LogIn {
  logIn(input: { email: "…", password: "…" }) {
    accessToken
    user { id username }
  }
}

query Channels {
  me { username }
  channels(first: 10) {
    nodes { id name memberCount lastMessage { text sentAt } }
  }
}

subscription Events {
  channelEvents(channelId: "…") {
    __typename
    position
    ... on MessageSent { message { seq text author { username } } }
  }
}
`;
