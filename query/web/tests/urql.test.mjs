// urql, unchanged: queries and mutations by fetch, subscriptions over graphql-ws and graphql-sse.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Client, cacheExchange, fetchExchange, subscriptionExchange } from '@urql/core';
import { createClient as createSseClient } from 'graphql-sse';

import { EVENTS, SEND, connect, createChannel, endpoint, signUp } from './support.mjs';

let ada;
let channel;
const opened = [];

before(async () => {
  ada = await signUp('Ada');
  channel = await createChannel(ada.token);
});

after(() => Promise.all(opened.map((client) => client.dispose())));

function overSocket() {
  return connect(ada.token);
}

function overStream() {
  const headers = { authorization: `Bearer ${ada.token}` };
  return createSseClient({ url: `${endpoint}/stream`, retryAttempts: 0, headers });
}

function urql(transport) {
  const subscriptions = transport();
  opened.push(subscriptions);
  return new Client({
    url: endpoint,
    preferGetMethod: false,
    fetchOptions: { headers: { authorization: `Bearer ${ada.token}` } },
    exchanges: [
      cacheExchange,
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query, variables }) => ({
          subscribe: (sink) => ({
            unsubscribe: subscriptions.subscribe({ query, variables }, sink),
          }),
        }),
      }),
    ],
  });
}

/** The next `count` events after a position. */
function events(client, after, count) {
  return new Promise((resolve, reject) => {
    const seen = [];
    const variables = { channel: channel.channel.id, after };
    const { unsubscribe } = client.subscription(EVENTS, variables).subscribe((result) => {
      if (result.error) return reject(result.error);
      seen.push(result.data.channelEvents);
      if (seen.length < count) return undefined;
      setImmediate(() => unsubscribe());
      return resolve(seen);
    });
  });
}

for (const transport of [overSocket, overStream]) {
  const named = (what) => `${what} (${transport.name})`;

  test(named('queries and mutations are answered'), async () => {
    const client = urql(transport);
    const { data, error } = await client.query('{ me { id username } }', {}).toPromise();
    assert.equal(error, undefined);
    assert.equal(data.me.username, 'Ada');
    const input = { channelId: channel.channel.id, text: ' ' };
    const refused = await client.mutation(SEND, { input }).toPromise();
    assert.equal(refused.error.graphQLErrors[0].extensions.code, 'INVALID_INPUT');
  });

  test(named('what is sent arrives, and again from a position'), async () => {
    const client = urql(transport);
    const send = async (text) => {
      const input = { channelId: channel.channel.id, text };
      return (await client.mutation(SEND, { input }).toPromise()).data.sendMessage;
    };
    const start = await send('start');
    const arriving = events(client, start.position, 2);
    await send('first');
    const second = await send('second');
    const live = await arriving;
    assert.deepEqual(live.map((event) => event.message.text), ['first', 'second']);
    assert.equal(live[1].message.id, second.message.id);
    const [again] = await events(client, live[0].position, 1);
    assert.equal(again.message.text, 'second');
  });
}
