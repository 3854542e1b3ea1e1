// What the tests share: requests over HTTP, sockets by graphql-ws as it comes from npm.
import { randomUUID } from 'node:crypto';

import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

const base = process.env.MOIM_URL;
if (!base) {
  throw new Error('MOIM_URL must say where the server is, such as http://127.0.0.1:8080');
}
export const endpoint = new URL('/graphql', base).href;
export const socketUrl = `${endpoint.replace(/^http/, 'ws')}/ws`;
export const password = 'a tiger under the old pagoda';

/** Sends an operation by POST; gives status and body. */
export async function post(query, variables, { token, headers } = {}) {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      accept: 'application/graphql-response+json',
      'content-type': 'application/json',
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...headers,
    },
    body: JSON.stringify({ query, variables }),
  });
  return { status: response.status, ...(await response.json()) };
}

/** The same, of which nothing may fail; gives the data. */
export async function ask(query, variables, options) {
  const { status, data, errors } = await post(query, variables, options);
  if (status !== 200 || errors) throw new Error(`${status} ${JSON.stringify(errors)}`);
  return data;
}

/** A new account, signed in. */
export async function signUp(username) {
  const email = `${randomUUID()}@example.com`;
  const { signUp: session } = await ask(
    `mutation ($input: SignUpInput!) {
      signUp(input: $input) { accessToken refreshToken accessTokenExpiresAt user { id username } }
    }`,
    { input: { commandId: randomUUID(), email, username, password } },
  );
  return { email, token: session.accessToken, refreshToken: session.refreshToken, ...session.user };
}

/** A graphql-ws client that does not retry by itself unless told to. */
export function connect(token, options = {}) {
  return createClient({
    url: socketUrl,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    connectionParams: token ? { Authorization: `Bearer ${token}` } : undefined,
    ...options,
  });
}

/** The one result of a query or mutation over a socket. */
export async function once(client, query, variables) {
  for await (const result of client.iterate({ query, variables })) return result;
  throw new Error('completed without a result');
}

export const EVENTS = `subscription ($channel: ID!, $after: Position) {
  channelEvents(channelId: $channel, after: $after) {
    __typename
    position
    channelId
    at
    ... on MessageSent { message { id seq kind text author { id username } } }
    ... on MessageDeleted { message { id seq text deletedAt } }
    ... on MemberJoined { user { id } }
    ... on MemberLeft { user { id } }
  }
}`;

/** Events of a channel after a position, one after another, by either kind of client. */
export async function* events(client, channel, after) {
  for await (const { data, errors } of client.iterate({
    query: EVENTS,
    variables: { channel, after },
  })) {
    if (errors) throw new Error(JSON.stringify(errors));
    yield data.channelEvents;
  }
}

/** The next `count` of a generator, which goes on. */
export async function take(generator, count) {
  const taken = [];
  while (taken.length < count) {
    const { value, done } = await generator.next();
    if (done) throw new Error(`ended after ${taken.length} of ${count}`);
    taken.push(value);
  }
  return taken;
}

/** The code of a close event or of the first error of an operation. */
export async function failure(promise) {
  try {
    await promise;
  } catch (error) {
    return error.code ?? error[0]?.extensions?.code ?? String(error);
  }
  throw new Error('it should have failed');
}

export async function createChannel(token, input = {}) {
  const commandId = randomUUID();
  const { createChannel: payload } = await ask(
    `mutation ($input: CreateChannelInput!) {
      createChannel(input: $input) { position channel { id name memberCount viewerRole } }
    }`,
    { input: { commandId, name: `tour ${commandId}`, ...input } },
    { token },
  );
  return { commandId, ...payload };
}

export async function joinChannel(token, channelId) {
  const { joinChannel: payload } = await ask(
    `mutation ($input: JoinChannelInput!) {
      joinChannel(input: $input) { position channel { id memberCount viewerRole } }
    }`,
    { input: { commandId: randomUUID(), channelId } },
    { token },
  );
  return payload;
}

export const SEND = `mutation ($input: SendMessageInput!) {
  sendMessage(input: $input) { position message { id seq text kind } }
}`;

export async function sendMessage(token, channelId, text, commandId = randomUUID()) {
  const input = { commandId, channelId, text };
  return (await ask(SEND, { input }, { token })).sendMessage;
}
