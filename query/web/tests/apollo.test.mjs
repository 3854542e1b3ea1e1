// Apollo Client, unchanged: queries and mutations over HTTP, subscriptions over graphql-ws.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import {
  ApolloClient,
  ApolloLink,
  CombinedGraphQLErrors,
  HttpLink,
  InMemoryCache,
  gql,
} from '@apollo/client/core/index.js';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions/index.js';
import { OperationTypeNode } from 'graphql';
import WebSocket from 'ws';

import { EVENTS, SEND, connect, createChannel, endpoint, signUp } from './support.mjs';

// The link compares with it; Node has its own only from 22 on.
globalThis.WebSocket ??= WebSocket;

let ada;
let channel;
let socket;
let client;

before(async () => {
  ada = await signUp('Ada');
  channel = await createChannel(ada.token);
  socket = connect(ada.token);
  const http = new HttpLink({ uri: endpoint, headers: { authorization: `Bearer ${ada.token}` } });
  const subscribes = ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION;
  const link = ApolloLink.split(subscribes, new GraphQLWsLink(socket), http);
  client = new ApolloClient({ link, cache: new InMemoryCache() });
});

after(async () => {
  client.stop();
  await socket.dispose();
});

const send = (text) => {
  const variables = { input: { channelId: channel.channel.id, text } };
  return client.mutate({ mutation: gql(SEND), variables });
};

/** The next `count` events after a position. */
function events(after, count) {
  return new Promise((resolve, reject) => {
    const seen = [];
    const variables = { channel: channel.channel.id, after };
    const watched = client.subscribe({ query: gql(EVENTS), variables }).subscribe({
      next({ data, error }) {
        if (error) return reject(error);
        seen.push(data.channelEvents);
        if (seen.length < count) return undefined;
        watched.unsubscribe();
        return resolve(seen);
      },
      error: reject,
    });
  });
}

test('a query is answered, with type names for the cache', async () => {
  const { data } = await client.query({ query: gql('{ me { id username } }') });
  assert.deepEqual(data.me, { __typename: 'User', id: ada.id, username: 'Ada' });
  assert.equal(client.cache.extract()[`User:${ada.id}`].username, 'Ada');
});

test('what is sent arrives, and again from a position', async () => {
  const arriving = events(channel.position, 2);
  await send('first');
  const { data } = await send('second');
  const live = await arriving;
  assert.deepEqual(live.map((event) => event.message.text), ['first', 'second']);
  assert.equal(live[1].message.id, data.sendMessage.message.id);
  const [again] = await events(live[0].position, 1);
  assert.equal(again.message.text, 'second');
});

test('errors keep their codes', async () => {
  const variables = { input: { channelId: channel.channel.id, text: ' ' } };
  const sending = client.mutate({ mutation: gql(SEND), variables });
  await assert.rejects(sending, (error) => {
    assert.ok(CombinedGraphQLErrors.is(error), String(error));
    assert.equal(error.errors[0].extensions.code, 'INVALID_INPUT');
    return true;
  });
  await assert.rejects(events('nonsense', 1), (error) => {
    assert.equal(error.errors[0].extensions.code, 'INVALID_CURSOR');
    return true;
  });
});
